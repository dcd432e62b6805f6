#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# Makes a system's own repository, changes a line, and reviews it there. Run on the host, because it needs Nix:
#
#   bash tools/new/tests/review.sh
#
# The system pins the last commit of this work tree, so commit first.
set -euo pipefail
cd "$(dirname "$0")/../../.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export GIT_AUTHOR_NAME=me GIT_AUTHOR_EMAIL=me@example.org GIT_COMMITTER_NAME=me GIT_COMMITTER_EMAIL=me@example.org
verb() { nix run .#xtask -- "$@"; }
fail() {
  echo "review.sh: $*" >&2
  exit 1
}
has() { grep -qxF -- "$2" "$1" || fail "$1 lacks the line: $2"; }

cargo xtask new system "$scratch/my"
cd "$scratch/my"
verb bless --accept
git add .
git commit -qm "A system on qos"
verb test

sed -i 's/^hello golden$/hello reviewer/' rootfs/my.sh
git commit -qam "The golden boot greets the reviewer"
! verb test boot-log-my || fail "a boot that nobody reviewed passes"

verb review HEAD~1..HEAD --no-memory --out review
has review/comment.md '- hello, golden'
has review/comment.md '+ hello, reviewer'
verb bisect HEAD~1 HEAD --boot 'hello, reviewer' >"$scratch/bisect"
has "$scratch/bisect" '    The golden boot greets the reviewer'

verb bless --accept
git commit -qam "Its boot"
verb test
