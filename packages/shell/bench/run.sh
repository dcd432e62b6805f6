#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Times the scripts of this directory under a shell, dash and bash, in turns, and prints the medians and their ratios.
# `cargo xtask bench shell` runs it in the sysroot.
#
#   bash run.sh SHELL [ROUNDS]
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
sh=${1:?which shell} rounds=${2:-5}
export LC_ALL=C TMPDIR=${TMPDIR:-/tmp}

# Script, how often it is run in one measurement, and the aim: at most so many times as long as another shell.
table='loop.sh 1 bash 3
pipelines.sh 1 dash 1.5
start.sh 200 dash 3
configure.sh 1 dash 1.5'

# Seconds that a number of runs of a script take.
seconds() {
  local shell=$1 script=$2 count=$3 n TIMEFORMAT=%R
  { time for ((n = 0; n < count; n++)); do "$shell" "$here/$script" >/dev/null; done; } 2>&1
}

printf '%-14s %9s %9s %9s %8s %8s  %s\n' script 'sh (s)' 'dash (s)' 'bash (s)' sh/dash sh/bash aim
while read -r script count other limit; do
  work=$(mktemp -d)
  for ((round = 0; round < rounds; round++)); do
    seconds "$sh" "$script" "$count" >>"$work/sh"
    seconds dash "$script" "$count" >>"$work/dash"
    seconds bash "$script" "$count" >>"$work/bash"
  done
  for shell in sh dash bash; do
    sort -n "$work/$shell" | sed -n "$(((rounds + 1) / 2))p"
  done | paste -s -d ' ' | awk -v script="$script" -v aim="at most $limit times $other" '{
    printf "%-14s %9.3f %9.3f %9.3f %8.2f %8.2f  %s\n", script, $1, $2, $3, $1 / $2, $1 / $3, aim }'
  rm -r "$work"
done <<<"$table"
