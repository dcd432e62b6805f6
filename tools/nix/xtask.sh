#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# `nix run .#xtask -- VERB…`: `cargo xtask VERB…` in qos or in a system's own repository (system.nix), from any directory below its top.
# In a system it is the xtask of the qos that flake.lock pins, which this file is a part of. The host's cargo compiles it, because it has to
# work before the toolchain is in the store.
set -eu
command -v cargo >/dev/null || { echo "xtask: cargo is not in PATH: it compiles xtask; install Rust" >&2; exit 2; }
top=$PWD
until [ -e "$top/flake.nix" ] && [ -e "$top/qos.toml" ]; do
  top=${top%/*}
  [ -n "$top" ] || { echo "xtask: $PWD is neither in qos nor in a system's repository" >&2; exit 2; }
done
if [ -e "$top/tools/nix/xtask.sh" ]; then
  cd "$top"
  exec cargo xtask "$@"
fi
qos=${0%/tools/nix/*}
target=$top/target/xtask
if [ "$(cat "$target/source" 2>/dev/null)" != "$qos" ]; then
  # All files in the store have the same time, by which cargo would take those of another qos for unchanged.
  rm -rf "$target"/debug/.fingerprint/xtask-* "$target"/debug/.fingerprint/qos-*
  mkdir -p "$target"
  echo "$qos" >"$target/source"
fi
QOS_ROOT=$top QOS_SOURCE=$qos exec cargo --config "$qos/.cargo/config.toml" run --quiet --locked \
  --manifest-path "$qos/Cargo.toml" --target-dir "$target" --package xtask -- "$@"
