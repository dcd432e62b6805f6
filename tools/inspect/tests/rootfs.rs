// SPDX-License-Identifier: MIT OR Apache-2.0
//! Archives unpacked entry by entry, as the kernel's `init/initramfs.c` does, and the results of `extract` and `check`.

mod common;

use common::{Elf, file};
use qos_inspect::archive::{self, Archive};
use qos_inspect::check::{check, lost};
use qos_inspect::rootfs::Rootfs;
use qos_inspect::{Kind, Node, Tree, extract, newc};
use qos_tree::path::show;
use std::os::unix::fs::MetadataExt;

/// An archive with these entries in this order. A file's content `=N` makes it one more name of inode N, without content.
fn archive(entries: &[(&str, &str)]) -> Archive {
    let mut archive = Archive { entries: Vec::new(), ..written(&Tree::default()) };
    for (path, what) in entries {
        let (kind, text) = what.split_at(1);
        let node = match kind {
            "d" => Node::new(0o755, Kind::Dir),
            "l" => Node::new(0o777, Kind::Symlink(text.into())),
            "c" => Node::new(0o600, Kind::Char { major: 5, minor: 1 }),
            _ => file(0o644, text.trim_start_matches("=9")),
        };
        let mut tree = Tree::default();
        tree.insert("x", node);
        let mut entry = written(&tree).entries.remove(0);
        entry.name = path.as_bytes().to_vec();
        if text.starts_with("=9") {
            (entry.ino, entry.nlink) = (9, 2);
        }
        archive.entries.push(entry);
    }
    archive
}

fn written(tree: &Tree) -> Archive {
    archive::read(&newc::write(tree, 0).unwrap()).unwrap()
}

fn unpacked(entries: &[(&str, &str)]) -> Rootfs {
    let mut rootfs = Rootfs::default();
    rootfs.unpack(&archive(entries)).unwrap();
    rootfs
}

/// The tree and the lost entries, one line for each.
fn text(rootfs: &Rootfs) -> String {
    let mut out = String::new();
    for (path, node) in rootfs.tree.iter() {
        let path = show(path);
        out += &match &node.kind {
            Kind::Dir => format!("{path}/ "),
            Kind::File(data) => format!("{path}={} ", show(&data.read().unwrap())),
            Kind::Hardlink(first) => format!("{path}=>{} ", show(first)),
            Kind::Symlink(target) => format!("{path}->{} ", show(target)),
            _ => format!("{path}:node "),
        };
    }
    for (path, why) in &rootfs.lost {
        out += &format!("| {}: {why}", show(path));
    }
    out.trim_end().to_owned()
}

fn expect(entries: &[(&str, &str)], tree: &str) {
    assert_eq!(text(&unpacked(entries)), tree, "{entries:?}");
}

#[test]
fn directories_that_are_links_are_followed() {
    expect(
        &[("usr", "d"), ("usr/bin", "d"), ("bin", "lusr/bin"), ("bin/sh", "fx")],
        "bin->usr/bin usr/ usr/bin/ usr/bin/sh=x",
    );
    expect(&[("usr", "d"), ("bin", "l/usr"), ("bin/sh", "fx")], "bin->/usr usr/ usr/sh=x");
    expect(&[("a", "d"), ("up", "l../../a"), ("up/x", "fx"), ("up/y", "lz")], "a/ a/x=x a/y->z up->../../a");
    // in a directory that comes later, the file is lost
    expect(
        &[("bin", "lusr"), ("bin/sh", "fx"), ("usr", "d")],
        "bin->usr usr/ | bin/sh: /usr is not there when it is unpacked",
    );
    expect(&[("a", "la"), ("a/x", "fx")], "a->a | a/x: symbolic links go in a circle at /a");
    expect(&[("a", "fx"), ("a/x", "fx")], "a=x | a/x: /a is not a directory");
}

#[test]
fn the_kernel_makes_no_directories() {
    expect(&[("a/b", "fx")], "| a/b: /a is not there when it is unpacked");
    // but those of its own initramfs are there
    expect(&[("dev/null", "c"), ("root/x", "fx")], "dev/ dev/null:node root/ root/x=x");
}

#[test]
fn names_that_no_file_system_has_are_lost() {
    let (longest, long) = ("n".repeat(255), "n".repeat(256));
    expect(
        &[(&longest, "fx"), (&long, "fx"), ("d", "d"), (&format!("d/{long}"), "d")],
        &format!(
            "d/ {longest}=x | {long}: a name of 256 bytes; 255 is the most| d/{long}: a name of 256 bytes; 255 is the most"
        ),
    );
}

#[test]
fn what_is_there_is_replaced() {
    // the last part is not followed
    expect(&[("t", "fold"), ("x", "lt"), ("x", "fnew")], "t=old x=new");
    expect(&[("x", "fold"), ("x", "lt")], "x->t");
    expect(&[("x", "d"), ("x", "fnew")], "x=new");
    expect(&[("x", "d"), ("x/y", "fy"), ("x", "fnew")], "x/ x/y=y | x: /x is a directory that is not empty");
    expect(&[("x", "d"), ("x/y", "fy"), ("x", "d")], "x/ x/y=y");
    // a file is written over under all of its names; one name can go
    expect(&[("a", "f=9"), ("b", "f=9data"), ("b", "fnew")], "a=new b=>a");
    expect(&[("a", "f=9"), ("b", "f=9data"), ("a", "lz")], "a->z b=data");
    expect(&[("a", "f=9"), ("b", "f=9data"), ("c", "f=9"), ("a", "d")], "a/ b=data c=>b");
}

#[test]
fn extract_stays_in_its_folder() {
    let base = tempfile::tempdir().unwrap();
    let (outside, inside) = (base.path().join("outside"), base.path().join("inside"));
    std::fs::create_dir(&outside).unwrap();
    let absolute = format!("l{}", outside.display());
    let rootfs = unpacked(&[
        ("usr", "d"),
        ("bin", "l/usr"),
        ("bin/sh", "fx"),
        ("evil", &absolute),
        ("evil/a", "fx"),
        ("up", "l../outside"),
        ("up/b", "fx"),
    ]);
    extract::extract(&rootfs.tree, &inside).unwrap();
    assert_eq!(std::fs::read(inside.join("usr/sh")).unwrap(), b"x");
    assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 0);
    assert_eq!(rootfs.lost.iter().map(|(path, _)| show(path)).collect::<Vec<_>>(), ["evil/a", "up/b"]);
}

#[test]
fn extract_keeps_links_and_times() {
    let base = tempfile::tempdir().unwrap();
    let folder = base.path().join("new");
    let mut archive = archive(&[("z", "f=9"), ("a", "f=9text"), ("d", "d"), ("d/f", "fx"), ("d/l", "lf")]);
    let times = [1, 981_158_400, 86_400, 2_219_900_889, 3];
    archive.entries.iter_mut().zip(times).for_each(|(entry, time)| entry.mtime = time);
    let mut rootfs = Rootfs::default();
    rootfs.unpack(&archive).unwrap();
    extract::extract(&rootfs.tree, &folder).unwrap();
    let meta = |path: &str| std::fs::symlink_metadata(folder.join(path)).unwrap();
    // The two names of a file have the time of the later entry.
    for (path, time) in
        [("z", times[1]), ("a", times[1]), ("d", times[2]), ("d/f", times[3]), ("d/l", times[4])]
    {
        assert_eq!(meta(path).mtime(), time as i64, "{path}");
    }
    assert_eq!((meta("a").ino(), meta("a").nlink()), (meta("z").ino(), 2));
    assert_eq!(std::fs::read(folder.join("z")).unwrap(), b"text");
}

#[test]
fn extract_leaves_nothing_after_an_error() {
    let base = tempfile::tempdir().unwrap();
    // What the kernel never makes, but a tree can hold.
    let mut tree = unpacked(&[("a", "d"), ("a/f", "fx"), ("l", "l/")]).tree;
    tree.insert("n".repeat(256), file(0o644, "x"));
    for (folder, is_there) in [(base.path().join("new"), false), (base.path().to_owned(), true)] {
        let error = extract::extract(&tree, &folder).unwrap_err().to_string();
        assert!(error.contains("File name too long"), "{error}");
        assert_eq!(folder.exists(), is_there);
        assert!(!is_there || std::fs::read_dir(&folder).unwrap().next().is_none());
    }
}

#[test]
fn the_check_sees_what_the_kernel_sees() {
    let program = Elf::default().bytes();
    // The bytes of a program are no text.
    let image = |entries: &[(&str, &str)]| {
        let mut archive = archive(entries);
        for entry in archive.entries.iter_mut().filter(|entry| entry.data == b"PROGRAM") {
            entry.data.clone_from(&program);
            entry.mode |= 0o111;
        }
        let mut rootfs = Rootfs::default();
        rootfs.unpack(&archive).unwrap();
        let findings = lost(&rootfs).into_iter().chain(check(&rootfs.tree, None));
        findings.map(|finding| finding.to_string()).collect::<Vec<_>>()
    };
    let good = [("usr", "d"), ("sbin", "l/usr"), ("sbin/init", "fPROGRAM"), ("init", "lusr/init")];
    assert_eq!(image(&good), Vec::<String>::new());
    let early = [("kernel/x86/microcode/x.bin", "fx"), ("init", "fPROGRAM")];
    assert_eq!(image(&early), Vec::<String>::new());
    let bad = image(&[("sbin", "l/usr"), ("sbin/init", "fPROGRAM"), ("usr", "d"), ("init", "lusr/init")]);
    assert_eq!(
        bad,
        [
            "warning: the kernel does not unpack /sbin/init: /usr is not there when it is unpacked",
            "error: the kernel cannot run /init: /init leads to /usr/init, which is not in the image",
            "warning: symbolic link /init -> usr/init leads nowhere: /usr/init is not in the image",
        ]
    );
}
