// SPDX-License-Identifier: MIT OR Apache-2.0
//! Units of a task's amount, and the format of progress in plain lines.

use indicatif::ProgressStyle;
use std::time::Duration;

/// What a task's amount counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Bytes.
    Bytes,
    /// Things.
    Items,
}

/// `download: 120/514 MB 30/238 packages`.
pub(crate) fn plain(name: &str, done: u64, total: u64, unit: Unit, detail: &str) -> String {
    let amount = match (unit, total) {
        (Unit::Bytes, 0) => format!("{} MB", done / 1_000_000),
        (Unit::Bytes, _) => format!("{}/{} MB", done / 1_000_000, total / 1_000_000),
        (Unit::Items, 0) => String::new(),
        (Unit::Items, _) => format!("{done}/{total}"),
    };
    let words: Vec<_> = [amount.as_str(), detail].into_iter().filter(|text| !text.is_empty()).collect();
    if words.is_empty() { format!("{name}: goes on") } else { format!("{name}: {}", words.join(" ")) }
}

/// `12.3 s`, `4 min 05 s`.
pub fn seconds(time: Duration) -> String {
    let all = time.as_secs();
    if all < 100 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} min {:02} s", all / 60, all % 60)
    }
}

/// A bar's style; `noun` is what items are called.
pub(crate) fn style(total: u64, unit: Unit, noun: &str) -> ProgressStyle {
    let template = match (unit, total) {
        (Unit::Bytes, 0) => "{prefix:24} {spinner} {bytes} {wide_msg}".to_owned(),
        (Unit::Bytes, _) => {
            "{prefix:24} [{bar:30}] {bytes}/{total_bytes} {bytes_per_sec} {wide_msg}".to_owned()
        }
        (Unit::Items, 0) => "{prefix:24} {spinner} {elapsed} {wide_msg}".to_owned(),
        (Unit::Items, _) => {
            format!("{{prefix:24}} [{{bar:30}}] {{pos}}/{{len}} {noun} {{elapsed}} {{wide_msg}}")
        }
    };
    ProgressStyle::with_template(&template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_lines() {
        let mb = 1_000_000;
        assert_eq!(
            plain("download", 3 * mb, 9 * mb, Unit::Bytes, "1/2 packages"),
            "download: 3/9 MB 1/2 packages"
        );
        assert_eq!(plain("check", 5 * mb, 0, Unit::Bytes, ""), "check: 5 MB");
        assert_eq!(plain("crates", 5, 9, Unit::Items, ""), "crates: 5/9");
        assert_eq!(plain("add", 0, 0, Unit::Items, "x"), "add: x");
        assert_eq!(plain("add", 0, 0, Unit::Items, ""), "add: goes on");
    }

    #[test]
    fn durations() {
        assert_eq!(seconds(Duration::from_millis(1234)), "1.2 s");
        assert_eq!(seconds(Duration::from_secs(245)), "4 min 05 s");
    }
}
