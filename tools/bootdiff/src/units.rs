// SPDX-License-Identifier: MIT OR Apache-2.0
//! Formats numbers for people.

use crate::report::Amount;
use qos_bootlog::cost::Millions;

/// What an initcall's cost can differ by for no reason of its own. Instructions that interrupts take count for whatever they
/// interrupt, and anything that changes the kernel moves them; the timer's took up to 60 000 in a boot without others.
pub(crate) const SLIGHT: u64 = 100_000;

/// What a revision does not have.
pub const NONE: &str = "–";

/// What an amount counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Shown in millions with three decimals, `328.614 M`.
    Instructions,
    /// Shown in full, with spaces between thousands: `4 784 128`.
    Bytes,
    /// Shown with the unit: `76 MiB`.
    Mebibytes,
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
            Self::Mebibytes => format!("{} MiB", thousands(value)),
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

/// Round numbers for an axis from the one before `from` to `to`, with at most `most` steps of 1, 2 or 5 times a power of ten from `from` on.
#[must_use]
pub fn ticks(from: u64, to: u64, most: u64) -> Vec<u64> {
    let longest = to.saturating_sub(from);
    let mut step = 1;
    let mut factors = [2, 5, 10].into_iter().cycle();
    let mut decade = 1u64;
    while longest / step > most {
        let factor = factors.next().unwrap_or(10);
        step = decade.saturating_mul(factor);
        if factor == 10 {
            decade = step;
        }
    }
    (from / step..=to / step).map(|at| at * step).collect()
}

/// Millions, with the decimals that it takes: `0.25`.
#[must_use]
pub fn in_millions(tick: u64) -> String {
    let text = format!("{}.{:06}", tick / 1_000_000, tick % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
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
        check(Unit::Mebibytes, Some(76), Some(74), "−2 MiB (−2.63 %)");
        check(Unit::Bytes, Some(7), Some(7), "same");
        check(Unit::Bytes, None, Some(7), "new");
        check(Unit::Bytes, Some(7), None, "gone");
        check(Unit::Bytes, None, None, "same");
        assert_eq!(Unit::Bytes.show(None), "–");
        assert_eq!(Unit::Instructions.show(Some(1_234_567_000)), "1 234.567 M");
        assert_eq!([0, 12, 1234, 1_234_567].map(thousands), ["0", "12", "1 234", "1 234 567"]);
        assert_eq!((count(1, "line"), count(1000, "line")), ("1 line".to_owned(), "1 000 lines".to_owned()));
    }

    #[test]
    fn ticks_are_round() {
        let check = |longest: u64, expect: &str| {
            let labels: Vec<String> = ticks(0, longest, 8).into_iter().map(in_millions).collect();
            assert_eq!(labels.join(" "), expect, "{longest}");
        };
        check(366_154_000, "0 50 100 150 200 250 300 350");
        check(1_000_000, "0 0.2 0.4 0.6 0.8 1");
        check(14_711_369_000, "0 2000 4000 6000 8000 10000 12000 14000");
        check(999_000, "0 0.2 0.4 0.6 0.8");
        check(8, "0 0.000001 0.000002 0.000003 0.000004 0.000005 0.000006 0.000007 0.000008");
        assert_eq!(ticks(0, 0, 8), [0]);
        assert!(ticks(0, u64::MAX, 8).len() < 10);
        let labels = |from, to| ticks(from, to, 8).into_iter().map(in_millions).collect::<Vec<_>>().join(" ");
        assert_eq!(labels(83_264_000, 109_486_000), "80 85 90 95 100 105");
        assert_eq!(labels(109_486_000, 109_486_000), "109.486");
        assert_eq!(labels(7, 6), "");
    }
}
