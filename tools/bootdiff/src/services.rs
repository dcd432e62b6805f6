// SPDX-License-Identifier: MIT OR Apache-2.0
//! Services that changed: which start or fail now, in which order, how long their starts take.

use crate::report::{Amount, Report, Service, ServiceChange};
use crate::units::{NONE, SLIGHT, Unit};
use qos_bootlog::services::{self, State};
use std::collections::BTreeMap;

/// The units of a boot, as the report has them.
pub(crate) fn of_report(units: &[services::Service]) -> Vec<Service> {
    let service = |unit: &services::Service| Service {
        name: unit.name.clone(),
        state: unit.state.name(),
        reason: unit.reason.clone(),
        start: unit.start,
        end: unit.end,
        instructions: unit.instructions(),
        starts: unit.starts,
    };
    units.iter().map(service).collect()
}

/// The differences between the units of two boots: those that fail now first, the others in the head's order, then those
/// that are gone.
pub(crate) fn changes(base: &[services::Service], head: &[services::Service]) -> Vec<ServiceChange> {
    let moved = services::reordered(base, head);
    let (old, new) = (of_report(base), of_report(head));
    let of_base: BTreeMap<&str, (usize, &Service)> =
        old.iter().enumerate().map(|(at, service)| (service.name.as_str(), (at, service))).collect();
    let after = |services: &[Service], at: usize| {
        let before = services[..at].iter().rev().find(|service| service.state != State::NotStarted.name());
        before.map(|service| service.name.clone())
    };
    let mut changes = Vec::new();
    for (at, service) in new.iter().enumerate() {
        let was = of_base.get(service.name.as_str()).copied();
        let is_moved = moved.contains(service.name.as_str());
        let differs = was.map(|(_, was)| differing(was, service, is_moved)).unwrap_or_default();
        if was.is_none() || !differs.is_empty() {
            let places = was.filter(|_| is_moved).map(|(was, _)| [after(&old, was), after(&new, at)]);
            changes.push(ServiceChange {
                name: service.name.clone(),
                base: was.map(|(_, was)| was.clone()),
                head: Some(service.clone()),
                differs,
                after: places,
            });
        }
    }
    let gone = old.iter().filter(|service| new.iter().all(|other| other.name != service.name));
    changes.extend(gone.map(|service| ServiceChange {
        name: service.name.clone(),
        base: Some(service.clone()),
        head: None,
        differs: Vec::new(),
        after: None,
    }));
    changes.sort_by_key(|change| !change.fails_now());
    changes
}

fn differing(base: &Service, head: &Service, is_moved: bool) -> Vec<&'static str> {
    let time = base.instructions.zip(head.instructions);
    let fields = [
        ("state", base.state != head.state),
        ("reason", base.reason != head.reason),
        ("starts", base.starts != head.starts && base.state == head.state),
        ("order", is_moved),
        ("time", time.is_some_and(|(base, head)| base.abs_diff(head) >= SLIGHT)),
    ];
    fields.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}

/// The names of the units that fail now, for the verdict.
pub(crate) fn failing(report: &Report) -> Vec<&str> {
    let changes = report.services.as_deref().unwrap_or_default();
    changes.iter().filter(|change| change.fails_now()).map(|change| change.name.as_str()).collect()
}

/// Whether either boot has a manager of services.
pub(crate) fn are_there(report: &Report) -> bool {
    !report.base.services.is_empty() || !report.head.services.is_empty()
}

/// How many units changed in which way: `1 failed, 2 new`. A unit counts for its most important change.
pub(crate) fn counts(changes: &[ServiceChange]) -> Vec<(usize, &'static str)> {
    let slower = |change: &ServiceChange| {
        let times = change.base.as_ref().zip(change.head.as_ref());
        times.is_some_and(|(base, head)| head.instructions > base.instructions)
    };
    let kind = |change: &ServiceChange| match change {
        change if change.fails_now() => "failed",
        ServiceChange { base: None, .. } => "new",
        ServiceChange { head: None, .. } => "gone",
        change if change.differs.iter().any(|differs| matches!(*differs, "state" | "reason" | "starts")) => {
            "in another state"
        }
        change if change.differs.contains(&"order") => "in another order",
        change if slower(change) => "slower",
        _ => "faster",
    };
    let count = |what: &'static str| (changes.iter().filter(|change| kind(change) == what).count(), what);
    ["failed", "new", "gone", "in another state", "in another order", "slower", "faster"].map(count).into()
}

/// The sign of a change: `!` for a unit that fails now, `+`, `-` or `~`.
pub(crate) fn sign(change: &ServiceChange) -> char {
    match change {
        change if change.fails_now() => '!',
        ServiceChange { base: None, .. } => '+',
        ServiceChange { head: None, .. } => '-',
        _ => '~',
    }
}

/// The description of a change, without the unit's name.
pub(crate) fn details(change: &ServiceChange) -> String {
    let (base, head) = match (&change.base, &change.head) {
        (Some(base), Some(head)) => (base, head),
        (Some(service), None) | (None, Some(service)) => return whole(service),
        (None, None) => return String::new(),
    };
    let after = |place: &Option<String>| match place {
        Some(name) => format!("after {name}"),
        None => "first".to_owned(),
    };
    let text = |differs: &str| match differs {
        "state" => Some(format!("{} → {}", base.outcome(), head.outcome())),
        "reason" if base.state == head.state => Some(format!("{} → {}", base.outcome(), head.outcome())),
        "starts" => Some(format!("started {} → {}", times(base.starts), times(head.starts))),
        "order" => change.after.as_ref().map(|[was, is]| format!("{} → {}", after(was), after(is))),
        "time" => {
            let amount = Amount::new("", base.instructions, head.instructions);
            let [was, is] = [amount.base, amount.head].map(|value| Unit::Instructions.show(value));
            Some(format!("start takes {was} → {is}, {}", Unit::Instructions.difference(&amount)))
        }
        _ => None,
    };
    change.differs.iter().filter_map(|differs| text(differs)).collect::<Vec<_>>().join("; ")
}

/// `once`, `3 times`.
fn times(number: usize) -> String {
    if number == 1 { "once".to_owned() } else { format!("{number} times") }
}

/// `started in 3.456 M`.
fn whole(service: &Service) -> String {
    let took = service.instructions.map(|took| format!(" in {}", Unit::Instructions.show(Some(took))));
    service.outcome() + &took.unwrap_or_default()
}

/// What a picture says beside a unit: how long its start took, or its state where that says more.
pub(crate) fn value(service: Option<&Service>) -> String {
    match service {
        None => NONE.to_owned(),
        Some(Service { instructions: Some(took), state: "started" | "ended", .. }) => {
            Unit::Instructions.show(Some(*took))
        }
        Some(Service { name, state: "started", .. }) if name.ends_with(".target") => "reached".to_owned(),
        Some(service) => service.state.to_owned(),
    }
}
