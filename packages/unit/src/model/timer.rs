// SPDX-License-Identifier: MIT OR Apache-2.0
//! `[Timer]` (systemd.timer(5)).

use super::setter::{Set, Value};
use crate::calendar::{self, Calendar};
use crate::name::Name;
use std::time::Duration;

/// When a timer elapses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// So long after the timer was started.
    Active(Duration),
    /// So long after the kernel's start.
    Boot(Duration),
    /// So long after the manager's start.
    Startup(Duration),
    /// So long after the unit was last started.
    UnitActive(Duration),
    /// So long after the unit was last stopped.
    UnitInactive(Duration),
    /// By the calendar.
    Calendar(Calendar),
}

/// `[Timer]`.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "systemd.timer(5) has them")]
pub struct Timer {
    pub triggers: Vec<Trigger>,
    pub randomized_delay: Duration,
    pub unit: Option<Name>,
    pub persistent: bool,
}

impl Default for Timer {
    fn default() -> Self {
        Timer { triggers: Vec::new(), randomized_delay: Duration::ZERO, unit: None, persistent: false }
    }
}

impl Timer {
    pub(super) fn set(&mut self, key: &str, value: &Value<'_>) -> Result<Set, String> {
        let kind: Option<fn(Duration) -> Trigger> = match key {
            "OnActiveSec" => Some(Trigger::Active),
            "OnBootSec" => Some(Trigger::Boot),
            "OnStartupSec" => Some(Trigger::Startup),
            "OnUnitActiveSec" => Some(Trigger::UnitActive),
            "OnUnitInactiveSec" => Some(Trigger::UnitInactive),
            _ => None,
        };
        if kind.is_some() || key == "OnCalendar" {
            if value.text.is_empty() {
                self.triggers.clear();
                return Ok(Set::Done);
            }
            let expanded = value.expanded();
            self.triggers.push(match kind {
                Some(kind) => kind(crate::span::parse(&expanded)?),
                None => Trigger::Calendar(calendar::parse(&expanded)?),
            });
            return Ok(Set::Done);
        }
        match key {
            // A timer elapses at its time, and not somewhat later.
            "AccuracySec" => value.span().map(drop)?,
            "RandomizedDelaySec" => self.randomized_delay = value.span()?,
            "Persistent" => self.persistent = value.boolean()?,
            // Only the default is supported.
            "RemainAfterElapse" if value.boolean()? => {}
            "Unit" => {
                let mut names = Vec::new();
                value.units(&mut names)?;
                self.unit = names.pop();
            }
            // The delay is made from the unit's name: it is the same each time.
            "FixedRandomDelay" => value.boolean().map(drop)?,
            _ => return Ok(Set::Unknown),
        }
        Ok(Set::Done)
    }
}
