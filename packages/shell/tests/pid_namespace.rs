// SPDX-License-Identifier: GPL-3.0-or-later
//! The shell in a PID namespace of its own, as a container's first process is.

use std::process::Command;

/// `getsid(2)` returns 0 there: the session's leader has no number in the namespace.
#[test]
fn the_leader_of_the_session_is_outside() {
    let output = Command::new("unshare")
        .args(["--pid", "--fork", env!("CARGO_BIN_EXE_sh"), "-c", "echo $$; (exit 3)"])
        .output()
        .unwrap();
    let written = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert_eq!((output.status.code(), written), (Some(3), ["1\n".to_owned(), String::new()]));
}
