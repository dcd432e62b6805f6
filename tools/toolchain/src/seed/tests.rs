// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tests of the trees that setup makes and of the packages that an update pins.

use super::update::packages_of;
use super::*;
use crate::spec::Tree;
use crate::testing::{Answer, Server};

const SPEC: &str = "arch='amd64'\ncomponent='main'\n[suites]\ns={archive='main'}\n\
                    [trees.a]\nname='ta'\nsuites=['s']\nroots=['x']\n\
                    [trees.b]\nname='tb'\nsuites=['s']\non-demand=true\nsource={package='l',series='6.18',file='*'}\n";

/// The names of the trees' store paths.
fn paths(demanded: &[&str]) -> std::result::Result<Vec<String>, String> {
    let spec = Spec::parse(SPEC).unwrap();
    let locked = |(name, tree): (&String, &Tree)| {
        let hash = Sum::of(name.as_bytes()).sri();
        let spec = tree.fingerprint().unwrap();
        (name.clone(), LockedTree { name: tree.name.clone(), hash, spec, packages: Vec::new() })
    };
    let lock = Lock { trees: spec.trees.iter().map(locked).collect() };
    let toolchain = Toolchain { folder: PathBuf::new(), spec, lock };
    toolchain.check_spec().unwrap();
    let demanded: Vec<_> = demanded.iter().map(|&name| name.to_owned()).collect();
    let paths = toolchain.paths(&demanded).map_err(|error| error.to_string())?;
    Ok(paths.iter().map(|path| path.display().to_string().rsplit('-').next().unwrap().to_owned()).collect())
}

#[test]
fn a_tree_on_demand_is_made_when_it_is_named() {
    assert_eq!(paths(&[]), Ok(vec!["ta".to_owned()]));
    assert_eq!(paths(&["b"]), Ok(vec!["ta".to_owned(), "tb".to_owned()]));
    assert_eq!(paths(&["a"]), Ok(vec!["ta".to_owned()]));
    assert_eq!(paths(&["c"]), Err("unknown tree c; the trees are a, b".to_owned()));
}

/// An index of `x` and `y`, both in that version.
fn index(version: &str) -> Index {
    let mut index = Index::default();
    for name in ["x", "y"] {
        let (file, sum) = (format!("{name}_{version}"), "0".repeat(64));
        let text = format!(
            "Package: {name}\nVersion: {version}\nArchitecture: all\nFilename: {file}\nSize: 1\nSHA256: {sum}\n\n"
        );
        index.add(&text, "s", "main").unwrap();
    }
    index
}

#[test]
fn an_update_of_one_package_takes_it_for_a_tree_that_is_new() {
    let mut spec = Spec::parse(SPEC).unwrap();
    let spec = spec.trees.remove("a").unwrap();
    let update = |old: Option<&LockedTree>, version: &str, named: &[&str]| {
        let named: Vec<_> = named.iter().map(|&name| name.to_owned()).collect();
        packages_of(&index(version), &spec, old, &named).unwrap()
    };
    let text = |(pins, found): &(Vec<Pin>, usize)| {
        let pins: Vec<_> = pins.iter().map(|pin| format!("{} {}", pin.name, pin.version)).collect();
        format!("{} {found}", pins.join(", "))
    };
    let new = update(None, "1", &["x"]);
    assert_eq!(text(&new), "x 1 1");
    assert_eq!(text(&update(None, "1", &["y"])), "x 1 0");
    assert_eq!(text(&update(None, "1", &[])), "x 1 0");

    let tree = LockedTree { name: "ta".into(), hash: String::new(), spec: String::new(), packages: new.0 };
    assert_eq!(text(&update(Some(&tree), "2", &["x"])), "x 2 1");
    assert_eq!(text(&update(Some(&tree), "2", &["y"])), "x 1 0");
}

/// Updates or re-pins, by the mirror of `tests/data/archive`, a lock that has `x` in this version; the mirror has 1-1.
fn downgrade(locked: &str, allow: bool, repinned: bool) -> std::result::Result<String, String> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/archive");
    let server = Server::start(move |path, _| match path.rsplit('/').next().unwrap_or_default() {
        "InRelease" => Answer::Whole(fs::read(data.join("trixie.InRelease")).unwrap()),
        name if name.ends_with(".deb") => Answer::Status(404),
        _ => Answer::Whole(fs::read(data.join("Packages.xz")).unwrap()),
    });
    let spec = SPEC
        .replace("'s'", "'trixie'")
        .replace("s={archive='main'}", "trixie={archive='main',max-age-days=36500}");
    let mut spec = Spec::parse(&spec).unwrap();
    spec.trees.remove("b");
    let mut pins = packages_of(&index(locked), &spec.trees["a"], None, &[]).unwrap().0;
    pins[0].suite = "trixie".into();
    let tree = LockedTree {
        name: "ta".into(),
        hash: Sum::of(b"").sri(),
        spec: String::new(),
        packages: pins.clone(),
    };
    let folder = tempfile::tempdir().unwrap();
    let mirrors = Mirrors::from_urls(&server.url, None);
    let cache = folder.path().join("cache");
    let options = Options {
        locked: false,
        allow_downgrade: allow,
        offline: false,
        mirrors: mirrors.clone(),
        cache: cache.clone(),
        demanded: Vec::new(),
    };
    let stop = std::sync::atomic::AtomicBool::new(false);
    let context = Context { progress: &crate::context::Silent, stop: &stop };
    let keys = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/archive");
    let mut lock = Lock { trees: [("a".to_owned(), tree)].into() };
    if repinned {
        let cache = Cache::open(&cache, || ()).unwrap();
        let archive = Archive::new(&spec, mirrors, &cache, false).unwrap();
        repin(&mut lock, &spec, &keys, &context, &archive, &pins).map_err(|error| error.to_string())?;
        return Ok(lock.trees["a"].packages[0].version.clone());
    }
    std::os::unix::fs::symlink(&keys, folder.path().join("keys")).unwrap();
    let mut toolchain = Toolchain { folder: folder.path().to_owned(), spec, lock };
    toolchain.update(&context, &options, &[]).map_err(|error| error.to_string())?;
    Ok(toolchain.lock.trees["a"].packages[0].version.clone())
}

#[test]
fn no_version_goes_down_unasked() {
    let refused = "the mirror's index lists older versions than toolchain.lock has for tree a: x 1-2 → 1-1; use another \
                   --mirror, or accept the older versions with: cargo xtask update --allow-downgrade";
    assert_eq!(downgrade("1-2", false, false), Err(refused.to_owned()));
    assert_eq!(downgrade("1-2", false, true), Err(refused.to_owned()));
    assert_eq!(downgrade("1-0", false, true), Ok("1-1".to_owned()));
    // past the check: the package itself is what this mirror does not have
    let gone = "no mirror has x 1-1; the index is newer than the mirror's packages; try again later, or use another --mirror";
    assert_eq!(downgrade("1-2", true, false), Err(gone.to_owned()));
    assert_eq!(downgrade("1-0", false, false), Err(gone.to_owned()));
}
