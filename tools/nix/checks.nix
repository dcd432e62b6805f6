# SPDX-License-Identifier: MIT OR Apache-2.0
#
# `nix flake check`: what `cargo xtask test` checks, by the same script, in the sandbox.
{ run, sources, crates, linux, images, qemuSysroot }:
let
  workspace = sources.part {
    name = "qos-workspace";
    # Of kernel/: what the tests of modules gave, with which tests compare. One reads rootfs/default.nix.
    folders = [ "tools" "packages" "rootfs" "kernel/modules" ];
    # Tests compare the documents with the code.
    files = [ "Cargo.toml" "Cargo.lock" "rustfmt.toml" "tools/results/README.md" "tools/vm/README.md" ];
    except = [ "(tools|packages)/.*\\.nix" "tools/bootdiff/examples(/.*)?" "kernel/modules/.*\\.(rs|c|sh|config)" ];
  };
  check = name: { checks, env ? { } }: run {
    inherit env;
    name = "check-${name}";
    binds."/crates" = crates;
    script = ''
      cp -r --no-preserve=mode ${workspace} source
      cd source
      . ${./cargo.sh}
      for check in ${checks}; do bash ${./check.sh} "$check"; done
      mkdir "$out"
    '';
  };
  # What the tests that boot need.
  built = {
    QOS_IMAGE = "${images.default.image}";
    QOS_VMLINUX = "${linux.kernel}/vmlinux";
    QOS_INITRAMFS = "${images.default.initramfs}";
    QOS_CPIO = "${images.default.initramfs}/initramfs.cpio";
    QOS_MODULES = "${linux.modules}";
    QOS_KERNEL = "${linux.kernel}";
    QOS_QEMU_ROOT = "${qemuSysroot}";
    QOS_BOOT_LOG = "${images.default.boot-log}";
    QOS_MINIMAL_IMAGE = "${images.minimal.image}";
    QOS_MINIMAL_INITRAMFS = "${images.minimal.initramfs}";
    QOS_MINIMAL_BOOT_LOG = "${images.minimal.boot-log}";
  };
  # The image on a kernel with long-term support: variables QOS_LTS_6_12_… of lts-6_12.
  longTerm = name: kernel:
    let
      prefix = "QOS_" + builtins.replaceStrings [ "lts" "-" ] [ "LTS" "_" ] name;
      parts = {
        IMAGE = "${images.${name}.image}";
        INITRAMFS = "${images.${name}.initramfs}";
        BOOT_LOG = "${images.${name}.boot-log}";
        KERNEL = "${kernel.kernel}";
        VMLINUX = "${kernel.kernel}/vmlinux";
        MODULES = "${kernel.modules}";
        # Nothing reads it: it has to be built.
        LINT = "${kernel.modules-lint}";
      };
      variables = map (part: { name = "${prefix}_${part}"; value = parts.${part}; }) (builtins.attrNames parts);
    in
    check name {
      checks = name;
      env = built // builtins.listToAttrs variables;
    };
in
builtins.mapAttrs longTerm linux.longTerm // {
  workspace = check "workspace" { checks = "fmt clippy unit"; };
  bindings = check "bindings" {
    checks = "bindings";
    env.QOS_KERNEL_HEADERS = "${linux.headers}/include";
  };
  boots = check "boots" {
    checks = "boots";
    env = built;
  };
  matrix = check "matrix" {
    checks = "matrix";
    env = built;
  };
  in-tree = check "in-tree" {
    checks = "in-tree";
    env = built // {
      QOS_KERNEL_RUST_DRIVERS = "${linux.variants.rust-drivers.kernel}";
      QOS_MODULES_RUST_DRIVERS = "${linux.variants.rust-drivers.modules}";
    };
  };
  modules = linux.modules-lint;
  kernel-config = linux.config-check;
}
