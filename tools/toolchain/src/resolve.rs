// SPDX-License-Identifier: MIT OR Apache-2.0
//! The dependency closure of a tree's roots, as `apt-get install --no-install-recommends` would choose it on an empty
//! system, less the packages that the spec skips.

use crate::error::{Error, Result};
use crate::glob;
use crate::index::{Candidate, Index};
use std::collections::{BTreeMap, VecDeque};

/// The packages that `roots` need, themselves included, sorted by name.
///
/// A dependency is met by a package that is taken already, else by its first alternative that exists. A name that
/// matches a pattern in `skip` counts as installed and brings nothing.
///
/// # Errors
///
/// A root that no suite has, or a dependency that nothing meets: the message says who needs it.
pub fn closure<'a>(index: &'a Index, roots: &[String], skip: &[String]) -> Result<Vec<&'a Candidate>> {
    let skipped = |name: &str| skip.iter().any(|pattern| glob::matches(pattern, name));
    let mut taken: BTreeMap<&str, &Candidate> = BTreeMap::new();
    let mut queue = VecDeque::new();
    for name in roots {
        let candidate = root(index, name)?;
        if taken.insert(&candidate.name, candidate).is_none() {
            queue.push_back(candidate);
        }
    }
    while let Some(package) = queue.pop_front() {
        for group in &package.depends {
            let met = group.iter().any(|wanted| {
                skipped(&wanted.name)
                    || index.satisfying(wanted).any(|found| taken.contains_key(found.name.as_str()))
            });
            if met {
                continue;
            }
            let found = group.iter().find_map(|wanted| index.satisfying(wanted).next()).ok_or_else(|| {
                let names: Vec<_> = group.iter().map(|wanted| wanted.name.as_str()).collect();
                Error::new(format!(
                    "{} {} depends on {}, which no suite has",
                    package.name,
                    package.version,
                    names.join(" or ")
                ))
            })?;
            if !skipped(&found.name) {
                taken.insert(&found.name, found);
                queue.push_back(found);
            }
        }
    }
    Ok(taken.into_values().collect())
}

/// The packages themselves, without what they depend on. Errors for one that no suite has.
pub fn exactly<'a>(index: &'a Index, roots: &[String]) -> Result<Vec<&'a Candidate>> {
    let mut found = roots.iter().map(|name| root(index, name)).collect::<Result<Vec<_>>>()?;
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

fn root<'a>(index: &'a Index, name: &str) -> Result<&'a Candidate> {
    let missing =
        || Error::new(format!("no suite has the package {name}, which toolchain.toml names as a root"));
    index.get(name).ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(packages: &[(&str, &str, &str, &str)]) -> Index {
        let mut text = String::new();
        for (name, version, depends, provides) in packages {
            text += &format!(
                "Package: {name}\nVersion: {version}\nArchitecture: all\nFilename: p\nSize: 1\nSHA256: {}\n\
                 Depends: {depends}\nProvides: {provides}\n\n",
                "0".repeat(64)
            );
        }
        let mut index = Index::default();
        index.add(&text, "stable", "main").unwrap();
        index
    }

    fn check(packages: &[(&str, &str, &str, &str)], roots: &[&str], skip: &[&str], expect: &[&str]) {
        let own = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let index = index(packages);
        let found = match closure(&index, &own(roots), &own(skip)) {
            Ok(found) => found.iter().map(|candidate| candidate.name.clone()).collect(),
            Err(error) => vec![error.to_string()],
        };
        assert_eq!(found, expect);
    }

    #[test]
    fn closures() {
        check(
            &[("a", "1", "b, c (>= 2)", ""), ("b", "1", "a", ""), ("c", "2", "", "")],
            &["a"],
            &[],
            &["a", "b", "c"],
        );
        // the first alternative that exists
        check(
            &[("a", "1", "x | c | b", ""), ("b", "1", "", ""), ("c", "1", "", "")],
            &["a"],
            &[],
            &["a", "c"],
        );
        // one that is taken already
        check(
            &[("a", "1", "c | b", ""), ("b", "1", "", ""), ("c", "1", "", "")],
            &["a", "b"],
            &[],
            &["a", "b"],
        );
        // a virtual package, with and without a version
        check(&[("a", "1", "v", ""), ("b", "1", "", "v")], &["a"], &[], &["a", "b"]);
        check(
            &[("a", "1", "v (>= 2)", ""), ("b", "1", "", "v"), ("c", "1", "", "v (= 3)")],
            &["a"],
            &[],
            &["a", "c"],
        );
        // skipped by pattern, with what only it needs
        check(&[("a", "1", "b-14", ""), ("b-14", "1", "c", ""), ("c", "1", "", "")], &["a"], &["b*"], &["a"]);
    }

    #[test]
    fn what_cannot_be_met() {
        check(
            &[("a", "1", "b (>= 2) | c", ""), ("b", "1", "", "")],
            &["a"],
            &[],
            &["a 1 depends on b or c, which no suite has"],
        );
        check(&[], &["a"], &[], &["no suite has the package a, which toolchain.toml names as a root"]);
    }
}
