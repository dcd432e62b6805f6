#!/bin/bash
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# The fragments as this kernel can be asked: the shared ones, less the options that the file `absent` beside this names.
#
#   SRC=… bash fragments.sh FOLDER     changes the fragments in FOLDER, a copy of kernel/; SRC is the kernel's source
set -euo pipefail

folder=${1:?the copy of kernel/} list=$1/lts/absent
: "${SRC:?the source tree}"

fail() {
  echo "kernel/lts/absent: $*: remove its line" >&2
  exit 1
}

while read -r option instead; do
  case $option in '' | '#'*) continue ;; esac
  fragments=$(grep -l "^$option=" "$folder"/*.config) || fail "no fragment asks for $option"
  ! grep -rEqs --include='Kconfig*' "^[[:space:]]*(menu)?config ${option#CONFIG_}$" "$SRC" ||
    fail "this kernel has $option"
  # A comment in its place, so that messages name the right lines.
  for fragment in $fragments; do
    sed -i "s|^$option=.*|# $option: not in this kernel; $instead|" "$fragment"
  done
  echo "  ABSENT  $option: $instead"
done <"$list"
