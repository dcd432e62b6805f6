#!/bin/bash
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# The fragments as an LTS kernel can be asked: the shared ones, less the options that its file `absent` names.
#
#   SRC=… bash fragments.sh FOLDER NAME     changes the fragments in FOLDER, a copy of kernel/; NAME is the kernel's directory
#                                           in it (lts/6.18), SRC its source
set -euo pipefail

folder=${1:?the copy of kernel/} name=${2:?the folder of the kernel in it}
: "${SRC:?the source tree}"

fail() {
  echo "kernel/$name/absent: $*: remove its line" >&2
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
done <"$folder/$name/absent"
