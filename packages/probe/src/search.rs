// SPDX-License-Identifier: MIT OR Apache-2.0
//! Searches devices by their contents.

use crate::Tags;
use crate::device::{self, Device};
use std::path::Path;

/// A search for `NAME=VALUE`.
pub struct Wanted {
    name: String,
    value: Vec<u8>,
}

impl Wanted {
    /// A search for this value of this tag.
    pub fn new(name: &str, value: impl Into<Vec<u8>>) -> Wanted {
        Wanted { name: name.to_owned(), value: value.into() }
    }

    /// `NAME=VALUE`; the value may be in quotes.
    pub fn parse(text: &[u8]) -> Option<Wanted> {
        let at = text.iter().position(|byte| *byte == b'=')?;
        let (name, value) = (std::str::from_utf8(&text[..at]).ok()?, &text[at + 1..]);
        let inside = |quote: &[u8]| value.strip_prefix(quote)?.strip_suffix(quote);
        let value = inside(b"\"").or_else(|| inside(b"'")).unwrap_or(value);
        (!name.is_empty()).then(|| Wanted::new(name, value))
    }

    /// Whether `tags` have it. UUIDs are compared without regard to case.
    pub fn is_in(&self, tags: &Tags) -> bool {
        tags.get(&self.name).is_some_and(|value| {
            if self.name.ends_with("UUID") {
                value.eq_ignore_ascii_case(&self.value)
            } else {
                value == self.value
            }
        })
    }
}

/// The output of `blkid` for a device without `-p`: the tags that identify devices.
pub fn short(tags: &Tags) -> Tags {
    let mut short = Tags::default();
    for (name, value) in tags.iter() {
        match name {
            "PART_ENTRY_UUID" => short.push_bytes("PARTUUID", value),
            "PART_ENTRY_NAME" => short.push_bytes("PARTLABEL", value),
            "USAGE" | "VERSION" | "ENDIANNESS" | "FSBLOCKSIZE" | "FSLASTBLOCK" | "FSSIZE" => {}
            // The texts of ISO 9660, and the rest of the partition's entry.
            name if name.starts_with("PART_ENTRY_") || name.contains("_ID") => {}
            name if short.get(name).is_none() => short.push_bytes(name, value),
            _ => {}
        }
    }
    short
}

/// Every device that something is on, with [`short`] of it.
///
/// # Errors
///
/// What reading `/sys/class/block` gave.
pub fn devices(root: &Path) -> std::io::Result<Vec<(Device, Tags)>> {
    let devices = device::all(root)?.into_iter().filter(|device| device.size() != 0);
    let probed = devices.filter_map(|device| {
        // A value that cannot be read or determined is absent.
        let tags = short(&device.probe().unwrap_or_default());
        (!tags.is_empty()).then_some((device, tags))
    });
    Ok(probed.collect())
}

/// The first device with a tag.
///
/// # Errors
///
/// As in [`devices`].
pub fn find(root: &Path, wanted: &Wanted) -> std::io::Result<Option<Device>> {
    let found = devices(root)?.into_iter().find(|(_, tags)| wanted.is_in(tags));
    Ok(found.map(|(device, _)| device))
}
