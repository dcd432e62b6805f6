// SPDX-License-Identifier: MIT OR Apache-2.0
//! Package URLs, by which scanners find the advisories about a component: <https://github.com/package-url/purl-spec>.

use crate::debian::Pin;
use crate::graph::CrateId;
use packageurl::PackageUrl;

/// The package URL of a crate of the registry.
///
/// # Errors
///
/// A part of it is not valid in a package URL.
pub fn of_crate(id: &CrateId) -> Result<String, String> {
    text(
        &id.to_string(),
        PackageUrl::new("cargo", id.name.as_str()).and_then(|mut url| {
            url.with_version(id.version.as_str())?;
            Ok(url)
        }),
    )
}

/// The package URL of a Debian package. `distro` is the release, `trixie` for `trixie-security` and its other suites.
///
/// # Errors
///
/// A part of it is not valid in a package URL.
pub fn of_debian(pin: &Pin) -> Result<String, String> {
    let release = pin.suite.split('-').next().unwrap_or_default();
    text(
        &pin.name,
        PackageUrl::new("deb", pin.name.as_str()).and_then(|mut url| {
            url.with_namespace("debian")?.with_version(pin.version.as_str())?;
            url.add_qualifier("arch", pin.arch.as_str())?.add_qualifier("distro", release)?;
            Ok(url)
        }),
    )
}

/// The package URL of the kernel as upstream has released it.
///
/// # Errors
///
/// A part of it is not valid in a package URL.
pub fn of_kernel(release: &str) -> Result<String, String> {
    text(
        "linux",
        PackageUrl::new("generic", "linux").and_then(|mut url| {
            url.with_version(upstream(release))?;
            Ok(url)
        }),
    )
}

/// The name of the kernel in the CPE dictionary, which NVD's advisories use.
#[must_use]
pub fn cpe_of_kernel(release: &str) -> String {
    format!("cpe:2.3:o:linux:linux_kernel:{}:*:*:*:*:*:*:*", upstream(release))
}

/// The upstream version of a kernel release: 7.3.4 of 7.3.4-qos.
#[must_use]
pub fn upstream(release: &str) -> &str {
    release.split(['-', '+']).next().unwrap_or(release)
}

fn text(of: &str, url: packageurl::Result<PackageUrl<'_>>) -> Result<String, String> {
    url.map(|url| url.to_string()).map_err(|error| format!("{of}: cannot make a package URL: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn package_urls() {
        let id = |name: &str, version: &str| CrateId { name: name.to_owned(), version: version.to_owned() };
        for (of, expect) in [
            (id("uu_cat", "0.12.0"), "pkg:cargo/uu_cat@0.12.0"),
            (id("linux-raw-sys", "0.12.1"), "pkg:cargo/linux-raw-sys@0.12.1"),
            (id("zstd-sys", "2.0.16+zstd.1.5.7"), "pkg:cargo/zstd-sys@2.0.16%2Bzstd.1.5.7"),
        ] {
            assert_eq!(of_crate(&of).as_deref(), Ok(expect));
        }
        let pin = |name: &str, version: &str, arch: &str, suite: &str| Pin {
            name: name.to_owned(),
            version: version.to_owned(),
            arch: arch.to_owned(),
            suite: suite.to_owned(),
            path: String::new(),
            sha256: String::new(),
        };
        for (of, expect) in [
            (
                pin("bash", "5.2.37-2+b10", "amd64", "trixie"),
                "pkg:deb/debian/bash@5.2.37-2%2Bb10?arch=amd64&distro=trixie",
            ),
            (
                pin("bison", "2:3.8.2+dfsg-1+b2", "amd64", "trixie-security"),
                "pkg:deb/debian/bison@2:3.8.2%2Bdfsg-1%2Bb2?arch=amd64&distro=trixie",
            ),
            (
                pin("libstdc++6", "14.2.0-19", "amd64", "trixie"),
                "pkg:deb/debian/libstdc%2B%2B6@14.2.0-19?arch=amd64&distro=trixie",
            ),
            (
                pin("linux-source-7.3", "7.3.4-1~bpo13+1", "all", "trixie-backports"),
                "pkg:deb/debian/linux-source-7.3@7.3.4-1~bpo13%2B1?arch=all&distro=trixie",
            ),
        ] {
            assert_eq!(of_debian(&of).as_deref(), Ok(expect));
        }
        for release in ["7.3.4", "7.3.4-qos", "7.3.4+"] {
            assert_eq!(of_kernel(release).as_deref(), Ok("pkg:generic/linux@7.3.4"));
            assert_eq!(cpe_of_kernel(release), "cpe:2.3:o:linux:linux_kernel:7.3.4:*:*:*:*:*:*:*");
        }
    }
}
