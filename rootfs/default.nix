# SPDX-License-Identifier: MIT OR Apache-2.0
#
# Assembles the kernel, the modules and the guest's programs: initramfs, image, the program that boots it, the log of its golden
# boot, and its bills of materials.
{ run, sources, table, tools, disk-tools, sbom-tools, programs, linux, qemuSysroot, diskSysroot, trees, versions }:
let
  part = except: sources.part {
    name = "qos-rootfs";
    folders = [ "rootfs" ];
    except = [ ".*\\.nix" ] ++ except;
  };

  # The modules that a manifest requests, including those of the manifests that it inherits.
  asked = file:
    let manifest = builtins.fromTOML (builtins.readFile (./. + "/${file}")); in
    builtins.concatMap asked (manifest."inherit" or [ ]) ++ builtins.attrNames (manifest.modules or { });
  # `result`, if every module supports the kernel.
  checked = manifest: leftOut: result:
    let refused = builtins.filter (name: leftOut ? ${name}) (asked manifest); in
    if refused == [ ] then result
    else throw "rootfs/${manifest} asks for the module ${builtins.head refused}, but ${leftOut.${builtins.head refused}}";

  # The kernel of an image, with the modules that were built for it.
  kernelOf = image:
    if image.kernel == "default" then linux
    else linux.lts.${image.kernel} or linux.variants.${image.kernel};

  debian = "rootfs/debian(/.*)?";
  # The manifests of disks, with Debian's files, and of images on other kernels: a change of one rebuilds no other image.
  onOther = builtins.filter (name: table.images.${name}.kernel != "default") (builtins.attrNames table.images);
  ofDisks = [ debian "rootfs/disks(/.*)?" "rootfs/disk-[^/]*" ];
  withoutOthers = own: part (ofDisks ++ map (name: "rootfs/${name}\\.toml") (builtins.filter (name: name != own) onOther));

  # The initramfs of a manifest, with the programs and the kernel that it is for. `drivers`: also the modules of the kernel's own tree.
  packed = { suffix, manifest, userland, on, rootfs, drivers ? false }: run {
    name = "qos-initramfs${suffix}";
    script = ''
      mkdir "$out"
      ${tools}/bin/qos-initramfs build --manifest ${rootfs}/rootfs/${manifest} --programs ${userland} \
        --modules ${on.modules}/lib --kernel-modules "${on.kernel}/lib/modules/$(cat ${on.kernel}/kernel.release)" \
        ${if drivers then "--drivers ${on.kernel}/lib/modules " else ""}\
        --kernel-release "$(cat ${on.kernel}/kernel.release)" --out "$out/initramfs.cpio.zst" \
        --listing "$out/listing"
    '' + (if drivers then "" else ''
      # The archive of golden boots, and for inspection without a decompressor.
      zstd -q -d "$out/initramfs.cpio.zst" -o "$out/initramfs.cpio"
    '');
  };

  # The log of a golden boot that runs `script`, a file of `rootfs`.
  goldenBoot = { name, qemu, rootfs, script }: run {
    name = "qos-boot-log${suffixOf name}";
    script = ''
      mkdir "$out"
      ${qemu}/bin/qos-qemu --golden --script ${rootfs}/rootfs/${script} --timeout 300 \
        --log "$out/boot.log" </dev/null
      # The same with two lines for each initcall. The console shows none of them before the end: a thread of the kernel prints
      # them, and each initcall that it interrupts would be charged with that. For the same reason the initramfs is unpacked in
      # its turn.
      echo dmesg >dmesg.sh
      ${qemu}/bin/qos-qemu --golden --script dmesg.sh --timeout 300 \
        --append 'initcall_debug loglevel=0 initramfs_async=0' --log "$out/initcalls.log" </dev/null
    '';
  };

  # The versions of what images and disks are made and booted with, for manifest.json. `more` are further ones by name.
  versionsOf = more:
    let
      all = {
        rustc = versions.build.rustc-web;
        gcc = versions.build.gcc-14;
        bindgen = versions.build.bindgen;
        qemu = versions.qemu.qemu-system-x86;
      } // more;
    in
    builtins.concatStringsSep " " (map (name: "--version ${name}=${all.${name}}") (builtins.attrNames all));
  suffixOf = name: if name == "default" then "" else "-${name}";

  # An image by its entry in qos.toml: `script` (what the golden boot runs) is a file of this directory.
  image = name: entry:
    let
      suffix = suffixOf name;
      manifest = "${name}.toml";
      inherit (entry) script;
      userland = programs.${entry.programs} or (throw "qos.toml: images: ${name}: packages/default.nix has no programs ${entry.programs}");
      on = kernelOf entry;
      inherit (on) kernel;
      rootfs = withoutOthers name;
    in
    builtins.mapAttrs (_: checked manifest on.leftOut) (rec {
      initramfs = packed { inherit suffix manifest userland on rootfs; };

      image = run {
        name = "qos-image${suffix}";
        script = ''
          mkdir "$out"
          cp ${kernel}/bzImage ${kernel}/config ${kernel}/System.map ${kernel}/Module.symvers "$out/"
          cp ${initramfs}/initramfs.cpio.zst "$out/"
          ${tools}/bin/qos-image --manifest ${rootfs}/rootfs/${manifest} --image "$out" \
            --kernel-release "$(cat ${kernel}/kernel.release)" ${versionsOf { }}
        '';
      };

      # The program for the host: qos-vm with this image, this firmware and this QEMU as its defaults.
      qemu = run {
        name = "qos-qemu${suffix}";
        script = ''
          mkdir -p "$out/bin"
          printf '%s\n' '#!/bin/sh' \
            'exec ${tools}/bin/qos-vm run --image ${image} --vmlinux ${kernel}/vmlinux \' \
            '  --cpio ${initramfs}/initramfs.cpio --qemu-root ${qemuSysroot} ${if entry.login or false then "--login " else ""}"$@"' \
            >"$out/bin/qos-qemu"
          chmod 755 "$out/bin/qos-qemu"
        '';
      };

      boot-log = goldenBoot { inherit name qemu rootfs script; };

      sbom = import ./sbom.nix {
        inherit run sources table sbom-tools trees suffix image userland;
        inherit (entry) kernel;
        manifest = "${rootfs}/rootfs/${manifest}";
      };
    });
  # The manifests of the disks, of their roots and of their initramfs images.
  diskManifests = part (map (name: "rootfs/${name}\\.toml") onOther);
in
{
  images = builtins.mapAttrs image table.images;
  debian-boot = import ./debian-boot.nix {
    inherit run tools;
    inherit (programs) userland;
    rootfs = diskManifests;
    tree = trees.debian-boot;
  };
  disks = import ./disks.nix {
    inherit run table tools disk-tools programs kernelOf goldenBoot trees diskSysroot qemuSysroot versionsOf;
    # Of the programs that make file systems and containers.
    diskVersions = builtins.intersectAttrs
      { e2fsprogs = null; btrfs-progs = null; erofs-utils = null; squashfs-tools = null; cryptsetup-bin = null; systemd-boot-efi = null; }
      versions.disk;
    rootfs = diskManifests;
    initramfsOf = { name, on, userland, manifest }:
      packed {
        suffix = "-${name}";
        inherit manifest userland on;
        rootfs = part [ debian ];
        drivers = true;
      };
  };
}
