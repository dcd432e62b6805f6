// SPDX-License-Identifier: MIT OR Apache-2.0
//! The consoles, for messages and shells.

use crate::kmsg;
use qos_sys::spawn::{Session, spawn};
use qos_sys::{error_text, process, tty};
use std::path::{Path, PathBuf};
use std::process::Command;

const ACTIVE: &str = "/sys/class/tty/console/active";
const SHELL: &str = "/bin/sh";

/// The terminals of all active consoles; the last one is what `/dev/console` is.
#[must_use]
pub fn all() -> Vec<PathBuf> {
    let active = std::fs::read_to_string(ACTIVE).unwrap_or_default();
    let mut found: Vec<PathBuf> = terminals(&active).into_iter().filter(|path| path.exists()).collect();
    if found.is_empty() {
        found.push("/dev/console".into());
    }
    found
}

/// `tty0` is whichever screen is shown, which no session can own.
fn terminals(active: &str) -> Vec<PathBuf> {
    let name = |name| if name == "tty0" { "tty1" } else { name };
    active.split_whitespace().map(|it| Path::new("/dev").join(name(it))).collect()
}

/// Runs a shell on the last console until it ends. `false` if there is none.
pub fn shell() -> bool {
    if !Path::new(SHELL).exists() {
        kmsg::critical(&format!("no shell: {SHELL} is not in the initramfs"));
        return false;
    }
    match run_shell() {
        Ok(()) => true,
        Err(error) => {
            kmsg::critical(&format!("no shell: {SHELL}: {}", error_text(&error)));
            false
        }
    }
}

fn run_shell() -> std::io::Result<()> {
    let terminal = tty::open(all().last().map_or(Path::new("/dev/console"), PathBuf::as_path))?;
    let mut command = Command::new(SHELL);
    command.arg("-i").env("PS1", "early# ").env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("HOME", "/");
    command.stdin(terminal.try_clone()?).stdout(terminal.try_clone()?).stderr(terminal);
    spawn(command, Session::OwnWithTerminal)?.wait()?;
    reap();
    Ok(())
}

/// Collects the processes that were left to this one.
pub fn reap() {
    while matches!(process::reap(), Ok(process::Reaped::Child(..))) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (active, expect) in [
            ("", &[][..]),
            ("ttyS0\n", &["/dev/ttyS0"]),
            ("tty0 ttyS0 hvc0\n", &["/dev/tty1", "/dev/ttyS0", "/dev/hvc0"]),
        ] {
            assert_eq!(terminals(active), expect.iter().map(PathBuf::from).collect::<Vec<_>>(), "{active}");
        }
    }
}
