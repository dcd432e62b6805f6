// SPDX-License-Identifier: MIT OR Apache-2.0
//! The facts of the system that the columns need: times, memory, names of users and groups.

use crate::Failure;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Clock ticks in a second of `/proc`'s times (`sysconf(_SC_CLK_TCK)`): 100 on every architecture of Linux.
pub const TICKS: u64 = 100;

/// Bytes of a page of memory on x86-64, which is what qos runs on.
pub const PAGE: u64 = 4096;

/// The system below a root directory.
#[derive(Debug, Default)]
pub struct System {
    pub root: PathBuf,
    /// Seconds from the start.
    pub uptime: u64,
    /// When the system started, in seconds after 1970.
    pub started: i64,
    /// Memory, in KiB.
    pub memory: u64,
    /// Digits of the highest process id.
    pub digits: usize,
    pub users: HashMap<u32, String>,
    pub groups: HashMap<u32, String>,
}

impl System {
    /// Reads it.
    ///
    /// # Errors
    /// When there is no `/proc`.
    pub fn read(root: &Path) -> Result<Self, Failure> {
        let text = |path: &str| fs::read_to_string(root.join(path)).unwrap_or_default();
        let uptime = root.join("proc/uptime");
        let uptime = fs::read_to_string(uptime).map_err(|error| Failure::at("/proc/uptime", &error))?;
        let first = |text: &str| text.split(['.', ' ']).next().and_then(|number| number.parse().ok());
        let highest: u64 = text("proc/sys/kernel/pid_max").trim().parse().unwrap_or(99999);
        Ok(System {
            root: root.to_owned(),
            uptime: first(&uptime).unwrap_or(0),
            started: field(&text("proc/stat"), "btime ") as i64,
            memory: field(&text("proc/meminfo"), "MemTotal:").max(1),
            digits: (highest.max(2) - 1).to_string().len(),
            users: names(&text("etc/passwd")),
            groups: names(&text("etc/group")),
        })
    }

    /// Name of a user, or its number.
    pub fn user(&self, uid: u32) -> String {
        self.users.get(&uid).cloned().unwrap_or_else(|| uid.to_string())
    }

    /// Name of a group, or its number.
    pub fn group(&self, gid: u32) -> String {
        self.groups.get(&gid).cloned().unwrap_or_else(|| gid.to_string())
    }

    /// Number of a user by number or name.
    pub fn uid(&self, name: &str) -> Result<u32, Failure> {
        number_of(&self.users, name).ok_or_else(|| Failure::new(format!("{name}: no such user")))
    }

    /// Number of a group by number or name.
    pub fn gid(&self, name: &str) -> Result<u32, Failure> {
        number_of(&self.groups, name).ok_or_else(|| Failure::new(format!("{name}: no such group")))
    }

    /// Now, in seconds after 1970.
    pub fn now(&self) -> i64 {
        self.started + self.uptime as i64
    }
}

/// Number after `name` at the start of a line of `text`; 0 where there is none.
pub fn field(text: &str, name: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// Names by number, of a file in the format of passwd(5) or group(5).
fn names(text: &str) -> HashMap<u32, String> {
    let parse = |line: &str| {
        let mut fields = line.split(':');
        Some((fields.next()?.to_owned(), fields.nth(1)?.parse().ok()?))
    };
    // The first line of a number counts.
    text.lines().rev().filter_map(parse).map(|(name, number)| (number, name)).collect()
}

fn number_of(names: &HashMap<u32, String>, name: &str) -> Option<u32> {
    let by_name = names.iter().find(|(_, known)| *known == name).map(|(number, _)| *number);
    by_name.or_else(|| name.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_users() {
        let names = names("root:x:0:0::/:/bin/sh\ntoor:x:0:0::/:/bin/sh\nbad\n");
        assert_eq!(names.get(&0).map(String::as_str), Some("root"));
        assert_eq!((number_of(&names, "root"), number_of(&names, "7")), (Some(0), Some(7)));
        assert_eq!(number_of(&names, "nobody"), None);
    }

    #[test]
    fn fields() {
        assert_eq!(field("cpu 1\nbtime 12\n", "btime "), 12);
        assert_eq!(field("", "btime "), 0);
    }
}
