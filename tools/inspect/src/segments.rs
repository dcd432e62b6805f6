// SPDX-License-Identifier: MIT OR Apache-2.0
//! The structure of an initramfs file: concatenated archives, each compressed or not.

use crate::archive::{self, Archive};
pub use crate::codec::MAX_UNPACKED;
use crate::codec::{self, Codec};
use crate::error::Error;
use crate::rootfs::Rootfs;
use qos_tree::Tree;

/// Early segments are padded to this, GNU cpio's block size, as other builders have it.
pub const EARLY_ALIGN: usize = 512;

/// One segment of an initramfs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Where it starts in the file.
    pub offset: usize,
    /// Its length in the file, without the zeros after it.
    pub len: usize,
    /// How it is compressed.
    pub codec: Codec,
    /// Number of bytes that it unpacks to.
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

/// Takes an initramfs apart, as `unpack_to_rootfs` in the kernel's `init/initramfs.c` does. Archives in formats that the
/// kernel does not support are read too.
///
/// # Errors
///
/// Where the file (and, in a compressed segment, what it unpacks to) stops making sense, and what is there. A file
/// without any archive is an error too.
pub fn read(bytes: &[u8]) -> Result<Vec<Segment>, Error> {
    match read_part(bytes, MAX_UNPACKED) {
        (segments, None) => Ok(segments),
        (_, Some(error)) => Err(error),
    }
}

/// As [`read`], with what comes before the damage. The segments unpack to at most `limit` bytes together.
#[must_use]
pub fn read_part(bytes: &[u8], limit: u64) -> (Vec<Segment>, Option<Error>) {
    let mut segments: Vec<Segment> = Vec::new();
    let mut at = 0;
    let mut left = limit;
    loop {
        at += bytes[at..].iter().take_while(|b| **b == 0).count();
        if at == bytes.len() {
            break;
        }
        let (segment, error) = segment(bytes, at, segments.len() + 1, left);
        if let Some(segment) = segment {
            at += segment.len;
            left = left.saturating_sub(segment.unpacked as u64);
            segments.push(segment);
        }
        if error.is_some() {
            return (segments, error);
        }
    }
    let error = match segments.is_empty() {
        true if bytes.is_empty() => Some(Error::new("no initramfs: the file is empty")),
        true => Some(Error::new(format!("no initramfs: all {} bytes are zero", bytes.len()))),
        false => None,
    };
    (segments, error)
}

/// The segment at `offset`, the `n`-th.
fn segment(bytes: &[u8], offset: usize, n: usize, limit: u64) -> (Option<Segment>, Option<Error>) {
    let rest = &bytes[offset..];
    let name = format!("segment {n} at byte {offset}");
    if archive::is_entry(rest) {
        let (archive, error) = archive::read_part(rest);
        let error = if offset % 4 != 0 && archive.format.is_for_kernel() {
            let message = "an uncompressed archive has to start at a multiple of 4";
            Some(Error::new(message).of(&name))
        } else {
            error.map(|e| e.of(&name))
        };
        let len = archive.len;
        let segment = Segment { offset, len, codec: Codec::None, unpacked: len, archives: vec![archive] };
        return (Some(segment).filter(|segment| segment.len > 0), error);
    }
    let Some(codec) = Codec::detect(rest) else {
        let head = rest[..rest.len().min(8)].escape_ascii();
        let problem = if n == 1 { "no initramfs" } else { "junk behind the last segment" };
        return (
            None,
            Some(Error::new(format!(
                "{problem}: at byte {offset} there is \"{head}\", no archive and no compression"
            ))),
        );
    };
    let unpacked = codec::decompress_part(rest, codec, limit);
    let inside = format!("{name} ({}, {} bytes unpacked)", codec.name(), unpacked.data.len());
    let (archives, error) = archives(&unpacked.data);
    // The damage of the compressed data comes first: that of the archive follows from it.
    let error = match unpacked.error {
        Some(error) => Some(error.of(name)),
        None => error.map(|e| e.of(inside)).map(|e| match bytes.get(offset + unpacked.len..).and_then(Codec::detect) {
            Some(next) if next == codec => Error::new(format!(
                "{e}; another {} stream starts at byte {}: to the kernel it is another segment, and an archive has to end in its own",
                codec.name(),
                offset + unpacked.len
            )),
            _ => e,
        }),
    };
    let segment = Segment { offset, len: unpacked.len, codec, unpacked: unpacked.data.len(), archives };
    (Some(segment), error)
}

/// The archives in the unpacked bytes of a segment.
fn archives(data: &[u8]) -> (Vec<Archive>, Option<Error>) {
    let mut archives = Vec::new();
    let mut at = 0;
    loop {
        at += data[at..].iter().take_while(|b| **b == 0).count();
        match data.get(at..).filter(|rest| !rest.is_empty()) {
            None => return (archives, None),
            Some(rest) if archive::is_entry(rest) => {
                let (archive, error) = archive::read_part(rest);
                let error =
                    error.map(|e| if at == 0 { e } else { e.of(format!("archive at unpacked byte {at}")) });
                at += archive.len;
                archives.push(archive);
                if error.is_some() {
                    return (archives, error);
                }
            }
            Some(rest) => {
                let head = rest[..rest.len().min(8)].escape_ascii();
                return (archives, Some(Error::new(format!("junk at unpacked byte {at}: \"{head}\""))));
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

/// As [`unpack`], with the entries that the kernel drops.
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
