// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reads a manifest and the manifests that it inherits.

use crate::config::Config;
use crate::error::Error;
use crate::layer::{self, Layer};
use crate::merge;
use crate::place::Placed;
use std::path::{Component, Path, PathBuf};
use std::{fs, io};

/// Reads the manifest `file`, and those that it inherits, into one checked configuration.
///
/// Inherited manifests are named relative to the one that inherits them. They are merged in the order in which they
/// are listed, each with what it inherits itself, and the manifest is laid over them. A cycle is an error.
///
/// # Errors
///
/// An [`Error`] names the file and line of the mistake, and the allowed values.
pub fn load(file: &Path) -> Result<Config, Error> {
    load_with(file, &|path| fs::read_to_string(path))
}

/// [`load`], with `read` giving the text of each file.
///
/// # Errors
///
/// Like [`load`].
pub fn load_with(file: &Path, read: &dyn Fn(&Path) -> io::Result<String>) -> Result<Config, Error> {
    let base = file.parent().unwrap_or(Path::new("")).to_owned();
    let name = file.file_name().map(PathBuf::from).unwrap_or_default();
    let layer = Loader { base: &base, read }.layer(&name, &mut Vec::new(), None)?;
    merge::finish(layer, file, base)
}

struct Loader<'a> {
    base: &'a Path,
    read: &'a dyn Fn(&Path) -> io::Result<String>,
}

impl Loader<'_> {
    /// Reads the manifest `name`, relative to the base, with what it inherits. `chain` is the manifests that led
    /// here, `from` the line that named it.
    fn layer(
        &self,
        name: &Path,
        chain: &mut Vec<PathBuf>,
        from: Option<&Placed<String>>,
    ) -> Result<Layer, Error> {
        let file = self.base.join(name);
        if let (Some(at), Some(from)) = (chain.iter().position(|f| f == name), from) {
            let circle: Vec<String> = chain[at..]
                .iter()
                .map(PathBuf::as_path)
                .chain([name])
                .map(|f| f.display().to_string())
                .collect();
            let message = format!("manifests inherit in a circle: {}", circle.join(" -> "));
            return Err(Error::at(&from.place, message));
        }
        let text = (self.read)(&file).map_err(|e| match from {
            Some(from) => {
                Error::at(&from.place, format!("cannot read the inherited manifest {}: {e}", file.display()))
            }
            None => Error::new(format!("cannot read the manifest {}: {e}", file.display())),
        })?;
        let dir = name.parent().unwrap_or(Path::new(""));
        let mut own = layer::read(&file, dir, &text)?;
        chain.push(name.to_owned());
        let mut merged = Layer::default();
        for inherited in std::mem::take(&mut own.inherit) {
            let path = normal(&dir.join(&inherited.value));
            merged = merge::over(merged, self.layer(&path, chain, Some(&inherited))?)?;
        }
        chain.pop();
        merge::over(merged, own)
    }
}

/// Takes `.` and `x/..` out of a relative path, so that one file has one name.
fn normal(path: &Path) -> PathBuf {
    let mut parts: Vec<Component<'_>> = Vec::new();
    for part in path.components() {
        match (part, parts.last()) {
            (Component::CurDir, _) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.iter().collect()
}
