# SPDX-License-Identifier: MIT OR Apache-2.0
{
  description = "qos: a small Linux distribution whose boot is reviewed as a diff";

  # No inputs: the toolchain comes from tools/toolchain/toolchain.lock, seeded by `cargo xtask setup`.
  outputs = { self }:
    let
      system = "x86_64-linux";
      qos = import ./tools/nix { inherit system; };
      app = program: { type = "app"; program = "${program}"; };
    in
    {
      packages.${system} = {
        inherit (qos) kernel modules headers userland tools disk-tools dev-tools initramfs image qemu boot-log crates shell qemu-sysroot
          resolved-config linux linux-source rust-sysroot debug-info kernel-doc;
        inherit (qos) userland-minimal;
        default = qos.image;
      } // qos.variants // qos.images // qos.disks // qos.check-trees // qos.large-checks;

      apps.${system} = rec {
        qemu = app "${qos.qemu}/bin/qos-qemu";
        bootdiff = app "${qos.bootdiff}/bin/qos-bootdiff";
        inspect = app "${qos.dev-tools}/bin/qos-inspect";
        shell = app "${qos.shell}/bin/qos-shell";
        default = qemu;
      } // builtins.mapAttrs (_: app) qos.runners;

      checks.${system} = qos.checks;

      formatter.${system} = qos.formatter;

      # What the other outputs are made of, for a look with `nix eval` and for other expressions.
      lib = { inherit (qos) run sysroot versions; };
    };
}
