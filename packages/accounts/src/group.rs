// SPDX-License-Identifier: MIT OR Apache-2.0
//! group(5) and gshadow(5).

use crate::id;
use crate::table::{Entry, names, text};

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// `x` if the hash is in gshadow(5).
    pub password: String,
    /// Number of the group.
    pub gid: u32,
    /// Users who are in it beside those whose primary group it is.
    pub members: Vec<String>,
}

impl Entry for Group {
    fn parse(fields: &[&[u8]]) -> Option<Self> {
        let [name, password, gid, members] = fields else { return None };
        Some(Group {
            name: text(name)?,
            password: text(password)?,
            gid: id::parse(gid)?,
            members: names(members)?,
        })
    }

    fn fields(&self) -> Vec<Vec<u8>> {
        vec![
            self.name.clone().into(),
            self.password.clone().into(),
            self.gid.to_string().into(),
            self.members.join(",").into(),
        ]
    }

    fn name(&self) -> &str {
        &self.name
    }
}

/// The part of a group that only root reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupShadow {
    /// Name of the group.
    pub name: String,
    /// Hash of the password that newgrp(1) asks for; `!` or `*` if there is none.
    pub password: String,
    /// Users who may change the group.
    pub admins: Vec<String>,
    /// As in group(5).
    pub members: Vec<String>,
}

impl Entry for GroupShadow {
    fn parse(fields: &[&[u8]]) -> Option<Self> {
        let [name, password, admins, members] = fields else { return None };
        Some(GroupShadow {
            name: text(name)?,
            password: text(password)?,
            admins: names(admins)?,
            members: names(members)?,
        })
    }

    fn fields(&self) -> Vec<Vec<u8>> {
        vec![
            self.name.clone().into(),
            self.password.clone().into(),
            self.admins.join(",").into(),
            self.members.join(",").into(),
        ]
    }

    fn name(&self) -> &str {
        &self.name
    }
}
