# SPDX-License-Identifier: MIT OR Apache-2.0
#
# The one way qos's own Rust is compiled: sourced inside the sysroot, with the crates of Cargo.lock bound at /crates.
# Sets cargo up to use just these, offline, and defines what Nix builders and `cargo xtask test` have in common.

export CARGO_HOME=$NIX_BUILD_TOP/cargo-home CARGO_NET_OFFLINE=true CARGO_INCREMENTAL=${CARGO_INCREMENTAL:-0}
export CARGO_BUILD_JOBS=${NIX_BUILD_CORES:-2} CARGO_TERM_COLOR=${CARGO_TERM_COLOR:-never}
[ "$CARGO_BUILD_JOBS" != 0 ] || CARGO_BUILD_JOBS=$(nproc)
export CC=clang AR=llvm-ar LIBCLANG_PATH=/usr/lib/llvm-19/lib
# The linker of build scripts, of tests and of programs: one, so that nothing of the host's is ever looked for.
export CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER=clang
mkdir -p "$CARGO_HOME"
cat >"$CARGO_HOME/config.toml" <<'TOML'
[source.crates-io]
replace-with = "qos"
[source.qos]
directory = "/crates"
TOML

# qos_static_flags [guest | guest-pie]: what ships is static, and contains no path of its build.
#
# Programs of the guest have no unwind tables, which are a tenth of a program: a panic aborts, and without symbols a backtrace is empty.
# `guest` programs are also linked for a fixed address: as PIE the multi-call program had 50,000 relocations to apply, and 280 pages to
# copy for them, at each start. clang then links Debian's crtbeginT.o, which would have libgcc register the unwind tables at each
# start; the two functions that do so are weak there, and are defined as null.
qos_static_flags() {
  local guest=
  if [ -n "${1:-}" ]; then
    echo 'SECTIONS { /DISCARD/ : { *(.eh_frame) *(.gcc_except_table .gcc_except_table.*) } } INSERT AFTER .text' >"$NIX_BUILD_TOP/no-unwind.ld"
    guest="-C link-arg=-Wl,--no-eh-frame-hdr -C link-arg=-Wl,-T,$NIX_BUILD_TOP/no-unwind.ld"
  fi
  if [ "${1:-}" = guest ]; then
    guest+=" -C relocation-model=static -C link-arg=-Wl,--defsym=__register_frame_info=0"
    guest+=" -C link-arg=-Wl,--defsym=__deregister_frame_info=0"
  fi
  export CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS="-C target-feature=+crt-static $guest -C link-arg=-fuse-ld=lld \
--remap-path-prefix=$PWD=qos --remap-path-prefix=/crates=crates"
  export CFLAGS="-ffile-prefix-map=$PWD=qos -ffile-prefix-map=/crates=crates"
}

# Prints how many crates a build has to compile, for a front-end that shows progress. Arguments: as for cargo build.
qos_announce() {
  local crates
  crates=$(cargo tree --offline --prefix none --edges normal,build --no-dedupe "$@" | cut -d' ' -f1,2 | sort -u | wc -l)
  echo "qos-total: $crates crates"
}

# Makes a source file for every target of every package below the current folder that has none, so that dependencies
# can be compiled with nothing but the Cargo.toml files at hand.
qos_stub_targets() {
  local manifest folder target
  find . -name Cargo.toml -not -path ./Cargo.toml | while read -r manifest; do
    folder=${manifest%/*}
    mkdir -p "$folder/src"
    {
      echo src/lib.rs
      echo src/main.rs
      ! grep -q '^build *=\|^\[build-dependencies' "$manifest" || echo build.rs
      sed -n 's/^path *= *"\(.*\.rs\)".*/\1/p' "$manifest"
      # [[test]] and [[bench]] sections that name no path have the file of their name.
      awk '/^\[\[/ { kind = $0 } /^name *=/ { gsub(/.*= *"|".*/, "");
             if (kind == "[[test]]") print "tests/" $0 ".rs"
             if (kind == "[[bench]]") print "benches/" $0 ".rs"
             if (kind == "[[bin]]") print "src/bin/" $0 ".rs" }' "$manifest"
    } | while read -r target; do
      [ -e "$folder/$target" ] && continue
      mkdir -p "$folder/${target%/*}"
      case $target in
        src/lib.rs) : >"$folder/$target" ;;
        *) echo 'fn main() {}' >"$folder/$target" ;;
      esac
    done
  done
}
