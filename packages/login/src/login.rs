// SPDX-License-Identifier: MIT OR Apache-2.0
//! `login`: asks for a name and a password, and begins a session.

use crate::authenticate::{self, is_secure, refusal};
use crate::session::{self, Place};
use crate::terminal::tell;
use crate::{failed, line};
use lexopt::prelude::*;
use qos_accounts::hash::Method;
use qos_accounts::{Aging, Database, Defs, Secret, User, change, date, log, prompt};
use qos_command::Failure;
use qos_sessions::{Event, Kind, Log};
use qos_sys::host::Host;
use qos_sys::{tty, user};
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::time::{Duration, Instant};

#[derive(Default)]
struct Options {
    /// The user is known already.
    authenticated: bool,
    /// The session gets this process's environment.
    preserve: bool,
    host: String,
    name: Option<String>,
}

pub fn main(parser: lexopt::Parser, _: &mut dyn Write) -> Result<(), Failure> {
    let options = options(parser)?;
    if user::effective_uid() != 0 || user::real_uid() != 0 {
        return Err(Failure::new("only root can run it; use su to become another user"));
    }
    let path =
        tty::path(io::stdin()).map_err(|error| Failure::of("standard input is no terminal", &error))?;
    if !tty::leads_session() {
        return Err(Failure::new("a session must begin with it; use `exec login`, or su"));
    }
    user::hide_memory()?;
    let terminal = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    Login { root: PathBuf::from("/"), line: line::name(&path), path, terminal, options }.run()
}

fn options(mut parser: lexopt::Parser) -> Result<Options, Failure> {
    let mut options = Options::default();
    while let Some(arg) = parser.next()? {
        match arg {
            Short('f') => options.authenticated = true,
            Short('p') => options.preserve = true,
            Short('h') => options.host = parser.value()?.string()?,
            Value(name) if options.name.is_none() => options.name = Some(name.string()?),
            _ => return Err(arg.unexpected().into()),
        }
    }
    if options.authenticated && options.name.is_none() {
        return Err(Failure::usage("-f needs the name of a user"));
    }
    Ok(options)
}

struct Login {
    root: PathBuf,
    path: PathBuf,
    line: String,
    terminal: File,
    options: Options,
}

impl Login {
    fn run(mut self) -> Result<(), Failure> {
        let defs = Defs::read(&self.root).map_err(|error| Failure::at("/etc/login.defs", &error))?;
        let name = if self.options.authenticated {
            self.options.name.take().unwrap_or_default()
        } else {
            self.identify(&defs)?
        };
        // Read anew: it may have been changed while the person typed.
        let database = Database::read(&self.root).map_err(|error| failed(&error))?;
        let user = database.users.get(&name).cloned();
        let user = user.ok_or_else(|| Failure::new(format!("user {name} does not exist")))?;
        self.admit(&database, &defs, &user)?;
        let place = Place {
            root: &self.root,
            path: &self.path,
            line: &self.line,
            host: &self.options.host,
            preserve: self.options.preserve,
        };
        session::run(&place, &user, &Database::read(&self.root).map_err(|error| failed(&error))?, &defs)
    }

    /// Asks until a name and a password are right; the user's name.
    fn identify(&mut self, defs: &Defs) -> Result<String, Failure> {
        let seconds =
            |key, default| Duration::from_secs(defs.number(key, default).clamp(0, 86_400).unsigned_abs());
        let (delay, limit) = (seconds("FAIL_DELAY", 3), seconds("LOGIN_TIMEOUT", 60));
        let until = (!limit.is_zero()).then(|| Instant::now() + limit);
        for _ in 0..defs.number("LOGIN_RETRIES", 5).max(1) {
            let Some(name) = self.name(until)? else { return Err(Failure::silent(1)) };
            let Some(password) = self.ask("Password: ", until)? else { return Err(Failure::silent(1)) };
            // The answer comes at this moment, however long the comparison takes.
            let answer = Instant::now() + delay;
            let database = Database::read(&self.root).map_err(|error| failed(&error))?;
            let securetty = std::fs::read_to_string(self.root.join("etc/securetty")).ok();
            let is_secure = is_secure(securetty.as_deref(), &self.line);
            if authenticate::check(&database, defs, &name, &password, is_secure).is_some() {
                return Ok(name);
            }
            drop(password);
            self.record_failure(&database, &name);
            std::thread::sleep(answer.saturating_duration_since(Instant::now()));
            // What was typed meanwhile was not meant for the next question.
            let _ = tty::discard_input(&self.terminal);
            tell("Login incorrect");
        }
        Err(Failure::silent(1))
    }

    /// The name that was given, or the next one that is typed; `None` at the end of the input.
    fn name(&mut self, until: Option<Instant>) -> Result<Option<String>, Failure> {
        if let Some(name) = self.options.name.take() {
            return Ok(Some(name));
        }
        let question = format!("{} login: ", Host::of_kernel().node);
        loop {
            match prompt::line(&self.terminal, io::stdout(), &question, until) {
                Ok(Some(name)) if name.trim().is_empty() => {}
                Ok(Some(name)) => return Ok(Some(name.trim().to_owned())),
                Ok(None) => return Ok(None),
                Err(error) => return Err(self.input_error(&error)),
            }
        }
    }

    fn ask(&self, question: &str, until: Option<Instant>) -> Result<Option<Secret>, Failure> {
        prompt::password(&self.terminal, io::stdout(), question, until)
            .map_err(|error| self.input_error(&error))
    }

    fn input_error(&self, error: &io::Error) -> Failure {
        match error.kind() {
            io::ErrorKind::TimedOut => {
                tell("\nLogin timed out");
                Failure::silent(1)
            }
            io::ErrorKind::Interrupted => Failure::silent(130),
            _ => failed(error),
        }
    }

    /// A name that the system does not have may be a password, typed at the wrong prompt: it is not written down.
    fn record_failure(&self, database: &Database, name: &str) {
        let known = database.users.get(name).map_or("", |_| name);
        let shown = if known.is_empty() { "UNKNOWN" } else { known };
        log::note("login", &format!("FAILED LOGIN on {} for {shown}", self.line));
        let event = Event::now(Kind::Fail, qos_sys::process::id(), known, &self.line, &self.options.host);
        // A full disk must not keep the administrator out.
        if let Err(error) = Log::of(&self.root).append(&event) {
            log::note("login", &error.to_string());
        }
    }

    /// Whether `user`, who is known now, may use the account.
    fn admit(&self, database: &Database, defs: &Defs, user: &User) -> Result<(), Failure> {
        if user.uid != 0
            && let Some(text) = authenticate::nologin(&self.root)
        {
            tell(text.trim_end());
            return Err(Failure::silent(1));
        }
        let Some(shadow) = database.shadows.get(&user.name) else { return Ok(()) };
        let aging = shadow.aging(date::today());
        if let Some(text) = refusal(aging) {
            tell(text);
            log::note("login", &format!("account of {} has expired", user.name));
            return Err(Failure::silent(1));
        }
        match aging {
            Aging::Warn(days) => {
                tell(&format!("Warning: your password will expire in {days} days."));
                Ok(())
            }
            Aging::MustChange if !self.options.authenticated => {
                self.change_password(defs, user, &shadow.password)
            }
            _ => Ok(()),
        }
    }

    fn change_password(&self, defs: &Defs, user: &User, old: &str) -> Result<(), Failure> {
        tell("You must change your password now.");
        let ask = |question: &str| prompt::password(&self.terminal, io::stdout(), question, None);
        let refuse = |new: &Secret| change::weakness(defs, &user.name, old, new);
        let new = change::ask_new(ask, refuse, tell).map_err(|error| failed(&error))?;
        change::store(&self.root, &user.name, &new, Method::of(defs)).map_err(|error| failed(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments() {
        let of = |words: &[&str]| {
            let words = [&["login"], words].concat();
            options(lexopt::Parser::from_iter(words))
        };
        let some = of(&["-p", "-h", "host", "--", "-odd"]).unwrap();
        assert!(some.preserve && !some.authenticated);
        assert_eq!((some.host.as_str(), some.name.as_deref()), ("host", Some("-odd")));
        assert!(of(&["-f", "u"]).unwrap().authenticated);
        for wrong in [&["-f"][..], &["a", "b"], &["-x"]] {
            assert!(of(wrong).is_err_and(|failure| failure.is_usage()), "{wrong:?}");
        }
    }
}
