// SPDX-License-Identifier: MIT OR Apache-2.0
//! `[Mount]` (systemd.mount(5)).

use super::setter::{Set, Value, absolute};
use crate::name::{Kind, Name, unescape_path};
use std::time::Duration;

/// `[Mount]`.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "systemd.mount(5) has them")]
pub struct Mount {
    pub what: String,
    /// Where: the path of the unit's name, if the unit does not say.
    pub target: String,
    pub kind: String,
    pub options: String,
    pub lazy_unmount: bool,
    pub force_unmount: bool,
    pub read_write_only: bool,
    pub directory_mode: u32,
    pub timeout: Duration,
}

impl Default for Mount {
    fn default() -> Self {
        Mount {
            what: String::new(),
            target: String::new(),
            kind: String::new(),
            options: String::new(),
            lazy_unmount: false,
            force_unmount: false,
            read_write_only: false,
            directory_mode: 0o755,
            timeout: Duration::from_secs(90),
        }
    }
}

impl Mount {
    pub(super) fn set(&mut self, key: &str, value: &Value<'_>) -> Result<Set, String> {
        match key {
            "What" => self.what = value.expanded(),
            "Where" => self.target = absolute(value.expanded())?,
            "Type" => self.kind = value.expanded(),
            "Options" => self.options = value.expanded(),
            "LazyUnmount" => self.lazy_unmount = value.boolean()?,
            "ForceUnmount" => self.force_unmount = value.boolean()?,
            "ReadWriteOnly" => self.read_write_only = value.boolean()?,
            // Only the default is supported.
            "SloppyOptions" if !value.boolean()? => {}
            "DirectoryMode" => self.directory_mode = crate::value::mode(value.text)?,
            "TimeoutSec" => self.timeout = value.timeout()?,
            _ => return Ok(Set::Unknown),
        }
        Ok(Set::Done)
    }

    pub(super) fn finish(&mut self, name: &Name) {
        if self.target.is_empty() {
            self.target = unescape_path(name.stem()).unwrap_or_default();
        }
    }

    pub(super) fn check(&self, name: &Name) -> Result<(), String> {
        if self.what.is_empty() {
            return Err("has no What=".into());
        }
        match Name::of_path(&self.target, Kind::Mount) {
            Some(expected) if expected == *name => Ok(()),
            Some(expected) => {
                Err(format!("has Where={}, for which the unit's name must be {expected}", self.target))
            }
            None => Err(format!("has a Where= that is too long: {}", self.target)),
        }
    }

    /// Whether the file system comes over the network.
    #[must_use]
    pub fn is_remote(&self) -> bool {
        const KINDS: [&str; 8] = ["nfs", "nfs4", "cifs", "smb3", "ceph", "9p", "glusterfs", "fuse.sshfs"];
        KINDS.contains(&&*self.kind) || self.has_option("_netdev")
    }

    /// Whether `name` is one of the options.
    #[must_use]
    pub fn has_option(&self, name: &str) -> bool {
        self.options.split(',').any(|option| option == name)
    }
}
