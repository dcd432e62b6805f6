// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tests of the changes of reviewed files, with git: repositories whose changes try to hide.

use super::*;
use qos_host::testing::Folder;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

/// A repository with one commit, and changes in its work tree.
struct Repository(Folder);

impl Repository {
    fn new(files: &[(&str, &str)]) -> Self {
        let repository = Repository(Folder::temporary());
        repository.git(&["init", "--quiet"].map(OsStr::new)).unwrap();
        files.iter().for_each(|(path, text)| repository.0.write(path, text));
        repository.commit();
        repository
    }

    /// git without the configuration of the user who runs the test.
    fn git(&self, arguments: &[&OsStr]) -> Result<Vec<u8>, String> {
        let output = Command::new("git")
            .args(arguments)
            .current_dir(self.0.path(""))
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .output()
            .map_err(|error| error.to_string())?;
        let reason = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() { Ok(output.stdout) } else { Err(reason) }
    }

    fn commit(&self) {
        self.git(&["add", "--all"].map(OsStr::new)).unwrap();
        let commit = ["-c", "user.name=x", "-c", "user.email=x", "commit", "--quiet", "--message=x"];
        self.git(&commit.map(OsStr::new)).unwrap();
    }

    /// Commits; the changes of the commit.
    #[track_caller]
    fn check(&self, expect: &[&str]) {
        self.commit();
        self.check_last(expect);
    }

    #[track_caller]
    fn check_last(&self, expect: &[&str]) {
        let found = changes(&["HEAD~", "HEAD"], |arguments| self.git(arguments)).unwrap();
        let found: Vec<String> = found.iter().map(Reviewed::to_string).collect();
        assert_eq!(found, expect);
    }
}

#[test]
fn attributes_hide_nothing() {
    let repository = Repository::new(&[("review.toml", "deny = []\n"), ("a.snap", "1\n"), ("b.snap", "1\n")]);
    repository.0.write(".gitattributes", "review.toml -diff\n*.snap binary\nb.snap diff=hidden\n");
    let hidden = ["config", "diff.hidden.textconv", "true"];
    repository.git(&hidden.map(OsStr::new)).unwrap();
    repository.git(&["config", "diff.hidden.command", "true"].map(OsStr::new)).unwrap();
    repository.0.write("review.toml", "deny = ['verdict']\n");
    repository.0.write("a.snap", "1\n2\n");
    repository.0.write("b.snap", "2\n");
    repository.check(&[
        "a.snap:2: 1 line added, 0 lines removed",
        "b.snap:1: 1 line added, 1 line removed",
        "review.toml:1: 1 line added, 1 line removed",
    ]);
}

#[test]
fn files_without_lines_and_other_bytes_are_changes() {
    let repository =
        Repository::new(&[("review.toml", "a\n"), ("gone.snap", ""), ("nul.snap", "a\n"), ("x.txt", "")]);
    fs::set_permissions(repository.0.path("review.toml"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::remove_file(repository.0.path("gone.snap")).unwrap();
    repository.0.write("nul.snap", "a\n\0\n");
    repository.0.write("new.snap", "");
    repository.0.write("x/binary.snap", "\0\u{1}");
    repository.0.write("x.txt", "not reviewed");
    repository.check(&[
        "gone.snap:1: 0 lines added, 0 lines removed, the file is removed",
        "new.snap:1: 0 lines added, 0 lines removed, the file is new",
        "nul.snap:2: 1 line added, 0 lines removed",
        "review.toml:1: 0 lines added, 0 lines removed, mode 100644 → 100755",
        "x/binary.snap:1: 1 line added, 0 lines removed, the file is new",
    ]);
    fs::remove_file(repository.0.path("review.toml")).unwrap();
    std::os::unix::fs::symlink("nul.snap", repository.0.path("review.toml")).unwrap();
    repository.check(&["review.toml:1: 1 line added, 1 line removed, mode 100755 → 120000"]);
    fs::remove_file(repository.0.path("review.toml")).unwrap();
    repository.check(&["review.toml:1: 0 lines added, 1 line removed, the file is removed"]);
}

#[test]
fn names_are_as_they_are() {
    let names = [
        "a b.snap",
        "\"q\".snap",
        "tab\t.snap",
        "line\nbreak.snap",
        "ö.snap",
        ":(glob)*.snap",
        "*.snap",
        " .snap",
    ];
    let files = names.map(|name| (name, "1\n"));
    let repository = Repository::new(&files);
    names.iter().for_each(|name| repository.0.write(name, "2\n"));
    let mut expect = names.map(|name| format!("{name}:1: 1 line added, 1 line removed"));
    expect.sort();
    repository.check(&expect.each_ref().map(String::as_str));
}

#[test]
fn the_configuration_of_git_does_not_matter() {
    let text = |lines: &[usize]| {
        (0..40)
            .map(|line| if lines.contains(&line) { "x\n".to_owned() } else { format!("{line}\n") })
            .collect::<String>()
    };
    let repository = Repository::new(&[("a.snap", &text(&[])), ("old.snap", &text(&[1]))]);
    repository.0.write("a.snap", &text(&[3, 6, 20]));
    fs::rename(repository.0.path("old.snap"), repository.0.path("ö.snap")).unwrap();
    repository.commit();
    for (key, value) in [
        ("diff.interHunkContext", "9"),
        ("diff.context", "7"),
        ("diff.noprefix", "true"),
        ("diff.mnemonicPrefix", "true"),
        ("diff.renames", "copies"),
        ("diff.external", "false"),
        ("diff.algorithm", "patience"),
        ("diff.orderFile", "missing"),
        ("diff.relative", "true"),
        ("diff.submodule", "log"),
        ("color.ui", "always"),
        ("color.diff", "always"),
        ("core.quotePath", "true"),
    ] {
        repository.git(&["config", key, value].map(OsStr::new)).unwrap();
    }
    repository.check_last(&[
        "a.snap:4: 3 lines added, 3 lines removed",
        "old.snap:1: 0 lines added, 40 lines removed, the file is removed",
        "ö.snap:1: 40 lines added, 0 lines removed, the file is new",
    ]);
}
