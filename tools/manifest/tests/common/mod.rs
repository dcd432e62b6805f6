// SPDX-License-Identifier: MIT OR Apache-2.0
//! Manifests in memory.

use qos_manifest::{Config, Error, load_with};
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

/// Loads the first of `files` (name and text), which can inherit the others. All are in the directory `r`.
pub fn load(files: &[(&str, &str)]) -> Result<Config, Error> {
    let texts: HashMap<PathBuf, &str> =
        files.iter().map(|(name, text)| (Path::new("r").join(name), *text)).collect();
    load_with(&Path::new("r").join(files[0].0), &|path| match texts.get(path) {
        Some(text) => Ok((*text).to_owned()),
        None => Err(io::ErrorKind::NotFound.into()),
    })
}
