// SPDX-License-Identifier: MIT OR Apache-2.0
//! The scripts of `cases/*.toml` with the host's GNU utilities, and with those of the multi-call binary: the same output
//! and the same status.

use qos_cases::{Case, Shell};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

fn cases() -> Vec<Case> {
    qos_cases::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")).unwrap()
}

/// The host's dash. It is the shell of both runs, so that they differ in the utilities only.
fn dash() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found =
        std::env::split_paths(&path).map(|directory| directory.join("dash")).find(|file| file.is_file());
    found.expect("no dash in PATH")
}

fn run(shell: &Shell) {
    let failures = qos_cases::failures(&cases(), shell);
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn by_the_host() {
    run(&Shell::new("GNU", &[&dash().to_string_lossy()]));
}

#[test]
fn by_the_multi_call_binary() {
    let links = Path::new(env!("CARGO_TARGET_TMPDIR")).join("links");
    // It may be there from an earlier run, with other names.
    let _ = fs::remove_dir_all(&links);
    fs::create_dir_all(&links).unwrap();
    for name in qos_qos::names() {
        symlink(env!("CARGO_BIN_EXE_qos"), links.join(name)).unwrap();
    }
    symlink(dash(), links.join("sh")).unwrap();
    run(&Shell { path: links.into_os_string(), ..Shell::new("qos", &[&dash().to_string_lossy()]) });
}
