// SPDX-License-Identifier: MIT OR Apache-2.0
//! Debian package files (deb(5)): the archive of a package's files.

use crate::error::{Error, Result};
use liblzma::read::XzDecoder;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

/// Passes the tar archive of the package file `file` to `read`. `name` is the package's, for messages.
///
/// # Errors
///
/// The file cannot be read, is damaged, or has an unsupported compression; the error of `read`.
pub fn data<T>(file: &Path, name: &str, read: impl FnOnce(&mut dyn Read) -> Result<T>) -> Result<T> {
    let opened = File::open(file).map_err(|error| Error::io("read", file, &error))?;
    let mut archive = ar::Archive::new(BufReader::new(opened));
    while let Some(entry) = archive.next_entry() {
        let mut entry = entry.map_err(|error| damaged(file, &error))?;
        let member = String::from_utf8_lossy(entry.header().identifier()).into_owned();
        match member.as_str() {
            "data.tar.xz" => return read(&mut XzDecoder::new(BufReader::with_capacity(1 << 16, entry))),
            "data.tar" => return read(&mut entry),
            member if member.starts_with("data.tar") => {
                return Err(Error::new(format!(
                    "the package {name} contains {member}, whose compression is not supported"
                )));
            }
            _ => {}
        }
    }
    Err(Error::new(format!("the package file {} is damaged: it contains no data.tar", file.display())))
}

/// The error for a package file with invalid contents.
pub fn damaged(file: &Path, error: &io::Error) -> Error {
    Error::new(format!("the package file {} is damaged: {error}", file.display()))
}
