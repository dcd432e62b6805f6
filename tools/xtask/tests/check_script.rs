// SPDX-License-Identifier: MIT OR Apache-2.0
//! `tools/nix/check.sh` with a cargo that only prints: checks that choose tests by name fail if there are none.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// Runs a check, with a cargo that prints `output` for every run of tests and ends with `status`; whether it passed, and
/// what it said.
fn check(name: &str, output: &str, status: u8) -> (bool, String) {
    static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let n = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("qos-check-{}-{n}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let cargo = folder.join("cargo");
    fs::write(&cargo, format!("#!/bin/sh\nprintf '%b' '{output}'\nexit {status}\n")).unwrap();
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../nix/check.sh");
    let output = Command::new("bash")
        .arg(script)
        .arg(name)
        .env("PATH", format!("{}:{path}", folder.display()))
        .env_remove("QOS_RESULTS")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    fs::remove_dir_all(&folder).unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn no_test_of_that_name_is_a_failure() {
    let some = r"\nrunning 2 tests\ntest reviewed ... ok\n\nrunning 1 test\n";
    let none = r"\nrunning 2 tests\n\nrunning 0 tests\n\ntest result: ok. 0 passed\n";
    for name in ["snapshots", "in-tree-snapshots", "lts-snapshots", "lts-6_12-snapshots"] {
        assert_eq!(check(name, some, 0), (true, String::new()), "{name}");
        assert!(!check(name, some, 101).0, "{name}");
        for output in [none, ""] {
            let (passed, said) = check(name, output, 0);
            assert!(!passed, "{name} with {output:?}");
            assert!(said.contains("check.sh: a test program has no test of this name: cargo test"), "{said}");
        }
    }
    // without a filter, a test program may be empty
    assert!(check("unit", "running 0 tests", 0).0);
}
