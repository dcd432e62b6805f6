// SPDX-License-Identifier: MIT OR Apache-2.0
//! Running scripts, and judging what came out.

use qos_sys::disposition::{self, Disposition};
use qos_sys::signal::{SIGHUP, SIGINT, SIGTERM};
use std::io::Write;
use std::process::{Command, Output, Stdio};

/// The shell.
pub const SH: &str = env!("CARGO_BIN_EXE_qos-shell");

/// Runs the shell with `args`, and `input` at its standard input.
pub fn run(args: &[&str], input: &str) -> Output {
    // What this process was started with ignored (by nohup, or behind a `&`), the shell would leave so.
    for signal in [SIGHUP, SIGINT, SIGTERM] {
        disposition::set(signal, Disposition::Default).unwrap();
    }
    let mut child = Command::new(SH)
        .args(args)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A shell that has ended does not read: that is for the case to judge.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// Standard output and status are as expected.
pub fn check_output(output: &Output, what: &str, expect: &str, status: i32) {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(out, expect, "{what}\nstderr: {err}");
    assert_eq!(output.status.code(), Some(status), "{what}\nstderr: {err}");
}

/// The same script three ways: `-c`, standard input, a file.
pub fn check(script: &str, expect: &str, status: i32) {
    check_output(&run(&["-c", script], ""), &format!("-c: {script}"), expect, status);
    check_output(&run(&[], script), &format!("stdin: {script}"), expect, status);
    let mut file = tempfile();
    file.1.write_all(script.as_bytes()).unwrap();
    check_output(&run(&[&file.0], ""), &format!("file: {script}"), expect, status);
    std::fs::remove_file(&file.0).unwrap();
}

fn tempfile() -> (String, std::fs::File) {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("script-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    (path.display().to_string(), std::fs::File::create(path).unwrap())
}
