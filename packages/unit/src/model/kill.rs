// SPDX-License-Identifier: MIT OR Apache-2.0
//! How the processes of a unit are ended (systemd.kill(5)), and what they may use (systemd.resource-control(5)).

use super::setter::{Set, Value};
use crate::value::{Amount, amount, signal};

/// Which processes are ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "systemd.kill(5) has them")]
pub enum KillMode {
    #[default]
    ControlGroup,
    Mixed,
    Process,
    None,
}

/// How processes are ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "systemd.kill(5) has them")]
pub struct Kill {
    pub mode: KillMode,
    pub signal: i32,
    pub restart_signal: Option<i32>,
    pub final_signal: i32,
    pub watchdog_signal: i32,
    pub send_sigkill: bool,
    pub send_sighup: bool,
}

impl Default for Kill {
    fn default() -> Self {
        Kill {
            mode: KillMode::ControlGroup,
            signal: 15,
            restart_signal: None,
            final_signal: 9,
            watchdog_signal: 6,
            send_sigkill: true,
            send_sighup: false,
        }
    }
}

impl Kill {
    pub(super) fn set(&mut self, key: &str, value: &Value<'_>) -> Result<Set, String> {
        match key {
            "KillMode" => {
                self.mode = value.one_of(&[
                    ("control-group", KillMode::ControlGroup),
                    ("mixed", KillMode::Mixed),
                    ("process", KillMode::Process),
                    ("none", KillMode::None),
                ])?;
            }
            "KillSignal" => self.signal = signal(value.text)?,
            "RestartKillSignal" => self.restart_signal = Some(signal(value.text)?),
            "FinalKillSignal" => self.final_signal = signal(value.text)?,
            "WatchdogSignal" => self.watchdog_signal = signal(value.text)?,
            "SendSIGKILL" => self.send_sigkill = value.boolean()?,
            "SendSIGHUP" => self.send_sighup = value.boolean()?,
            _ => return Ok(Set::Unknown),
        }
        Ok(Set::Done)
    }
}

/// What the control group of a unit may use.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "systemd.resource-control(5) has them")]
pub struct Resources {
    pub memory_min: Option<Amount>,
    pub memory_low: Option<Amount>,
    pub memory_high: Option<Amount>,
    pub memory_max: Option<Amount>,
    pub swap_max: Option<Amount>,
    pub tasks_max: Option<Amount>,
    /// 1 to 10,000.
    pub cpu_weight: Option<u64>,
    /// Percent of one CPU.
    pub cpu_quota: Option<u64>,
    /// 1 to 10,000.
    pub io_weight: Option<u64>,
    /// The unit manages the groups below its own.
    pub delegate: bool,
}

impl Resources {
    pub(super) fn set(&mut self, key: &str, value: &Value<'_>) -> Result<Set, String> {
        let size = || if value.text.is_empty() { Ok(None) } else { amount(value.text).map(Some) };
        let weight = || match value.text {
            "" => Ok(None),
            _ => match value.number()? {
                weight @ 1..=10_000 => Ok(Some(weight)),
                _ => Err("a weight is from 1 to 10000".to_owned()),
            },
        };
        match key {
            "MemoryMin" => self.memory_min = size()?,
            "MemoryLow" => self.memory_low = size()?,
            "MemoryHigh" => self.memory_high = size()?,
            "MemoryMax" | "MemoryLimit" => self.memory_max = size()?,
            "MemorySwapMax" => self.swap_max = size()?,
            "TasksMax" => self.tasks_max = size()?,
            "CPUWeight" => self.cpu_weight = weight()?,
            "IOWeight" => self.io_weight = weight()?,
            "CPUQuota" => {
                self.cpu_quota = match value.text.strip_suffix('%') {
                    Some(percent) => Some(crate::value::number(percent)?),
                    None if value.text.is_empty() => None,
                    None => return Err("not a percentage".into()),
                };
            }
            "Delegate" => self.delegate = value.boolean().unwrap_or(true),
            // The kernel counts in every group; where the group stands in the tree changes nothing that is promised.
            "CPUAccounting" | "MemoryAccounting" | "TasksAccounting" | "IOAccounting" => {}
            "Slice" => {
                let text = value.expanded();
                if !text.is_empty() && crate::Name::new(&text)?.kind() != crate::Kind::Slice {
                    return Err("not the name of a slice".into());
                }
            }
            _ => return Ok(Set::Unknown),
        }
        Ok(Set::Done)
    }
}
