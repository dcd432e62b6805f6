// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reads an archive member by member: the common part of `-t` and `-x`.

use crate::Failure;
use crate::codec::Decoder;
use crate::glob;
use crate::options::{Member, Options};
use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::rc::Rc;

/// A member of an archive with its contents.
pub type Entry<'a> = tar::Entry<'a, Box<dyn Read>>;

/// Counts the bytes of the archive as it is without compression.
struct Counted {
    input: Decoder,
    bytes: Rc<Cell<u64>>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.input.read(buffer)?;
        self.bytes.set(self.bytes.get() + n as u64);
        Ok(n)
    }
}

/// Calls `work` for each member that is asked for, with its name. Standard input is `input`.
///
/// # Errors
/// When the archive cannot be read, or is cut off; when a name on the command line is not in it; and those of `work`.
pub fn each(
    options: &Options,
    input: Box<dyn Read>,
    mut work: impl FnMut(&str, &mut Entry) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let name = options.file.as_deref().unwrap_or(Path::new("standard input"));
    let input: Box<dyn Read> = match &options.file {
        Some(path) => Box::new(File::open(path).map_err(|error| fatal(Failure::at(path, &error)))?),
        None => input,
    };
    let decoder = Decoder::new(input).map_err(|error| fatal(Failure::at(name, &error)))?;
    let bytes = Rc::new(Cell::new(0));
    let counted: Box<dyn Read> = Box::new(Counted { input: decoder, bytes: bytes.clone() });
    let mut archive = tar::Archive::new(counted);
    let mut found = vec![false; options.members.len()];
    let mut last = String::new();
    let failed = |error: io::Error, last: &str| damaged(name, bytes.get(), last, &error);
    for entry in archive.entries().map_err(|error| failed(error, ""))? {
        let mut entry = entry.map_err(|error| failed(error, &last))?;
        last = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let is_wanted = options.members.is_empty()
            || options.members.iter().zip(&mut found).any(|(member, found)| {
                let has = is_below(&last, member);
                *found |= has;
                has
            });
        if is_wanted && !glob::excludes(&options.excluded, &last) {
            work(&last.clone(), &mut entry)?;
        }
    }
    let missing = options.members.iter().zip(found).find(|(_, found)| !found);
    match missing {
        Some((member, _)) => Err(fatal(Failure::new(format!("{}: not found in the archive", member.name)))),
        None => Ok(()),
    }
}

/// Whether the member called `name` is `member` or in the directory of that name.
fn is_below(name: &str, member: &Member) -> bool {
    let wanted = member.name.trim_end_matches('/');
    let rest = name.strip_prefix(wanted);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Status 2: the archive or the arguments are not as they should be.
pub fn fatal(failure: Failure) -> Failure {
    failure.with_status(2)
}

/// What went wrong in the archive, where.
fn damaged(archive: &Path, bytes: u64, last: &str, error: &io::Error) -> Failure {
    let name = archive.display();
    let after = if last.is_empty() { String::new() } else { format!(", after member {last}") };
    let text = qos_sys::error_text(error);
    fatal(Failure::new(if bytes <= 512 && (text.contains("checksum") || text.contains("numeric field")) {
        format!("{name}: not a tar archive")
    } else if is_end(error) && !text.contains("cut off") {
        format!("{name}: the archive is cut off: it ends at byte {bytes}{after}")
    } else {
        format!("{name}: at byte {bytes}{after}: {text}")
    }))
}

/// An error of a member's contents.
pub fn contents(name: &str, entry: &Entry, error: &io::Error) -> Failure {
    let text = qos_sys::error_text(error);
    let start = entry.raw_file_position();
    fatal(Failure::new(if is_end(error) && !text.contains("cut off") {
        format!(
            "{name}: the archive is cut off within this member, whose {} bytes begin at byte {start}",
            entry.size()
        )
    } else {
        format!("{name}: {text}")
    }))
}

fn is_end(error: &io::Error) -> bool {
    let text = error.to_string();
    error.kind() == io::ErrorKind::UnexpectedEof
        || text.contains("unexpected EOF")
        || text.contains("entire block")
}
