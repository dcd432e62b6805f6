// SPDX-License-Identifier: MIT OR Apache-2.0
//! ext2, ext3, ext4, and their journals on a device of their own (Documentation/filesystems/ext4/super.rst).

use super::{Format, Magic, Place, Usage};
use crate::source::Record;
use crate::{Tags, sum};

const MAGICS: &[Magic] = &[Magic { text: b"\x53\xef", block: 1024, at: 0x38 }];

pub(super) const EXT4: Format = Format {
    name: "ext4",
    magics: MAGICS,
    read: |place, tags| {
        let superblock = read(place)?;
        let plain = superblock.is_plain(INCOMPATIBLE_3);
        (!superblock.is_journal() && !plain && !superblock.is_test()).then(|| superblock.tell(4, tags))
    },
    ..Format::NONE
};

pub(super) const EXT3: Format = Format {
    name: "ext3",
    magics: MAGICS,
    read: |place, tags| {
        let superblock = read(place)?;
        (superblock.has_journal() && superblock.is_plain(INCOMPATIBLE_3)).then(|| superblock.tell(3, tags))
    },
    ..Format::NONE
};

pub(super) const EXT2: Format = Format {
    name: "ext2",
    magics: MAGICS,
    read: |place, tags| {
        let superblock = read(place)?;
        (!superblock.has_journal() && superblock.is_plain(INCOMPATIBLE_2)).then(|| superblock.tell(2, tags))
    },
    ..Format::NONE
};

pub(super) const JOURNAL: Format = Format {
    name: "jbd",
    usage: Usage::Other,
    magics: MAGICS,
    read: |place, tags| {
        let superblock = read(place)?;
        superblock.is_journal().then(|| {
            superblock.tell(2, tags);
            tags.uuid("LOGUUID", superblock.0.bytes(104, 16));
        })
    },
    ..Format::NONE
};

/// Incompatible features of ext2: file types in directories, meta block groups.
const INCOMPATIBLE_2: u32 = 0x2 | 0x10;
/// Those of ext3: a journal to be replayed, too.
const INCOMPATIBLE_3: u32 = INCOMPATIBLE_2 | 0x4;
/// Features of both that forbid writing: sparse superblocks, large files, B-tree directories.
const READ_ONLY: u32 = 0x1 | 0x2 | 0x4;

struct Superblock(Record);

fn read(place: &Place<'_>) -> Option<Superblock> {
    const METADATA_CSUM: u32 = 0x400;
    let record = place.reader.record(1024, 1024)?;
    let right = if record.le32(100) & METADATA_CSUM == 0 {
        record.le32(24) < 256
    } else {
        sum::crc32c(!0, record.bytes(0, 1020)) == record.le32(1020)
    };
    right.then_some(Superblock(record))
}

impl Superblock {
    fn has_journal(&self) -> bool {
        self.0.le32(92) & 0x4 != 0
    }

    fn is_journal(&self) -> bool {
        self.0.le32(96) & 0x8 != 0
    }

    /// Whether it is of ext4 while that was in development.
    fn is_test(&self) -> bool {
        self.0.le32(0x160) & 0x4 != 0
    }

    /// Whether there are no features but those of ext2 or ext3.
    fn is_plain(&self, incompatible: u32) -> bool {
        self.0.le32(100) & !READ_ONLY == 0 && self.0.le32(96) & !incompatible == 0
    }

    fn tell(&self, version: u8, tags: &mut Tags) {
        let record = &self.0;
        let incompatible = record.le32(96);
        tags.label(record.bytes(120, 16));
        tags.uuid("UUID", record.bytes(104, 16));
        if self.has_journal() {
            tags.uuid("EXT_JOURNAL", record.bytes(208, 16));
        }
        if version != 2 && incompatible & !INCOMPATIBLE_2 == 0 {
            tags.push("SEC_TYPE", "ext2");
        }
        tags.push("VERSION", format_args!("{}.{}", record.le32(76), record.le16(62)));
        let block = 1024u32.checked_shl(record.le32(24));
        if let Some(block) = block {
            tags.push("FSBLOCKSIZE", block);
            tags.push("BLOCK_SIZE", block);
        }
        let high = if incompatible & 0x80 == 0 { 0 } else { u64::from(record.le32(0x150)) << 32 };
        tags.push("FSLASTBLOCK", u64::from(record.le32(4)) | high);
        tags.push("FSSIZE", u64::from(block.unwrap_or(0)) * u64::from(record.le32(4)));
    }
}
