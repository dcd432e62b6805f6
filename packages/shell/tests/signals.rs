// SPDX-License-Identifier: MIT OR Apache-2.0
//! Signals: what they end, what `kill` sends, what `trap` does about them.

mod support;

use std::os::unix::process::ExitStatusExt;
use support::{SH, check, check_output, run};

/// The script, with SH for the shell's path, given by `-c`, standard input and file.
fn check_with_shell(script: &str, expect: &str, status: i32) {
    check(&script.replace("SH", SH), expect, status);
}

#[test]
fn ended_by_a_signal() {
    for (name, number) in
        [("SEGV", 11), ("BUS", 7), ("ABRT", 6), ("TERM", 15), ("KILL", 9), ("INT", 2), ("HUP", 1)]
    {
        let script = format!("kill -{name} $$; echo no");
        for (args, input) in [(&["-c", script.as_str()][..], ""), (&[], script.as_str())] {
            let ended = run(args, input);
            assert_eq!((ended.stdout.as_slice(), ended.status.signal()), (&b""[..], Some(number)), "{name}");
        }
        let status = 128 + number;
        check_with_shell(&format!("SH -c 'kill -{name} $$'; echo $?"), &format!("{status}\n"), 0);
        check_with_shell(&format!("(SH -c 'kill -{name} $$')"), "", status);
        check_with_shell(&format!("echo | SH -c 'kill -{number} $$'"), "", status);
    }
    // The first program that is waited for does not change what SIGINT does.
    let ended = run(&["-c", "cat /dev/null; kill -INT $$; echo no"], "");
    assert_eq!((ended.stdout.as_slice(), ended.status.signal()), (&b""[..], Some(2)));
}

#[test]
fn kill() {
    for (script, expect, status) in [
        ("kill -0 $$; echo $?; kill -s 0 $$ $$; echo $?", "0\n0\n", 0),
        ("kill -0 999999999; echo $?; kill -NOPE $$; echo $?; kill; echo $?", "1\n2\n2\n", 0),
        ("kill -l 9; kill -l 143; kill -l TERM", "KILL\nTERM\n15\n", 0),
        ("SH -c 'kill $$'; echo $?; SH -c 'kill -s INT $$'; echo $?", "143\n130\n", 0),
        ("SH -c 'kill -- $$'; echo $?; SH -c 'kill -n 9 $$'; echo $?", "143\n137\n", 0),
    ] {
        check_with_shell(script, expect, status);
    }
}

#[test]
fn traps() {
    for (script, expect, status) in [
        ("trap 'echo got' TERM; kill -TERM $$; echo on", "got\non\n", 0),
        ("trap 'echo got' INT TERM; kill -INT $$; kill $$; echo on", "got\ngot\non\n", 0),
        ("trap 'echo got' 15 SIGHUP; kill -TERM $$; kill -1 $$", "got\ngot\n", 0),
        ("trap 'exit 7' INT; while :; do kill -INT $$; done; echo no", "", 7),
        ("trap 'echo bye' EXIT; trap 'echo got; exit 7' TERM; kill $$; echo no", "got\nbye\n", 7),
        ("trap 'echo got' TERM; f() { kill $$; echo in; }; f; echo on", "got\nin\non\n", 0),
        ("trap 'echo got' USR1; SH -c 'kill -USR1 $PPID'; echo on", "got\non\n", 0),
        ("trap 'n=$((n+1))' USR1; n=0; for i in 1 2 3; do kill -USR1 $$; done; echo $n", "3\n", 0),
        ("trap 'false' TERM; (exit 3) || kill $$; echo $?", "0\n", 0),
        ("trap ':' TERM; f() { kill $$; return 5; }; f; echo $?", "5\n", 0),
        ("trap '' TERM; kill $$; SH -c 'kill $$; echo child'; echo on", "child\non\n", 0),
        ("trap '' INT; cat /dev/null; kill -INT $$; SH -c 'kill -INT $$; echo child'", "child\n", 0),
        ("trap 'echo got' TERM; SH -c 'kill $$; echo no'; echo $?", "143\n", 0),
        ("trap 'echo a' TERM; trap 'echo b' TERM; kill $$", "b\n", 0),
        (
            "trap \"echo it's\" INT; trap 'echo bye' EXIT; trap; trap - EXIT",
            "trap -- 'echo bye' EXIT\ntrap -- 'echo it'\\''s' INT\n",
            0,
        ),
        ("trap 'x' NOPE; echo $?; trap 'x' KILL; echo $?; trap 'x' CHLD; echo $?", "1\n1\n1\n", 0),
        ("set -e; trap 'echo got' TERM; kill $$; false; echo no", "got\n", 1),
    ] {
        check_with_shell(script, expect, status);
    }
    for reset in ["-", "''; trap -"] {
        let ended = run(&["-c", &format!("trap 'echo no' TERM; trap {reset} TERM; kill $$; echo no")], "");
        assert_eq!((ended.stdout.as_slice(), ended.status.signal()), (&b""[..], Some(15)), "{reset}");
    }
    // What the shell's parent ignores stays ignored.
    check_output(
        &run(&["-c", &format!("trap '' TERM; {SH} -c 'trap \"echo no\" TERM; kill $$; echo on'")], ""),
        "ignored from the start",
        "on\n",
        0,
    );
}
