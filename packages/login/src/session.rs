// SPDX-License-Identifier: MIT OR Apache-2.0
//! A user's session at a terminal, from the first line of the message of the day to the logout.

use crate::terminal::{show, tell};
use crate::{environment, line};
use qos_accounts::{Database, Defs, User, log};
use qos_command::Failure;
use qos_sessions::{Event, Kind, Log, Session, Sessions};
use qos_sys::disposition::{self, Disposition};
use qos_sys::signal::{Blocked, SIGCHLD, SIGCONT, SIGHUP, SIGKILL, SIGTERM};
use qos_sys::user::{Credentials, set_umask, spawn_session};
use qos_sys::{process, tty};
use std::ffi::CString;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::time::Duration;

/// How long a session has to end after SIGHUP, before SIGKILL ends it.
const GRACE: Duration = Duration::from_secs(5);

/// Where a session is.
pub struct Place<'a> {
    /// The system's root directory.
    pub root: &'a Path,
    /// Path of the terminal.
    pub path: &'a Path,
    /// Its name.
    pub line: &'a str,
    /// Where the user comes from.
    pub host: &'a str,
    /// The environment is this process's.
    pub preserve: bool,
}

/// Runs the session of `user` to its end.
///
/// This process stays beside it, with root's permissions and without the terminal: it ends the record of the session and
/// takes the terminal back.
pub fn run(place: &Place, user: &User, database: &Database, defs: &Defs) -> Result<(), Failure> {
    line::give(place.path, user.uid, user.gid, database, defs)
        .map_err(|error| Failure::at(place.path, &error))?;
    let pid = process::id();
    let event = Event::now(Kind::Login, pid, &user.name, place.line, place.host);
    let session = Session {
        pid,
        start: 0,
        user: user.name.clone(),
        uid: user.uid,
        line: place.line.to_owned(),
        host: place.host.to_owned(),
        time: event.time,
    };
    // A full disk must not keep the administrator out.
    let sessions = Sessions::of(place.root);
    for result in [sessions.open(session), Log::of(place.root).append(&event)] {
        result.unwrap_or_else(|error| log::note("login", &error.to_string()));
    }
    log::note("login", &format!("session of {} on {} begins", user.name, place.line));
    let ended = begin(place, user, database, defs).and_then(|(child, signals)| wait(child, signals));
    let logout = Event::now(Kind::Logout, pid, &user.name, place.line, place.host);
    for result in [sessions.close(pid), Log::of(place.root).append(&logout)] {
        result.unwrap_or_else(|error| log::note("login", &error.to_string()));
    }
    log::note("login", &format!("session of {} on {} has ended", user.name, place.line));
    // The terminal may be gone by now.
    let _ = line::give(place.path, 0, 0, database, defs);
    match ended {
        Ok(_) => Ok(()),
        Err(error) => {
            let shell = environment::shell(user);
            tell(&format!("login: {}: {}", shell.display(), qos_sys::error_text(&error)));
            // A getty that comes back at once would hide the message, and fill the log.
            std::thread::sleep(Duration::from_secs(3));
            Err(Failure::silent(1))
        }
    }
}

fn begin(place: &Place, user: &User, database: &Database, defs: &Defs) -> io::Result<(Child, Blocked)> {
    if !is_quiet(place.root, user, defs) {
        for motd in defs.get("MOTD_FILE").unwrap_or("/etc/motd").split(':') {
            show(&place.root.join(motd.trim_start_matches('/')));
        }
    }
    if !user.home.is_dir() {
        tell(&format!("No directory {}; logging in with /.", user.home.display()));
    }
    // The kernel's audit has the user for all that the session does; a kernel without it has no such file.
    let _ = std::fs::write("/proc/self/loginuid", user.uid.to_string());
    set_umask(environment::umask(defs));
    let shell = environment::shell(user);
    let mut command = Command::new(&shell);
    command.arg0(environment::argv0(&shell, true));
    if !place.preserve {
        let term = std::env::var_os("TERM").unwrap_or_else(|| "dumb".into());
        command.env_clear().env("TERM", term);
    }
    command.envs(environment::variables(user, defs));
    let credentials = Credentials { uid: user.uid, gid: user.gid, groups: database.groups_of(user) };
    let home = CString::new(user.home.as_os_str().as_bytes()).unwrap_or_else(|_| c"/".into());
    // The new session takes the terminal over. That this one loses it is no reason to end.
    disposition::set(SIGHUP, Disposition::Ignored)?;
    let given_up = tty::give_up_controlling(io::stdin());
    disposition::set(SIGHUP, Disposition::Default)?;
    given_up?;
    // Not before: a signal that is blocked waits, even where it is ignored.
    let signals = Blocked::new(&[SIGCHLD, SIGTERM, SIGHUP])?;
    Ok((spawn_session(command, &credentials, home)?, signals))
}

/// Whether the user wants to see nothing: `.hushlogin` in the home directory, or a line of HUSHLOGIN_FILE.
fn is_quiet(root: &Path, user: &User, defs: &Defs) -> bool {
    let file = defs.get("HUSHLOGIN_FILE").unwrap_or(".hushlogin");
    let Some(path) = file.strip_prefix('/') else {
        // Without root's permissions nothing is opened: a name is all that is looked for.
        return root.join(user.home.strip_prefix("/").unwrap_or(&user.home)).join(file).exists();
    };
    let Ok(text) = std::fs::read_to_string(root.join(path)) else { return false };
    text.trim().is_empty() || text.lines().any(|line| line == user.name || Path::new(line) == user.shell)
}

/// Waits for the end of the session. SIGTERM and SIGHUP, which a manager of services sends, end it.
fn wait(mut child: Child, signals: Blocked) -> io::Result<ExitStatus> {
    let (mut limit, mut kill) = (None, false);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        let group = -i32::try_from(child.id()).unwrap_or(i32::MAX);
        match signals.wait(limit)? {
            Some(SIGTERM | SIGHUP) => {
                limit = Some(GRACE);
                // It may have ended between.
                let _ = process::kill(group, SIGHUP).and_then(|()| process::kill(group, SIGCONT));
            }
            Some(_) => {}
            None if kill => return child.wait(),
            None => {
                kill = true;
                let _ = process::kill(group, SIGKILL);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet() {
        let root = tempfile::tempdir().unwrap();
        let home = root.path().join("home/u");
        std::fs::create_dir_all(&home).unwrap();
        std::fs::create_dir(root.path().join("etc")).unwrap();
        let user = User {
            name: "u".into(),
            password: "x".into(),
            uid: 1,
            gid: 1,
            comment: "".into(),
            home: "/home/u".into(),
            shell: "/bin/sh".into(),
        };
        let global = Defs::parse(b"HUSHLOGIN_FILE /etc/hushlogins\n");
        assert!(!is_quiet(root.path(), &user, &Defs::default()) && !is_quiet(root.path(), &user, &global));
        std::fs::write(home.join(".hushlogin"), "").unwrap();
        assert!(is_quiet(root.path(), &user, &Defs::default()));
        for (text, expect) in [("", true), ("u\n", true), ("/bin/sh\n", true), ("v\n", false)] {
            std::fs::write(root.path().join("etc/hushlogins"), text).unwrap();
            assert_eq!(is_quiet(root.path(), &user, &global), expect, "{text:?}");
        }
    }
}
