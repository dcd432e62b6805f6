// SPDX-License-Identifier: MIT OR Apache-2.0
use super::*;

const UNIFIED: &str = "Hello,\n\ndiff -u a/x b/x\n--- a/x\t2026-01-02 03:04:05 +0000\n+++ b/x\t2026-01-02 03:04:06 +0000\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n\\ No newline at end of file\nBye.\n";
const CONTEXT: &str = "*** a/x\tFri Jan  2 03:04:05 2026\n--- b/x\tFri Jan  2 03:04:06 2026\n***************\n*** 1,3 ****\n  one\n! two\n  three\n\\ No newline at end of file\n--- 1,3 ----\n  one\n! 2\n  three\n\\ No newline at end of file\n";
const NORMAL: &str = "2c2\n< two\n---\n> 2\n";

#[test]
fn formats() {
    let unified = parse(UNIFIED.as_bytes(), None).unwrap();
    assert_eq!(unified.len(), 1);
    assert_eq!(
        (unified[0].old.as_deref(), unified[0].new.as_deref(), unified[0].at),
        (Some("a/x"), Some("b/x"), 4)
    );
    let lines = &unified[0].hunks[0].lines;
    assert_eq!(lines.last().unwrap().1, b"three");
    let context = parse(CONTEXT.as_bytes(), None).unwrap();
    assert_eq!((context[0].format, &context[0].hunks), (Format::Context, &unified[0].hunks));
    let normal = parse(NORMAL.as_bytes(), None).unwrap();
    assert_eq!((normal[0].format, normal[0].hunks[0].old_start), (Format::Normal, 2));
    assert_eq!(normal[0].hunks[0].lines, lines[1..3]);
    assert!(parse(UNIFIED.as_bytes(), Some(Format::Normal)).unwrap().is_empty());
}

#[test]
fn files_that_come_and_go() {
    let text = "--- /dev/null\n+++ b/new\n@@ -0,0 +1 @@\n+x\n--- old\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n";
    let patches = parse(text.as_bytes(), None).unwrap();
    assert_eq!((patches[0].creates, patches[0].deletes, patches[0].old.as_deref()), (true, false, None));
    assert_eq!((patches[1].creates, patches[1].deletes, patches[1].new.as_deref()), (false, true, None));
    let text = "diff --git a/o b/n\nsimilarity index 100%\nrename from o\nrename to n\ndiff --git a/x b/x\nnew file mode 100755\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+x\n";
    let patches = parse(text.as_bytes(), None).unwrap();
    assert_eq!(patches[0].rename, Some(("o".to_owned(), "n".to_owned())));
    assert_eq!(patches[1].mode, Some(0o755));
}

#[test]
fn names() {
    for (text, expect, none) in [
        ("a/x", Some("a/x"), false),
        ("a b\t2026", Some("a b"), false),
        ("a b", Some("a"), false),
        ("\"a b\"", Some("a b"), false),
        ("x\t1970-01-01 00:00:00.000000000 +0000", Some("x"), true),
        ("/dev/null\t2026", None, true),
    ] {
        assert_eq!(name(text), (expect.map(str::to_owned), none), "{text}");
    }
}

#[test]
fn malformed() {
    for (text, expect) in [
        ("--- a\n+++ b\n@@ -1,2 +1,2 @@\n x\n", "line 5: the hunk ends too early"),
        ("--- a\n+++ b\n@@ -1 +1 @@\n?\n", "line 4: ' ', '-' or '+' expected"),
        ("--- a\n+++ b\n@@ -1 +1 @@\n-a\n-b\n", "line 5: the hunk has more lines"),
        ("--- a\n+++ b\n@@ -1\n", "line 3: @@ -LINE"),
        ("1c1\n< a\n> b\n", "line 3: --- expected"),
        ("diff --git a/x b/x\nGIT binary patch\n", "not supported"),
    ] {
        let failure = parse(text.as_bytes(), None).unwrap_err();
        assert_eq!(failure.status(), 2);
        assert!(failure.message().unwrap().contains(expect), "{text}: {:?}", failure.message());
    }
}
