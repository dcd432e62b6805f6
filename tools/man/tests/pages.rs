// SPDX-License-Identifier: MIT OR Apache-2.0
//! Each program is described, each option that its parser takes is in the description, and the pages stay as they are.

use qos_command::help::rows;
use qos_man::{TABLES, page, started};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn descriptions_have_no_defects() {
    let all = TABLES.iter().flat_map(|(_, table)| *table);
    let all = all
        .map(|(name, _, help)| (name, *help))
        .chain(started::TABLE.iter().map(|(name, help)| (name, *help)));
    let defects: Vec<String> = all.flat_map(|(name, help)| help.defects(name)).collect();
    assert!(defects.is_empty(), "{}", defects.join("\n"));
}

/// The sources that parse options with lexopt, by the crate, with the programs whose options they are together.
const PARSERS: &[(&str, &[&str], &[&str])] = &[
    ("block", &["blkid.rs"], &["blkid"]),
    ("block", &["lsblk.rs"], &["lsblk"]),
    ("grep", &["options.rs"], &["grep"]),
    ("login", &["getty.rs"], &["getty"]),
    ("login", &["login.rs"], &["login"]),
    ("login", &["su.rs"], &["su"]),
    ("logs", &["logctl/request.rs"], &["logctl"]),
    ("logs", &["logd.rs"], &["logd"]),
    ("network", &["networkd.rs"], &["networkd"]),
    ("network", &["ping.rs"], &["ping"]),
    ("pager", &["options.rs"], &["less"]),
    ("patch", &["options.rs"], &["patch"]),
    ("procps", &["find.rs"], &["pgrep", "pkill"]),
    ("procps", &["named.rs"], &["killall", "pidof"]),
    ("procps", &["sysctl.rs"], &["sysctl"]),
    ("procps", &["top.rs"], &["top"]),
    ("procps", &["vmstat.rs"], &["vmstat"]),
    ("procps", &["watch.rs"], &["watch"]),
    ("sessions", &["last.rs"], &["last"]),
    ("sessions", &["who.rs"], &["who"]),
    ("svc", &["request.rs"], &["svc"]),
    ("tar", &["compress.rs"], &["gzip", "xz", "zstd"]),
    ("tar", &["options.rs"], &["tar"]),
    ("udev", &["daemon.rs"], &["udevd"]),
    (
        "udev",
        &[
            "udevadm.rs",
            "udevadm/control.rs",
            "udevadm/info.rs",
            "udevadm/monitor.rs",
            "udevadm/settle.rs",
            "udevadm/test.rs",
            "udevadm/trigger.rs",
            "udevadm/verify.rs",
        ],
        &["udevadm"],
    ),
    ("users", &["chage.rs"], &["chage"]),
    ("users", &["chpasswd.rs"], &["chpasswd"]),
    ("users", &["group.rs"], &["groupadd", "groupdel"]),
    ("users", &["passwd.rs"], &["passwd"]),
    ("users", &["useradd.rs"], &["useradd"]),
    ("users", &["userdel.rs"], &["userdel"]),
    ("users", &["usermod.rs"], &["usermod"]),
    ("util", &["dmesg.rs"], &["dmesg"]),
    ("util", &["free.rs"], &["free"]),
    ("util", &["getconf.rs"], &["getconf"]),
    ("util", &["kexec.rs"], &["kexec"]),
    ("util", &["logger.rs"], &["logger"]),
    ("util", &["modprobe.rs"], &["modprobe"]),
    ("util", &["mount.rs"], &["mount"]),
    ("util", &["power.rs"], &["halt", "poweroff", "reboot"]),
    ("util", &["rmmod.rs"], &["rmmod"]),
    ("util", &["strings.rs"], &["strings"]),
    ("util", &["time.rs"], &["time"]),
    ("util", &["umount.rs"], &["umount"]),
    ("util", &["which.rs"], &["which"]),
];

/// `Short('a' | 'b')` and `Long("x" | "y")` of match arms are the options of a parser, as text of its source.
fn accepted(source: &str) -> BTreeSet<String> {
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    let mut flags = BTreeSet::new();
    for (pattern, quote, hyphens) in [("Short(", '\'', "-"), ("Long(", '"', "--")] {
        for (at, _) in source.match_indices(pattern) {
            let inside = &source[at + pattern.len()..];
            let inside = &inside[..inside.find(')').unwrap_or(0)];
            // Alternatives may be in parentheses of their own: `name @ ("x" | "y")`.
            let inside = inside.split_once('(').map_or(inside, |(_, alternatives)| alternatives);
            flags.extend(inside.split(quote).skip(1).step_by(2).map(|name| format!("{hyphens}{name}")));
        }
    }
    flags.remove("--help");
    flags
}

/// The options that a table describes: words of its terms that begin with a hyphen.
fn described(table: &'static str) -> BTreeSet<String> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    let mut flags = BTreeSet::new();
    for row in rows(table).into_iter().filter(|row| !row.is_heading()) {
        for word in row.term.split([' ', ',']).filter(|word| word.starts_with('-') && word.len() > 1) {
            flags.insert(word[..word.find(|letter| !is_part(letter)).unwrap_or(word.len())].to_owned());
        }
    }
    flags
}

#[test]
fn every_option_is_described() {
    // Places for any number or signal, and digits that are levels or numbers of lines.
    let is_place = |flag: &str| matches!(flag, "-SIGNAL" | "-N") || flag[1..].parse::<u8>().is_ok();
    let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packages");
    let mut wrong = Vec::new();
    for (package, files, programs) in PARSERS {
        let read = |file: &&str| fs::read_to_string(packages.join(package).join("src").join(file)).unwrap();
        let mut accepted: BTreeSet<String> = files.iter().flat_map(|file| accepted(&read(file))).collect();
        let mut described: BTreeSet<String> =
            programs.iter().flat_map(|name| described(help(name).options)).collect();
        assert!(!accepted.is_empty(), "{package}: {files:?} accepts no options: is it a parser?");
        for flags in [&mut accepted, &mut described] {
            flags.retain(|flag| flag.starts_with("--") || !is_place(flag) || matches!(*programs, ["ping"]));
        }
        wrong.extend(
            accepted.difference(&described).map(|flag| format!("{programs:?}: {flag} is not described")),
        );
        wrong.extend(
            described.difference(&accepted).map(|flag| format!("{programs:?}: {flag} is not accepted")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The words that `early`, `init` and `qos-agent` compare with are in their descriptions.
#[test]
fn every_word_of_programs_without_help_is_described() {
    let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packages");
    let help = |name: &str| started::TABLE.iter().find(|(known, _)| *known == name).unwrap().1;
    for (name, file, pattern, least) in [
        ("early", "early/src/options.rs", "                (\"", 20),
        ("early", "early/src/verity/parameters.rs", "            \"", 6),
        ("init", "init-services/src/lib.rs", "        \"", 2),
        ("qos-agent", "agent/src/lib.rs", "        [\"", 2),
    ] {
        let text = help(name).text_of(name);
        let source = fs::read_to_string(packages.join(file)).unwrap();
        let source = source.split("#[cfg(test)]").next().unwrap_or_default();
        // Match arms: the words before the arrow.
        let arms =
            source.lines().filter(|line| line.starts_with(pattern)).filter_map(|line| line.split_once("=>"));
        let words: Vec<&str> = arms.flat_map(|(arm, _)| arm.split('"').skip(1).step_by(2)).collect();
        assert!(words.len() >= least, "{file}: {words:?}");
        for word in words {
            assert!(text.contains(word), "{name}: {word} is not described");
        }
    }
}

fn help(name: &str) -> &'static qos_command::Help {
    let mut all = TABLES.iter().flat_map(|(_, table)| *table);
    all.find(|(known, ..)| *known == name).map(|(_, _, help)| *help).unwrap()
}

#[test]
fn pages() {
    for name in ["groupadd", "svc"] {
        insta::assert_snapshot!(name, page(name, help(name)));
    }
}

#[test]
fn one_page_for_each_program() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    qos_man::write(directory).unwrap();
    let count = |section: &str| fs::read_dir(directory.join(section)).unwrap().count();
    let programs: usize = TABLES.iter().map(|(_, table)| table.len()).sum();
    assert_eq!(count("man1") + count("man8"), programs + started::TABLE.len());
    let init = fs::read_to_string(directory.join("man8/init.8")).unwrap();
    assert!(init.contains("systemd.unit=") && !init.contains("\\-\\-help"), "{init}");
    let page: PathBuf = directory.join("man8/getty.8");
    assert!(fs::read_to_string(page).unwrap().starts_with(".TH GETTY 8 "));
}
