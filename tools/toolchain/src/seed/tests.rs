// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which trees of the lock are made.

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
