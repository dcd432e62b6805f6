// SPDX-License-Identifier: MIT OR Apache-2.0
//! The compressions that the kernel unpacks an initramfs from, written so that the same input gives the same bytes.

use crate::codec::lz4::{BLOCK, LEGACY};
use crate::error::Error;
use lz4::block::CompressionMode;
use qos_manifest::Compression;
use std::io;

/// zstd's window is kept to 8 MiB, as much as levels up to 19 use: the kernel allocates the window on top of the
/// image when it unpacks, so a larger one (level 22 would take 128 MiB) is what decides how much memory boots.
const ZSTD_WINDOW_LOG: u32 = 23;

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
    let mut out = LEGACY.to_vec();
    for block in data.chunks(BLOCK) {
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
