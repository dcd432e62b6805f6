// SPDX-License-Identifier: MIT OR Apache-2.0
//! Zstandard (RFC 8878) as streams, over `ruzstd`'s frames.

use ruzstd::decoding::{FrameDecoder, StreamingDecoder};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use std::io::{self, BufRead, Chain, Cursor, Read, Write};

/// Bytes that become one frame. The compressor panics when it cannot write, so it writes to memory.
const FRAME: usize = 1 << 22;

/// The largest window that is decompressed: what `zstd --ultra --long` makes.
const WINDOW: u64 = 1 << 31;

/// A frame; its first four bytes have been read to tell it from one that is skipped.
type Frame<R> = StreamingDecoder<Chain<Cursor<[u8; 4]>, R>, FrameDecoder>;

/// The contents of all frames of an input.
pub struct Decoder<R: BufRead> {
    /// Between two frames the input, within one its decoder. `None`: an error has been.
    state: Option<State<R>>,
}

enum State<R: BufRead> {
    Between(R),
    Within(Box<Frame<R>>),
}

impl<R: BufRead> Decoder<R> {
    pub fn new(input: R) -> Self {
        Decoder { state: Some(State::Between(input)) }
    }
}

impl<R: BufRead> Read for Decoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.state.take().ok_or_else(|| io::Error::other("after an error"))? {
                State::Between(input) => match next(input)? {
                    Some(state) => self.state = Some(state),
                    None => return Ok(0),
                },
                State::Within(mut frame) => {
                    let n = frame.read(buffer)?;
                    if n > 0 || buffer.is_empty() {
                        self.state = Some(State::Within(frame));
                        return Ok(n);
                    }
                    let decoder = &frame.decoder;
                    if let Some(expect) = decoder.get_checksum_from_data()
                        && decoder.get_calculated_checksum() != Some(expect)
                    {
                        return Err(io::Error::other("the checksum is wrong"));
                    }
                    self.state = Some(State::Between(frame.into_inner().into_inner().1));
                }
            }
        }
    }
}

/// Begins the next frame; `None` at the end of the input.
fn next<R: BufRead>(mut input: R) -> io::Result<Option<State<R>>> {
    if input.fill_buf()?.is_empty() {
        return Ok(None);
    }
    let mut magic = [0; 4];
    input.read_exact(&mut magic)?;
    if matches!(magic, [0x50..=0x5f, 0x2a, 0x4d, 0x18]) {
        let mut length = [0; 4];
        input.read_exact(&mut length)?;
        let length = u64::from(u32::from_le_bytes(length));
        if io::copy(&mut (&mut input).take(length), &mut io::sink())? < length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        return Ok(Some(State::Between(input)));
    }
    let frame = StreamingDecoder::new_with_max_window_size(Cursor::new(magic).chain(input), WINDOW);
    match frame {
        Ok(frame) => Ok(Some(State::Within(Box::new(frame)))),
        Err(error) => Err(io::Error::other(error.to_string())),
    }
}

/// Compresses to frames of [`FRAME`] bytes each.
pub struct Encoder<W: Write> {
    output: W,
    data: Vec<u8>,
    frames: u64,
}

impl<W: Write> Encoder<W> {
    pub fn new(output: W) -> Self {
        Encoder { output, data: Vec::new(), frames: 0 }
    }

    fn frame(&mut self) -> io::Result<()> {
        self.frames += 1;
        let frame = compress_to_vec(self.data.as_slice(), CompressionLevel::Fastest);
        self.data.clear();
        self.output.write_all(&frame)
    }

    pub fn finish(mut self) -> io::Result<W> {
        if !self.data.is_empty() || self.frames == 0 {
            self.frame()?;
        }
        Ok(self.output)
    }
}

impl<W: Write> Write for Encoder<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = bytes.len().min(FRAME - self.data.len());
        self.data.extend_from_slice(&bytes[..n]);
        if self.data.len() == FRAME {
            self.frame()?;
        }
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_that_are_skipped() {
        let frame = compress_to_vec(&b"text"[..], CompressionLevel::Fastest);
        let skipped = [&[0x52, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"abc"].concat();
        let mut text = String::new();
        let input = [&skipped[..], &frame, &skipped].concat();
        Decoder::new(input.as_slice()).read_to_string(&mut text).unwrap();
        assert_eq!(text, "text");
        assert!(Decoder::new(&input[..9]).read_to_string(&mut text).is_err());
    }

    #[test]
    fn an_output_that_is_full() {
        let mut encoder = Encoder::new(std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
        encoder.write_all(b"text").unwrap();
        assert!(encoder.finish().is_err());
    }
}
