# SPDX-License-Identifier: MIT OR Apache-2.0
#
# What `cargo xtask dev` builds, incrementally. Run inside the sysroot, in the repository, with the kernel's source bound
# at /src/linux:
#
#   dev.sh programs | modules | kernel
#
# Results are in target/qos/dev: programs/ and modules/ as the derivations of those names have them, kernel/ the build
# folder of a kernel that the loop builds itself.
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
  # To count the crates takes a second: only where all of them are compiled.
  [ -e "$built/qos" ] || qos_announce "${what[@]}"
  # Of cargo's status, not of the shell's own: a compile error is the person's to read.
  cargo build --offline --profile guest "${what[@]}" || exit
  mkdir -p "$dev/programs/bin"
  # Links: the programs are read once more anyway, and are 30 MB.
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
  echo "dev.sh: there is no '$1' (programs, modules, kernel)" >&2
  exit 2
  ;;
esac
