// SPDX-License-Identifier: MIT OR Apache-2.0
//! The command line of `qos-vm`.
//!
//! With a terminal at standard input and no command, it is the guest's console. Otherwise standard input, output and
//! error are those of the guest's shell, or of the command, and so is the exit status. Exit codes are in
//! `README.md` beside `src`.

use crate::accel;
use crate::accel::Accel;
use crate::arguments::RunArgs;
use crate::control::Control;
use crate::dry_run;
use crate::error::{Error, Result};
use crate::escape::HELP;
use crate::front::Front;
use crate::kept;
use crate::machine::{Config, PASSWORD, Session};
use crate::outcome::Outcome;
use crate::program::Program;
use crate::relay::{Input, sink};
use crate::report;
use crate::run::{Note, Request, run};
use crate::terminal::RawTerminal;
use crate::verdict::EXIT_NOT_STARTED;
use crate::warning::WarningPolicy;
use clap::{Parser, Subcommand};
use qos_results::Results;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

/// Runs a guest in QEMU and reports how it ended.
#[derive(Debug, Parser)]
#[command(name = "qos-vm", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Boots a guest: at a terminal its console, else a shell that reads standard input, or one command.
    Run(Box<RunArgs>),
}

/// Runs the command line `arguments`, the program's name included, and gives the exit code.
#[must_use]
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let Command::Run(arguments) = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli.command,
        Err(error) => {
            // Help goes to standard output, an error to standard error; the stream may be closed.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(EXIT_NOT_STARTED) } else { ExitCode::SUCCESS };
        }
    };
    match arguments.run() {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            say(&error.to_string());
            if let Err(error) =
                arguments.write_junit(&report::not_started(&arguments.name(), &error.to_string()))
            {
                say(&error.to_string());
            }
            ExitCode::from(EXIT_NOT_STARTED)
        }
    }
}

fn say(line: &str) {
    // Nobody may be reading; that is no reason to fail.
    let _ = writeln!(io::stderr(), "qos-vm: {line}");
}

impl RunArgs {
    fn run(&self) -> Result<u8> {
        let program = Program::find(self.qemu_root.as_deref())?;
        let config = self.config(&program)?;
        if self.dry_run {
            let accel = accel::plan(config.accel(self.accel), &program)?.accel;
            return self.print_command_line(&config, &program, accel);
        }
        for (what, file) in [("log", &self.log), ("report", &self.report), ("JUnit results", &self.junit)] {
            if let Some(file) = file {
                create(what, file)?;
            }
        }
        let session = config.session;
        let control = Control::default();
        end_by_signals(&control)?;
        let raw = match session {
            Session::Console => Some(RawTerminal::new(&io::stdin())?),
            Session::Streams | Session::Golden => None,
        };
        if session == Session::Console {
            say_raw(&format!("the guest's console follows. {HELP}"));
            if let Some(file) = config.fw_cfg.iter().find(|file| file.name == PASSWORD) {
                let password = String::from_utf8_lossy(&file.contents);
                say_raw(&format!("log in as root with the password {password} (of this run only)"));
            }
        }
        let request = Request {
            front: self.front(session, &control)?,
            wants_status: match session {
                Session::Console => false,
                Session::Streams => true,
                Session::Golden => !config.fw_cfg.is_empty(),
            },
            warnings: WarningPolicy { allow: self.allow_warning.clone(), deny: self.deny_warning.clone() },
            config,
            program,
            accel: self.accel,
            timeout: self.timeout,
            inactivity: self.inactivity,
            screenshot: self.screenshot.clone(),
        };
        let outcome = run(&request, &control, &mut |note| self.note(&note))?;
        drop(raw);
        self.finish(&outcome, session)
    }

    fn front(&self, session: Session, control: &Control) -> Result<Front> {
        let input = match session {
            Session::Console => Some(Input::new(io::stdin(), Some(control.clone()))),
            Session::Streams => Some(Input::new(io::stdin(), None)),
            Session::Golden => None,
        };
        let console = match session {
            Session::Console => Some(sink(io::stdout())),
            Session::Golden if self.log.is_none() => Some(sink(io::stdout())),
            _ if self.console => Some(sink(io::stderr())),
            _ => None,
        };
        Ok(Front { input, console, stdout: sink(unbuffered_stdout()?), stderr: sink(io::stderr()) })
    }

    fn print_command_line(&self, config: &Config, program: &Program, accel: Accel) -> Result<u8> {
        let text = dry_run::command_line(config, program, accel, self.log.as_deref())?;
        let written = io::stdout().write_all(text.as_bytes());
        written.map(|()| 0).map_err(|error| Error::io("cannot print the command line", &error))
    }

    fn note(&self, note: &Note) {
        match note {
            Note::Line(line) => say_raw(line),
            Note::Started(command_line) if self.verbose => {
                let words: Vec<_> = command_line.iter().map(|word| word.to_string_lossy()).collect();
                say_raw(&format!("started {}", words.join(" ")));
            }
            Note::Started(_) => {}
        }
    }

    fn write_junit(&self, results: &Results) -> Result<()> {
        let Some(path) = &self.junit else { return Ok(()) };
        let written = std::fs::write(path, results.junit());
        written.map_err(|error| Error::file("cannot write the JUnit results", path, &error))
    }

    fn finish(&self, outcome: &Outcome, session: Session) -> Result<u8> {
        let mut log = self.log.clone();
        let keep = outcome.verdict.is_trouble() && !outcome.console.raw().is_empty();
        if keep && session == Session::Streams && log.is_none() {
            log = Some(kept::console(outcome.console.raw())?);
        } else if let Some(log) = &log {
            let written = std::fs::write(log, outcome.console.raw());
            written.map_err(|error| Error::file("cannot write the log", log, &error))?;
        }
        if let Some(path) = &self.report {
            let text = format!("{:#}\n", report::json(outcome, session));
            std::fs::write(path, text)
                .map_err(|error| Error::file("cannot write the report", path, &error))?;
        }
        self.write_junit(&report::results(outcome, &self.name()))?;
        if session == Session::Console && outcome.console.ends_inside_a_line() {
            let _ = writeln!(io::stderr());
        }
        let shown = session != Session::Streams && !(session == Session::Golden && self.log.is_some());
        if let Some(path) = &self.screenshot {
            say(&match &outcome.screenshot {
                Some(Ok(())) => format!("the display is in {}", path.display()),
                Some(Err(why)) => format!("no screenshot: {why}: is there a display? --device VGA is one"),
                None => "no screenshot: the guest ended by itself, and the display with it".to_owned(),
            });
        }
        for line in report::lines(outcome, session, shown || self.console, log.as_deref()) {
            say(&line);
        }
        Ok(outcome.verdict.exit_code())
    }
}

/// A line while the terminal may be raw.
fn say_raw(line: &str) {
    let end = if io::stderr().is_terminal() { "\r\n" } else { "\n" };
    let _ = write!(io::stderr(), "qos-vm: {line}{end}");
}

/// Standard output without the standard library's line buffer, which would cut a binary stream at its newlines.
fn unbuffered_stdout() -> Result<std::fs::File> {
    crate::host::duplicate(&io::stdout()).map_err(|error| Error::io("cannot use standard output", &error))
}

/// Finds out before a run, not after it, that a file cannot be written.
fn create(what: &str, path: &Path) -> Result<()> {
    let opened = std::fs::File::create(path);
    opened.map(drop).map_err(|error| Error::file(&format!("cannot write the {what}"), path, &error))
}

fn end_by_signals(control: &Control) -> Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    let failed = |error| Error::io("cannot handle signals", &error);
    let mut signals =
        signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM]).map_err(failed)?;
    let control = control.clone();
    std::thread::spawn(move || {
        for signal in signals.forever() {
            control.signal(u8::try_from(signal).unwrap_or(0));
        }
    });
    Ok(())
}
