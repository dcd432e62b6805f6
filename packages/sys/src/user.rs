// SPDX-License-Identifier: MIT OR Apache-2.0
//! Users and groups of processes: credentials(7).

mod session;

pub use session::{hang_up_terminal, spawn_session, take_terminal};

use crate::error::check;
use std::io;

/// User and groups of a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Number of the user.
    pub uid: u32,
    /// Number of the primary group.
    pub gid: u32,
    /// Numbers of the supplementary groups.
    pub groups: Vec<u32>,
}

impl Credentials {
    /// Refuses -1 (EINVAL): setresuid(2) and setresgid(2) take it as "no change", and the caller would stay who it is.
    fn check(&self) -> io::Result<()> {
        if [self.uid, self.gid].iter().chain(&self.groups).any(|id| *id == u32::MAX) {
            return Err(io::Error::from_raw_os_error(libc::EINVAL));
        }
        Ok(())
    }
}

/// The user that started this process, also where the program's file has the set-user-ID bit.
#[must_use]
pub fn real_uid() -> u32 {
    rustix::process::getuid().as_raw()
}

/// The user whose permissions this process has.
#[must_use]
pub fn effective_uid() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Gives all of this process's identities and groups to `user`, without a way back.
///
/// # Errors
/// When this process is not root's (EPERM), there are too many groups, or a number is 4294967295, which is nobody's (EINVAL).
pub fn become_user(user: &Credentials) -> io::Result<()> {
    user.check()?;
    // SAFETY: the pointer and the length are those of a vector that outlives the call.
    check(unsafe { libc::setgroups(user.groups.len(), user.groups.as_ptr()) })?;
    // SAFETY: these two have no memory to be wrong about.
    check(unsafe { libc::setresgid(user.gid, user.gid, user.gid) })?;
    // SAFETY: as above.
    check(unsafe { libc::setresuid(user.uid, user.uid, user.uid) })?;
    Ok(())
}

/// Gives the effective user back to the one that started this process: the end of a set-user-ID program's privilege.
///
/// # Errors
/// None that a correct call has; passed on all the same.
pub fn drop_set_user_id() -> io::Result<()> {
    let (uid, gid) = (real_uid(), rustix::process::getgid().as_raw());
    // SAFETY: these two have no memory to be wrong about.
    check(unsafe { libc::setresgid(gid, gid, gid) })?;
    // SAFETY: as above.
    check(unsafe { libc::setresuid(uid, uid, uid) }).map(drop)
}

/// Keeps what this process has in memory out of core dumps and from ptrace(2), until it executes another program.
///
/// # Errors
/// None that a correct call has; passed on all the same.
pub fn hide_memory() -> io::Result<()> {
    Ok(rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?)
}

/// Sets the mask of permissions that new files do not get, and gives the old one.
pub fn set_umask(mask: u32) -> u32 {
    rustix::process::umask(rustix::fs::Mode::from_bits_truncate(mask)).bits()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn identities() {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find(|line| line.starts_with("Uid:")).unwrap();
        let uids: Vec<u32> = line.split_whitespace().skip(1).map(|uid| uid.parse().unwrap()).collect();
        assert_eq!((real_uid(), effective_uid()), (uids[0], uids[1]));
        drop_set_user_id().unwrap();
    }

    #[test]
    fn nobody_becomes_no_user() {
        let none = u32::MAX;
        for (uid, gid, groups) in [
            (none, 65_534, vec![]),
            (65_534, none, vec![]),
            (65_534, 65_534, vec![none]),
            (65_534, 65_534, vec![65_534, none]),
            (none, none, vec![none]),
        ] {
            let (user, before) = (Credentials { uid, gid, groups }, effective_uid());
            assert_eq!(become_user(&user).unwrap_err().raw_os_error(), Some(libc::EINVAL), "{user:?}");
            let spawned = spawn_session(Command::new("/bin/true"), &user, c"/".into());
            assert_eq!(spawned.unwrap_err().raw_os_error(), Some(libc::EINVAL), "{user:?}");
            assert_eq!(effective_uid(), before);
        }
    }

    #[test]
    fn only_root_becomes_another_user() {
        let user = Credentials { uid: 65_534, gid: 65_534, groups: vec![65_534] };
        if effective_uid() != 0 {
            assert_eq!(become_user(&user).unwrap_err().raw_os_error(), Some(libc::EPERM));
            return;
        }
        // There is no way back, so another process does it: this test, a second time.
        if std::env::var_os("QOS_TEST_USER").is_some() {
            become_user(&user).unwrap();
            assert_eq!((real_uid(), effective_uid()), (65_534, 65_534));
            assert!(become_user(&Credentials { uid: 0, gid: 0, groups: Vec::new() }).is_err());
            return;
        }
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "user::tests::only_root_becomes_another_user"]).env("QOS_TEST_USER", "1");
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
}
