// SPDX-License-Identifier: MIT OR Apache-2.0
//! `history record`: adds the figures of a commit to the file.

use crate::figure::Figures;
use crate::file::{Entry, History, Recorded};
use clap::Args;
use qos_budget::memory::{self, Machine};
use qos_host::source::Source;
use qos_host::ui::{Flags, Result, Ui};
use qos_host::{nix, progress, root, table};
use qos_revisions::boots::{self, Tree};
use qos_revisions::revision::{Revision, git};
use qos_table::{Bootable, Image};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// With this memory, in MiB, every image boots.
const ENOUGH: u32 = 512;

/// Arguments of `history record`.
#[derive(Args)]
pub struct Record {
    /// The file, with a line of JSON for each commit and image
    file: PathBuf,
    /// The commit that is built and recorded
    #[arg(long, value_name = "COMMIT", default_value = "HEAD")]
    commit: String,
    /// Date of the commit, for one that this repository does not have; needs --from
    #[arg(long, value_name = "DATE", requires = "from")]
    date: Option<String>,
    /// Take the figures of IMAGE from DIR, and build nothing: boot.log, manifest.json and listing, as bootdiff and review leave
    /// them in target/qos; repeatable
    #[arg(long, value_name = "IMAGE=DIR", value_parser = parse_from)]
    from: Vec<(String, PathBuf)>,
    /// Also measure the least memory that each image boots with, which takes about nine boots
    #[arg(long, conflicts_with = "from")]
    memory: bool,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    flags: Flags,
}

fn parse_from(text: &str) -> std::result::Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((image, folder)) if !image.is_empty() && !folder.is_empty() => {
            Ok((image.to_owned(), folder.into()))
        }
        _ => Err("it must be IMAGE=DIR".to_owned()),
    }
}

impl Record {
    /// Runs the verb. Nothing is written unless all figures are there.
    ///
    /// # Errors
    ///
    /// The file is damaged or cannot be written, the commit does not exist, or an image does not build or boot.
    pub fn run(self) -> Result<ExitCode> {
        // Before anything is built, which would be in vain.
        let mut history = History::read(&self.file)?;
        let (commit, date) = match &self.date {
            Some(date) => (self.commit.clone(), date.clone()),
            None => {
                let commit = Revision::commit(&self.commit)?.commit.unwrap_or_default();
                let date = git(&["show", "--no-patch", "--format=%cI", &commit])?;
                (commit, date)
            }
        };
        let figures = if self.from.is_empty() {
            self.build(&commit)?
        } else {
            self.from
                .iter()
                .map(|(image, folder)| Ok((image.clone(), Figures::of(folder)?)))
                .collect::<Result<Vec<_>>>()?
        };
        for (image, figures) in figures {
            let entry = Entry { commit: commit.clone(), date: date.clone(), image, figures };
            entry.check()?;
            let (image, what) = (entry.image.clone(), history.record(entry));
            let what = match what {
                Recorded::Added => "recorded",
                Recorded::Updated => "updated",
                Recorded::Known => "already recorded",
            };
            eprintln!("{}: {image} {what}", commit.get(..10).unwrap_or(&commit));
        }
        history.write(&self.file)?;
        Ok(ExitCode::SUCCESS)
    }

    /// The figures of the commit's images, those on LTS kernels excepted.
    fn build(&self, commit: &str) -> Result<Vec<(String, Figures)>> {
        let ui = Ui::new(&self.flags, "history.log")?;
        let tree = Tree::of(&Revision::commit(commit)?)?;
        self.source.setup_in(tree.root(), &[], &ui)?;
        // The commit's own: its images may be others.
        let table = table::of(tree.root()).map_err(|error| error.to_string())?;
        let folder = root::scratch(root::root()).join("history");
        let mut all = Vec::new();
        for image in table.usual_images() {
            let folder = folder.join(&image.name);
            emptied(&folder)?;
            boots::collect(tree.root(), &folder, &ui, Bootable::Image(image))?;
            let mut figures = Figures::of(&folder)?;
            if self.memory {
                figures.memory = least_memory(tree.root(), image, &ui)?;
            }
            all.push((image.name.clone(), figures));
        }
        ui.summary();
        Ok(all)
    }
}

fn emptied(folder: &Path) -> Result<()> {
    let cannot = |error| format!("cannot write {}: {error}", folder.display());
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(cannot)?;
    }
    Ok(fs::create_dir_all(folder).map_err(cannot)?)
}

/// The least memory in MiB that the golden machine boots with; `None` if it does not boot with [`ENOUGH`].
fn least_memory(tree: &Path, image: &Image, ui: &Ui) -> Result<Option<u64>> {
    let qemu = nix::build_in(tree, ui, &image.attribute("qemu"))?.join("bin/qos-qemu");
    let machine = Machine::golden(&nix::build_in(tree, ui, &image.attribute("image"))?);
    let shown = ui.task(&format!("least memory of {}", image.name), 0, progress::Unit::Items);
    let least = memory::least(ENOUGH, |mib| {
        shown.detail(&format!("{mib} MiB"));
        Ok(memory::boots(&qemu, &machine, mib)?.is_some())
    })?;
    Ok((least < ENOUGH).then_some(least.into()))
}

#[cfg(test)]
mod tests {
    use super::parse_from;

    #[test]
    fn directories_of_images() {
        assert_eq!(parse_from("default=a=b"), Ok(("default".into(), "a=b".into())));
        for wrong in ["default", "=a", "default="] {
            assert!(parse_from(wrong).is_err(), "{wrong}");
        }
    }
}
