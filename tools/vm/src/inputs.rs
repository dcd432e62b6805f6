// SPDX-License-Identifier: MIT OR Apache-2.0
//! Checks the files of the user before QEMU starts: with an invalid file, QEMU would start a guest that does nothing.

use crate::cmdline;
use crate::error::{Error, Result};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Checks that `path` is a kernel which QEMU can load.
///
/// # Errors
/// When it cannot be read, or is something else.
pub fn check_kernel(path: &Path) -> Result<()> {
    let start = read_start(path, "kernel")?;
    kernel_kind(&start)
        .map_err(|what| Error::new(format!("{} is not a kernel for this machine: {what}", path.display())))
}

/// Checks that `path` starts like a segment of an initramfs.
///
/// # Errors
/// When it cannot be read, or is something else.
pub fn check_initramfs(path: &Path) -> Result<()> {
    let start = read_start(path, "initramfs")?;
    initramfs_kind(&start)
        .map_err(|what| Error::new(format!("{} is not an initramfs: {what}", path.display())))
}

fn read_start(path: &Path, what: &str) -> Result<Vec<u8>> {
    let failed = |error| Error::file(&format!("cannot read the {what}"), path, &error);
    let file = File::open(path).map_err(failed)?;
    if file.metadata().map_err(failed)?.is_dir() {
        return Err(Error::new(format!("cannot read the {what} {}: it is a directory", path.display())));
    }
    let mut start = Vec::new();
    file.take(4096).read_to_end(&mut start).map_err(failed)?;
    Ok(start)
}

/// Whether `path` is a bzImage.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn is_bzimage(path: &Path) -> Result<bool> {
    Ok(has_boot_header(&read_start(path, "kernel")?))
}

/// The Linux/x86 boot protocol (Documentation/arch/x86/boot.rst) has `HdrS` at 0x202.
fn has_boot_header(start: &[u8]) -> bool {
    start.get(0x202..0x206) == Some(b"HdrS")
}

/// The maximum length in bytes of the command line of the kernel `path`, if the file has it (boot.rst, `cmdline_size`).
///
/// # Errors
/// When it cannot be read.
pub(crate) fn cmdline_size(path: &Path) -> Result<usize> {
    Ok(header_cmdline_size(&read_start(path, "kernel")?).unwrap_or(cmdline::SIZE))
}

/// The field is there since protocol version 2.06.
pub(crate) fn header_cmdline_size(start: &[u8]) -> Option<usize> {
    if !has_boot_header(start) || u16::from_le_bytes(start.get(0x206..0x208)?.try_into().ok()?) < 0x206 {
        return None;
    }
    usize::try_from(u32::from_le_bytes(start.get(0x238..0x23c)?.try_into().ok()?)).ok()
}

/// What is wrong with a file that starts like this, as a kernel.
pub(crate) fn kernel_kind(start: &[u8]) -> std::result::Result<(), &'static str> {
    if start.is_empty() {
        return Err("it is empty");
    }
    if has_boot_header(start) {
        return Ok(());
    }
    if start.starts_with(b"\x7fELF") {
        let machine = start.get(18..20);
        return match (start.get(4), machine) {
            (Some(2), Some([0x3e, 0])) => Ok(()),
            _ => Err("an ELF file, but not for x86-64"),
        };
    }
    if start.get(56..60) == Some(b"ARM\x64") {
        return Err("an Image for arm64");
    }
    if start.starts_with(b"\x1f\x8b") {
        return Err("compressed with gzip; give the bzImage, or the vmlinux");
    }
    if is_cpio(start) {
        return Err("a cpio archive; that is for --initramfs");
    }
    Err("neither a bzImage (no \"HdrS\" at offset 0x202) nor an ELF vmlinux")
}

/// What is wrong with a file that starts like this, as an initramfs. The kernel takes newc archives, plain or
/// compressed (Documentation/driver-api/early-userspace/buffer-format.rst, lib/decompress.c).
pub(crate) fn initramfs_kind(start: &[u8]) -> std::result::Result<(), &'static str> {
    const COMPRESSED: [&[u8]; 7] = [
        b"\x1f\x8b",
        b"\x28\xb5\x2f\xfd",
        b"\xfd7zXZ\0",
        b"\x02\x21\x4c\x18",
        b"BZh",
        b"\x5d\x00\x00",
        b"\x89LZO",
    ];
    if start.is_empty() {
        return Err("it is empty");
    }
    if is_cpio(start) || COMPRESSED.iter().any(|magic| start.starts_with(magic)) {
        return Ok(());
    }
    if start.starts_with(b"\x04\x22\x4d\x18") {
        return Err("an lz4 frame; the kernel wants lz4's legacy format (lz4 -l)");
    }
    if start.starts_with(b"070707") || start.starts_with(b"\xc7\x71") {
        return Err("a cpio archive of the old format; the kernel wants newc (cpio -H newc)");
    }
    if has_boot_header(start) {
        return Err("a kernel; that is for --kernel");
    }
    Err("neither a cpio archive (newc) nor compressed with gzip, zstd, xz, lz4 -l, bzip2, lzma or lzo")
}

fn is_cpio(start: &[u8]) -> bool {
    start.starts_with(b"070701") || start.starts_with(b"070702")
}

/// Writes the segments one after another, each at an offset that is a multiple of 4: only there does the kernel look
/// for the next one.
///
/// # Errors
/// When a file cannot be read or the target cannot be written.
pub fn concatenate(segments: &[PathBuf], target: &mut impl Write) -> io::Result<()> {
    for segment in segments {
        let size = io::copy(&mut File::open(segment)?, target)?;
        let padding = (4 - size % 4) % 4;
        io::copy(&mut io::repeat(0).take(padding), target)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bzimage() -> Vec<u8> {
        let mut start = vec![0; 0x210];
        start[0x202..0x206].copy_from_slice(b"HdrS");
        start
    }

    fn elf(machine: u8) -> Vec<u8> {
        let mut start = b"\x7fELF\x02".to_vec();
        start.resize(64, 0);
        start[18] = machine;
        start
    }

    #[test]
    fn kernels_are_told_from_the_rest() {
        let check = |start: &[u8], expect: &str| {
            let got = kernel_kind(start).err().unwrap_or("");
            assert!(if expect.is_empty() { got.is_empty() } else { got.contains(expect) }, "{got}");
        };
        check(&bzimage(), "");
        check(&elf(0x3e), "");
        check(&elf(0xb7), "not for x86-64");
        check(b"", "empty");
        check(b"hello", "neither");
        check(b"\x1f\x8b\x08", "gzip");
        check(b"070701", "--initramfs");
    }

    #[test]
    fn a_bzimage_says_how_long_its_command_line_may_be() {
        let mut start = bzimage();
        start.resize(0x240, 0);
        start[0x238..0x23c].copy_from_slice(&4095_u32.to_le_bytes());
        assert_eq!(header_cmdline_size(&start), None, "an old protocol");
        start[0x206..0x208].copy_from_slice(&0x20f_u16.to_le_bytes());
        assert_eq!(header_cmdline_size(&start), Some(4095));
        assert_eq!(header_cmdline_size(&elf(0x3e)), None);
    }

    #[test]
    fn initramfs_is_told_from_the_rest() {
        let check = |start: &[u8], expect: &str| {
            let got = initramfs_kind(start).err().unwrap_or("");
            assert!(if expect.is_empty() { got.is_empty() } else { got.contains(expect) }, "{got}");
        };
        check(b"070701", "");
        check(b"\x28\xb5\x2f\xfd\x04", "");
        check(b"\x1f\x8b\x08", "");
        check(b"", "empty");
        check(b"070707", "newc");
        check(b"\x04\x22\x4d\x18", "legacy");
        check(&bzimage(), "--kernel");
        check(b"#!/bin/sh", "neither");
    }

    #[test]
    fn segments_are_aligned() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let (first, second) = (folder.path().join("a"), folder.path().join("b"));
        std::fs::write(&first, b"abcde")?;
        std::fs::write(&second, b"fghi")?;
        let mut target = Vec::new();
        concatenate(&[first, second], &mut target)?;
        assert_eq!(target, b"abcde\0\0\0fghi");
        Ok(())
    }
}
