// SPDX-License-Identifier: MIT OR Apache-2.0
//! Archives are written correctly and read back; damaged ones give an error with an offset, never a panic.

mod common;

use common::{file, symlink, tree};
use qos_inspect::compress::compress;
use qos_inspect::list::list;
use qos_inspect::rootfs::Rootfs;
use qos_inspect::{Kind, Node, Tree, archive, newc, segments};
use qos_manifest::Compression;
use qos_tree::Content;
use std::io::Write;
use std::process::{Command, Stdio};

/// One of everything.
fn everything() -> Tree {
    let node = |mode, uid, gid, kind| Node::new(mode, kind).of(uid, gid);
    tree([
        ("bin", node(0o755, 0, 0, Kind::Dir)),
        ("bin/a", node(0o4755, 0, 7, Kind::File("four".into()))),
        ("bin/b", Node::new(0, Kind::Hardlink("bin/a".into()))),
        ("aaa", Node::new(0, Kind::Hardlink("bin/a".into()))),
        ("bin/empty", file(0o644, "")),
        ("bin/odd", file(0o600, "odd length\n\0")),
        ("bin/ü x", symlink("../a/very/long/target/that/leads/nowhere")),
        ("dev/console", Node::new(0o600, Kind::Char { major: 5, minor: 1 })),
        ("dev/sda", Node::new(0o660, Kind::Block { major: 8, minor: 0 })),
        ("pipe", Node::new(0o666, Kind::Fifo)),
        ("socket", Node::new(0o666, Kind::Socket)),
        ("tmp", node(0o1777, 1000, 1000, Kind::Dir)),
    ])
}

/// The tree with each file's first name as the file, as reading gives it.
fn as_read() -> Tree {
    let mut tree = everything();
    let first = tree.get("bin/a").cloned();
    if let Some(first) = first {
        tree.insert("aaa", first);
    }
    tree.insert("bin/a", Node::new(0o4755, Kind::Hardlink("aaa".into())));
    tree.insert("bin/b", Node::new(0o4755, Kind::Hardlink("aaa".into())));
    for path in ["bin/a", "bin/b"] {
        if let Some(node) = tree.get_mut(path) {
            node.gid = 7;
        }
    }
    at_0(tree)
}

/// The tree with the time that every entry of the archives has.
fn at_0(tree: Tree) -> Tree {
    let mut timed = Tree::default();
    for (path, node) in tree.iter() {
        timed.insert(path, Node { mtime: Some(0), ..node.clone() });
    }
    timed
}

const METHODS: [Compression; 6] = [
    Compression::None,
    Compression::Gzip(9),
    Compression::Lz4(1),
    Compression::Lz4(12),
    Compression::Zstd(1),
    Compression::Zstd(19),
];

#[test]
fn every_compression_reads_back_with_an_early_segment_in_front() {
    let main = newc::write(&everything(), 0).unwrap();
    let early =
        newc::write(&tree([("kernel/x86/microcode/GenuineIntel.bin", file(0o644, "fake"))]), 0).unwrap();
    for method in METHODS {
        let packed = compress(&main, method).unwrap();
        assert_eq!(packed, compress(&main, method).unwrap(), "{method:?}");
        let whole = segments::join(std::slice::from_ref(&early), &packed);
        let read = segments::read(&whole).unwrap_or_else(|e| panic!("{method:?}: {e}"));
        assert_eq!(read.len(), 2, "{method:?}");
        assert_eq!((read[0].offset, read[1].offset % 512, read[1].len), (0, 0, packed.len()), "{method:?}");
        assert_eq!(read[1].unpacked, main.len());
        let mut expect = as_read();
        for (path, node) in segments::unpack(&read[..1]).unwrap().iter() {
            expect.insert(path, node.clone());
        }
        assert_eq!(segments::unpack(&read).unwrap(), expect, "{method:?}");
    }
}

#[test]
fn segments_may_follow_each_other_in_any_way() {
    let main = newc::write(&everything(), 0).unwrap();
    for first in METHODS {
        for second in METHODS {
            // An LZ4 segment has no end of its own: the kernel needs a 0 behind it, as a block's length.
            let mut whole = compress(&main, first).unwrap();
            whole.resize(whole.len().next_multiple_of(4) + 4, 0);
            whole.extend(compress(&main, second).unwrap());
            whole.extend([0; 3]);
            let read = segments::read(&whole).unwrap_or_else(|e| panic!("{first:?} {second:?}: {e}"));
            assert_eq!(read.len(), 2, "{first:?} {second:?}");
            assert_eq!(segments::unpack(&read).unwrap(), as_read());
        }
    }
}

#[test]
fn names_are_sorted_and_data_come_with_the_last_name() {
    let archive = archive::read(&newc::write(&everything(), 7).unwrap()).unwrap();
    let names: Vec<&[u8]> = archive.entries.iter().map(|e| e.name.as_slice()).collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    assert_eq!(names, sorted);
    let links: Vec<(&[u8], u64, u32, usize)> = archive
        .entries
        .iter()
        .filter(|e| e.is_file() && e.nlink > 1)
        .map(|e| (e.name.as_slice(), e.ino, e.nlink, e.data.len()))
        .collect();
    assert_eq!(links, [(&b"aaa"[..], 1, 3, 0), (b"bin/a", 1, 3, 0), (b"bin/b", 1, 3, 4)]);
    assert!(archive.entries.iter().all(|e| e.mtime == 7 && e.mode & 0o7777 != 0));
    assert!(archive.trailer);
}

/// Each way of cutting the file off has to be noticed, and none may panic; the message gives an offset.
#[test]
fn truncated_files() {
    let main = newc::write(&everything(), 0).unwrap();
    for method in METHODS {
        let whole = compress(&main, method).unwrap();
        for len in 0..whole.len() {
            match segments::read(&whole[..len]) {
                Err(error) => {
                    let text = error.to_string();
                    assert!(len == 0 || text.contains("at byte"), "{method:?} cut to {len}: {text}");
                }
                // Cut between two entries of an uncompressed archive: the part is valid, but has no trailer.
                Ok(read) if method == Compression::None => {
                    assert!(
                        !read[0].archives[0].trailer || len + 3 >= whole.len(),
                        "{method:?} cut to {len}"
                    );
                }
                Ok(read) => {
                    let whole_archive = read.iter().all(|s| s.archives.iter().all(|a| a.trailer));
                    assert!(!whole_archive || read[0].archives.is_empty(), "{method:?} cut to {len}");
                }
            }
        }
    }
}

/// Any single damaged byte is an error or another tree, never a panic.
#[test]
fn flipped_bytes() {
    let main = newc::write(&everything(), 0).unwrap();
    for method in METHODS {
        let whole = compress(&main, method).unwrap();
        for at in 0..whole.len() {
            for bits in [0x01, 0x80, 0xff] {
                let mut damaged = whole.clone();
                damaged[at] ^= bits;
                if let Ok(read) = segments::read(&damaged) {
                    let _ = list(&read, true);
                    let _ = segments::unpack(&read);
                }
            }
        }
    }
}

#[test]
fn messages_of_the_reader() {
    let good = newc::write(&tree([("file", file(0o644, "content")), ("g", file(0o644, ""))]), 0).unwrap();
    let check = |bytes: &[u8], expect: &str| match segments::read(bytes) {
        Ok(read) => panic!("accepted: {}", list(&read, false)),
        Err(error) => assert_eq!(error.to_string(), expect),
    };
    let with = |at: usize, bytes: &[u8]| {
        let mut damaged = good.clone();
        damaged[at..at + bytes.len()].copy_from_slice(bytes);
        damaged
    };
    check(b"", "no initramfs: the file is empty");
    check(&[0; 8], "no initramfs: all 8 bytes are zero");
    check(
        b"\x7fELF\x02\x01\x01\0\0",
        "no initramfs: at byte 0 there is \"\\x7fELF\\x02\\x01\\x01\\x00\", no archive and no compression",
    );
    check(
        &good[..100],
        "segment 1 at byte 0: at byte 0 of the archive: a header of 110 bytes is cut off after 100",
    );
    check(
        &good[..113],
        "segment 1 at byte 0: at byte 0 of the archive: the entry's name of 5 bytes is cut off",
    );
    check(
        &good[..120],
        "segment 1 at byte 0: at byte 0 of the archive: file is cut off: 4 of its 7 bytes are there",
    );
    check(
        &with(5, b"7"),
        "segment 1 at byte 0: at byte 0 of the archive: byte 18 of the header is \"8\", no octal digit",
    );
    check(
        &with(124 + 3, b"?"),
        "segment 1 at byte 0: at byte 124 of the archive, after file: no cpio header: it starts with \"070?01\"",
    );
    check(
        &with(124 + 20, b"+"),
        "segment 1 at byte 0: at byte 124 of the archive, after file: byte 20 of the header is \"+\", no hexadecimal digit",
    );
    let mut junk = good.clone();
    junk.extend(b"junk");
    check(
        &junk,
        &format!(
            "junk behind the last segment: at byte {} there is \"junk\", no archive and no compression",
            good.len()
        ),
    );
    check(b"LZIP\x01", "segment 1 at byte 0: compressed with lzip, which is recognised but not unpacked");
    check(
        b"\x02\x21\x4c\x18\xff\0\0\0x",
        "segment 1 at byte 0: lz4 data are damaged or cut off: block of 255 bytes at 8, of which 1 are there",
    );
    let mut odd = compress(&good, Compression::Gzip(9)).unwrap();
    odd.resize(odd.len().next_multiple_of(4) + 1, 0);
    let at = odd.len();
    odd.extend(&good);
    check(&odd, &format!("segment 2 at byte {at}: an uncompressed archive has to start at a multiple of 4"));
}

#[test]
fn names_of_any_bytes() {
    let mut tree = tree([("a", file(0o644, "text"))]);
    tree.insert(b"\xff\xfe/b", symlink("x"));
    tree.insert("c", Node::new(0o777, Kind::Symlink(b"\xff".to_vec())));
    let bytes = newc::write(&tree, 0).unwrap();
    let read = segments::read(&bytes).unwrap();
    assert_eq!(segments::unpack(&read).unwrap(), at_0(tree));
    assert!(list(&read, false).contains("\u{fffd}\u{fffd}/b -> x"), "{}", list(&read, false));
}

#[test]
fn what_the_format_cannot_hold() {
    let check = |path: &str, node: Node, expect: &str| {
        let mut tree = Tree::default();
        tree.insert(path, node);
        assert_eq!(newc::write(&tree, 0).unwrap_err().to_string(), expect);
    };
    check(
        "TRAILER!!!",
        file(0o644, ""),
        "/TRAILER!!! cannot be the name of a file in an initramfs: rename it",
    );
    let sparse = tempfile::NamedTempFile::new().unwrap();
    sparse.as_file().set_len(1 << 32).unwrap();
    let large = Node::new(0o644, Kind::File(Content::of_file(sparse.path()).unwrap()));
    check(
        "large",
        large,
        "/large has 4294967296 bytes: a file in an initramfs has at most 4294967295 (4 GiB - 1); put it on a disk instead",
    );
}

#[test]
fn names_that_lead_out_are_refused() {
    let archive = archive::read(&newc::write(&tree([("aa/b", file(0o644, ""))]), 0).unwrap()).unwrap();
    let mut evil = archive.clone();
    evil.entries[0].name = b"../x".to_vec();
    assert_eq!(Rootfs::default().unpack(&evil).unwrap_err().to_string(), "../x leads out of the image");
}

/// GNU cpio lists the same contents. It is in the pinned sysroot, where the tests run.
#[test]
fn gnu_cpio_lists_the_same() {
    let main = newc::write(&everything(), 0).unwrap();
    let Ok(mut cpio) = Command::new("cpio")
        .args(["--list", "--verbose", "--numeric-uid-gid", "--quiet"])
        .env("TZ", "UTC")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
    else {
        eprintln!("there is no cpio on this host: not compared");
        return;
    };
    cpio.stdin.take().unwrap().write_all(&main).unwrap();
    let out = cpio.wait_with_output().unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    let expect = "\
-rwsr-xr-x   3 0        7               0 Jan  1  1970 aaa
drwxr-xr-x   2 0        0               0 Jan  1  1970 bin
-rwsr-xr-x   3 0        7               0 Jan  1  1970 bin/a
-rwsr-xr-x   3 0        7               4 Jan  1  1970 bin/b
";
    assert!(text.starts_with(expect), "{text}");
    for part in [
        "crw-------   1 0        0          5,   1 ",
        "brw-rw----",
        "prw-rw-rw-",
        "srw-rw-rw-",
        "drwxrwxrwt   2 1000     1000 ",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert_eq!(text.lines().count(), everything().len());
}
