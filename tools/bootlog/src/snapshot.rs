// SPDX-License-Identifier: MIT OR Apache-2.0
//! The snapshot of an ordinary boot: its conditions, an empty line, and the log in its normal form.

use crate::conditions::Conditions;
use crate::normal::Normal;

/// The text of a boot. The names of the rules are among the conditions: by other rules it would be another text.
#[must_use]
pub fn text(conditions: &Conditions, boot: &Normal) -> String {
    let mut conditions = conditions.clone();
    let names: Vec<&str> = boot.hits().keys().copied().collect();
    conditions.set("rules", names.join(", "));
    format!("{conditions}\n{}", boot.text())
}

/// How a boot compares with the one that was reviewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// It is the same.
    Same,
    /// Lines differ.
    Changed,
    /// It was made under other conditions; the list has each difference. Its lines are not comparable.
    OtherConditions(Vec<String>),
}

/// Compares two texts of [`text`].
#[must_use]
pub fn compare(reviewed: &str, now: &str) -> Comparison {
    let changed = Conditions::parse(now).changed_since(&Conditions::parse(reviewed));
    if !changed.is_empty() {
        Comparison::OtherConditions(changed)
    } else if reviewed.trim() == now.trim() {
        Comparison::Same
    } else {
        Comparison::Changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normal::Rules;
    use crate::parse;

    #[test]
    fn conditions_come_first_then_the_log() {
        let rules = Rules::named(&["tsc-frequency", "initramfs"]).unwrap();
        let boot =
            rules.normalise(&parse(b"[    0.000001] tsc: Detected 2445.401 MHz processor\n[    0.1] x\n"));
        let conditions = Conditions::new([("memory", "512 MiB"), ("qemu", "10.0.13")]);
        assert_eq!(
            text(&conditions, &boot),
            "qemu: 10.0.13\nmemory: 512 MiB\nrules: initramfs, tsc-frequency\n\n\
             == early: firmware and early boot\ntsc: Detected <MHz> MHz processor\n[    0.1] x\n"
        );
    }

    #[test]
    fn other_conditions_are_told_from_other_lines() {
        let check = |reviewed: &str, now: &str, expect: Comparison| {
            assert_eq!(compare(reviewed, now), expect, "{reviewed:?} {now:?}");
        };
        let other =
            |lines: &[&str]| Comparison::OtherConditions(lines.iter().map(ToString::to_string).collect());
        check("cpus: 1\n\na\n", "cpus: 1\n\na\n", Comparison::Same);
        // As insta reads a snapshot: without the line break at its end.
        check("cpus: 1\n\na", "cpus: 1\n\na\n", Comparison::Same);
        check("cpus: 1\n\na\n", "cpus: 1\n\nb\n", Comparison::Changed);
        check("cpus: 1\n\na\n", "cpus: 1\n\na\nb\n", Comparison::Changed);
        check("cpus: 1\n\na\n", "cpus: 2\n\nb\n", other(&["cpus: was 1, is 2"]));
        check("cpus: 1\n\na\n", "cpus: 2\n\na\n", other(&["cpus: was 1, is 2"]));
        check("", "cpus: 2\n\na\n", other(&["cpus: was unknown, is 2"]));
    }
}
