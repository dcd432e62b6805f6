// SPDX-License-Identifier: MIT OR Apache-2.0
//! Metadata of device-mapper targets (Documentation/admin-guide/device-mapper/).

use super::{Format, Magic, Usage};

/// Hash tree of dm-verity, with veritysetup's superblock.
pub(super) const VERITY: Format = Format {
    name: "DM_verity_hash",
    usage: Usage::Crypto,
    magics: &[Magic { text: b"verity\0\0", block: 0, at: 0 }],
    read: |place, tags| {
        let record = place.reader.record(0, 512)?;
        (record.le32(8) == 1).then(|| {
            tags.uuid("UUID", record.bytes(16, 16));
            tags.push("VERSION", 1);
        })
    },
    ..Format::NONE
};

pub(super) const INTEGRITY: Format = Format {
    name: "DM_integrity",
    usage: Usage::Crypto,
    magics: &[Magic { text: b"integrt\0", block: 0, at: 0 }],
    read: |place, tags| {
        let version = place.reader.record(0, 29)?.u8(8);
        (version != 0).then(|| tags.push("VERSION", version))
    },
    ..Format::NONE
};

/// Store of a persistent snapshot.
pub(super) const SNAPSHOT: Format = Format {
    name: "DM_snapshot_cow",
    usage: Usage::Other,
    magics: &[Magic { text: b"SnAp", block: 0, at: 0 }],
    read: |_, _| Some(()),
    ..Format::NONE
};
