// SPDX-License-Identifier: MIT OR Apache-2.0
//! Formats numbers for people.

use crate::report::Amount;
use qos_bootlog::cost::Millions;

/// What a revision does not have.
pub const NONE: &str = "–";

/// What an amount counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Shown in millions with three decimals, `328.614 M`.
    Instructions,
    /// Shown in full, with spaces between thousands: `4 784 128`.
    Bytes,
}

impl Unit {
    /// The value, or [`NONE`].
    #[must_use]
    pub fn show(self, value: Option<u64>) -> String {
        value.map_or_else(|| NONE.to_owned(), |value| self.number(value))
    }

    fn number(self, value: u64) -> String {
        match self {
            Self::Instructions => format!("{} M", Millions(value)),
            Self::Bytes => thousands(value),
        }
    }

    /// What changed, with its sign and in percent: `+1.500 M (+0.46 %)`.
    #[must_use]
    pub fn difference(self, amount: &Amount) -> String {
        match (amount.base, amount.head) {
            (Some(base), Some(head)) if base != head => {
                let sign = if head < base { '−' } else { '+' };
                let number = self.number(head.abs_diff(base));
                format!("{sign}{number}{}", percent(sign, base, head))
            }
            (Some(_), Some(_)) | (None, None) => "same".to_owned(),
            (Some(_), None) => "gone".to_owned(),
            (None, Some(_)) => "new".to_owned(),
        }
    }
}

fn percent(sign: char, base: u64, head: u64) -> String {
    if base == 0 {
        return String::new();
    }
    // More than any real cost is exact in an f64; two decimals are shown.
    let percent = head.abs_diff(base) as f64 * 100.0 / base as f64;
    match percent {
        p if p < 0.005 => String::new(),
        p if p < 10.0 => format!(" ({sign}{p:.2} %)"),
        // Ten times as much and more is easier to read so.
        p if p >= 900.0 => format!(" (×{:.0})", head as f64 / base as f64),
        p => format!(" ({sign}{p:.0} %)"),
    }
}

/// `4784128` as `4 784 128`.
#[must_use]
pub fn thousands(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// `1 line`, `2 lines`.
#[must_use]
pub fn count(number: usize, what: &str) -> String {
    format!("{} {what}{}", thousands(number as u64), if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts() {
        let check = |unit: Unit, base, head, expect: &str| {
            assert_eq!(unit.difference(&Amount::new("x", base, head)), expect, "{base:?} {head:?}");
        };
        check(Unit::Instructions, Some(328_614_000), Some(330_114_000), "+1.500 M (+0.46 %)");
        check(Unit::Instructions, Some(10_000_000), Some(5_000_000), "−5.000 M (−50 %)");
        check(Unit::Instructions, Some(1_000_000_000), Some(1_000_001_000), "+0.001 M");
        check(Unit::Instructions, Some(0), Some(1000), "+0.001 M");
        check(Unit::Instructions, Some(14_000), Some(4_021_000), "+4.007 M (×287)");
        check(Unit::Bytes, Some(100), Some(999), "+899 (+899 %)");
        check(Unit::Bytes, Some(4_784_128), Some(4_792_320), "+8 192 (+0.17 %)");
        check(Unit::Bytes, Some(7), Some(7), "same");
        check(Unit::Bytes, None, Some(7), "new");
        check(Unit::Bytes, Some(7), None, "gone");
        check(Unit::Bytes, None, None, "same");
        assert_eq!(Unit::Bytes.show(None), "–");
        assert_eq!(Unit::Instructions.show(Some(1_234_567_000)), "1 234.567 M");
        assert_eq!([0, 12, 1234, 1_234_567].map(thousands), ["0", "12", "1 234", "1 234 567"]);
        assert_eq!((count(1, "line"), count(1000, "line")), ("1 line".to_owned(), "1 000 lines".to_owned()));
    }
}
