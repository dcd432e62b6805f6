// SPDX-License-Identifier: MIT OR Apache-2.0
//! The section `[Match]`.

use qos_command::glob;

/// What is known of a link.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Its name and its other names.
    pub names: Vec<String>,
    /// Its hardware address.
    pub hardware: Vec<u8>,
    /// The address that it was made with.
    pub permanent: Vec<u8>,
    /// Its type: `ether`.
    pub kind: String,
    /// Kind of a virtual link: `veth`.
    pub virtual_kind: String,
    /// Its driver.
    pub driver: String,
    /// Where it is in the machine: udev's ID_PATH.
    pub path: String,
}

/// A key that a list of patterns is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Name,
    Type,
    Kind,
    Driver,
    Path,
}

/// Conditions, all of which have to hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Match {
    /// Lists of patterns; `true`: none of them may match.
    patterns: Vec<(Key, bool, Vec<String>)>,
    hardware: Vec<[u8; 6]>,
    permanent: Vec<[u8; 6]>,
    /// There is a condition that is not understood: no link matches.
    never: bool,
}

impl Match {
    /// Whether there is any condition.
    #[must_use]
    pub fn is_some(&self) -> bool {
        *self != Match::default()
    }

    pub(super) fn set(&mut self, key: &str, value: &str) -> Result<bool, String> {
        let key = match key {
            "Name" => Key::Name,
            "Type" => Key::Type,
            "Kind" => Key::Kind,
            "Driver" => Key::Driver,
            "Path" => Key::Path,
            "MACAddress" => return addresses(&mut self.hardware, value),
            "PermanentMACAddress" => return addresses(&mut self.permanent, value),
            _ => {
                self.never = true;
                return Ok(false);
            }
        };
        let (inverted, list) = match value.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, value),
        };
        if value.is_empty() {
            self.patterns.retain(|(known, ..)| *known != key);
            return Ok(true);
        }
        let words = qos_unit::words::split_text(list)?;
        match self.patterns.iter_mut().find(|(known, invert, _)| (*known, *invert) == (key, inverted)) {
            Some((.., all)) => all.extend(words),
            None => self.patterns.push((key, inverted, words)),
        }
        Ok(true)
    }

    /// Whether a link matches.
    #[must_use]
    pub fn holds(&self, facts: &Facts) -> bool {
        let of = |key: Key| match key {
            Key::Name => facts.names.as_slice(),
            Key::Type => std::slice::from_ref(&facts.kind),
            Key::Kind => std::slice::from_ref(&facts.virtual_kind),
            Key::Driver => std::slice::from_ref(&facts.driver),
            Key::Path => std::slice::from_ref(&facts.path),
        };
        let listed =
            |list: &[[u8; 6]], address: &[u8]| list.is_empty() || list.iter().any(|one| one == address);
        let fits = |(key, inverted, patterns): &(Key, bool, Vec<String>)| {
            let is_one = |text: &String| {
                patterns.iter().any(|pattern| glob::matches(pattern.as_bytes(), text.as_bytes()))
            };
            of(*key).iter().any(is_one) != *inverted
        };
        !self.never
            && self.patterns.iter().all(fits)
            && listed(&self.hardware, &facts.hardware)
            && listed(&self.permanent, &facts.permanent)
    }
}

fn addresses(list: &mut Vec<[u8; 6]>, value: &str) -> Result<bool, String> {
    if value.is_empty() {
        list.clear();
    }
    let read: Result<Vec<_>, String> = value.split_whitespace().map(crate::prefix::parse_hardware).collect();
    list.extend(read?);
    Ok(true)
}
