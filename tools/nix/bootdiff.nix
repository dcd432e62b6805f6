# SPDX-License-Identifier: MIT OR Apache-2.0
#
# `nix run .#bootdiff -- BASE [HEAD]`: `cargo xtask bootdiff`, from anywhere in the repository. Building the base takes
# its own pins into the store, which only xtask does; so the host's cargo is needed here too.
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
