# SPDX-License-Identifier: MIT OR Apache-2.0
#
# The guest's programs: one static multi-call binary, and the names under which it can be called.
{ cargo }:
cargo {
  name = "qos-userland";
  packages = [ "qos-qos" ];
  profile = "release";
  guest = true;
  install = ''
    mkdir -p "$out/bin"
    install "$programs/qos" "$out/bin/qos"
    "$out/bin/qos" --list >"$out/applets"
  '';
}
