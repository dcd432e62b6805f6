// SPDX-License-Identifier: MIT OR Apache-2.0
//! LZO1X in the container format of lzop(1), which the kernel reads (`lib/decompress_unlzo.c`).

use super::{Output, bad};
use std::io;

/// lzop writes blocks of 256 KiB; its own limit is 64 MiB.
const MAX_BLOCK: u32 = 64 << 20;
/// Byte behind the magic number, version and so on: lzop's header up to the flags.
const MAGIC: usize = 9;

const ADLER32_UNPACKED: u32 = 0x1;
const ADLER32_PACKED: u32 = 0x2;
const EXTRA_FIELD: u32 = 0x40;
const CRC32_UNPACKED: u32 = 0x100;
const CRC32_PACKED: u32 = 0x200;
const MULTIPART: u32 = 0x400;
const FILTER: u32 = 0x800;

/// Bytes that are read from the front, with the offset in the message of an error.
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn take(&mut self, count: usize) -> io::Result<&'a [u8]> {
        let end = self.at.checked_add(count);
        let taken = end.and_then(|end| self.bytes.get(self.at..end)).ok_or_else(|| {
            bad(format!("{count} bytes at {}, of which {} are there", self.at, self.bytes.len() - self.at))
        })?;
        self.at += count;
        Ok(taken)
    }

    fn u8(&mut self) -> io::Result<u8> {
        Ok(self.take(1)?[0])
    }

    fn u16(&mut self) -> io::Result<u16> {
        let bytes = self.take(2)?;
        Ok(u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    fn u32(&mut self) -> io::Result<u32> {
        let bytes = self.take(4)?;
        Ok(u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }
}

/// Unpacks a file of lzop. Gives its length.
pub(super) fn lzop(bytes: &[u8], out: &mut Output) -> io::Result<usize> {
    let mut cursor = Cursor { bytes, at: MAGIC };
    let flags = header(&mut cursor)?;
    loop {
        let start = cursor.at;
        let unpacked_len = cursor.u32()?;
        if unpacked_len == 0 {
            return Ok(cursor.at);
        }
        let packed_len = cursor.u32()?;
        if unpacked_len > MAX_BLOCK || packed_len > unpacked_len {
            return Err(bad(format!(
                "block at {start}: {packed_len} bytes for {unpacked_len} unpacked ones"
            )));
        }
        let checks = |mask: u32| (flags & mask).count_ones() as usize;
        let is_packed = packed_len < unpacked_len;
        let sum = match flags & ADLER32_UNPACKED {
            0 => None,
            _ => Some(cursor.u32()?),
        };
        cursor.take(4 * checks(CRC32_UNPACKED))?;
        if is_packed {
            cursor.take(4 * checks(ADLER32_PACKED | CRC32_PACKED))?;
        }
        let packed = cursor.take(packed_len as usize)?;
        let block = match is_packed {
            true => block(packed, unpacked_len).map_err(|why| bad(format!("block at {start}: {why}")))?,
            false => packed.to_vec(),
        };
        if sum.is_some_and(|sum| sum != adler32(&block)) {
            return Err(bad(format!("block at {start}: wrong checksum")));
        }
        out.block(&block)?;
    }
}

/// Unpacks a block. An LZO1X instruction of N bytes gives at most 255 N bytes and some: a block that claims more is not
/// given memory.
fn block(packed: &[u8], unpacked_len: u32) -> Result<Vec<u8>, String> {
    let most = (packed.len() as u64).saturating_mul(256) + 1024;
    if u64::from(unpacked_len) > most {
        return Err(format!("{} bytes cannot unpack to {unpacked_len}", packed.len()));
    }
    let mut data = vec![0; unpacked_len as usize];
    match lzokay::decompress::decompress(packed, &mut data) {
        Ok(len) if len == data.len() => Ok(data),
        Ok(len) => Err(format!("{len} bytes instead of {unpacked_len}")),
        Err(error) => Err(error.to_string()),
    }
}

/// Skips the header behind the magic number, and gives its flags.
fn header(cursor: &mut Cursor<'_>) -> io::Result<u32> {
    let version = cursor.u16()?;
    cursor.take(2)?;
    if version >= 0x940 {
        cursor.take(2)?;
    }
    let method = cursor.u8()?;
    if !(1..=3).contains(&method) {
        return Err(bad(format!("method {method}, not LZO1X")));
    }
    if version >= 0x940 {
        cursor.take(1)?;
    }
    let flags = cursor.u32()?;
    if flags & MULTIPART != 0 {
        return Err(bad("an archive of several parts".to_owned()));
    }
    if flags & FILTER != 0 {
        cursor.take(4)?;
    }
    cursor.take(if version >= 0x940 { 12 } else { 8 })?;
    let name = cursor.u8()?;
    cursor.take(usize::from(name))?;
    cursor.take(4)?;
    if flags & EXTRA_FIELD != 0 {
        let len = cursor.u32()?;
        cursor.take(len as usize)?;
        cursor.take(4)?;
    }
    Ok(flags)
}

/// The checksum of RFC 1950.
fn adler32(data: &[u8]) -> u32 {
    let (mut a, mut b) = (1_u32, 0_u32);
    for chunk in data.chunks(5552) {
        for byte in chunk {
            a += u32::from(*byte);
            b += a;
        }
        a %= 65521;
        b %= 65521;
    }
    b << 16 | a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adler32_of_known_texts() {
        for (text, sum) in [(&b""[..], 1), (b"Wikipedia", 0x11e6_0398)] {
            assert_eq!(adler32(text), sum);
        }
    }
}
