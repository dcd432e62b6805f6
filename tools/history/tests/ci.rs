// SPDX-License-Identifier: MIT OR Apache-2.0
//! `.ci/history` with git itself, a remote in a directory, and a script in the place of cargo. The checks run in the sysroot, which has no
//! git: `cargo test -p qos-history --features git --test ci` runs these tests on the host.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// Records the commit as a line, once, and makes a page of it.
const CARGO: &str = r#"#!/bin/sh
set -e
[ "$1 $2" = "xtask history" ]
case $3 in
record)
  [ "$5" = --locked ]
  commit=$(git rev-parse HEAD)
  grep -qs "$commit" "$4" || echo "{\"commit\":\"$commit\"}" >>"$4"
  if [ -n "$RACE" ]; then git push -q --force "$RACE" HEAD:refs/heads/history; fi
  ;;
plot) [ "$5" = --out ] && wc -l <"$4" >"$6/index.html" ;;
*) exit 1 ;;
esac
"#;

/// A clone with the script, and its remote.
struct Clone(TempDir);

impl Clone {
    fn new() -> Self {
        let clone = Self(tempfile::tempdir().expect("a temporary directory"));
        fs::create_dir_all(clone.path("work/.ci")).expect("a temporary directory");
        fs::create_dir_all(clone.path("bin")).expect("a temporary directory");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.ci/history");
        fs::copy(script, clone.path("work/.ci/history")).expect("a copy of the script");
        fs::write(clone.path("bin/cargo"), CARGO).expect("written");
        fs::set_permissions(clone.path("bin/cargo"), fs::Permissions::from_mode(0o755)).expect("set");
        clone.git(&["init", "-q", "--bare", "../remote"]);
        clone.git(&["init", "-q"]);
        clone.git(&["remote", "add", "origin", "../remote"]);
        clone.commit();
        clone
    }

    fn path(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    fn command(&self, program: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.path("work")).envs(variables.iter().copied());
        command.env("PATH", format!("{}:{path}", self.path("bin").display())).env("HOME", self.0.path());
        command.env_remove("QOS_STORE_CACHE").output().expect("a program that runs")
    }

    fn git(&self, arguments: &[&str]) -> String {
        let identity = ["-c", "user.name=a", "-c", "user.email=a@localhost"];
        let output = self.command("git", &[&identity, arguments].concat(), &[]);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text").trim().to_owned()
    }

    /// A new commit; its name.
    fn commit(&self) -> String {
        self.git(&["commit", "-q", "--allow-empty", "-m", "x"]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Whether the script succeeded, and what it said.
    fn run(&self, variables: &[(&str, &str)]) -> (bool, String) {
        let output = self.command(".ci/history", &[], variables);
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// A file of the branch, or the number of its commits.
    fn remote(&self, arguments: &[&str]) -> String {
        self.git(&[&["--git-dir", "../remote"], arguments].concat())
    }
}

#[test]
fn each_run_adds_a_commit_to_the_branch() {
    let clone = Clone::new();
    let first = clone.git(&["rev-parse", "HEAD"]);
    let (ok, said) = clone.run(&[]);
    assert!(ok && said.contains("origin has no branch history yet"), "{said}");
    let second = clone.commit();
    let (ok, said) = clone.run(&[]);
    assert!(ok && !said.contains("no branch"), "{said}");
    let lines = format!("{{\"commit\":\"{first}\"}}\n{{\"commit\":\"{second}\"}}");
    assert_eq!(clone.remote(&["show", "history:history.jsonl"]), lines);
    assert_eq!(clone.remote(&["show", "history:index.html"]), "2");
    assert_eq!(clone.remote(&["ls-tree", "-r", "--name-only", "history"]), "history.jsonl\nindex.html");
    assert_eq!(clone.remote(&["log", "-1", "--format=%s", "history"]), format!("Figures of {second}"));
    // Again: no commit.
    let (ok, said) = clone.run(&[]);
    assert!(ok && said.contains("are recorded already"), "{said}");
    assert_eq!(clone.remote(&["rev-list", "--count", "history"]), "2");
}

#[test]
fn what_another_run_recorded_is_not_lost() {
    let clone = Clone::new();
    assert!(clone.run(&[]).0);
    clone.commit();
    let (ok, said) = clone.run(&[("RACE", "origin")]);
    assert!(!ok && said.contains("rejected"), "{said}");
}

#[test]
fn a_remote_that_cannot_be_read_is_no_new_history() {
    let clone = Clone::new();
    clone.git(&["remote", "set-url", "origin", "../nowhere"]);
    let (ok, said) = clone.run(&[]);
    assert!(!ok && said.contains("nowhere") && !said.contains("no branch"), "{said}");
}
