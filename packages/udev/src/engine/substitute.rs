// SPDX-License-Identifier: MIT OR Apache-2.0
//! The values of substitutions.

use super::Processing;
use crate::device::Device;
use crate::rules::template::{Part, Template};
use crate::text::{INPUT, replace_characters, replace_white_space};

/// Bytes of the longest value; the rest is cut off, as systemd's udev does.
const LONGEST: usize = 16 << 10;

impl Processing<'_> {
    /// The text of a value.
    #[must_use]
    pub fn expand(&self, template: &Template) -> String {
        self.expand_with(template, str::to_owned)
    }

    /// The text of a value for links: white space of substitutions becomes `_`.
    pub(super) fn expand_for_links(&self, template: &Template) -> String {
        self.expand_with(template, replace_white_space)
    }

    fn expand_with(&self, template: &Template, change: fn(&str) -> String) -> String {
        let mut text = String::new();
        for part in &template.parts {
            match part {
                Part::Text(plain) => text.push_str(plain),
                part => text.push_str(&change(&self.value(part))),
            }
        }
        // A value that holds itself twice, in one line after the other, would take all memory.
        let end = text.floor_char_boundary(LONGEST);
        text.truncate(end);
        text
    }

    fn value(&self, part: &Part) -> String {
        let device = &self.device;
        let matched = || self.matched.and_then(|number| self.ancestor(number));
        let number = |pick: fn((u32, u32)) -> u32| device.number().map_or(0, pick).to_string();
        match part {
            Part::Text(text) => text.clone(),
            Part::Node => device.node().unwrap_or_default().to_owned(),
            Part::Attribute(name) => {
                let own = self.attribute(device, name);
                let value = own.or_else(|| self.attribute(matched()?, name)).unwrap_or_default();
                replace_characters(value.trim_end(), INPUT)
            }
            Part::Property(key) => device.get(key).unwrap_or_default().to_owned(),
            Part::Kernel => device.name(),
            Part::Number => device.number_in_name(),
            Part::Driver => matched().map(Device::driver).unwrap_or_default(),
            Part::Devpath => device.devpath.clone(),
            Part::Id => matched().map(Device::name).unwrap_or_default(),
            Part::Major => number(|(major, _)| major),
            Part::Minor => number(|(_, minor)| minor),
            Part::Result(word) => self.result_words(*word),
            Part::Parent => {
                let parent = self.parents().first().and_then(Device::node).unwrap_or_default();
                parent.trim_start_matches("/dev/").to_owned()
            }
            Part::Name => match (&self.name.value, device.node()) {
                (Some(name), _) => name.clone(),
                (None, Some(node)) => node.trim_start_matches("/dev/").to_owned(),
                (None, None) => device.name(),
            },
            Part::Links => device.record.links.iter().map(String::as_str).collect::<Vec<_>>().join(" "),
            Part::Root => "/dev".to_owned(),
            Part::Sys => "/sys".to_owned(),
        }
    }

    fn result_words(&self, word: Option<(usize, bool)>) -> String {
        let result = self.result.as_deref().unwrap_or_default();
        let Some((number, all)) = word else { return result.to_owned() };
        let mut rest = result.trim_start();
        for _ in 1..number {
            // The number may be larger than any count of words.
            if rest.is_empty() {
                break;
            }
            rest = rest
                .split_once(|char: char| char.is_ascii_whitespace())
                .map_or("", |(_, rest)| rest)
                .trim_start();
        }
        if all {
            rest.to_owned()
        } else {
            rest.split_ascii_whitespace().next().unwrap_or_default().to_owned()
        }
    }

    /// An attribute by its name, which may be `[SUBSYSTEM/NAME]FILE` for that of another device.
    pub(super) fn attribute(&self, device: &Device, name: &str) -> Option<String> {
        match of_other(name) {
            Some((subsystem, other, file)) => {
                Device::of_subsystem(&self.system.root, subsystem, other)?.attribute(file)
            }
            None => device.attribute(name),
        }
    }
}

/// `[SUBSYSTEM/NAME]FILE`
pub(super) fn of_other(name: &str) -> Option<(&str, &str, &str)> {
    let (device, file) = name.strip_prefix('[')?.split_once(']')?;
    let (subsystem, name) = device.split_once('/')?;
    Some((subsystem, name, file.trim_start_matches('/')))
}
