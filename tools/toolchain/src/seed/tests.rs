// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which trees of the lock are made, and what an update pins.

use super::*;

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
    assert_eq!(paths(&["c"]), Err("there is no tree c; there are a, b".to_owned()));
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
