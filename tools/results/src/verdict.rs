// SPDX-License-Identifier: MIT OR Apache-2.0
//! The verdict on a whole test run: one value, one exit code, one message with the next step.

use crate::{Case, Outcome, Results};
use std::fmt;

/// The prefix of error messages whose cause is outside of the tested code: in the host, its disk, its network, QEMU.
pub(crate) const INFRASTRUCTURE: &str = "infrastructure failure: ";

/// How many names a message has.
const NAMES: usize = 5;

/// The verdict on a run of tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every test passed.
    Passed,
    /// These tests failed, or did not come to their end.
    Failed(Vec<String>),
    /// Nothing failed but the comparison with these snapshots.
    Changed(Vec<String>),
    /// What kept tests from being run, where no test that ran has failed.
    Infrastructure(Vec<String>),
}

impl Verdict {
    /// The verdict on results. A test that failed outweighs what kept others from being run, and that a snapshot: a change is
    /// only accepted where everything else is well.
    #[must_use]
    pub fn of(results: &Results) -> Self {
        let (mut failed, mut changed, mut infrastructure) = (Vec::new(), Vec::new(), Vec::new());
        for Case { name, outcome, .. } in results.suites.iter().flat_map(|suite| &suite.cases) {
            match outcome {
                Outcome::Passed | Outcome::Skipped(_) => {}
                Outcome::Changed(message) => changed.push(snapshot(message).unwrap_or(name).to_owned()),
                Outcome::Error(message) if message.starts_with(INFRASTRUCTURE) => {
                    // One cause, as a rule, keeps many from being run.
                    let why = message[INFRASTRUCTURE.len()..].to_owned();
                    if !infrastructure.contains(&why) {
                        infrastructure.push(why);
                    }
                }
                Outcome::Failed(_) | Outcome::Error(_) => failed.push(name.clone()),
            }
        }
        match (failed.is_empty(), infrastructure.is_empty(), changed.is_empty()) {
            (false, _, _) => Verdict::Failed(failed),
            (true, false, _) => Verdict::Infrastructure(infrastructure),
            (true, true, false) => Verdict::Changed(changed),
            (true, true, true) => Verdict::Passed,
        }
    }

    /// Short name, for programs.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Verdict::Passed => "passed",
            Verdict::Failed(_) => "test-failed",
            Verdict::Changed(_) => "snapshot-changed",
            Verdict::Infrastructure(_) => "infrastructure-failure",
        }
    }

    /// The exit code. 2 is a mistake in the command line, 130 an interruption.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Verdict::Passed => 0,
            Verdict::Failed(_) => 1,
            Verdict::Changed(_) => 3,
            Verdict::Infrastructure(_) => 4,
        }
    }

    /// The next step, if there is one.
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        match self {
            Verdict::Passed => None,
            Verdict::Failed(_) => {
                Some("the output of each is above; `cargo xtask test CHECK` runs one check again")
            }
            Verdict::Changed(_) => Some(
                "the behaviour differs from the reviewed one: if that is intended, `cargo xtask bless` shows and accepts the change",
            ),
            Verdict::Infrastructure(_) => Some(
                "this is not caused by the change: check the host, its disk and its network, and run the command again",
            ),
        }
    }

    /// An error whose cause is outside of the tested code.
    #[must_use]
    pub fn infrastructure(why: &str) -> Outcome {
        Outcome::Error(format!("{INFRASTRUCTURE}{why}"))
    }
}

/// The name in `snapshot assertion for 'NAME' failed in line 7`.
fn snapshot(message: &str) -> Option<&str> {
    message.split('\'').nth(1)
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, names) = match self {
            Verdict::Passed => return f.write_str("passed"),
            Verdict::Failed(names) => ("test failed", names),
            Verdict::Changed(names) => ("snapshot changed", names),
            Verdict::Infrastructure(names) => ("infrastructure failure", names),
        };
        write!(f, "{what}: {}", names[..names.len().min(NAMES)].join(", "))?;
        match names.len().saturating_sub(NAMES) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}
