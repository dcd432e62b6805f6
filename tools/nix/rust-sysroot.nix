# SPDX-License-Identifier: MIT OR Apache-2.0
#
# The pinned Rust toolchain for an editor on the host: a directory with the layout of `rustc --print sysroot`, whose programs
# run on any host because they use the build sysroot's own dynamic loader. `cargo xtask rust-project` names it to
# rust-analyzer, which uses its compiler, the standard library's source, and the server that loads procedural macros. The
# server has to belong to the compiler that compiled them.
{ run, sysroot }:
run {
  name = "qos-rust-sysroot";
  script = ''
    mkdir -p "$out/bin" "$out/libexec"
    for program in bin/rustc bin/rustdoc bin/cargo bin/rustfmt libexec/rust-analyzer-proc-macro-srv; do
      {
        echo '#!/bin/sh'
        echo 'exec ${sysroot}/usr/lib64/ld-linux-x86-64.so.2 --library-path ${sysroot}/usr/lib/x86_64-linux-gnu' \
          "${sysroot}/usr/$program"' "$@"'
      } >"$out/$program"
      chmod 755 "$out/$program"
    done
    ln -s ${sysroot}/usr/lib "$out/lib"
  '';
}
