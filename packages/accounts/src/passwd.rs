// SPDX-License-Identifier: MIT OR Apache-2.0
//! passwd(5).

use crate::id;
use crate::table::{Entry, text};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Login name.
    pub name: String,
    /// `x` if the hash is in shadow(5), else the hash.
    pub password: String,
    /// Number of the user.
    pub uid: u32,
    /// Number of the primary group.
    pub gid: u32,
    /// Full name, and what else is put there (GECOS).
    pub comment: OsString,
    /// Home directory.
    pub home: PathBuf,
    /// Program that login(1) starts; empty is `/bin/sh`.
    pub shell: PathBuf,
}

impl Entry for User {
    fn parse(fields: &[&[u8]]) -> Option<Self> {
        let [name, password, uid, gid, comment, home, shell] = fields else { return None };
        Some(User {
            name: text(name)?,
            password: text(password)?,
            uid: id::parse(uid)?,
            gid: id::parse(gid)?,
            comment: OsStr::from_bytes(comment).to_owned(),
            home: OsString::from_vec(home.to_vec()).into(),
            shell: OsString::from_vec(shell.to_vec()).into(),
        })
    }

    fn fields(&self) -> Vec<Vec<u8>> {
        vec![
            self.name.clone().into(),
            self.password.clone().into(),
            self.uid.to_string().into(),
            self.gid.to_string().into(),
            self.comment.as_bytes().to_vec(),
            self.home.as_os_str().as_bytes().to_vec(),
            self.shell.as_os_str().as_bytes().to_vec(),
        ]
    }

    fn name(&self) -> &str {
        &self.name
    }
}
