// SPDX-License-Identifier: MIT OR Apache-2.0
//! Commands that only root may run.

use nix::unistd::geteuid;
use qos_host::ui::{Result, Ui};
use xshell::{Shell, cmd};

/// Runs a command as root: through sudo, unless this is `root`. Its output goes to the log.
///
/// # Errors
///
/// One line: it cannot be started, or fails.
pub fn run(ui: &Ui, root: bool, words: &[&str]) -> Result<()> {
    let sudo: &[&str] = if root { &[] } else { &["sudo"] };
    let mut words = sudo.iter().chain(words);
    let program = words.next().copied().unwrap_or_default();
    let shell = Shell::new()?;
    let command = cmd!(shell, "{program} {words...}").env("DEBIAN_FRONTEND", "noninteractive");
    let output = command.quiet().ignore_status().output();
    let output = output.map_err(|error| format!("{program} cannot be run: {error}"))?;
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    text.iter().flat_map(|text| text.lines()).for_each(|line| ui.log(line));
    if output.status.success() {
        return Ok(());
    }
    let reason = text[1].lines().rfind(|line| line.starts_with("E:")).or_else(|| text[1].lines().last());
    let what: Vec<_> = sudo.iter().copied().chain(std::iter::once(program)).collect();
    Err(format!("{} failed: {}", what.join(" "), reason.unwrap_or("no reason given").trim()).into())
}

/// Whether there is such a program.
pub fn has(program: &str) -> bool {
    let found =
        |shell: Shell| cmd!(shell, "{program} --version").quiet().ignore_stdout().ignore_stderr().run();
    Shell::new().and_then(found).is_ok()
}

/// Whether this user is root.
pub fn is_root() -> bool {
    geteuid().is_root()
}
