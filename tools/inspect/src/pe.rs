// SPDX-License-Identifier: MIT OR Apache-2.0
//! PE programs, mainly unified kernel images (UAPI.5: a boot stub with the kernel, its initramfs and its command line as
//! sections).

use crate::error::Error;

/// Size of the COFF header behind the signature.
const COFF: usize = 20;
/// Size of an entry of the section table.
const ENTRY: usize = 40;

/// The section table of a PE file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pe {
    /// `IMAGE_FILE_MACHINE_…`.
    pub machine: u16,
    /// The sections, in the table's order.
    pub sections: Vec<Section>,
}

/// A section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its name, of at most 8 bytes.
    pub name: Vec<u8>,
    /// Offset in the file.
    pub offset: usize,
    /// Bytes with a meaning: those in the file, without the padding to the file's alignment.
    pub size: usize,
    /// Bytes in memory.
    pub memory: u32,
}

impl Section {
    /// Its bytes in `file`.
    ///
    /// # Errors
    ///
    /// They are not all there.
    pub fn data<'a>(&self, file: &'a [u8]) -> Result<&'a [u8], Error> {
        let end = self.offset.checked_add(self.size);
        end.and_then(|end| file.get(self.offset..end)).ok_or_else(|| {
            let name = self.name.escape_ascii();
            Error::new(format!(
                "section {name} at byte {} is cut off: {} of its {} bytes are there",
                self.offset,
                file.len().saturating_sub(self.offset),
                self.size
            ))
        })
    }
}

impl Pe {
    /// Whether a PE file starts with `bytes`.
    #[must_use]
    pub fn is(bytes: &[u8]) -> bool {
        signature(bytes).is_some()
    }

    /// Reads the section table.
    ///
    /// # Errors
    ///
    /// The offset at which the headers are cut off.
    pub fn read(bytes: &[u8]) -> Result<Pe, Error> {
        let at = signature(bytes).ok_or_else(|| Error::new("no PE signature"))? + 4;
        let cut = |at: usize| Error::new(format!("the PE headers are cut off at byte {at}"));
        let half = |at: usize| {
            bytes.get(at..at + 2).map(|b| u16::from_le_bytes([b[0], b[1]])).ok_or_else(|| cut(at))
        };
        let table = at + COFF + usize::from(half(at + 16)?);
        let count = usize::from(half(at + 2)?);
        let mut sections = Vec::new();
        for at in (0..count).map(|n| table + n * ENTRY) {
            let entry = bytes.get(at..at + ENTRY).ok_or_else(|| cut(at))?;
            let word =
                |at: usize| u32::from_le_bytes([entry[at], entry[at + 1], entry[at + 2], entry[at + 3]]);
            let name = &entry[..8];
            let (memory, raw) = (word(8), word(16));
            sections.push(Section {
                name: name[..name.iter().position(|b| *b == 0).unwrap_or(8)].to_vec(),
                offset: word(20) as usize,
                size: raw.min(memory) as usize,
                memory,
            });
        }
        Ok(Pe { machine: half(at)?, sections })
    }

    /// The first section of this name.
    #[must_use]
    pub fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.name == name.as_bytes())
    }
}

/// The offset of the signature, which the DOS header has at 0x3c.
fn signature(bytes: &[u8]) -> Option<usize> {
    let at = bytes.get(0x3c..0x40).filter(|_| bytes.starts_with(b"MZ"))?;
    let at = u32::from_le_bytes([at[0], at[1], at[2], at[3]]) as usize;
    (bytes.get(at..at.checked_add(4)?)? == b"PE\0\0").then_some(at)
}
