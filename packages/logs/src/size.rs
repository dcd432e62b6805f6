// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sizes in bytes as a person writes and reads them: `64M`.

/// Reads a number with K, M, G or T, powers of 1024.
///
/// # Errors
/// Says what is expected.
pub fn parse(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(['B', 'i']);
    let (number, shift) = match digits.char_indices().next_back() {
        Some((at, 'K' | 'k')) => (&digits[..at], 10),
        Some((at, 'M')) => (&digits[..at], 20),
        Some((at, 'G')) => (&digits[..at], 30),
        Some((at, 'T')) => (&digits[..at], 40),
        _ => (digits, 0),
    };
    let number: Option<u64> = number.parse().ok();
    let size = number.and_then(|number| number.checked_mul(1 << shift));
    size.ok_or_else(|| format!("{text:?} is no size: give a number with K, M, G or T, as in 64M"))
}

/// A size with one decimal, as journalctl prints it.
pub fn format(bytes: u64) -> String {
    let units = ["B", "K", "M", "G", "T"];
    let unit = (0..4).take_while(|unit| bytes >> (10 * (unit + 1)) > 0).count();
    if unit == 0 {
        format!("{bytes}B")
    } else {
        format!("{:.1}{}", bytes as f64 / (1_u64 << (10 * unit)) as f64, units[unit])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (text, expect) in [
            ("1", Some(1)),
            ("64M", Some(64 << 20)),
            ("1KiB", Some(1024)),
            ("2G", Some(2 << 30)),
            ("", None),
            ("M", None),
            ("-1", None),
            ("99999999999T", None),
            ("5µ", None),
        ] {
            assert_eq!(parse(text).ok(), expect, "{text}");
        }
        for (bytes, expect) in
            [(0, "0B"), (1023, "1023B"), (1536, "1.5K"), (8 << 20, "8.0M"), (3 << 40, "3.0T")]
        {
            assert_eq!(format(bytes), expect);
        }
    }
}
