// SPDX-License-Identifier: MIT OR Apache-2.0
//! Bounded reads from the probed device or file.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::os::unix::fs::FileExt;

/// Bytes that can be read at any offset: a block device, an image, a buffer.
pub trait Source {
    /// Number of bytes.
    fn size(&self) -> u64;

    /// Fills `buffer` with the bytes from `offset` on.
    ///
    /// # Errors
    ///
    /// What reading gave. The bytes are within [`Source::size`].
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()>;
}

impl Source for Vec<u8> {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let bytes = usize::try_from(offset)
            .ok()
            .and_then(|at| self.get(at..)?.get(..buffer.len()))
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(bytes);
        Ok(())
    }
}

/// A regular file or a block device.
#[derive(Debug)]
pub struct Image {
    file: File,
    size: u64,
}

impl Image {
    /// What `file` holds. Its size is where its end is, which is right for a block device too.
    ///
    /// # Errors
    ///
    /// What seeking gave: a pipe or a terminal cannot be probed.
    pub fn new(mut file: File) -> io::Result<Image> {
        let size = file.seek(SeekFrom::End(0))?;
        Ok(Image { file, size })
    }
}

impl Source for Image {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.file.read_exact_at(buffer, offset)
    }
}

/// A part of another source.
pub struct Window<'a> {
    source: &'a dyn Source,
    start: u64,
    size: u64,
}

impl<'a> Window<'a> {
    /// `size` bytes of `source` from `start` on, or all the rest; `None` if they are not within it.
    #[must_use]
    pub fn new(source: &'a dyn Source, start: u64, size: Option<u64>) -> Option<Window<'a>> {
        let rest = source.size().checked_sub(start)?;
        let size = size.unwrap_or(rest);
        (size <= rest).then_some(Window { source, start, size })
    }
}

impl Source for Window<'_> {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let offset = self.start.checked_add(offset).ok_or(io::ErrorKind::UnexpectedEof)?;
        self.source.read_at(offset, buffer)
    }
}

/// The most that is read at once. Nothing that is looked at is larger: what a header asks for beyond it is not there.
const LONGEST: u64 = 8 << 20;

/// Nearly all signatures are within so many bytes: they are read once.
const HEAD: u64 = 68 << 10;

/// Reads records of a source, and remembers the first error of reading.
pub(crate) struct Reader<'a> {
    source: &'a dyn Source,
    head: Vec<u8>,
    error: RefCell<Option<io::Error>>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(source: &'a dyn Source) -> Reader<'a> {
        let mut head = vec![0; usize::try_from(source.size().min(HEAD)).unwrap_or(0)];
        // A bad sector in it is of no account to a reader of the others.
        if source.read_at(0, &mut head).is_err() {
            head.clear();
        }
        Reader { source, head, error: RefCell::new(None) }
    }

    pub(crate) fn size(&self) -> u64 {
        self.source.size()
    }

    /// Where `offset` is, counted from the end if it is negative.
    pub(crate) fn place(&self, offset: i64) -> Option<u64> {
        if offset < 0 { self.size().checked_add_signed(offset) } else { Some(offset.unsigned_abs()) }
    }

    /// `length` bytes from `offset` on; `None` if they are not all there, are too many, or cannot be read.
    pub(crate) fn record(&self, offset: u64, length: u64) -> Option<Record> {
        let end = offset.checked_add(length)?;
        if length == 0 || length > LONGEST || end > self.size() {
            return None;
        }
        let (from, to) = (usize::try_from(offset).ok()?, usize::try_from(end).ok()?);
        if let Some(bytes) = self.head.get(from..to) {
            return Some(Record(bytes.to_vec()));
        }
        let mut bytes = vec![0; usize::try_from(length).ok()?];
        match self.source.read_at(offset, &mut bytes) {
            Ok(()) => Some(Record(bytes)),
            Err(error) => {
                self.error.borrow_mut().get_or_insert(error);
                None
            }
        }
    }

    /// The first error of reading.
    pub(crate) fn take_error(&self) -> Option<io::Error> {
        self.error.borrow_mut().take()
    }
}

/// Bytes with fields in them. A field that is not within them is zero, or empty.
pub(crate) struct Record(Vec<u8>);

impl Record {
    pub(crate) fn all(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn bytes(&self, at: usize, length: usize) -> &[u8] {
        self.0.get(at..).and_then(|rest| rest.get(..length)).unwrap_or_default()
    }

    fn array<const N: usize>(&self, at: usize) -> [u8; N] {
        self.bytes(at, N).try_into().unwrap_or([0; N])
    }

    pub(crate) fn is(&self, at: usize, text: &[u8]) -> bool {
        self.bytes(at, text.len()) == text
    }

    pub(crate) fn u8(&self, at: usize) -> u8 {
        self.0.get(at).copied().unwrap_or(0)
    }

    pub(crate) fn le16(&self, at: usize) -> u16 {
        u16::from_le_bytes(self.array(at))
    }

    pub(crate) fn le32(&self, at: usize) -> u32 {
        u32::from_le_bytes(self.array(at))
    }

    pub(crate) fn le64(&self, at: usize) -> u64 {
        u64::from_le_bytes(self.array(at))
    }

    pub(crate) fn be16(&self, at: usize) -> u16 {
        u16::from_be_bytes(self.array(at))
    }

    pub(crate) fn be32(&self, at: usize) -> u32 {
        u32::from_be_bytes(self.array(at))
    }

    pub(crate) fn be64(&self, at: usize) -> u64 {
        u64::from_be_bytes(self.array(at))
    }
}
