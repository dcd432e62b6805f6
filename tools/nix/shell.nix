# SPDX-License-Identifier: MIT OR Apache-2.0
#
# `qos-shell [COMMAND…]`: the build sysroot with the repository at /qos, for interactive use (`nix run .#shell`), for
# `cargo xtask test` and for `nix fmt`. Its build results are in target/sysroot.
{ system, run, sysroot, crates }:
let
  shell = run {
    name = "qos-shell";
    env.text = ''
      #!/bin/sh
      # SPDX-License-Identifier: MIT OR Apache-2.0
      set -eu
      top=$PWD
      until [ -e "$top/flake.nix" ] && [ -e "$top/tools/nix/enter.sh" ]; do
        top=''${top%/*}
        [ -n "$top" ] || { echo "qos-shell: $PWD is not inside a qos repository" >&2; exit 2; }
      done
      case $top in *:*) echo "qos-shell: $top: a ':' in the repository's path cannot be bound; move it" >&2; exit 2 ;; esac
      mkdir -p "$top/target/qos/shell"
      [ $# -gt 0 ] || set -- bash --norc
      # A run of CI compiles each crate once: what the next compile could take over would only fill the disk.
      incremental=1
      [ -z "''${CI:-}" ] || incremental=0
      export NIX_BUILD_TOP="$top/target/qos/shell" CARGO_TARGET_DIR=/qos/target/sysroot CARGO_INCREMENTAL=$incremental
      export QOS_DIRECTORY="/qos''${PWD#"$top"}" PS1='[qos \w]\$ '
      # What the host's variables say about its compilers, certificates and directories does not hold inside.
      for name in $(export -p | sed -n 's/^export \([A-Za-z_][A-Za-z0-9_]*\).*/\1/p'); do
        case $name in
          QOS_* | INSTA_* | NIX_BUILD_* | CARGO_TARGET_DIR | CARGO_INCREMENTAL | CARGO_TERM_COLOR) ;;
          RUST_BACKTRACE | TERM | PATH | PS1 | CI) ;;
          *) unset "$name" ;;
        esac
      done
      sysroot=${sysroot}
      # Further directories, one a line, as enter.sh takes them: ro:FROM:TO.
      IFS='
      '
      set -f
      exec "$sysroot/usr/lib64/ld-linux-x86-64.so.2" --library-path "$sysroot/usr/lib/x86_64-linux-gnu" \
        "$sysroot/usr/bin/bash" ${./enter.sh} "$sysroot" "$top:/qos" "ro:${crates}:/crates" ''${QOS_BINDS:-} -- \
        /usr/bin/bash -c '. ${./cargo.sh}; exec "$@"' qos-shell "$@"
    '';
    env.passAsFile = [ "text" ];
    script = ''
      mkdir -p "$out/bin"
      install -m 755 "/build/''${textPath##*/}" "$out/bin/qos-shell"
    '';
  };
  # libexec/bash starts the sysroot's bash. It is static, for Nix's sandbox has neither a loader nor, with Debian's Nix 2.8, a /bin/sh.
  commands = run {
    name = "qos-develop-commands";
    script = ''
      mkdir -p "$out/bin" "$out/libexec"
      clang -static -O2 -Wall -Werror -x c - -o "$out/libexec/bash" <<'EOF'
      #include <unistd.h>
      int main(int count, char **arguments) {
        char *command[count + 4];
        command[0] = "${sysroot}/usr/lib64/ld-linux-x86-64.so.2";
        command[1] = "--library-path";
        command[2] = "${sysroot}/usr/lib/x86_64-linux-gnu";
        command[3] = "${sysroot}/usr/bin/bash";
        for (int i = 1; i <= count; i++) command[i + 3] = arguments[i];
        execv(command[0], command);
        return 127;
      }
      EOF
      for program in cargo rustc rustdoc rustfmt clang make; do
        command -v "$program" >/dev/null
        printf '#!/bin/sh\nexec ${shell}/bin/qos-shell %s "$@"\n' "$program" >"$out/bin/$program"
      done
      chmod 755 "$out"/bin/*
    '';
  };
in
{
  inherit shell;
  # `nix fmt` calls it with the files to format, or with none for all of them.
  formatter = run {
    name = "qos-fmt";
    script = ''
      mkdir -p "$out/bin"
      printf '#!/bin/sh\nexec ${shell}/bin/qos-shell cargo fmt --all\n' >"$out/bin/qos-fmt"
      chmod 755 "$out/bin/qos-fmt"
    '';
  };
  # `nix develop`: a shell of the host in which the programs of the toolchain are qos-shell's. Nix runs a script of its own in a
  # builder that is named bash, and takes the environment for the shell from there.
  develop = derivation {
    inherit system;
    name = "qos-develop";
    outputs = [ "out" ];
    builder = "${commands}/libexec/bash";
    args = [ "-c" ": >$out" ];
    PATH = "${commands}/bin";
  };
}
