# SPDX-License-Identifier: MIT OR Apache-2.0
#
# `nix flake check`: the checks of `cargo xtask test`, with the same script, in the sandbox.
{ run, sources, table, crates, linux, images, disks, debian-boot, dev-tools, qemuSysroot, trees }:
let
  workspace = sources.part {
    name = "qos-workspace";
    # Of kernel/: the expected outputs of the modules' tests, and the files that the table refers to.
    folders = [ ".ci" ".github/workflows" "examples/ci" "tools" "packages" "rootfs" "kernel/lts" "kernel/modules" "kernel/variants" ];
    # Tests compare the documents with the code.
    files = [ "ARCHITECTURE.md" "Cargo.toml" "Cargo.lock" "qos.toml" "rustfmt.toml" "packages/README.md" "packages/service/README.md" "review.toml" "tools/boot-tests/README.md" "tools/new/REFERENCE.md" "tools/results/README.md" "tools/review/README.md" "tools/vm/README.md" "TOUR.md" ];
    except = [ "packages/.*\\.nix" "tools/(nix/)?[^/]*\\.nix" "tools/bootdiff/examples(/.*)?" "kernel/modules/.*\\.(rs|c|sh|config)" ];
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
  # Variables with the paths of an image and of a kernel, for the tests: QOS_IMAGE and so on for the prefix QOS.
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
  # Variables for the tests that boot.
  built = ofImage "QOS" images.default // ofImage "QOS_MINIMAL" images.minimal // ofImage "QOS_SERVER" images.server // ofKernel "QOS" linux // {
    QOS_CPIO = "${images.default.initramfs}/initramfs.cpio";
    QOS_QEMU_ROOT = "${qemuSysroot}";
  };
  # Variables for a check of the table.
  needs = {
    images = built;
    headers.QOS_KERNEL_HEADERS = "${linux.headers}/include";
    disks = { QOS_QEMU = "${images.default.qemu}"; QOS_DEV_TOOLS = "${dev-tools}"; };
    debian-boot.QOS_DEBIAN_BOOT = "${debian-boot}";
  };
  # The disks with the check's tree of the toolchain in their root, and if it needs disks, those without a tree: QOS_DISK_LAPTOP and
  # QOS_QEMU_DISK_LAPTOP of disk-laptop, and QOS_BOOT_LOG_DISK of a disk with a golden boot.
  ofDisks = entry:
    let
      isOf = name:
        let disk = table.disks.${name}; in
        if disk ? tree then disk.tree == entry.tree or null else builtins.elem "disks" entry.needs;
    in
    builtins.foldl'
      (env: name: env // {
        "QOS_${upper name}" = "${disks.${name}.image}";
        "QOS_QEMU_${upper name}" = "${disks.${name}.qemu}";
      } // (if disks.${name} ? boot-log then { "QOS_BOOT_LOG_${upper name}" = "${disks.${name}.boot-log}"; } else { }))
      { }
      (builtins.filter isOf (builtins.attrNames disks));
  # A tree of the toolchain: QOS_TREE_MSRV of msrv.
  ofTree = tree: { "QOS_TREE_${upper tree}" = "${trees.${tree}}"; };
  # A variant of the kernel: QOS_KERNEL_RUST_DRIVERS, QOS_MODULES_RUST_DRIVERS of rust-drivers.
  ofVariant = name: {
    "QOS_KERNEL_${upper name}" = "${linux.variants.${name}.kernel}";
    "QOS_MODULES_${upper name}" = "${linux.variants.${name}.modules}";
  };
  # An image on another kernel: its name in QOS_LTS, and QOS_LTS_KERNEL and so on for the run `lts`. The last one is not read, but it has
  # to be built.
  ofOther = { run, image, ... }:
    let
      on = table.images.${image}.kernel;
      kernel = linux.lts.${on} or linux.variants.${on};
      prefix = "QOS_${upper run}";
    in
    { ${prefix} = image; } // ofImage prefix images.${image} // ofKernel prefix kernel // { "${prefix}_LINT" = "${kernel.modules-lint}"; };
  upper = builtins.replaceStrings
    [ "a" "b" "c" "d" "e" "f" "g" "h" "i" "j" "k" "l" "m" "n" "o" "p" "q" "r" "s" "t" "u" "v" "w" "x" "y" "z" "-" ]
    [ "A" "B" "C" "D" "E" "F" "G" "H" "I" "J" "K" "L" "M" "N" "O" "P" "Q" "R" "S" "T" "U" "V" "W" "X" "Y" "Z" "_" ];
  envOf = entry: builtins.foldl' (env: need: env // needs.${need}) { } entry.needs
    // ofDisks entry
    // (if entry ? tree then ofTree entry.tree else { })
    // (if entry ? kernel then ofVariant entry.kernel else { })
    // (if entry ? image then ofOther entry else { });

  # One derivation of all checks that name it, in the order of the table.
  derivation = name:
    let entries = builtins.filter (entry: entry.derivation == name) table.checks; in
    check name {
      checks = builtins.concatStringsSep " " (map (entry: entry.run) entries);
      env = builtins.foldl' (env: entry: env // envOf entry) { } entries;
    };
in
builtins.listToAttrs (map (entry: { name = entry.derivation; value = derivation entry.derivation; }) table.checks) // {
  modules = linux.modules-lint;
  kernel-config = linux.config-check;
}
