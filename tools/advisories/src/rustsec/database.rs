// SPDX-License-Identifier: MIT OR Apache-2.0
//! The database: the advisories of all crates.

use super::Advisory;
use std::collections::BTreeMap;

/// The name of an advisory that has no number yet, which counts for nothing.
const DRAFT: &str = "RUSTSEC-0000-0000";

/// All advisories by crate.
#[derive(Debug, Default)]
pub struct Database {
    by_package: BTreeMap<String, Vec<Advisory>>,
    count: usize,
}

impl Database {
    /// The database of these files: the directory's name, which is a crate's, the file's name, and the content. The files are those
    /// in `crates/*/` with names that end in `.md`.
    ///
    /// # Errors
    ///
    /// The first mistake, as `CRATE/FILE:LINE: WHAT`.
    pub fn new<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str, &'a [u8])>,
    ) -> Result<Database, String> {
        let mut database = Database::default();
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        for (directory, name, content) in files {
            let fail = |line: usize, message: &str| format!("{directory}/{name}:{line}: {message}");
            let text = std::str::from_utf8(content).map_err(|error| {
                let line =
                    super::line_of(&String::from_utf8_lossy(&content[..error.valid_up_to()]), usize::MAX);
                fail(line, "the text is not UTF-8")
            })?;
            let advisory = Advisory::parse(text).map_err(|mistake| fail(mistake.line, &mistake.message))?;
            let stem = name.strip_suffix(".md").unwrap_or(name);
            if stem != advisory.id && stem != DRAFT {
                return Err(fail(1, &format!("the file of {} has another name", advisory.id)));
            }
            if directory != advisory.package {
                return Err(fail(1, &format!("an advisory for {} is in this directory", advisory.package)));
            }
            if advisory.id == DRAFT {
                continue;
            }
            if let Some(other) = seen.insert(advisory.id.clone(), directory.to_owned()) {
                return Err(fail(1, &format!("{other}/{name} has the same number")));
            }
            database.count += 1;
            database.by_package.entry(advisory.package.clone()).or_default().push(advisory);
        }
        Ok(database)
    }

    /// The advisories for a crate, withdrawn ones too.
    pub fn of(&self, package: &str) -> &[Advisory] {
        self.by_package.get(package).map_or(&[], Vec::as_slice)
    }

    /// How many advisories there are.
    pub fn count(&self) -> usize {
        self.count
    }
}
