# SPDX-License-Identifier: MIT OR Apache-2.0
#
# The guest's programs, each static: init, the shell, early userspace, and a multi-call binary of everything else with the names
# under which it can be called. `server` adds the manager of services, the programs about accounts, and
# those about devices, the log and the network.
#
# A system in a repository of its own (tools/nix/system.nix) adds its programs by packages/system.nix.
{ cargo }:
let
  of = name: programs: flags: cargo {
    inherit name flags;
    shared = "qos-userland";
    packages = [ "qos-early" "qos-init" "qos-qos" "qos-shell" ];
    profile = "release";
    guest = "guest";
    install = ''
      mkdir -p "$out/bin"
      install "$programs"/{${programs}} "$out/bin/"
      "$out/bin/qos" --list >"$out/applets"
    '';
  };
  programs = rec {
    userland = of "qos-userland" "early,init,qos,sh" "";
    # Without the core utilities and the line editor: 77 crates. Those whose features differ from the above are compiled again.
    minimal = of "qos-userland-minimal" "init,qos,sh" "--no-default-features";
    # The programs of `userland`, and six more: a change of those compiles none of the others. Position-independent, because one of them
    # has the set-user-ID bit; they are small, so that relocations cost little.
    server = cargo {
      name = "qos-server";
      packages = [ "qos-init-services" "qos-login" "qos-logs" "qos-network" "qos-svc" "qos-udev" ];
      profile = "release";
      guest = "guest-pie";
      includes = [ userland ];
      install = ''
        mkdir -p "$out/bin"
        install "$programs"/{init-services,login,logd,networkd,svc,udevadm} ${userland}/bin/{qos,sh} "$out/bin/"
        cp ${userland}/applets "$out/"
      '';
    };
  };
in
programs // (if builtins.pathExists ./system.nix then import ./system.nix { inherit cargo; inherit (programs) userland; } else { })
