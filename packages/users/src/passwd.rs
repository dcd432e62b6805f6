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

/// What is done to the password, without a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    /// No password is needed any more.
    Delete,
    Lock,
    Unlock,
}

/// What is asked for; if nothing is, a new password.
#[derive(Debug, Default, PartialEq, Eq)]
struct Request {
    name: Option<String>,
    /// Of several, there is only one that makes sense.
    action: Option<Action>,
    /// The password must be changed at the next login.
    expire: bool,
    min: Option<Option<i64>>,
    max: Option<Option<i64>>,
    warn: Option<Option<i64>>,
    inactive: Option<Option<i64>>,
    /// A line about the account, or about each one.
    show: bool,
    all: bool,
    from_stdin: bool,
}

impl Request {
    /// Whether something but the password itself is changed.
    fn changes(&self) -> bool {
        let days = [self.min, self.max, self.warn, self.inactive];
        self.action.is_some() || self.expire || days.iter().any(Option::is_some)
    }

    fn set_action(&mut self, action: Action) -> Result<(), Failure> {
        if self.action.is_some_and(|other| other != action) {
            return Err(Failure::usage("only one of -d, -l and -u can be given"));
        }
        self.action = Some(action);
        Ok(())
    }
}

pub fn main(parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let (target, request) = options(parser)?;
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
    if request.all {
        if !is_root {
            return Err(Failure::new("only root can see or change the account of another user"));
        }
        return database.users.entries().try_for_each(|user| show(&database, user, out));
    }
    let own = database.user_of(user::real_uid());
    let user = match &request.name {
        Some(name) => database.users.get(name).ok_or_else(|| missing("user", name)),
        None => own.ok_or_else(|| missing("user", &user::real_uid().to_string())),
    };
    // To others, a user who does not exist is as one who does.
    let user = match user {
        Ok(user) if is_root || user.uid == user::real_uid() => user,
        Err(failure) if is_root => return Err(failure),
        _ => return Err(Failure::new("only root can see or change the account of another user")),
    };
    if request.show {
        return show(&database, user, out);
    }
    if !request.changes() {
        return change_password(&target, &database, user, is_root, request.from_stdin);
    }
    if !is_root {
        return Err(Failure::new("only root can do this"));
    }
    target.change(Order::Adding, |database| set(database, &user.name, &request))?;
    target.note("passwd", &format!("account {}: {}", user.name, description(&request)));
    Ok(())
}

fn options(mut parser: lexopt::Parser) -> Result<(Target, Request), Failure> {
    let (mut target, mut request) = (Target::default(), Request::default());
    while let Some(arg) = parser.next()? {
        match arg {
            Short('R' | 'P') | Long("root" | "prefix") => target = Target::under(parser.value()?),
            Short('a') | Long("all") => request.all = true,
            Short('d') | Long("delete") => request.set_action(Action::Delete)?,
            Short('e') | Long("expire") => request.expire = true,
            Short('i') | Long("inactive") => {
                request.inactive = Some(target::days(&parser.value()?.string()?)?)
            }
            Short('l') | Long("lock") => request.set_action(Action::Lock)?,
            Short('n') | Long("mindays") => request.min = Some(target::days(&parser.value()?.string()?)?),
            Short('s') | Long("stdin") => request.from_stdin = true,
            Short('S') | Long("status") => request.show = true,
            Short('u') | Long("unlock") => request.set_action(Action::Unlock)?,
            Short('w') | Long("warndays") => request.warn = Some(target::days(&parser.value()?.string()?)?),
            Short('x') | Long("maxdays") => request.max = Some(target::days(&parser.value()?.string()?)?),
            Value(word) if request.name.is_none() => request.name = Some(word.string()?),
            _ => return Err(arg.unexpected().into()),
        }
    }
    if request.show && request.changes() {
        return Err(Failure::usage("-S changes nothing: give it without options that do"));
    }
    if request.all && (!request.show || request.name.is_some()) {
        return Err(Failure::usage("-a needs -S, and no name"));
    }
    Ok((target, request))
}

/// What `request` changes, for the log.
fn description(request: &Request) -> String {
    let action = request.action.map(|action| match action {
        Action::Delete => "password deleted",
        Action::Lock => "password locked",
        Action::Unlock => "password unlocked",
    });
    let expire = request.expire.then_some("password expired");
    let days = [request.min, request.max, request.warn, request.inactive].iter().any(Option::is_some);
    let all = action.into_iter().chain(expire).chain(days.then_some("days changed"));
    all.collect::<Vec<_>>().join(", ")
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

fn set(database: &mut Database, name: &str, request: &Request) -> Result<(), Failure> {
    if database.shadows.get(name).is_none() {
        let password = database.users.get(name).map(|user| user.password.clone()).unwrap_or_default();
        let password = if password == "x" { "!".to_owned() } else { password };
        database.shadows.add(Shadow { password, ..Shadow::locked(name) }).map_err(|error| failed(&error))?;
        database.users.update(name, |user| user.password = "x".into()).map_err(|error| failed(&error))?;
    }
    let password = database.shadows.get(name).map(|shadow| shadow.password.clone()).unwrap_or_default();
    let password = match request.action {
        Some(Action::Delete) => String::new(),
        Some(Action::Lock) => set_lock(&password, true)?,
        Some(Action::Unlock) => set_lock(&password, false)?,
        None => password,
    };
    let change = |shadow: &mut Shadow| {
        shadow.password = password;
        if request.expire {
            shadow.changed = Some(0);
        }
        shadow.min = request.min.unwrap_or(shadow.min);
        shadow.max = request.max.unwrap_or(shadow.max);
        shadow.warn = request.warn.unwrap_or(shadow.warn);
        shadow.inactive = request.inactive.unwrap_or(shadow.inactive);
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

    fn of(words: &[&str]) -> Result<Request, Failure> {
        options(lexopt::Parser::from_iter([&["passwd"], words].concat())).map(|(_, request)| request)
    }

    #[test]
    fn actions() {
        for (words, expect) in [
            (&["-d", "a"][..], "a::100:0:90:7:::\n"),
            (&["-e", "a"], "a:$5$a:0:0:90:7:::\n"),
            (&["-l", "a"], "a:!$5$a:100:0:90:7:::\n"),
            (&["-l", "-l", "a"], "a:!$5$a:100:0:90:7:::\n"),
            (&["-u", "a"], "a:$5$a:100:0:90:7:::\n"),
            (&["-l", "-e", "a"], "a:!$5$a:0:0:90:7:::\n"),
            (&["-e", "-l", "a"], "a:!$5$a:0:0:90:7:::\n"),
            (&["-de", "a"], "a::0:0:90:7:::\n"),
            (&["-ed", "a"], "a::0:0:90:7:::\n"),
            (&["-eu", "a"], "a:$5$a:0:0:90:7:::\n"),
            (&["-x", "5", "-w", "-1", "a"], "a:$5$a:100:0:5::::\n"),
            (&["-le", "-n", "1", "-i", "9", "a"], "a:!$5$a:0:1:90:7:9::\n"),
            (&["-l", "b"], "a:$5$a:100:0:90:7:::\nb:!$5$b:::::::\n"),
            (&["-de", "b"], "a:$5$a:100:0:90:7:::\nb::0::::::\n"),
        ] {
            let (mut database, request) = (database(), of(words).unwrap());
            let name = request.name.clone().unwrap();
            assert!(request.changes(), "{words:?}");
            set(&mut database, &name, &request).unwrap();
            assert_eq!(String::from_utf8_lossy(&database.shadows.write()), expect, "{words:?}");
            assert_eq!(database.users.get(&name).map(|user| user.password.as_str()), Some("x"));
        }
    }

    #[test]
    fn arguments() {
        for words in [&[][..], &["a"], &["-s", "a"], &["-S"], &["-S", "a"], &["-S", "-a"]] {
            assert!(!of(words).unwrap().changes(), "{words:?}");
        }
        for words in [
            &["-l", "-u", "a"][..],
            &["-lu", "a"],
            &["-d", "-l", "a"],
            &["-u", "-d", "a"],
            &["-l", "-e", "-u", "a"],
            &["-S", "-l", "a"],
            &["-S", "-e", "a"],
            &["-S", "-x", "5", "a"],
            &["-a"],
            &["-S", "-a", "a"],
            &["a", "b"],
        ] {
            assert_eq!(of(words).unwrap_err().status(), 2, "{words:?}");
        }
    }

    #[test]
    fn for_the_log() {
        for (words, expect) in [
            (&["-l", "a"][..], "password locked"),
            (&["-de", "a"], "password deleted, password expired"),
            (&["-u", "-x", "5", "a"], "password unlocked, days changed"),
        ] {
            assert_eq!(description(&of(words).unwrap()), expect);
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
