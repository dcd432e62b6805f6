// SPDX-License-Identifier: MIT OR Apache-2.0
//! The effects of assignments.

use super::{Command, Escape, Processing, Setting};
use crate::device::Device;
use crate::rules::Operator;
use crate::rules::rule::{Assignment, Target};
use crate::text::replace_characters;
use std::fs;

impl<T> Setting<T> {
    /// Sets the value, unless an earlier `:=` did.
    fn set(&mut self, value: T, operator: Operator) {
        if !self.is_final {
            self.value = Some(value);
            self.is_final = operator == Operator::Final;
        }
    }
}

impl Processing<'_> {
    /// Does what an assignment says. `place` is its file and line.
    pub(super) fn assign(&mut self, assignment: &Assignment, place: &dyn Fn() -> String) {
        let Assignment { what, operator, value } = assignment;
        let operator = *operator;
        match what {
            Target::Escape(replace) => self.escape = if *replace { Escape::Replace } else { Escape::None },
            Target::Persist => self.persist = true,
            Target::Watch(on) => self.watch.set(*on, operator),
            Target::Priority(number) => self.device.record.priority = *number,
            Target::Uid(number) => self.uid.set(*number, operator),
            Target::Gid(number) => self.gid.set(*number, operator),
            Target::Permissions(mode) => self.mode.set(*mode, operator),
            Target::Owner | Target::Group | Target::Mode => {
                let text = self.expand(value);
                let number = match what {
                    Target::Owner => self.system.users().user(&text),
                    Target::Group => self.system.users().group(&text),
                    _ => u32::from_str_radix(&text, 8).ok().filter(|mode| *mode <= 0o7777),
                };
                match (what, number) {
                    (Target::Owner, Some(number)) => self.uid.set(number, operator),
                    (Target::Group, Some(number)) => self.gid.set(number, operator),
                    (_, Some(number)) => self.mode.set(number, operator),
                    (_, None) => {
                        let text =
                            format!("{}: `{text}` is no account or mode; the permissions stay", place());
                        self.system.warn(&text);
                    }
                }
            }
            Target::Tag => self.tag(&self.expand(value), operator),
            // Applied when udevd starts.
            Target::StaticNode(_) => {}
            Target::Property(key) => self.property(key, &self.expand(value), operator),
            Target::Name => self.rename(&self.expand(value), operator),
            Target::Symlink => self.links(assignment),
            Target::Attribute(name) => {
                let (name, text) = (self.expand(name), self.expand(value));
                self.write_attribute(&name, &text, place);
            }
            Target::Sysctl(name) => {
                let (path, text) = (self.system.sysctl(&self.expand(name)), self.expand(value));
                if self.system.changes_nothing() {
                    return;
                }
                if let Err(error) = fs::write(&path, text) {
                    let error = qos_sys::error_text(&error);
                    self.system.warn(&format!("{}: write {}: {error}", place(), path.display()));
                }
            }
            Target::RunBuiltin => self.run(Command::Builtin(self.expand(value)), operator),
            Target::RunProgram => self.run(Command::Program(self.expand(value)), operator),
        }
    }

    fn tag(&mut self, tag: &str, operator: Operator) {
        let record = &mut self.device.record;
        if operator == Operator::Assign {
            record.current_tags.clear();
        }
        if tag.is_empty() || tag.contains(|char: char| char.is_whitespace() || char == ':' || char == '/') {
            return;
        }
        if operator == Operator::Remove {
            record.current_tags.remove(tag);
        } else {
            record.tags.insert(tag.to_owned());
            record.current_tags.insert(tag.to_owned());
        }
    }

    fn property(&mut self, key: &str, value: &str, operator: Operator) {
        let value = match self.escape {
            Escape::Replace => replace_characters(value, ""),
            _ => value.to_owned(),
        };
        let old = self.device.get(key).unwrap_or_default();
        match (operator, old.is_empty()) {
            (Operator::Add, _) if value.is_empty() => {}
            (Operator::Add, false) => {
                let joined = format!("{old} {value}");
                self.device.set(key, &joined);
            }
            _ => self.device.set(key, &value),
        }
    }

    fn rename(&mut self, name: &str, operator: Operator) {
        if self.device.interface().is_none() {
            self.system.debug(|| format!("{}: only network interfaces can be renamed", self.device.devpath));
            return;
        }
        let name = match self.escape {
            Escape::None => name.to_owned(),
            _ => replace_characters(name, ""),
        };
        self.name.set(name, operator);
    }

    fn links(&mut self, assignment: &Assignment) {
        if self.links_are_final || self.device.number().is_none() {
            return;
        }
        let text = match self.escape {
            Escape::Links => replace_characters(&self.expand_for_links(&assignment.value), "/ "),
            Escape::Replace => replace_characters(&self.expand(&assignment.value), "/ "),
            Escape::None => self.expand(&assignment.value),
        };
        let links = &mut self.device.record.links;
        if matches!(assignment.operator, Operator::Assign | Operator::Final) {
            links.clear();
        }
        for link in text.split_ascii_whitespace().filter_map(normalized) {
            if assignment.operator == Operator::Remove {
                links.remove(&link);
            } else {
                links.insert(link);
            }
        }
        self.links_are_final = assignment.operator == Operator::Final;
    }

    fn write_attribute(&self, name: &str, value: &str, place: &dyn Fn() -> String) {
        if self.system.changes_nothing() {
            return;
        }
        let written = match super::substitute::of_other(name) {
            Some((subsystem, other, file)) => match Device::of_subsystem(&self.system.root, subsystem, other)
            {
                Some(other) => other.write_attribute(file, value),
                None => Err(std::io::ErrorKind::NotFound.into()),
            },
            None => self.device.write_attribute(name, value),
        };
        if let Err(error) = written {
            let error = qos_sys::error_text(&error);
            self.system.warn(&format!("{}: write {name} of {}: {error}", place(), self.device.devpath));
        }
    }

    fn run(&mut self, command: Command, operator: Operator) {
        if self.run.is_final {
            return;
        }
        let list = self.run.value.get_or_insert_default();
        if operator != Operator::Add {
            list.clear();
        }
        let empty = matches!(&command, Command::Builtin(text) | Command::Program(text) if text.is_empty());
        if !empty && !list.contains(&command) {
            list.push(command);
        }
        self.run.is_final = operator == Operator::Final;
    }
}

/// A link relative to /dev; `None` if it would leave that.
fn normalized(link: &str) -> Option<String> {
    let inside = link.strip_prefix("/dev/").unwrap_or(link);
    let parts: Vec<_> = inside.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    (!parts.is_empty() && !parts.contains(&"..") && !inside.starts_with('/')).then(|| parts.join("/"))
}
