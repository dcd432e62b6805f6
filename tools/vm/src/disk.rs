// SPDX-License-Identifier: MIT OR Apache-2.0
//! Disks: files that the guest has as `/dev/vda` and on (virtio-blk).
//!
//! Source of the options: qemu(1) of QEMU 10.0, `-blockdev`.

use crate::error::{Error, Result};
use crate::options::{Arguments, escape_commas};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// What a qcow2 image starts with (docs/interop/qcow2.rst of QEMU).
const QCOW2: &[u8] = b"QFI\xfb";

/// A disk of a guest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disk {
    /// The file. It is taken byte for byte, unless its name ends in `.qcow2`: what the guest writes into its first bytes must
    /// not be able to make another format of it, which could name any file of the host.
    pub file: PathBuf,
    /// What the guest may do with it.
    pub access: Access,
}

/// What a guest may do with a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read and write.
    ReadWrite,
    /// Only read.
    ReadOnly,
    /// Read and write; written data goes to a temporary file and is discarded at the end.
    Snapshot,
    /// Read and write; a read of this sector of 512 bytes fails (QEMU's blkdebug).
    BadSector(u64),
}

impl Disk {
    /// A disk as the command line has it: `FILE`, `FILE,ro`, or `FILE,bad=SECTOR`.
    #[must_use]
    pub fn parse(text: &OsStr) -> Self {
        let bytes = text.as_bytes();
        let at = bytes.iter().rposition(|byte| *byte == b',').unwrap_or(bytes.len());
        let (file, option) = bytes.split_at(at);
        let bad_sector =
            || std::str::from_utf8(option).ok()?.strip_prefix(",bad=")?.parse().ok().map(Access::BadSector);
        let access = if option == b",ro" { Some(Access::ReadOnly) } else { bad_sector() };
        let file = if access.is_some() { file } else { bytes };
        Self { file: OsStr::from_bytes(file).into(), access: access.unwrap_or(Access::ReadWrite) }
    }

    fn is_written(&self) -> bool {
        matches!(self.access, Access::ReadWrite | Access::BadSector(_))
    }

    /// The disk that an image is booted from, of which the guest gets a copy: `kept`, which is made if it is not there, or one
    /// that is dropped when the guest ends.
    ///
    /// # Errors
    /// When the copy cannot be made.
    pub fn system(file: &Path, kept: Option<&Path>) -> Result<Self> {
        let Some(kept) = kept else { return Ok(Self { file: file.to_owned(), access: Access::Snapshot }) };
        if !kept.exists() {
            copy_sparse(file, kept).map_err(|error| Error::file("cannot copy the disk to", kept, &error))?;
        }
        Ok(Self { file: kept.to_owned(), access: Access::ReadWrite })
    }

    /// Looks at the file before QEMU does.
    ///
    /// # Errors
    /// When it does not exist, is empty or a directory, cannot be opened in the required mode, or has a name that does not show its
    /// format.
    pub fn check(&self) -> Result<()> {
        let path = self.file.display();
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => {
                Error::new(format!("no disk {path}: `truncate -s 64M {path}` makes an empty one"))
            }
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem if self.is_written() => {
                Error::new(format!("cannot write the disk {path}: {error}; {path},ro only reads it"))
            }
            _ => Error::file("cannot open the disk", &self.file, &error),
        };
        let wrong = |what: &str| Err(Error::new(format!("the disk {path} {what}")));
        let metadata = fs::metadata(&self.file).map_err(failed)?;
        if metadata.is_dir() {
            return wrong("is a directory; a disk is a file");
        }
        if !metadata.is_file() {
            return wrong("is no ordinary file; further devices are given with --device");
        }
        if metadata.len() == 0 {
            return wrong("is empty; `truncate -s 64M` gives it a size");
        }
        let mut start = Vec::new();
        let file = File::options().read(true).write(self.is_written()).open(&self.file).map_err(failed)?;
        file.take(QCOW2.len() as u64).read_to_end(&mut start).map_err(failed)?;
        match (self.is_qcow2(), start == QCOW2) {
            (true, false) => {
                wrong("is named .qcow2 and is no such image; without that ending it is taken as it is")
            }
            (false, true) => wrong("is a qcow2 image; give it a name that ends in .qcow2"),
            _ => Ok(()),
        }
    }

    pub(crate) fn is_qcow2(&self) -> bool {
        self.file.extension().is_some_and(|ending| ending == "qcow2")
    }

    /// QEMU's name of the disk number `index`.
    pub(crate) fn node(index: usize) -> String {
        format!("disk{index}")
    }

    /// Defines it as disk number `index` of the machine.
    pub(crate) fn define(&self, index: usize, args: &mut Arguments) {
        let format = if self.is_qcow2() { "qcow2" } else { "raw" };
        let node = Self::node(index);
        if self.access == Access::Snapshot {
            let start = format!("if=none,id={node},format={format},snapshot=on,file=");
            let value = [start.into_bytes(), escape_commas(self.file.as_os_str())].concat();
            return args.option("-drive", OsString::from_vec(value));
        }
        let read_only = if self.access == Access::ReadOnly { "on" } else { "off" };
        let file = match self.access {
            Access::BadSector(sector) => format!(
                "file.driver=blkdebug,file.inject-error.0.event=read_aio,file.inject-error.0.sector={sector},\
                 file.image.driver=file,file.image.filename="
            ),
            _ => "file.driver=file,file.filename=".to_owned(),
        };
        let start = format!("driver={format},node-name={node},read-only={read_only},{file}");
        let value = [start.into_bytes(), escape_commas(self.file.as_os_str())].concat();
        args.option("-blockdev", OsString::from_vec(value));
    }
}

/// Copies a disk without its zeros. The copy is there whole or not at all.
fn copy_sparse(from: &Path, to: &Path) -> io::Result<()> {
    let mut part = to.as_os_str().to_owned();
    part.push(".part");
    let copied = write_sparse(from, part.as_ref()).and_then(|()| fs::rename(&part, to));
    if copied.is_err() {
        // It may not have come into being.
        let _ = fs::remove_file(&part);
    }
    copied
}

fn write_sparse(from: &Path, to: &Path) -> io::Result<()> {
    let (mut source, mut target) = (File::open(from)?, File::create(to)?);
    target.set_len(source.metadata()?.len())?;
    let mut block = vec![0; 1 << 16];
    let mut offset = 0;
    loop {
        let count = source.read(&mut block)?;
        if count == 0 {
            return Ok(());
        }
        if block[..count].iter().any(|byte| *byte != 0) {
            target.seek(SeekFrom::Start(offset))?;
            target.write_all(&block[..count])?;
        }
        offset += count as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_is_the_access() {
        let check = |text: &str, file: &str, access| {
            assert_eq!(Disk::parse(OsStr::new(text)), Disk { file: file.into(), access }, "{text}");
        };
        check("disk.img", "disk.img", Access::ReadWrite);
        check("disk.img,ro", "disk.img", Access::ReadOnly);
        check("a,b.img", "a,b.img", Access::ReadWrite);
        check("a,ro,ro", "a,ro", Access::ReadOnly);
        check("/dir/x.ro", "/dir/x.ro", Access::ReadWrite);
        check("disk.img,bad=2048", "disk.img", Access::BadSector(2048));
        check("disk.img,bad=x", "disk.img,bad=x", Access::ReadWrite);
        check("disk.img,bad=", "disk.img,bad=", Access::ReadWrite);
    }

    fn check(file: &Path, read_only: bool, expect: &str) {
        let access = if read_only { Access::ReadOnly } else { Access::ReadWrite };
        let got = Disk { file: file.into(), access }.check().err().map(|error| error.to_string());
        let got = got.unwrap_or_default();
        assert!(if expect.is_empty() { got.is_empty() } else { got.contains(expect) }, "{got}");
    }

    #[test]
    fn files_that_are_no_disks() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let folder = folder.path();
        let file = |name: &str, contents: &[u8]| fs::write(folder.join(name), contents);
        file("raw", b"\0\0\0\0")?;
        file("short", b"Q")?;
        file("empty", b"")?;
        file("raw.qcow2", b"\0\0\0\0")?;
        file("image.qcow2", b"QFI\xfb\0\0\0\x03")?;
        file("image", b"QFI\xfb\0\0\0\x03")?;
        check(&folder.join("raw"), false, "");
        check(&folder.join("raw"), true, "");
        check(&folder.join("short"), false, "");
        check(&folder.join("image.qcow2"), false, "");
        check(&folder.join("missing"), true, "truncate -s 64M");
        check(folder, true, "is a directory");
        check(Path::new("/dev/null"), true, "no ordinary file");
        check(&folder.join("empty"), false, "is empty");
        check(&folder.join("raw.qcow2"), false, "no such image");
        check(&folder.join("image"), false, "ends in .qcow2");
        Ok(())
    }

    #[test]
    fn a_kept_disk_is_copied_once() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let (disk, kept) = (folder.join("disk"), folder.join("kept"));
        let content = [vec![0; 1 << 17], b"end".to_vec()].concat();
        fs::write(&disk, &content).unwrap();
        assert_eq!(Disk::system(&disk, None).unwrap(), Disk { file: disk.clone(), access: Access::Snapshot });
        let expect = Disk { file: kept.clone(), access: Access::ReadWrite };
        assert_eq!(Disk::system(&disk, Some(&kept)).unwrap(), expect);
        assert_eq!(fs::read(&kept).unwrap(), content);
        fs::write(&kept, "the guest's").unwrap();
        assert_eq!(Disk::system(&disk, Some(&kept)).unwrap(), expect);
        assert_eq!(fs::read(&kept).unwrap(), b"the guest's");
        // A copy that cannot get its name leaves nothing.
        fs::create_dir_all(folder.join("taken/x")).unwrap();
        assert!(copy_sparse(&disk, &folder.join("taken")).is_err());
        assert!(!folder.join("taken.part").exists());
    }
}
