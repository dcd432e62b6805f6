// SPDX-License-Identifier: MIT OR Apache-2.0
//! A file of any kind: its type, and the initramfs in it.

use crate::codec::{self, Codec};
use crate::error::Error;
use crate::kernel::{BzImage, built_in_initramfs, elf_machine};
use crate::{archive, pe};
use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;

/// A file read into memory is no larger than this; of a disk image only the start is read.
const LARGEST: u64 = 4 << 30;
/// Bytes from which a file's kind is known.
pub const HEAD: usize = 64 << 10;

/// Kinds of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// One or more cpio archives, compressed or not.
    Initramfs,
    /// A kernel for x86 with its decompressor.
    BzImage,
    /// A PE program with a kernel in it: a unified kernel image.
    Uki,
    /// Another PE program.
    Pe,
    /// An uncompressed kernel.
    Vmlinux,
    /// A kernel module.
    Module,
    /// Another ELF file.
    Elf,
    /// A disk or a partition.
    Disk,
    /// Text, such as `System.map`.
    Text,
    /// None of these.
    Unknown,
}

impl What {
    /// The kind of a file that starts with `head`, its first [`HEAD`] bytes.
    #[must_use]
    pub fn detect(head: &[u8]) -> What {
        if BzImage::is(head) && !pe::Pe::read(head).is_ok_and(|pe| pe.section(".linux").is_some()) {
            return What::BzImage;
        }
        if head.starts_with(b"MZ") && pe::Pe::is(head) {
            let is_uki = pe::Pe::read(head).is_ok_and(|pe| pe.section(".linux").is_some());
            return if is_uki { What::Uki } else { What::Pe };
        }
        if head.starts_with(b"\x7fELF") {
            return match elf_machine(head) {
                Some((object::elf::ET_REL, _)) => What::Module,
                Some((object::elf::ET_EXEC, _)) => What::Vmlinux,
                _ => What::Elf,
            };
        }
        if archive::is_archive(head) || Codec::detect(head).is_some() {
            return What::Initramfs;
        }
        if crate::disk::is_disk(head) {
            return What::Disk;
        }
        if head.iter().all(|byte| *byte == 0) && !head.is_empty() {
            return What::Initramfs;
        }
        match std::str::from_utf8(&head[..head.len().min(256)]) {
            Ok(text) if !text.contains('\0') && !text.is_empty() => What::Text,
            _ => What::Unknown,
        }
    }

    /// The kind in words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            What::Initramfs => "initramfs",
            What::BzImage => "kernel (bzImage)",
            What::Uki => "unified kernel image",
            What::Pe => "PE program",
            What::Vmlinux => "kernel (vmlinux)",
            What::Module => "kernel module",
            What::Elf => "ELF file",
            What::Disk => "disk image",
            What::Text => "text",
            What::Unknown => "data",
        }
    }
}

/// A file in memory.
#[derive(Debug)]
pub struct Image {
    /// Its kind. A compressed kernel or module has the kind of its content.
    pub what: What,
    /// How the whole file is compressed, if it is a kernel or a module.
    pub codec: Codec,
    /// Its bytes, unpacked.
    pub bytes: Vec<u8>,
}

impl Image {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// It cannot be read, or is larger than 4 GiB.
    pub fn open(path: &Path) -> Result<Image, Error> {
        let cannot = |e| Error::io("read", path, &e);
        let mut file = File::open(path).map_err(cannot)?;
        let mut bytes = Vec::new();
        file.by_ref().take(HEAD as u64).read_to_end(&mut bytes).map_err(cannot)?;
        let what = What::detect(&bytes);
        let is_disk = match what {
            What::Disk => true,
            What::Unknown => crate::disk::is_volume(&file),
            What::Initramfs if bytes.iter().all(|byte| *byte == 0) => crate::disk::is_volume(&file),
            _ => false,
        };
        if is_disk {
            return Ok(Image { what: What::Disk, codec: Codec::None, bytes });
        }
        // Probing moves the file's position; a pipe is not probed and has none.
        if matches!(what, What::Unknown | What::Initramfs) {
            let _ = file.seek(io::SeekFrom::Start(bytes.len() as u64));
        }
        file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(cannot)?;
        if bytes.len() as u64 > LARGEST {
            return Err(Error::new(format!("{}: more than {LARGEST} bytes", path.display())));
        }
        Image::of(bytes).map_err(|e| e.of(path.display()))
    }

    /// The image of these bytes.
    ///
    /// # Errors
    ///
    /// A compressed kernel or module does not unpack.
    pub fn of(bytes: Vec<u8>) -> Result<Image, Error> {
        let what = What::detect(&bytes[..bytes.len().min(HEAD)]);
        if what == What::Initramfs {
            if let Some(codec) = Codec::detect(&bytes) {
                let inner = What::detect(&codec::start(&bytes, codec, HEAD));
                if !matches!(inner, What::Initramfs | What::Unknown | What::Disk) {
                    let (bytes, _) = codec::decompress(&bytes, codec)?;
                    return Ok(Image { what: inner, codec, bytes });
                }
            }
        }
        Ok(Image { what, codec: Codec::None, bytes })
    }

    /// The initramfs in it: all of the file, or a section of a UKI.
    ///
    /// # Errors
    ///
    /// There is no initramfs.
    pub fn initramfs(&self) -> Result<Cow<'_, [u8]>, Error> {
        match self.what {
            What::Initramfs | What::Unknown | What::Text => Ok(Cow::Borrowed(&self.bytes)),
            What::Uki => {
                let pe = pe::Pe::read(&self.bytes)?;
                let initrds = pe.sections.iter().filter(|section| section.name == b".initrd");
                let mut whole = Vec::new();
                for section in initrds {
                    whole.extend_from_slice(section.data(&self.bytes)?);
                    whole.resize(whole.len().next_multiple_of(4), 0);
                }
                match whole.is_empty() {
                    true => Err(Error::new("the unified kernel image has no .initrd section")),
                    false => Ok(Cow::Owned(whole)),
                }
            }
            What::BzImage | What::Vmlinux => {
                let vmlinux = self.vmlinux()?;
                let found = built_in_initramfs(&vmlinux)
                    .map(<[u8]>::to_vec)
                    .ok_or_else(|| Error::new("no initramfs is built into this kernel"))?;
                Ok(Cow::Owned(found))
            }
            _ => Err(Error::new(format!("{}, which holds no initramfs", self.what.name()))),
        }
    }

    /// The uncompressed kernel of a bzImage, a UKI or a vmlinux.
    ///
    /// # Errors
    ///
    /// There is none, or it does not unpack.
    pub fn vmlinux(&self) -> Result<Cow<'_, [u8]>, Error> {
        match self.what {
            What::Vmlinux => Ok(Cow::Borrowed(&self.bytes)),
            What::BzImage => Ok(Cow::Owned(BzImage::read(&self.bytes)?.vmlinux(&self.bytes)?)),
            What::Uki => {
                let pe = pe::Pe::read(&self.bytes)?;
                let section = pe.section(".linux").ok_or_else(|| Error::new("no .linux section"))?;
                let inner = Image::of(section.data(&self.bytes)?.to_vec())?;
                match inner.what {
                    What::BzImage | What::Vmlinux => Ok(Cow::Owned(inner.vmlinux()?.into_owned())),
                    other => Err(Error::new(format!("the .linux section holds {}, no kernel", other.name()))),
                }
            }
            other => Err(Error::new(format!("{}, not a kernel", other.name()))),
        }
    }
}
