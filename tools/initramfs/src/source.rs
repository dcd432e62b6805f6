// SPDX-License-Identifier: MIT OR Apache-2.0
//! Files of the host that become files of an image.

use crate::modules;
use qos_inspect::{Error, newc};
use qos_tree::Content;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The content of a host file that becomes `name` in the image. It stays on the host.
pub(crate) fn content(path: &Path, name: &str) -> Result<Content, Error> {
    let meta = fs::metadata(path).map_err(|e| Error::io("read", path, &e))?;
    if !meta.is_file() {
        return Err(Error::new(format!("{} is not a file", path.display())));
    }
    if u32::try_from(meta.len()).is_err() {
        return Err(newc::too_large(name, meta.len()).of(path.display()));
    }
    Content::of_file(path).map_err(|e| Error::io("read", path, &e))
}

pub(crate) fn find_modules(folder: &Path, found: &mut BTreeMap<String, PathBuf>) -> Result<(), Error> {
    let cannot = |e| Error::io("read the directory", folder, &e);
    for entry in fs::read_dir(folder).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        // A kernel's directory of modules has links `build` and `source` into the kernel's tree.
        let meta = fs::symlink_metadata(&path).map_err(|e| Error::io("read", &path, &e))?;
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        if meta.is_dir() {
            find_modules(&path, found)?;
        } else if let Some(module) = modules::module_name(name) {
            if let Some(other) = found.insert(module.clone(), path.clone()) {
                let (a, b) = if other < path { (&other, &path) } else { (&path, &other) };
                let message =
                    format!("module `{module}` is there twice: {} and {}", a.display(), b.display());
                return Err(Error::new(message));
            }
        }
    }
    Ok(())
}
