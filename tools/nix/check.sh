# SPDX-License-Identifier: MIT OR Apache-2.0
#
# The checks of `cargo xtask test` and `nix flake check`. Run inside the sysroot (see cargo.sh), in the repository or in a copy
# of its sources:
#
#   check.sh fmt | clippy | unit | msrv | bindings | disks | boots | matrix | server | as-root | dev | disk-boots | foreign | daemons | tour | in-tree | lts |
#     snapshots | disk-boots-snapshots | in-tree-snapshots | lts-snapshots | server-snapshots | bless-bindings
#
# The first ones are `run` of the checks in qos.toml. QOS_LTS names the image that `lts` boots, QOS_SERVER the one that `server` boots.
#
# QOS_RESULTS is a directory, or empty. If it is set, a program reads the results: tests print their times, and write reports
# into it.
set -euo pipefail

# Only test programs accept the option that this runner adds.
if [ -n "${QOS_RESULTS:-}" ] && [[ ${1:-} =~ ^(unit|disks|boots|matrix|server|dev|in-tree|lts)$ ]]; then
  export CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER="bash $PWD/tools/nix/timed.sh"
fi

# Most of the time after a change is the linking of 200 test programs, which lld does quicker than the default, GNU ld.
export CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS='-C link-arg=-fuse-ld=lld'

# Clippy's driver is a rustc that also lints. The test programs that it compiles are run, so nothing is compiled twice, and
# third-party crates are compiled once for lints and tests. A warning is a compilation error, so it appears in every run until it is
# corrected. CLIPPY_ARGS passes the arguments of `cargo clippy -- -Dwarnings` to the driver. The driver does not optimise MIR, and omits
# rustc's checks for null and misaligned pointers.
linted() {
  RUSTC_WORKSPACE_WRAPPER=clippy-driver CLIPPY_ARGS=-Dwarnings "$@"
}

# tests SELECTION... [-- FILTER]: runs the tests of the linted programs. If the programs have lints, they are compiled without the
# driver: only the check `clippy` fails because of lints.
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

# Compiles the test programs that have tests for root only, and prints their paths, one a line.
root_tests() {
  local selection=(--package qos-login --package qos-service --features root --test accounts --test confined) compiler=linted
  linted cargo build --offline "${selection[@]}" >&2 || compiler=env
  "$compiler" cargo test --offline --no-run --message-format=json "${selection[@]}" |
    sed -n 's|.*"executable":"\([^"]*/deps/[^"]*\)".*|\1|p'
}

# As `tests`, but a test program in which the filter matches no test is a failure, because its comparison was not made. Cargo
# accepts that.
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

# cargo assumes that a version of a crate never changes, and keeps its compiled form. qos's patches change crates: results that
# were compiled with other patches than the present ones are removed.
forget_patched() {
  local stamp=${CARGO_TARGET_DIR:-target}/patches today crate
  today=$(sha256sum packages/*/patches/*/*.patch)
  [ "$today" != "$(cat "$stamp" 2>/dev/null)" ] || return 0
  for crate in $({ echo "$today"; cat "$stamp" 2>/dev/null; } | sed -n 's|.*/patches/\(.*\)-\([0-9][^/]*\)/.*|\1@\2|p' | sort -u); do
    # A crate that had patches may be absent from Cargo.lock now.
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
  linted cargo build --offline --package qos-boot-tests --features boot,dev,disks,in-tree,lts,matrix,server --all-targets
  linted cargo build --offline --package qos-disk --features peers --all-targets
  linted cargo build --offline --package qos-history --package qos-review --features git --all-targets
  linted cargo build --offline --package qos-login --package qos-service --features root --all-targets
  ;;
unit)
  status=0
  tests --workspace || status=1
  # With the pointer checks that the driver omits: this crate has the unsafe code.
  cargo test --offline --no-fail-fast --package qos-sys || status=1
  exit "$status"
  ;;
# Compiles xtask, and the verbs that it has cargo compile, with the oldest compiler that a host may have: QOS_TREE_MSRV is the tree of
# that compiler. Libraries, linker and cargo are those of the sysroot.
msrv)
  tree=${QOS_TREE_MSRV:?the tree of the oldest compiler}
  printf '#!/bin/bash\nLD_LIBRARY_PATH=%s/usr/lib/x86_64-linux-gnu exec %s/usr/bin/rustc "$@"\n' "$tree" "$tree" >"$NIX_BUILD_TOP/rustc-msrv"
  chmod 755 "$NIX_BUILD_TOP/rustc-msrv"
  RUSTC=$NIX_BUILD_TOP/rustc-msrv CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target}/msrv cargo check --offline --locked --package xtask \
    --package qos-update --package qos-forge
  ;;
bindings)
  # The checked-in UAPI bindings are what bindgen makes of the pinned kernel's headers.
  cargo run --quiet --offline --package qos-uapi --features generate --bin uapi-gen -- \
    --check "${QOS_KERNEL_HEADERS:?the installed UAPI headers}"
  ;;
boots) tests --package qos-boot-tests --features boot ;;
# Disks of every kind, checked by the programs that check file systems, which are in QOS_TREE_DISK.
disks) tests --package qos-disk --features peers --test peers ;;
# The golden boot on other machines.
matrix) tests --package qos-boot-tests --features matrix --test matrix ;;
# Compares the results of `cargo xtask dev` with those of Nix.
dev) tests --package qos-boot-tests --features dev --test dev ;;
# Services and logins of the image server.
server) tests --package qos-boot-tests --features server --test server ;;
# The tests that need root, in guests of the image server.
as-root)
  QOS_ROOT_TESTS=$(root_tests)
  export QOS_ROOT_TESTS
  tests --package qos-boot-tests --features server --test as_root
  ;;
# Boots of Debian's root from the disks that have one, and of a disk on Debian's kernel.
foreign) tests --package qos-boot-tests --features disks --test foreign ;;
# Debian's daemons below init-services.
daemons) tests --package qos-boot-tests --features disks --test daemons ;;
# Boots from the disks of qos.toml.
disk-boots) tests --package qos-boot-tests --features disks --test disk_boots --test disk_failures --test disk_fsck --test disk_parameters --test power_cuts --test server_disk ;;
# Compares the outputs in TOUR.md with those of its commands.
tour) tests --package qos-boot-tests --features disks --test tour ;;
# The kernel's own drivers in Rust, on the variant with all of them.
in-tree) tests --package qos-boot-tests --features in-tree --test in_tree ;;
# The image on an LTS kernel.
lts) tests --package qos-boot-tests --features lts --test lts ;;
# For `cargo xtask bless`: only the comparison, and regenerated bindings.
snapshots)
  status=0
  chosen --package qos-boot-tests --features boot --test golden --test ordinary -- reviewed || status=1
  bash "$0" server-snapshots || status=1
  # The formats of reports.
  tests --package qos-bootdiff --package qos-review || status=1
  exit "$status"
  ;;
disk-boots-snapshots) chosen --package qos-boot-tests --features disks --test disk_boots -- reviewed ;;
in-tree-snapshots) chosen --package qos-boot-tests --features in-tree --test in_tree -- kunit:: ;;
lts-snapshots) chosen --package qos-boot-tests --features lts --test lts -- reviewed ;;
server-snapshots) chosen --package qos-boot-tests --features server --test server -- reviewed ;;
bless-bindings)
  cargo run --quiet --offline --package qos-uapi --features generate --bin uapi-gen -- \
    "${QOS_KERNEL_HEADERS:?the installed UAPI headers}"
  ;;
*)
  echo "check.sh: unknown check '$1'" >&2
  exit 2
  ;;
esac
