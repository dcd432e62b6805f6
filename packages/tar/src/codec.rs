// SPDX-License-Identifier: MIT OR Apache-2.0
//! Compressions: detected by their first bytes (RFC 1952, the .xz file format, RFC 8878), read and written as streams.

use crate::zstd;
use flate2::Compression;
use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;
use lzma_rust2::{XzOptions, XzReader, XzWriter};
use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::rc::Rc;

/// A compression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    Plain,
    Gzip,
    Xz,
    Zstd,
}

/// Bytes that tell one.
const MAGIC: usize = 6;

/// A number that no machine has that much memory for: the format's own limit.
const NO_LIMIT: u32 = u32::MAX;

impl Codec {
    /// What begins with `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        match bytes {
            [0x1f, 0x8b, ..] => Codec::Gzip,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Codec::Xz,
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Codec::Zstd,
            _ => Codec::Plain,
        }
    }

    /// What a file called `name` has by custom.
    pub fn of_name(name: &str) -> Self {
        match name.rsplit_once('.').map_or("", |(_, suffix)| suffix) {
            "gz" | "tgz" | "taz" => Codec::Gzip,
            "xz" | "txz" => Codec::Xz,
            "zst" | "tzst" => Codec::Zstd,
            _ => Codec::Plain,
        }
    }

    /// The end of a file's name.
    pub fn suffix(self) -> &'static str {
        match self {
            Codec::Plain => "",
            Codec::Gzip => ".gz",
            Codec::Xz => ".xz",
            Codec::Zstd => ".zst",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Codec::Plain => "plain",
            Codec::Gzip => "gzip",
            Codec::Xz => "xz",
            Codec::Zstd => "zstd",
        }
    }
}

/// What has been read of an input: how many bytes, and whether it ended.
#[derive(Clone, Default)]
struct Position {
    bytes: Rc<Cell<u64>>,
    ended: Rc<Cell<bool>>,
}

struct Counted<R> {
    input: R,
    position: Position,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.input.read(buffer)?;
        self.position.bytes.set(self.position.bytes.get() + n as u64);
        self.position.ended.set(n == 0 && !buffer.is_empty());
        Ok(n)
    }
}

/// An input, decompressed. Its errors say where they are in the compressed input.
pub struct Decoder {
    codec: Codec,
    position: Position,
    stream: Box<dyn Read>,
}

impl Decoder {
    /// Finds out by its first bytes what `input` is.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn new(input: impl Read + 'static) -> io::Result<Self> {
        let position = Position::default();
        let mut input = BufReader::with_capacity(1 << 16, Counted { input, position: position.clone() });
        let mut first = Vec::new();
        // A pipe may give less at a time than is needed.
        while first.len() < MAGIC {
            let bytes = input.fill_buf()?;
            if bytes.is_empty() {
                break;
            }
            let n = bytes.len().min(MAGIC - first.len());
            first.extend_from_slice(&bytes[..n]);
            input.consume(n);
        }
        let codec = Codec::of(&first);
        let input = BufReader::new(io::Cursor::new(first).chain(input));
        let stream: Box<dyn Read> = match codec {
            Codec::Plain => Box::new(input),
            Codec::Gzip => Box::new(MultiGzDecoder::new(input)),
            Codec::Xz => Box::new(XzReader::new_mem_limit(input, true, NO_LIMIT)),
            Codec::Zstd => Box::new(zstd::Decoder::new(input)),
        };
        Ok(Decoder { codec, position, stream })
    }

    /// What it is.
    pub fn codec(&self) -> Codec {
        self.codec
    }
}

impl Read for Decoder {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.read(buffer).map_err(|error| {
            if self.codec == Codec::Plain || error.raw_os_error().is_some() {
                return error;
            }
            let (name, bytes) = (self.codec.name(), self.position.bytes.get());
            if self.position.ended.get() {
                io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    format!("{name} data is cut off: it ends after {bytes} bytes"),
                )
            } else {
                io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!("{name} data is damaged, in the first {bytes} bytes: {error}"),
                )
            }
        })
    }
}

/// An output, compressed.
pub enum Encoder<W: Write> {
    Plain(W),
    Gzip(GzEncoder<W>),
    Xz(Box<XzWriter<W>>),
    Zstd(zstd::Encoder<W>),
}

impl<W: Write> Encoder<W> {
    /// Compresses to `output`; `level` is from 1 to 9, and only gzip and xz have several.
    ///
    /// # Errors
    /// When the first bytes cannot be written.
    pub fn new(codec: Codec, level: Option<u32>, output: W) -> io::Result<Self> {
        let level = level.map_or(6, |level| level.min(9));
        Ok(match codec {
            Codec::Plain => Encoder::Plain(output),
            Codec::Gzip => Encoder::Gzip(GzEncoder::new(output, Compression::new(level))),
            Codec::Xz => Encoder::Xz(Box::new(XzWriter::new(output, XzOptions::with_preset(level))?)),
            Codec::Zstd => Encoder::Zstd(zstd::Encoder::new(output)),
        })
    }

    /// Writes what is left, and gives the output back.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self) -> io::Result<W> {
        let mut output = match self {
            Encoder::Plain(output) => output,
            Encoder::Gzip(encoder) => encoder.finish()?,
            Encoder::Xz(encoder) => encoder.finish()?,
            Encoder::Zstd(encoder) => encoder.finish()?,
        };
        output.flush()?;
        Ok(output)
    }
}

impl<W: Write> Write for Encoder<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Encoder::Plain(output) => output.write(bytes),
            Encoder::Gzip(encoder) => encoder.write(bytes),
            Encoder::Xz(encoder) => encoder.write(bytes),
            Encoder::Zstd(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compressed(codec: Codec, data: &[u8]) -> Vec<u8> {
        let mut encoder = Encoder::new(codec, None, Vec::new()).unwrap();
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    fn decompressed(data: Vec<u8>) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        Decoder::new(io::Cursor::new(data))?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn sample() -> Vec<u8> {
        (0_u32..60_000).flat_map(|n| (n % 251 * (n / 4000)).to_le_bytes()).collect()
    }

    #[test]
    fn back_and_forth() {
        for codec in [Codec::Plain, Codec::Gzip, Codec::Xz, Codec::Zstd] {
            for data in [Vec::new(), b"x".to_vec(), sample()] {
                let mut bytes = compressed(codec, &data);
                assert_eq!(Codec::of(&bytes), codec, "{} bytes", data.len());
                assert_eq!(decompressed(bytes.clone()).unwrap(), data, "{codec:?}");
                // Two of them one after another are one, as in gzip(1).
                bytes.extend_from_within(..);
                assert_eq!(decompressed(bytes).unwrap(), [data.clone(), data].concat(), "{codec:?}");
            }
        }
    }

    #[test]
    fn cut_off_and_damaged() {
        for codec in [Codec::Gzip, Codec::Xz, Codec::Zstd] {
            let whole = compressed(codec, &sample());
            for length in [10, whole.len() / 2, whole.len() - 1] {
                let error = decompressed(whole[..length].to_vec()).unwrap_err().to_string();
                let expect = format!("{} data is cut off: it ends after {length} bytes", codec.name());
                assert_eq!(error, expect);
            }
            let mut damaged = whole.clone();
            let middle = damaged.len() / 2;
            damaged[middle..middle + 16].iter_mut().for_each(|byte| *byte ^= 0x5a);
            let error = decompressed(damaged).unwrap_err().to_string();
            assert!(error.contains(codec.name()), "{error}");
        }
    }

    #[test]
    fn names() {
        for (name, expect) in [
            ("a.tar.gz", Codec::Gzip),
            ("a.tgz", Codec::Gzip),
            ("a.tar", Codec::Plain),
            ("zst", Codec::Plain),
        ] {
            assert_eq!(Codec::of_name(name), expect, "{name}");
        }
    }
}
