// SPDX-License-Identifier: MIT OR Apache-2.0
//! `[Unit]` and `[Install]` (systemd.unit(5)).

use super::setter::{Set, Value, absolute};
use crate::name::Name;
use crate::span;
use std::fmt;
use std::time::Duration;

/// How one unit depends on another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "systemd.unit(5) has them")]
pub enum Dependency {
    Requires,
    Requisite,
    Wants,
    BindsTo,
    PartOf,
    Conflicts,
    Before,
    After,
    OnFailure,
    OnSuccess,
    PropagatesReloadTo,
}

/// The keys of dependencies.
const DEPENDENCIES: &[(&str, Dependency)] = &[
    ("Requires", Dependency::Requires),
    ("Requisite", Dependency::Requisite),
    ("Wants", Dependency::Wants),
    ("BindsTo", Dependency::BindsTo),
    ("BindTo", Dependency::BindsTo),
    ("PartOf", Dependency::PartOf),
    ("Conflicts", Dependency::Conflicts),
    ("Before", Dependency::Before),
    ("After", Dependency::After),
    ("OnFailure", Dependency::OnFailure),
    ("OnSuccess", Dependency::OnSuccess),
    ("PropagatesReloadTo", Dependency::PropagatesReloadTo),
    ("PropagateReloadTo", Dependency::PropagatesReloadTo),
];

/// A condition or an assertion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The key without `Condition` or `Assert`: `PathExists`.
    pub what: String,
    /// Its argument.
    pub argument: String,
    /// `!`: it must not hold.
    pub negated: bool,
    /// `|`: of all with this mark one has to hold.
    pub trigger: bool,
    /// The unit fails if it does not hold (`Assert…=`), and is not only skipped.
    pub assert: bool,
}

impl fmt::Display for Condition {
    /// As in a unit file: `ConditionPathExists=!/a`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.assert { "Assert" } else { "Condition" };
        let trigger = if self.trigger { "|" } else { "" };
        let negation = if self.negated { "!" } else { "" };
        write!(f, "{kind}{}={trigger}{negation}{}", self.what, self.argument)
    }
}

/// Conditions whose meaning is known here; [`Condition::what`] is one of them.
pub const CONDITIONS: &[&str] = &[
    "Architecture",
    "Capability",
    "ControlGroupController",
    "DirectoryNotEmpty",
    "Environment",
    "FileIsExecutable",
    "FileNotEmpty",
    "FirstBoot",
    "Group",
    "Host",
    "KernelCommandLine",
    "KernelVersion",
    "PathExists",
    "PathExistsGlob",
    "PathIsDirectory",
    "PathIsMountPoint",
    "PathIsReadWrite",
    "PathIsSymbolicLink",
    "Security",
    "User",
    "Virtualization",
];

/// What the manager does when a unit fails or succeeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "systemd.unit(5), FailureAction=")]
pub enum FailureAction {
    #[default]
    None,
    Reboot,
    PowerOff,
    Halt,
    Exit,
    RebootForce,
    PowerOffForce,
    HaltForce,
    ExitForce,
}

const FAILURE_ACTIONS: &[(&str, FailureAction)] = &[
    ("none", FailureAction::None),
    ("reboot", FailureAction::Reboot),
    ("reboot-force", FailureAction::RebootForce),
    ("reboot-immediate", FailureAction::RebootForce),
    ("poweroff", FailureAction::PowerOff),
    ("poweroff-force", FailureAction::PowerOffForce),
    ("poweroff-immediate", FailureAction::PowerOffForce),
    ("halt", FailureAction::Halt),
    ("halt-force", FailureAction::HaltForce),
    ("halt-immediate", FailureAction::HaltForce),
    ("exit", FailureAction::Exit),
    ("exit-force", FailureAction::ExitForce),
];

/// `[Install]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "systemd.unit(5) has them")]
pub struct Install {
    pub wanted_by: Vec<Name>,
    pub required_by: Vec<Name>,
    pub alias: Vec<Name>,
    pub also: Vec<Name>,
    pub default_instance: Option<String>,
}

/// `[Unit]` and `[Install]`.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "systemd.unit(5) has them")]
pub struct Common {
    pub description: String,
    pub documentation: Vec<String>,
    /// Dependencies as they are written, each once.
    pub dependencies: Vec<(Dependency, Name)>,
    /// Units that propagate their reload to this one.
    pub reload_from: Vec<Name>,
    /// Paths whose mount units are required or wanted (`RequiresMountsFor=`, `WantsMountsFor=`).
    pub mounts_for: Vec<(Dependency, String)>,
    pub default_dependencies: bool,
    pub conditions: Vec<Condition>,
    pub refuse_manual_start: bool,
    pub refuse_manual_stop: bool,
    pub allow_isolate: bool,
    pub ignore_on_isolate: bool,
    pub stop_when_unneeded: bool,
    pub job_timeout: Duration,
    /// As `job_timeout`, from when the job has begun.
    pub job_running_timeout: Duration,
    pub start_limit_interval: Duration,
    pub start_limit_burst: u32,
    pub start_limit_action: FailureAction,
    pub failure_action: FailureAction,
    pub success_action: FailureAction,
    pub install: Install,
}

impl Default for Common {
    fn default() -> Self {
        Common {
            description: String::new(),
            documentation: Vec::new(),
            dependencies: Vec::new(),
            reload_from: Vec::new(),
            mounts_for: Vec::new(),
            default_dependencies: true,
            conditions: Vec::new(),
            refuse_manual_start: false,
            refuse_manual_stop: false,
            allow_isolate: false,
            ignore_on_isolate: false,
            stop_when_unneeded: false,
            job_timeout: span::INFINITY,
            job_running_timeout: span::INFINITY,
            start_limit_interval: Duration::from_secs(10),
            start_limit_burst: 5,
            start_limit_action: FailureAction::None,
            failure_action: FailureAction::None,
            success_action: FailureAction::None,
            install: Install::default(),
        }
    }
}

impl Common {
    /// The units that this one depends on in the way `dependency`.
    pub fn of(&self, dependency: Dependency) -> impl Iterator<Item = &Name> {
        self.dependencies.iter().filter(move |(kind, _)| *kind == dependency).map(|(_, name)| name)
    }

    pub(super) fn set(&mut self, key: &str, value: &Value<'_>) -> Result<Set, String> {
        if let Some((_, dependency)) = DEPENDENCIES.iter().find(|(name, _)| *name == key) {
            return self.depend(*dependency, value).map(|()| Set::Done);
        }
        if let Some((what, assert)) = key
            .strip_prefix("Condition")
            .map(|what| (what, false))
            .or(key.strip_prefix("Assert").map(|what| (what, true)))
        {
            return self.condition(what, assert, value);
        }
        match key {
            "Description" => self.description = value.expanded(),
            "Documentation" => value.list(&mut self.documentation)?,
            "ReloadPropagatedFrom" | "PropagateReloadFrom" => value.units(&mut self.reload_from)?,
            "RequiresMountsFor" => self.mounts_for(Dependency::Requires, value)?,
            "WantsMountsFor" => self.mounts_for(Dependency::Wants, value)?,
            "DefaultDependencies" => self.default_dependencies = value.boolean()?,
            "RefuseManualStart" => self.refuse_manual_start = value.boolean()?,
            "RefuseManualStop" => self.refuse_manual_stop = value.boolean()?,
            "AllowIsolate" => self.allow_isolate = value.boolean()?,
            "IgnoreOnIsolate" => self.ignore_on_isolate = value.boolean()?,
            "StopWhenUnneeded" => self.stop_when_unneeded = value.boolean()?,
            "JobTimeoutSec" => self.job_timeout = value.timeout()?,
            "JobRunningTimeoutSec" => self.job_running_timeout = value.timeout()?,
            "StartLimitIntervalSec" | "StartLimitInterval" => self.start_limit_interval = value.span()?,
            "StartLimitBurst" => self.start_limit_burst = value.number()?,
            "StartLimitAction" => self.start_limit_action = value.one_of(FAILURE_ACTIONS)?,
            "FailureAction" => self.failure_action = value.one_of(FAILURE_ACTIONS)?,
            "SuccessAction" => self.success_action = value.one_of(FAILURE_ACTIONS)?,
            // Where the unit came from, and when it is forgotten: nothing depends on it.
            "SourcePath" | "CollectMode" => {}
            _ => return Ok(Set::Unknown),
        }
        Ok(Set::Done)
    }

    fn depend(&mut self, dependency: Dependency, value: &Value<'_>) -> Result<(), String> {
        if value.text.is_empty() {
            self.dependencies.retain(|(kind, _)| *kind != dependency);
        }
        let mut names = Vec::new();
        let read = value.units(&mut names);
        for name in names {
            if !self.dependencies.contains(&(dependency, name.clone())) {
                self.dependencies.push((dependency, name));
            }
        }
        read
    }

    fn mounts_for(&mut self, dependency: Dependency, value: &Value<'_>) -> Result<(), String> {
        for path in value.words()? {
            self.mounts_for.push((dependency, absolute(path)?));
        }
        Ok(())
    }

    fn condition(&mut self, what: &str, assert: bool, value: &Value<'_>) -> Result<Set, String> {
        if value.text.is_empty() {
            self.conditions.retain(|condition| condition.assert != assert);
            return Ok(Set::Done);
        }
        if !CONDITIONS.contains(&what) {
            return Ok(Set::Unknown);
        }
        let text = value.expanded();
        let (trigger, rest) = text.strip_prefix('|').map_or((false, &*text), |rest| (true, rest));
        let (negated, rest) = rest.trim_start().strip_prefix('!').map_or((false, rest), |rest| (true, rest));
        let argument = rest.trim().to_owned();
        let names_path =
            what.starts_with("Path") || what.starts_with("File") || what.starts_with("Directory");
        if names_path && !argument.starts_with('/') {
            return Err(format!("{argument:?} is no absolute path"));
        }
        self.conditions.push(Condition { what: what.to_owned(), argument, negated, trigger, assert });
        Ok(Set::Done)
    }
}

impl Install {
    pub(super) fn set(&mut self, key: &str, value: &Value<'_>) -> Result<Set, String> {
        match key {
            "WantedBy" => value.units(&mut self.wanted_by)?,
            "RequiredBy" => value.units(&mut self.required_by)?,
            "Alias" => value.units(&mut self.alias)?,
            "Also" => value.units(&mut self.also)?,
            "DefaultInstance" => {
                self.default_instance = Some(value.expanded()).filter(|text| !text.is_empty())
            }
            _ => return Ok(Set::Unknown),
        }
        Ok(Set::Done)
    }
}
