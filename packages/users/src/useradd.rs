// SPDX-License-Identifier: MIT OR Apache-2.0
//! `useradd`: a new user (useradd(8) of shadow).

use crate::Failure;
use crate::home::{self, Owner};
use crate::ids::{self, Kind};
use crate::target::{self, Target, failed, missing};
use lexopt::prelude::*;
use qos_accounts::{Database, Defs, Entry, Group, GroupShadow, Order, Shadow, Table, User, date};
use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};

#[derive(Debug, Default)]
pub struct Request {
    name: String,
    comment: OsString,
    base: Option<PathBuf>,
    home: Option<PathBuf>,
    shell: Option<PathBuf>,
    uid: Option<u32>,
    group: Option<String>,
    groups: Vec<String>,
    expires: Option<i64>,
    inactive: Option<i64>,
    same_uid: bool,
    system: bool,
    /// A group of the user's own: asked for (true), refused (false), or by USERGROUPS_ENAB.
    own_group: Option<bool>,
    /// A home directory: asked for (true), refused (false), or by CREATE_HOME.
    create: Option<bool>,
    skeleton: Option<PathBuf>,
    /// Keys and values in the place of those of login.defs(5).
    settings: Vec<(String, String)>,
}

pub fn main(parser: lexopt::Parser, _: &mut dyn Write) -> Result<(), Failure> {
    let (target, request) = options(parser)?;
    target.require_root()?;
    let mut defs = target.defs()?;
    request.settings.iter().for_each(|(key, value)| defs.set(key, value));
    let user = target.change(Order::Adding, |database| add(database, &defs, &request, date::today()))?;
    target.note("useradd", &format!("new user {}: UID {}, GID {}", user.name, user.uid, user.gid));
    if request.create.unwrap_or_else(|| defs.is_yes("CREATE_HOME", false) && !request.system) {
        let umask = defs.number("UMASK", 0o022);
        let mode = u32::try_from(defs.number("HOME_MODE", 0o777 & !umask)).unwrap_or(0o700) & 0o7777;
        let (path, owner) = (target.path(&user.home), Owner { uid: user.uid, gid: user.gid });
        let skeleton = target.path(request.skeleton.as_deref().unwrap_or(Path::new("/etc/skel")));
        if !home::create(&path, &skeleton, owner, mode)? {
            eprintln!("useradd: warning: {} exists; nothing was copied to it", path.display());
        }
    }
    Ok(())
}

fn options(mut parser: lexopt::Parser) -> Result<(Target, Request), Failure> {
    let (mut request, mut target) = (Request::default(), Target::default());
    while let Some(arg) = parser.next()? {
        match arg {
            Short('R' | 'P') | Long("root" | "prefix") => target = Target::under(parser.value()?),
            Short('b') | Long("base-dir") => {
                request.base = Some(target::directory("base directory", parser.value()?)?)
            }
            Short('c') | Long("comment") => request.comment = target::field("comment", parser.value()?)?,
            Short('d') | Long("home-dir") => {
                request.home = Some(target::directory("home directory", parser.value()?)?)
            }
            Short('e') | Long("expiredate") => request.expires = target::day(&parser.value()?.string()?)?,
            Short('f') | Long("inactive") => request.inactive = target::days(&parser.value()?.string()?)?,
            Short('g') | Long("gid") => request.group = Some(parser.value()?.string()?),
            Short('G') | Long("groups") => request.groups = list(&parser.value()?.string()?),
            Short('k') | Long("skel") => request.skeleton = Some(parser.value()?.into()),
            Short('K') | Long("key") => request.settings.push(setting(&parser.value()?.string()?)?),
            Short('m') | Long("create-home") => request.create = Some(true),
            Short('M') | Long("no-create-home") => request.create = Some(false),
            Short('N') | Long("no-user-group") => request.own_group = Some(false),
            Short('o') | Long("non-unique") => request.same_uid = true,
            Short('r') | Long("system") => request.system = true,
            Short('s') | Long("shell") => request.shell = Some(target::shell(parser.value()?)?),
            Short('u') | Long("uid") => request.uid = Some(target::uid(&parser.value()?.string()?)?),
            Short('U') | Long("user-group") => request.own_group = Some(true),
            Value(name) if request.name.is_empty() => request.name = target::name("user", name.string()?)?,
            _ => return Err(arg.unexpected().into()),
        }
    }
    if request.name.is_empty() {
        return Err(Failure::usage("name of the user expected"));
    }
    if request.same_uid && request.uid.is_none() {
        return Err(Failure::usage("-o needs -u"));
    }
    Ok((target, request))
}

fn setting(text: &str) -> Result<(String, String), Failure> {
    let (key, value) = text.split_once('=').ok_or_else(|| Failure::usage("-K expects KEY=VALUE"))?;
    Ok((key.to_owned(), value.to_owned()))
}

/// Names between commas.
pub fn list(text: &str) -> Vec<String> {
    text.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// Adds the user to `database`, and a group of the same name where one is wanted.
pub fn add(database: &mut Database, defs: &Defs, request: &Request, today: i64) -> Result<User, Failure> {
    let name = &request.name;
    if database.users.get(name).is_some() {
        return Err(Failure::new(format!("user {name} exists")).with_status(9));
    }
    let kind = if request.system { Kind::System } else { Kind::Person };
    let wants_group =
        request.own_group.unwrap_or(request.group.is_none() && defs.is_yes("USERGROUPS_ENAB", true));
    let uid = match request.uid {
        Some(uid) => {
            if let Some(other) = database.user_of(uid).filter(|_| !request.same_uid) {
                return Err(Failure::new(format!("UID {uid} is that of {}", other.name)).with_status(4));
            }
            uid
        }
        None => ids::new_uid(database, defs, kind, wants_group)?,
    };
    for group in &request.groups {
        database.group(group).ok_or_else(|| missing("group", group))?;
    }
    let gid = if wants_group {
        if database.groups.get(name).is_some() {
            let advice = format!("group {name} exists; to put the user in it, use -g {name}");
            return Err(Failure::new(advice).with_status(9));
        }
        let gid = match database.group_of(uid) {
            None => uid,
            Some(_) => ids::new_gid(database, defs, kind)?,
        };
        add_group(database, name, gid)?;
        gid
    } else {
        let group = request.group.as_deref().unwrap_or("100");
        database.group(group).ok_or_else(|| missing("group", group))?.gid
    };
    for group in &request.groups {
        let group = database.group(group).map(|group| group.name.clone()).unwrap_or_default();
        set_member(database, &group, name, true)?;
    }
    let base = request.base.clone().unwrap_or_else(|| "/home".into());
    let user = User {
        name: name.clone(),
        password: "x".into(),
        uid,
        gid,
        comment: request.comment.clone(),
        home: request.home.clone().unwrap_or_else(|| base.join(name)),
        shell: request.shell.clone().unwrap_or_else(|| "/bin/sh".into()),
    };
    let days = |key, default| Some(defs.number(key, default)).filter(|days| !request.system && *days >= 0);
    let shadow = Shadow {
        changed: Some(today),
        min: days("PASS_MIN_DAYS", 0),
        max: days("PASS_MAX_DAYS", 99_999),
        warn: days("PASS_WARN_AGE", 7),
        inactive: request.inactive,
        expires: request.expires,
        ..Shadow::locked(name)
    };
    // A line without a user is left from another program.
    database.shadows.remove(name);
    put(&mut database.shadows, shadow)?;
    put(&mut database.users, user.clone())?;
    Ok(user)
}

/// Adds a group, to gshadow(5) too where that is used.
pub fn add_group(database: &mut Database, name: &str, gid: u32) -> Result<(), Failure> {
    let group = Group { name: name.to_owned(), password: "x".into(), gid, members: Vec::new() };
    put(&mut database.groups, group)?;
    if database.group_shadows.entries().next().is_none() {
        return Ok(());
    }
    database.group_shadows.remove(name);
    let (password, nobody) = ("!".to_owned(), Vec::new());
    let shadow = GroupShadow { name: name.to_owned(), password, admins: nobody.clone(), members: nobody };
    put(&mut database.group_shadows, shadow)
}

/// Puts `user` among the members of a group, or takes the user out.
pub fn set_member(database: &mut Database, group: &str, user: &str, is_member: bool) -> Result<(), Failure> {
    let change = |members: &mut Vec<String>| {
        if !is_member {
            members.retain(|member| member != user);
        } else if !members.iter().any(|member| member == user) {
            members.push(user.to_owned());
        }
    };
    database.groups.update(group, |group| change(&mut group.members)).map_err(|error| failed(&error))?;
    let shadow = database.group_shadows.update(group, |group| change(&mut group.members));
    shadow.map(drop).map_err(|error| failed(&error))
}

fn put<E: Entry>(table: &mut Table<E>, entry: E) -> Result<(), Failure> {
    table.add(entry).map_err(|error| failed(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database() -> Database {
        Database {
            users: Table::parse(b"root:x:0:0::/root:/bin/sh\n"),
            groups: Table::parse(b"root:x:0:\nusers:x:100:\nwheel:x:10:root\n"),
            group_shadows: Table::parse(b"wheel:*::root\n"),
            ..Database::default()
        }
    }

    fn request(name: &str) -> Request {
        Request { name: name.into(), ..Request::default() }
    }

    #[test]
    fn a_person_and_a_service() {
        let (mut database, defs) = (database(), Defs::parse(b"PASS_MAX_DAYS 90\n"));
        let ann = Request { groups: vec!["wheel".into()], expires: Some(30_000), ..request("ann") };
        add(&mut database, &defs, &ann, 20_000).unwrap();
        let service = Request {
            system: true,
            shell: Some("/bin/false".into()),
            home: Some("/nonexistent".into()),
            ..request("_http")
        };
        add(&mut database, &defs, &service, 20_000).unwrap();
        let third = Request { own_group: Some(false), ..request("bob") };
        add(&mut database, &defs, &third, 20_000).unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        assert_eq!(
            text(database.users.write()),
            "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n\
             _http:x:999:999::/nonexistent:/bin/false\nbob:x:1001:100::/home/bob:/bin/sh\n"
        );
        assert_eq!(
            text(database.shadows.write()),
            "ann:!:20000:0:90:7::30000:\n_http:!:20000::::::\nbob:!:20000:0:90:7:::\n"
        );
        assert_eq!(
            text(database.groups.write()),
            "root:x:0:\nusers:x:100:\nwheel:x:10:root,ann\nann:x:1000:\n_http:x:999:\n"
        );
        assert_eq!(text(database.group_shadows.write()), "wheel:*::root,ann\nann:!::\n_http:!::\n");
    }

    #[test]
    fn arguments() {
        let of = |words: &[&str]| options(lexopt::Parser::from_iter([&["useradd"], words].concat()));
        for (words, status) in [
            (&["a"][..], 0),
            (&["-u", "0", "-o", "a"], 0),
            (&["-d", "/a", "-b", "/b", "-s", "/c", "a"], 0),
            (&["-s", "", "a"], 0),
            (&["-s", "*", "a"], 0),
            (&["-K", "UID_MIN=5", "a"], 0),
            (&["-o", "a"], 2),
            (&["-K", "UID_MIN", "a"], 2),
            (&["-u"], 2),
            (&[], 2),
            (&["-u", "abc", "a"], 3),
            (&["-u", "", "a"], 3),
            (&["-u", "4294967295", "a"], 3),
            (&["-d", "relative", "a"], 3),
            (&["-d", "", "a"], 3),
            (&["-b", "rel", "a"], 3),
            (&["-s", "nosuch", "a"], 3),
        ] {
            assert_eq!(of(words).map_or_else(|failure| failure.status(), |_| 0), status, "{words:?}");
        }
    }

    #[test]
    fn refused() {
        for (request, status) in [
            (request("root"), 9),
            (request("wheel"), 9),
            (Request { uid: Some(0), ..request("toor") }, 4),
            (Request { group: Some("none".into()), ..request("ann") }, 6),
            (Request { groups: vec!["none".into()], ..request("ann") }, 6),
        ] {
            let mut database = database();
            let failure = add(&mut database, &Defs::default(), &request, 1).unwrap_err();
            assert_eq!(failure.status(), status, "{request:?}");
        }
        let toor = Request { uid: Some(0), same_uid: true, group: Some("0".into()), ..request("toor") };
        assert_eq!(add(&mut database(), &Defs::default(), &toor, 1).unwrap().gid, 0);
    }

    #[test]
    fn a_taken_group_number() {
        let mut database = Database { groups: Table::parse(b"other:x:1000:\n"), ..database() };
        let user =
            add(&mut database, &Defs::default(), &Request { uid: Some(1000), ..request("a") }, 1).unwrap();
        assert_eq!((user.uid, user.gid), (1000, 1001));
        let user = add(&mut database, &Defs::default(), &request("b"), 1).unwrap();
        assert_eq!((user.uid, user.gid), (1002, 1002));
        assert_eq!(user.home, Path::new("/home/b"));
    }
}
