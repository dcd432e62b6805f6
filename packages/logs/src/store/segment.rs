// SPDX-License-Identifier: MIT OR Apache-2.0
//! Segments as files: `NUMBER.log`, and complete ones as `NUMBER.log.gz`.

use crate::codec::{HEADER, Header};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Bytes that are read of a segment: what is compressed could be much more.
const LOADED_MAX: u64 = 64 << 20;

/// A segment's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Its number.
    pub number: u64,
    /// Its file.
    pub path: PathBuf,
    /// Whether that is compressed; it is complete then.
    pub compressed: bool,
}

/// A segment's bytes.
#[derive(Debug)]
pub struct Loaded {
    /// What could be read.
    pub data: Vec<u8>,
    /// Why that is not all.
    pub error: Option<String>,
}

/// The name of a segment that is not compressed.
pub fn name(number: u64) -> String {
    format!("{number:016x}.log")
}

fn parse_name(name: &str) -> Option<(u64, bool)> {
    let (stem, compressed) = match name.strip_suffix(".gz") {
        Some(stem) => (stem, true),
        None => (name, false),
    };
    let digits = stem.strip_suffix(".log").filter(|digits| digits.len() == 16)?;
    Some((u64::from_str_radix(digits, 16).ok()?, compressed))
}

/// The segments in `directory` by number, each once: the compressed file if it has two. A number near the highest possible one
/// is no segment's.
///
/// # Errors
/// As in opendir(3).
pub fn list(directory: &Path) -> io::Result<Vec<Segment>> {
    let mut segments = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if let Some((number, compressed)) =
            entry.file_name().to_str().and_then(parse_name).filter(|(number, _)| *number < 1 << 63)
        {
            segments.push(Segment { number, path: entry.path(), compressed });
        }
    }
    segments.sort_by_key(|segment| (segment.number, !segment.compressed));
    segments.dedup_by_key(|segment| segment.number);
    Ok(segments)
}

/// Removes what an interrupted compression left.
pub fn clean(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_double = parse_name(&name).is_some_and(|(_, compressed)| !compressed)
            && path.with_file_name(format!("{name}.gz")).exists();
        if name.ends_with(".log.gz.part") || is_double {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

impl Segment {
    /// Reads it, up to 64 MiB of what it contains. Compressed data that is damaged is read up to the damage.
    ///
    /// # Errors
    /// When there is no file any more, or it cannot be read.
    pub fn load(&self) -> io::Result<Loaded> {
        self.read(LOADED_MAX)
    }

    /// The file; it may have been compressed since it was listed.
    fn open(&self) -> io::Result<(File, bool)> {
        match File::open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && !self.compressed => {
                let path = self.path.with_extension("log.gz");
                Ok((File::open(path)?, true))
            }
            opened => Ok((opened?, self.compressed)),
        }
    }

    fn read(&self, most: u64) -> io::Result<Loaded> {
        let (file, compressed) = self.open()?;
        let mut data = Vec::new();
        let read = match compressed {
            true => GzDecoder::new(io::BufReader::new(file)).take(most).read_to_end(&mut data),
            false => file.take(most).read_to_end(&mut data),
        };
        match read {
            Ok(_) => Ok(Loaded { data, error: None }),
            Err(error) if compressed => Ok(Loaded { data, error: Some(qos_sys::error_text(&error)) }),
            Err(error) => Err(error),
        }
    }
}

/// The header of a segment, without reading the rest; `None` if it is damaged or gone.
#[must_use]
pub fn head(segment: &Segment) -> Option<Header> {
    Header::parse(&segment.read(HEADER as u64).ok()?.data)
}

/// Replaces a segment by a compressed file.
///
/// # Errors
/// As in open(2), write(2), rename(2); the segment stays then.
pub fn compress(segment: &Segment) -> io::Result<()> {
    let data = fs::read(&segment.path)?;
    let to = segment.path.with_extension("log.gz");
    let part = segment.path.with_extension("log.gz.part");
    let write = || {
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o640).open(&part)?;
        let mut encoder = GzEncoder::new(file, Compression::new(6));
        encoder.write_all(&data)?;
        encoder.finish()?.sync_data()?;
        fs::rename(&part, &to)
    };
    write().inspect_err(|_| drop(fs::remove_file(&part)))?;
    fs::remove_file(&segment.path)
}

/// Bytes that the segments in `directory` take on the disk.
///
/// # Errors
/// As in opendir(3).
pub fn usage(directory: &Path) -> io::Result<u64> {
    Ok(list(directory)?.iter().map(size).sum())
}

fn size(segment: &Segment) -> u64 {
    // Some file systems count no blocks for a file before it is synced.
    fs::metadata(&segment.path).map_or(0, |meta| (meta.blocks() * 512).max(meta.len()))
}

/// Removes the oldest complete segments until those that stay take at most `limit` bytes, without the last one. Gives the
/// number of files and bytes that were removed.
///
/// # Errors
/// As in opendir(3), unlink(2).
pub fn vacuum(directory: &Path, limit: u64) -> io::Result<(u64, u64)> {
    let mut segments = list(directory)?;
    if segments.last().is_some_and(|last| !last.compressed) {
        segments.pop();
    }
    let mut used: u64 = segments.iter().map(size).sum();
    let (mut files, mut bytes) = (0, 0);
    for segment in &segments {
        if used <= limit {
            break;
        }
        let size = size(segment);
        fs::remove_file(&segment.path)?;
        used -= size.min(used);
        files += 1;
        bytes += size;
    }
    Ok((files, bytes))
}
