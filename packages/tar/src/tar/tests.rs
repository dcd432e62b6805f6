// SPDX-License-Identifier: MIT OR Apache-2.0
//! `tar` on trees of its own, and archives beside those of GNU tar.

use super::*;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::process::Command;

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Place(tempfile::tempdir().unwrap())
    }

    /// One with a tree `t` of all that is common in one.
    fn with_tree() -> Self {
        let place = Place::new();
        let t = place.0.path().join("t");
        fs::create_dir_all(t.join("sub/deep")).unwrap();
        fs::write(t.join("a"), "first\n").unwrap();
        fs::write(t.join("sub/b"), "x".repeat(20_000)).unwrap();
        fs::write(t.join("sub/deep/c"), "").unwrap();
        fs::write(t.join("n".repeat(140)), "long name\n").unwrap();
        fs::hard_link(t.join("a"), t.join("hard")).unwrap();
        symlink("sub/b", t.join("soft")).unwrap();
        fs::set_permissions(t.join("a"), fs::Permissions::from_mode(0o640)).unwrap();
        fs::set_permissions(t.join("sub/deep"), fs::Permissions::from_mode(0o555)).unwrap();
        place
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn tar_of(&self, args: &str, input: Vec<u8>) -> (Result<(), Failure>, String) {
        let args = args.split(' ').map(OsString::from);
        let args = std::iter::once(OsString::from("tar")).chain(args).collect();
        let mut out = Vec::new();
        let result =
            run(Path::new("/"), self.0.path(), false, args, Box::new(io::Cursor::new(input)), &mut out);
        (result, String::from_utf8_lossy(&out).into_owned())
    }

    fn tar(&self, args: &str) -> String {
        let (result, out) = self.tar_of(args, Vec::new());
        result.unwrap_or_else(|failure| panic!("tar {args}: {failure:?}"));
        out
    }

    fn fails(&self, args: &str) -> String {
        let failure = self.tar_of(args, Vec::new()).0.expect_err(args);
        assert_eq!(failure.status(), 2, "{args}");
        failure.message().unwrap_or_default().to_owned()
    }

    /// GNU tar in this place.
    fn gnu(&self, args: &str) -> String {
        let output = Command::new("tar").args(args.split(' ')).current_dir(self.0.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn is_the_tree(&self, directory: &str) {
        let t = self.path(directory);
        assert_eq!(fs::read_to_string(t.join("a")).unwrap(), "first\n");
        assert_eq!(fs::metadata(t.join("sub/b")).unwrap().len(), 20_000);
        assert_eq!(fs::read(t.join("n".repeat(140))).unwrap(), b"long name\n");
        assert_eq!(fs::metadata(t.join("a")).unwrap().mode() & 0o7777, 0o640);
        assert_eq!(fs::metadata(t.join("sub/deep")).unwrap().mode() & 0o7777, 0o555);
        assert_eq!(fs::metadata(t.join("a")).unwrap().ino(), fs::metadata(t.join("hard")).unwrap().ino());
        assert_eq!(fs::read_link(t.join("soft")).unwrap(), Path::new("sub/b"));
        let time = |path: std::path::PathBuf| fs::symlink_metadata(path).unwrap().mtime();
        for name in ["a", "sub", "sub/deep", "soft"] {
            assert_eq!(time(t.join(name)), time(self.path("t").join(name)), "{name}");
        }
    }
}

#[test]
fn back_and_forth() {
    for (option, magic) in
        [("", &b"t/"[..]), ("z", &[0x1f, 0x8b]), ("J", &[0xfd, b'7']), (" --zstd", &[0x28, 0xb5])]
    {
        let place = Place::with_tree();
        place.tar(&format!("-c{option} -f a.tar t"));
        assert!(fs::read(place.path("a.tar")).unwrap().starts_with(magic), "{option}");
        fs::create_dir(place.path("new")).unwrap();
        // What it is compressed with is found out.
        place.tar("xf a.tar -C new");
        place.is_the_tree("new/t");
    }
}

#[test]
fn archives_are_those_of_gnu_tar() {
    let place = Place::with_tree();
    place.tar("czf ours.tgz t");
    fs::create_dir(place.path("gnu")).unwrap();
    place.gnu("xpzf ours.tgz -C gnu");
    place.is_the_tree("gnu/t");
    for format in ["gnu", "posix", "ustar"] {
        let tree = if format == "ustar" { "t/a t/hard t/soft t/sub" } else { "t" };
        place.gnu(&format!("cf {format}.tar --sort=name --format={format} {tree}"));
        assert_eq!(place.tar(&format!("tf {format}.tar")), place.gnu(&format!("tf {format}.tar")));
        assert_eq!(place.tar(&format!("tvf {format}.tar")), place.gnu(&format!("tvf {format}.tar")));
    }
    fs::create_dir(place.path("ours")).unwrap();
    place.tar("xpf posix.tar -C ours");
    place.is_the_tree("ours/t");
}

#[test]
fn choices() {
    let place = Place::with_tree();
    place.tar("cf a.tar --exclude=sub/b --exclude nnn* t");
    assert_eq!(place.tar("tf a.tar"), "t/\nt/a\nt/hard\nt/soft\nt/sub/\nt/sub/deep/\nt/sub/deep/c\n");
    assert_eq!(place.tar("tf a.tar t/sub"), "t/sub/\nt/sub/deep/\nt/sub/deep/c\n");
    assert_eq!(place.tar("xOf a.tar t/a"), "first\n");
    place.tar("xf a.tar --strip-components=2 t/sub");
    assert!(place.path("deep/c").exists() && !place.path("t2").exists());
    place.tar("cf b.tar -C t a -C sub b");
    assert_eq!(place.tar("tf b.tar"), "a\nb\n");
    fs::write(place.path("list"), "t/a\nt/soft\n").unwrap();
    place.tar("chf c.tar -T list");
    assert_eq!(place.tar("tf c.tar"), "t/a\nt/soft\n");
    assert_eq!(place.tar("xOf c.tar t/soft").len(), 20_000);
    let (_, bytes) = (place.tar("cvf d.tar t/a"), fs::read(place.path("d.tar")).unwrap());
    assert_eq!(place.tar_of("t", bytes).1, "t/a\n");
    // The archive is no member of itself.
    place.tar("cf t/self.tar t/a t");
    assert!(!place.tar("tf t/self.tar").contains("self"));
    assert_eq!(place.fails("xf a.tar t/none"), "t/none: not found in the archive");
}

/// An archive of one member that no `tar -c` makes.
fn evil(name: &str, kind: tar::EntryType, link: &str) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_mode(0o644);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    let data: &[u8] = if kind.is_file() { b"evil" } else { b"" };
    header.set_size(data.len() as u64);
    if !link.is_empty() {
        header.set_link_name_literal(link).unwrap();
    }
    header.set_cksum();
    let mut bytes = header.as_bytes().to_vec();
    bytes.extend_from_slice(data);
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

#[test]
fn nothing_gets_out() {
    use tar::EntryType::{Link, Regular, Symlink};
    let place = Place::new();
    fs::create_dir_all(place.path("in")).unwrap();
    fs::write(place.path("out"), "kept").unwrap();
    let outside = place.0.path().to_str().unwrap().to_owned();
    let end = vec![0; 1024];
    for (what, members) in [
        ("..", vec![evil("../out", Regular, "")]),
        ("a/../..", vec![evil("a/../../out", Regular, "")]),
        ("a link, absolute", vec![evil("l", Symlink, &outside), evil("l/out", Regular, "")]),
        ("a link, relative", vec![evil("l", Symlink, ".."), evil("l/out", Regular, "")]),
        ("a hard link", vec![evil("h", Link, "../out"), evil("h", Regular, "")]),
        ("a hard link by a link", vec![evil("l", Symlink, ".."), evil("h", Link, "l/out")]),
        ("a directory by a link", vec![evil("l", Symlink, ".."), evil("l/new/x", Regular, "")]),
    ] {
        let archive = [members.concat(), end.clone()].concat();
        let (result, _) = place.tar_of("x -C in", archive);
        assert_eq!(result.unwrap_err().status(), 2, "{what}");
        assert_eq!(fs::read_to_string(place.path("out")).unwrap(), "kept", "{what}");
        assert!(!place.path("new").exists(), "{what}");
        assert_ne!(fs::read(place.path("in/h")).unwrap_or_default(), b"kept", "{what}");
    }
    // A link that a file of the same name replaces is not written through, and an absolute name stays within.
    let archive =
        [evil("f", Symlink, "../out"), evil("f", Regular, ""), evil("/abs", Regular, ""), end].concat();
    place.tar_of("x -C in", archive).0.unwrap();
    assert_eq!(fs::read_to_string(place.path("out")).unwrap(), "kept");
    assert_eq!(fs::read_to_string(place.path("in/f")).unwrap(), "evil");
    assert_eq!(fs::read_to_string(place.path("in/abs")).unwrap(), "evil");
}

#[test]
fn archives_that_are_cut_off() {
    let place = Place::with_tree();
    place.tar("cf a.tar t/sub/b");
    let whole = fs::read(place.path("a.tar")).unwrap();
    let check = |bytes: &[u8], expect: &str| {
        fs::write(place.path("cut.tar"), bytes).unwrap();
        let message = place.fails("tf cut.tar");
        assert!(message.contains(expect), "{message}");
    };
    check(
        &whole[..5000],
        "t/sub/b: the archive is cut off within this member, whose 20000 bytes begin at byte 512",
    );
    check(&whole[..300], "cut off: it ends at byte 300");
    check(&[b'x'; 2000], "not a tar archive");
    place.tar("czf a.tgz t");
    let whole = fs::read(place.path("a.tgz")).unwrap();
    check(&whole[..200], "gzip data is cut off: it ends after 200 bytes");
    assert!(place.fails("xf none.tar").contains("No such file"));
}
