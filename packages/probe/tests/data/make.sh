#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# Makes images.zst: images by each mkfs program, and what util-linux' blkid says of them.
#
# Needs blkid and sfdisk of util-linux, e2fsprogs, btrfs-progs, xfsprogs, f2fs-tools, erofs-utils, squashfs-tools,
# dosfstools, exfatprogs, ntfs-3g, xorriso, genisoimage, cryptsetup, python3, and zstd; no root. UUIDs that a program does not
# let choose are random: the data differ each time. BLKID names another blkid to ask. arrays.sh needs more.
#
# `make.sh arrays` makes only the members of arrays again, and those images that are made of them; the others stay.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export LC_ALL=C.UTF-8 PATH="$PATH:/usr/sbin:/sbin" SOURCE_DATE_EPOCH=1700000000
uuid=11111111-2222-4333-8444-555566667777
mkdir tree images
echo text >tree/file
cd images
new() { truncate -s "$2" "$1"; }

by_programs() {
	new ext2 2M; mke2fs -q -t ext2 -U $uuid -L 'ext two' ext2
	new ext3 8M; mke2fs -q -t ext3 -U $uuid -L ext3-label ext3
	new ext4 8M; mke2fs -q -t ext4 -U $uuid -L 'größe "q"' ext4
	new ext4-64bit 8M; mke2fs -q -t ext4 -O 64bit,metadata_csum,^has_journal -b 4096 -U $uuid -L "a'b\$\`c" ext4-64bit
	new ext4-nolabel 8M; mke2fs -q -t ext4 -U $uuid ext4-nolabel
	new jbd 8M; mke2fs -q -O journal_dev -b 4096 -U $uuid -L journal jbd
	new btrfs 128M; mkfs.btrfs -q -U 22222222-2222-4333-8444-555566667777 -L 'btrfs <root>' btrfs
	for sum in xxhash sha256 blake2; do new btrfs-$sum 128M; mkfs.btrfs -q --csum $sum -L $sum btrfs-$sum; done
	new xfs 320M; mkfs.xfs -q -m uuid=$uuid -L xfsroot xfs
	new xfs-v4 320M; mkfs.xfs -q -m crc=0 -L 'x y' xfs-v4
	new f2fs 64M; mkfs.f2fs -q -l 'f2fs größe 😀' f2fs >/dev/null
	mkfs.erofs -T1700000000 -U $uuid erofs ../tree >/dev/null
	mksquashfs ../tree squashfs -quiet >/dev/null
	new fat12 3M; mkfs.fat -F12 -i 1234abcd -n 'FAT 12' fat12 >/dev/null
	new fat12-floppy 1440K; mkfs.fat -F12 -i 1234abcd -n FLOPPY fat12-floppy >/dev/null
	new fat16 16M; mkfs.fat -F16 -i 1234abcd -n LABEL16 fat16 >/dev/null
	new fat32 64M; mkfs.fat -F32 -i 1234abcd -n ESP fat32 >/dev/null
	new fat32-noname 64M; mkfs.fat -F32 -i 1234abcd fat32-noname >/dev/null
	new exfat 16M; mkfs.exfat -L 'ex fat ä' exfat >/dev/null
	new ntfs 16M; mkntfs -F -q -Q -L 'Windows ü😀' ntfs >/dev/null 2>&1
	xorriso -as mkisofs -quiet -V ISO_LABEL -o iso ../tree 2>/dev/null
	genisoimage -quiet -J -V 'Joliet label' -publisher pub -A app -p prep -o iso-joliet ../tree
	new swap 1M; mkswap -q -U $uuid -L 'swap label' swap 2>/dev/null
	new swap-64k 2M; mkswap -q -p 65536 -U $uuid -L s64 swap-64k 2>/dev/null
	new luks1 4M; printf x | cryptsetup luksFormat -q --type luks1 --uuid $uuid --pbkdf-force-iterations 1000 luks1 -
	new luks2 20M
	printf x | cryptsetup luksFormat -q --type luks2 --uuid $uuid --label 'luks label' --subsystem sub --pbkdf pbkdf2 \
		--pbkdf-force-iterations 1000 luks2 -
	new data 1M; new verity 1M; veritysetup format --uuid $uuid data verity >/dev/null; rm data

	new gpt 8M
	sfdisk -q gpt <<-EOF
	label: gpt
	label-id: AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEEE
	size=1M,type=U,name="EFI System",uuid=11111111-2222-4333-8444-000000000001
	size=2M,type=L,name="root/größe €",uuid=11111111-2222-4333-8444-000000000002,attrs="RequiredPartition"
	EOF
	cp gpt gpt-backup; dd if=/dev/zero of=gpt-backup bs=512 seek=1 count=1 conv=notrunc status=none
	cp gpt gpt-broken
	for sector in 1 16383; do printf XX | dd of=gpt-broken bs=1 seek=$((sector * 512 + 60)) conv=notrunc status=none; done
	new dos 16M
	sfdisk -q dos <<-EOF
	label: dos
	label-id: 0xcafe1234
	size=1M,type=83,bootable
	size=1M,type=82
	size=5M,type=5
	size=1M
	size=2M
	size=1M
	EOF
	# Two at once: those that exclude each other, and a table that shines through.
	cp ext4 ext4+swap; dd if=swap of=ext4+swap bs=1 skip=4086 seek=4086 count=10 conv=notrunc status=none
	cp xfs ext4+xfs; dd if=ext4 of=ext4+xfs bs=1024 skip=1 seek=1 count=1 conv=notrunc status=none
}

if [ "${1-}" = arrays ]; then
	zstd -q -dc "$here/images.zst" | python3 "$here/make.py" unpack
else
	by_programs
fi
"$here/arrays.sh"
python3 "$here/make.py" members
cp lvm2 lvm2+dos; dd if=dos of=lvm2+dos bs=1 skip=440 seek=440 count=72 conv=notrunc status=none
cp md-1.0 md-1.0+dos; dd if=dos of=md-1.0+dos bs=1 skip=440 seek=440 count=72 conv=notrunc status=none
python3 "$here/make.py" pack >../packed
zstd -q -19 -f ../packed -o "$here/images.zst"
