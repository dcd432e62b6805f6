// SPDX-License-Identifier: MIT OR Apache-2.0
//! The reviewed parts of an image's golden boot. `variable` names the directory of its logs, a result of `nix build .#boot-log…`.

use crate::built::bytes_of;
use qos_bootlog::normal::Rules;
use qos_bootlog::phase::{self, Phase};
use qos_bootlog::{cost, initcall, parse};

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
