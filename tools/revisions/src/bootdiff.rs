// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask bootdiff BASE [HEAD]`: the effect of a change on the boot.
//!
//! Each revision is built by its own flake, with its own pins, and its golden boot runs in Nix's sandbox; `tools/bootdiff`
//! compares the results. A revision that does not build or boot is part of the report.

use crate::revision::{Checkout, Revision};
use clap::Args;
use qos_host::source::Source;
use qos_host::ui::{Flags, Result, Ui, interrupted};
use qos_host::{nix, root};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Arguments of `bootdiff`.
#[derive(Args)]
pub struct Bootdiff {
    /// The revision to compare with: anything that git rev-parse understands
    base: String,
    /// The revision in question; default: the work tree as it is
    head: Option<String>,
    /// Format of the report: text, markdown, json or html
    #[arg(long, default_value = "text", value_parser = ["text", "markdown", "json", "html"])]
    format: String,
    /// File to write the report to, instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    flags: Flags,
}

impl Bootdiff {
    /// Runs the verb; exit status 0 when nothing changed, 1 when something did, as diff(1).
    pub fn run(self) -> Result<ExitCode> {
        let ui = Ui::new(&self.flags, "bootdiff.log")?;
        let base = Revision::commit(&self.base)?;
        let head = self.head.as_deref().map_or(Ok(Revision::work_tree()), Revision::commit)?;

        // Built first: a tree whose tools do not build cannot be compared by them.
        let program = nix::build(&ui, "tools")?.join("bin/qos-bootdiff");
        let linux = nix::build(&ui, "linux-source")?;
        let folders = [result(&base, &ui, &self.source)?, result(&head, &ui, &self.source)?];
        ui.summary();
        drop(ui);
        let mut command = Command::new(&program);
        command.arg("--base").arg(&folders[0]).arg("--head").arg(&folders[1]);
        command.args(["--base-name", &base.name, "--head-name", &head.name, "--format", &self.format]);
        command.arg("--linux").arg(linux);
        if let Some(out) = &self.out {
            command.arg("--out").arg(out);
        }
        let status =
            command.status().map_err(|error| format!("cannot run {}: {error}", program.display()))?;
        match status.code() {
            Some(code @ (0 | 1)) => Ok(ExitCode::from(u8::from(code == 1))),
            _ => Err("cannot compare the two boots; see the messages above".into()),
        }
    }
}

/// Builds and boots it; returns the directory with the input of the comparison.
///
/// # Errors
///
/// The directory cannot be written, or the user interrupts. That the revision fails is in the directory.
fn result(revision: &Revision, ui: &Ui, source: &Source) -> Result<PathBuf> {
    let label = revision.commit.as_deref().unwrap_or("work-tree");
    let folder = root::scratch(root::root()).join("bootdiff").join(label);
    let cannot = |error| format!("cannot write {}: {error}", folder.display());
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(cannot)?;
    }
    fs::create_dir_all(&folder).map_err(cannot)?;
    let built = match &revision.commit {
        None => collect(root::root(), &folder, ui),
        Some(commit) => Checkout::new(commit).and_then(|tree| {
            source.setup_in(&tree.0, ui)?;
            collect(&tree.0, &folder, ui)
        }),
    };
    if let Err(error) = built {
        if interrupted() {
            return Err("interrupted".into());
        }
        ui.say(&format!("{}: {error}", revision.name));
        fs::write(folder.join("failure"), format!("{error}\n")).map_err(cannot)?;
    }
    Ok(folder)
}

/// Copies the build results of a revision's flake into `folder`, as far as they can be built.
fn collect(tree: &Path, folder: &Path, ui: &Ui) -> Result<()> {
    let wanted = [
        ("image", &["config", "manifest.json"][..]),
        ("initramfs", &["listing"]),
        ("boot-log", &["boot.log", "initcalls.log"]),
    ];
    for (attribute, files) in wanted {
        let built = nix::build_in(tree, ui, attribute)?;
        for file in files {
            // Earlier revisions did not boot with initcall_debug; the comparison reports other missing files.
            if let Err(error) = fs::copy(built.join(file), folder.join(file)) {
                ui.log(&format!("{attribute}: {file}: {error}"));
            }
        }
    }
    Ok(())
}
