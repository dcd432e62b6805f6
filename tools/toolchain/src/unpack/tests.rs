// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tests that unpack small packages, which they make.

use super::*;
use crate::context::Silent;
use liblzma::write::XzEncoder;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::AtomicBool;

/// A member of a package: its path and kind.
enum Member {
    File(&'static str, u32, &'static str),
    Folder(&'static str),
    Link(&'static str, &'static str),
    Hard(&'static str, &'static str),
}
use Member::{File as Plain, Folder as Dir, Hard, Link};

fn deb(folder: &Path, name: &str, members: &[Member]) -> Package {
    let mut tar = tar::Builder::new(Vec::new());
    for member in members {
        let mut header = tar::Header::new_gnu();
        let (path, mode, content) = match member {
            Plain(path, mode, content) => (path, *mode, *content),
            Dir(path) | Link(path, _) | Hard(path, _) => (path, 0o755, ""),
        };
        header.set_mode(mode);
        header.set_uid(1234);
        header.set_size(content.len() as u64);
        match member {
            Plain(..) => header.set_entry_type(EntryType::Regular),
            Dir(_) => header.set_entry_type(EntryType::Directory),
            Link(_, target) => {
                header.set_entry_type(EntryType::Symlink);
                header.set_link_name(target).unwrap();
            }
            Hard(_, target) => {
                header.set_entry_type(EntryType::Link);
                header.set_link_name(target).unwrap();
            }
        }
        tar.append_data(&mut header, path, content.as_bytes()).unwrap();
    }
    let mut xz = XzEncoder::new(Vec::new(), 0);
    io::Write::write_all(&mut xz, &tar.into_inner().unwrap()).unwrap();
    let data = xz.finish().unwrap();
    let file = folder.join(format!("{name}.deb"));
    let mut ar = ar::Builder::new(File::create(&file).unwrap());
    for (member, content) in
        [("debian-binary", &b"2.0\n"[..]), ("control.tar.xz", b""), ("data.tar.xz", &data)]
    {
        ar.append(&ar::Header::new(member.into(), content.len() as u64), content).unwrap();
    }
    Package { name: name.into(), file, whole: None, size: data.len() as u64 }
}

fn spec(drop: &[&str], keep: &[&str], links: &[(&str, &str)]) -> Tree {
    let own = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect();
    Tree {
        name: "t".into(),
        suites: Vec::new(),
        roots: Vec::new(),
        on_demand: false,
        dependencies: true,
        skip: Vec::new(),
        drop: own(drop),
        keep: own(keep),
        links: links
            .iter()
            .map(|&(path, target)| (path.to_owned(), target.to_owned()))
            .collect::<BTreeMap<_, _>>(),
        source: None,
    }
}

/// Unpacks, and lists the tree: `path`, `path*` if executable, `path -> target`, `path/`; or gives the error.
fn run(spec: &Tree, packages: &[(&str, &[Member])]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let packages: Vec<_> = packages.iter().map(|(name, members)| deb(folder.path(), name, members)).collect();
    let root = folder.path().join("tree");
    let stop = AtomicBool::new(false);
    let context = Context { progress: &Silent, stop: &stop };
    if let Err(error) = unpack(&context, &Silent, spec, &packages, &root) {
        return vec![error.to_string()];
    }
    let mut found = Vec::new();
    list(&root, &root, &mut found);
    found
}

fn list(root: &Path, folder: &Path, found: &mut Vec<String>) {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let name = path.strip_prefix(root).unwrap().display().to_string();
        let metadata = fs::symlink_metadata(&path).unwrap();
        if metadata.is_dir() {
            found.push(format!("{name}/"));
            list(root, &path, found);
        } else if metadata.is_symlink() {
            found.push(format!("{name} -> {}", fs::read_link(&path).unwrap().display()));
        } else {
            found
                .push(format!("{name}{}", if metadata.permissions().mode() & 0o111 == 0 { "" } else { "*" }));
        }
    }
}

#[test]
fn files_folders_and_links() {
    let members = [
        Dir("./"),
        Dir("./usr/bin/"),
        Plain("./usr/bin/su", 0o4755, "set-uid"),
        Plain("./lib/x.so", 0o644, "x"),
        Link("./bin", "usr/bin"),
        Hard("./usr/bin/su2", "./usr/bin/su"),
        Plain("./usr/share/doc/a/copyright", 0o644, "c"),
        Plain("./usr/share/doc/kept", 0o644, "k"),
    ];
    let found = run(
        &spec(&["usr/share/doc/**"], &["usr/share/doc/kept"], &[("usr/bin/awk", "mawk")]),
        &[("a", &members)],
    );
    assert_eq!(
        found,
        [
            "bin -> usr/bin",
            "usr/",
            "usr/bin/",
            "usr/bin/awk -> mawk",
            "usr/bin/su*",
            "usr/bin/su2*",
            "usr/lib/",
            "usr/lib/x.so",
            "usr/share/",
            "usr/share/doc/",
            "usr/share/doc/kept",
        ]
    );
}

#[test]
fn the_same_in_two_packages_is_no_conflict() {
    let members = || [Dir("./usr/"), Plain("./usr/x", 0o644, "x"), Link("./usr/l", "x")];
    let found = run(&spec(&[], &[], &[]), &[("a", &members()), ("b", &members())]);
    assert_eq!(found, ["usr/", "usr/l -> x", "usr/x"]);
}

#[test]
fn a_conflict_names_both_packages() {
    let expect = [
        "a and b both contain usr/x, with different contents; in toolchain.toml, drop the path or skip one of the packages",
    ];
    let one = || [Plain("./usr/x", 0o644, "one")];
    for other in [
        Plain("./usr/x", 0o644, "two"),
        Plain("./usr/x", 0o755, "one"),
        Link("./usr/x", "y"),
        Dir("./usr/x/"),
    ] {
        assert_eq!(run(&spec(&[], &[], &[]), &[("b", &one()), ("a", &[other])]), expect);
    }
    // a file below another package's link would be written through it
    assert_eq!(
        run(
            &spec(&[], &[], &[]),
            &[("a", &[Link("./usr/x", "/etc")]), ("b", &[Plain("./usr/x/y", 0o644, "")])]
        ),
        expect
    );
}

#[test]
fn a_file_that_is_no_package_is_put_there_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x_1.orig.tar.xz");
    fs::write(&file, "not looked into").unwrap();
    let place = PathBuf::from("usr/src/x_1.orig.tar.xz");
    let packages = [Package { name: "x".into(), file, whole: Some(place.clone()), size: 15 }];
    let (root, stop) = (folder.path().join("tree"), AtomicBool::new(false));
    let context = Context { progress: &Silent, stop: &stop };
    unpack(&context, &Silent, &spec(&[], &[], &[]), &packages, &root).unwrap();
    let made = root.join(place);
    assert_eq!(fs::read_to_string(&made).unwrap(), "not looked into");
    assert_eq!(fs::metadata(made).unwrap().permissions().mode() & 0o777, 0o644);
}

#[test]
fn paths_that_lead_out_are_ignored() {
    assert_eq!(place(Path::new("./a/../../etc/passwd")), None);
    assert_eq!(place(Path::new("./")), None);
    assert_eq!(place(Path::new("/lib64/ld.so")), Some(PathBuf::from("usr/lib64/ld.so")));
}

#[test]
fn a_damaged_package_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut package = deb(folder.path(), "a", &[Plain("./x", 0o644, "some content")]);
    let data = fs::read(&package.file).unwrap();
    let stop = AtomicBool::new(false);
    let context = Context { progress: &Silent, stop: &stop };
    for (name, content) in
        [("short", &data[..data.len() - 40]), ("none", &data[..70]), ("text", b"no archive")]
    {
        package.file = folder.path().join(name);
        fs::write(&package.file, content).unwrap();
        let packages = [Package { name: "a".into(), file: package.file.clone(), whole: None, size: 1 }];
        let root = folder.path().join(format!("{name}.tree"));
        let error =
            unpack(&context, &Silent, &spec(&[], &[], &[]), &packages, &root).unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("the package file {} is damaged: ", package.file.display())),
            "{error}"
        );
    }
}
