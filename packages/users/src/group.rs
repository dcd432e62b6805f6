// SPDX-License-Identifier: MIT OR Apache-2.0
//! `groupadd` and `groupdel` (groupadd(8) and groupdel(8) of shadow).

use crate::Failure;
use crate::ids::{self, Kind};
use crate::target::{self, Target, missing};
use crate::useradd::add_group;
use lexopt::prelude::*;
use qos_accounts::{Database, Defs, Order};
use std::io::Write;

#[derive(Debug, Default)]
struct Request {
    name: String,
    gid: Option<u32>,
    force: bool,
    same_gid: bool,
    system: bool,
}

pub fn add(parser: lexopt::Parser, _: &mut dyn Write) -> Result<(), Failure> {
    let (target, request) = options(parser)?;
    target.require_root()?;
    let defs = target.defs()?;
    let gid = target.change(Order::Adding, |database| insert(database, &defs, &request))?;
    if let Some(gid) = gid {
        target.note("groupadd", &format!("new group {}: GID {gid}", request.name));
    }
    Ok(())
}

fn options(mut parser: lexopt::Parser) -> Result<(Target, Request), Failure> {
    let (mut target, mut request) = (Target::default(), Request::default());
    while let Some(arg) = parser.next()? {
        match arg {
            Short('R' | 'P') | Long("root" | "prefix") => target = Target::under(parser.value()?),
            Short('f') | Long("force") => request.force = true,
            Short('g') | Long("gid") => request.gid = Some(target::gid(&parser.value()?.string()?)?),
            Short('o') | Long("non-unique") => request.same_gid = true,
            Short('r') | Long("system") => request.system = true,
            Value(word) if request.name.is_empty() => request.name = target::name("group", word.string()?)?,
            _ => return Err(arg.unexpected().into()),
        }
    }
    if request.name.is_empty() {
        return Err(Failure::usage("name of the group expected"));
    }
    if request.same_gid && request.gid.is_none() {
        return Err(Failure::usage("-o needs -g"));
    }
    Ok((target, request))
}

/// Adds the group; `None` if it is there, which `force` allows.
fn insert(database: &mut Database, defs: &Defs, request: &Request) -> Result<Option<u32>, Failure> {
    let name = &request.name;
    if database.groups.get(name).is_some() {
        let failure = Failure::new(format!("group {name} exists")).with_status(9);
        return if request.force { Ok(None) } else { Err(failure) };
    }
    let kind = if request.system { Kind::System } else { Kind::Person };
    let taken = request.gid.and_then(|gid| database.group_of(gid)).filter(|_| !request.same_gid);
    let gid = match (request.gid, taken) {
        (Some(gid), None) => gid,
        (Some(gid), Some(other)) if !request.force => {
            return Err(Failure::new(format!("GID {gid} is that of {}", other.name)).with_status(4));
        }
        _ => ids::new_gid(database, defs, kind)?,
    };
    add_group(database, name, gid)?;
    Ok(Some(gid))
}

pub fn delete(mut parser: lexopt::Parser, _: &mut dyn Write) -> Result<(), Failure> {
    let (mut target, mut name, mut force) = (Target::default(), None, false);
    while let Some(arg) = parser.next()? {
        match arg {
            Short('R' | 'P') | Long("root" | "prefix") => target = Target::under(parser.value()?),
            Short('f') | Long("force") => force = true,
            Value(word) if name.is_none() => name = Some(word.string()?),
            _ => return Err(arg.unexpected().into()),
        }
    }
    let name = name.ok_or_else(|| Failure::usage("name of the group expected"))?;
    target.require_root()?;
    target.change(Order::Removing, |database| remove(database, &name, force))?;
    target.note("groupdel", &format!("group {name} is removed"));
    Ok(())
}

fn remove(database: &mut Database, name: &str, force: bool) -> Result<(), Failure> {
    let gid = database.groups.get(name).ok_or_else(|| missing("group", name))?.gid;
    if let Some(user) = database.users.entries().find(|user| user.gid == gid).filter(|_| !force) {
        return Err(Failure::new(format!("it is the primary group of user {}", user.name)).with_status(8));
    }
    database.groups.remove(name);
    database.group_shadows.remove(name);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use qos_accounts::Table;

    #[test]
    fn arguments() {
        let of = |words: &[&str]| options(lexopt::Parser::from_iter([&["groupadd"], words].concat()));
        for (words, status) in [
            (&["g"][..], 0),
            (&["-g", "0", "-o", "g"], 0),
            (&["-o", "g"], 2),
            (&[], 2),
            (&["g", "h"], 2),
            (&["-g", "abc", "g"], 3),
            (&["-g", "-1", "g"], 3),
            (&["-g", "4294967295", "g"], 3),
            (&["a:b"], 3),
        ] {
            assert_eq!(of(words).map_or_else(|failure| failure.status(), |_| 0), status, "{words:?}");
        }
    }

    #[test]
    fn groups() {
        let mut database = Database {
            users: Table::parse(b"a:x:5:1000::/:\n"),
            groups: Table::parse(b"a:x:1000:\n"),
            group_shadows: Table::parse(b"a:!::\n"),
            ..Database::default()
        };
        let request = |name: &str| Request { name: name.into(), ..Request::default() };
        let defs = Defs::default();
        for (request, expect) in [
            (request("b"), Ok(Some(1001))),
            (request("b"), Err(9)),
            (Request { force: true, ..request("b") }, Ok(None)),
            (Request { system: true, ..request("c") }, Ok(Some(999))),
            (Request { gid: Some(5), ..request("d") }, Ok(Some(5))),
            (Request { gid: Some(5), ..request("e") }, Err(4)),
            (Request { gid: Some(5), same_gid: true, ..request("e") }, Ok(Some(5))),
            (Request { gid: Some(5), force: true, ..request("f") }, Ok(Some(1002))),
        ] {
            let added = insert(&mut database, &defs, &request).map_err(|failure| failure.status());
            assert_eq!(added, expect, "{request:?}");
        }
        for (name, force, expect) in
            [("a", false, Err(8)), ("a", true, Ok(())), ("a", false, Err(6)), ("b", false, Ok(()))]
        {
            assert_eq!(
                remove(&mut database, name, force).map_err(|failure| failure.status()),
                expect,
                "{name}"
            );
        }
        assert_eq!(
            String::from_utf8_lossy(&database.groups.write()),
            "c:x:999:\nd:x:5:\ne:x:5:\nf:x:1002:\n"
        );
        assert!(database.group_shadows.get("c").is_some() && database.group_shadows.get("b").is_none());
    }
}
