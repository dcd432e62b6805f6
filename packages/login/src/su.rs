// SPDX-License-Identifier: MIT OR Apache-2.0
//! `su`: a shell or a command as another user. Its file has the set-user-ID bit where users other than root call it.

use crate::authenticate::{self, refusal};
use crate::{environment, failed};
use lexopt::prelude::*;
use qos_accounts::{Aging, Database, Defs, User, date, log, prompt};
use qos_command::Failure;
use qos_sys::user::{self, Credentials};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

#[derive(Debug, Default, PartialEq, Eq)]
struct Options {
    login: bool,
    preserve: bool,
    command: Option<OsString>,
    shell: Option<PathBuf>,
    name: Option<String>,
    args: Vec<OsString>,
}

pub fn main(parser: lexopt::Parser, _: &mut dyn Write) -> Result<(), Failure> {
    let options = options(parser)?;
    let root = Path::new("/");
    if user::effective_uid() != 0 {
        return Err(Failure::new(
            "its file needs the set-user-ID bit: as root, `chown 0:0` and `chmod 4755` it",
        ));
    }
    user::hide_memory()?;
    let defs = Defs::read(root).map_err(|error| Failure::at("/etc/login.defs", &error))?;
    let database = Database::read(root).map_err(|error| failed(&error))?;
    let name = options.name.as_deref().unwrap_or("root");
    let caller = database.user_of(user::real_uid());
    let is_root = user::real_uid() == 0;
    let target = if is_root {
        let missing = || Failure::new(format!("user {name} does not exist"));
        database.users.get(name).ok_or_else(missing)?
    } else {
        ask(&database, &defs, name, caller)?
    };
    let caller = caller.map_or("?", |caller| caller.name.as_str());
    log::note("su", &format!("{caller} becomes {}", target.name));
    let error = become_and_run(&options, target, &database, &defs, is_root)?;
    let status = if error.kind() == io::ErrorKind::NotFound { 127 } else { 126 };
    Err(Failure::at(shell_of(&options, target, is_root), &error).with_status(status))
}

/// The options. Before and behind the user's name they are those of su, as getopt(3) of util-linux finds them; `--`, or the
/// next operand, begins what the shell gets.
fn options(mut parser: lexopt::Parser) -> Result<Options, Failure> {
    let (mut options, mut had_dash) = (Options::default(), false);
    loop {
        if options.name.is_some()
            && let Some(mut words) = parser.try_raw_args()
            && words.next_if(|word| word == "--").is_some()
        {
            options.args = words.collect();
            return Ok(options);
        }
        let Some(arg) = parser.next()? else { return Ok(options) };
        match arg {
            Short('l') | Long("login") => options.login = true,
            Short('m' | 'p') | Long("preserve-environment") => options.preserve = true,
            Short('c') | Long("command") => options.command = Some(parser.value()?),
            Short('s') | Long("shell") => options.shell = Some(parser.value()?.into()),
            Value(word) if word == "-" && options.name.is_none() && !had_dash => {
                (options.login, had_dash) = (true, true);
            }
            Value(word) if options.name.is_none() => options.name = Some(word.string()?),
            Value(word) => {
                options.args = vec![word];
                options.args.extend(parser.raw_args()?);
                return Ok(options);
            }
            _ => return Err(arg.unexpected().into()),
        }
    }
}

/// The user `name`, when the caller knows the password: the same answer after the same time, whatever is wrong.
fn ask<'a>(
    database: &'a Database,
    defs: &Defs,
    name: &str,
    caller: Option<&User>,
) -> Result<&'a User, Failure> {
    let terminal = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let password = match prompt::password(&terminal, io::stderr(), "Password: ", None) {
        Ok(Some(password)) => password,
        Ok(None) => return Err(Failure::silent(1)),
        Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(Failure::silent(130)),
        Err(error) => return Err(failed(&error)),
    };
    let delay = Duration::from_secs(defs.number("FAIL_DELAY", 3).clamp(0, 60).unsigned_abs());
    let answer = Instant::now() + delay;
    let found = authenticate::check(database, defs, name, &password, true);
    drop(password);
    let refused = || {
        let caller = caller.map_or("?", |caller| caller.name.as_str());
        let shown = database.users.get(name).map_or("UNKNOWN", |_| name);
        log::note("su", &format!("FAILED su of {caller} to {shown}"));
        std::thread::sleep(answer.saturating_duration_since(Instant::now()));
        Failure::new("Authentication failure")
    };
    let user = found.filter(|user| is_allowed(database, defs, caller, user)).ok_or_else(refused)?;
    let aging = database.shadows.get(name).map_or(Aging::Valid, |shadow| shadow.aging(date::today()));
    match (refusal(aging), aging) {
        (Some(text), _) => Err(Failure::new(text)),
        (None, Aging::MustChange) => Err(Failure::new("the password has expired: log in to change it")),
        (None, _) => Ok(user),
    }
}

/// Whether `caller` may become `target`: where SU_WHEEL_ONLY of login.defs(5) is `yes`, only members of the group `wheel`
/// (else of group 0) may become root.
fn is_allowed(database: &Database, defs: &Defs, caller: Option<&User>, target: &User) -> bool {
    if target.uid != 0 || !defs.is_yes("SU_WHEEL_ONLY", false) {
        return true;
    }
    let wheel = database.groups.get("wheel").or_else(|| database.group_of(0));
    caller.zip(wheel).is_some_and(|(caller, wheel)| database.groups_of(caller).contains(&wheel.gid))
}

/// The shell that is started. One of the caller's choice is taken where the target's own is a usual one: a restricted
/// account stays restricted.
fn shell_of(options: &Options, target: &User, is_root: bool) -> PathBuf {
    let own = environment::shell(target);
    let shells = std::fs::read_to_string("/etc/shells").unwrap_or_else(|_| "/bin/sh\n".to_owned());
    let is_usual = is_root || shells.lines().any(|line| Path::new(line) == own);
    let from_environment = || std::env::var_os("SHELL").map(PathBuf::from).filter(|_| options.preserve);
    let chosen = options.shell.clone().or_else(from_environment).filter(|_| is_usual);
    chosen.unwrap_or(own)
}

/// Becomes `target` and executes the shell; comes back with the error if that cannot be.
fn become_and_run(
    options: &Options,
    target: &User,
    database: &Database,
    defs: &Defs,
    is_root: bool,
) -> Result<io::Error, Failure> {
    let shell = shell_of(options, target, is_root);
    let mut command = Command::new(&shell);
    command.arg0(environment::argv0(&shell, options.login));
    if let Some(text) = &options.command {
        command.arg("-c").arg(text);
    }
    command.args(&options.args);
    if options.login {
        let term = std::env::var_os("TERM");
        command.env_clear().envs(term.map(|term| ("TERM", term)));
    }
    if options.login || !options.preserve {
        let always = options.login || defs.is_yes("ALWAYS_SET_PATH", false);
        for (key, value) in environment::variables(target, defs) {
            let is_name = matches!(key, "USER" | "LOGNAME");
            if options.login || (key == "PATH" && always) || (key != "PATH" && !(is_name && target.uid == 0))
            {
                command.env(key, value);
            }
        }
    }
    let credentials = Credentials { uid: target.uid, gid: target.gid, groups: database.groups_of(target) };
    user::become_user(&credentials).map_err(|error| Failure::of("change of the user", &error))?;
    if options.login && std::env::set_current_dir(&target.home).is_err() {
        eprintln!("su: warning: cannot change directory to {}", target.home.display());
    }
    Ok(command.exec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use qos_accounts::Table;

    #[test]
    fn arguments() {
        let of = |words: &[&str]| options(lexopt::Parser::from_iter([&["su"], words].concat())).unwrap();
        let none = Options::default;
        let user = || Options { name: Some("u".into()), ..none() };
        let args = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
        let id = || Some(OsString::from("id"));
        let sh = || Some(PathBuf::from("/bin/sh"));
        for (words, expect) in [
            (&[][..], none()),
            (&["-"], Options { login: true, ..none() }),
            (&["-l"], Options { login: true, ..none() }),
            (&["-", "-c", "id"], Options { login: true, command: id(), ..none() }),
            (&["-c", "id", "u"], Options { command: id(), ..user() }),
            (&["u", "-c", "id"], Options { command: id(), ..user() }),
            (&["u", "-cid"], Options { command: id(), ..user() }),
            (&["u", "--command=id"], Options { command: id(), ..user() }),
            (&["u", "-s", "/bin/sh", "-c", "id"], Options { command: id(), shell: sh(), ..user() }),
            (&["u", "--shell=/bin/sh", "-c", "id"], Options { command: id(), shell: sh(), ..user() }),
            (&["-s", "/bin/sh", "u", "-c", "id"], Options { command: id(), shell: sh(), ..user() }),
            (&["u", "--login", "-c", "id"], Options { login: true, command: id(), ..user() }),
            (&["u", "-lc", "id"], Options { login: true, command: id(), ..user() }),
            (&["u", "-mp"], Options { preserve: true, ..user() }),
            (&["-", "u", "-c", "id"], Options { login: true, command: id(), ..user() }),
            (&["-l", "-", "u"], Options { login: true, ..user() }),
            (&["-", "u", "--", "-c", "id"], Options { login: true, args: args(&["-c", "id"]), ..user() }),
            (
                &["-", "u", "-m", "--", "-x"],
                Options { login: true, preserve: true, args: args(&["-x"]), ..user() },
            ),
            (&["u", "--", "--", "-x"], Options { args: args(&["--", "-x"]), ..user() }),
            (&["u", "--"], user()),
            (&["--", "u", "-c", "id"], Options { args: args(&["-c", "id"]), ..user() }),
            (&["--", "-", "u"], Options { login: true, ..user() }),
            (&["u", "script", "-c", "id"], Options { args: args(&["script", "-c", "id"]), ..user() }),
            (
                &["-c", "id", "u", "a", "--", "-b"],
                Options { command: id(), args: args(&["a", "--", "-b"]), ..user() },
            ),
            (&["u", "-c", "id", "a", "-b"], Options { command: id(), args: args(&["a", "-b"]), ..user() }),
            (&["u", "-"], Options { args: args(&["-"]), ..user() }),
            (&["-", "-"], Options { login: true, name: Some("-".into()), ..none() }),
            (&["u", "-c", "--", "-l"], Options { login: true, command: Some("--".into()), ..user() }),
        ] {
            assert_eq!(of(words), expect, "{words:?}");
        }
        for words in [&["u", "-x"][..], &["u", "-c"], &["-x", "u"], &["u", "--what"], &["u", "-l=1"]] {
            let failure = options(lexopt::Parser::from_iter([&["su"], words].concat())).unwrap_err();
            assert_eq!(failure.status(), 2, "{words:?}");
        }
    }

    #[test]
    fn wheel() {
        let database = Database {
            users: Table::parse(b"root:x:0:0::/:\na:x:1:1::/:\nb:x:2:2::/:\n"),
            groups: Table::parse(b"root:x:0:\nwheel:x:10:a\n"),
            ..Database::default()
        };
        let user = |name| database.users.get(name);
        let wheel = Defs::parse(b"SU_WHEEL_ONLY yes\n");
        for (defs, caller, target, expect) in [
            (&wheel, "a", "root", true),
            (&wheel, "b", "root", false),
            (&wheel, "b", "a", true),
            (&Defs::default(), "b", "root", true),
        ] {
            assert_eq!(is_allowed(&database, defs, user(caller), user(target).unwrap()), expect, "{caller}");
        }
        assert!(!is_allowed(&database, &wheel, None, user("root").unwrap()));
    }
}
