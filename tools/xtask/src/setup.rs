// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask setup`: adds everything that a build needs to the Nix store.

use crate::apparmor;
use crate::cache::{self, Cache};
use crate::nix_install;
use crate::progress::{Report, context};
use clap::Args;
use qos_host::nix;
use qos_host::nix_settings;
use qos_host::progress::Unit;
use qos_host::root;
use qos_host::source::Source;
use qos_host::ui::{self, Flags, Result, Ui};
use qos_toolchain::crates::{self, Crate};
use qos_toolchain::{Mirrors, Options, Sum, Toolchain, default_cache, store};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

/// Arguments of `setup`.
#[derive(Args)]
pub struct Setup {
    #[command(flatten)]
    source: Source,
    /// Use only what is downloaded already
    #[arg(long)]
    offline: bool,
    /// Also set up this tree of tools/toolchain/toolchain.toml, which is otherwise made on demand
    #[arg(long = "tree", value_name = "TREE")]
    trees: Vec<String>,
    /// The work tree whose lock files to use; default: this one
    #[arg(long, value_name = "DIRECTORY")]
    work_tree: Option<PathBuf>,
    #[command(flatten)]
    cache: Cache,
    /// Only install an AppArmor profile (tools/nix/apparmor-profile) with which builds may make user namespaces
    #[arg(long, conflicts_with = "cache")]
    apparmor: bool,
    #[command(flatten)]
    flags: Flags,
}

impl Setup {
    /// Runs the verb.
    pub fn run(self) -> Result<ExitCode> {
        let ui = Ui::new(&self.flags, "setup.log")?;
        if self.apparmor {
            apparmor::install(&ui)?;
            return Ok(ExitCode::SUCCESS);
        }
        if let Some((url, key)) = self.cache.options() {
            nix_install::ensure(&ui, self.offline)?;
            cache::configure(&ui, url, key)?;
            return Ok(ExitCode::SUCCESS);
        }
        let root = self.work_tree.as_deref().unwrap_or(root::root());
        setup_in(root, &ui, &self.source, &self.trees, self.offline)?;
        ui.summary();
        ui.say("setup is complete");
        Ok(ExitCode::SUCCESS)
    }
}

/// Sets everything up, in milliseconds when nothing is to be done. Of the trees that are made on demand only, those that
/// `trees` names.
///
/// # Errors
///
/// One line for the user. The completed work is kept, and the next call continues from there.
pub fn setup(ui: &Ui, source: &Source, trees: &[String]) -> Result<()> {
    setup_in(root::root(), ui, source, trees, false)
}

/// Whether nothing is to be done by [`setup`].
///
/// # Errors
///
/// A lock file cannot be read, or has a mistake.
pub fn is_set_up(trees: &[String]) -> Result<bool> {
    Ok(State::read(root::root(), trees)?.is_set_up())
}

/// As [`setup`], by the lock files of the work tree at `root`; without downloads if `offline`.
fn setup_in(root: &Path, ui: &Ui, source: &Source, trees: &[String], offline: bool) -> Result<()> {
    let mut state = State::read(root, trees)?;
    if state.is_set_up() {
        ui.log("nothing to do: the stamp matches, and the store is complete");
        return Ok(());
    }
    nix_install::ensure(ui, offline)?;
    let missing = store::invalid(&state.paths()?)?;
    if !offline && !missing.is_empty() && !nix_settings::caches()?.is_empty() {
        // What the cache does not have is downloaded below.
        nix::fetch(ui, &missing)?;
    }
    let report = Report(ui);
    state.toolchain.setup(&context(&report), &options(source, trees, offline)?)?;
    let cargo_home = cargo_home()?;
    fetch_crates(&state.qos, ui, &state.crates, &cargo_home, offline)?;
    crates::seed(&context(&report), &state.crates, &cargo_home)?;
    state.finish()
}

/// The options of the toolchain library.
///
/// # Errors
///
/// There is no place for the cache of downloads.
pub fn options(source: &Source, trees: &[String], offline: bool) -> Result<Options> {
    let mirrors = match &source.mirror {
        Some(url) => Mirrors::from_urls(url, source.security_mirror.as_deref()),
        None => Mirrors::from_host(Path::new("/")),
    };
    Ok(Options {
        locked: source.locked,
        allow_downgrade: false,
        offline,
        mirrors,
        cache: default_cache()?,
        demanded: trees.to_vec(),
    })
}

/// The directory of the toolchain's pins in the work tree at `root`.
pub fn pins(root: &Path) -> PathBuf {
    root.join("tools/toolchain")
}

/// The directory with the lock files for the work tree at `root`: the qos that it is, or the one that a system's repository pins.
fn qos_of(root: &Path) -> Result<PathBuf> {
    if root::is_qos(root) {
        return Ok(root.to_owned());
    }
    if root == root::root() {
        return Ok(root::qos().to_owned());
    }
    nix::input(root, "qos")
}

/// The paths that the store needs, according to the lock files.
struct State {
    toolchain: Toolchain,
    demanded: Vec<String>,
    crates: Vec<Crate>,
    /// The directory with the lock files.
    qos: PathBuf,
    stamp: PathBuf,
    /// Keeps the seeds from Nix's garbage collector while it exists; `cargo clean` lets them go.
    gc_root: PathBuf,
}

impl State {
    fn read(root: &Path, demanded: &[String]) -> Result<State> {
        let qos = qos_of(root)?;
        let path = qos.join("Cargo.lock");
        let lock =
            fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        // Of its own for each demand, so that one does not undo what another has recorded.
        let suffix = demanded.iter().map(|tree| format!("-{tree}")).collect::<Vec<_>>().concat();
        Ok(State {
            toolchain: Toolchain::load(&pins(&qos))?,
            demanded: demanded.to_vec(),
            crates: crates::crates(&lock)?,
            qos,
            stamp: root::scratch(root).join(format!("setup{suffix}.stamp")),
            gc_root: root::scratch(root).join(format!("gc-root{suffix}")),
        })
    }

    /// All store paths.
    fn paths(&self) -> Result<Vec<PathBuf>> {
        let mut paths = self.toolchain.paths(&self.demanded)?;
        paths.extend(self.crates.iter().map(|one| one.store_path.clone()));
        Ok(paths)
    }

    /// The stamp of a complete setup: the paths, and the spec that they are for.
    fn content(&self) -> Result<String> {
        let mut text = self.toolchain.lock.render();
        text.extend(self.paths()?.iter().map(|path| format!("{}\n", path.display())));
        Ok(Sum::of(text.as_bytes()).hex())
    }

    /// The stamp records that the paths were valid. Whether they still exist is checked, because the garbage
    /// collector may have been run with the root removed.
    fn is_set_up(&self) -> bool {
        let (Ok(paths), Ok(content)) = (self.paths(), self.content()) else { return false };
        self.toolchain.check_spec().is_ok()
            && fs::read_to_string(&self.stamp).is_ok_and(|stamp| stamp == content)
            && self.gc_root.exists()
            && paths.iter().all(|path| path.exists())
    }

    fn finish(&self) -> Result<()> {
        store::keep(&self.paths()?, &self.gc_root)?;
        fs::write(&self.stamp, self.content()?)
            .map_err(|error| format!("cannot write {}: {error}", self.stamp.display()).into())
    }
}

/// Cargo's home, where it keeps the crates it has fetched.
///
/// # Errors
///
/// Neither `CARGO_HOME` nor `HOME` is set.
pub fn cargo_home() -> Result<PathBuf> {
    let from = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    from("CARGO_HOME")
        .or_else(|| from("HOME").map(|home| home.join(".cargo")))
        .ok_or_else(|| "neither CARGO_HOME nor HOME is set; set CARGO_HOME to cargo's directory".into())
}

/// Has cargo fetch the crates that it does not have yet.
fn fetch_crates(root: &Path, ui: &Ui, all: &[Crate], cargo_home: &Path, offline: bool) -> Result<()> {
    let missing = all
        .iter()
        .filter(|one| !one.store_path.exists() && crates::fetched(cargo_home, one).is_none())
        .count();
    if missing == 0 {
        return Ok(());
    }
    if offline {
        return Err(format!(
            "{missing} crates of Cargo.lock are not downloaded; run the command again without --offline"
        )
        .into());
    }
    let task = ui.task("crates", missing as u64, Unit::Items);
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut child = Command::new(cargo)
        .args(["fetch", "--locked", "--color", "never"])
        .current_dir(root)
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    let mut last = String::new();
    for line in child
        .stderr
        .take()
        .map(BufReader::new)
        .into_iter()
        .flat_map(BufRead::lines)
        .map_while(std::io::Result::ok)
    {
        ui.log(&line);
        if let Some(name) = line.trim().strip_prefix("Downloaded ") {
            task.detail(name);
            task.advance(1);
        }
        if let Some(reason) = line.trim().strip_prefix("error: ") {
            last = reason.to_owned();
        } else if line.starts_with("  ") && !last.is_empty() && !line.trim().is_empty() {
            // cargo's chain of causes: the last one is the reason
            last = format!("{}: {}", last.split(": ").next().unwrap_or_default(), line.trim());
        }
    }
    let status = child.wait().map_err(|error| format!("cannot run cargo: {error}"))?;
    ui::check()?;
    if status.success() { Ok(()) } else { Err(format!("cargo fetch --locked failed: {last}").into()) }
}
