// SPDX-License-Identifier: MIT OR Apache-2.0
//! Paths in the repository: a work tree of qos, or a system's own repository, whose other files are those of a qos elsewhere.

use std::env;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The variable in which xtask passes the path of the work tree to a tool.
pub const VARIABLE: &str = "QOS_ROOT";

/// The variable with the path of qos in a system's own repository (`tools/nix/xtask.sh`).
const QOS: &str = "QOS_SOURCE";

/// A file that every work tree of qos has.
const MARKER: &str = "tools/nix/enter.sh";

/// The root of the work tree: the one that [`VARIABLE`] names, or the one that the current directory is in.
pub fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let here = env::current_dir().unwrap_or_default();
        // Outside of a repository every path is missing, and the message of the first one names it.
        named(VARIABLE).unwrap_or_else(|| around(&here).unwrap_or(&here).to_owned())
    })
}

/// The files of qos that belong to the work tree: [`root`] itself, unless that is a system's own repository.
pub fn qos() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| named(QOS).filter(|_| !is_marked(root())).unwrap_or_else(|| root().to_owned()))
}

/// Whether the work tree is a system's own repository.
pub fn is_system() -> bool {
    qos() != root()
}

/// Whether `tree`, a revision of the work tree, has the files of qos itself.
pub fn is_qos(tree: &Path) -> bool {
    !is_system() || is_marked(tree)
}

/// Reads a file by its path from the root of `tree`. In a system's repository, the files that it lacks are those of qos.
///
/// # Errors
///
/// Neither of them can be read.
pub fn read(tree: &Path, file: &Path) -> io::Result<String> {
    std::fs::read_to_string(find(tree, file))
}

/// The path of a file that [`read`] reads.
pub fn find(tree: &Path, file: &Path) -> PathBuf {
    if is_qos(tree) { tree.join(file) } else { own_or(qos(), tree, file) }
}

fn own_or(qos: &Path, system: &Path, file: &Path) -> PathBuf {
    let own = system.join(file);
    if own.exists() { own } else { qos.join(file) }
}

fn is_marked(tree: &Path) -> bool {
    tree.join(MARKER).exists()
}

fn named(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// The work tree that a directory is in.
fn around(here: &Path) -> Option<&Path> {
    here.ancestors().find(|directory| is_marked(directory))
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

    #[test]
    fn a_system_has_the_files_of_qos_that_it_lacks() {
        let folder = crate::testing::Folder::temporary();
        folder.write("rootfs/my.toml", "");
        let (system, qos) = (folder.path(""), Path::new("/qos"));
        let check = |file: &str, expect: PathBuf| assert_eq!(own_or(qos, &system, Path::new(file)), expect);
        check("rootfs/my.toml", folder.path("rootfs/my.toml"));
        check("rootfs/default.toml", qos.join("rootfs/default.toml"));
    }
}
