// SPDX-License-Identifier: MIT OR Apache-2.0
//! The results of `cargo xtask test`: collects them while the checks run, then forms the verdict and writes the files.

use clap::Args;
use qos_console::{ktap, parse};
use qos_host::root;
use qos_host::ui::Result;
use qos_results::{Case, Outcome, Results, Suite, Verdict, libtest};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

/// Where results go.
#[derive(Args)]
pub struct Wanted {
    /// Write the results to this file as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write the results to this file as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Results that are being collected.
pub struct Record<'a> {
    wanted: &'a Wanted,
    results: Results,
    /// Where checks leave reports of their own, from the repository's root.
    reports: PathBuf,
}

impl<'a> Record<'a> {
    /// Empty results. The files are created now, so that one that is not writable is reported before a run and not after it.
    ///
    /// # Errors
    ///
    /// A file cannot be written, or what an earlier run left cannot be removed.
    pub fn new(wanted: &'a Wanted) -> Result<Record<'a>> {
        for file in [&wanted.junit, &wanted.json].into_iter().flatten() {
            write(file, "")?;
        }
        let record = Record { wanted, results: Results::default(), reports: "target/qos/results".into() };
        if record.is_wanted() {
            let folder = root::root().join(&record.reports);
            let failed = |error| format!("cannot empty {}: {error}", folder.display());
            match fs::remove_dir_all(&folder) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(failed(error).into());
                }
                _ => fs::create_dir_all(&folder).map_err(failed)?,
            }
        }
        Ok(record)
    }

    /// Whether a file of results was requested, which needs more details than the verdict.
    pub fn is_wanted(&self) -> bool {
        self.wanted.junit.is_some() || self.wanted.json.is_some()
    }

    /// The directory in which checks leave reports, as they see it in the sysroot.
    pub fn reports_inside(&self) -> String {
        Path::new("/qos").join(&self.reports).display().to_string()
    }

    /// A check that is a derivation.
    pub fn derivation(&mut self, name: &str, failure: Option<&str>, time: Duration) {
        let outcome = failure.map_or(Outcome::Passed, |message| Outcome::Failed(message.to_owned()));
        let case = Case { time: Some(time), ..Case::new(name, outcome) };
        match self.results.suites.iter_mut().find(|suite| suite.name == "derivations") {
            Some(suite) => suite.cases.push(case),
            None => self.results.suites.push(Suite { cases: vec![case], ..Suite::new("derivations") }),
        }
    }

    /// Adds a check of `check.sh` that ended; `output` is its output.
    pub fn check(&mut self, name: &str, status: ExitStatus, time: Duration, output: &[u8]) {
        self.results.suites.extend(suites(name, status, time, output));
    }

    /// The reports that checks left: KTAP, of kernel modules' tests.
    ///
    /// # Errors
    ///
    /// One cannot be read.
    pub fn reports(&mut self) -> Result<()> {
        if !self.is_wanted() {
            return Ok(());
        }
        let folder = root::root().join(&self.reports);
        let failed = |error| format!("cannot read {}: {error}", folder.display());
        let entries = fs::read_dir(&folder).map_err(failed)?;
        let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "ktap"));
        files.sort();
        for file in files {
            let name = file.file_stem().unwrap_or_default().to_string_lossy();
            for report in ktap::reports(&parse(&fs::read(&file).map_err(failed)?)) {
                self.results.suites.push(Suite::of_ktap(format!("kunit {name}"), &report));
            }
        }
        Ok(())
    }

    /// The run ended before its checks had, for a reason outside of what they check.
    pub fn stopped(&mut self, why: &str) {
        let case = Case::new("all checks", Verdict::infrastructure(why));
        self.results.suites.push(Suite { cases: vec![case], ..Suite::new("test") });
    }

    /// The verdict on the collected results.
    pub fn verdict(&self) -> Verdict {
        Verdict::of(&self.results)
    }

    /// Writes the requested files.
    ///
    /// # Errors
    ///
    /// One cannot be written.
    pub fn write(&self) -> Result<()> {
        if let Some(file) = &self.wanted.junit {
            write(file, &self.results.junit())?;
        }
        if let Some(file) = &self.wanted.json {
            write(file, &self.results.json())?;
        }
        Ok(())
    }
}

fn write(file: &Path, text: &str) -> Result<()> {
    fs::write(file, text).map_err(|error| format!("cannot write {}: {error}", file.display()).into())
}

/// The suites of one check: those of its test programs, or one with the check as its only case.
fn suites(name: &str, status: ExitStatus, time: Duration, output: &[u8]) -> Vec<Suite> {
    // The text that a terminal shows: without colours, overwritten progress, and bytes that are not text.
    let lines = parse(output);
    let read = libtest::read(lines.iter().map(|line| line.text.as_str()));
    let mut suites = read.suites;
    for suite in &mut suites {
        suite.name = format!("{name} {}", suite.name);
    }
    if suites.is_empty() || (!status.success() && !suites.iter().any(Suite::failed)) {
        let outcome = match (status.success(), suites.is_empty()) {
            (true, _) => Outcome::Passed,
            (false, true) => Outcome::Failed(format!("{name} ended with {status}")),
            (false, false) => Outcome::Failed(format!("{name} ended with {status}, although no test failed")),
        };
        let output = if status.success() { String::new() } else { read.rest };
        let case = Case { time: Some(time), output, ..Case::new(name, outcome) };
        suites.push(Suite { cases: vec![case], time: Some(time), ..Suite::new(name) });
    }
    suites
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;

    /// A line for each suite, with its cases: `+` passed, `C` changed, `F` failed, `E` error.
    #[track_caller]
    fn check(status: i32, output: &str, expect: &[&str]) {
        let suites = suites("unit", ExitStatus::from_raw(status << 8), Duration::ZERO, output.as_bytes());
        let show = |suite: &Suite| {
            let cases = suite.cases.iter().map(|case| match &case.outcome {
                Outcome::Changed(message) => format!("C {}: {message}", case.name),
                Outcome::Failed(message) => format!("F {}: {message}: {}", case.name, case.output),
                Outcome::Error(message) => format!("E {}: {message}: {}", case.name, case.output),
                Outcome::Passed | Outcome::Skipped(_) => format!("+ {}", case.name),
            });
            format!("{} | {}", suite.name, cases.collect::<Vec<_>>().join(" | "))
        };
        assert_eq!(suites.iter().map(show).collect::<Vec<_>>(), expect, "{output}");
    }

    #[test]
    fn a_check_is_a_case_or_its_tests_are() {
        check(0, "", &["unit | + unit"]);
        check(0, "some words\n", &["unit | + unit"]);
        check(1, "\x1b[31merror\x1b[0m: a\n", &["unit | F unit: unit ended with exit status: 1: error: a\n"]);
        let program =
            "     Running unittests src/lib.rs (target/debug/deps/a-0123456789abcdef)\n\nrunning 1 test\n";
        let passed = "test b ... ok\n\ntest result: ok. 1 passed; 0 failed; 0 ignored\n";
        let failed =
            "test b ... FAILED\n\nfailures:\n    b\n\ntest result: FAILED. 0 passed; 1 failed; 0 ignored\n";
        check(0, &format!("{program}{passed}"), &["unit a src/lib.rs | + b"]);
        check(
            101,
            &format!("{program}{failed}error: 1 target failed\n"),
            &["unit a src/lib.rs | F b: failed without a word: "],
        );
        check(
            101,
            &format!("error: could not compile `c`\n{program}{passed}"),
            &[
                "unit a src/lib.rs | + b",
                "unit | F unit: unit ended with exit status: 101, although no test failed: error: could not compile `c`\n",
            ],
        );
    }
}
