// SPDX-License-Identifier: MIT OR Apache-2.0
//! Path units, each key of systemd.path(5), with files that really change.

mod common;

use common::{Manager, manager};
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;

/// A service without a start limit that does `more` and adds a line to `@/NAME.out`.
fn service(name: &str, more: &str) -> (String, String) {
    let run = format!("ExecStart=/bin/sh -c '{more}echo {name} >> @/{name}.out'");
    (format!("{name}.service"), format!("[Unit]\nStartLimitIntervalSec=0\n[Service]\nType=oneshot\n{run}\n"))
}

/// A manager that watches for what `lines` say.
fn watching(name: &str, lines: &str, more: &str) -> Manager {
    let path = format!("{name}.path");
    let (service, text) = service(name, more);
    let target = format!("[Unit]\nWants={path}\n");
    let m = manager(
        name,
        &[("default.target", &target), (&path, &format!("[Path]\n{lines}\n")), (&service, &text)],
    );
    waits(&m, name);
    m
}

/// Waits until the path unit watches.
fn waits(m: &Manager, name: &str) {
    m.until(&format!("{name}.path watches"), || m.value(&format!("{name}.path"), "SubState") == "waiting");
}

/// Whether the service was not started: a request is answered after all changes of files before it are seen.
fn nothing_happens(m: &Manager, name: &str) {
    assert_eq!(m.value(&format!("{name}.path"), "SubState"), "waiting");
}

/// Waits until the service was started `count` times in all, and the path is watched again.
fn happened(m: &Manager, name: &str, what: &str, count: usize) {
    m.until(what, || m.file(&format!("{name}.out")).lines().count() == count);
    waits(m, name);
}

/// The end of writing, and what happens to the file as a whole.
#[test]
fn path_changed() {
    let m = watching("changed", "PathChanged=@/file", "");
    let path = m.directory.join("file");
    let open = || fs::File::options().create(true).append(true).open(&path).unwrap();
    let mut file = open();
    happened(&m, "changed", "it appears", 1);
    file.write_all(b"x").unwrap();
    fs::write(m.directory.join("other"), "x").unwrap();
    nothing_happens(&m, "changed");
    drop(file);
    happened(&m, "changed", "it is closed", 2);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    happened(&m, "changed", "its mode changes", 3);
    fs::rename(m.directory.join("other"), &path).unwrap();
    happened(&m, "changed", "another file has its name", 4);
    fs::remove_file(&path).unwrap();
    happened(&m, "changed", "it is gone", 5);
    m.end();
}

/// Each write, also of a file that stays open.
#[test]
fn path_modified() {
    let m = watching("modified", "PathModified=@/deep/down/file", "");
    fs::create_dir_all(m.directory.join("deep/down")).unwrap();
    nothing_happens(&m, "modified");
    let mut file = fs::File::create(m.directory.join("deep/down/file")).unwrap();
    happened(&m, "modified", "it appears below new directories", 1);
    for count in 2..5 {
        file.write_all(b"x").unwrap();
        happened(&m, "modified", "a write", count);
    }
    m.end();
}

#[test]
fn path_exists_glob() {
    let m = watching("glob", "PathExistsGlob=@/in/*.job", "rm @/in/*.job; ");
    let directory = m.directory.join("in");
    fs::create_dir(&directory).unwrap();
    fs::write(directory.join("a.txt"), "").unwrap();
    nothing_happens(&m, "glob");
    for count in 1..3 {
        fs::write(directory.join(format!("{count}.job")), "").unwrap();
        happened(&m, "glob", "a file of the pattern", count);
    }
    assert!(directory.join("a.txt").exists() && !directory.join("2.job").exists());
    m.end();
}

#[test]
fn directory_not_empty() {
    let lines = "DirectoryNotEmpty=@/spool/in\nMakeDirectory=yes\nDirectoryMode=0711";
    let m = watching("spool", lines, "rm @/spool/in/*; ");
    let directory = m.directory.join("spool/in");
    assert_eq!(fs::metadata(&directory).unwrap().permissions().mode() & 0o7777, 0o711);
    nothing_happens(&m, "spool");
    for count in 1..3 {
        fs::write(directory.join("letter"), "").unwrap();
        happened(&m, "spool", "a file in the directory", count);
    }
    m.end();
}
