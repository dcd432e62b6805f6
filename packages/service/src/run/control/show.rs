// SPDX-License-Identifier: MIT OR Apache-2.0
//! Units as text for requests: properties by their names on systemd's D-Bus (org.freedesktop.systemd1(5)), where they have one there.

mod specific;

use super::Runner;
use crate::event::Ended;
use crate::job::Job;
use crate::machine::{Machine, service};
use crate::manager::{Edge, Entry};
use crate::store::Enabled;
use crate::world::Load;
use qos_unit::Name;
use qos_unit::span;
use std::fmt::Write as _;
use std::path::PathBuf;

/// Dependencies as properties, in systemd's order.
const EDGES: [(Edge, &str); 22] = [
    (Edge::Requires, "Requires"),
    (Edge::Requisite, "Requisite"),
    (Edge::Wants, "Wants"),
    (Edge::BindsTo, "BindsTo"),
    (Edge::PartOf, "PartOf"),
    (Edge::RequiredBy, "RequiredBy"),
    (Edge::RequisiteOf, "RequisiteOf"),
    (Edge::WantedBy, "WantedBy"),
    (Edge::BoundBy, "BoundBy"),
    (Edge::HasPart, "ConsistsOf"),
    (Edge::Conflicts, "Conflicts"),
    (Edge::ConflictedBy, "ConflictedBy"),
    (Edge::Before, "Before"),
    (Edge::After, "After"),
    (Edge::OnFailure, "OnFailure"),
    (Edge::FailureOf, "OnFailureOf"),
    (Edge::OnSuccess, "OnSuccess"),
    (Edge::SuccessOf, "OnSuccessOf"),
    (Edge::Triggers, "Triggers"),
    (Edge::TriggeredBy, "TriggeredBy"),
    (Edge::ReloadTo, "PropagatesReloadTo"),
    (Edge::ReloadFrom, "ReloadPropagatedFrom"),
];

/// Properties as lines.
struct Lines {
    text: String,
    /// Properties that are not set are there, without a value.
    full: bool,
}

impl Lines {
    fn put(&mut self, key: &str, value: impl AsRef<str>) {
        let value = value.as_ref();
        if self.full || !value.is_empty() {
            let _ = writeln!(self.text, "{key}={}", value.replace('\n', " "));
        }
    }

    fn put_some(&mut self, key: &str, value: Option<impl ToString>) {
        self.put(key, value.map(|value| value.to_string()).unwrap_or_default());
    }

    fn put_bool(&mut self, key: &str, value: bool) {
        self.put(key, if value { "yes" } else { "no" });
    }
}

impl Runner {
    /// A unit as `KEY=VALUE` lines and an empty line; `full`: with properties that only `show` prints, and those that are not set.
    pub(super) fn show(&self, name: &Name, full: bool) -> String {
        let Some(entry) = self.manager.unit(name) else { return String::new() };
        let mut lines = Lines { text: String::new(), full };
        if full {
            specific::put(entry, &mut lines);
        }
        self.put_state(name, entry, &mut lines);
        lines.put("Id", entry.unit.name.as_str());
        let names = std::iter::once(name).chain(self.manager.aliases(name)).map(Name::as_str);
        lines.put("Names", names.collect::<Vec<_>>().join(" "));
        for (edge, key) in EDGES {
            lines.put(key, self.manager.edge(name, edge).map(Name::as_str).collect::<Vec<_>>().join(" "));
        }
        lines.put("Documentation", entry.unit.common.documentation.join(" "));
        lines.put("Description", &entry.unit.common.description);
        put_load(entry, &mut lines);
        if full {
            lines.put("UnitFileState", Enabled::name_of(&self.manager.world.store.enabled(name)));
        }
        let keys = ["InactiveExit", "ActiveEnter", "ActiveExit", "InactiveEnter"];
        for (key, time) in keys.iter().zip(entry.times) {
            lines.put_some(&format!("{key}TimestampMonotonic"), time.map(|time| time.as_micros()));
        }
        let (at, unmet) = entry.unmet.clone().unzip();
        lines.put_some("UnmetTimestampMonotonic", at.map(|at| at.as_micros()));
        lines.put("Unmet", unmet.unwrap_or_default());
        if full {
            put_checks(entry, &mut lines);
            self.put_settings(name, entry, &mut lines);
        }
        let job: Option<&Job> = self.manager.job(name);
        lines.put_some("Job", job.map(|job| job.id));
        lines.put("JobType", job.map_or("", |job| job.kind.name()));
        lines.text.push('\n');
        lines.text
    }

    /// What changes while the unit runs, beside its state.
    fn put_state(&self, name: &Name, entry: &Entry, lines: &mut Lines) {
        let Machine::Service(machine) = &entry.machine else {
            lines.put_some("NextElapseUSec", entry.elapses.map(|(at, _)| at.as_micros()));
            lines.put_some("LastTriggerUSecMonotonic", entry.elapsed.map(|at| at.as_micros()));
            specific::put_listen(entry, lines);
            return;
        };
        put_service(machine, lines);
        let groups = self.groups.as_ref().filter(|_| !entry.machine.active().is_down());
        let (memory, tasks, cpu) = groups.map(|groups| groups.usage(name)).unwrap_or_default();
        lines.put_some("MemoryCurrent", memory);
        lines.put_some("CPUUsageNSec", cpu.map(|cpu| cpu.saturating_mul(1000)));
        lines.put_some("TasksCurrent", tasks);
        let pids = groups.map(|groups| groups.processes(name)).unwrap_or_default();
        lines.put("PIDs", pids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
    }

    fn put_settings(&self, name: &Name, entry: &Entry, lines: &mut Lines) {
        let common = &entry.unit.common;
        let loaded = entry.load == Load::Loaded;
        lines.put_bool("CanStart", loaded && !common.refuse_manual_start);
        lines.put_bool("CanStop", loaded && !common.refuse_manual_stop);
        lines.put_bool("CanReload", loaded && self.can_reload(name));
        lines.put_bool("CanIsolate", loaded && common.allow_isolate);
        lines.put_bool("StopWhenUnneeded", common.stop_when_unneeded);
        lines.put_bool("RefuseManualStart", common.refuse_manual_start);
        lines.put_bool("RefuseManualStop", common.refuse_manual_stop);
        lines.put_bool("AllowIsolate", common.allow_isolate);
        lines.put_bool("DefaultDependencies", common.default_dependencies);
        lines.put_bool("IgnoreOnIsolate", common.ignore_on_isolate);
        lines.put("JobTimeoutUSec", span::format(common.job_timeout));
        lines.put("JobRunningTimeoutUSec", span::format(common.job_running_timeout));
        lines.put("StartLimitIntervalUSec", span::format(common.start_limit_interval));
        lines.put("StartLimitBurst", common.start_limit_burst.to_string());
    }
}

/// What the last start found; systemd says `no` before the first one.
fn put_checks(entry: &Entry, lines: &mut Lines) {
    let unmet = entry.unmet.as_ref().map(|(_, condition)| condition.starts_with("Assert"));
    let was_started = entry.times[0].is_some() || unmet == Some(true);
    lines.put_bool("ConditionResult", was_started && unmet != Some(false));
    lines.put_bool("AssertResult", was_started && unmet.is_none());
}

fn put_load(entry: &Entry, lines: &mut Lines) {
    let (load, reason) = match &entry.load {
        Load::Loaded => ("loaded", ""),
        Load::NotFound => ("not-found", ""),
        Load::Masked => ("masked", ""),
        Load::Bad(reason) => ("bad-setting", reason.as_str()),
    };
    lines.put("LoadState", load);
    lines.put("LoadError", reason);
    lines.put("ActiveState", entry.machine.active().name());
    lines.put("SubState", entry.machine.sub());
    // A unit without a file of its own can have drop-ins.
    let (drop_ins, own): (Vec<&PathBuf>, Vec<&PathBuf>) = entry.files.iter().partition(|path| {
        let directory = path.parent().and_then(|directory| directory.extension());
        directory.is_some_and(|extension| extension == "d")
    });
    let paths = |paths: &[&PathBuf]| {
        paths.iter().map(|path| path.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
    };
    lines.put("FragmentPath", paths(&own));
    lines.put("DropInPaths", paths(&drop_ins));
}

fn put_service(machine: &service::Machine, lines: &mut Lines) {
    lines.put_some("MainPID", machine.main);
    lines.put_some("ControlPID", machine.control);
    lines.put("StatusText", machine.status.as_deref().unwrap_or(""));
    lines.put("Result", machine.outcome.name());
    lines.put("NRestarts", machine.restarts.to_string());
    // While a main process runs, how the last one ended is no news of it.
    let ended = machine.ended.filter(|_| machine.main.is_none());
    let (code, status) = ended.map(code_and_status).unzip();
    lines.put_some("ExecMainCode", code);
    lines.put_some("ExecMainStatus", status);
    lines.put("MainEnded", machine.ended.map(service::describe).unwrap_or_default());
}

/// CLD_EXITED or CLD_KILLED (sigaction(2)), and the exit status or signal.
fn code_and_status(ended: Ended) -> (u8, u8) {
    match ended {
        Ended::Exited(status) => (1, status),
        Ended::Killed(signal) => (2, signal),
    }
}
