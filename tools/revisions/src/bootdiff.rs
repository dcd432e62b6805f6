// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask bootdiff BASE [HEAD]`: the effect of a change on the boot.
//!
//! Each revision is built by its own flake, with its own pins, and its golden boot runs in Nix's sandbox; `tools/bootdiff`
//! compares the results. A revision that does not build or boot is part of the report.

use clap::Args;
use qos_host::nix;
use qos_host::source::Source;
use qos_host::table::default_image;
use qos_host::ui::{Flags, Result, Ui};
use qos_revisions::boots::{self, Tree};
use qos_revisions::image::Which;
use qos_revisions::revision::Revision;
use qos_revisions::slot::Slot;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Arguments of `bootdiff`.
#[derive(Args)]
pub struct Bootdiff {
    /// The revision to compare with: anything that git rev-parse understands
    base: String,
    /// The revision in question; default: the work tree as it is
    head: Option<String>,
    /// The image or disk to compare, one of qos.toml on any kernel
    #[arg(long, value_name = "NAME", default_value_t = default_image())]
    image: String,
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
        let image = Which::of(&self.image)?;

        // Built first: a tree whose tools do not build cannot be compared by them.
        let program = nix::build(&ui, "dev-tools")?.join("bin/qos-bootdiff");
        let linux = nix::build(&ui, "linux-source")?;
        let slot = Slot::in_scratch("bootdiff", "run")?;
        let result = |revision| result(revision, slot.path(), &image, &ui, &self.source);
        let folders = [result(&base)?, result(&head)?];
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

/// Builds and boots it; returns the directory in `folder` with the input of the comparison.
///
/// # Errors
///
/// The directory cannot be written, or the user interrupts. That the revision fails is in the directory.
fn result(
    revision: &Revision,
    folder: &Path,
    image: &Which<'_>,
    ui: &Ui,
    source: &Source,
) -> Result<PathBuf> {
    let label = revision.commit.as_deref().unwrap_or("work-tree");
    boots::result(&revision.name, &folder.join(label), ui, |folder| {
        let tree = Tree::of(revision)?;
        image.set_up(&tree, source, ui)?;
        boots::collect(tree.root(), folder, ui, image.entry())
    })
}
