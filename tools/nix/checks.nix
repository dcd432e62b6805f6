# SPDX-License-Identifier: MIT OR Apache-2.0
#
# `nix flake check`: what `cargo xtask test` checks, by the same script, in the sandbox.
{ run, sources, crates, linux, images, qemuSysroot, msrv }:
let
  workspace = sources.part {
    name = "qos-workspace";
    # Of kernel/: what the tests of modules gave, with which tests compare. One reads rootfs/default.nix.
    folders = [ "tools" "packages" "rootfs" "kernel/modules" ];
    # Tests compare the documents with the code.
    files = [ "Cargo.toml" "Cargo.lock" "rustfmt.toml" "packages/README.md" "tools/results/README.md" "tools/vm/README.md" ];
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
  # Where what belongs to an image, and to a kernel, is for the tests: QOS_IMAGE and so on for the prefix QOS.
  ofImage = prefix: image: {
    "${prefix}_IMAGE" = "${image.image}";
    "${prefix}_INITRAMFS" = "${image.initramfs}";
    "${prefix}_BOOT_LOG" = "${image.boot-log}";
  };
  ofKernel = prefix: kernel: {
    "${prefix}_KERNEL" = "${kernel.kernel}";
    "${prefix}_VMLINUX" = "${kernel.kernel}/vmlinux";
    "${prefix}_MODULES" = "${kernel.modules}";
  };
  # What the tests that boot need.
  built = ofImage "QOS" images.default // ofImage "QOS_MINIMAL" images.minimal // ofKernel "QOS" linux // {
    QOS_CPIO = "${images.default.initramfs}/initramfs.cpio";
    QOS_QEMU_ROOT = "${qemuSysroot}";
  };
  # The image on a kernel with long-term support: variables QOS_LTS_6_12_… of lts-6_12.
  longTerm = name: kernel:
    let prefix = "QOS_" + builtins.replaceStrings [ "lts" "-" ] [ "LTS" "_" ] name; in
    check name {
      checks = name;
      # Nothing reads the last one: it has to be built.
      env = built // ofImage prefix images.${name} // ofKernel prefix kernel // { "${prefix}_LINT" = "${kernel.modules-lint}"; };
    };
in
builtins.mapAttrs longTerm linux.longTerm // {
  workspace = check "workspace" { checks = "fmt clippy unit"; };
  msrv = check "msrv" {
    checks = "msrv";
    env.QOS_RUST_MSRV = "${msrv}";
  };
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
