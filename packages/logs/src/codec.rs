// SPDX-License-Identifier: MIT OR Apache-2.0
//! The format of a segment: a header, then records. Pure; `README.md` describes it byte by byte.

use crate::entry::{Entry, KNOWN, is_name};
use std::borrow::Cow;
use std::ops::Range;

/// Begins each segment.
pub const MAGIC: [u8; 8] = *b"QOSLOG1\n";

/// Bytes of a header: magic, boot id, two times, number, host name, checksum.
pub const HEADER: usize = 8 + 16 + 8 + 8 + 8 + 64 + 4;

/// Begins each record, so that a reader finds the next one behind damage.
const SYNC: [u8; 2] = [0xfe, 0x51];

/// Bytes of a record before its contents: sync, length, checksum.
const FRAME: usize = 2 + 4 + 4;

/// Bytes that the contents of a record may have.
pub const RECORD_MAX: usize = 1 << 20;

/// What is common to the records of a segment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    /// The boot that its records are of.
    pub boot: u128,
    /// The times of the records count from these, in microseconds.
    pub realtime: u64,
    /// See `realtime`.
    pub monotonic: u64,
    /// The number of the segment; later ones have higher numbers.
    pub number: u64,
    /// The host's name; at most 64 bytes are kept.
    pub host: String,
}

impl Header {
    /// Its bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(self.boot.to_be_bytes());
        bytes.extend(self.realtime.to_le_bytes());
        bytes.extend(self.monotonic.to_le_bytes());
        bytes.extend(self.number.to_le_bytes());
        let mut host = [0; 64];
        let count = self.host.len().min(64);
        host[..count].copy_from_slice(&self.host.as_bytes()[..count]);
        bytes.extend(host);
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        bytes
    }

    /// Reads the header of a segment; `None` if it is not whole.
    #[must_use]
    pub fn parse(data: &[u8]) -> Option<Self> {
        let (body, sum) = data.get(..HEADER)?.split_at(HEADER - 4);
        if body[..8] != MAGIC || crc32fast::hash(body).to_le_bytes() != *sum {
            return None;
        }
        let number = |at: usize| body[at..at + 8].try_into().map_or(0, u64::from_le_bytes);
        let host = &body[48..];
        let end = host.iter().position(|byte| *byte == 0).unwrap_or(host.len());
        Some(Header {
            boot: body[8..24].try_into().map_or(0, u128::from_be_bytes),
            realtime: number(24),
            monotonic: number(32),
            number: number(40),
            host: String::from_utf8_lossy(&host[..end]).into_owned(),
        })
    }

    /// Appends `entry`, which is within its bounds ([`Entry::bound`]), as a record to `out`.
    pub fn encode_entry(&self, entry: &Entry, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend(SYNC);
        out.extend([0; 8]);
        put_difference(out, entry.realtime, self.realtime);
        put_difference(out, entry.monotonic, self.monotonic);
        put(out, entry.fields.len() as u64);
        for (name, value) in &entry.fields {
            match KNOWN.iter().position(|known| known == name) {
                Some(at) => out.push(at as u8 + 1),
                None => {
                    out.push(0);
                    put(out, name.len() as u64);
                    out.extend(name.as_bytes());
                }
            }
            put(out, value.len() as u64);
            out.extend(value);
        }
        let length = (out.len() - start - FRAME) as u32;
        out[start + 2..start + 6].copy_from_slice(&length.to_le_bytes());
        let sum = checksum(length, &out[start + FRAME..]);
        out[start + 6..start + FRAME].copy_from_slice(&sum.to_le_bytes());
    }

    fn decode_entry(&self, mut contents: &[u8]) -> Option<Entry> {
        let rest = &mut contents;
        let realtime = take_difference(rest, self.realtime)?;
        let monotonic = take_difference(rest, self.monotonic)?;
        let count = usize::try_from(take(rest)?).ok()?;
        // A field has two bytes at least.
        let mut fields = Vec::with_capacity(count.min(rest.len() / 2));
        for _ in 0..count {
            let code = *rest.split_off_first()?;
            let name = match code {
                0 => {
                    let name = take_bytes(rest)?;
                    let text = std::str::from_utf8(name).ok().filter(|_| is_name(name))?;
                    Cow::Owned(text.to_owned())
                }
                code => Cow::Borrowed(*KNOWN.get(usize::from(code) - 1)?),
            };
            fields.push((name, take_bytes(rest)?.to_vec()));
        }
        rest.is_empty().then_some(Entry { realtime, monotonic, fields })
    }
}

/// Of the length too: a wrong length is as bad as wrong contents.
fn checksum(length: u32, contents: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&length.to_le_bytes());
    hasher.update(contents);
    hasher.finalize()
}

/// Appends a number, seven bits a byte, the lowest first.
fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn take(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = *rest.split_off_first()?;
        let bits = u64::from(byte & 0x7f);
        // The tenth byte has one bit.
        if bits << shift >> shift != bits {
            return None;
        }
        number |= bits << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

fn take_bytes<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(take(rest)?).ok()?;
    rest.split_off(..length)
}

/// A time as its difference from `base`: small, and negative where a clock was set back.
fn put_difference(out: &mut Vec<u8>, time: u64, base: u64) {
    let difference = time.wrapping_sub(base) as i64;
    put(out, (difference << 1 ^ difference >> 63) as u64);
}

fn take_difference(rest: &mut &[u8], base: u64) -> Option<u64> {
    let number = take(rest)?;
    let difference = (number >> 1) as i64 ^ -((number & 1) as i64);
    Some(base.wrapping_add(difference as u64))
}

/// What a scan finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// An entry, and the offsets of its record.
    Entry(Range<usize>, Entry),
    /// Bytes that are no record. A range up to the end of the data may be a record that is still being written.
    Damage(Range<usize>),
}

/// The records of a segment, in order.
pub struct Scan<'a> {
    data: &'a [u8],
    header: Header,
    at: usize,
    /// Bytes that may still be summed up to find a record behind damage: hostile data could make each byte look like the beginning
    /// of a long one.
    budget: usize,
}

impl<'a> Scan<'a> {
    /// Scans a segment. Without a whole header its records have times that count from 0, and no boot.
    #[must_use]
    pub fn new(data: &'a [u8]) -> Self {
        let header = Header::parse(data);
        let at = if header.is_some() { HEADER } else { 0 };
        Self::from(data, header.unwrap_or_default(), at)
    }

    /// Scans from the record at offset `at` on.
    #[must_use]
    pub fn from(data: &'a [u8], header: Header, at: usize) -> Self {
        Scan { data, header, at, budget: 4 * data.len() + RECORD_MAX }
    }

    /// The contents of the record at `at`.
    fn record(&self, at: usize) -> Option<&'a [u8]> {
        let frame = self.data.get(at..at.checked_add(FRAME)?)?;
        let length = u32::from_le_bytes(frame[2..6].try_into().ok()?);
        let sum = u32::from_le_bytes(frame[6..].try_into().ok()?);
        let size = usize::try_from(length).ok().filter(|size| frame[..2] == SYNC && *size <= RECORD_MAX)?;
        let contents = self.data.get(at + FRAME..at + FRAME + size)?;
        (checksum(length, contents) == sum).then_some(contents)
    }

    /// The offset of the first record behind `at`.
    fn next_record(&mut self, at: usize) -> Option<usize> {
        for start in at + 1..self.data.len().saturating_sub(FRAME - 1) {
            if self.data[start..start + 2] != SYNC {
                continue;
            }
            let length = self.data[start + 2..start + 6].try_into().map_or(0, u32::from_le_bytes);
            let size = usize::try_from(length).unwrap_or(usize::MAX);
            if size > RECORD_MAX || size > self.data.len() - start - FRAME {
                continue;
            }
            self.budget = self.budget.checked_sub(size)?;
            if self.record(start).is_some() {
                return Some(start);
            }
        }
        None
    }
}

impl Iterator for Scan<'_> {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        let start = self.at;
        if start >= self.data.len() {
            return None;
        }
        let Some(contents) = self.record(start) else {
            self.at = self.next_record(start).unwrap_or(self.data.len());
            return Some(Found::Damage(start..self.at));
        };
        self.at = start + FRAME + contents.len();
        let range = start..self.at;
        Some(match self.header.decode_entry(contents) {
            Some(entry) => Found::Entry(range, entry),
            None => Found::Damage(range),
        })
    }
}

/// `contents` as a record, whatever they are.
#[cfg(any(test, feature = "fuzz"))]
pub fn frame(contents: &[u8]) -> Vec<u8> {
    let length = contents.len() as u32;
    [&SYNC[..], &length.to_le_bytes(), &checksum(length, contents).to_le_bytes(), contents].concat()
}

/// Where the last whole record of a segment ends: what follows is torn.
#[must_use]
pub fn end_of_records(data: &[u8]) -> usize {
    let mut end = HEADER.min(data.len());
    let mut scan = Scan::new(data);
    while let Some(Found::Entry(range, _) | Found::Damage(range)) = scan.next() {
        // A record that is whole and not understood is one of a later version.
        if scan.record(range.start).is_some() {
            end = range.end;
        }
    }
    end
}

#[cfg(test)]
mod tests;
