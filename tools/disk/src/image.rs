// SPDX-License-Identifier: MIT OR Apache-2.0
//! The disk as one sparse file: the partition table and the partitions.

use crate::error::Error;
use crate::layout::{Place, SECTOR};
use crate::manifest::Disk;
use crate::uuid::Uuid;
use gptman::{GPT, GPTPartitionEntry};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// What is left out where it is zeros: a block of the usual file systems.
const BLOCK: usize = 4096;

/// Writes the disk to `out`: partition `i` has the GUID `uuids[i]`, and the bytes of `parts[i]` at `places[i]`.
///
/// # Errors
/// A file cannot be read or written, or is longer than its partition; a partition has no GUID.
pub fn write(
    disk: &Disk,
    uuids: &[Option<Uuid>],
    parts: &[PathBuf],
    places: &[Place],
    size: u64,
    out: &Path,
) -> Result<(), Error> {
    let failed = |error: &std::io::Error| Error::io("write", out, error);
    let mut file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .open(out)
        .map_err(|error| failed(&error))?;
    file.set_len(size).map_err(|error| failed(&error))?;
    let uuids: Option<Vec<Uuid>> = uuids.iter().copied().collect();
    let uuids = uuids.ok_or_else(|| Error::new("a partition has no UUID"))?;
    table(disk, &uuids, places, &mut file)
        .map_err(|error| Error::new(format!("cannot write the partition table: {error}")))?;
    for (part, place) in parts.iter().zip(places) {
        let length = std::fs::metadata(part).map_err(|error| Error::io("read", part, &error))?.len();
        if length > place.size {
            return Err(Error::new(format!(
                "{} has {length} bytes, its partition {}",
                part.display(),
                place.size
            )));
        }
        let mut source = File::open(part).map_err(|error| Error::io("read", part, &error))?;
        copy_sparse(&mut source, &mut file, place.start).map_err(|error| failed(&error))?;
    }
    Ok(())
}

/// Writes the protective MBR and both copies of the GPT.
fn table(disk: &Disk, uuids: &[Uuid], places: &[Place], file: &mut File) -> Result<(), gptman::Error> {
    GPT::write_protective_mbr_into(file, SECTOR)?;
    let mut gpt = GPT::new_from(file, SECTOR, disk.uuid.mixed_endian())?;
    for (index, ((partition, uuid), place)) in (1..).zip(disk.partitions.iter().zip(uuids).zip(places)) {
        gpt[index] = GPTPartitionEntry {
            partition_type_guid: partition.kind.mixed_endian(),
            unique_partition_guid: uuid.mixed_endian(),
            starting_lba: place.start / SECTOR,
            ending_lba: (place.start + place.size) / SECTOR - 1,
            attribute_bits: 0,
            partition_name: partition.name.as_str().into(),
        };
    }
    gpt.write_into(file)?;
    Ok(())
}

/// Copies `source` to `target` from byte `at` on, but for blocks of zeros: there `target` keeps its hole.
///
/// # Errors
/// Those of reading and writing.
pub fn copy_sparse(source: &mut impl Read, target: &mut File, at: u64) -> std::io::Result<()> {
    let mut offset = at;
    let mut buffer = vec![0; 256 * BLOCK];
    loop {
        let mut filled = 0;
        while filled < buffer.len() {
            match source.read(&mut buffer[filled..])? {
                0 => break,
                count => filled += count,
            }
        }
        if filled == 0 {
            return Ok(());
        }
        for block in buffer[..filled].chunks(BLOCK) {
            if block.iter().any(|byte| *byte != 0) {
                target.seek(SeekFrom::Start(offset))?;
                target.write_all(block)?;
            }
            offset += block.len() as u64;
        }
    }
}
