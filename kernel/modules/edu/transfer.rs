// SPDX-License-Identifier: GPL-2.0

//! What a DMA transfer may be: which part of the device's buffer, from or to where in memory.
//!
//! The device checks the part of its own buffer, in a way that a guest cannot see, and not the
//! memory at all: of an address beyond its mask it drops the upper bits and transfers elsewhere. So
//! a [`Command`] is checked before the device gets it.

use kernel::prelude::*;

/// Bytes of the device's buffer.
pub(crate) const BUFFER_SIZE: usize = 4096;

/// Where the buffer is in the device's own addresses.
const BUFFER_START: u64 = 0x40000;

/// Which way a transfer goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// From memory to the device's buffer.
    ToDevice,
    /// From the device's buffer to memory.
    FromDevice,
}

/// A part of the device's buffer.
///
/// # Invariants
///
/// It has at least one byte, and ends at the end of the buffer or before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    offset: usize,
    length: usize,
}

impl Extent {
    /// What is meant by `length` bytes at a file's `position`: no more than there is, and nothing at
    /// all where nothing is wanted or left.
    ///
    /// # Errors
    ///
    /// `EINVAL` for a negative position.
    pub(crate) fn at(position: i64, length: usize) -> Result<Option<Self>> {
        let offset = u64::try_from(position).map_err(|_| EINVAL)?;
        let left = (BUFFER_SIZE as u64).saturating_sub(offset);
        // CAST: `left` is `BUFFER_SIZE` at most.
        let length = length.min(left as usize);
        // CAST: If anything is left, `offset` is below `BUFFER_SIZE`.
        let offset = offset as usize;
        // INVARIANT: `length` is at most what is left behind `offset`, and not 0.
        Ok((length > 0).then_some(Self { offset, length }))
    }

    /// Number of bytes.
    pub(crate) fn length(&self) -> usize {
        self.length
    }
}

/// A transfer as the device's registers want it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Command {
    /// Where it reads: an address of memory or of the device.
    pub(crate) source: u64,
    /// Where it writes: an address of the device or of memory.
    pub(crate) destination: u64,
    /// Number of bytes.
    pub(crate) count: u32,
    /// From the device to memory.
    pub(crate) to_memory: bool,
}

impl Command {
    /// The transfer between a part of the device's buffer and the memory at the bus address
    /// `memory`, for a device that drives the bits of `mask` only.
    ///
    /// # Errors
    ///
    /// `ERANGE` if a byte of that memory is beyond the mask.
    pub(crate) fn new(direction: Direction, part: Extent, memory: u64, mask: u64) -> Result<Self> {
        let last = memory.checked_add(part.length as u64 - 1).ok_or(ERANGE)?;
        if last > mask {
            return Err(ERANGE);
        }
        let buffer = BUFFER_START + part.offset as u64;
        let (source, destination) = match direction {
            Direction::ToDevice => (memory, buffer),
            Direction::FromDevice => (buffer, memory),
        };
        Ok(Self {
            source,
            destination,
            // CAST: A part of the buffer has `BUFFER_SIZE` bytes at most.
            count: part.length as u32,
            to_memory: direction == Direction::FromDevice,
        })
    }
}

#[cfg(qos_test)]
#[kunit_tests(edu_transfer)]
mod tests {
    use super::*;

    const MASK: u64 = (1 << 28) - 1;

    #[test]
    fn a_part_ends_where_the_buffer_ends() {
        let cases = [
            (0, 4096, Some((0, 4096))),
            (0, 1, Some((0, 1))),
            (0, 4097, Some((0, 4096))),
            (0, usize::MAX, Some((0, 4096))),
            (1, 4096, Some((1, 4095))),
            (4095, 1, Some((4095, 1))),
            (4095, 2, Some((4095, 1))),
            (4096, 1, None),
            (4097, 1, None),
            (i64::MAX, usize::MAX, None),
            (0, 0, None),
            (17, 0, None),
        ];
        for (position, length, expect) in cases {
            let expect = expect.map(|(offset, length)| Extent { offset, length });
            let part = Extent::at(position, length);
            assert_eq!(part, Ok(expect));
            if let Ok(Some(part)) = part {
                assert!(part.length() <= length);
            }
        }
    }

    #[test]
    fn a_negative_position_is_refused() {
        for position in [-1, -4096, i64::MIN] {
            assert_eq!(Extent::at(position, 1), Err(EINVAL));
        }
    }

    #[test]
    fn a_command_has_source_and_destination_by_direction() {
        let part = Extent {
            offset: 0x123,
            length: 7,
        };
        let to = Command::new(Direction::ToDevice, part, 0x1000, MASK);
        let from = Command::new(Direction::FromDevice, part, 0x1000, MASK);
        let expect = Command {
            source: 0x1000,
            destination: 0x40123,
            count: 7,
            to_memory: false,
        };
        assert_eq!(to, Ok(expect));
        let expect = Command {
            source: 0x40123,
            destination: 0x1000,
            count: 7,
            to_memory: true,
        };
        assert_eq!(from, Ok(expect));
    }

    #[test]
    fn memory_is_within_the_mask_to_the_last_byte() {
        let part = Extent {
            offset: 0,
            length: 4096,
        };
        let cases: [(u64, u64, bool); 8] = [
            (0, MASK, true),
            (MASK - 4095, MASK, true),
            (MASK - 4094, MASK, false),
            (MASK, MASK, false),
            (MASK + 1, MASK, false),
            (MASK - 4094, u64::MAX, true),
            (u64::MAX - 4095, u64::MAX, true),
            (u64::MAX - 4094, u64::MAX, false),
        ];
        for (memory, mask, fits) in cases {
            let command = Command::new(Direction::ToDevice, part, memory, mask);
            assert_eq!(command.is_ok(), fits);
            assert!(fits || command == Err(ERANGE));
        }
    }
}
