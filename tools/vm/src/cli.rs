// SPDX-License-Identifier: MIT OR Apache-2.0
//! The command line of `qos-vm`.
//!
//! With a terminal at standard input and no command, it is the guest's console. Otherwise standard input, output and
//! error are those of the guest's shell, or of the command, and so is the exit status. Exit codes are in
//! [`crate::verdict`].

use crate::accel::{self, Choice};
use crate::control::Control;
use crate::dry_run;
use crate::error::{Error, Result};
use crate::escape::HELP;
use crate::image::Files;
use crate::machine::{Accel, Config, FwCfg, Machine, Session};
use crate::outcome::Outcome;
use crate::program::{Program, ROOT_VARIABLE};
use crate::relay::{Input, sink};
use crate::report;
use crate::run::{Note, Request, run};
use crate::supervise::Front;
use crate::terminal::{self, RawTerminal};
use crate::verdict::EXIT_NOT_STARTED;
use clap::{Args, Parser, Subcommand};
use qos_protocol::{argv, fw_cfg};
use qos_results::Results;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// Runs a guest in QEMU and says how it ended.
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

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
struct RunArgs {
    #[command(flatten)]
    files: Files,

    /// Added to the end of the kernel's command line (repeatable).
    #[arg(long, value_name = "WORDS")]
    append: Vec<String>,

    /// Memory, as 256M or 2G.
    #[arg(long, value_name = "SIZE", default_value = "512M", value_parser = parse_memory)]
    memory: u32,

    /// Number of processors.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=255))]
    cpus: u32,

    /// Machine type.
    #[arg(long, value_enum, default_value_t)]
    machine: Machine,

    /// What executes the guest; auto takes KVM if it turns out to work.
    #[arg(long, value_enum, default_value_t)]
    accel: Choice,

    /// Processor model, as QEMU names it (default: the host's under KVM, else everything that TCG has).
    #[arg(long, value_name = "MODEL", conflicts_with = "golden")]
    cpu_model: Option<String>,

    /// Deterministic machine: the same console, time stamps included, on every run. Nothing can be typed; a
    /// nanosecond of the guest is an instruction.
    #[arg(long)]
    golden: bool,

    /// Shell script that the guest runs in place of a shell (text, passed through fw_cfg).
    #[arg(long, value_name = "FILE", conflicts_with = "argv")]
    script: Option<PathBuf>,

    /// Wait at this UNIX socket for gdb before the first instruction (in gdb: target remote SOCKET; a kernel that
    /// randomises its addresses needs --append nokaslr). A guest that stops or stays silent is then not in trouble.
    #[arg(long, value_name = "SOCKET")]
    gdb: Option<PathBuf>,

    /// No network device.
    #[arg(long)]
    no_network: bool,

    /// A further device, as QEMU's -device takes it: edu, or edu,dma_mask=0xffffffff (repeatable).
    #[arg(long, value_name = "ARG")]
    device: Vec<OsString>,

    /// Print QEMU's command line to paste, and do not run it.
    #[arg(long)]
    dry_run: bool,

    /// End the guest after this many seconds.
    #[arg(long, value_name = "SECONDS", value_parser = parse_seconds)]
    timeout: Option<Duration>,

    /// End the guest when nothing comes from it for this many seconds while it boots (default: by the speed of the
    /// host, 60 s or more under TCG; at a terminal no limit).
    #[arg(long, value_name = "SECONDS", value_parser = parse_seconds)]
    inactivity: Option<Duration>,

    /// Write the console's raw bytes to this file.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,

    /// Write how the run ended to this file, in JSON.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,

    /// Write how the run ended to this file, as JUnit XML: the run is a test case, and so is each test that reported in
    /// KTAP on the console.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,

    /// Save what the display shows to this file when the runner ends the guest: after a panic, at a limit, on Ctrl-A x. It
    /// is a PNG, or a PPM if the file's name ends in .ppm. The display is a device: --device VGA.
    #[arg(long, value_name = "FILE")]
    screenshot: Option<PathBuf>,

    /// Show the console on standard error where it is not shown anyway.
    #[arg(long)]
    console: bool,

    /// Show QEMU's command line and what was found out about the host.
    #[arg(long, short)]
    verbose: bool,

    /// QEMU's sysroot; without it qemu-system-x86_64 on PATH.
    #[arg(long, value_name = "DIR", env = ROOT_VARIABLE)]
    qemu_root: Option<PathBuf>,

    /// Command to run in the guest; its status is the exit status.
    #[arg(last = true, value_name = "COMMAND")]
    argv: Vec<OsString>,
}

const AFTER_HELP: &str = "\
Exit codes: the status of the guest's shell or command; 112 oops, 113 no verdict, 114 kernel panic, 115 no init,
116 no root, 117 out of memory, 118 init exited, 119 lockup, 120 inactivity, 121 reset, 122 QEMU failed,
123 KVM broken, 124 timeout, 125 not started, 128+N signal N. At a terminal, leave with Ctrl-A x.";

/// Runs the command line `arguments`, the program's name included, and gives the exit code.
#[must_use]
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let Command::Run(arguments) = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli.command,
        Err(error) => {
            // Help goes to standard output, a mistake to standard error; nobody may be reading.
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
        let config = self.config()?;
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
        }
        let request = Request {
            front: self.front(session, &control)?,
            wants_status: match session {
                Session::Console => false,
                Session::Streams => true,
                Session::Golden => !config.fw_cfg.is_empty(),
            },
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

    fn session(&self) -> Session {
        if self.golden {
            Session::Golden
        } else if self.argv.is_empty() && self.script.is_none() && io::stdin().is_terminal() {
            Session::Console
        } else {
            Session::Streams
        }
    }

    fn config(&self) -> Result<Config> {
        let session = self.session();
        let files = self.files.resolve(self.golden, self.machine)?;
        let mut fw_cfg = Vec::new();
        if !self.argv.is_empty() {
            let words: Vec<&[u8]> = self.argv.iter().map(|word| word.as_bytes()).collect();
            let contents = argv::encode(&words).map_err(|error| Error::new(error.to_string()))?;
            fw_cfg.push(FwCfg { name: fw_cfg::COMMAND, contents });
        }
        if let Some(script) = &self.script {
            let failed = |error| Error::file("cannot read the script", script, &error);
            fw_cfg.push(FwCfg { name: fw_cfg::SCRIPT, contents: std::fs::read(script).map_err(failed)? });
        }
        if let (Session::Console, Some(size)) = (session, terminal::size()) {
            fw_cfg.push(FwCfg { name: fw_cfg::WINSIZE, contents: size.to_string().into_bytes() });
        }
        let mut cmdline = files.cmdline;
        for words in &self.append {
            cmdline = format!("{cmdline} {words}").trim().to_owned();
        }
        Ok(Config {
            machine: self.machine,
            cpu_model: self.cpu_model.clone(),
            memory_mib: self.memory,
            cpus: self.cpus,
            kernel: files.kernel,
            initramfs: files.initramfs,
            cmdline,
            network: !self.no_network,
            devices: self.device.clone(),
            session,
            fw_cfg,
            gdb: self.gdb.clone(),
        })
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

    /// What the guest was to do, in a few words.
    fn name(&self) -> String {
        let words: Vec<_> = self.argv.iter().map(|word| word.to_string_lossy()).collect();
        match &self.script {
            Some(script) => script.display().to_string(),
            None if words.is_empty() => "shell".to_owned(),
            None => words.join(" "),
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
            let name = format!("qos-console-{}.log", std::process::id());
            log = Some(std::env::temp_dir().join(name));
        }
        if let Some(log) = &log {
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

fn parse_memory(text: &str) -> std::result::Result<u32, String> {
    let (number, factor) = match text.strip_suffix(['G', 'g']) {
        Some(number) => (number, 1024),
        None => (text.strip_suffix(['M', 'm']).unwrap_or(text), 1),
    };
    let parsed = number.parse::<u32>().ok().and_then(|number| number.checked_mul(factor));
    parsed.filter(|&mib| mib > 0).ok_or_else(|| "expected a size such as 256M or 2G".to_owned())
}

fn parse_seconds(text: &str) -> std::result::Result<Duration, String> {
    let seconds = text.parse::<f64>().ok().filter(|seconds| *seconds > 0.0);
    seconds
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "expected a number of seconds above 0".to_owned())
}
