// SPDX-License-Identifier: MIT OR Apache-2.0
//! `.ci/review` with scripts in the place of cargo and `.ci/store`; and what the files for the forges do with its result. Only the files
//! of a review that ended with a verdict may be uploaded or posted.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Writes its arguments and a comment into the directory of the review.
const CARGO: &str = "#!/bin/sh\n[ \"$1 $2 $4 $5\" = 'xtask review --locked --out' ] || exit 99\n\
    mkdir -p \"$6\"\necho \"$*\" >\"$6/comment.md\"\n: >\"$6/report-new.html\"\nexit \"$STATUS\"\n";

/// A clone whose directory `review` has files of another review.
fn clone() -> TempDir {
    let clone = tempfile::tempdir().unwrap();
    let path = |below: &str| clone.path().join(below);
    for directory in ["work/.ci", "work/review", "bin"] {
        fs::create_dir_all(path(directory)).unwrap();
    }
    fs::copy(Path::new(ROOT).join(".ci/review"), path("work/.ci/review")).unwrap();
    for (name, text) in [("bin/cargo", CARGO), ("work/.ci/store", "#!/bin/sh\n[ $1 != \"$FAIL\" ]\n")] {
        fs::write(path(name), text).unwrap();
        fs::set_permissions(path(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    for name in [
        "comment.md",
        "summary.md",
        "review.json",
        "junit.xml",
        "review.sarif",
        "report.html",
        "report-old.html",
        "mine",
    ] {
        fs::write(path("work/review").join(name), "old").unwrap();
    }
    clone
}

/// The status of `.ci/review` whose review ends with `status`, and the files that are there afterwards.
fn run(
    clone: &TempDir,
    arguments: &[&str],
    status: &str,
    variables: &[(&str, &str)],
) -> (Option<i32>, Vec<String>) {
    let path =
        format!("{}:{}", clone.path().join("bin").display(), std::env::var("PATH").unwrap_or_default());
    let mut command = Command::new("bash");
    command.arg(clone.path().join("work/.ci/review")).args(arguments).env("PATH", path).env("STATUS", status);
    command.env_remove("QOS_STORE_CACHE").envs(variables.iter().copied());
    let code = command.output().unwrap().status.code();
    let names = fs::read_dir(clone.path().join("work/review")).unwrap();
    let mut names: Vec<_> = names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    (code, names)
}

#[test]
fn files_are_those_of_a_review_that_ended_with_a_verdict() {
    let all = ["main", "topic", "review", "--forge", "github"];
    for (status, code) in [("0", 0), ("1", 1)] {
        let clone = clone();
        let (got, names) = run(&clone, &all, status, &[("QOS_STORE_CACHE", "cache"), ("FAIL", "save")]);
        assert_eq!(
            (got, names),
            (Some(code), vec!["comment.md".into(), "mine".into(), "report-new.html".into()])
        );
        let comment = fs::read_to_string(clone.path().join("work/review/comment.md")).unwrap();
        assert_eq!(comment, "xtask review main...topic --locked --out review --forge github\n");
    }
    for (status, code) in [("2", 2), ("101", 101), ("130", 130)] {
        assert_eq!(run(&clone(), &all, status, &[]), (Some(code), vec!["mine".into()]));
    }
    let cache = [("QOS_STORE_CACHE", "cache"), ("FAIL", "restore")];
    assert_eq!(
        run(&clone(), &all, "0", &cache),
        (Some(2), vec!["mine".into()]),
        "1 would be a violated policy"
    );
    let (code, names) = run(&clone(), &all[..2], "0", &[]);
    assert_eq!((code, names.len()), (Some(2), 8), "usage");
}

/// The files that run or publish a review.
fn files() -> Vec<(PathBuf, String)> {
    let directories = [".ci", ".github/workflows", "examples/ci", "tools/new/system/.ci"];
    let entries = directories.iter().flat_map(|name| fs::read_dir(Path::new(ROOT).join(name)).unwrap());
    entries
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.clone(), fs::read_to_string(&path).unwrap()))
        .collect()
}

/// A change is judged by the policy of its base. `--policy review.toml` would be that of the change.
#[test]
fn no_file_names_a_policy() {
    let files = files();
    assert!(files.len() >= 12, "{files:?}");
    for (path, text) in files {
        assert!(!text.contains("--policy"), "{}", path.display());
    }
}

#[test]
fn nothing_is_posted_or_uploaded_unless_the_review_has_files() {
    let text = |name: &str| fs::read_to_string(Path::new(ROOT).join(name)).unwrap();
    let github = text(".github/workflows/review.yml");
    let has_files =
        "if: always() && github.event_name == 'pull_request' && hashFiles('review/review.json') != ''";
    assert!(github.contains(&format!("- uses: actions/upload-artifact@v4\n        {has_files}\n")));
    let comment = text(".github/workflows/review-comment.yml");
    assert!(comment.contains("- name: Post the comment\n        if: steps.files.outcome == 'success'\n"));
    for (path, text) in files().iter().filter(|(path, _)| path.to_string_lossy().contains("examples/ci")) {
        for line in text.lines().filter(|line| line.contains("cargo xtask post")) {
            assert!(line.contains("[ -e review/comment.md ]"), "{}: {line}", path.display());
        }
    }
}
