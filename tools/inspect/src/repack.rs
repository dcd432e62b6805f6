// SPDX-License-Identifier: MIT OR Apache-2.0
//! Rewrites an initramfs: changes, removes or adds entries, or changes the compression.

use crate::archive::Entry;
use crate::codec::Codec;
use crate::compress::compress;
use crate::error::Error;
use crate::newc;
use crate::segments::{EARLY_ALIGN, Segment};
use qos_manifest::Compression;
use qos_tree::path::{normal, show};

/// What is done to an image.
#[derive(Debug, Default)]
pub struct Changes {
    /// How compressed segments are compressed; in their own way if not given.
    pub compression: Option<Compression>,
    /// Paths that are removed, with everything below them.
    pub remove: Vec<Vec<u8>>,
    /// Contents of files at these paths. A file that is not there is added to the last segment, of root's and mode 0644.
    pub put: Vec<(Vec<u8>, Vec<u8>)>,
}

/// Writes segments again. Names, order, modes, owners, times and inode numbers of entries stay; the format is newc. Segments that are not
/// compressed stay so.
///
/// # Errors
///
/// A path to take out is not there; a segment's own compression cannot be written.
pub fn repack(mut segments: Vec<Segment>, changes: &Changes) -> Result<Vec<u8>, Error> {
    for path in &changes.remove {
        let gone =
            normal(path).ok_or_else(|| Error::new(format!("{} leads out of the image", show(path))))?;
        let below = [gone.as_slice(), b"/"].concat();
        let goes =
            |entry: &Entry| normal(&entry.name).is_some_and(|path| path == gone || path.starts_with(&below));
        let before = count(&segments);
        for archive in segments.iter_mut().flat_map(|segment| &mut segment.archives) {
            archive.entries.retain(|entry| !goes(entry));
        }
        if count(&segments) == before {
            return Err(Error::new(format!("/{} is not in the image", show(&gone))));
        }
    }
    for (path, data) in &changes.put {
        put(&mut segments, path, data)?;
    }
    let mut out: Vec<u8> = Vec::new();
    for segment in &segments {
        let mut content = Vec::new();
        for archive in &segment.archives {
            newc::write_entries(&archive.entries, &mut content)?;
        }
        // An LZ4 segment has no end of its own: zeros end it.
        if !out.is_empty() {
            out.resize((out.len() + 4).next_multiple_of(EARLY_ALIGN), 0);
        }
        let how = method(segment.codec, changes.compression)?;
        out.extend(compress(&content, how)?);
    }
    Ok(out)
}

fn count(segments: &[Segment]) -> usize {
    segments.iter().flat_map(|segment| &segment.archives).map(|archive| archive.entries.len()).sum()
}

/// The last entry of the path gets the content: it is the one that the kernel keeps.
fn put(segments: &mut [Segment], path: &[u8], data: &[u8]) -> Result<(), Error> {
    let path = normal(path).filter(|path| !path.is_empty());
    let path = path.ok_or_else(|| Error::new("a path that leads out of the image, or is its root"))?;
    let archives = || segments.iter().flat_map(|segment| &segment.archives);
    let entries = archives().flat_map(|archive| &archive.entries);
    let largest = entries.map(|entry| entry.ino).max().unwrap_or(0);
    let mut entries: Vec<&mut Entry> = segments
        .iter_mut()
        .flat_map(|segment| &mut segment.archives)
        .flat_map(|archive| &mut archive.entries)
        .filter(|entry| normal(&entry.name).as_deref() == Some(&path))
        .collect();
    if let Some(entry) = entries.pop() {
        if !entry.is_file() || entry.nlink > 1 {
            let message = format!("/{} is not a regular file with one name: take it out first", show(&path));
            return Err(Error::new(message));
        }
        entry.data = data.to_vec();
        return Ok(());
    }
    let archive = segments.last_mut().and_then(|segment| segment.archives.last_mut());
    let archive = archive.ok_or_else(|| Error::new("the last segment has no archive to add a file to"))?;
    archive.entries.push(Entry {
        name: path,
        ino: largest + 1,
        mode: 0o100_644,
        uid: 0,
        gid: 0,
        nlink: 1,
        mtime: 0,
        rdev: (0, 0),
        dev: (0, 0),
        data: data.to_vec(),
    });
    Ok(())
}

/// The compression to write a segment with.
fn method(codec: Codec, wanted: Option<Compression>) -> Result<Compression, Error> {
    let own = match codec {
        Codec::None => return Ok(Compression::None),
        Codec::Gzip => "gzip",
        Codec::Lz4 => "lz4",
        Codec::Zstd => "zstd",
        other => other.name(),
    };
    match wanted {
        Some(wanted) => Ok(wanted),
        None => Compression::new(own, None).map_err(|_| {
            Error::new(format!("{own} cannot be written: give --compression none, gzip, lz4 or zstd"))
        }),
    }
}
