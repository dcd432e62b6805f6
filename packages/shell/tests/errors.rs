// SPDX-License-Identifier: MIT OR Apache-2.0
//! Scripts that end early, or in part: `set -u`, subshells, `exit` and `return` from inside of `eval` and `.`. Each
//! with its output and its exit status.

mod support;

use support::{check, check_output, run};

#[test]
fn nounset() {
    for (script, expect, status) in [
        ("set -u; echo a; echo $x; echo no", "a\n", 1),
        ("set -u; echo \"b $x\"; echo no", "", 1),
        ("set -o nounset; echo ${x}; echo no", "", 1),
        ("set -u; echo $1; echo no", "", 1),
        ("set -u; x=$y; echo no", "", 1),
        ("set -u; [ -n \"$x\" ] || echo no", "", 1),
        ("set -u; for i in $x; do :; done; echo no", "", 1),
        ("set -u; case $x in *) echo no;; esac", "", 1),
        ("set -u; echo ${x%.c}; echo no", "", 1),
        ("set -u; echo ${#x}; echo no", "", 1),
        ("set -u; echo $((1 + $x)); echo no", "", 1),
        ("set -u; f() { echo $1; }; f a; f; echo no", "a\n", 1),
        ("f() { echo \"<$x>\"; }; f; set -u; f; echo no", "<>\n", 1),
        ("set -u; x=; echo \"[$x]\" ${y-d} ${y:+e}. $# \"$@\" $?", "[] d . 0 0\n", 0),
        ("set -u; x=a.b.c; echo ${x%.c} ${x##*.} ${#x} $((${#x} + 1))", "a.b c 5 6\n", 0),
        ("set -u; set -- 'a b' c; echo \"$1\" $2 \"$*\"", "a b c a b c\n", 0),
        ("set -u; x='a  b'; set -- $x \"$x\"; echo $# \"$2\"", "3 b\n", 0),
        ("set -u; a=$(echo \"$x\"; echo no); echo \"<$a>\"", "<>\n", 0),
        ("set -u; (echo $x; echo no); echo on $?", "on 1\n", 0),
        ("set -u; set +u; echo \"<$x>\"", "<>\n", 0),
        ("set -u; trap 'echo bye' EXIT; echo $x; echo no", "bye\n", 1),
        ("echo \"<$x>\"", "<>\n", 0),
    ] {
        check(script, expect, status);
    }
    check_output(&run(&["-uc", "echo $x; echo no"], ""), "-u", "", 1);
    let said = run(&["-uc", "echo $name"], "");
    assert_eq!(String::from_utf8_lossy(&said.stderr), "sh: expansion error: name: parameter not set\n");
}

#[test]
fn errors_in_subshells() {
    for (script, expect, status) in [
        ("readonly r=1; (r=2; echo no); echo on $? $r", "on 1 1\n", 0),
        ("readonly r=1; r=2; echo no", "", 1),
        ("(echo ${x?unset}; echo no); echo on $?", "on 1\n", 0),
        ("echo ${x?unset}; echo no", "", 1),
        ("(exit 3); echo $?; ( (exit 4); echo $? ); false; (echo $?)", "3\n4\n1\n", 0),
        ("f() { (x=2; return 5; echo no); echo $? $x; }; x=1; f", "5 1\n", 0),
        ("for i in 1 2; do (break; echo no); echo $i; done", "1\n2\n", 0),
        ("(trap 'echo bye' EXIT; echo in; exit 3); echo $?", "in\nbye\n3\n", 0),
        ("trap 'echo bye' EXIT; (echo in)", "in\nbye\n", 0),
        ("x=$(trap 'echo bye' EXIT; echo in); echo $x", "in bye\n", 0),
        ("(exec echo in; echo no); echo out", "in\nout\n", 0),
        ("exec /nonexistent/program; echo no", "", 127),
    ] {
        check(script, expect, status);
    }
}

#[test]
fn eval_and_dot() {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("sourced");
    std::fs::write(&path, "echo in $1; x=set; [ \"$1\" != e ] || exit 7; return 3; echo no\n").unwrap();
    let dot = |rest: &str| rest.replace("FILE", &path.display().to_string());
    for (script, expect, status) in [
        ("eval 'exit 3'; echo no", "", 3),
        ("f() { eval 'return 3'; echo no; }; f; echo $?", "3\n", 0),
        ("for i in 1 2; do eval break; done; echo $i", "1\n", 0),
        ("for i in 1 2; do eval 'continue'; echo no; done; echo $i", "2\n", 0),
        ("eval 'x=1' 'y=2'; eval; echo $? $x$y; eval 'false'; echo $?", "0 12\n1\n", 0),
        ("eval 'echo ${x?unset}'; echo no", "", 1),
        ("eval 'if'; echo no", "", 2),
        ("set -e; eval 'false; echo no'; echo no", "", 1),
        ("set -e; if eval 'false; true'; then echo yes; fi", "yes\n", 0),
        ("set -e; x=$(false; echo no); echo no", "", 1),
        ("set -e; if x=$(false; echo yes); then echo $x; fi", "yes\n", 0),
        (&dot(". FILE; echo $? $x"), "in\n3 set\n", 0),
        (&dot("set -- e; . FILE; echo no"), "in e\n", 7),
        (&dot("f() { . FILE; echo $?; return 4; }; f; echo $?"), "in\n3\n4\n", 0),
        (". /nonexistent/file; echo no", "", 1),
        (
            "f() { return 4; echo no; }; f; echo $?; g() { while :; do return 5; done; }; g; echo $?",
            "4\n5\n",
            0,
        ),
    ] {
        check(script, expect, status);
    }
}
