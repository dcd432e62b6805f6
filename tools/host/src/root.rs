// SPDX-License-Identifier: MIT OR Apache-2.0
//! Paths in the repository.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The variable in which xtask passes the path of the work tree to a tool.
pub const VARIABLE: &str = "QOS_ROOT";

/// A file that every work tree has.
const MARKER: &str = "tools/nix/enter.sh";

/// The root of the work tree: the one that [`VARIABLE`] names, or the one that the current directory is in.
pub fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let named = env::var_os(VARIABLE).filter(|root| !root.is_empty()).map(PathBuf::from);
        let here = env::current_dir().unwrap_or_default();
        // Outside of a repository every path is missing, and the message of the first one names it.
        named.unwrap_or_else(|| around(&here).unwrap_or(&here).to_owned())
    })
}

/// The work tree that a directory is in.
fn around(here: &Path) -> Option<&Path> {
    here.ancestors().find(|directory| directory.join(MARKER).exists())
}

/// The directory for what the tools make in the work tree at `root`: logs, the stamp of the last setup, roots for Nix's
/// garbage collector.
pub fn scratch(root: &Path) -> PathBuf {
    root.join("target/qos")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_work_tree_is_found_from_below() {
        let crate_root = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert_eq!(around(&crate_root.join("src")), crate_root.ancestors().nth(2));
        assert_eq!(around(Path::new("/")), None);
    }
}
