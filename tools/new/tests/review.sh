#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# `cargo xtask test system`: makes a system's own repository from the template, changes a line and reviews it there, and updates its qos.
# Runs on the host, because it needs Nix. Its qos is a clone of this work tree: the last commit is tested.
set -euo pipefail
cd "$(dirname "$0")/../../.."
interface=$PWD/tools/nix/system.toml
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export GIT_AUTHOR_NAME=me GIT_AUTHOR_EMAIL=me@example.org GIT_COMMITTER_NAME=me GIT_COMMITTER_EMAIL=me@example.org
flakes() { nix --extra-experimental-features 'nix-command flakes' "$@"; }
verb() { flakes run .#xtask -- "$@"; }
fail() {
  echo "review.sh: $*" >&2
  exit 1
}
has() { grep -qF -- "$2" "$1" || fail "$1 lacks: $2"; }

git clone --quiet . "$scratch/qos"
cargo xtask new system "$scratch/my"
cd "$scratch/my"
sed -i "s|git+file://[^\"]*|git+file://$scratch/qos|" flake.nix

verb bless --accept
has snapshots/my.log 'hello: hello, 1 guests on 2 seats'
has snapshots/my.log 'hello, golden'
git add .
git commit -qm "A system on qos"
verb test
# What mkSystem is documented to return is there.
sed -n 's/^\[results\."\([a-z]*\)\.\(.*\)"\]$/\1.x86_64-linux.\2/p' "$interface" | sed 's/NAME/my/' >"$scratch/attributes"
[ "$(wc -l <"$scratch/attributes")" -ge 10 ] || fail "$interface: no attributes found"
while read -r attribute; do
  flakes eval --raw ".#$attribute" --apply 'value: value.drvPath or value.program' >/dev/null </dev/null || fail "$attribute is missing"
done <"$scratch/attributes"

sed -i 's/^hello golden$/hello reviewer/' rootfs/my.sh
git commit -qam "The golden boot greets the reviewer"
! verb test boot-log-my || fail "a boot that nobody reviewed passes"

verb review HEAD~1..HEAD --no-memory --out review
has review/comment.md '- hello, golden'
has review/comment.md '+ hello, reviewer'
rm -r review
verb bisect HEAD~1 HEAD --boot 'hello, reviewer' >"$scratch/bisect"
has "$scratch/bisect" '    The golden boot greets the reviewer'

verb bless --accept
git commit -qam "Its boot"
verb test

# A new qos: its images have one more word on the kernel's command line.
sed -i 's/^\(cmdline = ".*\)"$/\1 printk.always_kmsg_dump=0"/' "$scratch/qos/rootfs/base.toml"
git -C "$scratch/qos" commit -qam "base: one more word on the command line"
flakes flake update
git commit -qam "A new qos"
verb bootdiff HEAD~1 HEAD >"$scratch/bootdiff" || [ $? = 1 ] || fail "bootdiff failed"
has "$scratch/bootdiff" 'printk.always_kmsg_dump=0'
verb bless --accept
git commit -qam "The boot of the new qos"
verb test
