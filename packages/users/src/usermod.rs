// SPDX-License-Identifier: MIT OR Apache-2.0
//! `usermod`: changes a user (usermod(8) of shadow).

use crate::Failure;
use crate::home::{self, Owner};
use crate::relocate::{self, Move};
use crate::target::{self, Target, failed, missing};
use crate::useradd::{list, set_member};
use crate::userdel::refuse_if_busy;
use lexopt::prelude::*;
use qos_accounts::{Database, Order, Shadow, User, hash};
use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;

#[derive(Debug, Default)]
struct Request {
    name: String,
    append: bool,
    comment: Option<OsString>,
    home: Option<PathBuf>,
    move_home: bool,
    shell: Option<PathBuf>,
    uid: Option<u32>,
    same_uid: bool,
    group: Option<String>,
    groups: Option<Vec<String>>,
    new_name: Option<String>,
    expires: Option<Option<i64>>,
    inactive: Option<Option<i64>>,
    /// Locked (true) or unlocked.
    lock: Option<bool>,
}

pub fn main(parser: lexopt::Parser, _: &mut dyn Write) -> Result<(), Failure> {
    let (target, request) = options(parser)?;
    target.require_root()?;
    let mut moved = None;
    let changed = target.change(Order::Adding, |database| {
        let old = database.users.get(&request.name).ok_or_else(|| missing("user", &request.name))?.clone();
        if request.uid.is_some() || request.new_name.is_some() || request.move_home {
            refuse_if_busy(&target, &old)?;
        }
        change(database, &request)?;
        let name = request.new_name.as_ref().unwrap_or(&request.name);
        let new = database.users.get(name).cloned().ok_or_else(|| missing("user", name))?;
        if request.move_home {
            moved = move_home(&target, &old, &new)?;
        }
        Ok((old, new))
    });
    let (old, new) = match (changed, moved.take()) {
        (Ok(users), None) => users,
        (Ok(users), Some(moved)) => {
            moved.finish()?;
            users
        }
        (Err(failure), None) => return Err(failure),
        (Err(failure), Some(moved)) => return Err(undo(moved, failure)),
    };
    target.note("usermod", &format!("user {} (UID {}) is changed", new.name, new.uid));
    give_files(&target, &old, &new)
}

/// Moves the home directory back after `failure`; what is told.
fn undo(moved: Move, failure: Failure) -> Failure {
    let Err(error) = moved.undo() else { return failure };
    let (message, text) = (failure.message().unwrap_or_default(), qos_sys::error_text(&error));
    Failure::new(format!("{message}; and the home directory cannot be moved back: {text}")).with_status(12)
}

fn options(mut parser: lexopt::Parser) -> Result<(Target, Request), Failure> {
    let (mut request, mut target) = (Request::default(), Target::default());
    while let Some(arg) = parser.next()? {
        match arg {
            Short('R' | 'P') | Long("root" | "prefix") => target = Target::under(parser.value()?),
            Short('a') | Long("append") => request.append = true,
            Short('c') | Long("comment") => {
                request.comment = Some(target::field("comment", parser.value()?)?)
            }
            Short('d') | Long("home") => {
                request.home = Some(target::directory("home directory", parser.value()?)?)
            }
            Short('e') | Long("expiredate") => {
                request.expires = Some(target::day(&parser.value()?.string()?)?)
            }
            Short('f') | Long("inactive") => {
                request.inactive = Some(target::days(&parser.value()?.string()?)?)
            }
            Short('g') | Long("gid") => request.group = Some(parser.value()?.string()?),
            Short('G') | Long("groups") => request.groups = Some(list(&parser.value()?.string()?)),
            Short('l') | Long("login") => {
                request.new_name = Some(target::name("user", parser.value()?.string()?)?);
            }
            Short('L') | Long("lock") => set_once(&mut request.lock, true)?,
            Short('m') | Long("move-home") => request.move_home = true,
            Short('o') | Long("non-unique") => request.same_uid = true,
            Short('s') | Long("shell") => request.shell = Some(target::shell(parser.value()?)?),
            Short('u') | Long("uid") => request.uid = Some(target::uid(&parser.value()?.string()?)?),
            Short('U') | Long("unlock") => set_once(&mut request.lock, false)?,
            Value(word) if request.name.is_empty() => request.name = word.string()?,
            _ => return Err(arg.unexpected().into()),
        }
    }
    if request.name.is_empty() {
        return Err(Failure::usage("name of the user expected"));
    }
    if request.move_home && request.home.is_none() {
        return Err(Failure::usage("-m needs -d"));
    }
    if request.append && request.groups.is_none() {
        return Err(Failure::usage("-a needs -G"));
    }
    if request.same_uid && request.uid.is_none() {
        return Err(Failure::usage("-o needs -u"));
    }
    Ok((target, request))
}

fn set_once(lock: &mut Option<bool>, value: bool) -> Result<(), Failure> {
    if lock.replace(value).is_some_and(|other| other != value) {
        return Err(Failure::usage("only one of -L and -U can be given"));
    }
    Ok(())
}

/// Moves the home directory, if there is one to be moved.
fn move_home(target: &Target, old: &User, new: &User) -> Result<Option<Move>, Failure> {
    let (from, to) = (target.path(&old.home), target.path(&new.home));
    if from == to || !from.is_dir() {
        return Ok(None);
    }
    relocate::start(&from, &to).map(Some)
}

/// Gives the files in the home directory to the new number.
fn give_files(target: &Target, old: &User, new: &User) -> Result<(), Failure> {
    let home = target.path(&new.home);
    let (before, after) = (Owner { uid: old.uid, gid: old.gid }, Owner { uid: new.uid, gid: new.gid });
    // Not `/`, which is the home directory of some services.
    if before != after && home.is_dir() && home.components().count() > 2 {
        home::give(&home, before, after).map_err(|error| Failure::at(&home, &error).with_status(12))?;
    }
    Ok(())
}

fn change(database: &mut Database, request: &Request) -> Result<(), Failure> {
    let name = &request.name;
    if let Some(uid) = request.uid
        && let Some(other) = database.user_of(uid).filter(|other| other.name != *name && !request.same_uid)
    {
        return Err(Failure::new(format!("UID {uid} is that of {}", other.name)).with_status(4));
    }
    let gid = match &request.group {
        Some(group) => Some(database.group(group).ok_or_else(|| missing("group", group))?.gid),
        None => None,
    };
    if let Some(groups) = &request.groups {
        change_groups(database, name, groups, request.append)?;
    }
    let set = |user: &mut User| {
        user.comment = request.comment.clone().unwrap_or(user.comment.clone());
        user.home = request.home.clone().unwrap_or(user.home.clone());
        user.shell = request.shell.clone().unwrap_or(user.shell.clone());
        user.uid = request.uid.unwrap_or(user.uid);
        user.gid = gid.unwrap_or(user.gid);
    };
    if !database.users.update(name, set).map_err(|error| failed(&error))? {
        return Err(missing("user", name));
    }
    let changes_shadow = request.expires.is_some() || request.inactive.is_some() || request.lock.is_some();
    if changes_shadow && database.shadows.get(name).is_none() {
        database.shadows.add(Shadow::locked(name)).map_err(|error| failed(&error))?;
    }
    let mut refused = None;
    let set = |shadow: &mut Shadow| {
        shadow.expires = request.expires.unwrap_or(shadow.expires);
        shadow.inactive = request.inactive.unwrap_or(shadow.inactive);
        match request.lock.map(|lock| set_lock(&shadow.password, lock)) {
            Some(Ok(password)) => shadow.password = password,
            Some(Err(failure)) => refused = Some(failure),
            None => {}
        }
    };
    database.shadows.update(name, set).map_err(|error| failed(&error))?;
    refused.map_or(Ok(()), Err)?;
    match &request.new_name {
        Some(new) if new != name => rename(database, name, new),
        _ => Ok(()),
    }
}

/// The hash, locked or not. One that would be empty then is not unlocked: nobody would be asked for a password.
pub fn set_lock(password: &str, lock: bool) -> Result<String, Failure> {
    match (lock, password.strip_prefix('!')) {
        (true, None) => Ok(format!("!{password}")),
        (false, Some(rest)) if rest.trim_start_matches('!').is_empty() => {
            let advice = "unlocked, the account would have no password; set one by passwd";
            Err(Failure::new(advice).with_status(3))
        }
        (false, Some(rest)) => Ok(rest.to_owned()),
        (true, Some(_)) | (false, None) => Ok(password.to_owned()),
    }
}

/// Whether an account with that hash is locked, has a password, or needs none: as `passwd -S` shows it.
pub fn state(password: &str) -> &'static str {
    match password {
        "" => "NP",
        text if hash::is_locked(text) || text.starts_with('*') => "L",
        _ => "P",
    }
}

fn change_groups(
    database: &mut Database,
    name: &str,
    groups: &[String],
    append: bool,
) -> Result<(), Failure> {
    let mut wanted = Vec::new();
    for group in groups {
        wanted.push(database.group(group).ok_or_else(|| missing("group", group))?.name.clone());
    }
    let all: Vec<String> = database.groups.entries().map(|group| group.name.clone()).collect();
    for group in all {
        if wanted.contains(&group) {
            set_member(database, &group, name, true)?;
        } else if !append {
            set_member(database, &group, name, false)?;
        }
    }
    Ok(())
}

fn rename(database: &mut Database, old: &str, new: &str) -> Result<(), Failure> {
    if database.users.get(new).is_some() {
        return Err(Failure::new(format!("user {new} exists")).with_status(9));
    }
    let result = database.users.update(old, |user| user.name = new.to_owned());
    result.map_err(|error| failed(&error))?;
    let result = database.shadows.update(old, |shadow| shadow.name = new.to_owned());
    result.map_err(|error| failed(&error))?;
    let replace = |names: &mut Vec<String>| {
        names.iter_mut().filter(|name| *name == old).for_each(|name| *name = new.to_owned());
    };
    let groups: Vec<String> = database.groups.entries().map(|group| group.name.clone()).collect();
    for group in groups {
        let result = database.groups.update(&group, |group| replace(&mut group.members));
        result.map_err(|error| failed(&error))?;
        let result = database.group_shadows.update(&group, |group| {
            replace(&mut group.members);
            replace(&mut group.admins);
        });
        result.map_err(|error| failed(&error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use qos_accounts::Table;

    fn database() -> Database {
        Database {
            users: Table::parse(b"a:x:5:5:A:/home/a:/bin/sh\nb:x:6:6::/:\n"),
            shadows: Table::parse(b"a:$5$h:1::::::\nb:!:1::::::r\n"),
            groups: Table::parse(b"a:x:5:\none:x:1:a,b\ntwo:x:2:\n"),
            group_shadows: Table::parse(b"one:!:a:a,b\n"),
        }
    }

    fn request() -> Request {
        Request { name: "a".into(), ..Request::default() }
    }

    #[test]
    fn changes() {
        let groups = |text: &str| Some(list(text));
        for (request, users, shadows, groups) in [
            (request(), "a:x:5:5:A:/home/a:/bin/sh", "a:$5$h:1::::::", "a:x:5:\none:x:1:a,b\ntwo:x:2:\n"),
            (
                Request {
                    uid: Some(7),
                    group: Some("two".into()),
                    shell: Some("/bin/x".into()),
                    ..request()
                },
                "a:x:7:2:A:/home/a:/bin/x",
                "a:$5$h:1::::::",
                "a:x:5:\none:x:1:a,b\ntwo:x:2:\n",
            ),
            (
                Request { groups: groups("two"), append: true, lock: Some(true), ..request() },
                "a:x:5:5:A:/home/a:/bin/sh",
                "a:!$5$h:1::::::",
                "a:x:5:\none:x:1:a,b\ntwo:x:2:a\n",
            ),
            (
                Request { groups: groups("2"), expires: Some(Some(9)), inactive: Some(None), ..request() },
                "a:x:5:5:A:/home/a:/bin/sh",
                "a:$5$h:1:::::9:",
                "a:x:5:\none:x:1:b\ntwo:x:2:a\n",
            ),
            (
                Request { new_name: Some("z".into()), comment: Some("".into()), ..request() },
                "z:x:5:5::/home/a:/bin/sh",
                "z:$5$h:1::::::",
                "a:x:5:\none:x:1:z,b\ntwo:x:2:\n",
            ),
        ] {
            let mut database = database();
            change(&mut database, &request).unwrap();
            let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
            assert_eq!(text(database.users.write()), format!("{users}\nb:x:6:6::/:\n"), "{request:?}");
            assert_eq!(text(database.shadows.write()), format!("{shadows}\nb:!:1::::::r\n"), "{request:?}");
            assert_eq!(text(database.groups.write()), groups, "{request:?}");
        }
    }

    #[test]
    fn refused() {
        for (request, status) in [
            (Request { name: "c".into(), ..request() }, 6),
            (Request { uid: Some(6), ..request() }, 4),
            (Request { group: Some("x".into()), ..request() }, 6),
            (Request { groups: Some(vec!["x".into()]), ..request() }, 6),
            (Request { new_name: Some("b".into()), ..request() }, 9),
            (Request { name: "b".into(), lock: Some(false), ..request() }, 3),
        ] {
            assert_eq!(change(&mut database(), &request).unwrap_err().status(), status, "{request:?}");
        }
    }

    #[test]
    fn arguments() {
        let of = |words: &[&str]| options(lexopt::Parser::from_iter([&["usermod"], words].concat()));
        for (words, status) in [
            (&["-L", "a"][..], 0),
            (&["-L", "-L", "a"], 0),
            (&["-m", "-d", "/x", "a"], 0),
            (&["-u", "5", "-o", "a"], 0),
            (&["-L", "-U", "a"], 2),
            (&["-U", "-c", "x", "-L", "a"], 2),
            (&["-m", "a"], 2),
            (&["-a", "a"], 2),
            (&["-o", "a"], 2),
            (&[], 2),
            (&["a", "b"], 2),
            (&["-u", "abc", "a"], 3),
            (&["-u", "4294967295", "a"], 3),
            (&["-l", "a:b", "a"], 3),
            (&["-d", "relative", "a"], 3),
            (&["-s", "nosuch", "a"], 3),
            (&["-s", "", "a"], 0),
        ] {
            assert_eq!(of(words).map_or_else(|failure| failure.status(), |_| 0), status, "{words:?}");
        }
    }

    #[test]
    fn locks() {
        for (password, lock, expect) in [
            ("$5$h", true, Some("!$5$h")),
            ("!$5$h", true, Some("!$5$h")),
            ("!$5$h", false, Some("$5$h")),
            ("$5$h", false, Some("$5$h")),
            ("*", true, Some("!*")),
            ("", true, Some("!")),
            ("!", false, None),
            ("!!", false, None),
        ] {
            assert_eq!(set_lock(password, lock).ok().as_deref(), expect, "{password} {lock}");
        }
        assert_eq!(["", "!x", "*", "$5$h"].map(state), ["NP", "L", "L", "P"]);
    }
}
