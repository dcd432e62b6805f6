// SPDX-License-Identifier: MIT OR Apache-2.0
//! An initramfs file as what it is: archives one behind the other, each compressed or not.

use crate::compress::{self, Format};
use crate::error::Error;
use crate::newc::{self, Archive};
use crate::rootfs::Rootfs;
use qos_tree::Tree;

/// Early segments are padded to this, GNU cpio's block size, as other builders have it.
pub const EARLY_ALIGN: usize = 512;

/// One segment of an initramfs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Where it starts in the file.
    pub offset: usize,
    /// How long it is in the file, without the zeros behind it.
    pub len: usize,
    /// How it is compressed.
    pub format: Format,
    /// How many bytes it unpacks to.
    pub unpacked: usize,
    /// The archives in it; nearly always one.
    pub archives: Vec<Archive>,
}

/// Puts `early` (not compressed), each padded with zeros, in front of `main`.
pub fn join(early: &[Vec<u8>], main: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for segment in early {
        out.extend(segment);
        out.resize(out.len().next_multiple_of(EARLY_ALIGN), 0);
    }
    out.extend(main);
    out
}

/// Takes an initramfs apart, as `unpack_to_rootfs` in the kernel's `init/initramfs.c` does.
///
/// # Errors
///
/// Where the file (and, in a compressed segment, what it unpacks to) stops making sense, and what is there. A file
/// without any archive is an error too.
pub fn read(bytes: &[u8]) -> Result<Vec<Segment>, Error> {
    let mut segments = Vec::new();
    let mut at = 0;
    loop {
        at += bytes[at..].iter().take_while(|b| **b == 0).count();
        if at == bytes.len() {
            break;
        }
        let rest = &bytes[at..];
        let n = segments.len() + 1;
        let Some(format) = Format::detect(rest) else {
            let head = rest[..rest.len().min(8)].escape_ascii();
            let what = if segments.is_empty() { "no initramfs" } else { "junk behind the last segment" };
            return Err(Error::new(format!(
                "{what}: at byte {at} there is \"{head}\", no archive and no compression"
            )));
        };
        let segment = match format {
            Format::Cpio if at % 4 != 0 => {
                let message = format!(
                    "segment {n} at byte {at}: an uncompressed archive has to start at a multiple of 4"
                );
                return Err(Error::new(message));
            }
            Format::Cpio => {
                let archive = newc::read(rest).map_err(|e| e.of(format!("segment {n} at byte {at}")))?;
                let len = archive.len;
                Segment { offset: at, len, format, unpacked: len, archives: vec![archive] }
            }
            _ => {
                let name = format!("segment {n} at byte {at}");
                let (data, len) = compress::decompress(rest, format).map_err(|e| e.of(&name))?;
                let inside = format!("{name} ({}, {} bytes unpacked)", format.name(), data.len());
                let archives = archives(&data).map_err(|e| e.of(inside))?;
                Segment { offset: at, len, format, unpacked: data.len(), archives }
            }
        };
        at += segment.len;
        segments.push(segment);
    }
    match segments.is_empty() {
        true if bytes.is_empty() => Err(Error::new("no initramfs: the file is empty")),
        true => Err(Error::new(format!("no initramfs: all {} bytes are zero", bytes.len()))),
        false => Ok(segments),
    }
}

/// The archives in the unpacked bytes of a segment.
fn archives(data: &[u8]) -> Result<Vec<Archive>, Error> {
    let mut archives = Vec::new();
    let mut at = 0;
    loop {
        at += data[at..].iter().take_while(|b| **b == 0).count();
        match data.get(at) {
            None => return Ok(archives),
            Some(b'0') => {
                let archive = newc::read(&data[at..])
                    .map_err(|e| if at == 0 { e } else { e.of(format!("archive at unpacked byte {at}")) })?;
                at += archive.len;
                archives.push(archive);
            }
            Some(_) => {
                let head = data[at..data.len().min(at + 8)].escape_ascii();
                return Err(Error::new(format!("junk at unpacked byte {at}: \"{head}\"")));
            }
        }
    }
}

/// What the kernel makes of the segments: one tree.
///
/// # Errors
///
/// As those of [`Rootfs::unpack`].
pub fn unpack(segments: &[Segment]) -> Result<Tree, Error> {
    Ok(rootfs(segments)?.tree)
}

/// As [`unpack`], with what the kernel drops.
///
/// # Errors
///
/// As those of [`Rootfs::unpack`].
pub fn rootfs(segments: &[Segment]) -> Result<Rootfs, Error> {
    let mut rootfs = Rootfs::default();
    for archive in segments.iter().flat_map(|s| &s.archives) {
        rootfs.unpack(archive)?;
    }
    Ok(rootfs)
}
