// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask bless`: shows a person the changes of reviewed files, and accepts them.

use crate::checks::Built;
use crate::dispatch;
use clap::Args;
use qos_host::source::Source;
use qos_host::table::table;
use qos_host::ui::{Flags, Result, Ui, ask};
use qos_host::{nix, root};
use qos_table::{Check, Kernel};
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use xtask::setup::setup;

/// Arguments of `bless`.
#[derive(Args)]
pub struct Bless {
    /// Only the snapshots of these checks, which `cargo xtask test` runs on request only
    #[arg(value_name = "CHECK", conflicts_with = "all")]
    only: Vec<String>,
    /// Accept every change without asking, including lower budgets
    #[arg(long)]
    accept: bool,
    /// Also accept changes that only `test --all` finds; builds the kernels and disks that it boots
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    flags: Flags,
}

impl Bless {
    /// Runs the verb: the kernel's configuration first, because everything else is built from it.
    pub fn run(self) -> Result<ExitCode> {
        let ui = Ui::new(&self.flags, "bless.log")?;
        let table = table()?;
        let has_snapshots = |check: &&Check| check.snapshots && (self.all || self.only.contains(&check.name));
        let large: Vec<_> = table.checks.iter().filter(has_snapshots).collect();
        if let Some(unknown) = self.only.iter().find(|name| large.iter().all(|check| check.name != **name)) {
            let known = table.checks.iter().filter(|check| check.snapshots).map(|check| check.name.as_str());
            let known = known.collect::<Vec<_>>().join(", ");
            return Err(format!("no check {unknown} with snapshots of its own; there are {known}").into());
        }
        let trees: Vec<_> = large.iter().flat_map(|check| table.trees_of_check(check)).collect();
        setup(&ui, &self.source, &trees)?;
        if self.only.is_empty() && !self.configs(&ui)? {
            return Ok(ExitCode::FAILURE);
        }
        if root::is_system() {
            return self.system(&ui);
        }
        let mut built = Built::new(&ui)?;
        if self.only.is_empty() && !built.check("bless-bindings", &[])?.success() {
            return Err("cannot regenerate the bindings of packages/uapi; see the messages above".into());
        }
        // Insta writes the new snapshot beside the reviewed file, or in its place if that is requested.
        let update = if self.accept { "always" } else { "new" };
        let environment = [("INSTA_UPDATE", update), ("INSTA_FORCE_PASS", "1")];
        let mut clean = !self.only.is_empty() || built.check("snapshots", &environment)?.success();
        for check in large {
            built.add(&ui, check)?;
            clean &= built.check(&format!("{}-snapshots", check.run), &environment)?.success();
        }
        if self.only.is_empty() {
            self.budgets(&ui)?;
        }
        if !clean {
            ui.show("a test failed for another reason than its snapshot, for example because its boots differ; its snapshot is unchanged");
        }
        if !self.accept && pending()? {
            clean &= review()?;
        }
        let changed = Command::new("git").args(["status", "--short"]).current_dir(root::root()).output();
        if let Ok(changed) = changed {
            ui.say("changed files in the work tree (see git diff):");
            ui.say(String::from_utf8_lossy(&changed.stdout).trim_end());
        }
        Ok(ExitCode::from(u8::from(!clean)))
    }

    /// In a system's own repository: the golden boots of its images, then their budgets.
    fn system(&self, ui: &Ui) -> Result<ExitCode> {
        for image in &table()?.images {
            let boot = nix::build(ui, &image.attribute("boot-log"))?.join("boot.log");
            if !self.reviewed(&boot, Path::new(&format!("snapshots/{}.log", image.name)))? {
                return Ok(ExitCode::FAILURE);
            }
        }
        self.budgets(ui)?;
        Ok(ExitCode::SUCCESS)
    }

    /// Shows the budgets that can be lowered, and lowers those that are accepted.
    fn budgets(&self, ui: &Ui) -> Result<()> {
        let mut tool = dispatch::tool(ui, "qos-budget")?;
        tool.args(self.accept.then_some("--accept"));
        let status = tool.status().map_err(|error| format!("cannot run qos-budget: {error}"))?;
        if status.success() {
            Ok(())
        } else {
            Err("cannot compare the budgets; see the messages above".into())
        }
    }

    /// Compares the configurations of the kernels, without those of LTS kernels unless all are requested; false at the first that differs
    /// and is not accepted.
    fn configs(&self, ui: &Ui) -> Result<bool> {
        let is_own = |kernel: &&Kernel| {
            let mut own = kernel.own_fragments().into_iter();
            !root::is_system() || own.any(|file| root::root().join(file).exists())
        };
        let kernels = table()?.kernels.iter().filter(|kernel| self.all || kernel.lts().is_none());
        for kernel in kernels.filter(is_own) {
            if !self.config(kernel, ui)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Compares what the fragments of a kernel resolve to with the reviewed file; true when they are now the same.
    fn config(&self, kernel: &Kernel, ui: &Ui) -> Result<bool> {
        let resolved = nix::build(ui, &kernel.attribute("resolved-config"))?.join("config");
        self.reviewed(&resolved, &kernel.reviewed())
    }

    /// Compares a new file with the reviewed one, `name` from the root of the repository; true when they are now the same.
    fn reviewed(&self, new: &Path, name: &Path) -> Result<bool> {
        let reviewed = root::root().join(name);
        let read =
            |path: &Path| fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()));
        let content = read(new)?;
        let is_new = !reviewed.exists();
        if !is_new && read(&reviewed)? == content {
            return Ok(true);
        }
        let old = if is_new { Path::new("/dev/null") } else { reviewed.as_path() };
        let status =
            Command::new("git").args(["--no-pager", "diff", "--no-index", "--"]).args([old, new]).status();
        status.map_err(|error| format!("cannot run git diff: {error}"))?;
        if !self.accept && !ask(&format!("accept this as {}?", name.display()))? {
            return Ok(false);
        }
        let parent = reviewed.parent().unwrap_or(&reviewed);
        fs::create_dir_all(parent)
            .and_then(|()| fs::write(&reviewed, content))
            .map_err(|error| format!("cannot write {}: {error}", reviewed.display()))?;
        if is_new {
            // What is built next may need the file, and Nix sees only those that git tracks. Outside git it sees all.
            let mut git = Command::new("git");
            git.args(["add", "--intent-to-add", "--"]).arg(name).current_dir(root::root());
            let _ = git.stdin(Stdio::null()).stderr(Stdio::null()).status();
        }
        Ok(true)
    }
}

/// Whether a snapshot waits for a review.
fn pending() -> Result<bool> {
    for crate_name in ["boot-tests", "bootdiff"] {
        let folder = root::root().join("tools").join(crate_name).join("tests/snapshots");
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            other => other.map_err(|error| format!("cannot read {}: {error}", folder.display()))?,
        };
        if entries.flatten().any(|entry| entry.file_name().to_string_lossy().ends_with(".snap.new")) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Opens insta's review; true when nothing is left to be reviewed.
fn review() -> Result<bool> {
    let insta = |argument| {
        Command::new("cargo")
            .args(["insta", argument])
            .current_dir(root::root())
            .stdin(Stdio::inherit())
            .status()
    };
    let here = Command::new("cargo")
        .args(["insta", "--version"])
        .output()
        .is_ok_and(|output| output.status.success());
    if !here {
        return Err(
            "a snapshot waits for a review, which cargo-insta opens: run 'cargo install cargo-insta', then \
                    'cargo insta review'; or accept it with 'cargo xtask bless --accept'"
                .into(),
        );
    }
    insta("review").map_err(|error| format!("cannot run cargo insta: {error}"))?;
    Ok(!pending()?)
}
