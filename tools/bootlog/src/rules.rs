// SPDX-License-Identifier: MIT OR Apache-2.0
//! The rules for boots that are not golden: every line of which it is known that it differs from boot to boot, and why.
//!
//! What is the same on every boot is not masked. A new rule needs a reason that a reviewer can check, and lines from real
//! logs as examples; `cargo xtask stable` shows what differs, and a pattern to begin with.

use crate::mask::Mask;
use crate::phase::Phase;
use crate::unordered::Group;

/// The masks; the first that matches a message is applied.
pub const MASKS: &[Mask] = &[Mask {
    name: "tsc-frequency",
    why: "the processor's clock is measured against a timer of the machine",
    pattern: r"tsc: (Detected|Refined TSC clocksource calibration:) [0-9]+\.[0-9]+ MHz( processor)?",
    replacement: "tsc: $1 <MHz> MHz$2",
    examples: &[("tsc: Detected 999.993 MHz processor", "tsc: Detected <MHz> MHz processor")],
}];

/// The groups; a line belongs to the first that has it.
pub const GROUPS: &[Group] = &[Group {
    name: "random",
    why: "a work queue reads from the virtio-rng device while everything else goes on",
    from: Phase::Drivers,
    to: Phase::Shutdown,
    patterns: &["random: crng init done"],
    examples: &["random: crng init done"],
}];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::{Matcher, whole};
    use crate::normal::Rules;
    use crate::unordered::Members;
    use std::collections::BTreeSet;

    /// Each example shows what its mask does, and no other mask does anything to the line before or after.
    #[test]
    fn masks_do_what_their_examples_show() {
        let matchers: Vec<Matcher> = MASKS.iter().map(|mask| Matcher::new(*mask).unwrap()).collect();
        for mask in MASKS {
            assert!(!mask.examples.is_empty() && !mask.why.is_empty(), "{} is not explained", mask.name);
            for (before, after) in mask.examples {
                let applied = |message: &str| -> Vec<(&str, String)> {
                    matchers.iter().filter_map(|one| Some((one.mask.name, one.apply(message)?))).collect()
                };
                assert_eq!(applied(before), [(mask.name, (*after).to_owned())], "{before}");
                assert_ne!(before, after, "{} masks nothing", mask.name);
                assert!(applied(after).iter().all(|(_, again)| again == after), "{after} is masked again");
            }
        }
    }

    /// Each example is a line of its group and of no other, each pattern has one, and no mask changes them.
    #[test]
    fn groups_have_their_examples() {
        let matchers: Vec<Matcher> = MASKS.iter().map(|mask| Matcher::new(*mask).unwrap()).collect();
        let all: Vec<Members> = GROUPS.iter().map(|group| Members::new(*group).unwrap()).collect();
        for group in GROUPS {
            assert!(!group.why.is_empty() && group.from <= group.to, "{} is not explained", group.name);
            for example in group.examples {
                let of: Vec<&str> = all
                    .iter()
                    .filter(|members| members.has(group.to, example))
                    .map(|members| members.group.name)
                    .collect();
                assert_eq!(of, [group.name], "{example}");
                let masked = matchers.iter().find_map(|mask| mask.apply(example));
                assert!(masked.is_none_or(|masked| masked == *example), "{example} is masked");
            }
            for pattern in group.patterns {
                let pattern = whole(pattern).unwrap();
                assert!(
                    group.examples.iter().any(|example| pattern.is_match(example)),
                    "{}: {pattern} has no example",
                    group.name
                );
            }
        }
    }

    #[test]
    fn names_are_unique_and_of_one_form() {
        let names = Rules::all().unwrap().names();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
        for name in names {
            assert!(name.bytes().all(|byte| byte == b'-' || byte.is_ascii_lowercase()), "{name}");
        }
    }
}
