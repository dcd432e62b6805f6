// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a command is told of its unit: variables that systemd.exec(5) names.

use super::Runner;
use crate::event::{Ended, Role};
use crate::machine::{Active, Machine, Simple, service};
use crate::manager::Edge;
use qos_unit::value::signal_name;
use qos_unit::{Kind, Name, Specific};
use std::net::TcpStream;
use std::os::fd::BorrowedFd;

type Told = Vec<(&'static str, String)>;

/// The kernel makes a number of 128 bits from it at each read, and does not wait for entropy (random(4)).
const UUID: &str = "/proc/sys/kernel/random/uuid";

impl Runner {
    /// Gives the unit an INVOCATION_ID, unless it has one.
    pub(super) fn begin_invocation(&mut self, unit: &Name) {
        if unit.kind() == Kind::Service && !self.invocations.contains_key(unit) {
            let id = std::fs::read_to_string(UUID).unwrap_or_default().trim().replace('-', "");
            self.invocations.insert(unit.clone(), id);
        }
    }

    /// The variables for a command of the unit.
    pub(super) fn told(&self, unit: &Name, role: Role, result: &str) -> Told {
        let mut told = Told::new();
        told.extend(self.invocations.get(unit).map(|id| ("INVOCATION_ID", id.clone())));
        if let (Role::Stop | Role::StopPost, Some(machine)) = (role, self.service(unit)) {
            told.push(("SERVICE_RESULT", result.to_owned()));
            told.extend(
                machine.ended.map(|ended| end(ended, ["EXIT_CODE", "EXIT_STATUS"])).into_iter().flatten(),
            );
        }
        told.extend(self.sockets.connection(unit).map(remote).into_iter().flatten());
        told.extend(self.monitored(unit));
        told.extend(self.trigger(unit));
        told
    }

    fn service(&self, unit: &Name) -> Option<&service::Machine> {
        match &self.manager.unit(unit)?.machine {
            Machine::Service(machine) => Some(machine),
            Machine::Simple(_) => None,
        }
    }

    /// The service whose end the unit handles, if it is one only (OnFailure=, OnSuccess=).
    fn monitored(&self, unit: &Name) -> Told {
        let is = |edge, state| {
            self.manager.edge(unit, edge).filter(move |other| self.manager.active(other) == state)
        };
        let ended = is(Edge::FailureOf, Active::Failed).chain(is(Edge::SuccessOf, Active::Inactive));
        let mut ended = ended.filter_map(|other| Some((other, self.service(other)?)));
        let (Some((other, machine)), None) = (ended.next(), ended.next()) else { return Told::new() };
        let mut told = vec![
            ("MONITOR_UNIT", other.to_string()),
            ("MONITOR_SERVICE_RESULT", machine.outcome.name().to_owned()),
        ];
        told.extend(
            machine
                .ended
                .map(|ended| end(ended, ["MONITOR_EXIT_CODE", "MONITOR_EXIT_STATUS"]))
                .into_iter()
                .flatten(),
        );
        told
    }

    /// The timer or path unit that started the unit.
    fn trigger(&self, unit: &Name) -> Told {
        for other in self.manager.edge(unit, Edge::TriggeredBy) {
            let Some(entry) = self.manager.unit(other) else { continue };
            let mut told = vec![("TRIGGER_UNIT", other.to_string())];
            match (&entry.machine, &entry.unit.specific) {
                (Machine::Simple(Simple::Running), Specific::Timer(_)) => {
                    let elapsed = entry.elapsed.map(|time| time.as_micros().to_string());
                    told.extend(elapsed.map(|time| ("TRIGGER_TIMER_MONOTONIC_USEC", time)));
                }
                (Machine::Simple(Simple::Running), Specific::Path(path)) => {
                    // Of several it is not known which one it was.
                    let only = <&[_; 1]>::try_from(path.watches.as_slice()).ok();
                    told.extend(only.map(|[watch]| ("TRIGGER_PATH", watch.path.clone())));
                }
                _ => continue,
            }
            return told;
        }
        Told::new()
    }
}

/// How a process ended, as `exited` and its status, or `killed` and the signal.
fn end(ended: Ended, [code, status]: [&'static str; 2]) -> [(&'static str, String); 2] {
    match ended {
        Ended::Exited(number) => [(code, "exited".to_owned()), (status, number.to_string())],
        Ended::Killed(signal) => [(code, "killed".to_owned()), (status, signal_name(signal.into()))],
    }
}

/// The other end of an Internet connection.
fn remote(connection: BorrowedFd<'_>) -> Told {
    // The request to the kernel is the same for sockets of every kind; of another kind's answer nothing is made.
    let Ok(copy) = connection.try_clone_to_owned() else { return Told::new() };
    let Ok(peer) = TcpStream::from(copy).peer_addr() else { return Told::new() };
    vec![("REMOTE_ADDR", peer.ip().to_canonical().to_string()), ("REMOTE_PORT", peer.port().to_string())]
}
