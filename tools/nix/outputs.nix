# SPDX-License-Identifier: MIT OR Apache-2.0
#
# The flake's outputs for the tree that this file is in: this repository, or the tree of a system in a repository of its own (system.nix).
let
  system = "x86_64-linux";
  qos = import ./. { inherit system; };
  app = description: program: { type = "app"; program = "${program}"; meta = { inherit description; }; };
in
rec {
  packages.${system} = {
    inherit (qos) kernel modules headers userland tools disk-tools sbom-tools dev-tools initramfs image qemu boot-log sbom crates shell qemu-sysroot
      resolved-config linux linux-source rust-sysroot debug-info kernel-doc kept-objects irreproducible man debian-boot;
    inherit (qos) userland-minimal;
    default = qos.image;
  } // qos.variants // qos.images // qos.disks // qos.check-trees // qos.large-checks;

  apps.${system} = rec {
    qemu = app "Boots the default image in QEMU" "${qos.qemu}/bin/qos-qemu";
    bootdiff = app "Compares two boots" "${qos.bootdiff}/bin/qos-bootdiff";
    inspect = app "Prints what an image, a kernel or an initramfs contains" "${qos.dev-tools}/bin/qos-inspect";
    shell = app "A shell in the pinned toolchain" "${qos.shell}/bin/qos-shell";
    xtask = app "cargo xtask, also in a system's own repository" (toString ./xtask.sh);
    default = qemu;
  } // builtins.mapAttrs (name: app "Boots the image of ${name} in QEMU") qos.runners;

  checks.${system} = qos.checks;

  formatter.${system} = qos.formatter;

  devShells.${system}.default = qos.develop;

  lib = {
    # What the other outputs are made of, for a look with `nix eval` and for other expressions.
    inherit (qos) run sysroot versions loop-programs;
    # A system in a repository of its own: tools/new/system/README.md.
    mkSystem = import ./system.nix { inherit system; inherit (qos) run crates dev-tools; apps = apps.${system}; };
  };

  # `nix flake init -t`, `cargo xtask new system`.
  templates.default = {
    path = ../new/system;
    description = "A system of your own, with qos as its one input";
  };
}
