#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# Makes members of arrays in the current directory: md-0.90, md-1.0, md-1.1, and md-1.2 by mdadm, lvm2 and lvm2-vg by LVM. Both programs
# need the kernel's drivers and block devices, and so run in a guest.
#
# Needs mdadm, lvm2, a static busybox, qemu-system-x86_64 and xz; no root. KERNEL is a kernel of Debian (vmlinuz), and
# MODULES is the directory of its modules (/lib/modules/RELEASE). The UUIDs of the members, and of the volume group, are random.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PATH="$PATH:/usr/sbin:/sbin"
root=$work/root
mkdir -p "$root/bin" "$root/etc/lvm" "$root/modules" "$root/lib"
ln -s lib "$root/lib64"
cp "$(command -v busybox)" "$root/bin/busybox"
for program in mdadm lvm; do
	path=$(command -v $program)
	cp -L "$path" "$root/bin/$program"
	for library in $(ldd "$path" | grep -o '/[^ ]*'); do
		cp -L "$library" "$root/lib/"
	done
done
for module in block/virtio_blk md/dm-mod md/md-mod md/raid1; do
	xz -dc "$MODULES/kernel/drivers/$module.ko.xz" >"$root/modules/${module#*/}.ko"
done
cat >"$root/etc/lvm/lvm.conf" <<'EOF'
activation { udev_sync = 0 udev_rules = 0 }
devices { obtain_device_list_from_udev = 0 }
EOF
cat >"$root/init" <<'EOF'
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin LD_LIBRARY_PATH=/lib MDADM_NO_UDEV=1
end() { sync; poweroff -f; }
trap end EXIT
set -eux
# udev is not there to make the devices' nodes: MDADM_NO_UDEV, lvm.conf.
mkdir -p /proc /sys /dev /run /tmp
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
mkdir -p /run/mdadm /run/lvm /run/lock/lvm
for module in virtio_blk dm-mod md-mod raid1; do insmod /modules/$module.ko; done
md() {
	mdadm --create /dev/md$1 --run --assume-clean --metadata=$2 --level=1 --raid-devices=2 \
		--uuid=01020304:05060708:090a0b0c:0d0e0f10 $3 $4 $5 $6
	mdadm --stop /dev/md$1
	mdadm --examine $5
}
md 0 0.90 '' '' /dev/vda /dev/vdb
md 1 1.0 --homehost=host --name=0 /dev/vdc /dev/vdd
md 2 1.1 --homehost=host --name=one /dev/vde /dev/vdf
md 3 1.2 --homehost=host --name=two /dev/vdg /dev/vdh
lvm pvcreate -ff -y --uuid abcdef-GHIJ-KLmn-opQR-STuv-wxYZ-012345 --norestorefile /dev/vdi
lvm pvcreate -ff -y --uuid fedcba-GHIJ-KLmn-opQR-STuv-wxYZ-543210 --norestorefile /dev/vdj
lvm vgcreate group /dev/vdj
lvm pvs -o +uuid
echo 'arrays: made'
EOF
chmod 755 "$root/init"
(cd "$root" && find . | busybox cpio -o -H newc 2>/dev/null) >"$work/initramfs"

set --
# As /dev/vda, /dev/vdb and so on. The second member of each array is dropped.
for name in md-0.90 second md-1.0 second md-1.1 second md-1.2 second lvm2 lvm2-vg; do
	[ $name != second ] || name=$work/second$#
	rm -f "$name"
	truncate -s 8M "$name"
	set -- "$@" -drive "file=$name,format=raw,if=virtio"
done
qemu-system-x86_64 -nodefaults -no-user-config -no-reboot -display none -serial stdio -m 512 -cpu max \
	-rtc base=2023-11-14T22:13:20 -kernel "$KERNEL" -initrd "$work/initramfs" -append 'console=ttyS0 panic=-1' "$@" \
	</dev/null >"$work/console" 2>&1 || true
if ! tr -d '\r' <"$work/console" | grep -qx 'arrays: made'; then
	cat "$work/console" >&2
	exit 1
fi
