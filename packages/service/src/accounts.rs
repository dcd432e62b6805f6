// SPDX-License-Identifier: MIT OR Apache-2.0
//! Users and groups of passwd(5) and group(5).

use qos_sys::regular;
use std::path::{Path, PathBuf};

/// Numbers of users of DynamicUser= (systemd's `docs/UIDS-GIDS.md`).
const DYNAMIC: std::ops::RangeInclusive<u32> = 61_184..=65_519;

/// Bytes of a table: hundreds of thousands of accounts.
const MOST: usize = 64 << 20;

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its name.
    pub name: String,
    /// Its number.
    pub uid: u32,
    /// The number of its group.
    pub gid: u32,
    /// Its home.
    pub home: String,
    /// Its shell.
    pub shell: String,
}

/// The tables below a root directory.
pub struct Accounts {
    root: PathBuf,
}

impl Accounts {
    /// The tables of `root`.
    #[must_use]
    pub fn new(root: &Path) -> Self {
        Accounts { root: root.to_owned() }
    }

    fn table(&self, name: &str) -> String {
        let content = regular::read(&self.root.join("etc").join(name), MOST).unwrap_or_default();
        String::from_utf8_lossy(&content).into_owned()
    }

    /// The user of that name or number. A number needs no entry, nor does root.
    #[must_use]
    pub fn user(&self, wanted: &str) -> Option<User> {
        let named = user_in(&self.table("passwd"), wanted);
        named.or_else(|| {
            let uid = if wanted == "root" { 0 } else { wanted.parse().ok()? };
            let (home, shell) = if uid == 0 { ("/root", "/bin/sh") } else { ("/", "/sbin/nologin") };
            Some(User { name: wanted.to_owned(), uid, gid: uid, home: home.into(), shell: shell.into() })
        })
    }

    /// The user of a service with DynamicUser=: the one of that name if there is an entry, otherwise one whose number follows from the
    /// name, in the range that systemd has for it and unused in both tables. Its group has the same number.
    #[must_use]
    pub fn dynamic_user(&self, name: &str) -> User {
        let (users, groups) = (self.table("passwd"), self.table("group"));
        user_in(&users, name).unwrap_or_else(|| {
            let is_used = |number: u32| {
                let number = number.to_string();
                let mut lines = users.lines().chain(groups.lines());
                lines.any(|line| line.split(':').nth(2) == Some(&number))
            };
            // FNV-1a.
            let hash = name
                .bytes()
                .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
            let count = DYNAMIC.end() - DYNAMIC.start() + 1;
            let numbers = (0..count).map(|more| DYNAMIC.start() + (hash % count + more) % count);
            let uid = numbers.into_iter().find(|number| !is_used(*number)).unwrap_or(*DYNAMIC.end());
            User { name: name.to_owned(), uid, gid: uid, home: "/".into(), shell: "/sbin/nologin".into() }
        })
    }

    /// The number of the group of that name or number.
    #[must_use]
    pub fn group(&self, wanted: &str) -> Option<u32> {
        let table = self.table("group");
        let mut lines = table.lines().map(|line| line.split(':').collect::<Vec<_>>());
        let found = lines
            .find(|fields| fields.first() == Some(&wanted))
            .and_then(|fields| fields.get(2)?.parse().ok());
        found.or_else(|| if wanted == "root" { Some(0) } else { wanted.parse().ok() })
    }

    /// The groups that the user is a member of, beside `gid`.
    #[must_use]
    pub fn groups_of(&self, user: &str, gid: u32) -> Vec<u32> {
        let mut groups = vec![gid];
        for line in self.table("group").lines() {
            let fields: Vec<_> = line.split(':').collect();
            let [_, _, number, members] = fields[..] else { continue };
            if let Ok(number) = number.parse()
                && members.split(',').any(|member| member == user)
                && !groups.contains(&number)
            {
                groups.push(number);
            }
        }
        groups
    }
}

fn user_in(table: &str, wanted: &str) -> Option<User> {
    table.lines().find_map(|line| {
        let fields: Vec<_> = line.split(':').collect();
        let [name, _, uid, gid, _, home, shell] = fields[..] else { return None };
        if name != wanted && uid != wanted {
            return None;
        }
        Some(User {
            name: name.into(),
            uid: uid.parse().ok()?,
            gid: gid.parse().ok()?,
            home: home.into(),
            shell: shell.into(),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users() {
        let table = "root:x:0:0:root:/root:/bin/sh\nbad\nwww:x:33:34:w:/var/www:/sbin/nologin\nx:x:y:1:::\n";
        let www = user_in(table, "www").unwrap();
        assert_eq!((www.uid, www.gid, www.home.as_str()), (33, 34, "/var/www"));
        assert_eq!(user_in(table, "33"), Some(www));
        assert_eq!((user_in(table, "none"), user_in(table, "x")), (None, None));
        let none = Accounts::new(Path::new("/no/such/root"));
        assert_eq!(
            (none.user("root").unwrap().uid, none.user("12").unwrap().gid, none.user("a")),
            (0, 12, None)
        );
        let dynamic = none.dynamic_user("web");
        assert_eq!((dynamic.uid, dynamic.gid, dynamic.home.as_str()), (dynamic.gid, dynamic.uid, "/"));
        assert!(DYNAMIC.contains(&dynamic.uid) && none.dynamic_user("web") == dynamic);
        assert_ne!(none.dynamic_user("db").uid, dynamic.uid);
        assert_eq!((none.group("root"), none.group("7"), none.group("a")), (Some(0), Some(7), None));
    }
}
