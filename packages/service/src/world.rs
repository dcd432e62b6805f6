// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the manager asks of the system while it thinks: units and facts. Tests have one of data.

use qos_unit::syntax::Warning;
use qos_unit::{Condition, Name, Unit};
use std::path::PathBuf;

/// Whether there is a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Load {
    /// It was read.
    Loaded,
    /// There is no file of that name.
    NotFound,
    /// Its file is a link to /dev/null, or empty.
    Masked,
    /// It cannot be started, and why.
    Bad(String),
}

/// A unit as it was found.
#[derive(Debug, Clone)]
pub struct Source {
    /// The unit; of one that was not found, with defaults. Its name is another one than was asked for if that is an alias.
    pub unit: Unit,
    /// Whether there is one.
    pub load: Load,
    /// Its files: the unit file, then drop-ins.
    pub files: Vec<PathBuf>,
    /// What is wrong in them.
    pub warnings: Vec<Warning>,
    /// Units of `NAME.wants/`.
    pub wants: Vec<Name>,
    /// Units of `NAME.requires/`.
    pub requires: Vec<Name>,
}

/// The system.
pub trait World {
    /// The unit `name`.
    fn load(&mut self, name: &Name) -> Source;

    /// Whether the condition holds, without its `!`.
    fn holds(&mut self, condition: &Condition) -> bool;

    /// Local time less UTC at a moment (seconds since 1970), in seconds.
    fn offset(&self, moment: i64) -> i64;

    /// Whether something is mounted on this mount point.
    fn is_mounted(&self, target: &str) -> bool;

    /// When a persistent timer elapsed last (seconds since 1970).
    fn stamp(&self, name: &Name) -> Option<i64>;
}
