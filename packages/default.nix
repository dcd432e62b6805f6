# SPDX-License-Identifier: MIT OR Apache-2.0
#
# The guest's programs, each static: init, the shell, early userspace, and a multi-call binary of everything else with the names
# under which it can be called.
{ cargo }:
let
  of = name: programs: flags: cargo {
    inherit name flags;
    shared = "qos-userland";
    packages = [ "qos-early" "qos-init" "qos-qos" "qos-shell" ];
    profile = "release";
    guest = true;
    install = ''
      mkdir -p "$out/bin"
      install "$programs"/{${programs}} "$out/bin/"
      "$out/bin/qos" --list >"$out/applets"
    '';
  };
in
{
  userland = of "qos-userland" "early,init,qos,sh" "";
  # Without the core utilities and the line editor: 77 crates. Those whose features differ from the above are compiled again.
  minimal = of "qos-userland-minimal" "init,qos,sh" "--no-default-features";
}
