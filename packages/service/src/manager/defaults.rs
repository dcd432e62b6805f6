// SPDX-License-Identifier: MIT OR Apache-2.0
//! Dependencies that a unit has without saying so (systemd.special(7), and "Default Dependencies" of the kinds' manual pages).

use super::{Edge, Manager};
use crate::world::{Load, World};
use qos_unit::{Dependency, Kind, Name, Specific, Unit};

/// The dependencies that `unit` has by its kind.
pub fn implied(unit: &Unit) -> Vec<(Edge, Name)> {
    let mut edges = Vec::new();
    let mut add = |edge: Edge, name: &str| {
        // All of these names are valid.
        edges.extend(Name::new(name).ok().map(|name| (edge, name)));
    };
    let name = &unit.name;
    let own = unit.common.default_dependencies;
    if let Some(activated) = unit.activates().filter(|activated| !activated.is_template()) {
        add(Edge::Triggers, activated.as_str());
        add(Edge::Before, activated.as_str());
    }
    let early = |add: &mut dyn FnMut(Edge, &str)| {
        add(Edge::Requires, "sysinit.target");
        add(Edge::After, "sysinit.target");
    };
    let until_shutdown = |add: &mut dyn FnMut(Edge, &str)| {
        add(Edge::Conflicts, "shutdown.target");
        add(Edge::Before, "shutdown.target");
    };
    match &unit.specific {
        Specific::Service(service) => {
            for socket in &service.sockets {
                add(Edge::Wants, socket.as_str());
                add(Edge::After, socket.as_str());
                add(Edge::TriggeredBy, socket.as_str());
            }
            if own {
                early(&mut add);
                add(Edge::After, "basic.target");
                until_shutdown(&mut add);
            }
        }
        Specific::Socket(_) if own => {
            early(&mut add);
            add(Edge::Before, "sockets.target");
            until_shutdown(&mut add);
        }
        Specific::Timer(_) if own => {
            early(&mut add);
            add(Edge::Before, "timers.target");
            until_shutdown(&mut add);
        }
        Specific::Path(_) if own => {
            early(&mut add);
            add(Edge::Before, "paths.target");
            until_shutdown(&mut add);
        }
        Specific::Mount(mount) => {
            let mut parent = mount.target.as_str();
            while let Some((front, _)) = parent.rsplit_once('/').filter(|(front, _)| !front.is_empty()) {
                parent = front;
                if let Some(parent) = Name::of_path(parent, Kind::Mount) {
                    add(Edge::After, parent.as_str());
                }
            }
            if own && mount.target != "/" {
                add(Edge::Before, if mount.is_remote() { "remote-fs.target" } else { "local-fs.target" });
                add(
                    Edge::After,
                    if mount.is_remote() { "remote-fs-pre.target" } else { "local-fs-pre.target" },
                );
                if mount.is_remote() {
                    add(Edge::After, "network.target");
                }
                add(Edge::Conflicts, "umount.target");
                add(Edge::Before, "umount.target");
            }
        }
        Specific::Target if own && name.as_str() != "shutdown.target" && name.as_str() != "umount.target" => {
            until_shutdown(&mut add);
        }
        _ => {}
    }
    for (_, path) in &unit.common.mounts_for {
        mounts_above(path).for_each(|mount| add(Edge::After, mount.as_str()));
    }
    edges
}

/// The mount units of a path and of the directories above it, but the root.
fn mounts_above(path: &str) -> impl Iterator<Item = Name> + '_ {
    let paths = std::iter::successors(Some(path), |path| Some(path.rsplit_once('/')?.0));
    paths.filter(|path| !path.is_empty()).filter_map(|path| Name::of_path(path, Kind::Mount))
}

impl<W: World> Manager<W> {
    /// Adds the needs of RequiresMountsFor= and WantsMountsFor= of `names`, and of units that come after mounts among `names`: of those
    /// mount units that there are (systemd.unit(5)).
    pub(super) fn need_mounts<'a>(&mut self, names: impl IntoIterator<Item = &'a Name>) {
        let mut found = Vec::new();
        for name in names {
            let of_mount = (name.kind() == Kind::Mount).then(|| self.edge_list(name, &[Edge::Before]));
            for unit in of_mount.unwrap_or_default().iter().chain([name]) {
                let Some(entry) = self.units.get(unit) else { continue };
                for (dependency, path) in &entry.unit.common.mounts_for {
                    let edge = if *dependency == Dependency::Requires { Edge::Requires } else { Edge::Wants };
                    found.extend(mounts_above(path).map(|mount| (unit.clone(), edge, mount)));
                }
            }
        }
        for (name, edge, mount) in found {
            if self.units.get(&mount).is_some_and(|entry| entry.load != Load::NotFound) {
                self.add_edge(&name, edge, &mount);
            }
        }
    }
}
