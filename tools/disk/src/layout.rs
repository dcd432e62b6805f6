// SPDX-License-Identifier: MIT OR Apache-2.0
//! The positions of partitions on a disk.

use crate::size::{MIB, round_up};

/// Bytes of a sector.
pub const SECTOR: u64 = 512;

/// The bytes of a partition on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Where it starts.
    pub start: u64,
    /// How long it is.
    pub size: u64,
}

/// The places of partitions of these sizes, and the size of the disk. Each partition starts and ends at a MiB, the first at the
/// second MiB of the disk; one MiB at the end has the backup of the table.
#[must_use]
pub fn places(sizes: &[u64]) -> (Vec<Place>, u64) {
    let mut at = MIB;
    let mut places = Vec::new();
    for size in sizes {
        let size = round_up(*size, MIB);
        places.push(Place { start: at, size });
        at += size;
    }
    (places, at + MIB)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_start_at_a_mib() {
        let (places, disk) = places(&[3 * MIB, 1, 2 * MIB]);
        let starts: Vec<_> = places.iter().map(|place| (place.start / MIB, place.size / MIB)).collect();
        assert_eq!((starts, disk / MIB), (vec![(1, 3), (4, 1), (5, 2)], 8));
    }
}
