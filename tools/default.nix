# SPDX-License-Identifier: MIT OR Apache-2.0
#
# The host's tools, static, so that they run inside the sysroot and on any x86-64 host alike.
{ cargo }:
cargo {
  name = "qos-tools";
  packages = [ "qos-bootdiff" "qos-image" "qos-initramfs" "qos-kconfig" "qos-manifest" "qos-vm" ];
  profile = "tool";
  install = ''
    mkdir -p "$out/bin"
    for tool in bootdiff image initramfs kconfig manifest vm; do install "$programs/qos-$tool" "$out/bin/"; done
  '';
}
