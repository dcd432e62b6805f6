// SPDX-License-Identifier: MIT OR Apache-2.0
//! Members of md arrays (include/uapi/linux/raid/md_p.h).

use super::{Format, Place, Usage};
use crate::source::Record;
use crate::{Kind, Tags, partition};

pub(super) const FORMAT: Format =
    Format { name: "linux_raid_member", usage: Usage::Raid, read, ..Format::NONE };

const MAGIC: u32 = 0xa92b_4efc;
/// Room of the superblock 0.90 at the end.
const RESERVED: u64 = 64 << 10;

fn read(place: &Place<'_>, tags: &mut Tags) -> Option<()> {
    let size = place.reader.size();
    if size > RESERVED {
        if read_0(place, (size & !(RESERVED - 1)) - RESERVED, tags).is_some() {
            return Some(());
        }
        if read_1(place, (size & !0xfff) - 0x2000, tags).is_some() {
            tags.push("VERSION", "1.0");
            return Some(());
        }
    }
    let (version, ()) = [("1.1", 0), ("1.2", 0x1000)]
        .into_iter()
        .find_map(|(version, at)| Some((version, read_1(place, at, tags)?)))?;
    tags.push("VERSION", version);
    Some(())
}

/// 0.90, in the byte order of the machine that made it.
fn read_0(place: &Place<'_>, at: u64, tags: &mut Tags) -> Option<()> {
    let record = place.reader.record(at, 64)?;
    let little = record.le32(0) == MAGIC;
    if !little && record.be32(0) != MAGIC {
        return None;
    }
    let word = |at: usize| if little { record.le32(at) } else { record.be32(at) };
    let size = u64::from(word(32)) << 10;
    if place.reader.size() < size + RESERVED || at < size {
        return None;
    }
    // At the end of a disk it may be that of its last partition.
    let partition = matches!(place.options.kind, Kind::Partition | Kind::Optical);
    if !partition && partition::covers(place.reader, place.options, at - size, size + RESERVED) {
        return None;
    }
    tags.push("VERSION", format_args!("{}.{}.{}", word(4), word(8), word(12)));
    let later = if word(8) >= 90 { [word(52), word(56), word(60)] } else { [0; 3] };
    let uuid: Vec<u8> = [word(20)].into_iter().chain(later).flat_map(u32::to_be_bytes).collect();
    tags.uuid("UUID", &uuid);
    Some(())
}

fn read_1(place: &Place<'_>, at: u64, tags: &mut Tags) -> Option<()> {
    let record = place.reader.record(at, 256)?;
    let right = record.le32(0) == MAGIC
        && record.le32(4) == 1
        && record.le64(144) == at >> 9
        && has_right_sum(place, at, &record);
    right.then(|| {
        tags.uuid("UUID", record.bytes(16, 16));
        tags.uuid("UUID_SUB", record.bytes(168, 16));
        tags.label(record.bytes(32, 32));
    })
}

/// The sum of all words and of the roles behind them, without the checksum itself, folded to 32 bits.
fn has_right_sum(place: &Place<'_>, at: u64, record: &Record) -> bool {
    let length = 256 + 2 * u64::from(record.le32(220));
    // Where the roles are not all there, nothing is said of the sum.
    let Some(whole) = place.reader.record(at, length) else { return true };
    let words = whole.all().chunks_exact(4);
    let half = words.remainder().first_chunk().map_or(0, |half| u64::from(u16::from_le_bytes(*half)));
    let total: u64 =
        words.filter_map(|word| word.first_chunk()).map(|word| u64::from(u32::from_le_bytes(*word))).sum();
    let total = total.wrapping_sub(u64::from(record.le32(216))).wrapping_add(half);
    (total >> 32) + (total & 0xffff_ffff) == u64::from(record.le32(216))
}
