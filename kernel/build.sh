#!/bin/bash
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# The one script that builds the kernel. Nix runs it, and so does the development loop, both inside the pinned
# sysroot: what it needs is on PATH, and nothing else is.
#
#   bash kernel/build.sh STAGE...
#
# Stages, each of which can be the only one:
#   source   TARBALL, with kernel/patches/*.patch applied, unpacked to $out
#   config   the fragments resolved and checked: $out/config
#   build    bzImage, vmlinux, modules: $out; and, if $dev is set, what a module build needs: $dev
#   loop     vmlinux and modules, in $BUILD and nowhere else: what the development loop boots, and builds its own modules
#            against. $SRC may be of another version than the configuration, which is then brought up to date
#   headers  the headers for user space (make headers_install): $out/include
#
# Variables:
#   out, dev     where results go; created here
#   TARBALL      stage source: the kernel's source, any tar that GNU tar opens
#   PATCHES      stage source: a folder of *.patch files, applied in the order of their names (default: beside this)
#   SRC          the source tree; it is only read
#   BUILD        the build folder (default: ./build); a build in a folder that was used before is incremental
#   CONFIG       stage build: the configuration (default: resolved.config beside this script)
#   FRAGMENTS    stage config: the fragments by name, without .config (default: base virt rust)
#   EXPECTED     stage config: the reviewed configuration to compare with (default: resolved.config beside this
#                script if FRAGMENTS is not set; empty: compare with nothing)
#   QOS_KCONFIG  stage config: the program of tools/kconfig (default: qos-kconfig on PATH)
#   JOBS         how many compilers at a time (default: the number of processors)
#   KEPT         stage build: a directory with build directories that earlier builds of this source with these compilers left.
#                The build starts from the last one, so kbuild compiles only what the configuration changed; then it leaves
#                its own there. Empty: a build from nothing. The results are the same bytes
#
# Progress: before the objects, a line `qos-total: kernel/objects objects`, which says where in the repository the number
# stands that the last reviewed build counted (it is not read here, so that changing it builds nothing); each object is
# then one line of Kbuild, `  CC  fs/x.o` (a verb in capitals, then a path); after them comes `qos-done: N objects`
# with the true number. The two differ by little unless the configuration changed. A build that starts from kept objects has neither.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
BUILD=${BUILD:-$PWD/build}
JOBS=${JOBS:-$(nproc)}

# Whatever the person's environment and machine say about these, the result is the same.
umask 022
export LC_ALL=C TZ=UTC SOURCE_DATE_EPOCH=0
export KBUILD_BUILD_TIMESTAMP='1970-01-01 00:00:00 UTC' KBUILD_BUILD_USER=qos KBUILD_BUILD_HOST=qos KBUILD_BUILD_VERSION=1
export KCONFIG_NOTIMESTAMP=1
unset KCONFIG_CONFIG KBUILD_OUTPUT KCFLAGS KAFLAGS KRUSTFLAGS MAKEFLAGS CROSS_COMPILE ARCH

fail() {
    echo "kernel/build.sh: $*" >&2
    exit 1
}

need() {
    local name
    for name; do
        [ -n "${!name:-}" ] || fail "stage $stage needs \$$name"
    done
}

# make in the source tree, building in $BUILD. Paths of this machine do not get into objects: sources are named from
# the top of the tree, generated files from the top of the build folder, in C (debug information and __FILE__) and Rust.
kmake() {
    local maps="-ffile-prefix-map=$SRC/= -ffile-prefix-map=$BUILD/="
    make -C "$SRC" O="$BUILD" ARCH=x86_64 \
        KCFLAGS="$maps" KAFLAGS="$maps" \
        KRUSTFLAGS="--remap-path-prefix=$SRC/= --remap-path-prefix=$BUILD/=" \
        "$@"
}

check_source() {
    need SRC
    [ -f "$SRC/Kbuild" ] || fail "SRC=$SRC is not a kernel source tree"
    mkdir -p "$BUILD" ${out:+"$out"}
    BUILD=$(cd "$BUILD" && pwd)
    SRC=$(cd "$SRC" && pwd)
}

# --- source ---------------------------------------------------------------------------------------------------------

stage_source() {
    need TARBALL out
    local patches=${PATCHES:-$here/patches} patch
    [ -f "$TARBALL" ] || fail "TARBALL=$TARBALL: no such file"
    mkdir -p "$out"
    tar -xf "$TARBALL" -C "$out" --strip-components=1 --no-same-owner --no-same-permissions
    for patch in "$patches"/*.patch; do
        [ -e "$patch" ] || continue
        echo "  PATCH   ${patch##*/}"
        patch -d "$out" -p1 --no-backup-if-mismatch --fuzz=0 --silent -i "$patch" ||
            fail "${patch##*/} does not apply to ${TARBALL##*/}: rebase it on this version"
    done
}

# --- config ---------------------------------------------------------------------------------------------------------

# Kconfig's own view of each requested symbol, from kconfig-why.c linked with the objects of Kbuild's `conf`. Kbuild
# sets up the environment that Kconfig files read, so it runs the program: `make config` runs $(config-prog).
explain() {
    local kconfig=$BUILD/scripts/kconfig
    gcc -O1 -Wall -Wextra -Werror -Wno-unused-parameter -Wno-sign-compare \
        -I"$SRC/scripts/include" -I"$SRC/scripts/kconfig" -o "$kconfig/kconfig-why" "$here/kconfig-why.c" \
        "$kconfig"/{confdata,expr,lexer.lex,menu,parser.tab,preprocess,symbol,util}.o
    KCONFIG_WHY_NAMES=$BUILD/requested.names KCONFIG_WHY_OUT=$BUILD/requested.why \
        kmake -s config config-prog=kconfig-why
}

stage_config() {
    need out
    local expected=${EXPECTED-${FRAGMENTS+}} kconfig=${QOS_KCONFIG:-qos-kconfig} name fragments=()
    [ -n "${EXPECTED+set}${FRAGMENTS+set}" ] || expected=resolved.config
    command -v "$kconfig" > /dev/null || fail "$kconfig: not found; set \$QOS_KCONFIG to the program of tools/kconfig"
    check_source
    # From here, so that messages name files as a person does: kernel/virt.config:41.
    cd "$here/.."
    for name in ${FRAGMENTS:-base virt rust}; do
        fragments+=("${here##*/}/$name.config")
    done

    "$kconfig" merge --out "$BUILD/requested.config" --names "$BUILD/requested.names" "${fragments[@]}"
    KCONFIG_ALLCONFIG=$BUILD/requested.config kmake -s allnoconfig
    explain
    "$kconfig" check --resolved "$BUILD/.config" --why "$BUILD/requested.why" "${fragments[@]}"
    cp "$BUILD/.config" "$out/config"
    if [ -n "$expected" ]; then
        [ -f "$here/$expected" ] || fail "$here/$expected: no such file, so $out/config is compared with nothing"
        "$kconfig" drift "${here##*/}/$expected" "$BUILD/.config" ||
            fail "if these changes are meant, accept them with \`cargo xtask bless\`; if not, undo them in the fragments"
    fi
}

# --- build ----------------------------------------------------------------------------------------------------------

# A line that stands for an object. What takes no time is not counted: archives, and generated files that are compared.
object_line='^  [A-Z][A-Z0-9]* +(\[M\] +|[A-Z]+ +)?[^ ]+$'
no_object='^  (AR|UPD|CHK) '

# Only if it is another one, so that an incremental build stays one.
install_config() {
    local config=${CONFIG:-$here/resolved.config}
    [ -f "$config" ] || fail "CONFIG=$config: no such file"
    cmp -s "$config" "$BUILD/.config" || cp "$config" "$BUILD/.config"
    chmod u+w "$BUILD/.config"
    # What `make all` does first; options that the file does not decide get their defaults, and the comparison finds them.
    kmake -s syncconfig < /dev/null > /dev/null
    diff -u --label "$config" --label "as this source and these tools resolve it" "$config" "$BUILD/.config" ||
        fail "$config is not complete for this source and these compilers: run the stage config"
}

# Copies the kept build directory to $BUILD; fails if there is none. A copy takes the times of files along, which make compares.
restore_objects() {
    [ -n "${KEPT:-}" ] && [ -d "$KEPT/last" ] || return 1
    exec 9> "$KEPT/lock"
    flock --shared 9
    rm -rf "$BUILD"
    cp -a --reflink=auto "$KEPT/last" "$BUILD" || fail "cannot copy $KEPT/last: remove $KEPT"
    exec 9>&-
    echo "  KEPT    objects of an earlier build"
}

# The order of the entries in a Rust crate's metadata, and in a macro library, depends on the whole list of options that rustc is
# told, but Kbuild compiles a crate again only if an option changed that the crate names. If the list is another one than
# before, all crates of rust/ are compiled again.
forget_crates() {
    cmp -s "$BUILD/rustc_cfg.kept" "$BUILD/include/generated/rustc_cfg" ||
        find "$BUILD/rust" -maxdepth 1 \( -name '*.o' -o -name '*.rmeta' -o -name '*.so' \) -delete
    rm "$BUILD/rustc_cfg.kept"
}

# Leaves $BUILD as the kept build directory. A host without space for it still gets its kernel.
keep_objects() {
    [ -n "${KEPT:-}" ] || return 0
    mkdir -p "$KEPT"
    # Those of a source, compiler or script that nobody used for a month.
    find "${KEPT%/*}" -mindepth 1 -maxdepth 1 -type d -mtime +30 -exec rm -rf {} + || true
    exec 9> "$KEPT/lock"
    flock 9
    rm -rf "$KEPT/new"
    if cp -a --reflink=auto "$BUILD" "$KEPT/new"; then
        rm -rf "$KEPT/last"
        mv "$KEPT/new" "$KEPT/last"
    else
        rm -rf "$KEPT/new"
        echo "  SKIP    kept objects: cannot copy them to $KEPT"
    fi
    exec 9>&-
}

stage_build() {
    need out
    check_source
    if restore_objects; then
        cp "$BUILD/include/generated/rustc_cfg" "$BUILD/rustc_cfg.kept"
        install_config
        forget_crates
        kmake -j"$JOBS" all
    else
        install_config
        echo "qos-total: kernel/objects objects"
        # sed and not tee, because it can be told to pass on each line at once.
        kmake -j"$JOBS" all | sed -u "w $BUILD/build.log"
        echo "qos-done: $(grep -E "$object_line" "$BUILD/build.log" | grep -cvE "$no_object") objects"
    fi
    keep_objects

    cp "$BUILD/arch/x86/boot/bzImage" "$BUILD/vmlinux" "$BUILD/System.map" "$BUILD/Module.symvers" "$out/"
    cp "$BUILD/.config" "$out/config"
    cp "$BUILD/include/config/kernel.release" "$out/kernel.release"
    kmake -s modules_install INSTALL_MOD_PATH="$out" DEPMOD=depmod
    # Links to the source and build folders of this machine.
    rm -f "$out"/lib/modules/*/{build,source}
    [ -z "${dev:-}" ] || install_dev
}

# What a build of a module against this kernel reads, and no object that went into it. A module's build says
#   make -C $dev M=… modules
# The commands in .*.cmd files name folders of this machine, and only an incremental build of the kernel reads them, as the
# empty files in include/config, of which a build from kept objects has more.
install_dev() {
    mkdir -p "$dev"
    cp "$BUILD/.config" "$BUILD/Module.symvers" "$BUILD/System.map" "$dev/"
    (
        cd "$BUILD"
        find include arch/x86/include scripts rust tools/objtool \
            ! -type d ! -name '*.o' ! -name '*.a' ! -name '*.cmd' ! -name '*.d' ! -name '*.s' ! -name '.*.tmp' \
            ! \( -path 'include/config/*' -empty \) \
            -print0 | sort -z | cpio --quiet -pdm0 "$dev"
    )
    rm -rf "$dev"/scripts/kconfig "$dev"/tools/objtool/{include,feature,libsubcmd}
    printf '%s\n' 'export KBUILD_OUTPUT := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))' \
        "include $SRC/Makefile" > "$dev/Makefile"
}

# --- loop -----------------------------------------------------------------------------------------------------------

stage_loop() {
    local config=${CONFIG:-$here/resolved.config}
    check_source
    # Only if it is another one, so that an incremental build stays one.
    if ! cmp -s "$config" "$BUILD/config.asked" || [ ! -e "$BUILD/.config" ]; then
        cp "$config" "$BUILD/.config"
        chmod u+w "$BUILD/.config"
        kmake -s olddefconfig
        cp "$config" "$BUILD/config.asked"
    fi
    [ -e "$BUILD/vmlinux" ] || echo "qos-total: kernel/objects objects"
    kmake -j"$JOBS" vmlinux modules
}

# --- headers --------------------------------------------------------------------------------------------------------

stage_headers() {
    need out
    check_source
    kmake -s headers_install INSTALL_HDR_PATH="$out"
    find "$out" -name '.*' -type f -delete
}

[ $# -gt 0 ] || fail "which stage? one or more of: source config build loop headers"
for stage; do
    case $stage in
        source | config | build | loop | headers) "stage_$stage" ;;
        *) fail "no stage $stage: it is one of source config build loop headers" ;;
    esac
done
