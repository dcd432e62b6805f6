# SPDX-License-Identifier: MIT OR Apache-2.0
#
# Linux 6.12, from the distribution's package.
import ../lts/kernel.nix {
  name = "lts-6_12";
  at = ./.;
  tarball = "usr/src/linux-source-*.tar.*";
  alike = [ "qos_exit/port.rs" "qos_exit/probe.rs" "qos_exit/status.rs" ];
}
