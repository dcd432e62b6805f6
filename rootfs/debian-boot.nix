# SPDX-License-Identifier: MIT OR Apache-2.0
#
# Debian's kernel, with three initramfs images for the root of the disk `disk`: those that Debian's own programs make, and ours for any
# disk. Debian's programs run in a chroot, in a root directory from the packages of the toolchain's tree `debian-boot`.
{ run, tools, userland, rootfs, tree }:
run {
  name = "qos-debian-boot";
  script = ''
    mkdir "$out"
    cp -r --preserve=timestamps ${tree} root
    chmod -R u+w root
    # The files that maintainer scripts would write; the same as those of the disks with Debian's root.
    cp -r ${rootfs}/rootfs/debian/etc/. root/etc/
    chmod -R u+w root/etc
    release=$(ls root/usr/lib/modules)
    for folder in dev proc sys; do
      [ ! -d "/$folder" ] || mount --rbind "/$folder" "root/$folder"
    done
    # By default dracut adds what this host needs, and initramfs-tools what any host may need. No image may depend on this host.
    SOURCE_DATE_EPOCH=0 chroot root /usr/bin/bash -euc '
      # As the maintainer script of libc-bin: dracut finds the libraries that systemd opens at run time, libkmod above all, by the cache.
      ldconfig
      depmod "$1"
      mkinitramfs -o /initrd-initramfs-tools "$1"
      dracut --kver "$1" --no-hostonly --reproducible --force /initrd-dracut
    ' chroot "$release"
    ${tools}/bin/qos-initramfs build --manifest ${rootfs}/rootfs/disk-initramfs-generic.toml --programs ${userland} \
      --drivers root/usr/lib/modules --kernel-release "$release" --out "$out/initrd-qos"
    cp "root/boot/vmlinuz-$release" "$out/vmlinuz"
    cp root/initrd-* "$out/"
    echo "$release" >"$out/kernel.release"
  '';
}
