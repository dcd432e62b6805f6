// SPDX-License-Identifier: MIT OR Apache-2.0
//! Results of Nix builds for the tests: each is a directory, named by a variable that `cargo xtask test` sets.

use std::path::{Path, PathBuf};

/// The directory that a variable names.
///
/// # Panics
/// When it is not set: a test that cannot run fails.
#[must_use]
#[track_caller]
pub fn folder_of(variable: &str) -> PathBuf {
    let value = std::env::var_os(variable).filter(|value| !value.is_empty());
    value.map(PathBuf::from).unwrap_or_else(|| panic!("{variable} is not set: run `cargo xtask test`"))
}

/// The content of a file in the directory that a variable names.
///
/// # Panics
/// When it cannot be read.
#[must_use]
#[track_caller]
pub fn bytes_of(variable: &str, file: &str) -> Vec<u8> {
    let path = folder_of(variable).join(file);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The text of a file in the directory that a variable names.
///
/// # Panics
/// When it cannot be read.
#[must_use]
#[track_caller]
pub fn text_of(variable: &str, file: &str) -> String {
    let path = folder_of(variable).join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files below a directory, at any depth, whose paths have this ending; sorted.
///
/// # Panics
/// When a directory cannot be read.
#[must_use]
#[track_caller]
pub fn files_below(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut found = Vec::new();
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            found.extend(files_below(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}
