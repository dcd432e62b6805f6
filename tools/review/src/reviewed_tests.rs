// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tests of the changes of reviewed files: what git prints.

use super::*;

#[track_caller]
fn lines(diff: &[u8], line: usize, added: usize, removed: usize) {
    let (_, mut file) = raw(b":100644 100644 1 2 M\0a\0").unwrap().remove(0);
    file.count(diff);
    let found = (file.location.line, file.added, file.removed);
    assert_eq!(found, (line, added, removed), "{}", String::from_utf8_lossy(diff));
}

#[test]
fn changed_lines_are_counted() {
    lines(b"", 1, 0, 0);
    lines(b"old mode 100644\nnew mode 100755\n", 1, 0, 0);
    lines(b"--- a/x\n+++ b/x\n@@ -5 +5,2 @@ title\n-one\n+two\n+three\n@@ -9,0 +11 @@\n+four\n", 5, 3, 1);
    lines(b"@@ -3,2 +2,0 @@\n--- a/looks like a header\n-x\n", 2, 0, 2);
    lines(b"--- /dev/null\n+++ b/new\n@@ -0,0 +1,2 @@\n+++ b/too\n+y\n", 1, 2, 0);
    lines(b"@@ -1,2 +0,0 @@\n-a\n-b\n", 1, 0, 2);
    lines(b"@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n", 1, 1, 1);
    lines(b"@@ -7 +7 @@ cut \xc3\n-a\0\xff\r\n+b\n", 7, 1, 1);
    lines(b"@@ -2 +2,2 @@\n-@@ -90 +90 @@\n+@@ -99 +99 @@\n+x\n", 2, 2, 1);
}

#[test]
fn odd_lists_are_errors() {
    for list in [&b"x"[..], b":100644 100644 1 2 M\0", b":100644 1 2 M\0a\0", b"100644 100644 1 2 M\0a\0"] {
        assert!(raw(list).unwrap_err().starts_with("git diff --raw: odd output: "), "{list:?}");
    }
    assert_eq!(raw(b""), Ok(Vec::new()));
}
