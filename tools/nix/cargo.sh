# SPDX-License-Identifier: MIT OR Apache-2.0
#
# The settings for all compilation of qos's own Rust; sourced inside the sysroot, with the crates of Cargo.lock bound at /crates.
# Makes cargo use only these crates, offline, and defines the functions that Nix builders and `cargo xtask test` share.

export CARGO_HOME=$NIX_BUILD_TOP/cargo-home CARGO_NET_OFFLINE=true CARGO_INCREMENTAL=${CARGO_INCREMENTAL:-0}
export CARGO_BUILD_JOBS=${NIX_BUILD_CORES:-2} CARGO_TERM_COLOR=${CARGO_TERM_COLOR:-never}
[ "$CARGO_BUILD_JOBS" != 0 ] || CARGO_BUILD_JOBS=$(nproc)
export CC=clang AR=llvm-ar LIBCLANG_PATH=/usr/lib/llvm-19/lib
# The same linker for build scripts, tests and programs, so that cargo never looks for one of the host.
export CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER=clang
mkdir -p "$CARGO_HOME"
cat >"$CARGO_HOME/config.toml" <<'TOML'
[source.crates-io]
replace-with = "qos"
[source.qos]
directory = "/crates"
TOML

# Shipped programs are static and contain no path of the build. With `guest`, they are also loaded at the address they were
# linked for: a PIE had 50,000 relocations, and 280 copied pages, at each start of each program. Debian's crtbeginT.o, which
# clang then links, would make libgcc read all 44,000 unwind entries at each start. PT_GNU_EH_FRAME is sufficient, so the two
# functions by which crtbeginT.o registers the entries, weak symbols there, are defined as 0.
qos_static_flags() {
  local guest=
  if [ "${1:-}" = guest ]; then
    guest="-C relocation-model=static -C link-arg=-Wl,--defsym=__register_frame_info=0"
    guest+=" -C link-arg=-Wl,--defsym=__deregister_frame_info=0"
  fi
  export CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS="-C target-feature=+crt-static $guest -C link-arg=-fuse-ld=lld \
--remap-path-prefix=$PWD=qos --remap-path-prefix=/crates=crates"
  export CFLAGS="-ffile-prefix-map=$PWD=qos -ffile-prefix-map=/crates=crates"
}

# Prints the number of crates that a build has to compile, for a front-end that shows progress. Arguments: as for cargo build.
qos_announce() {
  local crates
  crates=$(cargo tree --offline --prefix none --edges normal,build --no-dedupe "$@" | cut -d' ' -f1,2 | sort -u | wc -l)
  echo "qos-total: $crates crates"
}

# Makes a source file for every target without one of every package below the current directory, so that dependencies
# can be compiled from the Cargo.toml files alone.
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
      # [[test]] and [[bench]] sections without a path use the file of their name.
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
