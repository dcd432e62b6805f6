# SPDX-License-Identifier: MIT OR Apache-2.0
#
# Linux 6.12, from the distribution's package.
import ../lts/kernel.nix {
  name = "lts-6_12";
  at = ./.;
  tarball = "usr/src/linux-source-*.tar.*";
  alike = [ "qos_exit/port.rs" "qos_exit/status.rs" ];
  # Before 6.13 Kbuild lists modules by their full paths, and the script takes them from its folder.
  adapt = ''
    sed -i 's|^    module=.*\.ko$|&; module=''${module#"$WORK/"}|' "$out/build.sh"
  '';
}
