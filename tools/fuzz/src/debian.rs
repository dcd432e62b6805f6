// SPDX-License-Identifier: MIT OR Apache-2.0
//! Files of Debian mirrors, the lock file of the repository, and what the report of an update reads.

use crate::{lossy, two};
use qos_advisories::rustsec::Database;
use qos_advisories::tracker::{Place, Tracker};
use qos_advisories::{changelog, lockfile, yanked};
use qos_toolchain::fuzz;

/// An index of packages or sources.
pub fn index(data: &[u8]) {
    fuzz::index(&lossy(data));
}

/// A Release file, the status of gpgv, a key.
pub fn release(data: &[u8]) {
    fuzz::release(&lossy(data));
}

/// Versions, one a line; the first two texts are a pattern of `toolchain.toml` and a path, too.
pub fn version(data: &[u8]) {
    let text = lossy(data);
    let versions: Vec<&str> = text.lines().take(4).collect();
    fuzz::version(&versions);
    let (pattern, path) = two(data);
    fuzz::glob(&lossy(pattern), &lossy(path));
}

/// toolchain.lock and toolchain.toml.
pub fn lock(data: &[u8]) {
    fuzz::lock(&lossy(data));
}

/// A changelog, an advisory, data of Debian's tracker, Cargo.lock, a file of cargo's index. An entry has a version, a CVE number is
/// text of the input, and an advisory is that of its file.
pub fn advisories(data: &[u8]) {
    let text = lossy(data);
    assert!(changelog::entries(&text).iter().all(|entry| !entry.version.is_empty()));
    assert!(changelog::cves(&text).iter().all(|number| text.contains(number.as_str())));
    if let Ok(database) = Database::new([("a", "RUSTSEC-2026-0001.md", data)]) {
        assert_eq!(database.of("a").len(), database.count());
    }
    if let Ok(tracker) = Tracker::parse(data, &["bash".to_owned()].into()) {
        for issue in tracker.of("bash") {
            let _ = issue.standing(&Place::of("trixie"), &text);
            let _ = issue.standing(&Place::of("trixie-backports"), "1~bpo13+1");
        }
    }
    if let Ok(lock) = lockfile::Lockfile::parse(&text) {
        assert!(lock.crates().iter().all(|(package, _)| package.source.is_some()));
    }
    let _ = yanked::is_yanked(data, "1.0.0");
}
