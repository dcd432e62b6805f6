// SPDX-License-Identifier: MIT OR Apache-2.0
//! A tool's output on standard error (progress bars on a terminal, plain lines elsewhere) and its log file.

pub use crate::progress::seconds;
use crate::progress::{Unit, plain, style};
use crate::root;
use crate::url::redact;
use clap::Args;
use indicatif::{MultiProgress, ProgressBar};
use std::fs::{self, File};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// An error of a tool: printed as one line.
pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Flags of every verb that takes long.
#[derive(Args, Clone, Default)]
pub struct Flags {
    /// Show only errors and the requested output
    #[arg(long)]
    pub quiet: bool,
    /// File of the full log; default: target/qos/log/VERB.log
    #[arg(long, value_name = "FILE")]
    pub log_file: Option<PathBuf>,
}

/// Plain lines on what a task is at come so often.
const PLAIN_EVERY: Duration = Duration::from_secs(10);
/// A task that is over sooner is not worth a plain line or a place in the summary.
const SHORT: Duration = Duration::from_millis(300);

static STOP: AtomicBool = AtomicBool::new(false);

/// Whether the user has interrupted (Ctrl-C).
pub fn interrupted() -> bool {
    STOP.load(Ordering::Relaxed)
}

/// An error if the user has interrupted.
///
/// # Errors
///
/// The user has.
pub fn check() -> Result<()> {
    if interrupted() { Err("interrupted".into()) } else { Ok(()) }
}

/// What is set once the user has interrupted.
pub fn stop() -> &'static AtomicBool {
    &STOP
}

/// Shows progress and keeps the log.
pub struct Ui {
    shared: Arc<Shared>,
}

struct Shared {
    mode: Mode,
    log_path: Option<PathBuf>,
    bars: MultiProgress,
    log: Mutex<Option<File>>,
    begin: Instant,
    parts: Mutex<Vec<(String, Duration)>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Quiet,
    Plain,
    Bars,
}

impl Ui {
    /// A user interface with its log in `target/qos/log/NAME`, or in the file that the flags name.
    ///
    /// # Errors
    ///
    /// The log file that the flags name cannot be written.
    pub fn new(flags: &Flags, name: &str) -> Result<Ui> {
        let log = match &flags.log_file {
            Some(path) => {
                let file = File::create(path)
                    .map_err(|e| format!("cannot write the log {}: {e}", path.display()))?;
                Some((file, path.clone()))
            }
            // The default log is optional: if target/ is not writable, there is no log.
            None => {
                let path = root::scratch(root::root()).join("log").join(name);
                let made =
                    path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| File::create(&path));
                made.ok().map(|file| (file, path))
            }
        };
        let mode = match (flags.quiet, std::io::stderr().is_terminal()) {
            (true, _) => Mode::Quiet,
            (false, true) => Mode::Bars,
            (false, false) => Mode::Plain,
        };
        on_interrupt();
        let (log, log_path) = log.map_or((None, None), |(file, path)| (Some(file), Some(path)));
        let shared = Shared {
            mode,
            log_path,
            bars: MultiProgress::new(),
            log: Mutex::new(log),
            begin: Instant::now(),
            parts: Mutex::default(),
        };
        Ok(Ui { shared: Arc::new(shared) })
    }

    /// The path of the log, if there is one.
    pub fn log_path(&self) -> Option<&Path> {
        self.shared.log_path.as_deref()
    }

    /// A line for the log file only.
    pub fn log(&self, line: &str) {
        self.shared.log(line);
    }

    /// A line for the user, unless quiet; and for the log.
    pub fn say(&self, line: &str) {
        self.shared.log(line);
        if self.shared.mode != Mode::Quiet {
            self.shared.print(line);
        }
    }

    /// A line for the user even if quiet, and for the log.
    pub fn show(&self, line: &str) {
        self.shared.log(line);
        self.shared.print(line);
    }

    /// The line that replaces the start of a progress bar in plain output.
    pub fn plain(&self, line: &str) {
        if self.shared.mode == Mode::Plain {
            self.shared.print(line);
        }
    }

    /// Starts a task with a name, its amount (0: not known yet), and the unit.
    pub fn task(&self, name: &str, total: u64, unit: Unit) -> Shown {
        Shown::new(&self.shared, name, total, unit)
    }

    /// Prints how long each part took, if anything did.
    pub fn summary(&self) {
        let parts = locked(&self.shared.parts);
        if parts.is_empty() {
            return;
        }
        let width = parts.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0).max(5);
        for (name, took) in parts.iter() {
            self.say(&format!("{name:width$}  {:>9}", seconds(*took)));
        }
        self.say(&format!("{:width$}  {:>9}", "total", seconds(self.shared.begin.elapsed())));
    }
}

/// What is printed and logged has no passwords of URLs: binary caches have some, and Nix repeats their URLs.
impl Shared {
    fn print(&self, line: &str) {
        let line = redact(line);
        if self.mode == Mode::Bars {
            // Above the bars, so that they are not torn.
            if self.bars.println(&line).is_ok() {
                return;
            }
        }
        let _ = writeln!(std::io::stderr(), "{line}");
    }

    fn log(&self, line: &str) {
        if let Some(file) = locked(&self.log).as_mut() {
            // A full disk must not end a build because of a log that was not requested.
            let _ = writeln!(file, "{:8.2} {}", self.begin.elapsed().as_secs_f64(), redact(line));
        }
    }
}

/// A task that is shown; it ends when it is dropped.
pub struct Shown {
    name: String,
    total: AtomicU64,
    unit: Unit,
    done: AtomicU64,
    begin: Instant,
    /// When the last plain line came, and the detail.
    state: Mutex<(Instant, String)>,
    bar: Option<ProgressBar>,
    shared: Arc<Shared>,
}

impl Shown {
    fn new(shared: &Arc<Shared>, name: &str, total: u64, unit: Unit) -> Shown {
        let bar = (shared.mode == Mode::Bars).then(|| {
            let bar = shared.bars.add(ProgressBar::new(total));
            bar.set_style(style(total, unit, ""));
            bar.set_prefix(name.to_owned());
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        shared.log(&format!("{name}: begins"));
        Shown {
            name: name.to_owned(),
            total: AtomicU64::new(total),
            unit,
            done: AtomicU64::new(0),
            begin: Instant::now(),
            state: Mutex::new((Instant::now(), String::new())),
            bar,
            shared: shared.clone(),
        }
    }

    /// There are so many things to do, called `noun`.
    pub fn total(&self, total: u64, noun: &str) {
        self.total.store(total, Ordering::Relaxed);
        if let Some(bar) = &self.bar {
            bar.set_length(total);
            bar.set_style(style(total, self.unit, noun));
        }
        locked(&self.state).1 = noun.to_owned();
    }

    /// So many are done; `what` was the last.
    pub fn done(&self, done: u64, what: &str) {
        let total = self.total.load(Ordering::Relaxed);
        if total > 0 && done > total {
            // The announced number was an estimate.
            self.total.store(done, Ordering::Relaxed);
            self.bar.iter().for_each(|bar| bar.set_length(done));
        }
        self.done.store(done, Ordering::Relaxed);
        if let Some(bar) = &self.bar {
            bar.set_position(done);
            bar.set_message(what.to_owned());
        }
    }

    /// Time passes: prints a plain line when one is due.
    pub fn tick(&self) {
        if self.shared.mode != Mode::Plain {
            return;
        }
        let mut state = locked(&self.state);
        if state.0.elapsed() >= PLAIN_EVERY {
            state.0 = Instant::now();
            let (done, total) = (self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed));
            let line = plain(&self.name, done, total, self.unit, &state.1);
            drop(state);
            self.shared.print(&format!("{line} ({})", seconds(self.begin.elapsed())));
        }
    }

    /// So much more is done.
    pub fn advance(&self, amount: u64) {
        self.done.fetch_add(amount, Ordering::Relaxed);
        match &self.bar {
            Some(bar) => bar.inc(amount),
            None => self.tick(),
        }
    }

    /// A short description of the current activity.
    pub fn detail(&self, text: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(text.to_owned());
        }
        locked(&self.state).1 = text.to_owned();
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        let took = self.begin.elapsed();
        self.shared.log(&format!("{}: ends after {}", self.name, seconds(took)));
        if took >= SHORT {
            if self.shared.mode == Mode::Plain {
                self.shared.print(&format!("{}: {}", self.name, seconds(took)));
            }
            locked(&self.shared.parts).push((self.name.clone(), took));
        }
    }
}

/// Asks a yes-or-no question on the terminal; no terminal is a no.
///
/// # Errors
///
/// The answer cannot be read.
pub fn ask(question: &str) -> Result<bool> {
    eprint!("{question} [y/N] ");
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(|error| format!("cannot read the answer: {error}"))?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// On Ctrl-C the running task ends at its next step. If it does not end soon, or on the second Ctrl-C, the process
/// exits. Files left in the cache's work directory are removed at the next start.
fn on_interrupt() {
    // A second Ui in one process finds the handler set: that is as good.
    let _ = ctrlc::set_handler(|| {
        if STOP.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        std::thread::spawn(|| {
            std::thread::sleep(Duration::from_secs(3));
            eprintln!("interrupted; run the same command again to continue");
            std::process::exit(130);
        });
    });
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_has_no_password() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("log");
        let ui = Ui::new(&Flags { quiet: true, log_file: Some(path.clone()) }, "x").unwrap();
        ui.log("warning: unable to download 'http://me:hunter2@host/nix-cache-info'");
        let text = fs::read_to_string(path).unwrap();
        assert!(
            text.ends_with(" warning: unable to download 'http://me:***@host/nix-cache-info'\n"),
            "{text}"
        );
    }
}
