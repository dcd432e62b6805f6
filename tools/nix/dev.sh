# SPDX-License-Identifier: MIT OR Apache-2.0
#
# The incremental builds of `cargo xtask dev`. Run inside the sysroot, in the repository, with the kernel's source bound
# at /src/linux:
#
#   dev.sh programs | modules | kernel
#
# Results are in target/qos/dev: programs/ and modules/ with the layout of the derivations, kernel/ is the build directory of a
# kernel that the loop builds itself.
set -euo pipefail

dev=$PWD/target/qos/dev
mkdir -p "$dev"

case ${1:?what to build} in
programs)
  # The profile is in .cargo/config.toml.
  . tools/nix/cargo.sh
  qos_static_flags guest
  what=(--package qos-early --package qos-init --package qos-qos --package qos-shell --target x86_64-unknown-linux-gnu)
  built=${CARGO_TARGET_DIR:-target}/x86_64-unknown-linux-gnu/guest
  # Counting the crates takes a second, so it is done only if all of them are compiled.
  [ -e "$built/qos" ] || qos_announce "${what[@]}"
  # Exits with cargo's status; the user reads its compile error.
  cargo build --offline --profile guest "${what[@]}" || exit
  mkdir -p "$dev/programs/bin"
  # Links instead of copies: the programs have 30 MB, and are read again anyway.
  ln -sfr "$built"/{early,init,qos,sh} "$dev/programs/bin/"
  "$built/qos" --list >"$dev/programs/applets"
  ;;
modules)
  KEEP=1 WORK=$dev/modules.work out=$dev/modules SRC=/src/linux KDEV=${QOS_KDEV:-$dev/kernel} \
    MODULES_SRC=$PWD/kernel/modules bash kernel/modules/build.sh build
  ;;
kernel)
  SRC=/src/linux BUILD=$dev/kernel bash kernel/build.sh loop
  ;;
*)
  echo "dev.sh: unknown build '$1' (programs, modules, kernel)" >&2
  exit 2
  ;;
esac
