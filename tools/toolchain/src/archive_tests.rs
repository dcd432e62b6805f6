// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tests of signed indexes with a mirror on the loopback interface. `tests/data/archive` has a key made for this test, and the
//! indexes that it signed: `trixie`, without `Valid-Until`, and `trixie-security`, with it.

use super::*;
use crate::context::Silent;
use crate::testing::{Answer, Server};

const SPEC: &str = "arch='amd64'\ncomponent='main'\n[suites]\n\
     trixie={archive='main'}\nstable={archive='main',max-age-days=1}\ntrixie-security={archive='security'}\n\
     [trees.a]\nname='t'\nsuites=['trixie']\nroots=['x']\n";

/// A mirror that serves the file `inrelease` of the test data for every suite.
fn mirror(inrelease: &'static str) -> Server {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/archive");
    Server::start(move |path, _| {
        let name = if path.ends_with("/InRelease") { inrelease } else { "Packages.xz" };
        Answer::Whole(fs::read(data.join(name)).unwrap())
    })
}

/// The version of the package `x` in `suite` by these mirrors, so many days after 28 March 2025, 12:00 UTC.
fn version(mirrors: &[&Server], suite: &str, days: u64) -> std::result::Result<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::open(folder.path(), || ()).unwrap();
    let spec = Spec::parse(SPEC).unwrap();
    let urls: Vec<_> = mirrors.iter().map(|server| server.url.clone()).collect();
    let mut archive =
        Archive::new(&spec, Mirrors { main: urls.clone(), security: urls }, &cache, false).unwrap();
    archive.now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_743_163_200 + days * 24 * 60 * 60);
    let stop = AtomicBool::new(false);
    let context = Context { progress: &Silent, stop: &stop };
    let keys = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/archive");
    let index = archive.index(&context, &[suite.to_owned()], &keys).map_err(|error| {
        mirrors.iter().fold(error.to_string(), |text, server| text.replace(&server.url, "URL"))
    })?;
    Ok(index.get("x").unwrap().version.clone())
}

#[test]
fn a_signed_index_that_is_old_or_of_another_suite() {
    let (stable, security) = (mirror("trixie.InRelease"), mirror("trixie-security.InRelease"));
    let good = Ok("1-1".to_owned());
    assert_eq!(version(&[&stable], "trixie", 0), good);
    assert_eq!(version(&[&security], "trixie-security", 0), good);
    let refused = |servers: &[&Server], suite: &str, days: u64, reason: &str| {
        let text = version(servers, suite, days).unwrap_err();
        assert!(text.starts_with("URL/dists/") && text.contains(reason), "{text}");
    };
    refused(&[&stable], "trixie-security", 0, "another suite");
    refused(&[&security], "trixie", 0, "another suite");
    refused(&[&security], "trixie-security", 6, "out of date (valid until Wed, 02 Apr 2025 22:33:13 UTC)");
    assert_eq!(version(&[&stable], "trixie", 170), good);
    refused(&[&stable], "trixie", 180, "out of date (dated Sat, 22 Mar 2025 09:15:44 UTC");
    refused(&[&stable], "stable", 0, "max-age-days of [suites] is 1)");
    // the next mirror is queried, and the error is that of the last one
    assert_eq!(version(&[&stable, &security], "trixie-security", 0), good);
    refused(&[&stable, &security], "trixie-security", 6, "another suite");
}
