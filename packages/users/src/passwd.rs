// SPDX-License-Identifier: MIT OR Apache-2.0
//! `passwd`: changes a password (passwd(1) of shadow). Its file has the set-user-ID bit where users other than root call
//! it.

use crate::Failure;
use crate::target::{self, Target, failed, missing};
use crate::usermod::{set_lock, state};
use lexopt::prelude::*;
use qos_accounts::hash::{self, Method, Verdict};
use qos_accounts::{Database, Order, Secret, Shadow, User, change, date, log, prompt};
use qos_sys::user;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

/// What is done to the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    /// A new password is asked for.
    Change,
    /// No password is needed any more.
    Delete,
    /// The password must be changed at the next login.
    Expire,
    Lock,
    Unlock,
    /// A line about the account.
    Show,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Days {
    min: Option<Option<i64>>,
    max: Option<Option<i64>>,
    warn: Option<Option<i64>>,
    inactive: Option<Option<i64>>,
}

pub fn main(mut parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let (mut target, mut name, mut action) = (Target::default(), None, Action::Change);
    let (mut days, mut all, mut from_stdin) = (Days::default(), false, false);
    while let Some(arg) = parser.next()? {
        match arg {
            Short('R' | 'P') | Long("root" | "prefix") => target = Target::under(parser.value()?),
            Short('a') | Long("all") => all = true,
            Short('d') | Long("delete") => action = Action::Delete,
            Short('e') | Long("expire") => action = Action::Expire,
            Short('i') | Long("inactive") => days.inactive = Some(target::days(&parser.value()?.string()?)?),
            Short('l') | Long("lock") => action = Action::Lock,
            Short('n') | Long("mindays") => days.min = Some(target::days(&parser.value()?.string()?)?),
            Short('s') | Long("stdin") => from_stdin = true,
            Short('S') | Long("status") => action = Action::Show,
            Short('u') | Long("unlock") => action = Action::Unlock,
            Short('w') | Long("warndays") => days.warn = Some(target::days(&parser.value()?.string()?)?),
            Short('x') | Long("maxdays") => days.max = Some(target::days(&parser.value()?.string()?)?),
            Value(word) if name.is_none() => name = Some(word.string()?),
            _ => return Err(arg.unexpected().into()),
        }
    }
    let is_root = user::real_uid() == 0;
    if user::effective_uid() != 0 {
        return Err(Failure::new(
            "its file needs the set-user-ID bit: as root, `chown 0:0` and `chmod 4755` it",
        ));
    }
    user::hide_memory()?;
    // Neither the caller's mask nor the caller's files: a user's -R would be root's program on the user's files.
    user::set_umask(0o077);
    target.require_own_permissions()?;
    let database = target.read()?;
    if all {
        if action != Action::Show || name.is_some() || !is_root {
            return Err(Failure::usage("-a is for root, with -S and without a name"));
        }
        return database.users.entries().try_for_each(|user| show(&database, user, out));
    }
    let own = database.user_of(user::real_uid());
    let user = match &name {
        Some(name) => database.users.get(name).ok_or_else(|| missing("user", name)),
        None => own.ok_or_else(|| missing("user", &user::real_uid().to_string())),
    };
    // To others, a user who does not exist is as one who does.
    let user = match user {
        Ok(user) if is_root || user.uid == user::real_uid() => user,
        Err(failure) if is_root => return Err(failure),
        _ => return Err(Failure::new("only root can see or change the account of another user")),
    };
    if action == Action::Show {
        return show(&database, user, out);
    }
    if action == Action::Change && days == Days::default() {
        return change_password(&target, &database, user, is_root, from_stdin);
    }
    if !is_root {
        return Err(Failure::new("only root can do this"));
    }
    target.change(Order::Adding, |database| set(database, &user.name, action, days))?;
    target.note("passwd", &format!("account {}: {action:?}", user.name));
    Ok(())
}

/// A line about the account: name, state, and days.
fn show(database: &Database, user: &User, out: &mut dyn Write) -> Result<(), Failure> {
    let shadow = database.shadows.get(&user.name);
    let days = |field: fn(&Shadow) -> Option<i64>| shadow.and_then(field).unwrap_or(-1);
    let changed = shadow.and_then(|shadow| shadow.changed).map_or("never".to_owned(), date::text);
    let state = state(database.hash_of(user));
    let days = [days(|s| s.min), days(|s| s.max), days(|s| s.warn), days(|s| s.inactive)];
    let [min, max, warn, inactive] = days;
    Ok(writeln!(out, "{} {state} {changed} {min} {max} {warn} {inactive}", user.name)?)
}

fn set(database: &mut Database, name: &str, action: Action, days: Days) -> Result<(), Failure> {
    if database.shadows.get(name).is_none() {
        let password = database.users.get(name).map(|user| user.password.clone()).unwrap_or_default();
        let password = if password == "x" { "!".to_owned() } else { password };
        database.shadows.add(Shadow { password, ..Shadow::locked(name) }).map_err(|error| failed(&error))?;
        database.users.update(name, |user| user.password = "x".into()).map_err(|error| failed(&error))?;
    }
    let password = database.shadows.get(name).map(|shadow| shadow.password.clone()).unwrap_or_default();
    let password = match action {
        Action::Delete => String::new(),
        Action::Lock => set_lock(&password, true)?,
        Action::Unlock => set_lock(&password, false)?,
        Action::Change | Action::Expire | Action::Show => password,
    };
    let change = |shadow: &mut Shadow| {
        shadow.password = password;
        if action == Action::Expire {
            shadow.changed = Some(0);
        }
        shadow.min = days.min.unwrap_or(shadow.min);
        shadow.max = days.max.unwrap_or(shadow.max);
        shadow.warn = days.warn.unwrap_or(shadow.warn);
        shadow.inactive = days.inactive.unwrap_or(shadow.inactive);
    };
    database.shadows.update(name, change).map(drop).map_err(|error| failed(&error))
}

fn change_password(
    target: &Target,
    database: &Database,
    user: &User,
    is_root: bool,
    from_stdin: bool,
) -> Result<(), Failure> {
    let defs = target.defs()?;
    let terminal = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let ask = |question: &str| prompt::password(&terminal, io::stderr(), question, None);
    let input = |error: io::Error| match error.kind() {
        io::ErrorKind::Interrupted => Failure::silent(130),
        _ => failed(&error),
    };
    let old = database.hash_of(user);
    if !is_root {
        let shadow = database.shadows.get(&user.name);
        if shadow.is_some_and(|shadow| shadow.is_too_young(date::today())) {
            return Err(Failure::new("it is too early to change this password again; see `chage -l`"));
        }
        let delay = Duration::from_secs(defs.number("FAIL_DELAY", 3).clamp(0, 60).unsigned_abs());
        let given = if old.is_empty() { None } else { ask("Current password: ").map_err(input)? };
        let answer = Instant::now() + delay;
        let is_right =
            old.is_empty() || given.is_some_and(|given| hash::verify(old, &given) == Verdict::Right);
        if !is_right {
            log::note("passwd", &format!("wrong password of {}", user.name));
            std::thread::sleep(answer.saturating_duration_since(Instant::now()));
            return Err(Failure::new("Authentication failure; the password is unchanged"));
        }
    }
    let new = if from_stdin {
        let line = Secret::read_line(&terminal).map_err(input)?.filter(|line| !line.is_empty());
        let line = line.ok_or_else(|| Failure::new("no password on standard input; it is unchanged"))?;
        let reason = if is_root { None } else { change::weakness(&defs, &user.name, old, &line) };
        if let Some(reason) = reason {
            return Err(Failure::new(format!("bad password: {reason}")));
        }
        line
    } else {
        // Root sets what root wants, having been told.
        let refuse = |new: &Secret| {
            let reason = change::weakness(&defs, &user.name, old, new)?;
            if !is_root {
                return Some(reason);
            }
            eprintln!("Weak password: {reason}.");
            None
        };
        change::ask_new(ask, refuse, |text| eprintln!("{text}")).map_err(input)?
    };
    change::store(target.root(), &user.name, &new, Method::of(&defs)).map_err(|error| failed(&error))?;
    target.note("passwd", &format!("the password of {} is changed", user.name));
    eprintln!("passwd: the password of {} is changed", user.name);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use qos_accounts::Table;

    fn database() -> Database {
        Database {
            users: Table::parse(b"a:x:5:5::/:\nb:$5$b:6:6::/:\n"),
            shadows: Table::parse(b"a:$5$a:100:0:90:7:::\n"),
            ..Database::default()
        }
    }

    #[test]
    fn actions() {
        let none = Days::default();
        for (name, action, days, expect) in [
            ("a", Action::Delete, none, "a::100:0:90:7:::\n"),
            ("a", Action::Expire, none, "a:$5$a:0:0:90:7:::\n"),
            ("a", Action::Lock, none, "a:!$5$a:100:0:90:7:::\n"),
            (
                "a",
                Action::Change,
                Days { max: Some(Some(5)), warn: Some(None), ..none },
                "a:$5$a:100:0:5::::\n",
            ),
            ("b", Action::Lock, none, "a:$5$a:100:0:90:7:::\nb:!$5$b:::::::\n"),
        ] {
            let mut database = database();
            set(&mut database, name, action, days).unwrap();
            assert_eq!(String::from_utf8_lossy(&database.shadows.write()), expect, "{action:?}");
            assert_eq!(database.users.get(name).map(|user| user.password.as_str()), Some("x"));
        }
    }

    #[test]
    fn lines() {
        let (database, mut out) = (database(), Vec::new());
        for user in database.users.entries() {
            show(&database, user, &mut out).unwrap();
        }
        assert_eq!(String::from_utf8_lossy(&out), "a P 1970-04-11 0 90 7 -1\nb P never -1 -1 -1 -1\n");
    }
}
