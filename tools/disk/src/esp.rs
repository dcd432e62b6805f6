// SPDX-License-Identifier: MIT OR Apache-2.0
//! The FAT file system of an EFI system partition.

use crate::error::Error;
use fatfs::{Date, DateTime, FatType, FileSystem, FormatVolumeOptions, FsOptions, Time, TimeProvider};
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// Where firmware looks for a program on a disk of which it knows nothing (UEFI 2.10, 3.5.1.1).
pub const REMOVABLE: &str = "EFI/BOOT/BOOTX64.EFI";

/// The smallest file system that gets FAT32: FAT16 below.
const FAT32: u64 = 260 << 20;

/// Every time on the file system: the first that FAT can store.
#[derive(Debug)]
struct Epoch;

impl TimeProvider for Epoch {
    fn get_current_date(&self) -> Date {
        Date { year: 1980, month: 1, day: 1 }
    }

    fn get_current_date_time(&self) -> DateTime {
        DateTime { date: self.get_current_date(), time: Time { hour: 0, min: 0, sec: 0, millis: 0 } }
    }
}

static EPOCH: Epoch = Epoch;

/// Makes a FAT file system of `size` bytes in the file `out`, with `files` by their paths. The same bytes on every run.
///
/// # Errors
/// `out` cannot be written, or the files do not fit; a label that is longer than 11 bytes.
pub fn make(
    size: u64,
    id: u32,
    label: Option<&str>,
    files: &[(&str, Vec<u8>)],
    out: &Path,
) -> Result<(), Error> {
    let failed = |error: &io::Error| Error::io("write the FAT file system", out, error);
    let mut name = [b' '; 11];
    if let Some(label) = label {
        let room = name.get_mut(..label.len());
        let room =
            room.ok_or_else(|| Error::new(format!("the label \"{label}\" is longer than 11 bytes")))?;
        room.copy_from_slice(label.as_bytes());
    }
    let file = File::options().read(true).write(true).create(true).truncate(true).open(out);
    let mut file = file.map_err(|error| failed(&error))?;
    file.set_len(size).map_err(|error| failed(&error))?;
    let kind = if size >= FAT32 { FatType::Fat32 } else { FatType::Fat16 };
    let options = FormatVolumeOptions::new().volume_id(id).fat_type(kind).media(0xf8);
    let options = if label.is_some() { options.volume_label(name) } else { options };
    fatfs::format_volume(&mut file, options).map_err(|error| failed(&error))?;
    let filesystem =
        FileSystem::new(file, FsOptions::new().time_provider(&EPOCH)).map_err(|error| failed(&error))?;
    for (path, bytes) in files {
        write(&filesystem, path, bytes).map_err(|error| failed(&error).of(path))?;
    }
    filesystem.unmount().map_err(|error| failed(&error))
}

fn write(filesystem: &FileSystem<File>, path: &str, bytes: &[u8]) -> io::Result<()> {
    let mut directory = filesystem.root_dir();
    let (parents, name) = path.rsplit_once('/').unwrap_or(("", path));
    for parent in parents.split('/').filter(|parent| !parent.is_empty()) {
        directory = directory.create_dir(parent)?;
    }
    let mut file = directory.create_file(name)?;
    file.truncate()?;
    file.write_all(bytes)?;
    file.flush()
}
