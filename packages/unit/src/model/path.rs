// SPDX-License-Identifier: MIT OR Apache-2.0
//! `[Path]` (systemd.path(5)).

use super::setter::{Set, Value};
use crate::name::Name;
use crate::value::mode;

/// What has to happen to a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "systemd.path(5) has them")]
pub enum PathKind {
    Exists,
    ExistsGlob,
    Changed,
    Modified,
    DirectoryNotEmpty,
}

/// A path that is watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    /// For what.
    pub kind: PathKind,
    /// The path.
    pub path: String,
}

/// `[Path]`.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "systemd.path(5) has them")]
pub struct Path {
    pub watches: Vec<Watch>,
    pub unit: Option<Name>,
    pub make_directory: bool,
    pub directory_mode: u32,
}

impl Default for Path {
    fn default() -> Self {
        Path { watches: Vec::new(), unit: None, make_directory: false, directory_mode: 0o755 }
    }
}

const KINDS: &[(&str, PathKind)] = &[
    ("PathExists", PathKind::Exists),
    ("PathExistsGlob", PathKind::ExistsGlob),
    ("PathChanged", PathKind::Changed),
    ("PathModified", PathKind::Modified),
    ("DirectoryNotEmpty", PathKind::DirectoryNotEmpty),
];

impl Path {
    pub(super) fn set(&mut self, key: &str, value: &Value<'_>) -> Result<Set, String> {
        if let Some((_, kind)) = KINDS.iter().find(|(name, _)| *name == key) {
            match value.path()? {
                None => self.watches.clear(),
                Some(path) => self.watches.push(Watch { kind: *kind, path }),
            }
            return Ok(Set::Done);
        }
        match key {
            "Unit" => {
                let mut names = Vec::new();
                value.units(&mut names)?;
                self.unit = names.pop();
            }
            "MakeDirectory" => self.make_directory = value.boolean()?,
            "DirectoryMode" => self.directory_mode = mode(value.text)?,
            _ => return Ok(Set::Unknown),
        }
        Ok(Set::Done)
    }
}
