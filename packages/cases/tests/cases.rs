// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tests of the library with the system's `sh`.

use qos_cases::{Shell, failures, parse};
use std::time::Duration;

fn sh() -> Shell {
    Shell::new("sh", &["/bin/sh"])
}

#[test]
fn what_a_case_may_say() {
    let cases = parse(
        r#"
        [[case]]
        name = "everything"
        script = '''
        read -r line; echo "$line" "$1" *; echo complaint >&2; exit 3
        '''
        stdin = "text\n"
        args = ["operand"]
        stdout = '''
text operand *
'''
        status = 3
        stderr = true

        [[case]]
        name = "a signal"
        script = 'kill -KILL $$'
        status = 137

        [[case]]
        name = "a process left behind"
        script = 'sleep 1000 & echo started'
        stdout = "started\n"
        stderr = false
        "#,
    )
    .unwrap();
    assert_eq!(failures(&cases, &sh()), Vec::<String>::new());
}

#[test]
fn what_fails() {
    let cases = parse(
        r#"
        case = [
            { name = "output", script = "echo a", stdout = "b\n" },
            { name = "status", script = "exit 1" },
            { name = "silence", script = ":", stderr = true },
            { name = "noise", script = "echo >&2", stderr = false },
            { name = "known", script = "exit 1", differs = { sh = "on purpose" } },
            { name = "mended", script = ":", differs = { sh = "on purpose" } },
        ]
        "#,
    )
    .unwrap();
    let failures = failures(&cases, &sh());
    let names: Vec<&str> = failures.iter().map(|failure| failure.split(',').next().unwrap()).collect();
    assert_eq!(names, ["output", "status", "silence", "noise", "mended"], "{failures:#?}");
}

#[test]
fn a_case_that_hangs() {
    let cases = parse("case = [{ name = 'hangs', script = 'while :; do :; done' }]").unwrap();
    let shell = Shell { timeout: Duration::from_millis(200), ..sh() };
    assert!(failures(&cases, &shell)[0].contains("not finished"));
}

#[test]
fn errors_in_files() {
    assert!(parse("case = [{ name = 'a', script = '', stduot = '' }]").unwrap_err().contains("stduot"));
    assert!(parse("case = [{ name = 'a', script = '' }, { name = 'a', script = '' }]").is_err());
}
