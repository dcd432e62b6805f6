# SPDX-License-Identifier: MIT OR Apache-2.0
#
# Disks by their entries in qos.toml: a disk image, the files that boot it, and the program that boots it. The programs that make file
# systems come from a tree of the toolchain that is downloaded on demand.
{ run, table, tools, disk-tools, programs, rootfs, kernelOf, initramfsOf, goldenBoot, trees, diskSysroot, qemuSysroot, versionsOf, diskVersions }:
let
  disk = name: entry:
    let
      userland = programs.${entry.programs} or (throw "qos.toml: disks: ${name}: packages/default.nix has no programs ${entry.programs}");
      on = kernelOf entry;
      inherit (on) kernel modules;
      # Early userspace is the same whatever is in the root.
      initramfs = initramfsOf { inherit name on; inherit (programs) userland; manifest = "${entry.initramfs}.toml"; };
      withInitramfs = text: if entry ? initramfs then text else "";
    in
    (if entry ? initramfs then { inherit initramfs; } else { }) // rec {
      # disk.raw, disk.qcow2 if the manifest requests it, the files for QEMU's -kernel (bzImage, initramfs.cpio.zst, cmdline), and the
      # description: manifest.json, root.listing.
      image = run {
        name = "qos-${name}";
        script = ''
          mkdir "$out"
          cp ${kernel}/bzImage ${kernel}/config "$out/"
          ${withInitramfs "cp ${initramfs}/initramfs.cpio.zst \"$out/\""}
          ${disk-tools}/bin/qos-disk build --manifest ${rootfs}/rootfs/disks/${name}.toml --programs ${userland} \
            --modules ${modules}/lib --drivers ${kernel}/lib/modules --kernel ${kernel}/bzImage --kernel-config ${kernel}/config \
            ${if entry ? tree then "--tree ${entry.tree}=${trees.${entry.tree}}" else ""} --kernel-release "$(cat ${kernel}/kernel.release)" ${withInitramfs "--initramfs ${initramfs}/initramfs.cpio.zst"} \
            ${versionsOf diskVersions} --tools ${diskSysroot} --out "$out"
        '';
      };

      qemu = run {
        name = "qos-qemu-${name}";
        script = ''
          mkdir -p "$out/bin"
          # The runner's terminal is the serial port.
          console=
          case " $(cat ${image}/cmdline)" in *' console='*) ;; *) console='--append console=ttyS0 ' ;; esac
          printf '%s\n' '#!/bin/sh' \
            'exec ${tools}/bin/qos-vm run --image ${image} --system-disk ${image}/disk.raw \' \
            "  --vmlinux ${kernel}/vmlinux $console"'${if entry ? initramfs then "" else "--no-initramfs "}--qemu-root ${qemuSysroot} ${if entry.login or false then "--login " else ""}"$@"' \
            >"$out/bin/qos-qemu"
          chmod 755 "$out/bin/qos-qemu"
        '';
      };

      # The golden boot from the disk, which is an NVDIMM then.
      ${if entry ? script then "boot-log" else null} = goldenBoot { inherit name qemu rootfs; inherit (entry) script; };
    };
in
builtins.mapAttrs disk table.disks
