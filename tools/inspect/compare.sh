#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# Compares qos-inspect with lsinitramfs and unmkinitramfs of initramfs-tools on real images.
#
#   compare.sh INSPECT IMAGE...
#
# The names have to be the same, and so have the files that both extract: type, mode, number of links, size, time, target, content.
# Device nodes and set-id bits are left out, as qos-inspect leaves them out, and the times of directories, which unmkinitramfs does not
# keep. The status is 1 if an image differs.
set -u
inspect=${1:?usage: compare.sh INSPECT IMAGE...}
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
files() {
  (cd "$1" && find . -mindepth 1 \( -type f -o -type d -o -type l \) -printf '%P %y %m %n %s %T@ %l\n' |
    awk '{ $3 = substr("000" $3, length($3) + 1, 3); if ($2 == "d") $4 = $5 = $6 = "-"; print }' | sort)
}
for image; do
  rm -rf "$work"/*
  lsinitramfs "$image" | sort >"$work/names.peer"
  "$inspect" list --names "$image" | sort >"$work/names"
  unmkinitramfs "$image" "$work/parts"
  mkdir "$work/peer"
  # The early archives come before the main one, which is alone if there are none.
  if [ -d "$work/parts/main" ]; then
    for part in "$work"/parts/early* "$work/parts/main"; do cp -a "$part/." "$work/peer/"; done
  else
    cp -a "$work/parts/." "$work/peer/"
  fi
  "$inspect" extract "$image" --to "$work/ours" 2>"$work/left-out"
  files "$work/ours" | sed 's/\.0000000000 / /' >"$work/files"
  files "$work/peer" | sed 's/\.0000000000 / /' >"$work/files.peer"
  count=$(cat "$work/names" | wc -l)
  if cmp -s "$work/names" "$work/names.peer" && cmp -s "$work/files" "$work/files.peer" &&
    ! diff -rq --no-dereference "$work/ours" "$work/peer" | grep -q ' differ$'; then
    echo "$image: $count entries, equal"
  else
    echo "$image: $count entries, differs:"
    diff "$work/names" "$work/names.peer" | head -n 5
    diff "$work/files" "$work/files.peer" | head -n 5
    status=1
  fi
done
exit $status
