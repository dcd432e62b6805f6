// SPDX-License-Identifier: MIT OR Apache-2.0
//! A rule that is violated, and how much that matters.

use crate::locate::Location;
use serde::Serialize;

/// Whether a violated rule fails the review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// It does.
    Deny,
    /// It is only reported.
    Warn,
}

impl Level {
    /// `deny` or `warn`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Level::Deny => "deny",
            Level::Warn => "warn",
        }
    }
}

/// A violation of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// Whether it fails the review.
    pub level: Level,
    /// The rule as the policy has it: `cost +2 %`.
    pub rule: String,
    /// The rule's name: `cost`.
    pub kind: &'static str,
    /// The image; `null` for a rule about the repository.
    pub image: Option<String>,
    /// What violates it.
    pub what: String,
    /// By how much, or how.
    pub by: String,
    /// The line that it is about.
    pub location: Location,
}

impl std::fmt::Display for Violation {
    /// `deny: default: instructions to /init: +1.500 M (+0.46 %); rule "cost" at rootfs/default.toml:39`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: ", self.level.name())?;
        if let Some(image) = &self.image {
            write!(f, "{image}: ")?;
        }
        write!(f, "{}: {}; rule \"{}\" at {}", self.what, self.by, self.rule, self.location)
    }
}
