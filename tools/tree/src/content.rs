// SPDX-License-Identifier: MIT OR Apache-2.0
//! The content of a file, in memory or in a file of the host.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// What is in a regular file: bytes, or where they are. Equal are contents of the same origin, not those of the same bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content(Origin);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Origin {
    Memory(Vec<u8>),
    /// A part of a file on the host.
    Host {
        path: PathBuf,
        offset: u64,
        size: u64,
    },
}

impl<T: Into<Vec<u8>>> From<T> for Content {
    fn from(bytes: T) -> Self {
        Content(Origin::Memory(bytes.into()))
    }
}

/// No bytes.
impl Default for Content {
    fn default() -> Self {
        Content(Origin::Memory(Vec::new()))
    }
}

impl Content {
    /// All of a regular file on the host, as long as it is now.
    ///
    /// # Errors
    /// There is no such file, or it is not a regular file.
    pub fn of_file(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        let meta = std::fs::metadata(&path)?;
        if !meta.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        Ok(Content(Origin::Host { path, offset: 0, size: meta.len() }))
    }

    /// `size` bytes of a file on the host, such as an archive, from `offset` on.
    #[must_use]
    pub fn of_range(path: impl Into<PathBuf>, offset: u64, size: u64) -> Self {
        Content(Origin::Host { path: path.into(), offset, size })
    }

    /// How many bytes it has.
    #[must_use]
    pub fn len(&self) -> u64 {
        match &self.0 {
            Origin::Memory(bytes) => bytes.len() as u64,
            Origin::Host { size, .. } => *size,
        }
    }

    /// Whether it has no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The file on the host that has it.
    #[must_use]
    pub fn host_path(&self) -> Option<&Path> {
        match &self.0 {
            Origin::Memory(_) => None,
            Origin::Host { path, .. } => Some(path),
        }
    }

    /// A reader of at most its bytes: fewer, if the host's file has become shorter.
    ///
    /// # Errors
    /// The host's file cannot be opened.
    pub fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(match &self.0 {
            Origin::Memory(bytes) => Box::new(bytes.as_slice()),
            Origin::Host { path, offset, size } => {
                let mut file = File::open(path)?;
                file.seek(SeekFrom::Start(*offset))?;
                Box::new(file.take(*size))
            }
        })
    }

    /// Its first bytes, at most `count`.
    ///
    /// # Errors
    /// The host's file cannot be read.
    pub fn start(&self, count: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open()?.take(count as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// All of it.
    ///
    /// # Errors
    /// The host's file cannot be read, or has become shorter.
    pub fn read(&self) -> io::Result<Cow<'_, [u8]>> {
        if let Origin::Memory(bytes) = &self.0 {
            return Ok(Cow::Borrowed(bytes));
        }
        let mut bytes = Vec::new();
        self.copy_to(&mut bytes)?;
        Ok(Cow::Owned(bytes))
    }

    /// Writes it, piece by piece.
    ///
    /// # Errors
    /// As those of [`Content::read`], and those of `out`.
    pub fn copy_to(&self, out: &mut dyn Write) -> io::Result<()> {
        let copied = io::copy(&mut self.open()?, out)?;
        if copied < self.len() {
            let message = format!("it ends after {copied} of {} bytes", self.len());
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, message));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_are_read_from_where_they_are() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("content");
        std::fs::write(&path, "0123456789").unwrap();
        let whole = Content::of_file(&path).unwrap();
        assert_eq!((whole.len(), &*whole.read().unwrap()), (10, &b"0123456789"[..]));
        let part = Content::of_range(&path, 3, 4);
        assert_eq!(&*part.read().unwrap(), b"3456");
        assert_eq!((part.start(2).unwrap(), part.start(9).unwrap()), (b"34".to_vec(), b"3456".to_vec()));
        assert_eq!(
            Content::of_range(&path, 8, 4).read().unwrap_err().to_string(),
            "it ends after 2 of 4 bytes"
        );
        assert_eq!(&*Content::from("x").read().unwrap(), b"x");
        // 5 GiB as a sparse file.
        File::options().write(true).open(&path).unwrap().set_len(5 << 30).unwrap();
        let large = Content::of_file(&path).unwrap();
        assert_eq!((large.len(), large.start(2).unwrap()), (5 << 30, b"01".to_vec()));
        assert_eq!(Content::of_range(&path, (5 << 30) - 1, 1).read().unwrap().as_ref(), [0]);
        std::fs::remove_file(&path).unwrap();
        assert!(Content::of_file(&path).is_err() && whole.read().is_err());
        assert_eq!(Content::of_file("/").unwrap_err().to_string(), "not a regular file");
    }
}
