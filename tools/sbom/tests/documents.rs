// SPDX-License-Identifier: MIT OR Apache-2.0
//! The documents of a small image, and the errors for records that do not fit it.

use clap::Parser;
use qos_inspect::newc;
use qos_inspect::{Kind, Node, Tree};
use qos_sbom::cli::Args;
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

/// An image and the records of its build, in a directory of its own that is removed in the end.
struct Fixture {
    root: TempDir,
}

const MANIFEST: &str = "[image]\nname = 't'\nmtime = 951782400\n[compression]\nmethod = 'none'\n[programs]\n\
    '/bin/init' = { source = 'bin/init' }\n'/bin/sh' = { source = 'bin/sh' }\n";
const TREE: &str = "0 qos-init v0.1.0 (/build/source/packages/init)\n1 libc v0.2.1\n\n\
    0 qos-shell v0.1.0 (/build/source/packages/shell)\n1 libc v0.2.1\n1 yash v1.0.0+x\n2 onig_sys v69.1.0\n\n\
    0 qos-other v0.1.0 (/build/source/packages/other)\n1 unused v1.0.0\n";
const METADATA: &str = include_str!("data/metadata.json");
const CARGO_LOCK: &str = include_str!("data/Cargo.lock");
const TOOLCHAIN: &str = include_str!("data/toolchain.lock");
const IMAGE: &str = r#"{"name": "t", "versions": {"kernel": "7.3.4", "qos": "0.1.0"}}"#;

impl Fixture {
    /// The files in the order of their paths, or in the opposite order.
    fn new(reversed: bool) -> Self {
        let fixture = Fixture { root: tempfile::tempdir().unwrap() };
        let mut files = vec![
            ("graph/Cargo.lock", CARGO_LOCK.as_bytes().to_vec()),
            ("graph/metadata.json", METADATA.as_bytes().to_vec()),
            ("graph/tree", TREE.as_bytes().to_vec()),
            ("image/bzImage", b"a kernel".to_vec()),
            ("image/config", b"CONFIG_64BIT=y\n".to_vec()),
            ("image/initramfs.cpio", initramfs(&["bin/init", "bin/sh"])),
            ("image/manifest.json", IMAGE.as_bytes().to_vec()),
            ("linux.tar.xz", b"a source".to_vec()),
            ("repository/kernel/patches/0001-a.patch", b"a kernel's patch".to_vec()),
            ("repository/packages/shell/patches/yash-1.0.0+x/01-a.patch", b"a patch".to_vec()),
            ("repository/packages/shell/patches/yash-1.0.0+x/02-b.patch", b"another".to_vec()),
            ("rootfs/t.toml", MANIFEST.as_bytes().to_vec()),
            ("toolchain.lock", TOOLCHAIN.as_bytes().to_vec()),
        ];
        if reversed {
            files.reverse();
        }
        for (path, content) in files {
            fixture.put(path, &content);
        }
        fixture
    }

    fn path(&self, below: &str) -> PathBuf {
        self.root.path().join(below)
    }

    fn put(&self, path: &str, content: &[u8]) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Runs the tool. Its result is `out`.
    fn run(&self) -> Result<(), String> {
        let path = |name: &str| self.path(name).display().to_string();
        let mut words = vec!["qos-sbom".to_owned()];
        for (option, name) in [
            ("--manifest", "rootfs/t.toml"),
            ("--image", "image"),
            ("--graph", "graph"),
            ("--toolchain", "toolchain.lock"),
            ("--kernel-tarball", "linux.tar.xz"),
            ("--repository", "repository"),
            ("--out", "out"),
        ] {
            words.extend([option.to_owned(), path(name)]);
        }
        words
            .extend(["--kernel-tree=linux", "--kernel-patch=kernel/patches/0001-a.patch"].map(str::to_owned));
        Args::try_parse_from(words).map_err(|error| error.to_string())?.run()
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path("out").join(name)).unwrap()
    }

    /// The error, with the directory of this fixture left out.
    #[track_caller]
    fn fails(&self) -> String {
        let error = self.run().unwrap_err();
        assert!(!self.path("out").exists());
        error.replace(&format!("{}/", self.root.path().display()), "")
    }
}

/// An archive with these programs, a text and links.
fn initramfs(programs: &[&str]) -> Vec<u8> {
    let mut tree = Tree::default();
    for directory in ["", "bin", "etc"] {
        tree.insert(directory, Node::new(0o755, Kind::Dir));
    }
    for program in programs {
        tree.insert(program, Node::new(0o755, Kind::File(program.as_bytes().into())));
    }
    tree.insert("etc/rc", Node::new(0o644, Kind::File("# SPDX-License-Identifier: MIT\n".into())));
    tree.insert("etc/hard", Node::new(0o644, Kind::Hardlink(b"etc/rc".to_vec())));
    tree.insert("etc/passwd", Node::new(0o644, Kind::File("root:x:0:0::/root:/bin/sh\n".into())));
    tree.insert("bin/ash", Node::new(0o777, Kind::Symlink(b"sh".to_vec())));
    newc::write(&tree, 0).unwrap()
}

#[test]
fn the_documents_of_an_image() {
    let fixture = Fixture::new(false);
    fixture.run().unwrap();
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("t.spdx.json", fixture.read("t.spdx.json"));
        insta::assert_snapshot!("t.cdx.json", fixture.read("t.cdx.json"));
    });
    let mut texts: Vec<_> = fs::read_dir(fixture.path("out/licenses"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    texts.sort();
    assert_eq!(
        texts,
        [
            "GCC-exception-3.1.txt",
            "GPL-2.0-only.txt",
            "GPL-3.0-or-later.txt",
            "LGPL-2.1-or-later.txt",
            "Linux-syscall-note.txt"
        ]
    );
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let [one, other] = [false, true].map(Fixture::new);
    one.run().unwrap();
    other.run().unwrap();
    for name in ["t.spdx.json", "t.cdx.json"] {
        assert_eq!(one.read(name), other.read(name), "{name}");
    }
    // Another content is another document.
    let changed = Fixture::new(false);
    changed.put("image/config", b"CONFIG_64BIT=n\n");
    changed.run().unwrap();
    for (name, key) in [("t.spdx.json", "documentNamespace"), ("t.cdx.json", "serialNumber")] {
        let of = |fixture: &Fixture| {
            serde_json::from_str::<serde_json::Value>(&fixture.read(name)).unwrap()[key].clone()
        };
        assert_ne!(of(&one), of(&changed), "{name}");
    }
}

#[test]
fn a_crate_without_a_licence_is_an_error() {
    for (from, to, expect) in [
        (
            r#""license": "ISC", "license_file": null"#,
            r#""license": null, "license_file": null"#,
            "crate yash 1.0.0+x: its Cargo.toml has no `license`; a crate in an image needs an SPDX licence expression",
        ),
        (
            r#""license": "ISC", "license_file": null"#,
            r#""license": null, "license_file": "COPYING""#,
            "crate yash 1.0.0+x: its Cargo.toml has no `license`, only `license-file = \"COPYING\"`; a crate in an image needs an SPDX \
             licence expression",
        ),
        (
            r#""license": "ISC""#,
            r#""license": "Free""#,
            "crate yash 1.0.0+x: `Free` is no SPDX licence expression: ",
        ),
    ] {
        let fixture = Fixture::new(false);
        fixture.put("graph/metadata.json", METADATA.replace(from, to).as_bytes());
        let error = fixture.fails();
        assert!(error.starts_with(expect), "{error}");
    }
    // One that is in no program of the image may have none.
    let fixture = Fixture::new(false);
    fixture.put(
        "graph/metadata.json",
        METADATA.replace(r#""license": "Zlib""#, r#""license": null"#).as_bytes(),
    );
    fixture.run().unwrap();
}

#[test]
fn files_that_do_not_fit_are_an_error() {
    for (path, content, expect) in [
        (
            "image/manifest.json",
            IMAGE.replace("\"t\"", "\"u\"").into_bytes(),
            "the image is `u`, but the manifest rootfs/t.toml is of `t`",
        ),
        (
            "image/initramfs.cpio",
            initramfs(&["bin/sh"]),
            "rootfs/t.toml:7: the initramfs does not have the program /bin/init",
        ),
        ("image/initramfs.cpio", b"junk".to_vec(), "image/initramfs.cpio: "),
        (
            "rootfs/t.toml",
            MANIFEST.replace("bin/init' }", "bin/other' }").into_bytes(),
            "rootfs/t.toml:7: no recorded build makes the program `other`",
        ),
        ("graph/tree", b"0 x\n".to_vec(), "graph: damaged output of cargo tree: line 1: 0 x"),
        ("toolchain.lock", b"[trees]\n".to_vec(), "toolchain.lock has no tree `linux`"),
        (
            "toolchain.lock",
            TOOLCHAIN.replace("libgcc-14-dev", "libgcc-15-dev").into_bytes(),
            "tree `build` of toolchain.lock has no package libgcc-14-dev",
        ),
    ] {
        let fixture = Fixture::new(false);
        fixture.put(path, &content);
        let error = fixture.fails();
        assert!(error.starts_with(expect), "{path}: {error}");
    }
    let missing = Fixture::new(false);
    fs::remove_file(missing.path("linux.tar.xz")).unwrap();
    assert!(missing.fails().starts_with("cannot read linux.tar.xz: "));
}

#[test]
fn an_existing_directory_is_not_overwritten() {
    let fixture = Fixture::new(false);
    fixture.run().unwrap();
    let before = fixture.read("t.cdx.json");
    assert!(fixture.run().unwrap_err().starts_with("cannot create "));
    assert_eq!(fixture.read("t.cdx.json"), before);
    assert!(fixture.path("out/licenses").is_dir());
}
