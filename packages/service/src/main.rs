// SPDX-License-Identifier: MIT OR Apache-2.0
//! `manager`: the manager of services as an ordinary process, for tests and trials. Process 1 has it built in.

use qos_service::event::{Exit, Level};
use qos_service::job::JobKind;
use qos_service::manager::Mode;
use qos_service::run::{CHECK, Config, Happened, Runner, check_state, now, resumed};
use qos_service::saved::Record;
use qos_sys::error_text;
use qos_sys::signal::{Blocked, SIGCHLD, SIGHUP, SIGINT, SIGTERM};
use qos_unit::Name;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "usage: manager [--root DIRECTORY] [--runtime DIRECTORY] [--group DIRECTORY] [UNIT]\n\
    Reads the units of a root directory and starts UNIT, default.target if none is named; SIGTERM stops all and ends it.\n\
    It passes --resume=NUMBER and --check-state to its successor after `svc daemon-reexec`.";

fn main() -> ExitCode {
    let mut config = Config {
        root: "/".into(),
        runtime: "/run/qos".into(),
        group: "/sys/fs/cgroup/qos".into(),
        log: |level, text| {
            let mark = match level {
                Level::Info => "",
                Level::Warning => "warning: ",
                Level::Error => "error: ",
            };
            // Nobody may read it any more.
            let _ = writeln!(io::stderr(), "{mark}{text}");
        },
    };
    let mut unit = "default.target".to_owned();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().map(PathBuf::from).unwrap_or_default();
        match argument.as_str() {
            "--root" => config.root = value(),
            "--runtime" => config.runtime = value(),
            "--group" => config.group = value(),
            CHECK => return finish(check_state()),
            _ if argument.starts_with("--resume=") => {}
            "--help" => {
                println!("{USAGE}");
                return ExitCode::SUCCESS;
            }
            _ if argument.starts_with('-') => {
                eprintln!("manager: unknown option {argument}\n{USAGE}");
                return ExitCode::from(2);
            }
            _ => unit = argument,
        }
    }
    finish(run(config, &unit))
}

fn finish(result: Result<(), String>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("manager: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn run(config: Config, unit: &str) -> Result<(), String> {
    let unit = Name::new(unit)?;
    let text = |error: io::Error| error_text(&error);
    qos_sys::process::adopt_orphans().map_err(text)?;
    let signals = Blocked::new(&[SIGCHLD, SIGTERM, SIGINT, SIGHUP]).map_err(text)?;
    let mut runner = match resumed() {
        Some(state) => Runner::resume(config, signals, state).map_err(text)?.0,
        None => {
            let mut runner = Runner::new(config, signals).map_err(text)?;
            runner.manager.request(now(), &unit, JobKind::Start, Mode::Replace)?;
            runner
        }
    };
    loop {
        for happened in runner.turn().map_err(text)? {
            match happened {
                Happened::Exit(_) => return Ok(()),
                Happened::Signal(SIGHUP) => runner.manager.reload_units(),
                Happened::Signal(_) => runner.manager.begin_exit(now(), Exit::Exit),
                Happened::Reexec => runner.reexec(Record::new("caller", "")),
                Happened::Child(..) => {}
            }
        }
    }
}
