# SPDX-License-Identifier: MIT OR Apache-2.0
#
# What `cargo xtask test` and `nix flake check` check, each thing once. Run inside the sysroot (see cargo.sh), in the
# repository or in a copy of its sources:
#
#   check.sh fmt | clippy | unit | msrv | bindings | disks | boots | matrix | dev | in-tree | lts | snapshots | in-tree-snapshots |
#     lts-snapshots | bless-bindings
#
# The first ones are `run` of the checks in qos.toml. QOS_LTS names the image that `lts` boots.
#
# QOS_RESULTS is a folder, or empty. If it is set, somebody reads the results by program: tests print their times, and leave
# reports there.
set -euo pipefail

# Of what is run, test programs alone take the option that this adds.
if [ -n "${QOS_RESULTS:-}" ] && [[ ${1:-} =~ ^(unit|disks|boots|matrix|dev|in-tree|lts)$ ]]; then
  export CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER="bash $PWD/tools/nix/timed.sh"
fi

# Clippy's driver is a rustc that lints what it compiles: the crates and test programs that it makes are run, so nothing is compiled
# twice, and the crates of others once for both. A warning is an error of that compilation, so it comes again in every run until it is
# mended. CLIPPY_ARGS is by what `cargo clippy -- -Dwarnings` tells the driver. The driver optimises no MIR, and leaves out rustc's checks for
# null and misaligned pointers.
linted() {
  RUSTC_WORKSPACE_WRAPPER=clippy-driver CLIPPY_ARGS=-Dwarnings "$@"
}

# tests SELECTION... [-- FILTER]: runs tests, in the programs that were linted. If they have lints they are compiled without: what is
# wrong with the style says nothing about the tests, and `clippy` is the check that fails.
tests() {
  local selection=() targets=(--all-targets) compiler=linted
  while [ $# -gt 0 ] && [ "$1" != -- ]; do
    [ "$1" != --test ] || targets=()
    selection+=("$1")
    shift
  done
  linted cargo build --offline "${selection[@]}" "${targets[@]}" || compiler=env
  "$compiler" cargo test --offline --no-fail-fast "${selection[@]}" "${@:2}"
}

# As `tests`. Cargo is content if a test program has no test of the filter's name; here it is a failure, for what should have been
# compared was not.
chosen() {
  local status=0 output
  output=$(mktemp)
  tests "$@" | tee "$output" || status=1
  if grep -q '^running 0 tests$' "$output" || ! grep -q '^running [0-9]* test' "$output"; then
    echo "check.sh: a test program has no test of this name: $*" >&2
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
  linted cargo build --offline --workspace --all-targets
  linted cargo build --offline --package qos-boot-tests --features boot,dev,disks,in-tree,lts,matrix --all-targets
  linted cargo build --offline --package qos-disk --features peers --all-targets
  ;;
unit)
  status=0
  tests --workspace || status=1
  # With the pointer checks that the driver leaves out: this crate has the unsafe code.
  cargo test --offline --no-fail-fast --package qos-sys || status=1
  exit "$status"
  ;;
# The oldest compiler that a host may have compiles xtask: QOS_TREE_MSRV is that compiler's tree. It takes what it links with,
# and cargo, from the sysroot.
msrv)
  tree=${QOS_TREE_MSRV:?the tree of the oldest compiler}
  printf '#!/bin/bash\nLD_LIBRARY_PATH=%s/usr/lib/x86_64-linux-gnu exec %s/usr/bin/rustc "$@"\n' "$tree" "$tree" >"$NIX_BUILD_TOP/rustc-msrv"
  chmod 755 "$NIX_BUILD_TOP/rustc-msrv"
  RUSTC=$NIX_BUILD_TOP/rustc-msrv CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target}/msrv cargo check --offline --locked --package xtask
  ;;
bindings)
  # The checked-in UAPI bindings are what bindgen makes of the pinned kernel's headers.
  cargo run --quiet --offline --package qos-uapi --features generate --bin uapi-gen -- \
    --check "${QOS_KERNEL_HEADERS:?the installed UAPI headers}"
  ;;
boots) tests --package qos-boot-tests --features boot ;;
# Disks of every kind, against the programs that check file systems: QOS_TREE_DISK has those.
disks) tests --package qos-disk --features peers --test peers ;;
# The golden boot on other machines.
matrix) tests --package qos-boot-tests --features matrix --test matrix ;;
# What the loop of `cargo xtask dev` has built is what Nix has built.
dev) tests --package qos-boot-tests --features dev --test dev ;;
# Boots from the disks of qos.toml.
disk-boots) tests --package qos-boot-tests --features disks --test disk_boots ;;
# The commands of TOUR.md print what it shows.
tour) tests --package qos-boot-tests --features disks --test tour ;;
# The kernel's own drivers in Rust, on a variant of it that has them all.
in-tree) tests --package qos-boot-tests --features in-tree --test in_tree ;;
# The image on an LTS kernel.
lts) tests --package qos-boot-tests --features lts --test lts ;;
# For `cargo xtask bless`: the comparison alone, and the bindings made again.
snapshots)
  status=0
  chosen --package qos-boot-tests --features boot --test golden --test ordinary -- reviewed || status=1
  # The forms of reports.
  tests --package qos-bootdiff || status=1
  exit "$status"
  ;;
in-tree-snapshots) chosen --package qos-boot-tests --features in-tree --test in_tree -- kunit:: ;;
lts-snapshots) chosen --package qos-boot-tests --features lts --test lts -- reviewed ;;
bless-bindings)
  cargo run --quiet --offline --package qos-uapi --features generate --bin uapi-gen -- \
    "${QOS_KERNEL_HEADERS:?the installed UAPI headers}"
  ;;
*)
  echo "check.sh: there is no check '$1'" >&2
  exit 2
  ;;
esac
