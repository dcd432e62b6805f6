// SPDX-License-Identifier: MIT OR Apache-2.0
//! The directory of a review's files: what is removed, and what an error leaves.

use crate::common::{changed, unchanged};
use qos_host::testing::Folder;
use qos_review::output::{prepare, write};

const ALL: [&str; 6] =
    ["comment.md", "junit.xml", "report.html", "review.json", "review.sarif", "summary.md"];

#[test]
fn files_of_an_earlier_review_are_removed_and_others_stay() {
    let folder = Folder::temporary();
    let old = ["report-old.html", "report-old.html.partial", "review.json.partial"];
    let others = ["report.txt", "index.html", "comment.md.orig", "notes/comment.md", "report-x.html/file"];
    ALL.iter().chain(&old).chain(&others).for_each(|name| folder.write(name, "old"));
    prepare(&folder.path("")).unwrap();
    assert_eq!(folder.names(), ["comment.md.orig", "index.html", "notes", "report-x.html", "report.txt"]);
    let new = folder.path("a/b");
    prepare(&new).unwrap();
    for review in [changed(), unchanged()] {
        write(&new, &review, 65_536, None).unwrap();
        let mut names: Vec<_> = std::fs::read_dir(&new)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, ALL);
    }
}

#[test]
fn an_error_leaves_no_file() {
    let folder = Folder::temporary();
    // In the place of a file, or of its incomplete form.
    for directory in ["review.sarif/x", "summary.md.partial/x"] {
        folder.write(directory, "");
        let error = write(&folder.path(""), &changed(), 65_536, None).unwrap_err().to_string();
        assert!(error.starts_with("cannot write "), "{error}");
        assert_eq!(folder.names(), [directory.trim_end_matches("/x")]);
        std::fs::remove_dir_all(folder.path(directory.trim_end_matches("/x"))).unwrap();
    }
    folder.write("file", "");
    for wrong in ["file", "file/below"] {
        let error = prepare(&folder.path(wrong)).unwrap_err().to_string();
        assert!(error.starts_with("cannot create ") && error.contains(wrong), "{error}");
    }
}
