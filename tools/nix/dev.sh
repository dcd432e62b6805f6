# SPDX-License-Identifier: MIT OR Apache-2.0
#
# The incremental builds of `cargo xtask dev`. Run inside the sysroot, in the repository, with the kernel's source bound at
# /src/linux:
#
#   dev.sh programs | modules | kernel
#
# Variables, which tools/dev/src/build.rs sets. Directories and files are paths from the repository's root:
#
#   QOS_LOOP_IMAGE     the directory for programs/, with the layout of the derivation
#   QOS_LOOP_KERNEL    the directory for modules/, with the layout of the derivation, and kernel/, the build directory of a kernel that
#                      the loop builds itself
#   QOS_LOOP_PROGRAMS  the programs: a line for each call of cargo, with the argument of qos_static_flags (cargo.sh) and those of cargo build
#   QOS_LOOP_CONFIG    the kernel's reviewed configuration
#   QOS_LOOP_LTS       the directory with the files of an LTS kernel; empty if the kernel is not one
#   QOS_LOOP_SERIES    the kernel's series: modules that do not support it are left out; empty: none is
#   QOS_LOOP_BUILT     the kernel that Nix built: its output `dev`, which is bound at /src/kdev; empty if the loop builds the kernel
set -euo pipefail

programs() {
  # The profile is in .cargo/config.toml.
  . tools/nix/cargo.sh
  local target=x86_64-unknown-linux-gnu bin=$QOS_LOOP_IMAGE/programs/bin kind arguments built program
  mkdir -p "$bin"
  # Counting the crates takes a second, so it is done only if all of them are compiled.
  [ -e "$bin/qos" ] || qos_announce $(cut -d' ' -f2- <<<"$QOS_LOOP_PROGRAMS") --target "$target"
  while read -r kind arguments; do
    qos_static_flags "$kind"
    # Exits with cargo's status; the user reads its compile error.
    built=$(cargo build --offline --profile guest --target "$target" --message-format json-render-diagnostics $arguments |
      sed -n 's/.*"executable":"\([^"]*\)".*/\1/p') || exit
    # Links instead of copies: the programs have 30 MB, and are read again anyway. Hard links, because the programs of another
    # image have the same names.
    for program in $built; do
      ln -f "$program" "$bin/" 2>/dev/null || cp --remove-destination "$program" "$bin/"
    done
  done <<<"$QOS_LOOP_PROGRAMS"
  "$bin/qos" --list >"$QOS_LOOP_IMAGE/programs/applets"
}

# The modules that support the kernel, with the own files of an LTS kernel in place of the shared ones, as kernel/supported.nix and
# kernel/lts/kernel.nix select them.
sources_of_modules() {
  local sources=$1 module name supported
  rm -rf "$sources"
  mkdir -p "$sources"
  for module in kernel/modules/*/; do
    module=${module%/} name=${module##*/}
    [ -e "$module/Kbuild" ] || continue
    if [ -n "$QOS_LOOP_SERIES" ]; then
      if [ ! -e "$module/kernels" ]; then
        echo "$name does not state which kernels it supports: write their series, such as $QOS_LOOP_SERIES, into $module/kernels" >&2
        return 1
      fi
      supported=$(tr -s '\n ' ' ' <"$module/kernels")
      if [[ " $supported " != *" $QOS_LOOP_SERIES "* ]]; then
        [ -d "${QOS_LOOP_LTS:-/none}/modules/$name" ] ||
          echo "  SKIP    $name does not support Linux $QOS_LOOP_SERIES: $module/kernels has ${supported% }"
        continue
      fi
    fi
    cp -R "$module" "$sources/"
  done
  [ -z "$QOS_LOOP_LTS" ] || cp -R "$QOS_LOOP_LTS/modules/." "$sources/"
}

modules() {
  local place=$PWD/$QOS_LOOP_KERNEL kernel=${QOS_LOOP_BUILT:-own} kdev=/src/kdev
  [ -n "$QOS_LOOP_BUILT" ] || kdev=$place/kernel
  # The files of every kernel in the store have the same path and the same time here, so that make cannot see that it is another one.
  if [ "$(cat "$place/modules.kernel" 2>/dev/null)" != "$kernel" ]; then
    rm -rf "$place/modules" "$place/modules.work"
    mkdir -p "$place"
    echo "$kernel" >"$place/modules.kernel"
  fi
  sources_of_modules "$place/modules.source"
  KEEP=1 WORK=$place/modules.work out=$place/modules SRC=/src/linux KDEV=$kdev MODULES_SRC=$place/modules.source \
    bash kernel/modules/build.sh build
}

case ${1:?what to build} in
programs) programs ;;
modules) modules ;;
kernel) SRC=/src/linux BUILD=$PWD/$QOS_LOOP_KERNEL/kernel CONFIG=$PWD/$QOS_LOOP_CONFIG bash kernel/build.sh loop ;;
*)
  echo "dev.sh: unknown build '$1' (programs, modules, kernel)" >&2
  exit 2
  ;;
esac
