// SPDX-License-Identifier: MIT OR Apache-2.0
//! Databases in files: small ones, and damaged ones. No error may be without the file and the next step.

use qos_advisories::files;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// An error without the path of this crate.
fn relative(error: &str) -> String {
    error.replace(&format!("{}/", data("").display()).replace("//", "/"), "")
}

#[test]
fn a_database_of_advisories() {
    let database = files::advisory_db(&data("advisory-db")).unwrap();
    let ids = |name: &str| {
        database.of(name).iter().map(|advisory| advisory.id.clone()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(database.count(), 3);
    assert_eq!(ids("lib"), "RUSTSEC-2026-0001 RUSTSEC-2026-0002");
    assert_eq!(ids("other"), "RUSTSEC-2026-0003");
    assert_eq!(ids("missing"), "");
}

#[test]
fn a_malformed_database_of_advisories() {
    let error = relative(&files::advisory_db(&data("malformed-db")).unwrap_err());
    assert_eq!(
        error,
        "malformed-db/crates/lib/RUSTSEC-2026-0001.md:5: invalid date: \"31 January\"; update the database \
         (git -C malformed-db pull), or correct the file"
    );
    let error = relative(&files::advisory_db(&data("tracker.json")).unwrap_err());
    assert!(error.starts_with("cannot read tracker.json/crates: Not a directory"), "{error}");
    assert!(error.contains("--advisory-db takes a checkout of the RustSec advisory database"), "{error}");
}

#[test]
fn data_of_the_tracker() {
    let wanted = |name: &str| BTreeSet::from([name.to_owned()]);
    let tracker = files::debian_tracker(&data("tracker.json"), &wanted("bash")).unwrap();
    assert_eq!(tracker.of("bash")[0].description, "A fault of the shell");
    let error = relative(&files::debian_tracker(&data("tracker.json"), &wanted("zlib")).unwrap_err());
    assert!(
        error.starts_with(
            "tracker.json: zlib.CVE-2026-0002.releases: expected an object, found an array; download"
        ),
        "{error}"
    );
    let error = relative(&files::debian_tracker(&data("missing.json"), &wanted("bash")).unwrap_err());
    assert!(error.starts_with("cannot read missing.json: No such file"), "{error}");
}

#[test]
fn members_and_yanked_versions() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let guests = files::guest_members(&root).unwrap();
    assert!(guests.contains("qos-init") && !guests.contains("qos-advisories"), "{guests:?}");

    let home = tempfile::tempdir().unwrap();
    let cache = home.path().join("registry/index/some/.cache/3/l");
    fs::create_dir_all(&cache).unwrap();
    fs::write(cache.join("lib"), b"\x03\0\x001.0.0\0{\"vers\":\"1.0.0\",\"yanked\":true}\0").unwrap();
    let found = ["1.0.0", "1.0.1"].map(|version| files::is_yanked(home.path(), "lib", version));
    let missing = files::is_yanked(home.path(), "other", "1.0.0");
    assert_eq!((found, missing), ([Some(true), None], None));
}
