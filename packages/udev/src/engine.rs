// SPDX-License-Identifier: MIT OR Apache-2.0
//! Rules applied to the event of a device.

mod assign;
mod evaluate;
mod substitute;

use crate::device::Device;
use crate::record::Record;
use crate::rules::Rules;
use crate::system::System;
use std::cell::OnceCell;

/// How characters in links and names are treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Escape {
    /// White space of a substitution becomes `_`, and what may not be in a name too.
    #[default]
    Links,
    /// Nothing is changed: `string_escape=none`.
    None,
    /// All values: `string_escape=replace`.
    Replace,
}

/// A command of RUN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// A program with its arguments, as one text.
    Program(String),
    /// A part of udevd, likewise.
    Builtin(String),
}

/// A value, and whether it stays as it is from here on.
#[derive(Debug, Clone, Default)]
pub struct Setting<T> {
    /// The value, if there is one.
    pub value: Option<T>,
    is_final: bool,
}

/// An event while rules are applied, and the outcome.
pub struct Processing<'a> {
    /// The system.
    pub system: &'a System,
    /// `add`, `remove`, `change` …
    pub action: String,
    /// The device, with the properties, links and tags that rules give it.
    pub device: Device,
    /// What the database had before.
    pub before: Option<Record>,
    /// New name of a network interface.
    pub name: Setting<String>,
    /// Owner of the node.
    pub uid: Setting<u32>,
    /// Group of the node.
    pub gid: Setting<u32>,
    /// Permissions of the node.
    pub mode: Setting<u32>,
    /// Whether the end of a writing to the node is an event.
    pub watch: Setting<bool>,
    /// The record stays when the database is cleaned.
    pub persist: bool,
    /// Commands to run after the rules.
    pub run: Setting<Vec<Command>>,
    links_are_final: bool,
    escape: Escape,
    result: Option<String>,
    /// The parents, from the nearest on.
    parents: OnceCell<Vec<Device>>,
    /// The device that the keys for parents matched: 0 is the device itself.
    matched: Option<usize>,
}

impl<'a> Processing<'a> {
    /// Begins with the device of an event.
    #[must_use]
    pub fn new(system: &'a System, action: &str, device: Device) -> Self {
        let before = device.id().and_then(|id| system.database.read(&id));
        let mut processing = Processing {
            system,
            action: action.to_owned(),
            device,
            before,
            name: Setting::default(),
            uid: Setting::default(),
            gid: Setting::default(),
            mode: Setting::default(),
            watch: Setting::default(),
            persist: false,
            run: Setting::default(),
            links_are_final: false,
            escape: Escape::default(),
            result: None,
            parents: OnceCell::new(),
            matched: None,
        };
        processing.begin();
        processing
    }

    /// What the database passes on: all for a device that goes, and the time of the first event and old tags for others.
    fn begin(&mut self) {
        let Some(before) = &self.before else { return };
        if self.action == "remove" {
            self.device.load(before.clone());
        } else {
            self.device.record.initialized = before.initialized;
            self.device.record.tags = before.tags.clone();
        }
    }

    /// Applies all rules in order.
    pub fn apply(&mut self, rules: &Rules) {
        let mut at = 0;
        while let Some(rule) = rules.rules.get(at) {
            // It holds for its line only.
            self.escape = Escape::default();
            let matched = self.matches(rule);
            if matched {
                for assignment in &rule.assignments {
                    self.assign(assignment, &|| rules.place(rule));
                }
            }
            at = rule.goto.filter(|_| matched).unwrap_or(at + 1);
        }
    }

    /// The parents, which are read when a rule wants one.
    fn parents(&self) -> &[Device] {
        self.parents.get_or_init(|| {
            let next = |device: &Device| {
                let mut parent = device.parent()?;
                if let Some(record) = parent.id().and_then(|id| self.system.database.read(&id)) {
                    parent.load(record);
                }
                Some(parent)
            };
            std::iter::successors(next(&self.device), next).collect()
        })
    }

    /// The device itself (0), or a parent.
    fn ancestor(&self, number: usize) -> Option<&Device> {
        match number.checked_sub(1) {
            None => Some(&self.device),
            Some(parent) => self.parents().get(parent),
        }
    }
}

#[cfg(test)]
mod tests;
