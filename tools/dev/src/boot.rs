// SPDX-License-Identifier: MIT OR Apache-2.0
//! The boot of a round by the runner, and its result.

use super::args::Dev;
use super::build::Places;
use super::ktap::Summary;
use super::pack;
use qos_host::ui::{Result, Ui};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::Path;
use std::process::Command;

/// The default time limit: a guest that has not ended by then hangs.
const TIMEOUT: &str = "120";

/// How a boot ended.
pub struct Booted {
    /// In words: `passed`, `2 tests passed`, `kernel panic: …`.
    pub verdict: String,
    /// The exit code: the runner's, or 1 when tests failed that the guest has nothing against.
    pub code: u8,
}

/// Boots. The guest's output goes to this program's streams; the runner reports failures, with the last lines of the console.
///
/// # Errors
///
/// The runner is not there or has written no report; the user interrupts.
pub fn boot(ui: &Ui, places: &Places, dev: &Dev) -> Result<Booted> {
    let report = places.dev.join("report.json");
    let console = places.dev.join("console.log");
    // What the last round has left must not be taken for this one's.
    let _ = fs::remove_file(&report);
    let mut command = runner(places, &places.vmlinux());
    command.arg("--report").arg(&report).arg("--log").arg(&console);
    if !gives(&dev.runner, "--timeout") {
        command.args(["--timeout", TIMEOUT]);
    }
    command.args(&dev.runner);
    match (&dev.script, &dev.run, &dev.kunit) {
        (Some(script), ..) => command.arg("--script").arg(script),
        (_, Some(line), _) => command.args(["--", "sh", "-c", line]),
        (.., Some(module)) => command.args(["--", "modprobe", &format!("{module}_test")]),
        (None, None, None) => command.args(["--", "true"]),
    };
    let status = super::child::front(&mut command)?;
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    let Ok(text) = fs::read(&report) else {
        // The runner has printed the reason.
        return Ok(Booted {
            verdict: "the guest was not started".into(),
            code: if code == 0 { 1 } else { code },
        });
    };
    let report: serde_json::Value = serde_json::from_slice(&text).map_err(|error| {
        format!("cannot read {}: {error}; see the runner's messages above", report.display())
    })?;
    let verdict = report["message"].as_str().unwrap_or("the runner reported no verdict").to_owned();
    if dev.kunit.is_none() || code != 0 {
        return Ok(Booted { verdict, code });
    }
    let log = fs::read(&console).map_err(|error| format!("cannot read {}: {error}", console.display()))?;
    let tests = Summary::of(&qos_bootlog::parse(&log));
    if !tests.passed() {
        tests.lines.iter().for_each(|line| ui.show(line));
    }
    Ok(Booted { verdict: tests.text(), code: u8::from(!tests.passed()) })
}

/// The runner, for a kernel and the packed initramfs.
pub fn runner(places: &Places, kernel: &Path) -> Command {
    let mut command = places.tool("qos-vm");
    command.arg("run").arg("--image").arg(places.dev.join("image"));
    command.arg("--kernel").arg(kernel).arg("--initramfs").arg(pack::initramfs(places));
    command.arg("--qemu-root").arg(&places.qemu);
    command
}

/// Whether an option is among the runner's arguments, as two words or one.
fn gives(arguments: &[OsString], option: &str) -> bool {
    let joined = format!("{option}=");
    let is = |word: &OsStr| word == option || word.to_string_lossy().starts_with(&joined);
    arguments.iter().any(|word| is(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options() {
        for (line, expect) in [
            ("", false),
            ("--memory 1G", false),
            ("--timeout 5", true),
            ("--timeout=5 --cpus 2", true),
            ("--timeouts", false),
        ] {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            assert_eq!(gives(&words, "--timeout"), expect, "{line}");
        }
    }
}
