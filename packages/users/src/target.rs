// SPDX-License-Identifier: MIT OR Apache-2.0
//! The system whose accounts are changed: this one, or the one under a directory (`-R`).

use qos_accounts::{Database, Defs, Order, log};
use qos_command::Failure;
use qos_sys::user;
use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The root directory of a system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target(PathBuf);

impl Default for Target {
    fn default() -> Self {
        Target("/".into())
    }
}

impl Target {
    /// The system under `directory`. No program of it is run, and nothing of this system is read.
    pub fn under(directory: OsString) -> Self {
        Target(directory.into())
    }

    /// Its root directory.
    pub fn root(&self) -> &Path {
        &self.0
    }

    /// The path of a file of it that is at `path` in it.
    pub fn path(&self, path: &Path) -> PathBuf {
        self.0.join(path.strip_prefix("/").unwrap_or(path))
    }

    /// Whether it is the system that runs.
    pub fn is_here(&self) -> bool {
        self.0 == Path::new("/")
    }

    /// Refuses callers who are not root, but where the system is under a directory, which may be the caller's own. The
    /// mask of new files is set to what the files need.
    pub fn require_root(&self) -> Result<(), Failure> {
        let (real, effective) = (user::real_uid(), user::effective_uid());
        if real != effective || (real != 0 && self.is_here()) {
            return Err(Failure::new("only root can do this"));
        }
        user::set_umask(0o022);
        Ok(())
    }

    /// Refuses another system than the one that runs, where the set-user-ID bit gave this process more permissions than the
    /// caller has: the caller's files would say who is who, and root would open what they link to. Comes before any file
    /// is opened.
    pub fn require_own_permissions(&self) -> Result<(), Failure> {
        self.check_permissions(user::real_uid(), user::effective_uid())
    }

    fn check_permissions(&self, real: u32, effective: u32) -> Result<(), Failure> {
        if real != effective && !self.is_here() {
            return Err(Failure::new("only root can use the accounts of another system"));
        }
        Ok(())
    }

    /// Its settings.
    pub fn defs(&self) -> Result<Defs, Failure> {
        Defs::read(&self.0).map_err(|error| Failure::at(self.0.join("etc/login.defs"), &error))
    }

    /// Its accounts.
    pub fn read(&self) -> Result<Database, Failure> {
        Database::read(&self.0).map_err(|error| failed(&error))
    }

    /// Changes its accounts: all that `change` does, or nothing.
    pub fn change<T>(
        &self,
        order: Order,
        change: impl FnOnce(&mut Database) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut edit = Database::edit(&self.0).map_err(|error| failed(&error))?;
        let done = change(&mut edit.database)?;
        edit.commit(order).map_err(|error| failed(&error))?;
        Ok(done)
    }

    /// A line for the log of the system that runs.
    pub fn note(&self, program: &str, text: &str) {
        if self.is_here() {
            log::note(program, text);
        }
    }
}

/// What `error` says, as a failure of status 1.
pub fn failed(error: &io::Error) -> Failure {
    Failure::new(qos_sys::error_text(error))
}

/// Status 6: what is named does not exist.
pub fn missing(kind: &str, name: &str) -> Failure {
    Failure::new(format!("{kind} {name} does not exist")).with_status(6)
}

/// A text that may stand in a field of the files; status 3 if not.
pub fn field(what: &str, text: OsString) -> Result<OsString, Failure> {
    if qos_accounts::name::is_field(text.as_bytes()) {
        return Ok(text);
    }
    let message = format!("invalid {what} {:?}: a colon or a control character is in it", text.display());
    Err(Failure::new(message).with_status(3))
}

/// A directory for a field of passwd(5), by a path from the root; status 3 if it is none. `what` is the message's word.
pub fn directory(what: &str, text: OsString) -> Result<PathBuf, Failure> {
    valid(what, text, |bytes| bytes.starts_with(b"/")).map(PathBuf::from)
}

/// A shell for a field of passwd(5): a path from the root, nothing for `/bin/sh`, or `*` and what follows, which no login
/// can start; status 3 if it is none.
pub fn shell(text: OsString) -> Result<PathBuf, Failure> {
    valid("shell", text, |bytes| matches!(bytes.first(), None | Some(b'/' | b'*'))).map(PathBuf::from)
}

fn valid(what: &str, text: OsString, is_valid: impl Fn(&[u8]) -> bool) -> Result<OsString, Failure> {
    let text = field(what, text)?;
    if is_valid(text.as_bytes()) {
        return Ok(text);
    }
    let shown = text.to_string_lossy();
    Err(Failure::new(format!("invalid {what} '{}'", shown.escape_debug())).with_status(3))
}

/// The number of a user; status 3 if it is none.
pub fn uid(text: &str) -> Result<u32, Failure> {
    id("user", text)
}

/// The number of a group; status 3 if it is none.
pub fn gid(text: &str) -> Result<u32, Failure> {
    id("group", text)
}

fn id(kind: &str, text: &str) -> Result<u32, Failure> {
    let invalid = || Failure::new(format!("invalid {kind} ID '{}'", text.escape_debug())).with_status(3);
    qos_accounts::id::parse(text.as_bytes()).ok_or_else(invalid)
}

/// A name for a user or a group; status 3 if it is none.
pub fn name(kind: &str, text: String) -> Result<String, Failure> {
    if qos_accounts::name::is_valid(&text) {
        return Ok(text);
    }
    let rule =
        "use up to 32 letters, digits, `_`, `.`, `-`; the first is no `.` or `-`, and not all are digits";
    Err(Failure::new(format!("invalid name of a {kind}: {text:?}; {rule}")).with_status(3))
}

/// A day: a number, `YYYY-MM-DD`, or `-1` or nothing for none.
pub fn day(text: &str) -> Result<Option<i64>, Failure> {
    if text.is_empty() {
        return Ok(None);
    }
    match qos_accounts::date::parse(text) {
        Some(day) => Ok(Some(day).filter(|day| *day >= 0)),
        None => Err(Failure::new(format!("invalid date {text:?}: YYYY-MM-DD expected")).with_status(3)),
    }
}

/// A number of days; -1 is none.
pub fn days(text: &str) -> Result<Option<i64>, Failure> {
    match text.parse::<i64>() {
        Ok(days) if days >= -1 => Ok(Some(days).filter(|days| *days >= 0)),
        _ => Err(Failure::new(format!("invalid number of days {text:?}")).with_status(3)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_user_id_and_another_system() {
        for (root, real, effective, expect) in [
            ("/", 1000, 0, true),
            ("/", 0, 0, true),
            ("/mnt", 0, 0, true),
            // Without the bit, the caller's own permissions decide.
            ("/mnt", 1000, 1000, true),
            ("/mnt", 1000, 0, false),
            ("/mnt", 1000, 1001, false),
            // Other names of `/` are not looked at: no file is opened.
            ("//", 1000, 0, true),
            ("/.", 1000, 0, true),
            ("/mnt/..", 1000, 0, false),
            ("", 1000, 0, false),
            (".", 1000, 0, false),
        ] {
            let target = Target::under(root.into());
            assert_eq!(
                target.check_permissions(real, effective).is_ok(),
                expect,
                "{root:?} {real} {effective}"
            );
        }
    }

    #[test]
    fn paths() {
        let of = |text: &str| {
            let message = |failure: Failure| {
                assert_eq!(failure.status(), 3, "{text}");
                failure.message().unwrap_or_default().to_owned()
            };
            let home = directory("home directory", text.into()).map(drop).map_err(message);
            (home, shell(text.into()).map(drop).map_err(message))
        };
        let home = |text: &str| Err(format!("invalid home directory '{text}'"));
        let shell = |text: &str| Err(format!("invalid shell '{text}'"));
        for (text, expect) in [
            ("/", (Ok(()), Ok(()))),
            ("/home/a b", (Ok(()), Ok(()))),
            ("", (home(""), Ok(()))),
            ("*", (home("*"), Ok(()))),
            ("*x", (home("*x"), Ok(()))),
            ("relative", (home("relative"), shell("relative"))),
            ("./x", (home("./x"), shell("./x"))),
            ("~", (home("~"), shell("~"))),
            (" /x", (home(" /x"), shell(" /x"))),
        ] {
            assert_eq!(of(text), expect, "{text:?}");
        }
        for text in ["/a:b", "/a\nb", ":", "/\0"] {
            let (home, shell) = of(text);
            assert!(home.is_err() && shell.is_err(), "{text:?}");
        }
    }

    #[test]
    fn ids() {
        for (text, expect) in [
            ("0", Ok(0)),
            ("4294967294", Ok(u32::MAX - 1)),
            ("4294967295", Err("invalid user ID '4294967295'")),
            ("4294967296", Err("invalid user ID '4294967296'")),
            ("-1", Err("invalid user ID '-1'")),
            ("abc", Err("invalid user ID 'abc'")),
            ("5x", Err("invalid user ID '5x'")),
            ("", Err("invalid user ID ''")),
        ] {
            let found = uid(text).map_err(|failure| {
                assert_eq!((failure.status(), failure.is_usage()), (3, false), "{text}");
                failure.message().unwrap_or_default().to_owned()
            });
            assert_eq!(found, expect.map_err(str::to_owned), "{text}");
        }
        assert_eq!(gid("4294967295").unwrap_err().message(), Some("invalid group ID '4294967295'"));
    }
}
