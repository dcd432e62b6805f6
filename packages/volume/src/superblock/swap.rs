// SPDX-License-Identifier: MIT OR Apache-2.0
//! Swap space, and the images that hibernation leaves in it (mkswap(8)).

use super::{Format, Magic, Place, Usage};
use crate::Tags;

/// A page has 4, 8, 16, 32 or 64 KiB.
const PAGES: usize = 5;

/// Each magic at the end of the first page, for each size of a page.
const fn pages<const N: usize, const ALL: usize>(texts: [&'static [u8]; N]) -> [Magic; ALL] {
    let mut all = [Magic { text: b"", block: 0, at: 0 }; ALL];
    let mut page = 0;
    while page < PAGES {
        let mut text = 0;
        while text < N {
            all[page * N + text] = Magic { text: texts[text], block: 0, at: (4096 << page) - 10 };
            text += 1;
        }
        page += 1;
    }
    all
}

const SWAP: [Magic; 2 * PAGES] = pages([b"SWAP-SPACE", b"SWAPSPACE2"]);
const IMAGES: [Magic; 4 * PAGES] = pages([b"S1SUSPEND", b"S2SUSPEND", b"ULSUSPEND", b"LINHIB0001"]);
const TUXONICE: &[u8] = b"\xed\xc3\x02\xe9\x98\x56\xe5\x0c";

pub(super) const FORMAT: Format =
    Format { name: "swap", usage: Usage::Other, smallest: 10 * 4096, magics: &SWAP, read, ..Format::NONE };

pub(super) const SUSPENDED: Format = Format {
    name: "swsuspend",
    usage: Usage::Other,
    smallest: 10 * 4096,
    magics: &IMAGES,
    read: read_suspended,
    ..Format::NONE
};

fn read(place: &Place<'_>, tags: &mut Tags) -> Option<()> {
    if place.reader.record(0, 8)?.is(0, TUXONICE) {
        return None;
    }
    if place.text == b"SWAP-SPACE" {
        tags.push("VERSION", 0);
        return Some(());
    }
    tell(place, "1", tags)
}

fn read_suspended(place: &Place<'_>, tags: &mut Tags) -> Option<()> {
    let version = std::str::from_utf8(place.text).ok()?.to_ascii_lowercase();
    tell(place, &version, tags)
}

fn tell(place: &Place<'_>, version: &str, tags: &mut Tags) -> Option<()> {
    let record = place.reader.record(1024, 516)?;
    if version == "1" {
        let little = record.le32(0) == 1;
        let last = if little { record.le32(4) } else { record.be32(4) };
        if !little && record.be32(0) != 1 || last == 0 {
            return None;
        }
        let page = place.at + place.text.len() as u64;
        tags.push("ENDIANNESS", if little { "LITTLE" } else { "BIG" });
        tags.push("FSBLOCKSIZE", page);
        tags.push("FSSIZE", page * u64::from(last));
        tags.push("FSLASTBLOCK", u64::from(last.wrapping_add(1)));
    }
    // What comes before uuid and label existed has bad pages listed there.
    if record.le32(172) == 0 && record.le32(176) == 0 {
        tags.label(record.bytes(28, 16));
        tags.uuid("UUID", record.bytes(12, 16));
    }
    tags.push("VERSION", version);
    Some(())
}
