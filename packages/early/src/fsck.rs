// SPDX-License-Identifier: MIT OR Apache-2.0
//! Checks the root file system before it is mounted, with the checker of its type (fsck(8)).

use crate::devices::Block;
use crate::kmsg::{debug, info, warn};
use crate::options::{Check, Options, Repair};
use qos_sys::error_text;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

/// Directories of the initramfs in which a checker may be.
const DIRECTORIES: &[&str] = &["/sbin", "/bin", "/usr/sbin", "/usr/bin"];

/// Types without anything to check at boot: they are read-only, or replay their journal when they are mounted.
const UNCHECKED: &[&str] = &["bcachefs", "btrfs", "erofs", "iso9660", "squashfs", "xfs"];

/// How a check ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The file system can be mounted.
    Clean,
    /// Errors were repaired, and the kernel has to start anew.
    Reboot,
    /// It has errors that are for a person to repair: why.
    Broken(String),
}

/// Checks the file system of type `kind` on `device`, where that is due and its checker is there.
pub fn check(device: &Block, kind: &str, options: &Options) -> Outcome {
    let Some(arguments) = arguments(device, kind, options) else { return Outcome::Clean };
    let paths = DIRECTORIES.iter().map(|directory| Path::new(directory).join(format!("fsck.{kind}")));
    let Some(program) = paths.into_iter().find(|path| path.exists()) else {
        debug(|| format!("{} is not checked: the initramfs has no fsck.{kind}", device.node));
        return Outcome::Clean;
    };
    run(&program, &arguments)
}

/// The arguments of the checker, if it is to run.
fn arguments(device: &Block, kind: &str, options: &Options) -> Option<Vec<String>> {
    if options.check == Check::Skip || device.read_only || UNCHECKED.contains(&kind) {
        return None;
    }
    let repair = match options.repair {
        Repair::Preen => "-a",
        Repair::Yes => "-y",
        Repair::No => "-n",
    };
    let force = options.check == Check::Force && (kind.starts_with("ext") || kind == "f2fs");
    let words = [repair].into_iter().chain(force.then_some("-f")).chain([&*device.node]);
    Some(words.map(str::to_owned).collect())
}

fn run(program: &PathBuf, arguments: &[String]) -> Outcome {
    let shown = format!("{} {}", program.display(), arguments.join(" "));
    info(&shown);
    match Command::new(program).args(arguments).status() {
        Ok(status) => outcome(&shown, status),
        Err(error) => {
            warn(&format!("{shown}: {}", error_text(&error)));
            Outcome::Clean
        }
    }
}

fn outcome(shown: &str, status: ExitStatus) -> Outcome {
    match status.code() {
        Some(0 | 1) => Outcome::Clean,
        Some(code) if code & 4 != 0 => {
            Outcome::Broken(format!("{shown} found errors that it does not repair"))
        }
        Some(code) if code & 2 != 0 => Outcome::Reboot,
        // The checker did not work, which is no information about the file system.
        Some(code) => {
            warn(&format!("{shown} ended with status {code}"));
            Outcome::Clean
        }
        None => Outcome::Broken(format!("{shown}: {status}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::devices::tests::block;
    use std::os::unix::process::ExitStatusExt;

    #[test]
    fn when_it_runs() {
        let options = |line: &str| Options::new(&crate::cmdline::parse(line));
        for (kind, line, expect) in [
            ("ext4", "", Some("-a /dev/vda")),
            ("ext4", "fsck.mode=force", Some("-a -f /dev/vda")),
            ("ext4", "fsck.mode=force fsck.repair=yes", Some("-y -f /dev/vda")),
            ("ext4", "fsck.repair=no", Some("-n /dev/vda")),
            ("vfat", "fsck.mode=force", Some("-a /dev/vda")),
            ("ext4", "fsck.mode=skip", None),
            ("btrfs", "fsck.mode=force", None),
            ("xfs", "", None),
            ("squashfs", "", None),
        ] {
            let found = arguments(&block("vda", kind), kind, &options(line)).map(|words| words.join(" "));
            assert_eq!(found.as_deref(), expect, "{kind} {line}");
        }
        let device = Block { read_only: true, ..block("vda", "ext4") };
        assert_eq!(arguments(&device, "ext4", &options("")), None);
    }

    #[test]
    fn statuses() {
        let broken = |text: &str| Outcome::Broken(text.to_owned());
        for (raw, expect) in [
            (0, Outcome::Clean),
            (1 << 8, Outcome::Clean),
            (2 << 8, Outcome::Reboot),
            (3 << 8, Outcome::Reboot),
            (4 << 8, broken("fsck found errors that it does not repair")),
            (6 << 8, broken("fsck found errors that it does not repair")),
            (8 << 8, Outcome::Clean),
            (9, broken("fsck: signal: 9 (SIGKILL)")),
        ] {
            assert_eq!(outcome("fsck", ExitStatus::from_raw(raw)), expect, "{raw}");
        }
    }
}
