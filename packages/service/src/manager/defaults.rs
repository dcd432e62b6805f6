// SPDX-License-Identifier: MIT OR Apache-2.0
//! Dependencies that a unit has without saying so (systemd.special(7), and "Default Dependencies" of the kinds' manual pages).

use super::Edge;
use qos_unit::{Kind, Name, Specific, Unit};

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
    for path in &unit.common.mounts_for {
        let mut at = path.as_str();
        while !at.is_empty() {
            if let Some(mount) = Name::of_path(at, Kind::Mount) {
                add(Edge::After, mount.as_str());
                // It is required if there is such a unit.
                add(Edge::Wants, mount.as_str());
            }
            at = at.rsplit_once('/').map_or("", |(front, _)| front);
        }
    }
    edges
}
