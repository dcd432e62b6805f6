// SPDX-License-Identifier: MIT OR Apache-2.0
//! One event from its packet to its effects: rules, name, node, links, database. Commands of RUN are left to the caller.

use crate::device::Device;
use crate::engine::{Command, Processing};
use crate::node::{self, Claims};
use crate::rules::Rules;
use crate::rules::rule::Target;
use crate::system::System;
use crate::{builtin, text};
use qos_uevent::Event;

/// An event whose rules are applied.
#[derive(Debug)]
pub struct Processed {
    /// The device as it is now.
    pub device: Device,
    /// What is left to do, in order.
    pub commands: Vec<Command>,
    /// Whether the end of writing to the node is watched; `None` leaves it as it is.
    pub watch: Option<bool>,
    /// The event for those who listen to udev.
    pub event: Event,
}

/// Applies the rules to an event and does what they say. Failures are messages: an event is never left out.
#[must_use]
pub fn process(system: &System, rules: &Rules, claims: &mut Claims, event: &Event) -> Processed {
    let device = Device::of_event(&system.root, event);
    let mut processing = Processing::new(system, &event.action, device);
    processing.apply(rules);
    let failed = |what: &str, (path, error): (std::path::PathBuf, std::io::Error)| {
        system.warn(&format!(
            "{}: {what} {}: {}",
            event.devpath,
            path.display(),
            qos_sys::error_text(&error)
        ));
    };
    let dev = system.root.join("dev");
    let gone = event.action == "remove";
    if gone {
        node::forget_number(&dev, &processing.device);
        if let Some(id) = processing.device.id() {
            let forgotten = system.database.forget(&id, processing.before.as_ref());
            forgotten.unwrap_or_else(|error| failed("forget", error));
        }
    } else {
        if processing.device.record.initialized == 0 {
            let now = qos_sys::time::since_boot().as_micros();
            processing.device.record.initialized = u64::try_from(now).unwrap_or(u64::MAX);
        }
        rename(system, &mut processing);
        node::set_permissions(&dev, &processing).unwrap_or_else(|error| failed("permissions of", error));
    }
    let Processing { device, before, .. } = &mut processing;
    for error in claims.update(&dev, device, before.as_ref(), gone) {
        failed("link", error);
    }
    if !gone {
        let Processing { device, before, persist, .. } = &processing;
        system
            .database
            .write(device, before.as_ref(), *persist)
            .unwrap_or_else(|error| failed("write", error));
    }
    let Processing { device, run, watch, .. } = processing;
    let event = Event {
        action: event.action.clone(),
        devpath: device.devpath.clone(),
        seqnum: event.seqnum,
        properties: device.all_properties(),
    };
    Processed { commands: run.value.unwrap_or_default(), watch: watch.value, device, event }
}

/// Gives a network interface the name that its rules want.
fn rename(system: &System, processing: &mut Processing<'_>) {
    let device = &mut processing.device;
    let Some(name) = processing.name.value.as_ref().filter(|_| device.interface().is_some()) else { return };
    let old = device.name();
    if *name == old || !["add", "change", "move"].contains(&processing.action.as_str()) {
        return;
    }
    if let Err(error) = qos_sys::network::rename(&old, name) {
        let error = qos_sys::error_text(&error);
        system.warn(&format!("{}: rename to {name}: {error}", device.devpath));
        return;
    }
    // The kernel has an event of its own for the new name; this one is finished with it.
    if let Some((above, _)) = device.devpath.rsplit_once('/') {
        device.devpath = format!("{above}/{name}");
    }
    for (key, value) in
        [("INTERFACE", name.clone()), ("INTERFACE_OLD", old), ("DEVPATH", device.devpath.clone())]
    {
        device.properties.insert(key.to_owned(), value);
    }
}

/// Runs the commands of an event in order. None of them stops the others.
pub fn run_commands(system: &System, commands: &[Command], device: &Device) {
    let mut environment = None;
    for command in commands {
        let outcome = match command {
            Command::Builtin(command) => builtin::run(system, &text::words(command)),
            Command::Program(command) => {
                let environment = environment.get_or_insert_with(|| device.all_properties());
                match system.run_program(&text::words(command), environment) {
                    Ok(outcome) if outcome.success => Ok(()),
                    Ok(outcome) => Err(outcome.end),
                    Err(error) => Err(qos_sys::error_text(&error)),
                }
            }
        };
        if let Err(why) = outcome {
            let (Command::Builtin(command) | Command::Program(command)) = command;
            let text = format!("{}: `{command}`: {why}", device.devpath);
            match (why.as_str(), why.starts_with("there is no builtin")) {
                (_, true) => system.debug(|| text),
                _ => system.warn(&text),
            }
        }
    }
}

/// Gives the nodes of modules that are not loaded, which `static_node` names, their owners, groups and modes.
pub fn set_static_nodes(system: &System, rules: &Rules) {
    for rule in &rules.rules {
        let names = rule.assignments.iter().filter_map(|assignment| match &assignment.what {
            Target::StaticNode(name) => Some(name),
            _ => None,
        });
        for name in names {
            let (mut uid, mut gid, mut mode) = (None, None, None);
            for assignment in &rule.assignments {
                match assignment.what {
                    Target::Uid(number) => uid = Some(number),
                    Target::Gid(number) => gid = Some(number),
                    Target::Permissions(bits) => mode = Some(bits),
                    _ => {}
                }
            }
            let mode = mode.or((gid.is_some_and(|gid| gid > 0)).then_some(0o660));
            let path = system.root.join("dev").join(name);
            // One that is not there needs nothing.
            if let Err(error) = node::apply(&path, uid, gid, mode)
                && error.kind() != std::io::ErrorKind::NotFound
            {
                let error = qos_sys::error_text(&error);
                system.warn(&format!("permissions of /dev/{name}: {error}"));
            }
        }
    }
}

#[cfg(test)]
mod tests;
