// SPDX-License-Identifier: MIT OR Apache-2.0
//! The user's own kernel source tree.

use super::target::Target;
use super::watch::Burst;
use qos_host::nix;
use qos_host::progress::Unit;
use qos_host::ui::{self, Result, Ui, interrupted};
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The absolute path of the tree `tree`; with `create` it may be missing.
///
/// # Errors
///
/// It is no kernel's source, or has been built in; each with what to do.
pub fn check(tree: &Path, create: bool) -> Result<PathBuf> {
    let shown = tree.display();
    if !tree.exists() {
        if !create {
            return Err(format!(
                "{shown} does not exist; --create creates it as a copy of the pinned source"
            )
            .into());
        }
        let parent = tree.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let parent = parent
            .canonicalize()
            .map_err(|error| format!("cannot make {shown}: {}: {error}", parent.display()))?;
        let name = tree.file_name().ok_or_else(|| format!("cannot make {shown}: it has no name"))?;
        return usable(parent.join(name));
    }
    let tree = tree.canonicalize().map_err(|error| format!("cannot read {shown}: {error}"))?;
    for file in ["Kbuild", "Makefile", "rust/Makefile"] {
        if !tree.join(file).is_file() {
            return Err(format!("{shown} is not a kernel's source tree with Rust: it has no {file}").into());
        }
    }
    // Kbuild refuses to build such a tree elsewhere, after a minute.
    if tree.join(".config").exists() || tree.join("include/config").exists() {
        return Err(format!(
            "{shown} contains build results, but the loop needs a clean source tree: run `make mrproper` there (it removes .config)"
        )
        .into());
    }
    usable(tree)
}

fn usable(tree: PathBuf) -> Result<PathBuf> {
    if tree.to_str().is_some_and(|text| !text.contains([':', '\n'])) {
        return Ok(tree);
    }
    Err(format!(
        "{}: cannot bind a path that contains ':' or a line break or is not UTF-8; move it",
        tree.display()
    )
    .into())
}

/// Copies the pinned source of the target's kernel in the work tree at `root` to `tree`, if there is nothing. It is complete, or not
/// there.
///
/// # Errors
///
/// Files cannot be read or written, or the user interrupts.
pub fn provide(ui: &Ui, root: &Path, target: &Target, tree: &Path) -> Result<()> {
    if tree.exists() {
        return Ok(());
    }
    let source = nix::build_in(root, ui, &target.kernel.attribute("linux-source"))?;
    let part = tree.with_extension("part");
    let cannot =
        |error: std::io::Error| format!("cannot copy the kernel's source to {}: {error}", tree.display());
    let done = {
        let task = ui.task("copy of the source", 0, Unit::Items);
        match fs::remove_dir_all(&part) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => copy(&source, &part, &|| task.advance(1)),
        }
    };
    if done.is_err() || interrupted() {
        let _ = fs::remove_dir_all(&part);
    }
    done.map_err(cannot)?;
    ui::check()?;
    fs::rename(&part, tree).map_err(cannot)?;
    Ok(())
}

/// Copies a directory, writable for its owner; ends early when the user interrupts.
fn copy(from: &Path, to: &Path, folder_done: &dyn Fn()) -> std::io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, new) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        if interrupted() {
            return Ok(());
        }
        if kind.is_dir() {
            copy(&path, &new, folder_done)?;
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(&path)?, &new)?;
        } else {
            fs::copy(&path, &new)?;
            let mode = fs::metadata(&new)?.permissions().mode();
            fs::set_permissions(&new, fs::Permissions::from_mode(mode | 0o200))?;
        }
    }
    folder_done();
    Ok(())
}

/// Makes files that were saved while a round was going on newer than all that it has built. make(1) compares times: what
/// was saved after it was read, but before its object was written, would count as built.
pub fn make_newer(tree: &Path, burst: &Burst) {
    if !burst.early {
        return;
    }
    for path in burst.paths.iter().filter(|path| path.starts_with(tree) && path.is_file()) {
        // If it cannot be done, the next save of the file does it.
        let _ = File::open(path).and_then(|file| file.set_modified(SystemTime::now()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use qos_host::testing::Folder;

    fn check_error(folder: &Folder, tree: &str, create: bool, expect: &str) {
        let error = check(&folder.path(tree), create).unwrap_err().to_string();
        assert!(error.contains(expect), "{error}");
        assert_eq!(error.lines().count(), 1);
    }

    #[test]
    fn trees() {
        let folder = Folder::temporary();
        check_error(&folder, "none", false, "--create creates it");
        check_error(&folder, "none/none", true, "cannot make");
        assert_eq!(check(&folder.path("new"), true).unwrap(), folder.path("new"));
        for file in ["Kbuild", "Makefile"] {
            folder.write(&format!("linux/{file}"), "");
        }
        check_error(&folder, "linux", false, "no rust/Makefile");
        folder.write("linux/rust/Makefile", "");
        assert_eq!(check(&folder.path("linux"), false).unwrap(), folder.path("linux"));
        folder.write("linux/.config", "");
        check_error(&folder, "linux", false, "make mrproper");
        check_error(&folder, "a:b", true, "cannot bind");
    }

    #[test]
    fn a_copy_is_writable() {
        let folder = Folder::temporary();
        folder.write("from/a/b", "x");
        let mode = |path: &str| fs::metadata(folder.path(path)).unwrap().permissions().mode() & 0o777;
        fs::set_permissions(folder.path("from/a/b"), fs::Permissions::from_mode(0o555)).unwrap();
        std::os::unix::fs::symlink("b", folder.path("from/a/c")).unwrap();
        copy(&folder.path("from"), &folder.path("to"), &|| {}).unwrap();
        assert_eq!((folder.read("to/a/c").as_str(), mode("to/a/b")), ("x", 0o755));
    }
}
