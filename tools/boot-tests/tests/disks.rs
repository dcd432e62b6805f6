// SPDX-License-Identifier: MIT OR Apache-2.0
//! Disks of the guest, backed by files of the host.

use qos_boot_tests::{DiskImage, boot};

#[test]
fn what_is_written_is_in_the_file() {
    let disk = DiskImage::new(1, b"");
    boot().disk(&disk).stdin("echo 'from the guest' >/dev/vda\n").run().expect_status(0);
    let bytes = disk.bytes();
    assert!(bytes.starts_with(b"from the guest\n"), "{:?}", bytes.get(..32));
    assert_eq!(bytes.len(), 1 << 20);
}

#[test]
fn disks_are_there_in_their_order() {
    let (first, second) = (DiskImage::new(1, b"first"), DiskImage::new(2, b"second"));
    let script = "head -c 5 /dev/vda; head -c 6 /dev/vdb; cat /sys/block/vda/size /sys/block/vdb/size\n";
    let ended = boot().disk(&first).read_only_disk(&second).stdin(script).run();
    ended.expect_status(0).stdout_is("firstsecond2048\n4096\n");
}

#[test]
fn what_is_only_read_is_not_written() {
    let disk = DiskImage::new(1, b"before");
    let ended = boot().read_only_disk(&disk).stdin("cat /sys/block/vda/ro; echo after >/dev/vda\n").run();
    ended.expect_status(1).stdout_is("1\n");
    assert!(disk.bytes().starts_with(b"before"));
}
