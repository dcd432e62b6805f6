// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether a rule matches.

use super::Processing;
use crate::builtin;
use crate::device::Device;
use crate::rules::pattern::Pattern;
use crate::rules::rule::{Act, Constant, Match, ParentMatch, ParentSubject, Rule, Step, Subject};
use crate::text::{INPUT, properties, replace_characters, words};
use std::fs;
use std::os::unix::fs::PermissionsExt;

impl Processing<'_> {
    /// Evaluates the match keys of a rule in their order, up to the first that fails.
    pub(super) fn matches(&mut self, rule: &Rule) -> bool {
        rule.matches.iter().all(|one| self.one(one))
            && (rule.parents.is_empty() || self.parent(&rule.parents))
            && rule.steps.iter().all(|step| self.step(step))
    }

    fn one(&self, one: &Match) -> bool {
        let device = &self.device;
        let pattern = &one.pattern;
        let text = |text: &str| pattern.matches(text) != one.negated;
        match &one.subject {
            Subject::Action => text(&self.action),
            Subject::Devpath => text(&device.devpath),
            Subject::Kernel => text(&device.name()),
            Subject::Symlink => device.record.links.iter().any(|link| pattern.matches(link)) != one.negated,
            Subject::Name => text(self.name.value.as_deref().unwrap_or_default()),
            Subject::Property(key) => text(device.get(key).unwrap_or_default()),
            Subject::Constant(constant) => text(match constant {
                Constant::Architecture => architecture(),
                Constant::Virtualization => self.system.virtualization(),
                Constant::Confidential => "none",
            }),
            Subject::Tag => device.record.current_tags.iter().any(|tag| pattern.matches(tag)) != one.negated,
            Subject::Subsystem => subsystem(pattern, device.subsystem()) != one.negated,
            Subject::Driver => text(&device.driver()),
            Subject::Attribute(name) => {
                matches_attribute(pattern, one.negated, self.attribute(device, &self.expand(name)))
            }
            // A key of sysctl has dots or slashes.
            Subject::Sysctl(name) => {
                let value = fs::read_to_string(self.system.sysctl(&self.expand(name))).ok();
                value.is_some_and(|value| text(value.trim_end()))
            }
        }
    }

    /// Looks for a device that all of `wanted` match: the device itself, or the nearest parent.
    fn parent(&mut self, wanted: &[ParentMatch]) -> bool {
        let matches = |device: &Device, one: &ParentMatch| {
            let text = |text: &str| one.pattern.matches(text) != one.negated;
            match &one.subject {
                ParentSubject::Kernel => text(&device.name()),
                ParentSubject::Subsystem => subsystem(&one.pattern, device.subsystem()) != one.negated,
                ParentSubject::Driver => text(&device.driver()),
                ParentSubject::Attribute(name) => {
                    matches_attribute(&one.pattern, one.negated, self.attribute(device, &self.expand(name)))
                }
                ParentSubject::Tag => {
                    device.record.current_tags.iter().any(|tag| one.pattern.matches(tag)) != one.negated
                }
            }
        };
        let mut number = 0;
        let found = loop {
            match self.ancestor(number) {
                Some(device) if wanted.iter().all(|one| matches(device, one)) => break Some(number),
                Some(_) => number += 1,
                None => break None,
            }
        };
        self.matched = found;
        found.is_some()
    }

    fn step(&mut self, step: &Step) -> bool {
        let done = match &step.what {
            Act::Test(path, mode) => self.test(&self.expand(path), *mode),
            Act::Program(command) => self.program(&self.expand(command)),
            Act::ImportFile(path) => self.import_file(&self.expand(path)),
            Act::ImportProgram(command) => self.import_program(&self.expand(command)),
            Act::ImportBuiltin(command) => self.import_builtin(&self.expand(command)),
            Act::ImportDatabase(key) => self.import_database(&self.expand(key)),
            Act::ImportCmdline(key) => self.import_cmdline(&self.expand(key)),
            Act::ImportParent(pattern) => self.import_parent(&self.expand(pattern)),
            Act::Result(pattern) => pattern.matches(self.result.as_deref().unwrap_or_default()),
        };
        done != step.negated
    }

    /// TEST: a path that is not absolute is one of the device's directory.
    fn test(&self, path: &str, mode: Option<u32>) -> bool {
        let path = match super::substitute::of_other(path) {
            Some((subsystem, name, file)) => {
                let other = Device::of_subsystem(&self.system.root, subsystem, name);
                other.map(|other| other.path().join(file)).unwrap_or_default()
            }
            None if path.starts_with('/') => self.system.path(path),
            None => self.device.path().join(path),
        };
        fs::metadata(path).is_ok_and(|data| mode.is_none_or(|mode| data.permissions().mode() & mode != 0))
    }

    fn program(&mut self, command: &str) -> bool {
        self.result = None;
        let Some(output) = self.output(command) else { return false };
        self.result = Some(replace_characters(output.trim_end_matches('\n'), INPUT));
        true
    }

    /// The output of a program that exits with 0.
    fn output(&self, command: &str) -> Option<String> {
        let words = words(command);
        let environment = self.device.all_properties();
        match self.system.run_program(&words, &environment) {
            Ok(outcome) if outcome.success => Some(outcome.output),
            Ok(outcome) => {
                self.system.debug(|| format!("{}: `{command}`: {}", self.device.devpath, outcome.end));
                None
            }
            Err(error) => {
                let error = qos_sys::error_text(&error);
                self.system.debug(|| format!("{}: cannot run `{command}`: {error}", self.device.devpath));
                None
            }
        }
    }

    fn import(&mut self, text: &str) {
        for (key, value) in properties(text) {
            self.device.set(key, value);
        }
    }

    fn import_file(&mut self, path: &str) -> bool {
        match fs::read(self.system.path(path)) {
            Ok(bytes) => {
                self.import(&String::from_utf8_lossy(&bytes));
                true
            }
            Err(_) => false,
        }
    }

    fn import_program(&mut self, command: &str) -> bool {
        let Some(output) = self.output(command) else { return false };
        self.import(&output);
        true
    }

    fn import_builtin(&mut self, command: &str) -> bool {
        match builtin::properties(self.system, &self.device, &words(command)) {
            Ok(found) => {
                found.iter().for_each(|(key, value)| self.device.set(key, value));
                true
            }
            Err(why) => {
                self.system.debug(|| format!("{}: builtin `{command}`: {why}", self.device.devpath));
                false
            }
        }
    }

    fn import_database(&mut self, key: &str) -> bool {
        let value = self.before.as_ref().and_then(|record| record.properties.get(key)).cloned();
        value.map(|value| self.device.set(key, &value)).is_some()
    }

    fn import_cmdline(&mut self, key: &str) -> bool {
        let value = self.system.cmdline(key);
        value.map(|value| self.device.set(key, &value)).is_some()
    }

    fn import_parent(&mut self, pattern: &str) -> bool {
        let pattern = Pattern::new(pattern, false);
        let Some(parent) = self.parents().first() else { return false };
        let found: Vec<_> = parent
            .properties
            .iter()
            .filter(|(key, _)| pattern.matches(key))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        found.iter().for_each(|(key, value)| self.device.set(key, value));
        true
    }
}

/// One that is not there matches neither `==` nor `!=`.
fn matches_attribute(pattern: &Pattern, negated: bool, value: Option<String>) -> bool {
    value.is_some_and(|value| {
        let value = if pattern.ends_in_space { value.as_str() } else { value.trim_end() };
        pattern.matches(value) != negated
    })
}

/// `subsystem`, `class` and `bus` are names of the subsystem of subsystems.
fn subsystem(pattern: &Pattern, name: &str) -> bool {
    pattern.matches(name) || (name == "subsystem" && (pattern.matches("class") || pattern.matches("bus")))
}

/// The name that systemd has for it (`ConditionArchitecture=` in systemd.unit(5)).
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "x86-64",
        "aarch64" => "arm64",
        other => other,
    }
}
