// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask setup --cache` with a script in the place of Nix: the password of a cache's URL is in Nix's configuration only.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

const URL: &str = "http://me:hunter2@cache.example/qos";
const KEY: &str = "qos-1:lH+xHACDWeWjbML9kkWgBGQSn3vTwLLzTqjJJr8uNVM=";

/// Sets the cache up; `ping` is what `nix store ping` does. Gives whether that succeeds, what it said and logged, and nix.conf.
fn setup(ping: &str) -> (bool, String, String) {
    let home = tempfile::tempdir().unwrap();
    let nix = home.path().join("nix");
    let script = format!(
        "#!/bin/sh\ncase \"$1 $2\" in\n'config show') echo 'experimental-features = nix-command flakes';;\n\
         'store ping') {ping};;\n'store verify') ;;\neval*) printf /nix/store/x;;\n--version*) ;;\n*) exit 9;;\nesac\n"
    );
    fs::write(&nix, script).unwrap();
    fs::set_permissions(&nix, fs::Permissions::from_mode(0o755)).unwrap();
    let log = home.path().join("log");
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(["setup", "--cache", URL, "--key", KEY, "--log-file"]).arg(&log).stdin(Stdio::null());
    let path = format!("{}:/usr/bin:/bin", home.path().display());
    // With NIX_REMOTE, there is no store in the home directory.
    command
        .env("PATH", path)
        .env("HOME", home.path())
        .env("NIX_REMOTE", "daemon")
        .env_remove("XDG_CONFIG_HOME");
    let output = command.output().unwrap();
    let said = format!(
        "{}{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
        fs::read_to_string(log).unwrap_or_default()
    );
    let configuration = fs::read_to_string(home.path().join(".config/nix/nix.conf")).unwrap_or_default();
    (output.status.success(), said, configuration)
}

#[test]
fn a_password_is_not_shown() {
    let (success, said, configuration) = setup("true");
    assert!(success, "{said}");
    assert!(said.contains("added extra-substituters = http://me:***@cache.example/qos;"), "{said}");
    assert!(said.contains("http://me:***@cache.example/qos: has the image of this revision"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
    assert!(configuration.contains(&format!("extra-substituters = {URL}\n")), "{configuration}");

    let (success, said, configuration) =
        setup(&format!("echo \"error: unable to download '{URL}/nix-cache-info': no answer\" >&2; exit 1"));
    assert!(!success);
    assert_eq!(
        said.lines().next(),
        Some(
            "xtask: --cache http://me:***@cache.example/qos: unable to download 'http://me:***@cache.example/qos/nix-cache-info': no answer"
        )
    );
    assert!(!said.contains("hunter2"), "{said}");
    assert_eq!(configuration, "");
}
