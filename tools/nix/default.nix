# SPDX-License-Identifier: MIT OR Apache-2.0
#
# The whole of qos as one attribute set. Each part is defined beside its source and gets its inputs here.
{ system }:
let
  toolchain = import ./toolchain.nix { inherit system; };
  sources = import ./sources.nix;
  table = import ./table.nix;
  sysroot = toolchain.trees.build;
  run = import ./run.nix { inherit system sysroot; };
  crates = import ./crates.nix { inherit system run; };
  cargo = import ./cargo.nix { inherit run sources crates; };

  inherit (import ../. { inherit cargo; }) tools disk-tools sbom-tools man-tools dev-tools;
  programs = import ../../packages { inherit cargo; };
  linux = import ../../kernel {
    inherit run sources table tools sysroot;
    inherit (toolchain) trees versions;
  };
  inherit (import ../../rootfs {
    inherit run sources table tools disk-tools sbom-tools programs linux;
    inherit (toolchain) versions;
    qemuSysroot = toolchain.trees.qemu;
    diskSysroot = toolchain.trees.disk;
    inherit (toolchain) trees;
  }) images disks debian-boot;
  allChecks = ofVariants "kernel-config" "config-check" // import ./checks.nix {
    inherit run sources table linux images disks debian-boot dev-tools;
    crates = crates.all.folder;
    qemuSysroot = toolchain.trees.qemu;
    inherit (toolchain) trees;
  } // {
    # The loop evaluates its list of programs only when somebody starts it.
    loop-programs = run {
      name = "check-loop-programs";
      env.programs = builtins.toJSON loop-programs;
      script = ''mkdir "$out"'';
    };
  };
  shell = import ./shell.nix {
    inherit system run sysroot;
    crates = crates.all.folder;
  };

  # { kernel-NAME = …; } for each variant of the kernel, for the public attributes of a variant.
  ofVariants = prefix: attribute:
    builtins.listToAttrs (builtins.attrValues (builtins.mapAttrs
      (name: variant: { name = "${prefix}-${name}"; value = variant.${attribute}; })
      linux.variants));

  # The attributes of each LTS kernel: { kernel-NAME = …; … }.
  lts = builtins.foldl' (all: name: all // ofLts name linux.lts.${name}) { } ltsNames;
  ltsNames = builtins.attrNames linux.lts;
  ofLts = name: kernel: {
    "kernel-${name}" = kernel.kernel;
    "linux-${name}" = kernel.built;
    "linux-source-${name}" = kernel.source;
    "modules-${name}" = kernel.modules;
    "modules-lint-${name}" = kernel.modules-lint;
    "resolved-config-${name}" = kernel.resolved-config;
    "kernel-config-${name}" = kernel.config-check;
  };

  # The guest's programs as `cargo xtask dev` builds them (dev.sh), by their names in qos.toml: a line for each call of cargo.
  loop-programs = builtins.mapAttrs
    (_: result: builtins.concatStringsSep "\n"
      (map (build: "${build.guest} ${build.selection} ${build.flags}") result.builds))
    programs;

  # Checks that need a separate kernel, which takes minutes to compile, or a tree that is downloaded on demand: they are built by
  # their names only.
  large = map (check: check.derivation) (builtins.filter (check: check ? kernel || check ? image || check ? tree || builtins.elem "disks" check.needs) table.checks);
in
{
  inherit run sysroot tools disk-tools sbom-tools dev-tools debian-boot loop-programs;
  checks = removeAttrs allChecks large;
  # { qemu-NAME = the program; … } of every image but the default.
  runners = builtins.listToAttrs (map (name: { name = "qemu-${name}"; value = "${images.${name}.qemu}/bin/qos-qemu"; })
    (builtins.attrNames (removeAttrs images [ "default" ]))
    ++ map (name: { name = "qemu-${name}"; value = "${disks.${name}.qemu}/bin/qos-qemu"; }) (builtins.attrNames disks));
  large-checks = builtins.listToAttrs (map (name: { name = "check-${name}"; value = allChecks.${name}; }) large);
  inherit (programs) userland;
  userland-minimal = programs.minimal;
  rust-sysroot = import ./rust-sysroot.nix { inherit run sysroot; };
  crates = crates.all.folder;
  inherit (toolchain) versions trees;
  inherit (linux) kernel modules headers resolved-config;
  # The compiled kernel without the check of its configuration, for --rebuild.
  linux = linux.built;
  linux-source = linux.source;
  variants = ofVariants "kernel" "kernel" // ofVariants "linux" "built" // ofVariants "linux-source" "source" // ofVariants "modules" "modules"
    // ofVariants "modules-lint" "modules-lint"
    // ofVariants "resolved-config" "resolved-config" // lts;
  # Of the variant whose only difference from the image's kernel is the debug information.
  inherit (linux.variants.symbols) debug-info;
  inherit (linux) kernel-doc kept-objects;
  bootdiff = import ./bootdiff.nix { inherit run; };
  # Pages of the manual, one for each program of ours.
  man = run {
    name = "qos-man";
    script = ''
      mkdir -p "$out/share/man"
      ${man-tools}/bin/qos-man "$out/share/man"
    '';
  };
  irreproducible = import ./irreproducible.nix { inherit run; };
  inherit (images.default) initramfs image qemu boot-log sbom;
  # { image-NAME = …; qemu-NAME = …; … } of every other image.
  images = builtins.listToAttrs (builtins.concatMap
    (name: map (part: { name = "${part}-${name}"; value = images.${name}.${part}; }) (builtins.attrNames images.${name}))
    (builtins.attrNames (removeAttrs images [ "default" ])));
  # { NAME = the disk; qemu-NAME = …; initramfs-NAME = …; boot-log-NAME = …; } of every disk; the latter two if it has them.
  disks = builtins.listToAttrs (builtins.concatMap
    (name: [{ inherit name; value = disks.${name}.image; }]
      ++ map (part: { name = "${part}-${name}"; value = disks.${name}.${part}; }) (builtins.attrNames (removeAttrs disks.${name} [ "image" ])))
    (builtins.attrNames disks));
  inherit (shell) shell formatter develop;
  qemu-sysroot = toolchain.trees.qemu;
  # The trees that checks need: { tree-msrv = …; … }
  check-trees = builtins.listToAttrs (map (check: { name = "tree-${check.tree}"; value = toolchain.trees.${check.tree}; })
    (builtins.filter (check: check ? tree) table.checks));
}
