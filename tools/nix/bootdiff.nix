# SPDX-License-Identifier: MIT OR Apache-2.0
#
# `nix run .#bootdiff -- BASE [HEAD]`: `cargo xtask bootdiff`, from any directory of the repository. The
# base is built with its own pins, which only xtask adds to the store, so the host's cargo is needed here too.
{ run }:
run {
  name = "qos-bootdiff";
  env.text = ''
    #!/bin/sh
    # SPDX-License-Identifier: MIT OR Apache-2.0
    command -v cargo >/dev/null || { echo "qos-bootdiff: cargo is not in PATH: it compiles xtask; install Rust" >&2; exit 2; }
    exec cargo xtask bootdiff "$@"
  '';
  env.passAsFile = [ "text" ];
  script = ''
    mkdir -p "$out/bin"
    install -m 755 "/build/''${textPath##*/}" "$out/bin/qos-bootdiff"
  '';
}
