#!/bin/bash
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# cycles.sh ROOT [TIMES]: asks systemd-analyze verify of ROOT, a Debian system with systemd, which jobs it deletes to break the cycles of
# src/manager/tests/cycles.txt, TIMES times each (default: 10), and fails if one is not in the list there. Needs root. It changes nothing: it
# runs in a mount namespace of its own, and ROOT/run is covered.
set -euo pipefail
root=$(realpath "$1") times=${2:-10} cases=$(realpath "$(dirname "$0")/../src/manager/tests/cycles.txt")
[ "${INSIDE:-}" ] || exec env INSIDE=1 unshare --mount bash "$0" "$root" "$times"
mount --make-rprivate /
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/run"
units=$root/run/systemd/system
status=0

# ask UNIT: what systemd deletes, one unit a line.
ask() {
  local output
  output=$(chroot "$root" systemd-analyze verify --man=no "$1" 2>&1) || true
  if grep -q 'Unable to break cycle' <<<"$output"; then
    echo refused
  elif ! grep -o 'Job [^ ]*/start deleted to break' <<<"$output" | sed 's/Job \(.*\)\/start .*/\1/'; then
    echo nothing
  fi
}

while read -r word rest; do
  case $word in
  case) what=$rest && rm -rf "$units" && mkdir -p "$units" ;;
  start) start=$rest ;;
  deleted)
    found=$(for ((count = 0; count < times; count++)); do ask "$start"; done | sort | uniq -c | sed 's/^ *//')
    echo "$what: ${found//$'\n'/, }; expected: $rest"
    while read -r _ unit; do
      [[ " $rest " == *" $unit "* ]] || status=1
    done <<<"$found"
    ;;
  *:)
    unit=${word%:}
    printf '[Unit]\nDefaultDependencies=no\n%s\n' "${rest//; /$'\n'}" >"$units/$unit"
    [[ $unit != *.service ]] || printf '[Service]\nExecStart=/bin/true\n' >>"$units/$unit"
    ;;
  esac
done < <(grep -v '^#' "$cases")
exit $status
