// SPDX-License-Identifier: MIT OR Apache-2.0
//! `userdel`: removes a user (userdel(8) of shadow).

use crate::target::{Target, failed, missing};
use crate::useradd::set_member;
use crate::{Failure, home};
use lexopt::prelude::*;
use qos_accounts::{Database, Defs, Order, User};
use std::io::Write;
use std::path::Path;

pub fn main(mut parser: lexopt::Parser, _: &mut dyn Write) -> Result<(), Failure> {
    let (mut target, mut name, mut force, mut remove) = (Target::default(), None, false, false);
    while let Some(arg) = parser.next()? {
        match arg {
            Short('R' | 'P') | Long("root" | "prefix") => target = Target::under(parser.value()?),
            Short('f') | Long("force") => force = true,
            Short('r') | Long("remove") => remove = true,
            Value(word) if name.is_none() => name = Some(word.string()?),
            _ => return Err(arg.unexpected().into()),
        }
    }
    let name = name.ok_or_else(|| Failure::usage("name of the user expected"))?;
    target.require_root()?;
    let defs = target.defs()?;
    let user = target.change(Order::Removing, |database| {
        let user = database.users.get(&name).ok_or_else(|| missing("user", &name))?.clone();
        if !force {
            refuse_if_busy(&target, &user)?;
        }
        delete(database, &defs, &user)?;
        Ok(user)
    })?;
    target.note("userdel", &format!("user {name} (UID {}) is removed", user.uid));
    if remove {
        let path = target.path(&user.home);
        let removed = home::remove(&path, user.uid);
        let removed = removed.map_err(|error| Failure::at(&path, &error).with_status(12))?;
        if !removed && path.exists() {
            let message = format!("{} is not {name}'s, and was not removed", path.display());
            return Err(Failure::new(message).with_status(12));
        }
    }
    Ok(())
}

/// Status 8: processes of the user run, root's among them.
pub fn refuse_if_busy(target: &Target, user: &User) -> Result<(), Failure> {
    let busy = if target.is_here() { process_of(Path::new("/proc"), user.uid) } else { None };
    let message = |pid| format!("user {} is currently used by process {pid}", user.name);
    busy.map_or(Ok(()), |pid| Err(Failure::new(message(pid)).with_status(8)))
}

/// The first process of user `uid` in `proc`, if there is one.
fn process_of(proc: &Path, uid: u32) -> Option<u32> {
    let entries = std::fs::read_dir(proc).ok()?.flatten();
    let is_of_user = |pid: &u32| {
        let status = std::fs::read(proc.join(pid.to_string()).join("status")).unwrap_or_default();
        let status = String::from_utf8_lossy(&status).into_owned();
        let uids = status.lines().find_map(|line| line.strip_prefix("Uid:")).unwrap_or_default();
        uids.split_whitespace().take(3).any(|word| word.parse() == Ok(uid))
    };
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter(is_of_user).min()
}

/// Removes the user, its memberships, and its own group if nobody else is in it.
fn delete(database: &mut Database, defs: &Defs, user: &User) -> Result<(), Failure> {
    let name = &user.name;
    database.users.remove(name);
    database.shadows.remove(name);
    let groups: Vec<String> = database.groups.entries().map(|group| group.name.clone()).collect();
    for group in &groups {
        set_member(database, group, name, false)?;
        let admin = database.group_shadows.update(group, |group| group.admins.retain(|admin| admin != name));
        admin.map_err(|error| failed(&error))?;
    }
    let Some(own) = database.groups.get(name).cloned() else { return Ok(()) };
    let in_use = !own.members.is_empty() || database.users.entries().any(|other| other.gid == own.gid);
    if defs.is_yes("USERGROUPS_ENAB", true) && !in_use {
        database.groups.remove(name);
        database.group_shadows.remove(name);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use qos_accounts::Table;

    #[test]
    fn all_of_a_user() {
        let database = Database {
            users: Table::parse(b"root:x:0:0::/:\na:x:5:5::/:\nb:x:6:6::/:\nc:x:7:6::/:\n"),
            shadows: Table::parse(b"a:!:::::::\nb:!:::::::\n"),
            groups: Table::parse(b"a:x:5:\nb:x:6:\nwheel:x:10:root,a,b\n"),
            group_shadows: Table::parse(b"a:!::\nwheel:!:a:root,a\n"),
        };
        for (name, groups, shadows) in [
            ("a", "b:x:6:\nwheel:x:10:root,b\n", "wheel:!::root\n"),
            // Another user's primary group stays.
            ("b", "a:x:5:\nb:x:6:\nwheel:x:10:root,a\n", "a:!::\nwheel:!:a:root,a\n"),
        ] {
            let mut database = database.clone();
            let user = database.users.get(name).unwrap().clone();
            delete(&mut database, &Defs::default(), &user).unwrap();
            assert!(database.users.get(name).is_none() && database.shadows.get(name).is_none());
            assert_eq!(String::from_utf8_lossy(&database.groups.write()), groups);
            assert_eq!(String::from_utf8_lossy(&database.group_shadows.write()), shadows);
        }
    }

    #[test]
    fn busy() {
        let own = qos_sys::user::real_uid();
        let proc = Path::new("/proc");
        assert!(process_of(proc, own).is_some() && process_of(proc, 0xfff0_fff0).is_none());
        let proc = tempfile::tempdir().unwrap();
        for (pid, uids) in [
            ("1", "0\t0\t0\t0"),
            ("30", "7\t0\t0\t0"),
            ("4", "0\t7\t7\t7"),
            ("5", "5\t6\t8\t9"),
            ("x", "11\t11\t11\t11"),
        ] {
            std::fs::create_dir(proc.path().join(pid)).unwrap();
            let status = format!("Name:\tx\nUid:\t{uids}\nGid:\t11\t11\t11\t11\n");
            std::fs::write(proc.path().join(pid).join("status"), status).unwrap();
        }
        for (uid, expect) in
            [(0, Some(1)), (7, Some(4)), (5, Some(5)), (6, Some(5)), (8, Some(5)), (9, None), (11, None)]
        {
            assert_eq!(process_of(proc.path(), uid), expect, "{uid}");
        }
    }

    #[test]
    fn who_is_busy() {
        let users = Table::<User>::parse(
            format!("root:x:0:0::/:\nme:x:{}:0::/:\nidle:x:4293984240:0::/:\n", qos_sys::user::real_uid())
                .as_bytes(),
        );
        let here = Target::default();
        for (name, target, expect) in [
            ("me", &here, Some(8)),
            ("idle", &here, None),
            ("me", &Target::under("/mnt".into()), None),
            ("root", &Target::under("/mnt".into()), None),
        ] {
            let refused = refuse_if_busy(target, users.get(name).unwrap());
            assert_eq!(refused.err().map(|failure| failure.status()), expect, "{name}");
        }
    }
}
