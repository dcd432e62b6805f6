// SPDX-License-Identifier: MIT OR Apache-2.0
//! Runs `nix build` for attributes of the flake, and shows progress.

use crate::nix_events::{Build, Event, Step, parse, reason};
use crate::progress::Unit;
use crate::ui::{self, Result, Shown, Ui, interrupted};
use crate::{nix_settings, root};
use ::nix::sys::signal::{Signal, kill};
use ::nix::unistd::Pid;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// Interval at which a silent build is checked.
const TICK: Duration = Duration::from_millis(200);

/// Builds `.#ATTRIBUTE` and returns the store path of its output `out`.
///
/// # Errors
///
/// Nix fails, or the user interrupts. The last lines of the derivation that failed have been printed then; the error
/// is the reason as one line.
pub fn build(ui: &Ui, attribute: &str) -> Result<PathBuf> {
    build_in(root::root(), ui, attribute)
}

/// As [`build`], of the work tree at `root`.
///
/// # Errors
///
/// As [`build`].
pub fn build_in(root: &Path, ui: &Ui, attribute: &str) -> Result<PathBuf> {
    build_output(root, ui, attribute, "out")
}

/// As [`build_in`], for another output than `out`.
///
/// # Errors
///
/// As [`build`]; or the derivation has no such output.
pub fn build_output(root: &Path, ui: &Ui, attribute: &str, output_name: &str) -> Result<PathBuf> {
    let flake = format!("{}#{attribute}", root.display());
    let mut command = Command::new("nix");
    command.args(["build", "--no-link", "--json", "--log-format", "internal-json", "-v", &flake]);
    // No public cache has qos's paths. A cache that the user has configured is queried; Nix's default cache is not.
    if nix_settings::only_default_cache()? {
        command.args(["--option", "substituters", ""]);
    }
    command.current_dir(root).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child =
        command.spawn().map_err(|error| format!("cannot run nix: {error}; run: cargo xtask setup"))?;
    let output = child.stdout.take().map(collect);
    let lines = child.stderr.take().map(lines);
    let mut follow = Follow { ui, builds: BTreeMap::new(), failed: None, errors: Vec::new() };
    if let Some(lines) = lines {
        follow.all(&lines, &child);
    }
    let status = child.wait().map_err(|error| format!("cannot wait for nix: {error}"))?;
    ui::check()?;
    if !status.success() {
        return Err(follow.failure(attribute).into());
    }
    let output = output.and_then(|thread| thread.join().ok()).unwrap_or_default();
    let results: serde_json::Value =
        serde_json::from_str(&output).map_err(|error| format!("nix build: odd output: {error}"))?;
    let path = results.pointer(&format!("/0/outputs/{output_name}")).and_then(|path| path.as_str());
    path.map(PathBuf::from).ok_or_else(|| format!("{attribute} has no output named {output_name}").into())
}

/// Reads standard output aside, so that neither pipe can fill up and block Nix.
fn collect(mut stdout: ChildStdout) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut text = String::new();
        // A cut or damaged output is found when it is read as JSON.
        let _ = stdout.read_to_string(&mut text);
        text
    })
}

/// The lines of a stream, read by a thread, so that the reader can do other things while none come.
fn lines(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut reader = BufReader::new(stream);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
            let text = String::from_utf8_lossy(&line).trim_end_matches('\n').to_owned();
            if sender.send(text).is_err() {
                return;
            }
            line.clear();
        }
    });
    receiver
}

/// The number that a file of the repository holds.
fn number_in(file: &str) -> Option<u64> {
    std::fs::read_to_string(root::root().join(file)).ok()?.trim().parse().ok()
}

/// The builds that go on, each with its bar.
struct Follow<'a> {
    ui: &'a Ui,
    builds: BTreeMap<u64, (String, Build, Shown)>,
    /// The last build that ended, until something else ended well: the one that failed, if one did.
    failed: Option<(String, Build)>,
    errors: Vec<String>,
}

impl Follow<'_> {
    fn all(&mut self, lines: &Receiver<String>, child: &Child) {
        let mut told = false;
        loop {
            match lines.recv_timeout(TICK) {
                Ok(line) => {
                    if let Some(event) = parse(&line) {
                        self.event(event);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            for (_, _, bar) in self.builds.values() {
                bar.tick();
            }
            if interrupted() && !told {
                told = true;
                // Nix ends its builders and cleans up on SIGINT; a terminal has sent it one already, `kill` has not.
                if let Ok(id) = i32::try_from(child.id()) {
                    let _ = kill(Pid::from_raw(id), Signal::SIGINT);
                }
            }
        }
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Begin { id, name } => {
                self.ui.plain(&format!("{name}: begins"));
                let bar = self.ui.task(&name, 0, Unit::Items);
                self.builds.insert(id, (name, Build::default(), bar));
            }
            Event::Line { id, text } => {
                let Some((name, build, bar)) = self.builds.get_mut(&id) else { return };
                self.ui.log(&format!("{name}> {text}"));
                match build.line(&text, number_in) {
                    Step::Total => {
                        if let Some((total, noun)) = &build.total {
                            bar.total(*total, noun);
                        }
                    }
                    Step::Done => bar.done(build.done, text.trim()),
                    Step::None => {}
                }
            }
            Event::End { id } => {
                if let Some((name, build, _bar)) = self.builds.remove(&id) {
                    self.failed = Some((name, build));
                }
            }
            Event::Error(text) => {
                self.ui.log(&text);
                self.errors.push(text);
            }
            Event::Message(text) => self.ui.log(&text),
        }
    }

    /// Prints the end of the log of what failed, and returns the reason.
    fn failure(mut self, attribute: &str) -> String {
        let error = self.errors.first().cloned().unwrap_or_else(|| "nix gives no reason".into());
        let log =
            self.ui.log_path().map_or(String::new(), |path| format!("; the whole log: {}", path.display()));
        // With several builds at a time the one that the error names is meant.
        let going_on = std::mem::take(&mut self.builds).into_values().map(|(name, build, _)| (name, build));
        let named = self
            .failed
            .take()
            .into_iter()
            .chain(going_on)
            .find(|(name, _)| error.contains(&format!("-{name}.drv")));
        match named {
            Some((name, build)) => {
                self.ui.show(&format!("the last lines of {name}:"));
                build.tail.iter().for_each(|line| self.ui.show(&format!("  {line}")));
                let code = reason(&error);
                let code = code.split(" failed ").nth(1).unwrap_or(&code).trim_end_matches(';').to_owned();
                format!("{attribute}: the build of {name} failed {code}{log}")
            }
            None => {
                if error.lines().count() > 1 {
                    self.ui.show(&error);
                }
                format!("{attribute}: {}{log}", reason(&error))
            }
        }
    }
}
