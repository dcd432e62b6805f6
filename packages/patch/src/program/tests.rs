// SPDX-License-Identifier: MIT OR Apache-2.0
//! Each case is patched by this crate and by GNU patch, and the directories are compared.

use super::*;
use std::collections::BTreeMap;
use std::process::{Command, Stdio};

/// Files by name.
type Tree = BTreeMap<String, String>;

fn tree(directory: &Path, below: &str, files: &mut Tree) {
    for entry in fs::read_dir(directory).unwrap().flatten() {
        let name = format!("{below}{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            tree(&entry.path(), &format!("{name}/"), files);
        } else {
            let text = fs::read_to_string(entry.path()).unwrap();
            // Names and times in the header of rejects are GNU patch's own.
            let header = if name.ends_with(".rej") || name == "rejects" { 2 } else { 0 };
            files.insert(name, text.split_inclusive('\n').skip(header).collect());
        }
    }
}

fn place(files: &[(&str, &str)]) -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = place.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    place
}

fn ours(files: &[(&str, &str)], args: &str, patch: &str) -> (u8, String, Tree) {
    let place = place(files);
    let mut out = Vec::new();
    let words = std::iter::once("patch").chain(args.split_whitespace());
    let result = run(place.path(), lexopt::Parser::from_iter(words), &mut patch.as_bytes(), &mut out);
    let mut found = Tree::new();
    tree(place.path(), "", &mut found);
    (result.err().map_or(0, |failure| failure.status()), String::from_utf8(out).unwrap(), found)
}

fn theirs(files: &[(&str, &str)], args: &str, patch: &str) -> (u8, String, Tree) {
    let place = place(files);
    let mut child = Command::new("patch")
        .args(["--no-backup-if-mismatch", "-f"].iter().filter(|arg| **arg != "-f" || !args.contains('N')))
        .args(args.split_whitespace())
        .current_dir(place.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(patch.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let mut found = Tree::new();
    tree(place.path(), "", &mut found);
    (output.status.code().unwrap() as u8, String::from_utf8(output.stdout).unwrap(), found)
}

/// Both give the same files, the same status and the same words.
fn check(files: &[(&str, &str)], args: &str, patch: &str) -> Tree {
    let (ours, theirs) = (ours(files, args, patch), theirs(files, args, patch));
    assert_eq!(ours, theirs, "patch {args} of {patch}");
    ours.2
}

/// Differences of two texts, by diff(1) with an option.
fn diff(option: &str, old: &str, new: &str) -> String {
    let place = place(&[("a/f", old), ("b/f", new)]);
    let output =
        Command::new("diff").args([option, "a/f", "b/f"]).current_dir(place.path()).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn numbers(from: usize, to: usize) -> String {
    (from..=to).map(|n| format!("line {n}\n")).collect()
}

#[test]
fn formats() {
    let old = numbers(1, 30);
    let changes = [
        old.replace("line 5\n", "five\n").replace("line 20\n", "").replace("line 25\n", "line 25\nmore\n"),
        old.replace("line 1\n", "first\n").replace("line 30\n", "last"),
        format!("before\n{old}after\n"),
        old.replace("line 30\n", "line 30"),
        numbers(10, 12),
    ];
    for new in &changes {
        for option in ["-u", "-c", "-n", "-U0", "-U1", "-C1"] {
            let option = if option == "-n" { "--normal" } else { option };
            let patch = diff(option, &old, new);
            assert_eq!(check(&[("f", &old)], "f", &patch)["f"], *new, "{option}");
            assert_eq!(check(&[("f", new)], "-R f", &patch)["f"], old, "{option}");
        }
    }
}

#[test]
fn places() {
    let old = numbers(1, 30);
    let patch = diff("-u", &old, &old.replace("line 15\n", "fifteen\n").replace("line 25\n", ""));
    for text in [
        format!("x\ny\n{old}"),
        numbers(4, 30),
        old.replace("line 13\n", "other\n"),
        old.replace("line 12\n", "other\n").replace("line 18\n", ""),
        old.replace("line 15\n", "gone\n"),
        numbers(1, 10),
        format!("{old}{old}"),
    ] {
        for args in ["f", "-F 0 f", "-F 3 f", "-s f", "-p0 f"] {
            check(&[("f", &text)], args, &patch);
        }
    }
    let loose = old.replace("line 13", "line    13");
    check(&[("f", &loose)], "-l -F0 f", &patch);
}

#[test]
fn files() {
    let old = numbers(1, 5);
    let new = numbers(2, 6);
    let patch = diff("-u", &old, &new);
    check(&[("f", &old)], "", &patch);
    check(&[("f", &old), ("a/f", &old)], "-p0", &patch);
    check(&[("b/f", &old)], "-p0", &patch);
    check(&[("d/f", &old)], "-d d -p1", &patch);
    check(&[("f", &old)], "-b -p1", &patch);
    check(&[("f", &old)], "-o out -p1", &patch);
    check(&[("f", "other\n")], "-p1 -r rejects", &patch);
    check(&[("f", "other\n")], "-p1 -r -", &patch);
    check(&[("f", "other\n")], "-p1", &diff("-c", &old, &new));
    check(&[("f", &old)], "--dry-run -p1", &patch);
    check(&[("f", &new)], "-N -p1", &patch);
    check(&[("f", &old), ("p", &patch)], "-p1 -i p", "");
    check(&[("f", &old), ("p", &patch)], "f p", "");
}

#[test]
fn files_that_come_and_go() {
    let create = "--- /dev/null\n+++ b/new/x\n@@ -0,0 +1,2 @@\n+one\n+two\n";
    let delete = "--- a/new/x\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-one\n-two\n";
    check(&[("keep", "")], "-p1", create);
    check(&[("keep", ""), ("new/x", "one\ntwo\n")], "-p1", delete);
    check(&[("keep", ""), ("new/x", "one\ntwo\n")], "-p1 -R", create);
    check(&[("keep", ""), ("new/x", "one\ntwo\n")], "-p1 -N", create);
    let git = "diff --git a/o b/n\nsimilarity index 90%\nrename from o\nrename to n\n--- a/o\n+++ b/n\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n";
    let found = check(&[("o", "one\ntwo\n")], "-p1", git).into_keys().collect::<Vec<_>>();
    assert_eq!(found, ["n"]);
    check(
        &[("f", "a\n"), ("g", "b\n")],
        "-p1",
        "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+A\ntext between\n--- a/g\n+++ b/g\n@@ -1 +1 @@\n-b\n+B\n",
    );
}

#[test]
fn what_gnu_patch_says_otherwise() {
    let patch = "--- a/../../out\n+++ b/../../out\n@@ -0,0 +1 @@\n+x\n";
    assert_eq!(ours(&[], "-p1", patch).0, 1);
    assert_eq!(ours(&[], "-p1", "no patch\n").0, 2);
    assert_eq!(ours(&[], "-Z", "").0, 2);
    assert_eq!(ours(&[], "none", "--- a\n+++ b\n@@ -1 +1 @@\n-a\n+b\n").0, 2);
    // It reads the answer from a terminal.
    let (status, out, _) = ours(&[("f", "b\n")], "", "--- f\n+++ f\n@@ -1 +1 @@\n-a\n+b\n");
    assert_eq!(status, 1);
    assert!(out.contains("Reversed (or previously applied) patch detected!  Skipping patch."), "{out}");
    let (status, _, files) = ours(&[("f", "b\n")], "-t", "--- f\n+++ f\n@@ -1 +1 @@\n-a\n+b\n");
    assert_eq!((status, files["f"].as_str()), (0, "a\n"));
}
