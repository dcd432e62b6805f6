// SPDX-License-Identifier: MIT OR Apache-2.0
//! The command line, and the course of a review.

use crate::in_force::in_force;
use crate::policy::{self, Policy};
use crate::review::Review as Outcome;
use crate::{gather, output, range};
use clap::{Parser, ValueEnum};
use qos_host::root;
use qos_host::source::{Source, XTASK};
use qos_host::table;
use qos_host::ui::{Flags, Result, Ui};
use qos_revisions::boots::Tree;
use qos_revisions::slot::Slot;
use qos_table::Table;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Build and boot two revisions, and judge the change by the policy in review.toml.
///
/// Exit status: 0 if the policy is kept, 1 if it is violated, 2 on an error in the usage, the setup or the tools.
#[derive(Parser)]
#[command(name = "cargo xtask review", bin_name = "cargo xtask review")]
pub struct Review {
    /// BASE..HEAD; BASE...HEAD takes the merge base of both; BASE alone reviews the work tree
    range: String,
    /// Directory to write the files of the review into; those of an earlier review are removed first
    #[arg(long, value_name = "DIR", default_value = "target/review")]
    out: PathBuf,
    /// Compare only this image of qos.toml if it changed; can be repeated. Default: those on the default kernel in either revision
    #[arg(long = "image", value_name = "IMAGE", conflicts_with = "all")]
    images: Vec<String>,
    /// Compare every image that changed, also those on LTS kernels, which are built first
    #[arg(long)]
    all: bool,
    /// Do not measure the least memory, which takes about ten boots of each revision
    #[arg(long)]
    no_memory: bool,
    /// The policy, instead of the base's review.toml; without one in the base, the head's is in force
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The forge that the comment has to fit
    #[arg(long, value_enum, default_value_t = Forge::Github)]
    forge: Forge,
    /// Address of the review's files, for the comment
    #[arg(long, value_name = "URL")]
    artefacts: Option<String>,
    /// Post the comment to this forge, as `cargo xtask post` does
    #[arg(long, value_enum, value_name = "FORGE")]
    post: Option<Forge>,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    flags: Flags,
}

/// A forge.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Forge {
    /// Comments of 65,536 characters
    Github,
    /// Comments of 1,000,000 characters
    Gitlab,
    /// Comments of 65,536 characters
    Forgejo,
}

impl Forge {
    fn limit(self) -> usize {
        match self {
            Forge::Github | Forge::Forgejo => 65_536,
            Forge::Gitlab => 1_000_000,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Forge::Github => "github",
            Forge::Gitlab => "gitlab",
            Forge::Forgejo => "forgejo",
        }
    }
}

impl Review {
    /// Runs the verb.
    ///
    /// # Errors
    ///
    /// What prevents the review: one line. That a revision does not build or boot is a result.
    pub fn run(self) -> Result<ExitCode> {
        output::prepare(&self.out)?;
        let slot = Slot::in_scratch("review", "run")?;
        let log = match slot.number() {
            1 => "review.log".to_owned(),
            number => format!("review-{number}.log"),
        };
        let ui = Ui::new(&self.flags, &log)?;
        let [base, head] = range::revisions(&self.range)?;
        let trees = [Tree::of(&base)?, Tree::of(&head)?];
        let revisions = [base, head];
        let table = |side: usize| {
            let table = table::of(trees[side].root());
            table.map_err(|error| format!("{}: {error}", revisions[side].name))
        };
        let tables = [table(0)?, table(1)?];
        let (policy, policy_file) = self.policy(&tables, &trees)?;
        let selected = self.selected(&tables)?;
        let task = gather::Task {
            revisions: &revisions,
            trees: &trees,
            tables: &tables,
            selected: &selected,
            policy: &policy,
            memory: !self.no_memory,
            source: &self.source,
            results: slot.path(),
        };
        let (images, built) = task.images(&ui)?;
        let input = crate::input::Input {
            base: range::shown(&revisions[0]),
            head: range::shown(&revisions[1]),
            reviewed: gather::reviewed(&revisions)?,
            files: gather::files(trees[1].root()),
            policy,
            policy_file,
            images,
            built,
        };
        let review = Outcome::of(input);
        output::write(
            &self.out,
            &review,
            self.post.unwrap_or(self.forge).limit(),
            self.artefacts.as_deref(),
        )?;
        ui.summary();
        drop(ui);
        print!("{}", output::lines(&review, &self.out));
        if let Some(forge) = self.post {
            post(forge, &self.out)?;
        }
        Ok(ExitCode::from(u8::from(!review.passed)))
    }

    /// The policy, and its name for a reader.
    fn policy(&self, tables: &[Table; 2], trees: &[Tree; 2]) -> Result<(Policy, String)> {
        let names =
            |table: &'_ Table| table.images.iter().map(|image| image.name.clone()).collect::<Vec<_>>();
        let names = tables.each_ref().map(names);
        let names = names.each_ref().map(|names| names.iter().map(String::as_str).collect::<Vec<_>>());
        let cannot = |path: &Path, error| format!("cannot read the policy {}: {error}", path.display());
        if let Some(path) = &self.policy {
            let name = path.display().to_string();
            let text = fs::read_to_string(path).map_err(|error| cannot(path, error))?;
            return Ok((Policy::parse(&name, &text, &names.concat())?, name));
        }
        let read = |tree: &Tree| {
            let path = tree.root().join(policy::FILE);
            match fs::read_to_string(&path) {
                Ok(text) => Ok(Some(text)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(cannot(&path, error)),
            }
        };
        let texts = [read(&trees[0])?, read(&trees[1])?];
        Ok(in_force([texts[0].as_deref(), texts[1].as_deref()], [&names[0], &names[1]])?)
    }

    /// The names of the images that are compared if they changed. By default those are the usual ones of both revisions: an image does not
    /// escape its comparison by another kernel.
    fn selected(&self, tables: &[Table; 2]) -> Result<Vec<String>> {
        for name in &self.images {
            if tables[0].find_image(name).is_none() {
                tables[1].image(name)?;
            }
        }
        if !self.images.is_empty() {
            return Ok(self.images.clone());
        }
        let of = |table: &Table| -> Vec<String> {
            match self.all {
                true => table.images.iter().map(|image| image.name.clone()).collect(),
                false => table.usual_images().map(|image| image.name.clone()).collect(),
            }
        };
        Ok(tables.each_ref().map(of).concat())
    }
}

/// Posts the comment by `cargo xtask post`, which has the token in its environment.
fn post(forge: Forge, folder: &Path) -> Result<()> {
    let xtask = std::env::var_os(XTASK).ok_or(
        "only `cargo xtask` posts comments: run `cargo xtask review`, or `cargo xtask post FORGE DIR`",
    )?;
    let status = Command::new(&xtask)
        .args(["post", forge.name()])
        .arg(folder)
        .current_dir(root::root())
        .status()
        .map_err(|error| format!("cannot run {}: {error}", Path::new(&xtask).display()))?;
    if status.success() { Ok(()) } else { Err("the comment was not posted; see the message above".into()) }
}
