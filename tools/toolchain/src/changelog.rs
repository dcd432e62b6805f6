// SPDX-License-Identifier: MIT OR Apache-2.0
//! The changelog in a Debian package file.

use crate::deb::{damaged, data};
use crate::error::Result;
use flate2::read::GzDecoder;
use std::io::{self, Read};
use std::path::Path;

/// So much of a changelog is read, in bytes. The newest entries are at its start.
const CHANGELOG: u64 = 1 << 20;

/// What a package contains in the place of its changelog.
#[derive(Debug, PartialEq, Eq)]
pub enum Changelog {
    /// The text.
    Text(String),
    /// A link to the documentation of this other package.
    Of(String),
    /// Nothing.
    Missing,
}

/// The Debian changelog of the package `name` (Debian policy, section 12.7): `changelog.Debian.gz`, or `changelog.gz` of a native
/// package; the entry of a rebuild without changes of the source, `changelog.Debian.ARCH.gz`, comes first.
///
/// # Errors
///
/// The package file cannot be read, or is damaged.
pub fn of(file: &Path, name: &str) -> Result<Changelog> {
    let failed = |error: io::Error| damaged(file, &error);
    let documentation = format!("usr/share/doc/{name}");
    let (mut rebuild, mut debian, mut plain, mut link) = (None, None, None, None);
    data(file, name, |data| {
        let mut inside = false;
        for entry in tar::Archive::new(data).entries().map_err(failed)? {
            let mut entry = entry.map_err(failed)?;
            let path = entry.path().map_err(failed)?.into_owned();
            let path = path.strip_prefix(".").unwrap_or(&path);
            if path == Path::new(&documentation) {
                let target = entry.link_name().map_err(failed)?;
                link = target.and_then(|to| Some(to.file_name()?.to_str()?.to_owned()));
                inside = true;
                continue;
            }
            let Ok(path) = path.strip_prefix(&documentation) else {
                // The archive is sorted, so the directory's files are together.
                if inside {
                    break;
                }
                continue;
            };
            let place = match path.to_str().unwrap_or_default() {
                "changelog.Debian.gz" => &mut debian,
                "changelog.gz" => &mut plain,
                path if path.starts_with("changelog.Debian.") && path.ends_with(".gz") => &mut rebuild,
                _ => continue,
            };
            let mut text = Vec::new();
            GzDecoder::new(&mut entry).take(CHANGELOG).read_to_end(&mut text).map_err(failed)?;
            *place = Some(String::from_utf8_lossy(&text).into_owned());
        }
        Ok(())
    })?;
    // Upstream's changelog has the name of a native package's, but not its format: `PACKAGE (VERSION) SUITE; urgency=…`.
    let native = |text: &String| text.lines().next().is_some_and(|line| line.contains("; urgency="));
    let newest = [rebuild, debian.or(plain.filter(native))].into_iter().flatten().collect::<Vec<_>>();
    Ok(match (newest.is_empty(), link) {
        (false, _) => Changelog::Text(newest.join("\n")),
        (true, Some(other)) => Changelog::Of(other),
        (true, None) => Changelog::Missing,
    })
}

#[cfg(test)]
#[path = "changelog_tests.rs"]
mod tests;
