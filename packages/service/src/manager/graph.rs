// SPDX-License-Identifier: MIT OR Apache-2.0
//! Units and how they depend on each other.

use super::Manager;
use crate::event::Level;
use crate::machine::{Machine, Simple, service};
use crate::world::{Load, Source, World};
use qos_unit::{Dependency, Kind, Name, Specific, Unit};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::time::Duration;

/// A dependency in one direction; each has its inverse at the other unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "systemd.unit(5)")]
pub enum Edge {
    Requires,
    RequiredBy,
    Requisite,
    RequisiteOf,
    Wants,
    WantedBy,
    BindsTo,
    BoundBy,
    PartOf,
    HasPart,
    Conflicts,
    ConflictedBy,
    After,
    Before,
    OnFailure,
    FailureOf,
    OnSuccess,
    SuccessOf,
    ReloadTo,
    ReloadFrom,
    Triggers,
    TriggeredBy,
}

impl Edge {
    const PAIRS: [(Edge, Edge); 11] = [
        (Edge::Requires, Edge::RequiredBy),
        (Edge::Requisite, Edge::RequisiteOf),
        (Edge::Wants, Edge::WantedBy),
        (Edge::BindsTo, Edge::BoundBy),
        (Edge::PartOf, Edge::HasPart),
        (Edge::Conflicts, Edge::ConflictedBy),
        (Edge::After, Edge::Before),
        (Edge::OnFailure, Edge::FailureOf),
        (Edge::OnSuccess, Edge::SuccessOf),
        (Edge::ReloadTo, Edge::ReloadFrom),
        (Edge::Triggers, Edge::TriggeredBy),
    ];

    /// The same dependency seen from the other unit.
    #[must_use]
    pub fn inverse(self) -> Edge {
        let pair = Self::PAIRS.iter().find(|(a, b)| *a == self || *b == self);
        pair.map_or(self, |(a, b)| if *a == self { *b } else { *a })
    }

    /// The key in a unit file, or the name of the inverse.
    #[must_use]
    pub fn name(self) -> String {
        format!("{self:?}")
    }
}

/// A unit and its state.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The unit as its files have it.
    pub unit: Unit,
    /// Whether there is one.
    pub load: Load,
    /// Its files.
    pub files: Vec<PathBuf>,
    /// Units of its directories `.wants` and `.requires`.
    pub(super) links: Vec<(Edge, Name)>,
    /// Its state.
    pub machine: Machine,
    /// When it left the inactive state, became active, left that, became inactive.
    pub times: [Option<Duration>; 4],
    /// When it was started within the interval of the start limit.
    pub(super) starts: VecDeque<Duration>,
    /// When a socket unit started its service, within the interval of the trigger limit.
    pub(super) triggers: VecDeque<Duration>,
    /// When a timer elapses next: time since boot, and the calendar's moment where it is of one.
    pub elapses: Option<(Duration, Option<i64>)>,
    /// When a timer elapsed last.
    pub elapsed: Option<Duration>,
    /// Connections of a socket unit with Accept=yes.
    pub connections: u32,
    /// The process of a mount unit.
    pub(super) control: Option<i32>,
    /// When its last start was left out or failed because of a condition, and which, as `ConditionPathExists=/a`; of
    /// several with `|`, all, with tabs between them.
    pub unmet: Option<(Duration, String)>,
}

impl Entry {
    fn new(source: Source) -> Self {
        let machine = match source.unit.specific {
            Specific::Service(_) => Machine::Service(Box::default()),
            // Slices group, and are there.
            Specific::Other if source.unit.name.kind() == Kind::Slice => Machine::Simple(Simple::Active),
            _ if source.unit.name.as_str() == "-.mount" => Machine::Simple(Simple::Mounted),
            _ => Machine::Simple(Simple::Dead),
        };
        let links = source.wants.into_iter().map(|other| (Edge::Wants, other));
        let links = links.chain(source.requires.into_iter().map(|other| (Edge::Requires, other))).collect();
        Entry {
            unit: source.unit,
            load: source.load,
            files: source.files,
            links,
            machine,
            times: [None; 4],
            starts: VecDeque::new(),
            triggers: VecDeque::new(),
            elapses: None,
            elapsed: None,
            connections: 0,
            control: None,
            unmet: None,
        }
    }

    pub(super) fn reset_failed(&mut self) {
        self.starts.clear();
        self.triggers.clear();
        match &mut self.machine {
            Machine::Service(machine) if machine.state == service::State::Failed => {
                **machine = service::Machine::default()
            }
            Machine::Simple(state) if *state == Simple::Failed => *state = Simple::Dead,
            _ => {}
        }
    }
}

/// What a dependency of a unit file is here; `Before=` is the inverse of `After=`.
fn edge_of(dependency: Dependency) -> Edge {
    match dependency {
        Dependency::Requires => Edge::Requires,
        Dependency::Requisite => Edge::Requisite,
        Dependency::Wants => Edge::Wants,
        Dependency::BindsTo => Edge::BindsTo,
        Dependency::PartOf => Edge::PartOf,
        Dependency::Conflicts => Edge::Conflicts,
        Dependency::Before => Edge::Before,
        Dependency::After => Edge::After,
        Dependency::OnFailure => Edge::OnFailure,
        Dependency::OnSuccess => Edge::OnSuccess,
        Dependency::PropagatesReloadTo => Edge::ReloadTo,
    }
}

impl<W: World> Manager<W> {
    /// The units on the other side of `edge`.
    pub fn edge(&self, name: &Name, edge: Edge) -> impl Iterator<Item = &Name> + use<'_, W> {
        self.edges.get(name).and_then(|edges| edges.get(&edge)).into_iter().flatten()
    }

    /// As [`Manager::edge`], in a list of its own.
    pub(super) fn edge_list(&self, name: &Name, edges: &[Edge]) -> Vec<Name> {
        edges.iter().flat_map(|edge| self.edge(name, *edge)).cloned().collect()
    }

    /// Whether there is such a dependency.
    #[must_use]
    pub fn has_edge(&self, name: &Name, edge: Edge, other: &Name) -> bool {
        self.edges.get(name).and_then(|edges| edges.get(&edge)).is_some_and(|names| names.contains(other))
    }

    pub(super) fn add_edge(&mut self, name: &Name, edge: Edge, other: &Name) {
        let other = self.aliases.get(other).unwrap_or(other).clone();
        if other == *name {
            return;
        }
        self.edges.entry(name.clone()).or_default().entry(edge).or_default().insert(other.clone());
        self.edges.entry(other).or_default().entry(edge.inverse()).or_default().insert(name.clone());
    }

    /// Loads `name` and all that it refers to; its own name, if that is an alias.
    pub fn load(&mut self, name: &Name) -> Name {
        let mut wanted = VecDeque::from([name.clone()]);
        let mut seen = BTreeSet::new();
        while let Some(next) = wanted.pop_front() {
            if seen.insert(next.clone()) && self.read(&next) {
                let real = self.aliases.get(&next).unwrap_or(&next);
                let edges = self.edges.get(real).into_iter().flat_map(BTreeMap::values).flatten();
                wanted.extend(edges.filter(|other| !self.units.contains_key(*other)).cloned());
            }
        }
        self.need_mounts(&seen);
        self.order_targets(seen);
        self.aliases.get(name).unwrap_or(name).clone()
    }

    /// Targets among `names`, and those that need one of `names`, are reached after what they need, unless that is ordered after them
    /// (systemd.target(5), "Default Dependencies").
    pub(super) fn order_targets(&mut self, names: impl IntoIterator<Item = Name>) {
        let needs = [Edge::Requires, Edge::Requisite, Edge::Wants, Edge::BindsTo];
        let mut pairs = Vec::new();
        for name in names {
            let name = self.aliases.get(&name).unwrap_or(&name).clone();
            let others = self.edge_list(&name, &needs);
            pairs.extend(others.into_iter().map(|other| (name.clone(), other)));
            let targets = self.edge_list(&name, &needs.map(Edge::inverse));
            pairs.extend(targets.into_iter().map(|target| (target, name.clone())));
        }
        let by_default = |manager: &Self, name: &Name| {
            let entry = manager.units.get(name);
            entry.is_some_and(|entry| entry.load == Load::Loaded && entry.unit.common.default_dependencies)
        };
        for (target, other) in pairs.into_iter().filter(|(target, _)| target.kind() == Kind::Target) {
            if by_default(self, &target)
                && by_default(self, &other)
                && !self.has_edge(&target, Edge::Before, &other)
            {
                self.add_edge(&target, Edge::After, &other);
            }
        }
    }

    /// Reads one unit and links it, unless it is there; whether it was read.
    fn read(&mut self, name: &Name) -> bool {
        if self.units.get(name).is_some_and(|entry| entry.load != Load::NotFound)
            || self.aliases.contains_key(name)
        {
            return false;
        }
        let source = self.world.load(name);
        let real = source.unit.name.clone();
        if real != *name {
            self.aliases.insert(name.clone(), real.clone());
            self.move_edges(name, &real);
        }
        if self.units.get(&real).is_none_or(|entry| entry.load == Load::NotFound) {
            self.insert(source);
            self.link(&real);
        }
        true
    }

    fn insert(&mut self, source: Source) {
        for warning in &source.warnings {
            self.log(Level::Warning, warning.to_string());
        }
        let name = source.unit.name.clone();
        let mut entry = Entry::new(source);
        if let (Load::Loaded, Specific::Mount(mount)) = (&entry.load, &entry.unit.specific)
            && self.world.is_mounted(&mount.target)
        {
            entry.machine = Machine::Simple(Simple::Mounted);
        }
        self.units.insert(name, entry);
    }

    /// Reads a unit whose state stays as it is.
    pub(super) fn read_again(&mut self, name: &Name) {
        let source = self.world.load(name);
        for warning in &source.warnings {
            self.log(Level::Warning, warning.to_string());
        }
        let Some(entry) = self.units.get_mut(name) else { return };
        if source.unit.name != *name {
            return;
        }
        let fresh = Entry::new(source);
        (entry.unit, entry.load, entry.files, entry.links) =
            (fresh.unit, fresh.load, fresh.files, fresh.links);
    }

    /// Dependencies on an alias are on the unit itself.
    fn move_edges(&mut self, alias: &Name, real: &Name) {
        for (edge, names) in self.edges.remove(alias).unwrap_or_default() {
            for other in names {
                if let Some(names) =
                    self.edges.get_mut(&other).and_then(|edges| edges.get_mut(&edge.inverse()))
                {
                    names.remove(alias);
                }
                self.add_edge(real, edge, &other);
            }
        }
    }

    /// Adds the dependencies of a unit: of its file, of its directories of links, and those that its kind implies.
    pub(super) fn link(&mut self, name: &Name) {
        let Some(entry) = self.units.get(name) else { return };
        let common = &entry.unit.common;
        let mut edges: Vec<(Edge, Name)> = entry.links.clone();
        edges.extend(
            common.dependencies.iter().map(|(dependency, other)| (edge_of(*dependency), other.clone())),
        );
        edges.extend(common.reload_from.iter().map(|other| (Edge::ReloadFrom, other.clone())));
        edges.extend(super::defaults::implied(&entry.unit));
        for (edge, other) in edges {
            self.add_edge(name, edge, &other);
        }
    }
}
