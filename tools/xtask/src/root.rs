// SPDX-License-Identifier: MIT OR Apache-2.0
//! The repository's own paths.

use std::path::{Path, PathBuf};

/// The root of the work tree that this program was built from.
pub fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here)
}

/// The folder of the toolchain's pins in the work tree at `root`.
pub fn toolchain(root: &Path) -> PathBuf {
    root.join("tools/toolchain")
}

/// The folder for what xtask makes in the work tree at `root`: logs, the stamp of the last setup, roots for Nix's
/// garbage collector.
pub fn scratch(root: &Path) -> PathBuf {
    root.join("target/qos")
}
