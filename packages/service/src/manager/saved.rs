// SPDX-License-Identifier: MIT OR Apache-2.0
//! The manager's state as records: what it needs to go on as another program. Unit files are read anew.

use super::{Edge, Entry, Manager};
use crate::event::{Exit, Now};
use crate::job::{Job, JobKind};
use crate::machine::{Machine, Simple, service};
use crate::saved::{Record, Saved, Time, named};
use crate::world::World;
use qos_unit::{Kind, Name, Specific};

/// Keys of [`Entry::times`].
const TIMES: [&str; 4] = ["inactive-exit", "active-enter", "active-exit", "inactive-enter"];

impl<W: World> Manager<W> {
    /// Adds the state to `saved`. Actions are done before.
    pub fn save(&self, saved: &mut Saved) {
        saved.push(
            Record::new("manager", "")
                .set("next-job", self.next_job)
                .set("started", Time(self.started))
                .set("accepted", self.accepted)
                .set_some("exit", self.exit.map(Exit::name)),
        );
        let in_use = self.units.iter().filter(|(name, entry)| {
            let down = entry.machine.sub() == "dead" && !self.jobs.contains_key(*name);
            !(down && entry.times == [None; 4] && entry.starts.is_empty() && entry.unmet.is_none())
        });
        in_use.for_each(|(name, entry)| saved.push(save_entry(entry, Record::new("unit", name))));
        for (socket, service) in self.accepting() {
            saved.push(Record::new("instance", service).set("socket", socket));
        }
        self.jobs.iter().for_each(|(name, job)| saved.push(save_job(job, Record::new("job", name))));
        self.pids.iter().for_each(|(pid, unit)| saved.push(Record::new("process", pid).set("unit", unit)));
    }

    /// A manager that goes on where `saved` ends.
    #[must_use]
    pub fn restore(world: W, now: Now, saved: &Saved) -> Self {
        let mut manager = Manager::new(world, now);
        let own = saved.first("manager");
        manager.next_job = own.get("next-job").unwrap_or(1);
        manager.started = own.time("started").unwrap_or(now.mono);
        manager.accepted = own.get("accepted").unwrap_or(0);
        let exit = own.get::<String>("exit");
        manager.exit = exit.and_then(|name| named(&Exit::ALL, Exit::name, &name));
        for record in saved.of("unit") {
            let Ok(name) = Name::new(&record.name) else { continue };
            let name = manager.load(&name);
            if let Some(entry) = manager.units.get_mut(&name) {
                restore_entry(entry, record);
            }
        }
        for record in saved.of("instance") {
            if let (Ok(service), Some(socket)) = (Name::new(&record.name), name_of(record, "socket")) {
                let service = manager.load(&service);
                manager.add_edge(&socket, Edge::Triggers, &service);
            }
        }
        for record in saved.of("job") {
            let Ok(name) = Name::new(&record.name) else { continue };
            if let Some(job) = restore_job(record) {
                let name = manager.load(&name);
                manager.jobs.insert(name.clone(), job);
                manager.queue.insert(name);
            }
        }
        for record in saved.of("process") {
            if let (Ok(pid), Some(unit)) = (record.name.parse(), name_of(record, "unit")) {
                manager.pids.insert(pid, unit);
            }
        }
        manager.run_jobs();
        manager
    }

    /// Instances for connections, with their sockets: these dependencies are in no unit file.
    pub(super) fn accepting(&self) -> Vec<(Name, Name)> {
        let accepts = self.units.iter().filter(|(name, entry)| {
            name.kind() == Kind::Socket
                && matches!(&entry.unit.specific, Specific::Socket(socket) if socket.accept)
        });
        let pairs = accepts.flat_map(|(name, _)| {
            self.edge(name, Edge::Triggers).map(move |service| (name.clone(), service.clone()))
        });
        pairs.filter(|(_, service)| service.instance().is_some_and(|instance| !instance.is_empty())).collect()
    }
}

fn name_of(record: &Record, key: &str) -> Option<Name> {
    Name::new(&record.get::<String>(key)?).ok()
}

fn save_entry(entry: &Entry, record: Record) -> Record {
    let mut record = match &entry.machine {
        Machine::Service(machine) => machine.save(record),
        Machine::Simple(state) => record.set("simple", state.name()),
    };
    for (key, time) in TIMES.iter().zip(entry.times) {
        record = record.set_some(key, time.map(Time));
    }
    record
        .set_list("starts", entry.starts.iter().copied().map(Time))
        .set_some("elapses", entry.elapses.map(|(at, _)| Time(at)))
        .set_some("elapses-real", entry.elapses.and_then(|(_, moment)| moment))
        .set_some("elapsed", entry.elapsed.map(Time))
        .set("connections", entry.connections)
        .set_some("mount-process", entry.control)
        .set_some("unmet-at", entry.unmet.as_ref().map(|(at, _)| Time(*at)))
        .set_some("unmet", entry.unmet.as_ref().map(|(_, condition)| condition))
}

fn restore_entry(entry: &mut Entry, record: &Record) {
    match &mut entry.machine {
        Machine::Service(machine) => **machine = service::Machine::restore(record),
        Machine::Simple(state) => {
            let name = record.get::<String>("simple").unwrap_or_default();
            *state = named(&Simple::ALL, Simple::name, &name).unwrap_or(*state);
        }
    }
    entry.times = TIMES.map(|key| record.time(key));
    entry.starts = record.list::<Time>("starts").into_iter().map(|time| time.0).collect();
    entry.elapses = record.time("elapses").map(|at| (at, record.get("elapses-real")));
    entry.elapsed = record.time("elapsed");
    entry.connections = record.get("connections").unwrap_or(0);
    entry.control = record.get("mount-process");
    entry.unmet = record.time("unmet-at").zip(record.get("unmet"));
}

fn save_job(job: &Job, record: Record) -> Record {
    let Job { id, kind, running, irreversible, since, deadline } = job;
    record
        .set("id", id)
        .set("kind", kind.name())
        .set("running", running)
        .set("irreversible", irreversible)
        .set("since", Time(*since))
        .set_some("deadline", deadline.map(Time))
}

fn restore_job(record: &Record) -> Option<Job> {
    Some(Job {
        id: record.get("id")?,
        kind: named(&JobKind::ALL, JobKind::name, &record.get::<String>("kind")?)?,
        running: record.is("running"),
        irreversible: record.is("irreversible"),
        since: record.time("since").unwrap_or_default(),
        deadline: record.time("deadline"),
    })
}
