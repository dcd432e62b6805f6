// SPDX-License-Identifier: MIT OR Apache-2.0
//! Disk images.

use crate::error::Error;
use crate::facts::Facts;
use std::path::Path;

/// Whether the first bytes of a file have the signature of a partition table or of a boot sector.
#[must_use]
pub fn is_disk(head: &[u8]) -> bool {
    head.get(510..512) == Some(&[0x55, 0xaa]) || head.get(512..520) == Some(b"EFI PART")
}

/// Adds the facts of a disk image.
pub(crate) fn facts(path: &Path, facts: &mut Facts) -> Result<(), Error> {
    let size = std::fs::metadata(path).map_err(|e| Error::io("read", path, &e))?.len();
    facts.add("kind", "disk image");
    facts.add("size", size);
    Ok(())
}
