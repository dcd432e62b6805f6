// SPDX-License-Identifier: GPL-2.0

//! Logic without a device: pure functions, with their tests below.

use kernel::prelude::*;

/// Seats in the house.
pub(crate) const SEATS_MAX: u8 = 128;

/// Returns how many seats `guests` take: they come in pairs.
///
/// # Errors
///
/// `ENOSPC` if that is more than [`SEATS_MAX`].
pub(crate) fn seats(guests: u8) -> Result<u8> {
    guests
        .checked_next_multiple_of(2)
        .filter(|seats| *seats <= SEATS_MAX)
        .ok_or(ENOSPC)
}

#[cfg(qos_test)]
#[kunit_tests(hello)]
mod tests {
    use super::*;

    #[test]
    fn guests_come_in_pairs() {
        for (guests, expect) in [(0, 0), (1, 2), (2, 2), (127, 128), (128, 128)] {
            assert_eq!(seats(guests), Ok(expect));
        }
    }

    #[test]
    fn house_is_full() {
        for guests in [129, 130, 254, 255] {
            assert_eq!(seats(guests), Err(ENOSPC));
        }
    }
}
