#!/bin/bash
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# Builds the documentation of the kernel's Rust crates for one configuration, inside the build sysroot: what a
# configuration leaves out is not in it. It is no stage of build.sh because that is an input of every kernel.
#
#   SRC=… CONFIG=… out=… rustdoc.sh    fills $out with one folder for each crate: $out/kernel/index.html
#
#   SRC     the source tree; links to source files name it by this path
#   CONFIG  the configuration
#   BUILD   the build folder (default: ./build)
set -euo pipefail

: "${SRC:?the source tree}" "${CONFIG:?the configuration}" "${out:?the folder to fill}"
BUILD=${BUILD:-$PWD/build}
umask 022
export LC_ALL=C TZ=UTC KBUILD_BUILD_TIMESTAMP='1970-01-01 00:00:00 UTC' KBUILD_BUILD_USER=qos KBUILD_BUILD_HOST=qos
unset KCFLAGS KAFLAGS KRUSTFLAGS KBUILD_OUTPUT MAKEFLAGS CROSS_COMPILE ARCH

mkdir -p "$BUILD" "$out"
cp "$CONFIG" "$BUILD/.config"
chmod u+w "$BUILD/.config"
make -C "$SRC" O="$BUILD" ARCH=x86_64 -s olddefconfig
make -C "$SRC" O="$BUILD" ARCH=x86_64 -j"$(nproc)" rustdoc
cp -R "$BUILD/Documentation/output/rust/rustdoc/." "$out/"
[ -f "$out/kernel/index.html" ] || { echo "rustdoc.sh: make rustdoc made no documentation of the crate kernel" >&2; exit 1; }
