// SPDX-License-Identifier: MIT OR Apache-2.0
//! The cost of a golden boot in instructions, by phase and by initcall.
//!
//! Under `-icount shift=0` a nanosecond of the guest's clock is one instruction, so printk's time stamps count them.
//! The stamps have microseconds, so every number is a multiple of 1000. Code that runs before the kernel's clock starts
//! (firmware, decompression, early setup, all at time stamp 0) is not counted.
//!
//! For a non-golden boot the numbers are nanoseconds.

use crate::Line;
use crate::initcall::Initcall;
use crate::phase::{self, Phase};
use std::fmt::{self, Write};

/// How the kernel's last line begins, with what follows from it: kernel/reboot.c.
const LAST_LINES: [&str; 4] = [
    "reboot: Power down",
    "reboot: Restarting system",
    "reboot: System halted",
    "reboot: Power off not available",
];

/// Where the instructions of a boot went, from the kernel's first line on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Instructions up to "Run /init as init process".
    pub to_init: Option<u64>,
    /// Instructions up to the session's first line. If that one has no time stamp: up to the last one before it, which
    /// says that init starts the main program.
    pub to_session: Option<u64>,
    /// Instructions up to the kernel's last line, with which it powers off, halts or restarts.
    pub to_power_off: Option<u64>,
    /// The phases that the log has, in order.
    pub phases: Vec<PhaseCost>,
}

/// What one phase costs. A phase lasts up to the beginning of the next, so that they add up to the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhaseCost {
    /// Which phase.
    pub phase: Phase,
    /// Instructions from the kernel's first line to the phase's first.
    pub start: u64,
    /// Instructions from the phase's first line to the next phase's first, or to the log's last.
    pub instructions: u64,
    /// How many lines it has.
    pub lines: usize,
}

impl Cost {
    /// The cost of a boot from its log.
    #[must_use]
    pub fn of(lines: &[Line]) -> Self {
        let sections = phase::cut(lines);
        let Some(origin) = lines.iter().find_map(|line| line.time_ns) else {
            return Self::default();
        };
        let since = |time: u64| time.saturating_sub(origin);
        let mut cost = Self::default();
        // Where the log is by its time stamps; a line without one is as late as the last that had one.
        let mut now = 0;
        for section in &sections {
            let first = section.lines[0].time_ns.map(since);
            let start = first.unwrap_or(now).max(now);
            match section.phase {
                Phase::Modules => cost.to_init = Some(start),
                Phase::Session => cost.to_session = Some(start),
                _ => {}
            }
            cost.phases.push(PhaseCost {
                phase: section.phase,
                start,
                instructions: 0,
                lines: section.lines.len(),
            });
            for line in section.lines {
                now = line.time_ns.map_or(now, since).max(now);
                if line.time_ns.is_some() && LAST_LINES.iter().any(|text| line.message().starts_with(text)) {
                    cost.to_power_off = Some(now);
                }
            }
        }
        let ends = cost.phases.iter().skip(1).map(|phase| phase.start).chain([now]).collect::<Vec<u64>>();
        for (phase, end) in cost.phases.iter_mut().zip(ends) {
            phase.instructions = end - phase.start;
        }
        cost
    }

    /// The marks with their names, for a summary.
    #[must_use]
    pub fn marks(&self) -> [(&'static str, Option<u64>); 3] {
        [("to /init", self.to_init), ("to the session", self.to_session), ("to power-off", self.to_power_off)]
    }

    /// What the phase costs, if the log has it.
    #[must_use]
    pub fn phase(&self, phase: Phase) -> Option<&PhaseCost> {
        self.phases.iter().find(|cost| cost.phase == phase)
    }
}

/// The timeline of a boot as stable text, for a snapshot: marks, phases, and the `top` most expensive initcalls.
/// The numbers are millions of instructions; three decimals are exact.
#[must_use]
pub fn timeline(cost: &Cost, initcalls: &[Initcall], top: usize) -> String {
    let mut text = String::from("# instructions, in millions, from the kernel's first line\n");
    for (name, instructions) in cost.marks() {
        let value = instructions.map_or_else(|| "-".to_owned(), |value| Millions(value).to_string());
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(text, "{name:<14} {value:>12}");
    }
    text.push_str("\n# phase        starts at        lasts  lines\n");
    for PhaseCost { phase, start, instructions, lines } in &cost.phases {
        let (start, lasts) = (Millions(*start).to_string(), Millions(*instructions).to_string());
        let _ = writeln!(text, "{phase:<10} {start:>12} {lasts:>12} {lines:>6}");
    }
    if !initcalls.is_empty() {
        let _ = writeln!(text, "\n# of {} initcalls, the most expensive", initcalls.len());
        for call in crate::initcall::top(initcalls, top) {
            let _ = writeln!(text, "{:>12}  {}", Millions(call.instructions).to_string(), call.name);
        }
    }
    text
}

/// A number of instructions in millions with three decimals, which is exact for a time stamp: `328.614`.
/// A space parts thousands from each other: `1 328.614`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Millions(pub u64);

impl fmt::Display for Millions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = (self.0 / 1_000_000).to_string();
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at) % 3 == 0 {
                f.write_char(' ')?;
            }
            f.write_char(digit)?;
        }
        write!(f, ".{:03}", self.0 / 1000 % 1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    const BOOT: &str = "SeaBIOS
[    0.000000] Linux version 7.3.4
[    0.000000] Command line: x
[    0.003861] CPU topo: x
[    0.035999] devtmpfs: initialized
[    0.328614] Run /init as init process
[    0.332400] qos-init: ready
[    0.332415] qos-init: run /bin/sh
[    0.336364] golden: the shell runs
output
[    0.365951] qos-init: status 0
[    0.366154] reboot: Power down
";

    /// `expect`: the three marks, then start and length of each phase; all in thousands of instructions.
    #[track_caller]
    fn check(log: &str, marks: [Option<u64>; 3], phases: &[(&str, u64, u64)]) {
        let cost = Cost::of(&parse(log.as_bytes()));
        let thousands = |value: Option<u64>| value.map(|value| value / 1000);
        let got = [cost.to_init, cost.to_session, cost.to_power_off].map(thousands);
        assert_eq!(got, marks, "{log}");
        let got: Vec<(&str, u64, u64)> = cost
            .phases
            .iter()
            .map(|phase| (phase.phase.name(), phase.start / 1000, phase.instructions / 1000))
            .collect();
        assert_eq!(got, phases, "{log}");
        let sum: u64 = cost.phases.iter().map(|phase| phase.instructions).sum();
        assert_eq!(sum / 1000, phases.last().map_or(0, |last| last.1 + last.2), "phases add up: {log}");
    }

    #[test]
    fn a_whole_boot() {
        check(
            BOOT,
            [Some(328_614), Some(336_364), Some(366_154)],
            &[
                ("early", 0, 3861),
                ("memory", 3861, 32138),
                ("drivers", 35999, 292_615),
                ("modules", 328_614, 3786),
                ("init", 332_400, 3964),
                ("session", 336_364, 29587),
                ("shutdown", 365_951, 203),
            ],
        );
    }

    #[test]
    fn marks_that_did_not_come_are_none() {
        check("", [None; 3], &[]);
        check("SeaBIOS\n", [None; 3], &[]);
        check("[    0.000000] a\n[    0.000005] b\n", [None; 3], &[("early", 0, 5)]);
        check(
            "[    0.000000] a\n[    0.000005] Run /init as init process\n[    0.000009] Kernel panic - not syncing\n",
            [Some(5), None, None],
            &[("early", 0, 5), ("modules", 5, 4)],
        );
        check(
            "[    0.000000] a\n[    0.000007] reboot: System halted\n",
            [None, None, Some(7)],
            &[("early", 0, 7)],
        );
    }

    #[test]
    fn counting_starts_at_the_first_time_stamp() {
        check(
            "[    1.000000] a\n[    1.000005] devtmpfs: initialized\n[    1.000006] reboot: Power down\n",
            [None, None, Some(6)],
            &[("early", 0, 5), ("drivers", 5, 1)],
        );
    }

    #[test]
    fn lines_without_time_stamps() {
        // The session's first line is a program's: init's last line before it counts.
        check(
            "[    0.000000] a\n[    0.000003] qos-init: run /bin/true\nhello\n[    0.000009] qos-init: status 0\n",
            [None, Some(3), None],
            &[("early", 0, 3), ("session", 3, 6), ("shutdown", 9, 0)],
        );
        // A program that prints a kernel's last line did not power off.
        check("[    0.000000] a\nreboot: Power down\n", [None; 3], &[("early", 0, 0)]);
    }

    #[test]
    fn a_time_stamp_that_goes_back_costs_nothing() {
        check(
            "[    0.000000] a\n[    0.000009] b\n[    0.000004] devtmpfs: initialized\n[    0.000010] c\n",
            [None; 3],
            &[("early", 0, 9), ("drivers", 9, 1)],
        );
    }

    #[test]
    fn millions() {
        for (value, text) in [
            (0, "0.000"),
            (1000, "0.001"),
            (999_999, "0.999"),
            (328_614_000, "328.614"),
            (1_328_614_000, "1 328.614"),
            (1_000_000_000_000, "1 000 000.000"),
        ] {
            assert_eq!(Millions(value).to_string(), text);
        }
    }

    #[test]
    fn the_timeline_is_stable_text() {
        let calls = crate::initcall::of(&parse(
            b"[    0.000010] calling  a+0x0/0x1 @ 1\n[    0.000030] initcall a+0x0/0x1 returned 0 after 9 usecs\n",
        ));
        let expect = "\
# instructions, in millions, from the kernel's first line
to /init            328.614
to the session      336.364
to power-off        366.154

# phase        starts at        lasts  lines
early             0.000        3.861      3
memory            3.861       32.138      1
drivers          35.999      292.615      1
modules         328.614        3.786      1
init            332.400        3.964      2
session         336.364       29.587      2
shutdown        365.951        0.203      2

# of 1 initcalls, the most expensive
       0.020  a
";
        assert_eq!(timeline(&Cost::of(&parse(BOOT.as_bytes())), &calls, 10), expect);
        let nothing = timeline(&Cost::default(), &[], 10);
        assert!(nothing.contains("to /init                  -\n"), "{nothing}");
    }
}
