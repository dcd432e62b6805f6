#!/bin/bash
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# Builds every module of this folder, out of tree: a module is a folder with a Kbuild file. Runs inside the build
# sysroot, for Nix and for the quick loop alike.
#
#   SRC=… KDEV=… MODULES_SRC=… out=… build.sh build    fills $out:
#       lib/modules/RELEASE/extra/NAME.ko   the modules that ship
#       test/NAME_test.ko                   their KUnit tests, to be loaded after kunit.ko
#       test/NAME_test.ktap                 what the kernel log then has to say, without time stamps
#   SRC=… KDEV=… MODULES_SRC=… build.sh clippy         the kernel's clippy rules; a warning is an error
#   MODULES_SRC=… build.sh fmt                         rustfmt with the kernel's style
#   SRC=… KDEV=… MODULES_SRC=… build.sh rust-project   prints rust-project.json as the kernel's own script makes it: the
#                kernel's crates and these modules, for rust-analyzer. RUST_LIB_SRC: the standard library's source
#
#   SRC          the kernel's source; may be read-only
#   KDEV         the output folder (O=) of a kernel built from it with the same compilers; may be read-only and pruned
#                to what modules need (README.md lists it)
#   MODULES_SRC  this folder; may be read-only (default: where this script is)
#   WORK         scratch folder, emptied first (default: qos-modules in $NIX_BUILD_TOP or in /tmp). No result depends on
#                its path.
#   KEEP         if set, $WORK and $out are brought up to date and not made anew, so that a build takes what changed
set -euo pipefail

# Whatever the person's environment says about these, the result is the same.
umask 022
export LC_ALL=C TZ=UTC
unset KCFLAGS KAFLAGS KRUSTFLAGS KBUILD_OUTPUT MAKEFLAGS CROSS_COMPILE ARCH

fail() {
  echo "modules/build.sh: $*" >&2
  exit 1
}

MODULES_SRC=${MODULES_SRC:-$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)}
stage=${1:-build}
cores=${NIX_BUILD_CORES:-0}
[ "$cores" != 0 ] || cores=$(nproc)

# Copies the modules into $WORK, under one Kbuild that enters each folder.
collect() {
  local kbuild folder folders file
  : "${SRC:?the kernel source}" "${KDEV:?the output folder of a built kernel}"
  for file in Module.symvers include/config/kernel.release rust/libkernel.rmeta; do
    [ -e "$KDEV/$file" ] || fail "$KDEV/$file is missing: is the kernel built, with CONFIG_MODULES and CONFIG_RUST?"
  done
  release=$(<"$KDEV/include/config/kernel.release")
  WORK=${WORK:-${NIX_BUILD_TOP:-/tmp}/qos-modules}
  [ -n "${KEEP:-}" ] || rm -rf "$WORK"
  mkdir -p "$WORK"
  WORK=$(realpath "$WORK")
  folders=()
  for kbuild in "$MODULES_SRC"/*/Kbuild; do
    [ -e "$kbuild" ] || fail "$MODULES_SRC: no folder with a Kbuild file here"
    folder=$(basename "$(dirname "$kbuild")")
    [ ! -e "$MODULES_SRC/$folder/${folder}_test.rs" ] || [ -e "$MODULES_SRC/$folder/${folder}_test.ktap" ] ||
      fail "$folder/${folder}_test.ktap is missing: it says what its tests print (README.md, Tests)"
    folders+=("$folder")
  done
  if [ -n "${KEEP:-}" ]; then
    update
  else
    for folder in "${folders[@]}"; do
      mkdir "$WORK/$folder"
      cp -R "$MODULES_SRC/$folder/." "$WORK/$folder/"
    done
    chmod -R u+w "$WORK"
  fi
  printf 'obj-m += %s/\n' "${folders[@]}" >"$WORK/Kbuild.new"
  cmp -s "$WORK/Kbuild.new" "$WORK/Kbuild" || cp "$WORK/Kbuild.new" "$WORK/Kbuild"
}

# Copies the files that are other than those in $WORK, so that only they are newer than what was made of them, and takes
# away what was copied before and is no more: a folder with all that was made in it, for its module is not to be linked.
update() {
  local file folder
  for folder in "$WORK"/*/; do
    folder=$(basename "$folder")
    [ ! -d "$WORK/$folder" ] || [ -e "$MODULES_SRC/$folder/Kbuild" ] || rm -rf "${WORK:?}/$folder"
  done
  touch "$WORK/copied"
  (cd "$MODULES_SRC" && find "${folders[@]}" -type f | sort) >"$WORK/copied.new"
  comm -23 "$WORK/copied" "$WORK/copied.new" | while read -r file; do rm -f "$WORK/$file"; done
  while read -r file; do
    cmp -s "$MODULES_SRC/$file" "$WORK/$file" && continue
    mkdir -p "$WORK/${file%/*}"
    cp "$MODULES_SRC/$file" "$WORK/$file"
    chmod u+w "$WORK/$file"
  done <"$WORK/copied.new"
  mv "$WORK/copied.new" "$WORK/copied"
}

# make for the copied modules.
kbuild() {
  make -C "$SRC" O="$KDEV" M="$WORK" -j"$cores" --no-print-directory \
    KRUSTFLAGS="--remap-path-prefix=$WORK/= ${RUST_FLAGS:-}" "$@"
}

build() {
  local module name test names=
  : "${out:?the folder to fill}"
  collect
  # Kbuild's lines, as kernel/build.sh counts them: each module is a Rust crate, a generated C file and a link; the
  # check of symbols and one C file serve all.
  echo "qos-total: $(($(cat "$WORK"/*/Kbuild | grep -c '^obj-') * 3 + 2)) objects"
  kbuild modules

  mkdir -p "$out/lib/modules/$release/extra" "$out/test"
  while read -r module; do
    # Before 6.13 Kbuild lists modules by their full paths.
    module=${module#"$WORK/"}
    module=${module%.o}.ko
    name=$(basename "$module")
    case $name in
    *_test.ko) name=test/$name ;;
    *) name=lib/modules/$release/extra/$name ;;
    esac
    names+=" $name"
    [ ! "$out/$name" -nt "$WORK/$module" ] || continue
    llvm-strip --strip-debug -o "$out/$name" "$WORK/$module"
    chmod 644 "$out/$name"
    ! grep -qaF "$WORK" "$out/$name" || fail "$name holds the path of its build folder, $WORK"
    # Code inlined from the kernel crate has the paths that were recorded when that crate was compiled.
    ! grep -qaF "$SRC" "$out/$name" ||
      echo "warning: $name holds $SRC: build the kernel with KRUSTFLAGS=--remap-path-prefix=$SRC/=" >&2
  done <"$WORK/modules.order"
  # What another module's absence has left.
  (cd "$out" && find lib test -name '*.ko') | while read -r name; do
    case "$names " in *" $name "*) ;; *) rm "$out/$name" ;; esac
  done
  for test in "$out"/test/*_test.ko; do
    [ -e "$test" ] || continue
    name=$(basename "$test" _test.ko)
    install -m 644 "$WORK/$name/${name}_test.ktap" "$out/test/"
  done
}

# The script names the modules by their paths from this folder, and everything else by full paths.
rust_project() {
  collect
  kbuild rust-analyzer ${RUST_LIB_SRC:+"RUST_LIB_SRC=$RUST_LIB_SRC"} >&2
  cat "$WORK/rust-project.json"
}

# One file at a time: given a file, rustfmt also formats those that its `mod` lines name, so those of NAME.rs and of
# NAME_test.rs would be reported twice.
format() {
  local file status=0 style=$MODULES_SRC/rustfmt.toml
  while read -r file; do
    if ! rustfmt --config-path "$style" <"$MODULES_SRC/$file" >/dev/null; then
      echo "$file: rustfmt cannot read it, see above" >&2
      status=1
      continue
    fi
    diff -u --label "$file" --label "$file, formatted" \
      "$MODULES_SRC/$file" <(rustfmt --config-path "$style" <"$MODULES_SRC/$file") || status=1
  done < <(cd "$MODULES_SRC" && find . -name '*.rs' -printf '%P\n' | LC_ALL=C sort)
  [ "$status" = 0 ] || fail "rustfmt is not content with the files above"
}

case $stage in
build) build ;;
clippy)
  collect
  # Kbuild takes CLIPPY from make's command line only.
  RUST_FLAGS=-Dwarnings kbuild modules CLIPPY=1
  ;;
fmt) format ;;
rust-project) rust_project ;;
*) fail "there is no stage '$stage' (build, clippy, fmt, rust-project)" ;;
esac
