// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask test`: sets everything up and runs every test.

use crate::checks::Built;
use crate::dispatch;
use crate::results::{Record, Wanted};
use clap::Args;
use qos_host::source::Source;
use qos_host::table::table;
use qos_host::ui::{self, Flags, Result, Ui, seconds};
use qos_host::{nix, root};
use qos_table::Check;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use xtask::setup::setup;

/// The flake's checks.
const CHECKS: &str = "checks.x86_64-linux";

/// Arguments of `test`.
#[derive(Args)]
pub struct Test {
    /// Run only these checks, by their names in qos.toml; default: the usual checks, in the order of qos.toml
    #[arg(value_name = "CHECK", value_parser = known)]
    only: Vec<String>,
    /// Run every check, including those that build kernels for minutes
    #[arg(long, conflicts_with = "only")]
    all: bool,
    #[command(flatten)]
    wanted: Wanted,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    flags: Flags,
}

/// The name of a check: of the table, or of the flake of a system's own repository.
fn known(name: &str) -> Result<String> {
    let names = match root::is_system() {
        true => derivations()?,
        false => table()?.checks.iter().map(|check| check.name.clone()).collect(),
    };
    if names.iter().any(|known| known == name) {
        return Ok(name.to_owned());
    }
    Err(format!("unknown check {name}; the checks are {}", names.join(", ")).into())
}

/// Builds what a check needs beyond the image.
fn prepare(check: &Check, built: &mut Built, ui: &Ui) -> Result<()> {
    if check.needs_loop {
        build_as_the_loop(ui)?;
    }
    built.add(ui, check)
}

/// Makes the loop build and pack the initramfs of each image on the default kernel.
fn build_as_the_loop(ui: &Ui) -> Result<()> {
    for image in table()?.usual_images() {
        let status =
            dispatch::tool(ui, "qos-dev")?.args(["--once", "--no-boot", "--image", &image.name]).status();
        if !status.map_err(|error| format!("cannot run qos-dev: {error}"))?.success() {
            return Err(format!(
                "the development loop's build of the image {} failed; see the messages above",
                image.name
            )
            .into());
        }
    }
    Ok(())
}

/// The names of the checks that are derivations, because what they look at is built by Nix alone. Those of a system's own repository
/// all are.
fn derivations() -> Result<Vec<String>> {
    if root::is_system() {
        return nix::names(root::root(), CHECKS);
    }
    let usual = table()?.kernels.iter().filter(|kernel| kernel.lts().is_none());
    let others = ["loop-programs", "modules"].map(str::to_owned);
    Ok(usual.map(|kernel| kernel.attribute("kernel-config")).chain(others).collect())
}

/// A check's name, whether it passed, and how long it took.
type Outcome = (String, bool, Duration);

/// Builds the derivations of checks.
fn build_all(ui: &Ui, checks: Vec<String>, record: &mut Record) -> Vec<Outcome> {
    let one = |check: String| {
        let begin = Instant::now();
        let failure = nix::build(ui, &format!("{CHECKS}.{check}")).err();
        if let Some(error) = &failure {
            eprintln!("{error}");
        }
        let failure = failure.map(|error| error.to_string());
        record.derivation(&check, failure.as_deref(), begin.elapsed());
        (check, failure.is_none(), begin.elapsed())
    };
    checks.into_iter().map(one).collect()
}

impl Test {
    /// Runs the verb; all checks run, even after a failure. The exit code is that of the verdict (`tools/results/README.md`).
    pub fn run(self) -> Result<ExitCode> {
        let mut record = Record::new(&self.wanted)?;
        let ran = self.checks(&mut record);
        if let Err(error) = &ran {
            record.stopped(&error.to_string());
        }
        record.write()?;
        let results = match ran {
            Err(error) if ui::interrupted() => return Err(error),
            ran => ran.unwrap_or_default(),
        };
        let width = results.iter().map(|(check, ..)| check.len()).max().unwrap_or(0);
        for (check, passed, took) in &results {
            println!("{check:width$} {:6} {:>9}", if *passed { "passed" } else { "FAILED" }, seconds(*took));
        }
        let verdict = record.verdict();
        match verdict.advice() {
            Some(advice) => println!("{verdict}\n  {advice}"),
            None => println!("{verdict}"),
        }
        let failed = results.iter().filter(|(_, passed, _)| !passed).count();
        println!("checks: {} passed, {failed} failed", results.len() - failed);
        Ok(ExitCode::from(verdict.exit_code()))
    }

    /// Runs the checks; each with whether it passed, and how long it took.
    fn checks(&self, record: &mut Record) -> Result<Vec<Outcome>> {
        let ui = Ui::new(&self.flags, "test.log")?;
        let table = table()?;
        let wanted: Vec<_> = table.checks.iter().filter(|check| self.wants(check)).collect();
        let mut trees: Vec<String> = wanted.iter().flat_map(|check| table.trees_of_check(check)).collect();
        if root::is_system() {
            trees.extend(table.usual_images().flat_map(|image| table.trees_of_image(image)));
        }
        setup(&ui, &self.source, &trees)?;
        if root::is_system() {
            let named = self.only.clone();
            return Ok(build_all(&ui, if named.is_empty() { derivations()? } else { named }, record));
        }
        let mut results = Vec::new();
        let begin = Instant::now();
        let mut built = match Built::new(&ui) {
            Ok(built) => built,
            Err(error) => {
                eprintln!("{error}");
                record.derivation("image", Some(&error.to_string()), begin.elapsed());
                results.push(("image".to_owned(), false, begin.elapsed()));
                return Ok(results);
            }
        };
        if self.only.is_empty() {
            results.extend(build_all(&ui, derivations()?, record));
        }
        ui.summary();
        for check in wanted {
            let name = &check.name;
            if ui::interrupted() {
                return Err("interrupted".into());
            }
            ui.say(&format!("== {name}"));
            let begin = Instant::now();
            if let Err(error) = prepare(check, &mut built, &ui) {
                eprintln!("{error}");
                record.derivation(name, Some(&error.to_string()), begin.elapsed());
                results.push((name.clone(), false, begin.elapsed()));
                continue;
            }
            // A snapshot is never written by the code that compares it.
            let environment = [("INSTA_UPDATE", "no"), ("INSTA_FORCE_PASS", "0")];
            let reports = if record.is_wanted() { record.reports_inside() } else { String::new() };
            let environment = [environment[0], environment[1], ("QOS_RESULTS", &reports)];
            let (status, output) = built.check_recorded(check, &environment)?;
            record.check(name, status, begin.elapsed(), &output);
            results.push((name.clone(), status.success(), begin.elapsed()));
        }
        record.reports()?;
        Ok(results)
    }

    fn wants(&self, check: &Check) -> bool {
        if self.only.is_empty() { self.all || check.usual } else { self.only.contains(&check.name) }
    }
}
