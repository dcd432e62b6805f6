// SPDX-License-Identifier: MIT OR Apache-2.0
//! The cost of a boot according to its reviewed timeline: parses the text of [`crate::cost::timeline`].

use crate::phase::Phase;

/// The numbers of a timeline, in instructions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reference {
    /// What each phase cost.
    pub phases: Vec<(Phase, u64)>,
    /// What the most expensive initcalls cost, by name.
    pub initcalls: Vec<(String, u64)>,
    /// How many initcalls there were, with those that are not listed.
    pub initcall_count: usize,
}

impl Reference {
    /// Reads a timeline. What is no line of one is skipped, such as the head of a snapshot file.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        enum Part {
            Other,
            Phases,
            Initcalls,
        }
        let mut reference = Self::default();
        let mut part = Part::Other;
        for line in text.lines() {
            if let Some(heading) = line.strip_prefix("# ") {
                let count = heading.strip_prefix("of ").and_then(|rest| rest.split_once(" initcalls"));
                part = match count.and_then(|(count, _)| count.parse().ok()) {
                    Some(count) => {
                        reference.initcall_count = count;
                        Part::Initcalls
                    }
                    None if heading.starts_with("phase ") => Part::Phases,
                    None => Part::Other,
                };
                continue;
            }
            match part {
                Part::Other => {}
                Part::Phases => reference.phases.extend(phase(line)),
                Part::Initcalls => reference.initcalls.extend(initcall(line)),
            }
        }
        reference
    }

    /// What the phase cost, if the boot had it.
    #[must_use]
    pub fn phase(&self, phase: Phase) -> Option<u64> {
        self.phases.iter().find(|(known, _)| *known == phase).map(|(_, instructions)| *instructions)
    }

    /// What the initcall cost, if it is listed.
    #[must_use]
    pub fn initcall(&self, name: &str) -> Option<u64> {
        self.initcalls.iter().find(|(known, _)| known == name).map(|(_, instructions)| *instructions)
    }

    /// What an initcall that is not listed cost at most: 0 if all are listed.
    #[must_use]
    pub fn unlisted_at_most(&self) -> u64 {
        match self.initcall_count > self.initcalls.len() {
            true => self.initcalls.iter().map(|(_, instructions)| *instructions).min().unwrap_or(u64::MAX),
            false => 0,
        }
    }
}

/// `memory  3.862  32.187  67`: name, start, cost, lines. A number has spaces between its thousands, and ends with the part
/// that has a point.
fn phase(line: &str) -> Option<(Phase, u64)> {
    let (name, rest) = line.split_once(' ')?;
    let phase = Phase::ALL.into_iter().find(|phase| phase.name() == name)?;
    let point = rest.find('.')?;
    let start_ends = point + rest[point..].find(' ')?;
    let cost = rest[start_ends..].trim_start();
    let cost_ends = cost.find('.')? + 4;
    Some((phase, millions(cost.get(..cost_ends)?)?))
}

/// `9.147  slab_late_init`: cost and name.
fn initcall(line: &str) -> Option<(String, u64)> {
    let (cost, name) = line.trim_start().split_once("  ")?;
    Some((name.to_owned(), millions(cost)?))
}

/// The instructions in the text of [`crate::cost::Millions`].
fn millions(text: &str) -> Option<u64> {
    let (whole, decimals) = text.split_once('.')?;
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<u64>().ok()).flatten()
    };
    let thousands = number(decimals).filter(|_| decimals.len() == 3)?;
    number(&whole.replace(' ', ""))?.checked_mul(1_000_000)?.checked_add(thousands * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::{Cost, Millions, timeline};
    use crate::{initcall, parse};

    const LOG: &[u8] = b"[    0.000000] Linux version 7.3.4
[    0.000010] calling  a_init+0x0/0x1 @ 1
[    0.000030] initcall a_init+0x0/0x1 returned 0 after 9 usecs
[    1.500000] CPU topo: x
[    1.500010] calling  b_init+0x0/0x1 [mod b] @ 1
[    4.500015] initcall b_init+0x0/0x1 [mod b] returned 0 after 9 usecs
[    4.500015] calling  a_init+0x0/0x1 @ 1
[    4.500030] initcall a_init+0x0/0x1 returned 0 after 9 usecs
[    4.600000] Run /init as init process
";

    #[test]
    fn a_timeline_reads_back() {
        let lines = parse(LOG);
        let (cost, calls) = (Cost::of(&lines), initcall::of(&lines));
        for (top, unlisted) in [(3, 0), (9, 0), (2, 20_000), (1, 3_000_005_000), (0, u64::MAX)] {
            let text = timeline(&cost, &calls, top);
            for text in [text.clone(), format!("---\nsource: x\n---\n{text}"), text.replace('\n', "\r\n")] {
                let reference = Reference::parse(&text);
                let phases: Vec<_> = cost.phases.iter().map(|c| (c.phase, c.instructions)).collect();
                assert_eq!(reference.phases, phases, "{text}");
                let listed: Vec<_> = initcall::top(&calls, top)
                    .into_iter()
                    .map(|call| (call.name.clone(), call.instructions))
                    .collect();
                assert_eq!(reference.initcalls, listed, "{text}");
                assert_eq!(reference.initcall_count, 3);
                assert_eq!(reference.unlisted_at_most(), unlisted, "{text}");
            }
        }
        let reference = Reference::parse(&timeline(&cost, &calls, 3));
        assert_eq!(reference.phase(Phase::Early), Some(1_500_000_000));
        assert_eq!(reference.phase(Phase::Session), None);
        assert_eq!(reference.initcall("b_init [mod b]"), Some(3_000_005_000));
        assert_eq!(reference.initcall("a_init (2)"), Some(15_000));
        assert_eq!(reference.initcall("c_init"), None);
    }

    #[test]
    fn what_is_no_timeline_has_nothing() {
        for text in [
            "",
            "early 0.000 1.000 4\n",
            "# phase\nearly 1.000\n",
            "# phase starts\nearly\nearly 0.000\nearly 0.000 1\nearly 0.000 x.000 4\nlate 0.000 1.000 4\n",
            "# of x initcalls\n 1.000  a\n",
            "# of 0 initcalls\n1000  a\n1.00  a\n1.000 a\n-1.000  a\nü.000  a\n",
        ] {
            assert_eq!(Reference::parse(text), Reference::default(), "{text}");
        }
    }

    #[test]
    fn millions_read_back() {
        for value in [0, 1000, 999_999_000, 1_328_614_000, 1_000_000_000_000, 18_446_744_073_709_551_000] {
            assert_eq!(millions(&Millions(value).to_string()), Some(value));
        }
        assert_eq!(millions("18446744073709.552"), None);
    }
}
