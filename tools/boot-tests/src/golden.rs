// SPDX-License-Identifier: MIT OR Apache-2.0
//! The reviewed parts of a golden boot. `variable` names the directory of an image's logs, a result of `nix build .#boot-log…`.

use crate::built::bytes_of;
use qos_bootlog::normal::Rules;
use qos_bootlog::phase::{self, Phase};
use qos_bootlog::{cost, initcall, parse};
use std::fmt::Write;

/// The phases with their lines, without time stamps. No rule is needed: everything is the same on every run.
///
/// # Panics
/// When there is no log, or the boot does not go through all phases.
#[must_use]
#[track_caller]
pub fn phases(variable: &str) -> Vec<(Phase, String)> {
    let lines = Rules::none().normalise(&parse(&bytes_of(variable, "boot.log"))).lines();
    let sections: Vec<_> = phase::cut(&lines).iter().map(|section| (section.phase, section.text())).collect();
    let phases: Vec<_> = sections.iter().map(|(phase, _)| *phase).collect();
    assert_eq!(phases, Phase::ALL, "the golden boot goes through all phases");
    sections
}

/// The time stamps, which count instructions: marks, phases and the initcalls that cost most.
///
/// # Panics
/// When there is no log, or the one with initcalls has next to none.
#[must_use]
#[track_caller]
pub fn timeline(variable: &str) -> String {
    let cost = cost::Cost::of(&parse(&bytes_of(variable, "boot.log")));
    let initcalls = initcall::of(&parse(&bytes_of(variable, "initcalls.log")));
    assert!(initcalls.len() > 100, "{} initcalls", initcalls.len());
    cost::timeline(&cost, &initcalls, 20)
}

/// The time stamps of a boot from a disk: marks, phases, and each line from the start of early userspace to the session, after the
/// instructions in millions since the line before it. A line without a time stamp has none.
///
/// # Panics
/// When the boot did not start a session.
#[must_use]
#[track_caller]
pub fn disk_timeline(log: &[u8]) -> String {
    let lines = parse(log);
    let cost = cost::Cost::of(&lines);
    assert!(cost.to_session.is_some(), "the boot did not start a session");
    let mut text = cost::timeline(&cost, &[], 0);
    text.push_str("\n# instructions since the line before, in millions\n");
    let mut before = None;
    for section in phase::cut(&lines) {
        for line in section.lines {
            let since = line.time_ns.zip(before).map(|(now, before): (u64, u64)| now.saturating_sub(before));
            before = line.time_ns.or(before);
            if matches!(section.phase, Phase::Modules | Phase::Init) {
                let since = since.map_or_else(String::new, |since| cost::Millions(since).to_string());
                // Writing to a String cannot fail.
                let _ = writeln!(text, "{since:>12}  {}", line.message());
            }
        }
    }
    text
}
