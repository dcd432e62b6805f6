// SPDX-License-Identifier: MIT OR Apache-2.0
//! State machines of units: pure, with events in and actions out.

pub mod service;

/// The state of a unit in general.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "systemd's names")]
pub enum Active {
    Inactive,
    Activating,
    Active,
    Reloading,
    Deactivating,
    Failed,
}

impl Active {
    /// The name for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Active::Inactive => "inactive",
            Active::Activating => "activating",
            Active::Active => "active",
            Active::Reloading => "reloading",
            Active::Deactivating => "deactivating",
            Active::Failed => "failed",
        }
    }

    /// It does its work.
    #[must_use]
    pub fn is_up(self) -> bool {
        matches!(self, Active::Active | Active::Reloading)
    }

    /// Nothing of it is left.
    #[must_use]
    pub fn is_down(self) -> bool {
        matches!(self, Active::Inactive | Active::Failed)
    }
}

/// States of units that have no state machine as large as a service's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "systemd's names")]
pub enum Simple {
    Dead,
    /// A target, a slice.
    Active,
    /// A socket whose descriptors are being opened.
    Opening,
    Listening,
    /// A socket or path unit whose service runs, a timer that has elapsed.
    Running,
    /// A timer or a path.
    Waiting,
    /// A timer that will not elapse again.
    Elapsed,
    Mounting,
    Mounted,
    Unmounting,
    Failed,
}

impl Simple {
    /// All of them.
    pub const ALL: [Simple; 11] = [
        Simple::Dead,
        Simple::Active,
        Simple::Opening,
        Simple::Listening,
        Simple::Running,
        Simple::Waiting,
        Simple::Elapsed,
        Simple::Mounting,
        Simple::Mounted,
        Simple::Unmounting,
        Simple::Failed,
    ];

    /// The state in general.
    #[must_use]
    pub fn active(self) -> Active {
        match self {
            Simple::Dead => Active::Inactive,
            Simple::Failed => Active::Failed,
            Simple::Opening | Simple::Mounting => Active::Activating,
            Simple::Unmounting => Active::Deactivating,
            _ => Active::Active,
        }
    }

    /// The name for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Simple::Dead => "dead",
            Simple::Active => "active",
            Simple::Opening => "opening",
            Simple::Listening => "listening",
            Simple::Running => "running",
            Simple::Waiting => "waiting",
            Simple::Elapsed => "elapsed",
            Simple::Mounting => "mounting",
            Simple::Mounted => "mounted",
            Simple::Unmounting => "unmounting",
            Simple::Failed => "failed",
        }
    }
}

/// The machine of a unit.
#[derive(Debug, Clone, PartialEq)]
pub enum Machine {
    /// Of a service.
    Service(Box<service::Machine>),
    /// Of another unit.
    Simple(Simple),
}

impl Machine {
    /// The state in general.
    #[must_use]
    pub fn active(&self) -> Active {
        match self {
            Machine::Service(machine) => machine.state.active(),
            Machine::Simple(state) => state.active(),
        }
    }

    /// The exact state.
    #[must_use]
    pub fn sub(&self) -> &'static str {
        match self {
            Machine::Service(machine) => machine.state.name(),
            Machine::Simple(state) => state.name(),
        }
    }
}
