// SPDX-License-Identifier: MIT OR Apache-2.0
//! Units as text for requests.

use super::Runner;
use crate::machine::{Machine, service};
use crate::manager::Edge;
use crate::world::Load;
use qos_unit::Name;
use std::fmt::Write as _;

impl Runner {
    /// A unit as `KEY=VALUE` lines and an empty line.
    pub(super) fn show(&self, name: &Name) -> String {
        let Some(entry) = self.manager.unit(name) else { return String::new() };
        let mut out = String::new();
        let mut put = |key: &str, value: &str| {
            if !value.is_empty() {
                let _ = writeln!(out, "{key}={}", value.replace('\n', " "));
            }
        };
        put("Id", entry.unit.name.as_str());
        put("Description", &entry.unit.common.description);
        put("Documentation", &entry.unit.common.documentation.join(" "));
        let (load, reason) = match &entry.load {
            Load::Loaded => ("loaded", ""),
            Load::NotFound => ("not-found", ""),
            Load::Masked => ("masked", ""),
            Load::Bad(reason) => ("bad-setting", reason.as_str()),
        };
        put("LoadState", load);
        put("LoadError", reason);
        put("ActiveState", entry.machine.active().name());
        put("SubState", entry.machine.sub());
        let paths: Vec<_> = entry.files.iter().map(|path| path.to_string_lossy().into_owned()).collect();
        put("Files", &paths.join(" "));
        if let Machine::Service(machine) = &entry.machine {
            show_service(machine, &mut put);
            if let Some(groups) = self.groups.as_ref().filter(|_| !entry.machine.active().is_down()) {
                let (memory, tasks, cpu) = groups.usage(name);
                let number = |value: Option<u64>| value.map(|value| value.to_string()).unwrap_or_default();
                put("MemoryCurrent", &number(memory));
                put("TasksCurrent", &number(tasks));
                put("CPUUsageUSec", &number(cpu));
                let pids: Vec<_> = groups.processes(name).iter().map(ToString::to_string).collect();
                put("PIDs", &pids.join(" "));
            }
        }
        if let Some((at, _)) = entry.elapses {
            put("NextElapseUSec", &at.as_micros().to_string());
        }
        if let Some(job) = self.manager.job(name) {
            put("Job", job.kind.name());
        }
        let keys = ["InactiveExit", "ActiveEnter", "ActiveExit", "InactiveEnter"];
        for (key, time) in keys.iter().zip(entry.times) {
            put(key, &time.map(|time| time.as_micros().to_string()).unwrap_or_default());
        }
        for edge in [
            Edge::Requires,
            Edge::Wants,
            Edge::BindsTo,
            Edge::WantedBy,
            Edge::RequiredBy,
            Edge::After,
            Edge::Triggers,
            Edge::TriggeredBy,
        ] {
            let names: Vec<_> = self.manager.edge(name, edge).map(Name::as_str).collect();
            put(&edge.name(), &names.join(" "));
        }
        out.push('\n');
        out
    }
}

fn show_service(machine: &service::Machine, put: &mut dyn FnMut(&str, &str)) {
    put("Result", machine.outcome.name());
    put("MainPID", &machine.main.map(|pid| pid.to_string()).unwrap_or_default());
    put("ControlPID", &machine.control.map(|pid| pid.to_string()).unwrap_or_default());
    put("StatusText", machine.status.as_deref().unwrap_or(""));
    put("NRestarts", &machine.restarts.to_string());
    put("MainEnded", &machine.ended.map(service::describe).unwrap_or_default());
}
