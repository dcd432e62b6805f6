// SPDX-License-Identifier: MIT OR Apache-2.0
//! The compressions that the kernel unpacks an initramfs from, written so that the same input gives the same bytes.

use crate::error::Error;
use lz4::block::CompressionMode;
use qos_manifest::Compression;
use std::io::{self, Read};

/// Magic number of LZ4's legacy frame, the only one that `lib/decompress_unlz4.c` knows.
pub(crate) const LZ4_LEGACY: [u8; 4] = [0x02, 0x21, 0x4c, 0x18];
/// A legacy block holds this much, but the last one.
const LZ4_BLOCK: usize = 8 << 20;
/// zstd's window is kept to 8 MiB, as much as levels up to 19 use: the kernel allocates the window on top of the
/// image when it unpacks, so a larger one (level 22 would take 128 MiB) is what decides how much memory boots.
const ZSTD_WINDOW_LOG: u32 = 23;
/// More than this is not unpacked: a damaged or hostile archive, not an initramfs.
const MAX_UNPACKED: u64 = 4 << 30;

/// `data` compressed as the kernel can unpack it.
///
/// # Errors
///
/// The compressor refused, which it does only when memory is short.
pub fn compress(data: &[u8], how: Compression) -> Result<Vec<u8>, Error> {
    let result = match how {
        Compression::None => Ok(data.to_vec()),
        Compression::Gzip(level) => Ok(gzip(data, level)),
        Compression::Lz4(level) => lz4_legacy(data, level),
        Compression::Zstd(level) => zstd(data, level),
    };
    result.map_err(|e| Error::new(format!("cannot compress {} bytes with {}: {e}", data.len(), how.method())))
}

/// gzip (RFC 1952) without a name, with time 0 and system 255, "unknown". The deflate stream comes from `miniz_oxide`
/// itself: behind `flate2`'s interface the compressor, and so the bytes, depend on the features that some other crate
/// of the same build asks for.
fn gzip(data: &[u8], level: u32) -> Vec<u8> {
    let mut crc = flate2::Crc::new();
    crc.update(data);
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    out.extend(miniz_oxide::deflate::compress_to_vec(data, level as u8));
    out.extend(crc.sum().to_le_bytes());
    out.extend(crc.amount().to_le_bytes());
    out
}

fn lz4_legacy(data: &[u8], level: u32) -> io::Result<Vec<u8>> {
    // liblz4's HC compressor starts at level 3; below it is the fast one.
    let mode =
        if level < 3 { CompressionMode::DEFAULT } else { CompressionMode::HIGHCOMPRESSION(level as i32) };
    let mut out = LZ4_LEGACY.to_vec();
    for block in data.chunks(LZ4_BLOCK) {
        let packed = ::lz4::block::compress(block, Some(mode), false)?;
        out.extend((packed.len() as u32).to_le_bytes());
        out.extend(packed);
    }
    Ok(out)
}

/// One frame (the kernel stops after the first) that says its size and has no checksum: the kernel would spend
/// instructions on it in every boot, and a damaged image shows in its SHA-256.
fn zstd(data: &[u8], level: u32) -> io::Result<Vec<u8>> {
    let mut compressor = ::zstd::bulk::Compressor::new(level as i32)?;
    compressor.window_log(ZSTD_WINDOW_LOG)?;
    compressor.include_checksum(false)?;
    compressor.include_contentsize(true)?;
    compressor.compress(data)
}

/// Compressions by the first bytes of a segment, those included that this crate does not unpack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Not compressed.
    Cpio,
    /// gzip.
    Gzip,
    /// LZ4, legacy frame.
    Lz4,
    /// Zstandard.
    Zstd,
    /// Something else that has a name.
    Other(&'static str),
}

impl Format {
    /// What starts with these bytes; the kernel's `lib/decompress.c` has the same table.
    pub fn detect(bytes: &[u8]) -> Option<Format> {
        const TABLE: [(&[u8], Format); 9] = [
            (b"0707", Format::Cpio),
            (&[0x1f, 0x8b], Format::Gzip),
            (&LZ4_LEGACY, Format::Lz4),
            (&[0x28, 0xb5, 0x2f, 0xfd], Format::Zstd),
            (&[0xfd, b'7', b'z', b'X', b'Z', 0], Format::Other("xz")),
            (b"BZh", Format::Other("bzip2")),
            (&[0x5d, 0, 0], Format::Other("lzma")),
            (&[0x89, b'L', b'Z', b'O'], Format::Other("lzo")),
            (
                &[0x04, 0x22, 0x4d, 0x18],
                Format::Other("lz4 in its modern frame, which the kernel refuses as well"),
            ),
        ];
        TABLE.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, format)| *format)
    }

    /// The name in listings.
    pub fn name(self) -> &'static str {
        match self {
            Format::Cpio => "none",
            Format::Gzip => "gzip",
            Format::Lz4 => "lz4",
            Format::Zstd => "zstd",
            Format::Other(name) => name,
        }
    }
}

/// Unpacks the compressed segment at the start of `bytes`: its content, and how long it is in `bytes`.
///
/// # Errors
///
/// The segment is damaged or cut off, or in a format that is not read here.
pub fn decompress(bytes: &[u8], format: Format) -> Result<(Vec<u8>, usize), Error> {
    let result = match format {
        Format::Cpio => Ok((bytes.to_vec(), bytes.len())),
        Format::Gzip => {
            let mut rest = bytes;
            read_all(flate2::bufread::GzDecoder::new(&mut rest)).map(|data| (data, bytes.len() - rest.len()))
        }
        Format::Lz4 => unpack_lz4_legacy(bytes),
        Format::Zstd => unpack_zstd(bytes),
        Format::Other(name) => {
            return Err(Error::new(format!(
                "is compressed with {name}, which is not read here; unpack it first"
            )));
        }
    };
    result.map_err(|e| Error::new(format!("{} data are damaged or cut off: {e}", format.name())))
}

fn unpack_zstd(bytes: &[u8]) -> io::Result<(Vec<u8>, usize)> {
    let mut decoder = ::zstd::stream::read::Decoder::with_buffer(bytes)?.single_frame();
    // As large as windows get (zstd --ultra --long=31): what the kernel makes of it is not decided here.
    decoder.window_log_max(31)?;
    let data = read_all(&mut decoder)?;
    Ok((data, bytes.len() - decoder.finish().len()))
}

/// Like `lib/decompress_unlz4.c`: blocks up to a size of 0 or to fewer than the 4 bytes of a size; a
/// further magic is skipped.
fn unpack_lz4_legacy(bytes: &[u8]) -> io::Result<(Vec<u8>, usize)> {
    let bad = |message: String| io::Error::new(io::ErrorKind::InvalidData, message);
    let mut out = Vec::new();
    let mut at = LZ4_LEGACY.len();
    while let Some(head) = bytes.get(at..at + 4) {
        let size = u32::from_le_bytes([head[0], head[1], head[2], head[3]]) as usize;
        if size == 0 {
            return Ok((out, at));
        }
        at += 4;
        if head == LZ4_LEGACY {
            continue;
        }
        let block = bytes.get(at..at + size).ok_or_else(|| {
            bad(format!(
                "block of {size} bytes at {at}, of which {} are there",
                bytes.len().saturating_sub(at)
            ))
        })?;
        let unpacked = ::lz4::block::decompress(block, Some(LZ4_BLOCK as i32))
            .map_err(|e| bad(format!("block at {at}: {e}")))?;
        out.extend(unpacked);
        at += size;
        if out.len() as u64 > MAX_UNPACKED {
            return Err(bad(format!("more than {MAX_UNPACKED} bytes")));
        }
    }
    Ok((out, at))
}

fn read_all(reader: impl Read) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    reader.take(MAX_UNPACKED + 1).read_to_end(&mut out)?;
    match out.len() as u64 > MAX_UNPACKED {
        true => Err(io::Error::new(io::ErrorKind::InvalidData, format!("more than {MAX_UNPACKED} bytes"))),
        false => Ok(out),
    }
}
