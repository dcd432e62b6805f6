// SPDX-License-Identifier: MIT OR Apache-2.0
//! Detects compression formats by their magic numbers, and decompresses within limits.

pub(crate) mod lz4;
mod lzo;

use crate::error::Error;
use std::io::{self, Read};

/// A compressed segment unpacks to no more than this: beyond it the file is damaged or hostile.
pub const MAX_UNPACKED: u64 = 4 << 30;

/// A decoder of xz, lzma or lzip may allocate so many KiB for its dictionary. `xz -9` takes 64 MiB.
const MAX_DICTIONARY: u32 = 192 << 10;

/// How a segment is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// Not compressed.
    None,
    /// gzip (RFC 1952).
    Gzip,
    /// xz.
    Xz,
    /// LZMA alone, the format of lzma(1).
    Lzma,
    /// bzip2.
    Bzip2,
    /// LZ4 in the legacy frame, `lz4 -l`.
    Lz4,
    /// LZ4 in the frame that `lz4` writes by default.
    Lz4Frame,
    /// LZO in the container of lzop(1).
    Lzo,
    /// Zstandard.
    Zstd,
    /// lzip.
    Lzip,
    /// compress(1), `.Z`.
    Compress,
    /// lrzip.
    Lrzip,
}

/// Magic numbers. The kernel's `lib/decompress.c` has the first seven.
const MAGICS: [(&[u8], Codec); 11] = [
    (&[0x1f, 0x8b], Codec::Gzip),
    (&[0xfd, b'7', b'z', b'X', b'Z', 0], Codec::Xz),
    (&[0x5d, 0], Codec::Lzma),
    (b"BZh", Codec::Bzip2),
    (&lz4::LEGACY, Codec::Lz4),
    (&[0x89, b'L', b'Z', b'O', 0, 0x0d, 0x0a, 0x1a, 0x0a], Codec::Lzo),
    (&[0x28, 0xb5, 0x2f, 0xfd], Codec::Zstd),
    (&[0x04, 0x22, 0x4d, 0x18], Codec::Lz4Frame),
    (b"LZIP", Codec::Lzip),
    (&[0x1f, 0x9d], Codec::Compress),
    (b"LRZI", Codec::Lrzip),
];

impl Codec {
    /// The compression of data that start with `bytes`, if it is one.
    #[must_use]
    pub fn detect(bytes: &[u8]) -> Option<Codec> {
        MAGICS.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, codec)| *codec)
    }

    /// The name in listings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Codec::None => "none",
            Codec::Gzip => "gzip",
            Codec::Xz => "xz",
            Codec::Lzma => "lzma",
            Codec::Bzip2 => "bzip2",
            Codec::Lz4 => "lz4",
            Codec::Lz4Frame => "lz4-frame",
            Codec::Lzo => "lzo",
            Codec::Zstd => "zstd",
            Codec::Lzip => "lzip",
            Codec::Compress => "compress",
            Codec::Lrzip => "lrzip",
        }
    }

    /// The kernel option that lets an initramfs be compressed in this way; `None` if no kernel unpacks it.
    #[must_use]
    pub fn kernel_option(self) -> Option<&'static str> {
        Some(match self {
            Codec::Gzip => "CONFIG_RD_GZIP",
            Codec::Xz => "CONFIG_RD_XZ",
            Codec::Lzma => "CONFIG_RD_LZMA",
            Codec::Bzip2 => "CONFIG_RD_BZIP2",
            Codec::Lz4 => "CONFIG_RD_LZ4",
            Codec::Lzo => "CONFIG_RD_LZO",
            Codec::Zstd => "CONFIG_RD_ZSTD",
            Codec::None | Codec::Lz4Frame | Codec::Lzip | Codec::Compress | Codec::Lrzip => return None,
        })
    }
}

/// The content of a compressed segment.
#[derive(Debug, Default)]
pub struct Unpacked {
    /// The bytes; those before the damage, if there is an error.
    pub data: Vec<u8>,
    /// The length of the segment.
    pub len: usize,
    /// Why it does not unpack as a whole.
    pub error: Option<Error>,
}

/// Unpacks the segment at the start of `bytes`.
///
/// # Errors
///
/// The segment is damaged, cut off, too large, or in a format that is recognised only.
pub fn decompress(bytes: &[u8], codec: Codec) -> Result<(Vec<u8>, usize), Error> {
    let unpacked = decompress_part(bytes, codec, MAX_UNPACKED);
    match unpacked.error {
        None => Ok((unpacked.data, unpacked.len)),
        Some(error) => Err(error),
    }
}

/// As [`decompress`], with what comes before the damage. At most `limit` bytes are unpacked.
#[must_use]
pub fn decompress_part(bytes: &[u8], codec: Codec, limit: u64) -> Unpacked {
    let mut out = Output { data: Vec::new(), limit };
    let done = match codec {
        Codec::None => out.all(bytes).map(|()| bytes.len()),
        Codec::Gzip => {
            let mut rest = bytes;
            out.all(flate2::bufread::GzDecoder::new(&mut rest)).map(|()| bytes.len() - rest.len())
        }
        Codec::Xz => {
            let mut rest = bytes;
            out.all(lzma_rust2::XzReader::new_mem_limit(&mut rest, false, MAX_DICTIONARY))
                .map(|()| bytes.len() - rest.len())
        }
        Codec::Lzma => lzma(bytes, &mut out),
        Codec::Bzip2 => {
            let mut rest = bytes;
            out.all(bzip2::bufread::BzDecoder::new(&mut rest)).map(|()| bytes.len() - rest.len())
        }
        Codec::Lz4 => lz4::legacy(bytes, &mut out),
        Codec::Lz4Frame => {
            let mut rest = bytes;
            out.all(lz4_flex::frame::FrameDecoder::new(&mut rest)).map(|()| bytes.len() - rest.len())
        }
        Codec::Lzo => lzo::lzop(bytes, &mut out),
        Codec::Zstd => zstd(bytes, &mut out),
        Codec::Lzip | Codec::Compress | Codec::Lrzip => {
            let message = format!("compressed with {}, which is recognised but not unpacked", codec.name());
            return Unpacked { error: Some(Error::new(message)), ..Unpacked::default() };
        }
    };
    let (len, error) = match done {
        Ok(len) => (len, None),
        Err(error) => {
            (bytes.len(), Some(Error::new(format!("{} data are damaged or cut off: {error}", codec.name()))))
        }
    };
    Unpacked { data: out.data, len, error }
}

/// The first bytes of the content of a segment, at most `count`; fewer if it is shorter or damaged.
#[must_use]
pub fn start(bytes: &[u8], codec: Codec, count: usize) -> Vec<u8> {
    let mut unpacked = decompress_part(bytes, codec, count as u64).data;
    unpacked.truncate(count);
    unpacked
}

/// Unpacked bytes, of which there may be a limited number.
pub(crate) struct Output {
    data: Vec<u8>,
    limit: u64,
}

impl Output {
    /// Appends all that `reader` gives. (`read_to_end` aborts the program where memory is short.)
    fn all(&mut self, mut reader: impl Read) -> io::Result<()> {
        let mut piece = vec![0; 64 << 10];
        loop {
            match reader.read(&mut piece) {
                Ok(0) => return Ok(()),
                Ok(count) => self.block(&piece[..count])?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Appends a block, up to the limit.
    fn block(&mut self, block: &[u8]) -> io::Result<()> {
        let block = &block[..block.len().min(self.room().saturating_add(1))];
        self.data.try_reserve(block.len()).map_err(|_| io::ErrorKind::OutOfMemory)?;
        self.data.extend_from_slice(block);
        self.check()
    }

    fn room(&self) -> usize {
        usize::try_from(self.limit).unwrap_or(usize::MAX).saturating_sub(self.data.len())
    }

    fn check(&self) -> io::Result<()> {
        match self.data.len() as u64 > self.limit {
            true => Err(bad(format!("more than {} bytes", self.limit))),
            false => Ok(()),
        }
    }
}

fn bad(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

fn lzma(bytes: &[u8], out: &mut Output) -> io::Result<usize> {
    let mut reader = lzma_rust2::LzmaReader::new_mem_limit(bytes, MAX_DICTIONARY, None)?;
    out.all(&mut reader)?;
    let (rest, buffered) = reader.into_parts();
    Ok(bytes.len() - rest.len() - buffered.len())
}

fn zstd(bytes: &[u8], out: &mut Output) -> io::Result<usize> {
    let mut decoder = ::zstd::stream::read::Decoder::with_buffer(bytes)?.single_frame();
    // 128 MiB, the window of `zstd --ultra -22`. zstd(1) rejects a larger one unless an option accepts it.
    decoder.window_log_max(27)?;
    out.all(&mut decoder)?;
    Ok(bytes.len() - decoder.finish().len())
}
