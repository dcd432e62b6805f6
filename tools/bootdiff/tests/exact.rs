// SPDX-License-Identifier: MIT OR Apache-2.0
//! Each single change gives exactly its report.

use qos_bootdiff::cli::{Format, render};
use qos_bootdiff::{compare, input};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

const FILES: [&str; 5] = ["boot.log", "initcalls.log", "config", "listing", "manifest.json"];

fn base() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/base")
}

/// A copy of the directory `base`, removed at the end.
struct Copy(TempDir);

impl Copy {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory");
        for file in FILES {
            fs::copy(base().join(file), folder.path().join(file)).expect("a copy");
        }
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn edit(&self, file: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path().join(file)).expect("text");
        assert!(text.contains(from), "{file} has {from:?}");
        fs::write(self.path().join(file), text.replacen(from, to, 1)).expect("written");
    }
}

/// The lines of the text report about changes, without the tables of numbers.
fn said(head: &Path) -> (bool, Vec<String>) {
    said_between(&base(), head)
}

fn said_between(base: &Path, head: &Path) -> (bool, Vec<String>) {
    let read = |folder: &Path, name: &str| input::read(folder, name.to_owned()).expect("a result");
    let report = compare::compare(&read(base, "a"), &read(head, "b"), None).expect("a report");
    let text = render(&report, Format::Text, false).expect("text");
    let parts = text.lines().skip(1).filter(|line| {
        !line.is_empty() && !line.ends_with("same") && !line.trim_start().starts_with("base ")
    });
    (report.changed, parts.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect())
}

#[track_caller]
fn check(name: &str, edits: &[(&str, &str, &str)], expect: &[&str]) {
    let copy = Copy::new();
    for (file, from, to) in edits {
        copy.edit(file, from, to);
    }
    let (changed, said) = said(copy.path());
    assert_eq!(said, expect, "{name}");
    assert_eq!(changed, expect != ["Nothing changed."], "{name}");
}

#[test]
fn the_log() {
    check("nothing", &[], &["Nothing changed."]);
    check(
        "line",
        &[(
            "boot.log",
            "[    0.332400] qos-init: ready",
            "[    0.332400] qos-init: hello\r\n[    0.332400] qos-init: ready",
        )],
        &[
            "Changed: boot log.",
            "boot log lines: 1 added",
            "Boot log, modules: init's start and modules",
            "49 + qos-init: hello",
        ],
    );
    check(
        "value",
        &[("boot.log", "4676K", "4677K")],
        &[
            "Changed: boot log.",
            "boot log lines: 1 changed",
            "Boot log, drivers: buses and drivers",
            "43 ~ Freeing initrd memory: [-4676K-]{+4677K+}",
        ],
    );
    check(
        "times",
        &[("boot.log", "[    0.331315] qos-init: started", "[    0.331316] qos-init: started")],
        &["Changed: boot log.", "boot log the same lines at other times"],
    );
    check(
        "slower",
        &[("boot.log", "[    0.332400] qos-init: ready", "[    0.332410] qos-init: ready")],
        &[
            "Changed: boot log.",
            "boot log the same lines at other times",
            "Cost by phase, in instructions",
            "modules 3.786 M 3.796 M +0.010 M (+0.26 %)",
            "init 3.964 M 3.954 M −0.010 M (−0.25 %)",
        ],
    );
    check("ends", &[("boot.log", "\r\n", "\n")], &["Nothing changed."]);
}

#[test]
fn initcalls() {
    check(
        "initcall",
        &[("initcalls.log", "[    0.043320] initcall acpi_init", "[    0.043520] initcall acpi_init")],
        &[
            "Changed: initcalls.",
            "initcalls 1 cost more",
            "Initcalls, in instructions of the boot with initcall_debug",
            "acpi_init 5.620 M 5.820 M +0.200 M (+3.56 %)",
        ],
    );
    // What an interrupt could have done is counted, not listed.
    check(
        "slight",
        &[("initcalls.log", "[    0.043320] initcall acpi_init", "[    0.043419] initcall acpi_init")],
        &[
            "Changed: initcalls.",
            "initcalls 1 changed by less than 0.1 M",
            "Initcalls, in instructions of the boot with initcall_debug",
            "1 changed by less than 0.1 M",
        ],
    );
}

#[test]
fn configuration() {
    check(
        "comment",
        &[("config", "# Automatically", "# By hand"), ("config", "# CONFIG_RTC_CLASS is not set\n", "")],
        &["Nothing changed."],
    );
    check(
        "option",
        &[("config", "CONFIG_HZ=100", "CONFIG_HZ=1000")],
        &[
            "Changed: kernel configuration.",
            "kernel configuration 1 option",
            "Kernel configuration",
            "CONFIG_HZ: 100 → 1000",
        ],
    );
}

#[test]
fn initramfs() {
    for (name, from, to, said) in [
        (
            "mode",
            "-rw-r--r--    0    0       120 etc/motd",
            "-rw-rw-r--    0    0       120 etc/motd",
            "~ etc/motd: mode -rw-r--r-- → -rw-rw-r--",
        ),
        (
            "owner",
            "-rw-r--r--    0    0       120 etc/motd",
            "-rw-r--r--    0   12       120 etc/motd",
            "~ etc/motd: owner 0:0 → 0:12",
        ),
        ("size", "120 etc/motd", "119 etc/motd", "~ etc/motd: size 120 → 119, −1 (−0.83 %)"),
        ("device", "5,1 dev/console", "5,2 dev/console", "~ dev/console: device 5,1 → 5,2"),
        ("target", "8 init -> bin/init", "7 init -> bin/qos", "~ init: link bin/init → bin/qos"),
    ] {
        check(
            name,
            &[("listing", from, to)],
            &["Changed: initramfs.", "initramfs files: 1 changed", "Initramfs", said],
        );
    }
    check("title", &[("listing", "12 entries", "13 entries")], &["Nothing changed."]);
}

#[test]
fn image() {
    check(
        "version",
        &[("manifest.json", "\"kernel\": \"7.3.4\"", "\"kernel\": \"7.3.5\\u001b\"")],
        &[
            "Changed: versions and command line.",
            "versions and command line 1 value",
            "Versions and command line",
            "kernel: 7.3.4 → 7.3.5\\x1b",
        ],
    );
    check(
        "content",
        &[("manifest.json", "\"sha256\": \"", "\"sha256\": \"0")],
        &[
            "Changed: image files.",
            "image files 1 file",
            "Image files, in bytes",
            "bzImage 4 014 080 4 014 080 other content",
        ],
    );
}

/// The files of a disk: the base has one without a change.
const PARTITION: &str = r#""partitions": [{"content": "ext4", "label": "qos", "name": "root", "sha256": "abc", "size": 67108864,
    "start": 1048576, "type": "t", "uuid": "u"}], "#;
const ROOT_LISTING: &str =
    "HASH drwx------    0    0         0 root\nHASH -rw-r--r--    0    0         3 etc/motd\n";

/// The lines of the report about a disk after these edits.
#[track_caller]
fn check_disk(name: &str, edits: &[(&str, &str, &str)], expect: &[&str]) {
    let disk = || {
        let copy = Copy::new();
        copy.edit("manifest.json", "{", &format!("{{{PARTITION}"));
        fs::write(copy.path().join("root.listing"), ROOT_LISTING.replace("HASH", &"0".repeat(64)))
            .expect("written");
        copy
    };
    let (base, head) = (disk(), disk());
    for (file, from, to) in edits {
        head.edit(file, from, to);
    }
    let (changed, said) = said_between(base.path(), head.path());
    assert_eq!(said, expect, "{name}");
    assert_eq!(changed, expect != ["Nothing changed."], "{name}");
}

#[test]
fn disk() {
    check_disk("nothing", &[], &["Nothing changed."]);
    check_disk(
        "root",
        &[("root.listing", "        3 etc/motd", "        4 etc/motd")],
        &[
            "Changed: root file system.",
            "root file system files: 1 changed",
            "Root file system",
            "~ etc/motd: size 3 → 4, +1 (+33 %)",
        ],
    );
    check_disk(
        "partition",
        &[
            ("manifest.json", "67108864", "68157440"),
            ("manifest.json", "\"qos\", \"name\"", "\"q\\u001b\", \"name\""),
        ],
        &[
            "Changed: partitions.",
            "partitions 1 partition",
            "Partitions",
            "~ root: label qos → q\\x1b; size 67 108 864 → 68 157 440, +1 048 576 (+1.56 %)",
        ],
    );
    check_disk(
        "another",
        &[("manifest.json", "\"name\": \"root\"", "\"name\": \"data\"")],
        &[
            "Changed: partitions.",
            "partitions 2 partitions",
            "Partitions",
            "+ data: ext4, 67 108 864 bytes from byte 1 048 576",
            "- root: ext4, 67 108 864 bytes from byte 1 048 576",
        ],
    );
}

/// A disk has to have the listing of its root, and the listing of an initramfs only if it has one.
#[test]
fn files_of_a_disk() {
    let copy = Copy::new();
    copy.edit("manifest.json", "{", &format!("{{{PARTITION}"));
    let missing = || {
        input::read(copy.path(), "a".to_owned())
            .map(drop)
            .map_err(|error| error.replace(&*copy.path().to_string_lossy(), ""))
    };
    assert!(missing().is_err_and(|error| error.starts_with("/root.listing is missing;")));
    fs::write(copy.path().join("root.listing"), "").expect("written");
    assert_eq!(missing(), Ok(()));
    fs::remove_file(copy.path().join("listing")).expect("removed");
    assert!(missing().is_err_and(|error| error.starts_with("/listing is missing;")));
    copy.edit("manifest.json", "\"initramfs.cpio.zst\"", "\"other\"");
    assert_eq!(missing(), Ok(()));
}

/// The program's output and exit status: 0, 1 and 2 as in diff(1).
fn run(arguments: &[&std::ffi::OsStr]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_qos-bootdiff")).args(arguments).output().expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn exit_status() {
    let (base, copy) = (base(), Copy::new());
    let compare = |head: &Path| run(&["--base".as_ref(), base.as_ref(), "--head".as_ref(), head.as_ref()]);
    assert_eq!(compare(copy.path()).0, Some(0));
    copy.edit("config", "CONFIG_HZ=100", "CONFIG_HZ=99");
    let (status, out, error) = compare(copy.path());
    assert_eq!((status, error.as_str()), (Some(1), ""));
    assert!(out.contains("CONFIG_HZ: 100 → 99"), "{out}");
    assert_eq!(run(&["--no-such-option".as_ref()]).0, Some(2));

    let file = copy.path().join("report.json");
    let arguments = ["--base", "", "--head", "", "--format", "json", "--base-name", "one", "--out", ""];
    let mut arguments: Vec<&std::ffi::OsStr> = arguments.iter().map(|text| text.as_ref()).collect();
    (arguments[1], arguments[3], arguments[9]) = (base.as_ref(), copy.path().as_ref(), file.as_ref());
    assert_eq!(run(&arguments), (Some(1), String::new(), String::new()));
    let json: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(file).expect("written")).expect("JSON");
    assert_eq!((&json["base"]["name"], &json["config"][0]["option"]), (&"one".into(), &"CONFIG_HZ".into()));
}

#[test]
fn bad_input_is_one_line_that_names_the_file() {
    /// What is done to the directory.
    enum Do {
        Remove,
        Write(&'static [u8]),
        Cut(usize),
    }
    for (name, file, action, why) in [
        (
            "no-log",
            "boot.log",
            Do::Remove,
            "boot.log is missing; if the revision did not build or boot, a file `failure` must give the reason",
        ),
        ("no-config", "config", Do::Remove, "config is missing;"),
        ("no-listing", "listing", Do::Remove, "listing is missing;"),
        ("no-manifest", "manifest.json", Do::Remove, "manifest.json is missing;"),
        ("empty-log", "boot.log", Do::Write(b""), "boot.log is empty, but a boot prints lines"),
        ("empty-calls", "initcalls.log", Do::Write(b""), "initcalls.log is empty"),
        ("cut", "manifest.json", Do::Cut(100), "manifest.json: EOF while parsing"),
        ("not-text", "config", Do::Write(b"CONFIG_A=y\n\xff"), "config is not text: byte 11 is not UTF-8"),
        ("no-config-line", "config", Do::Write(b"CONFIG_A=y\nnonsense\n"), "config:2: "),
        (
            "no-hash",
            "listing",
            Do::Write(b"-rw-r--r-- 0 0 1 a b\n"),
            "listing: line 1: an entry must begin with its SHA-256",
        ),
    ] {
        let copy = Copy::new();
        let path = copy.path().join(file);
        match action {
            Do::Remove => fs::remove_file(&path).expect("removed"),
            Do::Write(bytes) => fs::write(&path, bytes).expect("written"),
            Do::Cut(length) => {
                let bytes = fs::read(&path).expect("read");
                fs::write(&path, &bytes[..length]).expect("written");
            }
        }
        let base = base();
        let (status, out, error) =
            run(&["--base".as_ref(), base.as_ref(), "--head".as_ref(), copy.path().as_ref()]);
        assert_eq!((status, out.as_str(), error.lines().count()), (Some(2), "", 1), "{name}: {error}");
        let start = format!("qos-bootdiff: {}/{why}", copy.path().display());
        assert!(error.starts_with(&start), "{name}: {error}");
    }
    let (base, copy) = (base(), Copy::new());
    copy.edit("config", "CONFIG_HZ=100", "CONFIG_HZ=99");
    let mut arguments: [&std::ffi::OsStr; 6] = ["--base", "", "--head", "", "--linux", ""].map(AsRef::as_ref);
    (arguments[1], arguments[3], arguments[5]) = (base.as_ref(), copy.path().as_ref(), copy.path().as_ref());
    let (status, _, error) = run(&arguments);
    assert_eq!(status, Some(2));
    assert!(error.ends_with("is not a kernel source tree: it has no Kconfig\n"), "{error}");
    arguments[3] = "/no/such/folder".as_ref();
    let (status, _, error) = run(&arguments);
    let expect = "qos-bootdiff: /no/such/folder is not a directory with the results of a boot\n";
    assert_eq!((status, error.as_str()), (Some(2), expect));
}
