# SPDX-License-Identifier: MIT OR Apache-2.0
#
# Linux 6.18, from upstream's archive.
import ./kernel.nix {
  name = "lts";
  at = ./.;
  tarball = "usr/src/linux_*.orig.tar.*";
}
