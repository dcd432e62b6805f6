// SPDX-License-Identifier: MIT OR Apache-2.0
//! `tools/nix/check.sh` with a cargo that only prints its arguments: checks that select tests by name fail if no test matches, and
//! lints fail one check only.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// A directory for a work tree, with a cargo that behaves as a script defines.
fn work_tree(script: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let cargo = folder.path().join("cargo");
    fs::write(&cargo, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

/// Runs a check, with a cargo that prints `output` for every run of tests and ends with `status`; whether it passed, and
/// what it said.
fn check(name: &str, output: &str, status: u8) -> (bool, String) {
    let folder = work_tree(&format!("printf '%b' '{output}'\nexit {status}"));
    patch(folder.path(), "a-crate-1.2.0");
    let (passed, said, _) = run(folder.path(), name);
    (passed, said)
}

/// Makes a patch of a crate in a work tree.
fn patch(folder: &Path, of: &str) {
    let patches = folder.join("packages/shell/patches").join(of);
    fs::create_dir_all(&patches).unwrap();
    fs::write(patches.join("01-why.patch"), of).unwrap();
}

/// Runs a check in a work tree that has the cargo to take; whether it passed, and what it wrote to either output.
fn run(folder: &Path, name: &str) -> (bool, String, String) {
    let path = std::env::var("PATH").unwrap_or_default();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../nix/check.sh");
    let output = Command::new("bash")
        .arg(script)
        .arg(name)
        .env("PATH", format!("{}:{path}", folder.display()))
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .env_remove("QOS_RESULTS")
        .env_remove("RUSTC_WORKSPACE_WRAPPER")
        .env_remove("QOS_KERNEL_HEADERS")
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.success(), text(&output.stderr), text(&output.stdout))
}

#[test]
fn no_test_of_that_name_is_a_failure() {
    let some = r"\nrunning 2 tests\ntest reviewed ... ok\n\nrunning 1 test\n";
    let none = r"\nrunning 2 tests\n\nrunning 0 tests\n\ntest result: ok. 0 passed\n";
    for name in ["snapshots", "in-tree-snapshots", "lts-snapshots", "server-snapshots"] {
        assert_eq!(check(name, some, 0), (true, String::new()), "{name}");
        assert!(!check(name, some, 101).0, "{name}");
        for output in [none, ""] {
            let (passed, said) = check(name, output, 0);
            assert!(!passed, "{name} with {output:?}");
            assert!(said.contains("check.sh: a test program has no test of this name: --package"), "{said}");
        }
    }
    // without a filter, a test program may be empty
    assert!(check("unit", "running 0 tests", 0).0);
}

#[test]
fn what_was_compiled_with_other_patches_is_removed() {
    let folder = work_tree("echo \"$1 ${5:-}\"");
    for (patched, removed) in [
        (Some("yash-env-0.17.1"), vec!["clean yash-env@0.17.1"]),
        (None, vec![]),
        (Some("libc-0.2.191"), vec!["clean libc@0.2.191", "clean yash-env@0.17.1"]),
    ] {
        if let Some(of) = patched {
            patch(folder.path(), of);
        }
        let (passed, said, output) = run(folder.path(), "bindings");
        assert!(!passed && said.contains("QOS_KERNEL_HEADERS"), "{said}");
        assert_eq!(output.lines().collect::<Vec<_>>(), removed);
    }
}

#[test]
fn lints_fail_their_own_check() {
    // A cargo whose run of `fails`, with this compiler, fails.
    let check = |name: &str, fails: &str, passes: bool, calls: &[&str]| {
        let folder = work_tree(&format!(
            "[ $1 != clean ] || exit 0\ncall=\"$1 ${{RUSTC_WORKSPACE_WRAPPER:-rustc}}\"\necho \"$call\"\n[ \"$call\" != '{fails}' ]"
        ));
        patch(folder.path(), "a-crate-1.2.0");
        let (passed, _, output) = run(folder.path(), name);
        assert_eq!(
            (passed, output.lines().collect::<Vec<_>>().as_slice()),
            (passes, calls),
            "{name}, {fails} fails"
        );
    };
    let (build, test) = ("build clippy-driver", "test clippy-driver");
    check("clippy", "", true, &[build; 5]);
    check("clippy", build, false, &[build]);
    check("unit", "", true, &[build, test, "test rustc"]);
    check("unit", build, true, &[build, "test rustc", "test rustc"]);
    check("unit", test, false, &[build, test, "test rustc"]);
    check("boots", "", true, &[build, test]);
    check("boots", build, true, &[build, "test rustc"]);
}
