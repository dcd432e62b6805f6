// SPDX-License-Identifier: MIT OR Apache-2.0
//! Scripts of POSIX's shell language, each with its output and its exit status. They use builtins, and `cat`,
//! `sort`, `wc` and the like of the host.

mod support;

use std::os::unix::process::ExitStatusExt;
use support::{check, check_output, run};

#[test]
fn quoting() {
    check(r#"a='x  y'; echo $a "$a" '$a' \$a"#, "x y x  y $a $a\n", 0);
    check(r#"printf '[%s]' "" 'a b' c\ d; echo"#, "[][a b][c d]\n", 0);
    check(r#"set -- "a b" c; for i in "$@"; do echo "<$i>"; done; echo "$*" $#"#, "<a b>\n<c>\na b c 2\n", 0);
}

#[test]
fn expansion() {
    check("a=x.tar.gz; echo ${a%.gz} ${a%%.*} ${a#x.} ${a##*.} ${#a}", "x.tar x tar.gz gz 8\n", 0);
    check("echo ${u:-d} ${u-e} ${u:=f} $u ${u:+g}; v=; echo \"[${v-x}]\"", "d e f f g\n[]\n", 0);
    check("echo $((1 + 2 * 3)) $(( (7 / 2) % 2 )) $((0x10 | 1)) $((3 > 2))", "7 1 17 1\n", 0);
    check("a=$(echo one; echo two); echo \"$a\"; echo `echo three`", "one\ntwo\nthree\n", 0);
    check("IFS=:; a=x:y:z; set -- $a; echo $2", "y\n", 0);
    check("HOME=/h; echo ~ ~/x", "/h /h/x\n", 0);
}

#[test]
fn control_flow() {
    check("for i in 1 2 3; do [ $i = 2 ] && continue; echo $i; done", "1\n3\n", 0);
    check("i=0; while [ $i -lt 5 ]; do i=$((i+1)); [ $i = 3 ] && break; done; echo $i", "3\n", 0);
    check("i=3; until [ $i = 0 ]; do i=$((i-1)); done; echo $i", "0\n", 0);
    check("case abc in x|a*) echo yes;; *) echo no;; esac", "yes\n", 0);
    check("if false; then echo a; elif true; then echo b; else echo c; fi", "b\n", 0);
    check("for i in a b; do for j in 1 2; do [ $j = 2 ] && continue 2; echo $i$j; done; done", "a1\nb1\n", 0);
    check("! true; echo $?; true && false || echo or", "1\nor\n", 0);
}

#[test]
fn functions() {
    check("f() { echo $# $1; return 3; }; f a b; echo $?", "2 a\n3\n", 0);
    check("f() { local x=1; x=2; }; x=0; f; echo $x", "0\n", 0);
    check("f() { if [ $1 -gt 0 ]; then echo $1; f $(($1-1)); fi; }; f 3", "3\n2\n1\n", 0);
    check("f() ( cd /; x=1 ); x=0; f; echo $x", "0\n", 0);
}

#[test]
fn redirection() {
    check("{ echo a; echo b >&2; } 2>/dev/null", "a\n", 0);
    check("{ echo a; echo b >&2; } 2>&1 | sort", "a\nb\n", 0);
    check("exec 3>&1; echo x >&3; exec 3>&-", "x\n", 0);
    check("cat <<E\n$((1+1)) $HOME\nE\necho after", "2 \nafter\n", 0);
    check("cat <<'E'\n$x `y`\nE", "$x `y`\n", 0);
    check("cat <<-E\n\tindented\n\tE", "indented\n", 0);
    check("cat <<E\nit's \"$HOME\" '\\$x' {a,b}\nE\necho after", "it's \"\" '$x' {a,b}\nafter\n", 0);
    check("x=v; cat <<E\n\\\"$x\\\" ${x%\"v\"}. $(echo \"'$x'\") `echo \"b\"`\nE", "\\\"v\\\" . 'v' b\n", 0);
    check("cat <<A; cat <<B\n1\nA\n2\nB", "1\n2\n", 0);
    check("while read -r a b; do echo \"$b-$a\"; done <<E\n1 2\n3 4 5\nE", "2-1\n4 5-3\n", 0);
    check("echo x > /nonexistent/y; echo $?", "1\n", 0);
}

#[test]
fn pipes() {
    check("printf 'b\\na\\n' | sort | cat", "a\nb\n", 0);
    check("echo x | { read a; echo got $a; }", "got x\n", 0);
    check("false | true; echo $?; true | false", "0\n", 1);
    check("printf '1\\n2\\n3\\n' | while read i; do echo $((i*i)); done", "1\n4\n9\n", 0);
    check(
        "i=0; while [ $i -lt 3000 ]; do echo line$i; i=$((i+1)); done | { n=0; while read l; do n=$((n+1)); done; echo $n; }",
        "3000\n",
        0,
    );
}

#[test]
fn more_than_a_pipe_holds() {
    let text = "t=0123456789abcdef; i=0; while [ $i -lt 14 ]; do t=$t$t; i=$((i+1)); done; ";
    for (script, expect, status) in [
        ("echo $t | wc -c", "262145\n", 0),
        ("f() { echo $t; return 3; }; f | wc -c; echo $?", "262145\n0\n", 0),
        ("{ echo $t; echo $t; } | { cat; echo end; } | wc -c", "524294\n", 0),
        ("for i in 1 2; do echo $t; done | (wc -c; exit 4); echo $?", "524290\n4\n", 0),
        ("x=$(echo $t); echo ${#x} $?", "262144 0\n", 0),
        ("x=$(printf %s $t | cat; exit 5); echo $? ${#x}", "5 262144\n", 0),
        ("x=`cat /dev/null; echo \"$t\"`; echo ${#x}", "262144\n", 0),
        ("if [ \"$(echo $t)\" = $t ]; then echo same; fi", "same\n", 0),
        ("echo $t | true; echo $?", "0\n", 0),
    ] {
        let script = format!("{text}{script}");
        check(&script, expect, status);
    }
    for (script, expect, status) in [
        ("echo a | { exit 3; }; echo on $?", "on 3\n", 0),
        ("echo a | while read x; do echo $x; exit 4; done; echo on $?", "a\non 4\n", 0),
        ("f() { echo out; echo err >&2; }; f 2>&1 | sort", "err\nout\n", 0),
        ("x=1; echo 2 | { read x; echo $x; }; echo $x", "2\n1\n", 0),
        ("{ echo ${x?unset}; echo no; } | cat; echo on", "on\n", 0),
        ("set -e; { false; echo no; } | cat; echo on", "on\n", 0),
        ("! echo a | { cat; false; }; echo $?", "a\n0\n", 0),
        ("(echo a; (echo b) | cat) | sort -r; echo \"$(echo \"$(echo `echo c`)\")\"", "b\na\nc\n", 0),
        ("x=$(cat <<E\n$HOME 'it'\nE\n); echo $x; y=$(# comment\necho z); echo $y", "'it'\nz\n", 0),
        ("x=$(); y=$(exit 3); echo \"$x\" $?; echo $(echo 'a  b') \"$(echo 'a  b')\"", " 3\na b a  b\n", 0),
        ("f() { echo $1; }; x=$(f 'a b' | cat); echo $x; set -- p; echo $(echo $1 $#)", "a b\np 1\n", 0),
        ("echo \"${u:-$(echo d)}\" \"`echo \\`echo n\\``\"", "d n\n", 0),
    ] {
        check(script, expect, status);
    }
}

#[test]
fn processes() {
    check("(exit 3); echo $?; (echo sub)", "3\nsub\n", 0);
    check("exit 5", "", 5);
    check("sh_nonexistent_command_; echo $?", "127\n", 0);
    check("sleep 0 & wait $!; echo $?", "0\n", 0);
    check("set -e; false; echo not reached", "", 1);
    check("set -e; if false; then :; fi; false || true; echo reached", "reached\n", 0);
    check("trap 'echo bye' EXIT; echo hi", "hi\nbye\n", 0);
    check("x=1 cat /dev/null; echo ${x-unset}; export y=2; printenv y", "unset\n2\n", 0);
    check("eval 'a=1; echo $a'; command -v cd; type nosuch >/dev/null 2>&1 || echo no", "1\ncd\nno\n", 0);
    let killed = run(&["-c", "kill -TERM $$; echo not reached"], "");
    assert_eq!((killed.stdout.as_slice(), killed.status.signal()), (&b""[..], Some(15)));
}

#[test]
fn globs() {
    check("cd /proc/self && echo stat* | cat; echo /nonexistent*", "stat statm status\n/nonexistent*\n", 0);
    check("cd /proc/self; set -f; echo stat*", "stat*\n", 0);
    check("cd /; echo /pro[c]", "/proc\n", 0);
}

#[test]
fn other_builtins() {
    check(
        "set -- -a -b val rest; while getopts ab: o; do echo $o $OPTARG; done; shift $((OPTIND-1)); echo $1",
        "a\nb val\nrest\n",
        0,
    );
    check("readonly r=1; echo $r;", "1\n", 0);
    check("cd /; pwd; cd /proc; cd - >/dev/null; pwd; umask 022; umask", "/\n/\n0022\n", 0);
    check(
        "printf '%d %s %x %5.2f|%-4s|\\n' 3 a 255 1.5 b; test 1 -lt 2 -a -n x && echo ok",
        "3 a ff  1.50|b   |\nok\n",
        0,
    );
    check("alias", "", 0);
}

#[test]
fn syntax_errors() {
    check_output(&run(&["-c", "if then"], ""), "if then", "", 2);
    check_output(&run(&["-c", "echo 'unclosed"], ""), "unclosed", "", 2);
}

#[test]
fn command_lines() {
    check_output(&run(&["-c", "echo $0 $1", "name", "a"], ""), "-c with parameters", "name a\n", 0);
    check_output(&run(&["-s", "a", "b"], "echo $2\n"), "-s", "b\n", 0);
    check_output(&run(&["-ec", "false; echo x"], ""), "-e", "", 1);
    let missing = run(&["/nonexistent"], "");
    check_output(&missing, "missing script", "", 127);
    assert_eq!(String::from_utf8_lossy(&missing.stderr), "sh: /nonexistent: No such file or directory\n");
    assert_eq!(run(&["--nonsense"], "").status.code(), Some(2));
}

#[test]
fn a_command_reads_what_follows_it() {
    check_output(
        &run(&[], "read a\nfirst\necho got $a\ncat\nrest\nof it\n"),
        "stdin",
        "got first\nrest\nof it\n",
        0,
    );
}

#[test]
fn errexit() {
    check("set -e; f() { false; echo in; }; if f; then echo then; fi; echo out", "in\nthen\nout\n", 0);
    check("set -e; f() { false; echo in; }; f || echo or; ! f; echo out", "in\nin\nout\n", 0);
    check("set -e; f() { echo a; false; echo b; }; f; echo out", "a\n", 1);
    check("set -e; for i in 1 2; do echo $i; [ $i = 3 ]; done; echo out", "1\n", 1);
    check("set -e; (exit 4); echo out", "", 4);
    check("set -e; true && false; echo out", "", 1);
    check("set -e; false && true; echo out", "out\n", 0);
    check("set -e; set +e; false; echo out", "out\n", 0);
    check("set -e; x=$(false); echo out", "", 1);
    check("set -e; while read a; do echo $a; done <<E\n1\nE\necho out", "1\nout\n", 0);
    check("trap 'echo bye' EXIT; set -e; false; echo out", "bye\n", 1);
    check("trap 'echo bye; exit 9' 0; exit 3", "bye\n", 9);
}
