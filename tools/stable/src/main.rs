// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask stable`: boots one machine several times and reports whether its logs agree, for ordinary boots.

use clap::Parser;
use qos_bootlog::conditions::Conditions;
use qos_bootlog::normal::{Normal, Rules};
use qos_bootlog::{parse, snapshot, stable};
use qos_host::runner::Runner;
use qos_host::table::{default_image, table};
use qos_host::ui::{Result, Ui, interrupted, seconds};
use qos_host::{nix, root};
use serde_json::Value;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

/// Boot one machine several times and report whether its logs agree; further arguments go to the runner
#[derive(Parser)]
#[command(name = "cargo xtask stable", bin_name = "cargo xtask stable")]
struct Stable {
    /// Number of boots
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(2..=1000))]
    runs: u32,
    /// File to write the log in its normal form to, if all boots agree
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    runner: Runner,
}

/// The guest's time limit in seconds where the arguments have none.
const LIMIT: &str = "300";

/// How the runner ends when it has not started a guest.
const NOT_STARTED: i32 = 125;

/// One boot.
struct Boot {
    log: Normal,
    verdict: String,
    conditions: Conditions,
}

fn main() -> ExitCode {
    // As diff(1): 1 is a difference, 2 trouble.
    qos_host::main("stable", 2, Stable::parse().run())
}

impl Stable {
    /// Runs the verb; exit status 0 when the boots agree, 1 when they do not, as diff(1).
    fn run(self) -> Result<ExitCode> {
        let ui = Ui::new(&self.runner.flags, "stable.log")?;
        let rules = Rules::all()?;

        let program =
            nix::build(&ui, &table()?.image(&default_image())?.attribute("qemu"))?.join("bin/qos-qemu");
        ui.summary();
        let folder = root::scratch(root::root()).join("stable");
        if folder.exists() {
            fs::remove_dir_all(&folder)
                .map_err(|error| format!("cannot empty {}: {error}", folder.display()))?;
        }
        fs::create_dir_all(&folder).map_err(|error| format!("cannot write {}: {error}", folder.display()))?;
        let arguments = with_limit(self.runner.words());
        let mut boots = Vec::new();
        for number in 1..=self.runs {
            let begin = Instant::now();
            let boot = boot(&program, &arguments, &folder.join(number.to_string()), &rules)?;
            let lines = boot.log.lines().len();
            ui.say(&format!("boot {number}: {}, {lines} lines, {}", boot.verdict, seconds(begin.elapsed())));
            boots.push(boot);
        }
        drop(ui);
        let agree = report(&boots);
        match (agree, &self.out) {
            (false, _) => println!("the logs are in {}/*.log", folder.display()),
            (true, Some(out)) => {
                let text = snapshot::text(&boots[0].conditions, &boots[0].log);
                fs::write(out, text).map_err(|error| format!("cannot write {}: {error}", out.display()))?;
            }
            (true, None) => {}
        }
        Ok(ExitCode::from(u8::from(!agree)))
    }
}

/// Reports whether they agree, and facts about the rules for a reviewer.
fn report(boots: &[Boot]) -> bool {
    let verdicts: Vec<&str> = boots.iter().map(|boot| boot.verdict.as_str()).collect();
    if let Some(at) = verdicts.iter().position(|verdict| *verdict != verdicts[0]) {
        println!("boot 1 ended in {}, boot {} in {}", verdicts[0], at + 1, verdicts[at]);
        return false;
    }
    let logs: Vec<Normal> = boots.iter().map(|boot| boot.log.clone()).collect();
    match stable::common(&logs) {
        Err(unstable) => {
            println!("{unstable}");
            false
        }
        Ok(log) => {
            println!("{} boots are equal: {} lines, {}", boots.len(), log.lines().len(), verdicts[0]);
            let constant = stable::constant(&logs);
            if !constant.is_empty() {
                println!("rules that matched but found no variation: {}", constant.join(", "));
            }
            true
        }
    }
}

/// Boots once; what comes of it stands in `stem`.log, .json and .out.
fn boot(program: &Path, arguments: &[OsString], stem: &Path, rules: &Rules) -> Result<Boot> {
    let [log, report, output] = ["log", "json", "out"].map(|extension| stem.with_extension(extension));
    let failed = |error| format!("cannot write {}: {error}", output.display());
    let file = File::create(&output).map_err(failed)?;
    let status = Command::new(program)
        .arg("--log")
        .arg(&log)
        .arg("--report")
        .arg(&report)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(file.try_clone().map_err(failed)?)
        .stderr(file)
        .status()
        .map_err(|error| format!("cannot run {}: {error}", program.display()))?;
    if interrupted() {
        return Err("interrupted".into());
    }
    let read =
        |path: &Path| fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()));
    if status.code() == Some(NOT_STARTED) || !report.exists() {
        let text = String::from_utf8_lossy(&read(&output)?).trim().to_owned();
        return Err(format!("the runner did not start the guest:\n{text}").into());
    }
    let json: Value = serde_json::from_slice(&read(&report)?)
        .map_err(|error| format!("{} is not a report of the runner: {error}", report.display()))?;
    Ok(Boot {
        log: rules.normalise(&parse(&read(&log)?)),
        verdict: json["verdict"].as_str().unwrap_or("unknown").to_owned(),
        conditions: conditions(&json["conditions"]),
    })
}

/// The conditions in a report.
fn conditions(json: &Value) -> Conditions {
    let entries = json.as_object().into_iter().flatten();
    Conditions::new(entries.map(|(key, value)| (key.as_str(), value.as_str().unwrap_or_default())))
}

/// The runner's arguments with a time limit, if they have none: that a guest hangs is a result.
fn with_limit(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let of_runner = arguments.iter().take_while(|word| *word != "--");
    let is_limit = |word: &OsString| {
        word == "--timeout" || word.to_str().is_some_and(|word| word.starts_with("--timeout="))
    };
    if !of_runner.into_iter().any(is_limit) {
        arguments.splice(0..0, ["--timeout", LIMIT].map(OsStr::new).map(OsStr::to_owned));
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_only_set_where_there_is_none() {
        let check = |arguments: &[&str], expect: &[&str]| {
            let words = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
            assert_eq!(with_limit(words(arguments)), words(expect));
        };
        check(&[], &["--timeout", "300"]);
        check(&["--cpus", "4"], &["--timeout", "300", "--cpus", "4"]);
        check(&["--timeout", "9"], &["--timeout", "9"]);
        check(&["--cpus", "4", "--timeout=9"], &["--cpus", "4", "--timeout=9"]);
        check(&["--", "timeout", "--timeout", "9"], &["--timeout", "300", "--", "timeout", "--timeout", "9"]);
    }

    #[test]
    fn conditions_are_read_from_a_report() {
        let json = serde_json::json!({"memory": "512 MiB", "qemu": "10.0.13"});
        assert_eq!(conditions(&json).to_string(), "qemu: 10.0.13\nmemory: 512 MiB\n");
        assert_eq!(conditions(&Value::Null), Conditions::default());
    }
}
