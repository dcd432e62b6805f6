// SPDX-License-Identifier: MIT OR Apache-2.0
//! Jobs: what is to be done to a unit.

use std::time::Duration;

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "systemd's names")]
pub enum JobKind {
    Start,
    Stop,
    Restart,
    Reload,
    /// The unit has to be active already.
    Verify,
}

impl JobKind {
    /// All of them.
    pub const ALL: [JobKind; 5] =
        [JobKind::Start, JobKind::Stop, JobKind::Restart, JobKind::Reload, JobKind::Verify];

    /// The name for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            JobKind::Start => "start",
            JobKind::Stop => "stop",
            JobKind::Restart => "restart",
            JobKind::Reload => "reload",
            JobKind::Verify => "verify-active",
        }
    }

    /// Whether the job stops first.
    #[must_use]
    pub fn stops(self) -> bool {
        matches!(self, JobKind::Stop | JobKind::Restart)
    }

    /// One job that does what both do; `None` where they contradict each other.
    #[must_use]
    pub fn merge(self, other: JobKind) -> Option<JobKind> {
        use JobKind::{Reload, Restart, Start, Stop, Verify};
        Some(match (self.min(other), self.max(other)) {
            (a, b) if a == b => a,
            (Start, Restart) | (Restart, Reload) | (Restart, Verify) => Restart,
            (Start, Reload) => Reload,
            (Start, Verify) => Start,
            (Reload, Verify) => Reload,
            (Start, Stop) | (Stop, _) => return None,
            _ => return None,
        })
    }
}

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "systemd's names")]
pub enum JobResult {
    Done,
    Failed,
    Dependency,
    Skipped,
    Canceled,
    Timeout,
}

impl JobResult {
    /// The name for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            JobResult::Done => "done",
            JobResult::Failed => "failed",
            JobResult::Dependency => "dependency",
            JobResult::Skipped => "skipped",
            JobResult::Canceled => "canceled",
            JobResult::Timeout => "timeout",
        }
    }

    /// Whether it is what was asked for: a condition that does not hold is no failure.
    #[must_use]
    pub fn is_good(self) -> bool {
        matches!(self, JobResult::Done | JobResult::Skipped)
    }
}

/// A job of a unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its number.
    pub id: u32,
    /// What is to be done.
    pub kind: JobKind,
    /// It has begun.
    pub running: bool,
    /// It may not be replaced: of a shutdown.
    pub irreversible: bool,
    /// When it was made.
    pub since: Duration,
    /// When it fails.
    pub deadline: Option<Duration>,
}

#[cfg(test)]
mod tests {
    use super::JobKind::{self, Reload, Restart, Start, Stop, Verify};

    #[test]
    fn merged() {
        for (a, b, expect) in [
            (Start, Start, Some(Start)),
            (Start, Stop, None),
            (Start, Restart, Some(Restart)),
            (Start, Verify, Some(Start)),
            (Start, Reload, Some(Reload)),
            (Stop, Restart, None),
            (Stop, Stop, Some(Stop)),
            (Restart, Reload, Some(Restart)),
            (Reload, Verify, Some(Reload)),
        ] {
            assert_eq!(JobKind::merge(a, b), expect, "{a:?} {b:?}");
            assert_eq!(JobKind::merge(b, a), expect, "{b:?} {a:?}");
        }
    }
}
