// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask update`: pins the newest packages, and reports what changed and which advisories exist.

use clap::{Parser, ValueEnum};
use qos_advisories::findings::Crates;
use qos_advisories::lockfile::Lockfile;
use qos_advisories::render::{Format, render};
use qos_advisories::{files, report};
use qos_host::root;
use qos_host::source::Source;
use qos_host::ui::{Flags, Result, Ui};
use qos_toolchain::{Lock, Options, Outcome, Toolchain};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use xtask::progress::{Report, context};
use xtask::setup::{cargo_home, options, pins};

/// Pins the newest packages in tools/toolchain/toolchain.lock, and reports changelogs and advisories.
#[derive(Parser)]
#[command(name = "cargo xtask update", bin_name = "cargo xtask update")]
struct Update {
    /// Update only these packages and those built together with them; default: all
    #[arg(value_name = "PACKAGE")]
    packages: Vec<String>,
    /// Accept a version that is older than the one in the lock, which is otherwise an error
    #[arg(long)]
    allow_downgrade: bool,
    /// Report what an update would change, without changing the lock file or the store; downloads only the packages whose version
    /// would change
    #[arg(long)]
    dry_run: bool,
    /// Report on the pins as they are, without the network
    #[arg(long, requires = "dry_run", conflicts_with = "packages")]
    offline: bool,
    /// Format of the report on standard output
    #[arg(long, value_enum, default_value = "text")]
    format: Output,
    /// Directory with a copy of the RustSec advisory database (a checkout of github.com/RustSec/advisory-db): also report its
    /// advisories for the crates of Cargo.lock
    #[arg(long, value_name = "DIR")]
    advisory_db: Option<PathBuf>,
    /// File with the data of Debian's security tracker (security-tracker.debian.org/tracker/data/json): also report its issues for
    /// the pinned packages
    #[arg(long, value_name = "FILE")]
    debian_tracker: Option<PathBuf>,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    flags: Flags,
}

/// The format of the report.
#[derive(Clone, Copy, ValueEnum)]
enum Output {
    /// Tables for a terminal
    Text,
    /// Tables for a pull request
    Markdown,
    /// Everything, for a program
    Json,
}

fn main() -> ExitCode {
    qos_host::main("xtask", 1, Update::parse().run())
}

impl Update {
    /// Runs the verb. The databases are read first, so that a malformed one changes nothing.
    fn run(self) -> Result<ExitCode> {
        let ui = Ui::new(&self.flags, "update.log")?;
        let root = root::root();
        let mut toolchain = Toolchain::load(&pins(root))?;
        let old = toolchain.lock.clone();
        let crates = self.crates(root)?;
        let before = Outcome { lock: old.clone(), ..Outcome::default() };
        let names = report::source_names(&before);
        let read =
            |names| self.debian_tracker.as_deref().map(|file| files::debian_tracker(file, names)).transpose();
        let mut tracker = read(&names)?;

        let outcome = if self.offline { before } else { self.update(&ui, &mut toolchain)? };
        ui.summary();
        let new_names = report::source_names(&outcome);
        if !new_names.is_subset(&names) {
            tracker = read(&new_names)?;
        }
        self.print(crates, &old, &outcome, tracker.as_ref())
    }

    /// Updates the lock, or finds out what an update would change.
    fn update(&self, ui: &Ui, toolchain: &mut Toolchain) -> Result<Outcome> {
        let options = Options { allow_downgrade: self.allow_downgrade, ..options(&self.source, &[], false)? };
        let report = Report(ui);
        let context = context(&report);
        Ok(if self.dry_run {
            toolchain.preview(&context, &options, &self.packages)?
        } else {
            toolchain.update(&context, &options, &self.packages)?
        })
    }

    /// The findings for the crates of Cargo.lock.
    fn crates(&self, root: &Path) -> Result<Crates> {
        let path = root.join("Cargo.lock");
        let text =
            fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let database = self.advisory_db.as_deref().map(files::advisory_db).transpose()?;
        let guests = files::guest_members(root)?;
        let cargo_home = cargo_home()?;
        Ok(Crates::of(
            &Lockfile::parse(&text)?,
            database.as_ref(),
            |member| guests.contains(member),
            |name, version| files::is_yanked(&cargo_home, name, version),
        ))
    }

    /// Prints the report.
    fn print(
        &self,
        crates: Crates,
        old: &Lock,
        outcome: &Outcome,
        tracker: Option<&qos_advisories::tracker::Tracker>,
    ) -> Result<ExitCode> {
        let changes = report::changes(old, outcome);
        let report = report::Report {
            written: !self.dry_run,
            next: report::next(&changes, !self.dry_run, &self.packages),
            changes,
            crates,
            debian: tracker.map(|tracker| report::debian(old, outcome, tracker)),
        };
        match self.format {
            Output::Text => print!("{}", render(&report, Format::Text)),
            Output::Markdown => print!("{}", render(&report, Format::Markdown)),
            Output::Json => println!("{}", report::json(&report)?),
        }
        Ok(ExitCode::SUCCESS)
    }
}
