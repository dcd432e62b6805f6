// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sizes for a person.

/// A size with one digit after the point, if it is not zero: `37.8G`.
#[must_use]
pub fn human(size: u64) -> String {
    let power = size.checked_ilog2().unwrap_or(0) / 10;
    let Some(unit) = [None, Some('K'), Some('M'), Some('G'), Some('T'), Some('P'), Some('E')][power as usize]
    else {
        return format!("{size}B");
    };
    let shift = power * 10;
    let (mut whole, rest) = (size >> shift, size & ((1 << shift) - 1));
    let mut tenths = (u128::from(rest) * 10 + (1 << (shift - 1))) >> shift;
    if tenths == 10 {
        (whole, tenths) = (whole + 1, 0);
    }
    if tenths == 0 { format!("{whole}{unit}") } else { format!("{whole}.{tenths}{unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (size, expect) in [
            (0, "0B"),
            (512, "512B"),
            (1024, "1K"),
            (1536, "1.5K"),
            (256 << 30, "256G"),
            ((1 << 20) - 1, "1024K"),
            (9_961_472, "9.5M"),
            (500_107_862_016, "465.8G"),
            (u64::MAX, "16E"),
        ] {
            assert_eq!(human(size), expect);
        }
    }
}
