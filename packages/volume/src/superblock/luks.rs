// SPDX-License-Identifier: MIT OR Apache-2.0
//! LUKS 1 and 2 (LUKS On-Disk Format Specification; LUKS2 On-Disk Format Specification).

use super::{Format, Place, Usage};
use crate::Tags;
use crate::text::{trim_end, until_nul};

/// It has no magic here: the binary header is one sector, and all of it has to be there.
pub(super) const FORMAT: Format = Format { name: "crypto_LUKS", usage: Usage::Crypto, read, ..Format::NONE };

fn read(place: &Place<'_>, tags: &mut Tags) -> Option<()> {
    let record = place.reader.record(0, 512)?;
    let version = record.be16(6);
    if !record.is(0, b"LUKS\xba\xbe") || version == 2 && record.be64(256) != 0 {
        return None;
    }
    tags.push("VERSION", version);
    if matches!(version, 1 | 2) {
        let uuid = trim_end(until_nul(record.bytes(168, 40)));
        if !uuid.is_empty() {
            tags.push_bytes("UUID", uuid);
        }
    }
    if version == 2 {
        tags.label(record.bytes(24, 48));
        tags.trimmed("SUBSYSTEM", record.bytes(208, 48));
    }
    Some(())
}
