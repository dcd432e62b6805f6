// SPDX-License-Identifier: MIT OR Apache-2.0
//! Parsers of data from mirrors, with their properties, for tools/fuzz.

use crate::hash::Sum;
use crate::index::Index;
use crate::lock::Lock;
use crate::spec::{Source, Spec};
use crate::{control, glob, release, signature, sources, version};
use std::cmp::Ordering;
use std::time::{Duration, SystemTime};

/// Reads `text` as an index of packages and as one of sources. A dependency is satisfied by packages that exist only.
///
/// # Panics
/// When a property does not hold.
pub fn index(text: &str) {
    for paragraph in control::paragraphs(text) {
        assert_eq!(paragraph.get("Package"), paragraph.get("pACKAGE"));
    }
    let mut index = Index::default();
    let _ = index.add(text, "stable", "main");
    let names = control::paragraphs(text).filter_map(|paragraph| paragraph.get("Package"));
    for candidate in names.filter_map(|name| index.get(name)) {
        for wanted in candidate.depends.iter().flatten() {
            for found in index.satisfying(wanted) {
                let provides = found.provides.iter().any(|(name, _)| *name == wanted.name);
                assert!(found.name == wanted.name || provides, "{wanted:?} {}", found.name);
            }
        }
    }
    let wanted = Source { package: "linux".into(), series: "6.18".into(), file: "*.orig.tar.xz".into() };
    if let Ok(Some(pin)) = sources::newest(text, &wanted, "stable", "main") {
        assert!(sources::is_of(&pin.version, "6.18"), "{pin:?}");
        assert_eq!(pin.sha256.len(), 64, "{pin:?}");
    }
}

/// Reads `text` as a Release file, as gpgv's status and as an armoured key. What is accepted names its suite.
///
/// # Panics
/// When a property does not hold.
pub fn release(text: &str) {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_000_000);
    if release::check(text, "stable", 180, now).is_ok() {
        let first = control::paragraphs(text).next().unwrap_or_default();
        assert!(["Suite", "Codename"].iter().any(|name| first.get(name) == Some("stable")), "{text:?}");
    }
    if signature::judge(text).is_ok() {
        assert!(text.contains("VALIDSIG") && !text.contains("\n[GNUPG:] BADSIG "), "{text:?}");
    }
    assert_ne!(signature::dearmour(text), Some(Vec::new()));
    if let Some(sum) = Sum::from_sri(text) {
        assert_eq!(Sum::from_sri(&sum.sri()), Some(sum));
    }
}

/// Compares versions: the order is one, and the same version is equal to itself.
///
/// # Panics
/// When a property does not hold.
pub fn version(versions: &[&str]) {
    for a in versions {
        assert_eq!(version::compare(a, a), Ordering::Equal, "{a}");
        let _ = (version::series(a), version::upstream(a));
        for b in versions {
            assert_eq!(version::compare(a, b), version::compare(b, a).reverse(), "{a} {b}");
            for c in versions {
                if version::compare(a, b).is_le() && version::compare(b, c).is_le() {
                    assert!(version::compare(a, c).is_le(), "{a} {b} {c}");
                }
            }
        }
    }
}

/// Matches `text` against `pattern`. Each text matches itself, unless it has a star.
///
/// # Panics
/// When a property does not hold.
pub fn glob(pattern: &str, text: &str) {
    let _ = glob::matches(pattern, text);
    assert!(text.contains('*') || glob::matches(text, text), "{text}");
}

/// Reads `text` as toolchain.lock and as toolchain.toml. What is written of a lock is the same lock.
///
/// # Panics
/// When a property does not hold.
pub fn lock(text: &str) {
    if let Ok(lock) = Lock::parse(text) {
        let again = Lock::parse(&lock.render());
        assert_eq!(again.ok(), Some(lock), "{text}");
    }
    if let Ok(spec) = Spec::parse(text) {
        assert!(spec.trees.values().all(|tree| tree.fingerprint().is_ok()), "{text}");
    }
}
