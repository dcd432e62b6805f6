// SPDX-License-Identifier: MIT OR Apache-2.0
//! The accelerator of a run. KVM is tested before its use: even if /dev/kvm can be opened, a guest can crash or hang in it
//! (incomplete nested virtualisation). The result of the test is kept until the host's next boot.

use crate::error::{Error, Result};
use crate::program::Program;
use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// What executes the guest's instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accel {
    /// The host's CPU, through /dev/kvm.
    Kvm,
    /// QEMU's translator: everywhere, slower.
    Tcg,
}

impl Accel {
    /// QEMU's name for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Accel::Kvm => "kvm",
            Accel::Tcg => "tcg",
        }
    }
}

/// The user's choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Choice {
    /// KVM where it works, else TCG.
    #[default]
    Auto,
    /// KVM or nothing.
    Kvm,
    /// TCG: works everywhere, slower.
    Tcg,
}

/// What a run starts with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    pub accel: Accel,
    /// TCG is to follow when KVM turns out to be broken.
    pub fallback: bool,
    /// Why it is not the faster one.
    pub note: Option<String>,
}

const DEVICE: &str = "/dev/kvm";

/// What to start with.
///
/// # Errors
/// When KVM is demanded and cannot be opened.
pub(crate) fn plan(choice: Choice, program: &Program) -> Result<Plan> {
    if choice == Choice::Tcg {
        return Ok(Plan { accel: Accel::Tcg, fallback: false, note: None });
    }
    let opened = OpenOptions::new().read(true).write(true).open(DEVICE);
    decide(choice, opened.err().as_ref(), cache_file().and_then(|file| remembered(&file, &key(program)?)))
}

fn decide(choice: Choice, open_error: Option<&io::Error>, broken: Option<String>) -> Result<Plan> {
    let tcg = |note: String| Ok(Plan { accel: Accel::Tcg, fallback: false, note: Some(note) });
    match (choice, open_error, broken) {
        (Choice::Tcg, _, _) => Ok(Plan { accel: Accel::Tcg, fallback: false, note: None }),
        (Choice::Kvm, Some(error), _) => {
            Err(Error::new(format!("no KVM: {}; --accel tcg works without", why(error))))
        }
        (Choice::Kvm, None, _) => Ok(Plan { accel: Accel::Kvm, fallback: false, note: None }),
        (Choice::Auto, Some(error), _) => tcg(format!("running under TCG, which is slower: {}", why(error))),
        (Choice::Auto, None, Some(how)) => tcg(format!(
            "running under TCG, which is slower: KVM was found broken since this host's boot ({how}); --accel kvm tries it again"
        )),
        (Choice::Auto, None, None) => Ok(Plan { accel: Accel::Kvm, fallback: true, note: None }),
    }
}

fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => format!(
            "{DEVICE} is not there (no virtualisation in this CPU or VM, or kvm_intel/kvm_amd is not loaded)"
        ),
        io::ErrorKind::PermissionDenied => {
            format!("{DEVICE} may not be opened (add yourself to its group: `sudo usermod -aG kvm $USER`)")
        }
        _ => format!("{DEVICE} cannot be opened: {error}"),
    }
}

/// Keeps in mind that KVM is broken with this QEMU until the host boots again. Without a place for it the next run
/// finds out for itself.
pub(crate) fn remember_broken(program: &Program, how: &str) {
    let (Some(file), Some(key)) = (cache_file(), key(program)) else {
        return;
    };
    let text = format!("{key}\t{}\n", how.replace(['\n', '\t'], " "));
    let temporary = file.with_extension(format!("{}.tmp", std::process::id()));
    let written = file.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&temporary, text));
    if written.and_then(|()| fs::rename(&temporary, &file)).is_err() {
        let _ = fs::remove_file(&temporary);
    }
}

/// KVM works after all.
pub(crate) fn forget_broken() {
    if let Some(file) = cache_file() {
        // It is not there as a rule.
        let _ = fs::remove_file(file);
    }
}

fn remembered(file: &Path, key: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let how = text.strip_prefix(key)?.strip_prefix('\t')?;
    Some(how.trim_end().to_owned())
}

/// The host's boot and the QEMU binary: what a finding is about.
fn key(program: &Program) -> Option<String> {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let meta = fs::metadata(&program.binary).ok()?;
    Some(format!("{} {} {} {}", boot.trim(), program.binary.display(), meta.size(), meta.mtime()))
}

/// `$XDG_CACHE_HOME/qos/kvm-broken`, or the same in `~/.cache` (XDG Base Directory Specification).
fn cache_file() -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let folder = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))?;
    Some(folder.join("qos/kvm-broken"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_choice_follows_from_what_is_known() {
        let missing = io::Error::from(io::ErrorKind::NotFound);
        let denied = io::Error::from(io::ErrorKind::PermissionDenied);
        let check = |choice, error: Option<&io::Error>, broken: Option<&str>, expect: &str| {
            let text = match decide(choice, error, broken.map(str::to_owned)) {
                Ok(plan) => format!("{:?} {} {}", plan.accel, plan.fallback, plan.note.unwrap_or_default()),
                Err(error) => format!("error {error}"),
            };
            assert!(text.contains(expect), "{text}");
        };
        check(Choice::Auto, None, None, "Kvm true");
        check(Choice::Auto, Some(&missing), None, "/dev/kvm is not there");
        check(Choice::Auto, Some(&denied), None, "usermod");
        check(Choice::Auto, None, Some("x"), "Tcg false running under TCG");
        check(Choice::Kvm, None, Some("x"), "Kvm false");
        check(Choice::Kvm, Some(&denied), None, "error no KVM: /dev/kvm may not be opened");
        check(Choice::Tcg, None, None, "Tcg false");
    }

    #[test]
    fn a_finding_is_only_about_its_host_and_qemu() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("found");
        fs::write(&file, "boot qemu 1 2\tit hung\n")?;
        let (same, other) = (remembered(&file, "boot qemu 1 2"), remembered(&file, "boot qemu 1 3"));
        fs::remove_file(&file)?;
        assert_eq!((same.as_deref(), other), (Some("it hung"), None));
        assert_eq!(remembered(&file, "boot"), None);
        Ok(())
    }
}
