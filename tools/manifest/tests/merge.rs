// SPDX-License-Identifier: MIT OR Apache-2.0
//! Merged manifests, compared in their printed form.

mod common;

use common::load;
use std::path::Path;

/// Loads the first file; each of `lines` has to be in the printed form, and none of `absent`.
#[track_caller]
fn check(files: &[(&str, &str)], lines: &[&str], absent: &[&str]) {
    let text = load(files).unwrap_or_else(|e| panic!("{e}")).to_toml();
    for line in lines {
        assert!(text.lines().any(|l| l == *line), "{line} is missing in:\n{text}");
    }
    for part in absent {
        assert!(!text.contains(part), "{part} is in:\n{text}");
    }
}

const NAMED: &str = "[image]\nname = \"t\"\n";

#[test]
fn defaults_are_said_in_the_printed_form() {
    check(
        &[(
            "m.toml",
            "image.name = \"t\"\n[dirs]\n\"/a\" = {}\n[files]\n\"/f\" = { text = \"x\" }\n[nodes]\n\"/n\" = { type = \"char\", major = 1, minor = 3 }\n",
        )],
        &[
            "cmdline = \"\"",
            "mtime = 0",
            "method = \"none\"",
            "\"/a\" = { gid = 0, mode = \"0755\", uid = 0 }",
            "\"/f\" = { gid = 0, mode = \"0644\", text = \"x\", uid = 0 }",
            "\"/n\" = { gid = 0, major = 1, minor = 3, mode = \"0600\", type = \"char\", uid = 0 }",
        ],
        &["level", "overlays", "[programs]"],
    );
}

#[test]
fn what_comes_later_wins_path_by_path() {
    let a = "[image]\nname = \"a\"\ncmdline = \"one\"\n[dirs]\n\"/x\" = {}\n\"/y\" = { mode = \"0700\", uid = 5 }\n";
    let b = "[image]\ncmdline = \"two\"\n[symlinks]\n\"/x\" = \"y\"\n[compression]\nmethod = \"lz4\"\n";
    let m = "inherit = [\"a.toml\", \"b.toml\"]\n[image]\nname = \"m\"\n[dirs]\n\"/z\" = {}\n";
    check(
        &[("m.toml", m), ("a.toml", a), ("b.toml", b)],
        &["name = \"m\"", "cmdline = \"two\"", "\"/x\" = \"y\"", "method = \"lz4\"", "level = 12"],
        &["\"/x\" = {"],
    );
    let m = "inherit = [\"b.toml\", \"a.toml\"]\n";
    check(
        &[("m.toml", m), ("a.toml", a), ("b.toml", b)],
        &["name = \"a\"", "cmdline = \"one\""],
        &["\"/x\" = \"y\""],
    );
}

#[test]
fn an_entry_is_replaced_whole() {
    let a = "[dirs]\n\"/y\" = { mode = \"0700\", uid = 5 }\n";
    let m = format!("inherit = [\"a.toml\"]\n{NAMED}[dirs]\n\"/y\" = {{ gid = 7 }}\n");
    check(&[("m.toml", &m), ("a.toml", a)], &["\"/y\" = { gid = 7, mode = \"0755\", uid = 0 }"], &[]);
}

#[test]
fn a_program_and_an_entry_at_one_path_replace_each_other() {
    let a = "[programs]\n\"/bin/x\" = { source = \"bin/x\" }\n[files]\n\"/bin/y\" = { text = \"\" }\n";
    let m = format!(
        "inherit = [\"a.toml\"]\n{NAMED}[files]\n\"/bin/x\" = {{ text = \"\" }}\n[programs]\n\"/bin/y\" = {{ source = \"bin/y\" }}\n"
    );
    check(
        &[("m.toml", &m), ("a.toml", a)],
        &[
            "\"/bin/x\" = { gid = 0, mode = \"0644\", text = \"\", uid = 0 }",
            "\"/bin/y\" = { gid = 0, mode = \"0755\", source = \"bin/y\", uid = 0 }",
        ],
        &[],
    );
}

#[test]
fn remove_takes_out_what_is_inherited() {
    let a = "[dirs]\n\"/x\" = {}\n\"/y\" = {}\n";
    let m = format!("inherit = [\"a.toml\"]\nremove = [\"/x\"]\n{NAMED}");
    check(&[("m.toml", &m), ("a.toml", a)], &[], &["/x"]);
}

#[test]
fn budgets_are_inherited_one_by_one() {
    let a = "[max-sizes]\nunpacked = 1\n\"/x\" = 1\n\"/y\" = 1\n[max-cost]\nto-init = \"1 M\"\nto-session = 2\nmemory = \"90 MiB\"\n";
    let m = format!(
        "inherit = [\"a.toml\"]\n{NAMED}[max-sizes]\n\"/x\" = 2\n[max-cost]\nto-init = \"3 M\"\nto-power-off = \"4.5 M\"\n"
    );
    check(
        &[("m.toml", &m), ("a.toml", a)],
        &[
            "unpacked = \"1 B\"",
            "\"/x\" = \"2 B\"",
            "\"/y\" = \"1 B\"",
            "to-init = \"3 M\"",
            "to-session = \"2\"",
            "to-power-off = \"4.5 M\"",
            "memory = \"90 MiB\"",
        ],
        &[],
    );
    // If a file is removed, its budget is removed too; otherwise the image would lack the file.
    let m = format!("inherit = [\"a.toml\"]\nremove = [\"/y\"]\n{NAMED}");
    check(&[("m.toml", &m), ("a.toml", a)], &["\"/x\" = \"1 B\""], &["/y"]);
}

#[test]
fn host_paths_are_those_of_the_manifest_that_says_them() {
    let a =
        "overlays = [\"over\"]\n[files]\n\"/f\" = { source = \"f\" }\n[early]\nucode = { source = \"e\" }\n";
    let m = format!("inherit = [\"sub/../sub/a.toml\"]\noverlays = [\"over\"]\n{NAMED}");
    check(
        &[("m.toml", &m), ("sub/a.toml", a)],
        &[
            "overlays = [\"sub/over\", \"over\"]",
            "\"/f\" = { gid = 0, mode = \"0644\", source = \"sub/f\", uid = 0 }",
            "ucode = { source = \"sub/e\" }",
        ],
        &[],
    );
}

#[test]
fn a_manifest_may_be_reached_on_two_ways() {
    let m = format!("inherit = [\"a.toml\", \"b.toml\"]\n{NAMED}");
    let files = [
        ("m.toml", m.as_str()),
        ("a.toml", "inherit = [\"c.toml\"]"),
        ("b.toml", "inherit = [\"c.toml\"]"),
        ("c.toml", "[dirs]\n\"/c\" = {}\n"),
    ];
    check(&files, &["\"/c\" = { gid = 0, mode = \"0755\", uid = 0 }"], &[]);
}

#[test]
fn module_names_are_the_kernels() {
    let m = format!("{NAMED}[modules]\nqos-exit = {{ load = true }}\n");
    check(&[("m.toml", &m)], &["qos_exit = { load = true }"], &[]);
}

#[test]
fn the_printed_form_reads_back_as_itself() {
    let all = "trees = [\"t\"]\noverlays = [\"o\"]\n[image]\nname = \"t\"\ncmdline = \"a b=\\\"c\\\"\"\nmtime = 12\n\
        [compression]\nmethod = \"zstd\"\nlevel = 3\n\
        [programs]\n\"/bin/p\" = { source = \"bin/p\", applets = \"applets\", links-in = \"/bin\", exclude = [\"z\", \"a\"] }\n\
        [dirs]\n\"/d\" = { mode = \"1777\" }\n[symlinks]\n\"/s ü\" = \"d\"\n[hardlinks]\n\"/h\" = \"/t\"\n\
        [nodes]\n\"/n\" = { type = \"block\", major = 8, minor = 1 }\n\"/q\" = { type = \"fifo\", major = 0, minor = 0 }\n\
        [files]\n\"/t\" = { text = \"a\\n'\\\"\\\\\\u0007\" }\n\"/src\" = { source = \"x/y\" }\n\"/o\" = { mode = \"0600\" }\n\"/o2\" = { uid = 1 }\n\
        [modules]\nm = {}\n[drivers]\nall = true\nnames = [\"dm-crypt\"]\n[early]\ne = { source = \"e\" }\n\
        [max-sizes]\ninitramfs = \"12 MiB\"\nunpacked = 123\nbzImage = \"2KiB\"\n\"/bin/p\" = \"1024 KiB\"\n\
        [max-cost]\nto-init = \"83.50M\"\nto-session = 92_097_000\nto-power-off = 124882001\nmemory = \"1 GiB\"\n";
    let once = load(&[("m.toml", all)]).unwrap().to_toml();
    let twice = load(&[("m.toml", &once)]).unwrap_or_else(|e| panic!("{e}\n{once}")).to_toml();
    assert_eq!(once, twice);
    for line in [
        "names = [\"dm_crypt\"]",
        "initramfs = \"12 MiB\"",
        "unpacked = \"123 B\"",
        "bzImage = \"2 KiB\"",
        "\"/bin/p\" = \"1 MiB\"",
        "to-init = \"83.5 M\"",
        "to-session = \"92.097 M\"",
        "to-power-off = \"124882001\"",
        "memory = \"1024 MiB\"",
        "mtime = 12",
    ] {
        assert!(once.lines().any(|l| l == line), "{line} is missing in:\n{once}");
    }
}

/// The manifests of the repository itself.
#[test]
fn our_own_manifests_load() {
    let rootfs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rootfs");
    let config = qos_manifest::load(&rootfs.join("default.toml")).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(config.name, "qos");
    assert!(config.entries.contains_key("/dev/console"));
}
