// SPDX-License-Identifier: MIT OR Apache-2.0
//! `userdel`: removes a user (userdel(8) of shadow).

use crate::target::{Target, failed, missing};
use crate::useradd::set_member;
use crate::{Failure, home};
use lexopt::prelude::*;
use qos_accounts::{Database, Defs, Order, User};
use std::io::Write;

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

/// Status 8: processes of the user run.
pub fn refuse_if_busy(target: &Target, user: &User) -> Result<(), Failure> {
    let busy = if target.is_here() && user.uid != 0 { process_of(user.uid) } else { None };
    let message = |pid| Failure::new(format!("user {} is in use by process {pid}", user.name)).with_status(8);
    busy.map_or(Ok(()), |pid| Err(message(pid)))
}

/// A process of user `uid`, if there is one.
fn process_of(uid: u32) -> Option<u32> {
    let entries = std::fs::read_dir("/proc").ok()?;
    entries.flatten().find_map(|entry| {
        let pid: u32 = entry.file_name().to_str()?.parse().ok()?;
        let status = std::fs::read(entry.path().join("status")).ok()?;
        let status = String::from_utf8_lossy(&status).into_owned();
        let uids = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
        uids.split_whitespace().take(3).any(|word| word.parse() == Ok(uid)).then_some(pid)
    })
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
        assert!(process_of(own).is_some() && process_of(0xfff0_fff0).is_none());
    }
}
