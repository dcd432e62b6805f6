// SPDX-License-Identifier: GPL-3.0-or-later
//! The cases of `tests/cases`, by dash, `bash --posix` and this shell.
//!
//! Each shell is also what the scripts find as `sh`.

use qos_cases::{Shell, failures, load};
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// The shell of the name `name` that is the program `program`, with `args`.
fn shell(name: &str, program: &Path, args: &[&str]) -> Shell {
    let bin = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let link = bin.join("sh");
    fs::create_dir_all(&bin).unwrap();
    if link.is_symlink() {
        fs::remove_file(&link).unwrap();
    }
    symlink(program, &link).unwrap();

    let mut shell = Shell::new(name, args);
    shell.command.insert(0, program.into());
    let mut path = OsString::from(bin);
    path.push(":/usr/bin:/bin");
    shell.path = path;
    shell
}

/// A message for each case that fails.
fn check(shell: &Shell) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let cases = load(&directory).unwrap();
    assert!(cases.len() >= 250, "{} cases", cases.len());
    let failures = failures(&cases, shell);
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), cases.len(), failures.join("\n"));
}

#[test]
fn this_shell() {
    check(&shell("qos", Path::new(env!("CARGO_BIN_EXE_sh")), &[]));
}

#[test]
fn dash() {
    check(&shell("dash", Path::new("/usr/bin/dash"), &[]));
}

#[test]
fn bash() {
    check(&shell("bash", Path::new("/usr/bin/bash"), &["--posix"]));
}
