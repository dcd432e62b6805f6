// SPDX-License-Identifier: MIT OR Apache-2.0
//! Names of users and groups and their numbers: passwd(5), group(5).

use std::fs;
use std::path::Path;

/// Users and groups of a system.
#[derive(Debug, Default)]
pub struct Owners {
    users: Vec<(String, u64)>,
    groups: Vec<(String, u64)>,
}

impl Owners {
    /// Those of the system below `root`; none where it has no such files.
    pub fn read(root: &Path) -> Self {
        let table = |path: &str| {
            let text = fs::read_to_string(root.join(path)).unwrap_or_default();
            let entry = |line: &str| {
                let mut fields = line.split(':');
                Some((fields.next()?.to_owned(), fields.nth(1)?.parse().ok()?))
            };
            text.lines().filter_map(entry).collect()
        };
        Owners { users: table("etc/passwd"), groups: table("etc/group") }
    }

    pub fn user(&self, uid: u64) -> Option<&str> {
        name(&self.users, uid)
    }

    pub fn group(&self, gid: u64) -> Option<&str> {
        name(&self.groups, gid)
    }

    pub fn uid(&self, user: &str) -> Option<u64> {
        number(&self.users, user)
    }

    pub fn gid(&self, group: &str) -> Option<u64> {
        number(&self.groups, group)
    }
}

fn name(table: &[(String, u64)], number: u64) -> Option<&str> {
    table.iter().find(|(_, known)| *known == number).map(|(name, _)| name.as_str())
}

fn number(table: &[(String, u64)], name: &str) -> Option<u64> {
    table.iter().find(|(known, _)| known == name).map(|(_, number)| *number)
}
