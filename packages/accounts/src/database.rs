// SPDX-License-Identifier: MIT OR Apache-2.0
//! The four files of accounts under a root directory, read at once and changed under one lock.

use crate::{Group, GroupShadow, Lock, Shadow, Table, User, id, replace};
use std::io;
use std::path::{Path, PathBuf};

/// The accounts of a system.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Database {
    /// etc/passwd.
    pub users: Table<User>,
    /// etc/shadow; empty where it cannot be read, as by a program without root's permissions.
    pub shadows: Table<Shadow>,
    /// etc/group.
    pub groups: Table<Group>,
    /// etc/gshadow.
    pub group_shadows: Table<GroupShadow>,
}

/// In which order changed files are replaced. A program that is killed between two leaves all files whole, and no user
/// without the rest of the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// passwd last: the user exists when all else does.
    Adding,
    /// passwd first: the user is gone before the rest is.
    Removing,
}

/// A file of accounts, and its mode where there is none yet.
const PASSWD: (&str, u32) = ("etc/passwd", 0o644);
const SHADOW: (&str, u32) = ("etc/shadow", 0o600);
const GROUP: (&str, u32) = ("etc/group", 0o644);
const GSHADOW: (&str, u32) = ("etc/gshadow", 0o600);

impl Database {
    /// Reads the files under `root`. One that is not there is empty.
    ///
    /// # Errors
    /// As in open(2) and read(2), with the path.
    pub fn read(root: &Path) -> io::Result<Self> {
        let file = |(path, _): (&str, u32)| read_file(&root.join(path));
        let secret = |name| match file(name) {
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(Vec::new()),
            other => other,
        };
        Ok(Database {
            users: Table::parse(&file(PASSWD)?),
            shadows: Table::parse(&secret(SHADOW)?),
            groups: Table::parse(&file(GROUP)?),
            group_shadows: Table::parse(&secret(GSHADOW)?),
        })
    }

    /// The user of that number.
    #[must_use]
    pub fn user_of(&self, uid: u32) -> Option<&User> {
        self.users.entries().find(|user| user.uid == uid)
    }

    /// The group of that number.
    #[must_use]
    pub fn group_of(&self, gid: u32) -> Option<&Group> {
        self.groups.entries().find(|group| group.gid == gid)
    }

    /// The group that `text` means: a name, or a number.
    #[must_use]
    pub fn group(&self, text: &str) -> Option<&Group> {
        self.groups.get(text).or_else(|| self.group_of(id::parse(text.as_bytes())?))
    }

    /// Numbers of the groups of `user`, the primary one first (initgroups(3)).
    #[must_use]
    pub fn groups_of(&self, user: &User) -> Vec<u32> {
        let mut all = vec![user.gid];
        for group in self.groups.entries().filter(|group| group.members.contains(&user.name)) {
            if !all.contains(&group.gid) {
                all.push(group.gid);
            }
        }
        all
    }

    /// The hash that a password of `user` is compared with.
    #[must_use]
    pub fn hash_of(&self, user: &User) -> &str {
        // Without a line in shadow(5) `x` is no hash of anything.
        if user.password != "x" {
            return self.users.get(&user.name).map_or("", |user| user.password.as_str());
        }
        self.shadows.get(&user.name).map_or("*", |shadow| shadow.password.as_str())
    }

    /// A change of the files under `root`, which nobody else changes until it ends.
    ///
    /// # Errors
    /// When the lock cannot be had, or a file not be read.
    pub fn edit(root: &Path) -> io::Result<Edit> {
        let lock = Lock::take(root)?;
        let database = Self::read(root)?;
        Ok(Edit { before: database.clone(), database, root: root.to_owned(), _lock: lock })
    }
}

/// A change under way; dropped without [`Edit::commit`], it has changed nothing.
#[derive(Debug)]
pub struct Edit {
    /// What will be written.
    pub database: Database,
    before: Database,
    root: PathBuf,
    _lock: Lock,
}

impl Edit {
    /// Replaces the files that have changed, and ends the lock.
    ///
    /// # Errors
    /// When a file cannot be replaced; those before it, by `order`, have been.
    pub fn commit(self, order: Order) -> io::Result<()> {
        let (old, new) = (&self.before, &self.database);
        let mut files = [
            (GROUP, old.groups.write(), new.groups.write()),
            (GSHADOW, old.group_shadows.write(), new.group_shadows.write()),
            (SHADOW, old.shadows.write(), new.shadows.write()),
            (PASSWD, old.users.write(), new.users.write()),
        ];
        if order == Order::Removing {
            files.reverse();
        }
        for ((name, mode), old, new) in files {
            if old != new {
                let path = self.root.join(name);
                replace(&path, &new, mode).map_err(|error| at(&path, &error))?;
            }
        }
        Ok(())
    }
}

fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    match std::fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        other => other.map_err(|error| at(path, &error)),
    }
}

fn at(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {}", path.display(), qos_sys::error_text(error)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn root() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("etc")).unwrap();
        fs::write(root.path().join("etc/passwd"), "root:x:0:0::/:\nu:$5$h:7:8::/:\nv:x:9:9::/:\n").unwrap();
        fs::write(root.path().join("etc/group"), "a:x:1:u,v\nb:x:2:v\nc:x:8:u\nd:x:3:u\n").unwrap();
        fs::write(root.path().join("etc/shadow"), "root:$y$h:1::::::\n").unwrap();
        root
    }

    #[test]
    fn lookups() {
        let root = root();
        let database = Database::read(root.path()).unwrap();
        let user = |name| database.users.get(name).unwrap();
        assert_eq!(database.groups_of(user("u")), [8, 1, 3]);
        for (name, hash) in [("root", "$y$h"), ("u", "$5$h"), ("v", "*")] {
            assert_eq!(database.hash_of(user(name)), hash);
        }
        assert_eq!(database.user_of(9).map(|user| user.name.as_str()), Some("v"));
        assert_eq!(database.group("2").map(|group| group.name.as_str()), Some("b"));
        assert_eq!(database.group("b"), database.group_of(2));
    }

    #[test]
    fn commit_writes_what_changed() {
        let root = root();
        let path = |name: &str| root.path().join("etc").join(name);
        let before = fs::metadata(path("group")).unwrap();
        let mut edit = Database::edit(root.path()).unwrap();
        edit.database.shadows.add(Shadow::locked("v")).unwrap();
        edit.commit(Order::Adding).unwrap();
        assert_eq!(fs::read_to_string(path("shadow")).unwrap(), "root:$y$h:1::::::\nv:!:::::::\n");
        use std::os::unix::fs::MetadataExt;
        assert_eq!(fs::metadata(path("group")).unwrap().ino(), before.ino());
        assert!(!path("gshadow").exists());
        let mut edit = Database::edit(root.path()).unwrap();
        edit.database.users.remove("v");
        drop(edit);
        assert!(Database::read(root.path()).unwrap().users.get("v").is_some());
    }
}
