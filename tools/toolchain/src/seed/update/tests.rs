// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tests of previews, of source packages, and of the changelogs that an update collects.

use super::*;
use crate::apt::Mirrors;
use crate::cache::Cache;
use crate::context::Silent;
use crate::spec::Spec;
use crate::testing::{Answer, Server, write_deb};
use std::fs;
use std::sync::atomic::AtomicBool;

const SPEC: &str = "arch='amd64'\ncomponent='main'\n[suites]\ntrixie={archive='main',max-age-days=36500}\n\
                    [trees.a]\nname='ta'\nsuites=['trixie']\nroots=['x']\n";

fn pin(name: &str, version: &str, size: u64) -> Pin {
    Pin {
        name: name.into(),
        version: version.into(),
        arch: "amd64".into(),
        suite: "trixie".into(),
        component: "main".into(),
        path: format!("pool/main/s/src/{name}_{version}_amd64.deb"),
        size,
        sha256: "0".repeat(64),
    }
}

/// A lock whose tree `a` has these packages.
fn lock(packages: Vec<Pin>) -> Lock {
    let hash = Sum::of(b"").sri();
    let tree = LockedTree { name: "ta".into(), hash, spec: String::new(), packages };
    Lock { trees: [("a".to_owned(), tree)].into() }
}

/// The versions that a preview pins in tree `a`, if the lock has this version of `x`. The mirror has 1-1, but not the package itself.
fn preview(locked: &str) -> std::result::Result<Vec<String>, String> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/archive");
    let keys = data.clone();
    let server = Server::start(move |path, _| match path.rsplit('/').next().unwrap_or_default() {
        "InRelease" => Answer::Whole(fs::read(data.join("trixie.InRelease")).unwrap()),
        name if name.ends_with(".deb") => Answer::Status(404),
        _ => Answer::Whole(fs::read(data.join("Packages.xz")).unwrap()),
    });
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(keys, folder.path().join("keys")).unwrap();
    let old = lock(vec![pin("x", locked, 1)]);
    let toolchain =
        Toolchain { folder: folder.path().to_owned(), spec: Spec::parse(SPEC).unwrap(), lock: old.clone() };
    let options = Options {
        locked: false,
        allow_downgrade: false,
        offline: false,
        mirrors: Mirrors::from_urls(&server.url, None),
        cache: folder.path().join("cache"),
        demanded: Vec::new(),
    };
    let stop = AtomicBool::new(false);
    let found = toolchain.preview(&Context { progress: &Silent, stop: &stop }, &options, &[]);
    assert_eq!(toolchain.lock, old);
    assert!(!folder.path().join("toolchain.lock").exists());
    let outcome = found.map_err(|error| error.to_string())?;
    Ok(outcome.lock.trees["a"].packages.iter().map(|pin| pin.version.clone()).collect())
}

#[test]
fn a_preview_writes_no_lock() {
    assert_eq!(preview("1-1"), Ok(vec!["1-1".to_owned()]));
    // It downloads what would change.
    let gone = "no mirror has x 1-1; the index is newer than the mirror's packages; try again later, or use another --mirror";
    assert_eq!(preview("1-0"), Err(gone.to_owned()));
    let older = preview("1-2").unwrap_err();
    assert!(older.contains("older versions than toolchain.lock has for tree a: x 1-2 → 1-1"), "{older}");
}

#[test]
fn source_packages_of_pins() {
    let mut index = Index::default();
    let (text, sum) = ("Filename: p\nSize: 1\nArchitecture: all\n", "0".repeat(64));
    let text =
        format!("Package: gcc\nVersion: 4:14.2.0-1\nSource: gcc-defaults (1.220)\n{text}SHA256: {sum}\n");
    index.add(&text, "trixie", "main").unwrap();
    let mut sources = Sources::default();
    sources.learn(&index, &[pin("gcc", "4:14.2.0-1", 1)]);
    let of = |pin: &Pin| {
        let SourceVersion { name, version } = sources.of(pin);
        format!("{name} {version}")
    };
    assert_eq!(of(&pin("gcc", "4:14.2.0-1", 1)), "gcc-defaults 1.220");
    // Not in the index: the directory of the archive.
    assert_eq!(of(&pin("gcc", "4:14.1.0-1", 1)), "src 4:14.1.0-1");
    assert_eq!(of(&pin("x", "5.2.37-2+b10", 1)), "src 5.2.37-2");
    assert_eq!(of(&pin("x", "1.0+beta", 1)), "src 1.0+beta");
    let source = Pin { arch: sources::ARCH.into(), ..pin("linux", "6.18.15-1~bpo13+1", 1) };
    assert_eq!(of(&source), "linux 6.18.15-1~bpo13+1");
}

#[test]
fn changelogs_of_packages_whose_version_changed() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::open(folder.path(), || ()).unwrap();
    let spec = Spec::parse(SPEC).unwrap();
    let archive = Archive::new(&spec, Mirrors::default(), &cache, true).unwrap();
    let stop = AtomicBool::new(false);
    let context = Context { progress: &Silent, stop: &stop };
    let old = lock(vec![pin("dev", "1-1", 5), pin("lib", "1-1", 9), pin("same", "1-1", 1)]);
    let new = vec![pin("dev", "1-2", 5), pin("lib", "1-2", 9), pin("same", "1-1", 1), pin("added", "1-2", 1)];
    let new = lock(new);
    let found = || {
        changelogs(&context, &archive, &old, &new, &Sources::default())
            .unwrap()
            .into_iter()
            .map(|(source, text)| format!("{} {}: {text}", source.name, source.version))
            .collect::<Vec<_>>()
    };
    let write = |name: &str, files: &[(&str, &str)]| {
        let file = archive.file(new.trees["a"].packages.iter().find(|pin| pin.name == name).unwrap());
        write_deb(&file, files);
    };
    // The smaller package links to the documentation of the other one.
    write("dev", &[("dev", "->lib")]);
    write("lib", &[("lib/changelog.Debian.gz", "text of lib")]);
    assert_eq!(found(), ["src 1-2: text of lib"]);
    // Of two, the smaller one is read.
    write("dev", &[("dev/changelog.Debian.gz", "text of dev")]);
    assert_eq!(found(), ["src 1-2: text of dev"]);
    // A damaged package does not fail the update.
    fs::write(archive.file(&new.trees["a"].packages[0]), "damaged").unwrap();
    assert_eq!(found(), ["src 1-2: text of lib"]);
    write("lib", &[("lib/copyright", "c")]);
    assert_eq!(found(), Vec::<String>::new());
}
