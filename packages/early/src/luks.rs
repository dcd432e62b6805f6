// SPDX-License-Identifier: MIT OR Apache-2.0
//! Containers of LUKS: header, key slots, and the key of the volume (LUKS1 On-Disk Format Specification 1.2.3; LUKS2
//! On-Disk Format Specification 1.1.3).
//!
//! Nothing in a header is trusted: each number that sizes an allocation or a loop has a bound.

mod bytes;
pub(crate) mod kdf;
mod slot;
mod version1;
mod version2;

use std::fmt::{self, Display};
use std::io::{self, Read, Seek, SeekFrom};

/// First bytes of a container.
const MAGIC: &[u8; 6] = b"LUKS\xba\xbe";
/// Longest key of a volume, in bytes; the ciphers in use take 64 at most.
const LONGEST_KEY: usize = 512;

/// An unlocked container: the parameters for dm-crypt.
#[derive(Clone, PartialEq, Eq)]
pub struct Volume {
    /// 1 or 2.
    pub version: u16,
    /// UUID of the container.
    pub uuid: String,
    /// The cipher as dm-crypt takes it: `aes-xts-plain64`.
    pub cipher: String,
    /// The key.
    pub key: Vec<u8>,
    /// Where the data begins, in bytes.
    pub offset: u64,
    /// How long they are, in bytes; up to the end of the device if there is no number.
    pub size: Option<u64>,
    /// Bytes of an encrypted sector.
    pub sector: u32,
    /// Number of the first sector for the cipher's initial vector.
    pub iv_tweak: u64,
    /// The options of the header for dm-crypt, by names of cryptsetup: `allow-discards` …
    pub flags: Vec<String>,
}

/// Why a container stays locked.
#[derive(Debug)]
pub enum Error {
    /// No key slot opens with this passphrase.
    Passphrase,
    /// The header is damaged, or of a form that is not supported.
    Header(String),
    /// Deriving a key needs more memory than there is: KiB needed and available.
    Memory(u64, u64),
    /// It cannot be read.
    Read(io::Error),
}

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Passphrase => f.write_str("no key slot opens with this passphrase"),
            Error::Header(reason) => f.write_str(reason),
            Error::Memory(needed, available) => write!(
                f,
                "its key derivation needs {} MiB of memory, and {} MiB are available",
                needed.div_ceil(1024),
                available / 1024
            ),
            Error::Read(error) => f.write_str(&qos_sys::error_text(error)),
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Error::Read(error)
    }
}

/// A container on a device or in a file.
pub trait Source {
    /// `length` bytes from `offset` on.
    ///
    /// # Errors
    /// As those of reading; `UnexpectedEof` if they are not there.
    fn bytes(&mut self, offset: u64, length: usize) -> io::Result<Vec<u8>>;
}

impl<T: Read + Seek> Source for T {
    fn bytes(&mut self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        self.seek(SeekFrom::Start(offset))?;
        self.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

/// Unlocks the container in `source` with `passphrase`. `memory`: KiB that may be used.
///
/// # Errors
/// See [`Error`].
pub fn unlock(source: &mut dyn Source, passphrase: &[u8], memory: u64) -> Result<Volume, Error> {
    let head = source.bytes(0, 4096)?;
    match (&head[..6] == MAGIC, bytes::be16(&head, 6)) {
        (true, 1) => version1::unlock(source, &head, passphrase),
        // A damaged first header of version 2 has a copy.
        _ => version2::unlock(source, passphrase, memory),
    }
}
