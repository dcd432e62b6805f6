// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a review is made of.

use crate::locate::{Files, Location};
use crate::policy::Policy;
use crate::reviewed::Reviewed;
use qos_bootdiff::report::Report;
use serde::Serialize;

/// What a review is made of.
#[derive(Clone, Debug)]
pub struct Input {
    /// The revision to compare with.
    pub base: Revision,
    /// The revision under review.
    pub head: Revision,
    /// The policy.
    pub policy: Policy,
    /// The name of its file for messages.
    pub policy_file: String,
    /// The images of the head's table, in its order, then those that only the base's has.
    pub images: Vec<ImageInput>,
    /// Reviewed files that changed.
    pub reviewed: Vec<Reviewed>,
    /// Files of the head that results point at.
    pub files: Files,
    /// What was built.
    pub built: Vec<Built>,
}

/// An image and how it was examined.
#[derive(Clone, Debug)]
pub struct ImageInput {
    /// Its name in the table.
    pub name: String,
    /// The path of its manifest.
    pub manifest: String,
    /// The path of its kernel's resolved configuration.
    pub config: String,
    /// What is known of its boots.
    pub boots: Boots,
}

/// What is known of the boots of an image.
#[derive(Clone, Debug)]
pub enum Boots {
    /// Only the base has the image.
    Removed,
    /// Both revisions have the same derivation.
    Unchanged,
    /// It changed, and was not built; why.
    NotCompared(String),
    /// Both revisions were built and booted, as far as that is possible.
    Compared(Box<Compared>),
}

/// The comparison of two boots, with what only a review knows.
#[derive(Clone, Debug)]
pub struct Compared {
    /// The comparison.
    pub report: Report,
    /// The least memory in MiB that the golden machine boots with, of base and head, if it was measured.
    pub memory: [Option<u64>; 2],
    /// The budgets of the base's manifest.
    pub base_budgets: Vec<Budget>,
    /// The budgets of the head's manifest.
    pub head_budgets: Vec<Budget>,
}

/// A revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Revision {
    /// What it is called.
    pub name: String,
    /// The commit; `null` for the work tree.
    pub commit: Option<String>,
}

/// What one revision needed to have built.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Built {
    /// `base` or `head`.
    pub side: &'static str,
    /// The derivations that were built, because the store did not have their results.
    pub derivations: Vec<String>,
    /// The derivations that were to be built and were not, because a build failed.
    pub missing: Vec<String>,
    /// Seconds that the builds and boots took.
    pub seconds: u64,
}

/// A budget of an image's manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Its key in the manifest: `to-init`, `bzImage`, `unpacked`, `/bin/qos`, `memory`.
    pub name: String,
    /// Instructions, bytes, or MiB.
    pub value: u64,
    /// Its line.
    pub location: Location,
}
