// SPDX-License-Identifier: MIT OR Apache-2.0
//! The headers of cpio(5): newc, newc with checksums, odc, the old binary format in both byte orders, and that of afio.

use super::{Entry, PATH_MAX};
use cpio::newc;

/// The format of an archive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// "New ASCII", `cpio -H newc`: the format that the kernel reads.
    #[default]
    Newc,
    /// The same with checksums of the contents, `cpio -H crc`. The kernel reads it.
    Crc,
    /// POSIX, `cpio -H odc`.
    Odc,
    /// The old binary format, `cpio -H bin`, of a little-endian machine.
    BinaryLittle,
    /// The old binary format of a big-endian machine.
    BinaryBig,
    /// afio's format for large numbers.
    Afio,
}

impl Format {
    /// The format of an entry that starts with `bytes`. Two bytes are not much of a magic number, so a binary header has
    /// to have a sensible name too.
    pub(crate) fn detect(bytes: &[u8]) -> Option<Format> {
        let magic = bytes.get(..6)?;
        match magic {
            b"070701" => return Some(Format::Newc),
            b"070702" => return Some(Format::Crc),
            b"070707" => return Some(Format::Odc),
            b"070727" => return Some(Format::Afio),
            _ => {}
        }
        let format = match magic[..2] {
            [0xc7, 0x71] => Format::BinaryLittle,
            [0x71, 0xc7] => Format::BinaryBig,
            _ => return None,
        };
        let name_len = usize::from(format.word(bytes.get(..26)?, 10));
        let name = bytes.get(26..26 + name_len)?;
        (name_len <= PATH_MAX && name.last() == Some(&0)).then_some(format)
    }

    /// The name in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Format::Newc => "newc",
            Format::Crc => "crc",
            Format::Odc => "odc",
            Format::BinaryLittle => "bin-le",
            Format::BinaryBig => "bin-be",
            Format::Afio => "afio",
        }
    }

    /// Whether the kernel unpacks it.
    #[must_use]
    pub fn is_for_kernel(self) -> bool {
        matches!(self, Format::Newc | Format::Crc)
    }

    /// Where the padding after `end` ends.
    pub(super) fn align(self, end: usize) -> usize {
        match self {
            Format::Newc | Format::Crc => end.next_multiple_of(4),
            Format::BinaryLittle | Format::BinaryBig => end.next_multiple_of(2),
            Format::Odc | Format::Afio => end,
        }
    }

    fn header_len(self) -> usize {
        match self {
            Format::Newc | Format::Crc => 110,
            Format::Odc => 76,
            Format::BinaryLittle | Format::BinaryBig => 26,
            Format::Afio => 116,
        }
    }

    /// Word `n` of a binary header.
    fn word(self, header: &[u8], n: usize) -> u16 {
        let bytes = [header[2 * n], header[2 * n + 1]];
        match self {
            Format::BinaryBig => u16::from_be_bytes(bytes),
            _ => u16::from_le_bytes(bytes),
        }
    }
}

/// A header, with the entry's name and content left out.
pub(super) struct Header {
    pub format: Format,
    pub entry: Entry,
    pub name_at: usize,
    pub name_len: usize,
    pub size: u64,
    /// The sum of the content's bytes.
    pub sum: Option<u32>,
}

impl Header {
    /// Reads the header at the start of `bytes`.
    pub fn read(bytes: &[u8]) -> Result<Header, String> {
        let Some(format) = Format::detect(bytes) else {
            if bytes.len() < 6 {
                return Err(format!("a header is cut off after {} bytes", bytes.len()));
            }
            return Err(format!("no cpio header: it starts with \"{}\"", bytes[..6].escape_ascii()));
        };
        let len = format.header_len();
        let Some(header) = bytes.get(..len) else {
            return Err(format!("a header of {len} bytes is cut off after {}", bytes.len()));
        };
        match format {
            Format::Newc | Format::Crc => new_ascii(format, header),
            Format::Odc => odc(header).map(of_hp_ux),
            Format::BinaryLittle | Format::BinaryBig => Ok(of_hp_ux(binary(format, header))),
            Format::Afio => afio(header),
        }
    }
}

/// The cpio of HP-UX (GNU cpio's formats hpodc and hpbin) has a node's device number in the place of the size, and the number 0, 1
/// in its own place.
fn of_hp_ux(mut header: Header) -> Header {
    if header.entry.is_node() && header.entry.rdev == (0, 1) && header.size != 0 {
        header.entry.rdev = device(header.size as u32);
        header.size = 0;
    }
    header
}

/// The `cpio` crate reads it. It takes names for UTF-8, but they are bytes: it gets a header without a name.
fn new_ascii(format: Format, header: &[u8]) -> Result<Header, String> {
    digits(header, 6..110, 16)?;
    let name_len = number(&header[94..102], 16) as usize;
    let mut nameless = header.to_vec();
    nameless[94..102].copy_from_slice(b"00000001");
    nameless.extend([0; 2]);
    let reader = newc::Reader::new(nameless.as_slice()).map_err(|e| e.to_string())?;
    let entry = reader.entry();
    Ok(Header {
        format,
        entry: Entry {
            name: Vec::new(),
            ino: u64::from(entry.ino()),
            mode: entry.mode(),
            uid: entry.uid(),
            gid: entry.gid(),
            nlink: entry.nlink(),
            mtime: u64::from(entry.mtime()),
            dev: (entry.dev_major(), entry.dev_minor()),
            rdev: (entry.rdev_major(), entry.rdev_minor()),
            data: Vec::new(),
        },
        name_at: header.len(),
        name_len,
        size: u64::from(entry.file_size()),
        sum: entry.checksum(),
    })
}

fn odc(header: &[u8]) -> Result<Header, String> {
    digits(header, 6..76, 8)?;
    let short = |n: usize| number(&header[6 * n..6 * n + 6], 8) as u32;
    Ok(Header {
        format: Format::Odc,
        entry: Entry {
            name: Vec::new(),
            dev: device(short(1)),
            ino: u64::from(short(2)),
            mode: short(3),
            uid: short(4),
            gid: short(5),
            nlink: short(6),
            rdev: device(short(7)),
            mtime: number(&header[48..59], 8),
            data: Vec::new(),
        },
        name_at: header.len(),
        name_len: number(&header[59..65], 8) as usize,
        size: number(&header[65..76], 8),
        sum: None,
    })
}

/// Words of 16 bits. Of the two of a long number the upper one comes first, in both byte orders.
fn binary(format: Format, header: &[u8]) -> Header {
    let word = |n| u32::from(format.word(header, n));
    let long = |n| u64::from(word(n)) << 16 | u64::from(word(n + 1));
    Header {
        format,
        entry: Entry {
            name: Vec::new(),
            dev: device(word(1)),
            ino: u64::from(word(2)),
            mode: word(3),
            uid: word(4),
            gid: word(5),
            nlink: word(6),
            rdev: device(word(7)),
            mtime: long(8),
            data: Vec::new(),
        },
        name_at: header.len(),
        name_len: word(10) as usize,
        size: long(11),
        sum: None,
    }
}

/// Hexadecimal numbers, but for the mode. Letters separate some of them.
fn afio(header: &[u8]) -> Result<Header, String> {
    digits(header, 31..37, 8)?;
    for range in [6..30, 37..85, 86..98, 99..115] {
        digits(header, range, 16)?;
    }
    let hex = |from: usize, to: usize| number(&header[from..to], 16);
    if hex(94, 98) != 0 {
        return Err("an afio entry with an extension, which is not read".to_owned());
    }
    Ok(Header {
        format: Format::Afio,
        entry: Entry {
            name: Vec::new(),
            dev: device(hex(6, 14) as u32),
            ino: hex(14, 30),
            mode: number(&header[31..37], 8) as u32,
            uid: hex(37, 45) as u32,
            gid: hex(45, 53) as u32,
            nlink: hex(53, 61) as u32,
            rdev: device(hex(61, 69) as u32),
            mtime: hex(69, 85),
            data: Vec::new(),
        },
        name_at: header.len(),
        name_len: hex(86, 90) as usize,
        size: hex(99, 115),
        sum: None,
    })
}

/// A device number of 16 bits, or of Linux' 32 bits: the major number in the second byte.
fn device(number: u32) -> (u32, u32) {
    (number >> 8 & 0xfff, number & 0xff)
}

/// Whether all of `range` are digits.
fn digits(header: &[u8], range: std::ops::Range<usize>, radix: u32) -> Result<(), String> {
    let Some(bad) = range.clone().find(|at| !char::from(header[*at]).is_digit(radix)) else { return Ok(()) };
    let kind = if radix == 16 { "hexadecimal" } else { "octal" };
    Err(format!("byte {bad} of the header is \"{}\", no {kind} digit", header[bad].escape_ascii()))
}

fn number(text: &[u8], radix: u64) -> u64 {
    text.iter().fold(0, |value, digit| {
        value * radix + u64::from(char::from(*digit).to_digit(radix as u32).unwrap_or(0))
    })
}
