// SPDX-License-Identifier: MIT OR Apache-2.0
//! Each kind of invalid manifest: the message names the line and the allowed values.

mod common;

use common::load;
use qos_manifest::{CostLimit, SizeLimit};
use std::path::Path;

/// Loading `files` has to fail with a message that starts with `place` and contains each of `parts`.
#[track_caller]
fn check_files(files: &[(&str, &str)], place: &str, parts: &[&str]) {
    let message = match load(files) {
        Ok(config) => panic!("accepted as\n{}", config.to_toml()),
        Err(error) => error.to_string(),
    };
    assert!(message.starts_with(place), "{place} does not start: {message}");
    for part in parts {
        assert!(message.contains(part), "{part} is not in: {message}");
    }
    assert_eq!(message.lines().count(), 1, "{message}");
}

#[track_caller]
fn check(text: &str, line: usize, parts: &[&str]) {
    check_files(&[("m.toml", text)], &format!("r/m.toml:{line}: "), parts);
}

#[test]
fn unknown_keys() {
    check(
        "overlay = []",
        1,
        &["unknown field `overlay`", "`inherit`, `trees`, `overlays`", "did you mean `overlays`?"],
    );
    check("[image]\nname = \"t\"\ncmdlien = \"\"", 3, &["did you mean `cmdline`?"]);
    check(
        "\n\n[dirs]\n\"/a\" = { mdoe = \"0755\" }",
        4,
        &["expected one of `mode`, `uid`, `gid`", "mean `mode`?"],
    );
    check("[programs.\"/p\"]\nsource = \"p\"\n\nlinks_in = \"/bin\"", 4, &["did you mean `links-in`?"]);
    check("[symlink]\n\"/a\" = \"b\"", 1, &["did you mean `symlinks`?"]);
    check(
        "[max-sizes]\ninitrd = 1",
        2,
        &[
            "unknown budget `initrd`; there are bzImage, initramfs, unpacked, and paths of files such as \"/bin/sh\"",
        ],
    );
    check("[max-sizes]\nunpaked = 1", 2, &["such as \"/bin/sh\"; did you mean `unpacked`?"]);
    check(
        "[max-cost]\n\nto-poweroff = \"1 M\"",
        3,
        &[
            "unknown cost `to-poweroff`; there are to-init, to-session, to-power-off, memory",
            "mean `to-power-off`?",
        ],
    );
    check("[max-cost]\nmemry = \"80 MiB\"", 2, &["unknown cost `memry`", "did you mean `memory`?"]);
    check("[max-costs]\nto-init = 1", 1, &["did you mean `max-cost`?"]);
    check(
        "[nodes]\n\"/n\" = { type = \"character\", major = 1, minor = 1 }",
        2,
        &["there are block, char, fifo"],
    );
    check("[compression]\nmethod = \"zsdt\"", 2, &["none, gzip, lz4, zstd", "did you mean `zstd`?"]);
}

#[test]
fn wrong_types_and_syntax() {
    check("[image]\nname = 1", 2, &["invalid type: integer `1`, expected a string"]);
    check("[dirs]\n\"/a\" = \"0755\"", 2, &["expected a table such as { mode = \"0755\" }, or {}"]);
    check("[image\nname = 1", 1, &["unclosed table"]);
    check("[dirs]\n\"/a\" = {}\n\"/a\" = {}", 3, &["duplicate key"]);
    check("[nodes]\n\"/n\" = { type = \"char\", major = 1 }", 2, &["missing field `minor`"]);
    check("[image]\nmtime = -1", 2, &["-1"]);
    check("[max-sizes]\ninitramfs = 1.5", 2, &["a size: a number of bytes"]);
    check("[max-cost]\nto-init = 83.5", 2, &["a cost: a number of instructions", "\"83.5 M\""]);
}

#[test]
fn wrong_values() {
    check("[dirs]\n\"/a\" = { mode = \"rwx\" }", 2, &["mode \"rwx\"", "\"0755\" or \"1777\""]);
    check("[dirs]\n\n\"a\" = {}", 3, &["has to start with /: \"/a\""]);
    check("[dirs]\n\"/a/../b\" = {}", 2, &["no .."]);
    check("[symlinks]\n\"/\" = \"x\"", 2, &["root directory"]);
    check("[symlinks]\n\"/a\" = \"\"", 2, &["1 to 4095 bytes"]);
    check(
        "[nodes]\n\"/n\" = { type = \"char\", major = 4096, minor = 0 }",
        2,
        &["major number 4096", "0 to 4095"],
    );
    check(
        "[nodes]\n\"/n\" = { type = \"char\", major = 1, minor = -1 }",
        2,
        &["minor number -1", "0 to 1048575"],
    );
    check("[compression]\nmethod = \"zstd\"\nlevel = 23", 3, &["zstd has no level 23; it has 1 to 22"]);
    check("[compression]\nmethod = \"none\"\nlevel = 1", 3, &["leave `level` out"]);
    check("[max-sizes]\ninitramfs = \"12 MB\"", 2, &["\"12 MiB\""]);
    check("[max-sizes]\ninitramfs = -5", 2, &["negative"]);
    check("[max-sizes]\n\"/bin/qos\" = \"18 MB\"", 2, &["\"12 MiB\""]);
    check("[max-sizes]\n\"bin/qos\" = 1", 2, &["has to start with /: \"/bin/qos\""]);
    check("[max-sizes]\n\"/bin/\" = 1", 2, &["must not end in /"]);
    check("[max-cost]\nto-init = -5", 2, &["a cost of -5 is negative"]);
    check("[max-cost]\nto-init = \"83.4391 M\"", 2, &["at most three decimals", "\"90 M\" or \"83.5 M\""]);
    check("[max-cost]\n\nto-init = \"90 G\"", 3, &["\"90 G\" is not a number of instructions"]);
    check("[max-cost]\nmemory = 80", 2, &["memory has a unit: \"80 MiB\""]);
    check("[max-cost]\nmemory = \"80 M\"", 2, &["\"80 M\" is not a size", "MiB"]);
    check("[max-cost]\n\nmemory = \"80500 KiB\"", 3, &["not a whole number of MiB"]);
    check("[image]\nname = \"a b\"", 2, &["letters, digits"]);
    check("[image]\nname = \"a\"\ncmdline = \"a\\nb\"", 3, &["one line", "2047"]);
    check("trees = [\"a/b\"]", 1, &["\"a/b\" is not the name of a tree of the toolchain"]);
    check("overlays = [\n  \"a\",\n  \"/b\",\n]", 3, &["\"/b\" has to be a relative path"]);
    check("[files]\n\"/f\" = { text = \"\", source = \"f\" }", 2, &["`source` or `text`, not both"]);
}

#[test]
fn programs() {
    check("[programs]\n\"/p\" = { source = \"p\", applets = \"a\" }", 2, &["needs `links-in`"]);
    check("[programs]\n\"/p\" = { source = \"p\", links-in = \"/bin\" }", 2, &["needs `applets`"]);
    check("[programs]\n\"/p\" = { source = \"p\", exclude = [\"x\"] }", 2, &["`exclude` needs `applets`"]);
    check(
        "[programs]\n\"/p\" = { source = \"p\", applets = \"a\", links-in = \"/bin\", exclude = [\"a/b\"] }",
        2,
        &["\"a/b\" is no name for a program"],
    );
}

#[test]
fn entries_that_do_not_go_together() {
    let two = "[dirs]\n\"/a\" = {}\n[files]\n\"/a\" = { text = \"\" }";
    check(two, 4, &["\"/a\" is said twice; first at r/m.toml:2"]);
    let below_link =
        "image.name = \"t\"\n[symlinks]\n\"/sbin\" = \"bin\"\n[files]\n\"/sbin/x\" = { text = \"\" }";
    check(below_link, 5, &["\"/sbin\" is a symbolic link (r/m.toml:3)", "under \"bin\""]);
    let below_file = "image.name = \"t\"\n[files]\n\"/f\" = { text = \"\" }\n\"/f/g/x\" = { text = \"\" }";
    check(below_file, 4, &["\"/f\" is not a directory (r/m.toml:3)"]);
    let below_program =
        "image.name = \"t\"\n[programs]\n\"/p\" = { source = \"p\" }\n\"/p/q\" = { source = \"q\" }";
    check(below_program, 4, &["\"/p\" is a program"]);
    let linked_dir = "image.name = \"t\"\n[dirs]\n\"/d\" = {}\n[hardlinks]\n\"/h\" = \"/d\"";
    check(linked_dir, 5, &["to \"/d\", which is a directory; only files"]);
}

#[test]
fn inheritance() {
    let missing = [("m.toml", "\ninherit = [\"bsae.toml\"]")];
    check_files(&missing, "r/m.toml:2: ", &["cannot read the inherited manifest r/bsae.toml"]);
    let circle = [("m.toml", "inherit = [\"a.toml\"]"), ("a.toml", "\n\ninherit = [\"sub/../m.toml\"]")];
    check_files(&circle, "r/a.toml:3: ", &["in a circle: m.toml -> a.toml -> m.toml"]);
    check_files(&[("m.toml", "inherit = [\"m.toml\"]")], "r/m.toml:1: ", &["m.toml -> m.toml"]);
    let inside = [("m.toml", "inherit = [\"a.toml\"]"), ("a.toml", "[imgae]")];
    check_files(&inside, "r/a.toml:1: ", &["unknown field `imgae`", "did you mean `image`?"]);
    let remove =
        [("m.toml", "inherit = [\"a.toml\"]\nremove = [\"/ect\"]"), ("a.toml", "[dirs]\n\"/etc\" = {}")];
    check_files(&remove, "r/m.toml:2: ", &["cannot remove \"/ect\"", "did you mean `/etc`?"]);
    check_files(&[("m.toml", "")], "r/m.toml: ", &["names the image; add `name` to [image]"]);
}

/// A disk has other limits than an image, and the other tables of its manifest are not read here.
#[test]
fn budgets_of_a_disk() {
    let of = |text: &str| qos_manifest::disk_budgets(Path::new("r/d.toml"), text).map_err(|e| e.to_string());
    let budgets =
        of("[disk]\nx = 1\n[max-sizes]\ndisk = \"1 MiB\"\ninitramfs = 7\n[max-cost]\nto-init = \"1 M\"\n");
    let budgets = budgets.unwrap();
    assert_eq!((budgets.sizes.len(), budgets.costs[&CostLimit::ToInit].value), (2, 1_000_000));
    assert_eq!(budgets.check_size(SizeLimit::Disk, 1 << 20), Ok(()));
    let over = budgets.check_size(SizeLimit::Disk, (1 << 20) + 1).unwrap_err();
    assert!(
        over.starts_with("disk is 1048577 bytes, 1 more than the 1048576 that r/d.toml:4 allows"),
        "{over}"
    );
    for (text, expect) in [
        (
            "[max-sizes]\nunpacked = 1",
            "r/d.toml:2: unknown budget `unpacked`; there are bzImage, initramfs, disk; those of files are in",
        ),
        (
            "\n[max-sizes]\n\"/bin/qos\" = 1",
            "r/d.toml:3: unknown budget `/bin/qos`; there are bzImage, initramfs, disk;",
        ),
        ("[max-cost]\nmemory = 1", "r/d.toml:2: memory has a unit"),
    ] {
        let error = of(text).unwrap_err();
        assert!(error.starts_with(expect), "{error}");
    }
    check("[max-sizes]\ndisk = 1", 2, &["unknown budget `disk`"]);
}
