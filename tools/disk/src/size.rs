// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sizes of partitions.

/// A mebibyte: where a partition starts is a multiple of it.
pub const MIB: u64 = 1 << 20;

/// The size that `text` writes, in bytes: a whole number of KiB, MiB, GiB or TiB.
///
/// # Errors
/// One line with the format of a size.
pub fn parse(text: &str) -> Result<u64, String> {
    let wrong =
        || format!("\"{text}\" is not a size: a whole number with KiB, MiB, GiB or TiB, such as \"64 MiB\"");
    let (number, unit) = text.trim().split_once(' ').ok_or_else(wrong)?;
    let factor: u64 = match unit {
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "TiB" => 1 << 40,
        _ => return Err(wrong()),
    };
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    number.parse::<u64>().ok().and_then(|number| number.checked_mul(factor)).ok_or_else(wrong)
}

/// `size` rounded up to a multiple of `unit`.
#[must_use]
pub fn round_up(size: u64, unit: u64) -> u64 {
    size.div_ceil(unit) * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (text, size) in [("64 MiB", Some(64 << 20)), ("3 GiB", Some(3 << 30)), ("16 KiB", Some(1 << 14))]
        {
            assert_eq!(parse(text).ok(), size, "{text}");
        }
        for text in ["", "64", "64MiB", "64 MB", "-1 MiB", "1.5 GiB", "+1 MiB", "99999999999 TiB"] {
            assert!(parse(text).unwrap_err().contains("is not a size"), "{text}");
        }
    }
}
