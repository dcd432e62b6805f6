# SPDX-License-Identifier: MIT OR Apache-2.0
#
# What `cargo xtask test` and `nix flake check` check, each thing once. Run inside the sysroot (see cargo.sh), in the
# repository or in a copy of its sources:
#
#   check.sh fmt | clippy | unit | msrv | bindings | boots | matrix | dev | in-tree | lts | lts-6_12 | snapshots | in-tree-snapshots |
#     lts-snapshots | lts-6_12-snapshots | bless-bindings
#
# QOS_RESULTS is a folder, or empty. If it is set, somebody reads the results by program: tests print their times, and leave
# reports there.
set -euo pipefail

# Of what is run, test programs alone take the option that this adds.
if [ -n "${QOS_RESULTS:-}" ] && [[ ${1:-} =~ ^(unit|boots|matrix|dev|in-tree|lts|lts-6_12)$ ]]; then
  export CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER="bash $PWD/tools/nix/timed.sh"
fi

# Tests chosen by name: cargo's arguments. Cargo is content if a test program has no test of that name; here it is a
# failure, for what should have been compared was not.
chosen() {
  local status=0 output
  output=$(mktemp)
  cargo test --offline --no-fail-fast "$@" | tee "$output" || status=1
  if grep -q '^running 0 tests$' "$output" || ! grep -q '^running [0-9]* test' "$output"; then
    echo "check.sh: a test program has no test of this name: cargo test $*" >&2
    status=1
  fi
  rm "$output"
  return "$status"
}

# cargo expects that a version of a crate never changes, and keeps what it compiled of it. Our patches change it: what was
# compiled with other patches than today's is removed.
forget_patched() {
  local stamp=${CARGO_TARGET_DIR:-target}/patches today crate
  today=$(sha256sum packages/*/patches/*/*.patch)
  [ "$today" != "$(cat "$stamp" 2>/dev/null)" ] || return 0
  for crate in $({ echo "$today"; cat "$stamp" 2>/dev/null; } | sed -n 's|.*/patches/\(.*\)-\([0-9][^/]*\)/.*|\1@\2|p' | sort -u); do
    # One that had patches may be gone from Cargo.lock.
    cargo clean --offline --quiet --package "$crate" || [[ $today != *"/patches/${crate/@/-}/"* ]]
  done
  mkdir -p "${stamp%/*}"
  echo "$today" >"$stamp"
}

[ "${1:-}" = fmt ] || forget_patched

case ${1:?which check} in
fmt) cargo fmt --all --check ;;
clippy)
  cargo clippy --offline --workspace --all-targets -- --deny warnings
  cargo clippy --offline --package qos-boot-tests --features boot,dev,in-tree,lts,matrix --all-targets -- --deny warnings
  ;;
unit) cargo test --offline --no-fail-fast --workspace ;;
# The oldest compiler that a host may have compiles xtask: QOS_RUST_MSRV is that compiler's tree. It takes what it links with,
# and cargo, from the sysroot.
msrv)
  tree=${QOS_RUST_MSRV:?the tree of the oldest compiler}
  printf '#!/bin/bash\nLD_LIBRARY_PATH=%s/usr/lib/x86_64-linux-gnu exec %s/usr/bin/rustc "$@"\n' "$tree" "$tree" >"$NIX_BUILD_TOP/rustc-msrv"
  chmod 755 "$NIX_BUILD_TOP/rustc-msrv"
  RUSTC=$NIX_BUILD_TOP/rustc-msrv CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target}/msrv cargo check --offline --locked --package xtask
  ;;
bindings)
  # The checked-in UAPI bindings are what bindgen makes of the pinned kernel's headers.
  cargo run --quiet --offline --package qos-uapi --features generate --bin uapi-gen -- \
    --check "${QOS_KERNEL_HEADERS:?the installed UAPI headers}"
  ;;
boots) cargo test --offline --no-fail-fast --package qos-boot-tests --features boot ;;
# The golden boot on other machines.
matrix) cargo test --offline --no-fail-fast --package qos-boot-tests --features matrix --test matrix ;;
# What the loop of `cargo xtask dev` has built is what Nix has built.
dev) cargo test --offline --no-fail-fast --package qos-boot-tests --features dev --test dev ;;
# The kernel's own drivers in Rust, on a variant of it that has them all.
in-tree) cargo test --offline --no-fail-fast --package qos-boot-tests --features in-tree --test in_tree ;;
# The image on a kernel with long-term support.
lts | lts-6_12) cargo test --offline --no-fail-fast --package qos-boot-tests --features lts --test "${1/-/_}" ;;
# For `cargo xtask bless`: the comparison alone, and the bindings made again.
snapshots)
  status=0
  chosen --package qos-boot-tests --features boot --test golden --test ordinary reviewed || status=1
  # The forms of reports.
  cargo test --offline --no-fail-fast --package qos-bootdiff || status=1
  exit "$status"
  ;;
in-tree-snapshots) chosen --package qos-boot-tests --features in-tree --test in_tree kunit:: ;;
lts-snapshots | lts-6_12-snapshots)
  test=${1%-snapshots}
  chosen --package qos-boot-tests --features lts --test "${test/-/_}" reviewed
  ;;
bless-bindings)
  cargo run --quiet --offline --package qos-uapi --features generate --bin uapi-gen -- \
    "${QOS_KERNEL_HEADERS:?the installed UAPI headers}"
  ;;
*)
  echo "check.sh: there is no check '$1'" >&2
  exit 2
  ;;
esac
