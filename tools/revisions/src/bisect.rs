// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask bisect GOOD BAD`: finds the commit at which a line, the verdict or the cost of the golden boot changed.

use crate::search::{Look, search};
use clap::Args;
use qos_bootlog::{Line, cost, parse};
use qos_host::source::Source;
use qos_host::table::default_image;
use qos_host::ui::{Flags, Result, Ui, interrupted};
use qos_host::{nix, root};
use qos_revisions::boots::Tree;
use qos_revisions::image::Which;
use qos_revisions::revision::{Revision, git};
use qos_revisions::slot::Slot;
use regex_lite::Regex;
use std::fs;
use std::process::{Command, ExitCode, Stdio};

/// Arguments of `bisect`.
#[derive(Args)]
#[command(group = clap::ArgGroup::new("what").required(true))]
pub struct Bisect {
    /// A commit from before the change
    good: String,
    /// A commit from after it
    bad: String,
    /// Search for the appearance of a line that matches this regular expression, without its time stamp
    #[arg(long, value_name = "PATTERN", group = "what")]
    boot: Option<String>,
    /// Search for a change of the verdict
    #[arg(long, group = "what")]
    verdict: bool,
    /// Search for a boot that takes more than this many millions of instructions to /init
    #[arg(long, value_name = "MILLIONS", group = "what")]
    cost_above: Option<f64>,
    /// The image or disk to boot, one of qos.toml on any kernel
    #[arg(long, value_name = "NAME", default_value_t = default_image())]
    image: String,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    flags: Flags,
}

/// The guest's time limit in seconds; the searched change can be a hang.
const LIMIT: &str = "120";

/// Verdicts of the runner after which nothing more would have been in the log: the guest's program ended.
const WHOLE_BOOTS: [&str; 3] = ["passed", "failed", "powered-off"];
/// Verdicts that are not the guest's.
const BROKEN_RUNS: [&str; 5] = ["vm-error", "broken-accelerator", "interrupted", "output-closed", "unknown"];

/// How a revision boots.
struct Boot {
    lines: Vec<Line>,
    verdict: String,
}

impl Bisect {
    /// Runs the verb.
    pub fn run(self) -> Result<ExitCode> {
        let ui = Ui::new(&self.flags, "bisect.log")?;
        let pattern = self.boot.as_deref().map(Regex::new).transpose();
        let pattern = pattern.map_err(|error| format!("--boot is not a regular expression: {error}"))?;
        let commits = path(&self.good, &self.bad)?;
        let image = Which::of(&self.image)?;

        let value = |commit: &str| -> Result<std::result::Result<String, String>> {
            let boot = boot(commit, &image, &ui, &self.source);
            if interrupted() {
                return Err("interrupted".into());
            }
            let value =
                boot.map_err(|error| error.to_string()).and_then(|boot| self.value(&boot, pattern.as_ref()));
            let text = match &value {
                Ok(value) => value.clone(),
                Err(reason) => format!("skipped, untestable: {reason}"),
            };
            ui.show(&format!("{} {text}", describe(commit)));
            Ok(value)
        };
        let at_end = |commit: &str| -> Result<String> {
            value(commit)?.map_err(|error| format!("{} cannot be compared: {error}", describe(commit)).into())
        };
        let (first, last) = (at_end(&commits[0])?, at_end(&commits[commits.len() - 1])?);
        if first == last {
            return Err(format!("nothing changed between the two commits; both: {first}").into());
        }
        let found = search(commits.len() - 1, |at| -> Result<Look> {
            Ok(match value(&commits[at])? {
                Ok(value) if value == first => Look::Old,
                Ok(_) => Look::New,
                Err(_) => Look::Unknown,
            })
        })?;
        let changed = &commits[found.old + 1..=found.new];
        if changed.len() > 1 {
            println!("one of these commits; all but the last were skipped:");
        }
        for commit in changed {
            println!(
                "{}",
                git(&[
                    "show",
                    "--no-patch",
                    "--format=commit %H%nAuthor: %an%nDate:   %ad%n%n    %s",
                    commit
                ])?
            );
        }
        println!("before: {first}");
        Ok(ExitCode::SUCCESS)
    }

    /// The result of one boot: two boots are equal if it is the same text.
    ///
    /// # Errors
    ///
    /// Why the boot says nothing about it, as `git bisect run` takes status 125: a guest that panics or hangs before a line
    /// could come does not lack the line.
    fn value(&self, boot: &Boot, pattern: Option<&Regex>) -> std::result::Result<String, String> {
        let verdict = &boot.verdict;
        if BROKEN_RUNS.contains(&verdict.as_str()) {
            return Err(format!("the run itself failed (verdict {verdict})"));
        }
        if let Some(pattern) = pattern {
            if boot.lines.iter().any(|line| pattern.is_match(line.message())) {
                return Ok("has the line".into());
            }
            return match WHOLE_BOOTS.contains(&verdict.as_str()) {
                true => Ok("does not have the line".into()),
                false => Err(format!(
                    "the boot ends too early to have the line (verdict {verdict}); --verdict looks for the commit that \
                     causes this"
                )),
            };
        }
        if let Some(limit) = self.cost_above {
            // Instructions are counted in whole thousands, so a float distinguishes them.
            #[expect(clippy::cast_precision_loss, reason = "a boot has less than 2^53 instructions")]
            let above = cost::Cost::of(&boot.lines).to_init.map(|cost| cost as f64 / 1e6 > limit);
            return match above {
                Some(true) => Ok(format!("takes more than {limit} M instructions to /init")),
                Some(false) => Ok(format!("takes at most {limit} M instructions to /init")),
                None => Err(format!("the boot does not reach /init (verdict {verdict})")),
            };
        }
        Ok(format!("verdict {verdict}"))
    }
}

/// The commits from `good` to `bad`, both with it, along first parents.
fn path(good: &str, bad: &str) -> Result<Vec<String>> {
    let [first, last] =
        [Revision::commit(good)?, Revision::commit(bad)?].map(|one| one.commit.unwrap_or_default());
    if git(&["merge-base", "--is-ancestor", &first, &last]).is_err() {
        return Err(format!("{good} is not an ancestor of {bad}; name the older commit first").into());
    }
    let between = git(&["rev-list", "--reverse", "--first-parent", &format!("{first}..{last}")])?;
    let commits: Vec<String> = std::iter::once(first).chain(between.lines().map(str::to_owned)).collect();
    if commits.len() < 2 {
        return Err(format!("{good} and {bad} are the same commit").into());
    }
    Ok(commits)
}

/// Builds a commit and boots it golden. However the guest ends is a result.
fn boot(commit: &str, image: &Which<'_>, ui: &Ui, source: &Source) -> Result<Boot> {
    let tree = Tree::of_commit(commit)?;
    image.set_up(&tree, source, ui)?;
    let program = nix::build_in(tree.root(), ui, &image.entry().attribute("qemu"))?.join("bin/qos-qemu");
    let slot = Slot::in_scratch("bisect", "run")?;
    let folder = slot.path();
    fs::create_dir_all(folder).map_err(|error| format!("cannot write {}: {error}", folder.display()))?;
    let (log, report) = (folder.join("boot.log"), folder.join("report.json"));
    for file in [&log, &report] {
        // What an earlier boot left must not be taken for this one's.
        let _ = fs::remove_file(file);
    }
    Command::new(&program)
        .args(["--golden", "--timeout", LIMIT, "--script"])
        .arg(root::find(tree.root(), image.script().as_ref()))
        .arg("--log")
        .arg(&log)
        .arg("--report")
        .arg(&report)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(|error| format!("cannot run {}: {error}", program.display()))?;
    let read = |path| fs::read(path).map_err(|error| format!("the runner wrote no report: {error}"));
    let report: serde_json::Value = serde_json::from_slice(&read(&report)?)?;
    let verdict = report.get("verdict").and_then(|verdict| verdict.as_str()).unwrap_or("unknown").to_owned();
    Ok(Boot { lines: parse(&read(&log)?), verdict })
}

fn describe(commit: &str) -> String {
    git(&["show", "--no-patch", "--format=%h %s:", commit]).unwrap_or_else(|_| commit.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The result of a boot with this log and verdict for `what`: a pattern, a number of millions of instructions, or nothing.
    fn check(what: &str, log: &str, verdict: &str, expect: std::result::Result<&str, &str>) {
        let cost_above = what.parse().ok();
        let pattern = (!what.is_empty() && cost_above.is_none()).then(|| Regex::new(what).unwrap());
        let bisect = Bisect {
            good: String::new(),
            bad: String::new(),
            boot: None,
            verdict: what.is_empty(),
            cost_above,
            image: "default".into(),
            source: Source::default(),
            flags: Flags::default(),
        };
        let boot = Boot { lines: parse(log.as_bytes()), verdict: verdict.into() };
        let found = bisect.value(&boot, pattern.as_ref());
        match expect {
            Ok(value) => assert_eq!(found.as_deref(), Ok(value), "{what} {verdict}"),
            Err(part) => {
                let reason = found.unwrap_err();
                assert!(reason.contains(part), "{what} {verdict}: {reason}");
            }
        }
    }

    const LOG: &str = "[    0.100000] Linux version 7.3.4\n[    0.200000] clk: Disabling unused clocks\n";

    #[test]
    fn a_line_that_a_boot_did_not_come_to_is_not_absent() {
        for verdict in ["passed", "failed", "powered-off"] {
            check("clk:", LOG, verdict, Ok("has the line"));
            check("usb:", LOG, verdict, Ok("does not have the line"));
        }
        let early = [
            "no-verdict",
            "kernel-panic",
            "oops",
            "init-exited",
            "no-init",
            "no-root",
            "out-of-memory",
            "lockup",
            "inactivity",
            "reset",
            "timeout",
        ];
        for verdict in early {
            check("clk:", LOG, verdict, Ok("has the line"));
            check("usb:", LOG, verdict, Err("ends too early"));
            check("", LOG, verdict, Ok(&format!("verdict {verdict}")));
            check("5", LOG, verdict, Err("does not reach /init"));
        }
    }

    #[test]
    fn a_run_that_failed_says_nothing() {
        for verdict in BROKEN_RUNS {
            for what in ["clk:", "", "5"] {
                check(what, LOG, verdict, Err("the run itself failed"));
            }
        }
    }
}
