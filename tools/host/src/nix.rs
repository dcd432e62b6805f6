// SPDX-License-Identifier: MIT OR Apache-2.0
//! Runs `nix build` for attributes of the flake, and shows progress.

use crate::nix_events::{Build, Event, Step, cache_warning, parse, reason};
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
    let output = run(root, ui, &["--json", &flake])?.map_err(|follow| follow.failure(attribute))?;
    let results: serde_json::Value =
        serde_json::from_str(&output).map_err(|error| format!("nix build: odd output: {error}"))?;
    let path = results.pointer(&format!("/0/outputs/{output_name}")).and_then(|path| path.as_str());
    path.map(PathBuf::from).ok_or_else(|| format!("{attribute} has no output named {output_name}").into())
}

/// Takes `.#ATTRIBUTE` from the binary caches that the user has configured, with nothing but what it needs to run; builds nothing.
/// `None` if they do not have it.
///
/// # Errors
///
/// The flake cannot be evaluated, or the user interrupts.
pub fn substitute(ui: &Ui, attribute: &str) -> Result<Option<PathBuf>> {
    if !nix_settings::caches().is_ok_and(|caches| !caches.is_empty()) {
        return Ok(None);
    }
    let path = PathBuf::from(eval(root::root(), &format!("{attribute}.outPath"))?);
    Ok(fetch(ui, std::slice::from_ref(&path))?.then_some(path))
}

/// Takes store paths from the binary caches that the user has configured; whether they have all of them. Those they have are in the
/// store afterwards.
///
/// # Errors
///
/// The user interrupts.
pub fn fetch(ui: &Ui, paths: &[PathBuf]) -> Result<bool> {
    let mut words = vec!["--keep-going"];
    words.extend(paths.iter().filter_map(|path| path.to_str()));
    // The log has the reason, which is no error: they are built then.
    Ok(run(root::root(), ui, &words)?.is_ok())
}

/// The string that `.#ATTRIBUTE` of the work tree at `root` is.
///
/// # Errors
///
/// The flake has no such attribute, or cannot be evaluated.
pub fn eval(root: &Path, attribute: &str) -> Result<String> {
    output(attribute, &["eval", "--raw", &format!("{}#{attribute}", root.display())])
}

/// The names of the attributes of a set `.#ATTRIBUTE` of the work tree at `root`.
///
/// # Errors
///
/// As [`eval`].
pub fn names(root: &Path, attribute: &str) -> Result<Vec<String>> {
    let flake = format!("{}#{attribute}", root.display());
    let apply = "set: builtins.concatStringsSep \" \" (builtins.attrNames set)";
    let text = output(attribute, &["eval", "--raw", &flake, "--apply", apply])?;
    Ok(text.split_whitespace().map(str::to_owned).collect())
}

/// The store path of an input of the flake at `root`, by the input's name.
///
/// # Errors
///
/// The flake has no such input, or it cannot be fetched.
pub fn input(root: &Path, name: &str) -> Result<PathBuf> {
    let text = output("flake.nix", &["flake", "archive", "--json", &root.display().to_string()])?;
    let archive: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| format!("nix flake archive: odd output: {error}"))?;
    let path = archive.pointer(&format!("/inputs/{name}/path")).and_then(serde_json::Value::as_str);
    path.map(PathBuf::from).ok_or_else(|| format!("{}: the flake has no input {name}", root.display()).into())
}

/// Runs `nix` for a short while, and returns its output; a failure is named after `what`.
fn output(what: &str, words: &[&str]) -> Result<String> {
    let output = Command::new("nix")
        .args(words)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cannot run nix: {error}; run: cargo xtask setup"))?;
    if !output.status.success() {
        return Err(format!("{what}: {}", reason(&String::from_utf8_lossy(&output.stderr))).into());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs `nix build` with `words`, and returns its output, or what is known of a failure.
fn run<'a>(root: &Path, ui: &'a Ui, words: &[&str]) -> Result<std::result::Result<String, Follow<'a>>> {
    let mut command = Command::new("nix");
    command.args(["build", "--no-link", "--log-format", "internal-json", "-v"]);
    // No public cache has qos's paths. A cache that the user has configured is queried; Nix's default cache is not. A path that was
    // not there an hour ago may be there now.
    command.args(["--option", "substituters", &nix_settings::caches()?.join(" ")]);
    command.args(["--option", "narinfo-cache-negative-ttl", "0"]).args(words);
    command.current_dir(root).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child =
        command.spawn().map_err(|error| format!("cannot run nix: {error}; run: cargo xtask setup"))?;
    let output = child.stdout.take().map(collect);
    let lines = child.stderr.take().map(lines);
    let mut follow = Follow {
        ui,
        builds: BTreeMap::new(),
        copies: BTreeMap::new(),
        failed: None,
        errors: Vec::new(),
        warned: false,
    };
    if let Some(lines) = lines {
        follow.all(&lines, &child);
    }
    let status = child.wait().map_err(|error| format!("cannot wait for nix: {error}"))?;
    ui::check()?;
    if !status.success() {
        return Ok(Err(follow));
    }
    Ok(Ok(output.and_then(|thread| thread.join().ok()).unwrap_or_default()))
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
    /// The paths that are being copied from a cache.
    copies: BTreeMap<u64, Shown>,
    /// The last build that ended, until something else ended well: the one that failed, if one did.
    failed: Option<(String, Build)>,
    errors: Vec<String>,
    /// Whether the user has been told that a cache is not used.
    warned: bool,
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
            for bar in self.builds.values().map(|(_, _, bar)| bar).chain(self.copies.values()) {
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
            Event::Copy { id, name } => {
                self.ui.plain(&format!("{name}: copied from the cache"));
                let bar = self.ui.task(&format!("copy {name}"), 0, Unit::Items);
                self.copies.insert(id, bar);
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
                self.copies.remove(&id);
                if let Some((name, build, _bar)) = self.builds.remove(&id) {
                    self.failed = Some((name, build));
                }
            }
            Event::Error(text) => {
                self.ui.log(&text);
                self.errors.push(text);
            }
            Event::Message(text) => {
                self.ui.log(&text);
                if let Some(warning) = cache_warning(&text).filter(|_| !self.warned) {
                    self.warned = true;
                    self.ui.show(&warning);
                }
            }
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
