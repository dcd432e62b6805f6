# SPDX-License-Identifier: MIT OR Apache-2.0
#
# What is assembled from the kernel, the modules and the userland: initramfs, image, the program that boots it, and the
# log of its golden boot.
{ run, sources, tools, userland, kernel, modules, qemuSysroot, versions }:
let
  manifests = sources.part {
    name = "qos-rootfs";
    folders = [ "rootfs" ];
    except = [ ".*\\.nix" ];
  };
  manifest = "${manifests}/rootfs/default.toml";
in
rec {
  initramfs = run {
    name = "qos-initramfs";
    script = ''
      mkdir "$out"
      ${tools}/bin/qos-initramfs build --manifest ${manifest} --programs ${userland} \
        --modules ${modules}/lib \
        --kernel-release "$(cat ${kernel}/kernel.release)" --out "$out/initramfs.cpio.zst"
      # What golden boots unpack, and who wants to look inside without a decompressor.
      zstd -q -d "$out/initramfs.cpio.zst" -o "$out/initramfs.cpio"
      ${tools}/bin/qos-initramfs list --hash "$out/initramfs.cpio.zst" >"$out/listing"
    '';
  };

  image = run {
    name = "qos-image";
    script = ''
      mkdir "$out"
      cp ${kernel}/bzImage ${kernel}/config ${kernel}/System.map ${kernel}/Module.symvers "$out/"
      cp ${initramfs}/initramfs.cpio.zst "$out/"
      ${tools}/bin/qos-image --manifest ${manifest} --image "$out" \
        --kernel-release "$(cat ${kernel}/kernel.release)" \
        --version rustc=${versions.build.rustc} --version clang=${versions.build.clang-19} \
        --version bindgen=${versions.build.bindgen} --version qemu=${versions.qemu.qemu-system-x86}
    '';
  };

  # What the host runs: qos-vm with this image, this firmware and this QEMU as its defaults.
  qemu = run {
    name = "qos-qemu";
    script = ''
      mkdir -p "$out/bin"
      printf '%s\n' '#!/bin/sh' \
        'exec ${tools}/bin/qos-vm run --image ${image} --vmlinux ${kernel}/vmlinux \' \
        '  --cpio ${initramfs}/initramfs.cpio --qemu-root ${qemuSysroot} "$@"' \
        >"$out/bin/qos-qemu"
      chmod 755 "$out/bin/qos-qemu"
    '';
  };

  boot-log = run {
    name = "qos-boot-log";
    script = ''
      mkdir "$out"
      ${qemu}/bin/qos-qemu --golden --script ${manifests}/rootfs/golden.sh --timeout 300 \
        --log "$out/boot.log" --report "$out/report.json" </dev/null
      # The same with a line for each initcall, which costs instructions itself; the initramfs is unpacked in its turn, or
      # it would be charged to whichever initcalls it interrupts.
      ${qemu}/bin/qos-qemu --golden --script ${manifests}/rootfs/golden.sh --timeout 300 \
        --append 'initcall_debug ignore_loglevel initramfs_async=0' --log "$out/initcalls.log" </dev/null
    '';
  };
}
