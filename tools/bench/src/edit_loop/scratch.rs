// SPDX-License-Identifier: MIT OR Apache-2.0
//! The directories in which the bench edits and builds: target/qos/bench, with a clone of the repository and a copy of the kernel's
//! source. The user's work tree is only read. The directories are kept, so that the next run builds little.

use qos_dev::{Target, kernel};
use qos_host::root;
use qos_host::ui::{Result, Ui};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What both kernels have beside the image's configuration.
const OPTIONS: &str = include_str!("virtme-ng.config");

/// The manifest that the loop boots: the image's, with the module that is edited.
const MANIFEST: &str = "inherit = [\"default.toml\"]\n[modules]\ntemplate = {}\n";

/// Where an edited file is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tree {
    /// In qos.
    Repository,
    /// In the kernel's source.
    Kernel,
}

/// The directories.
pub struct Scratch {
    /// The repository's last commit.
    pub clone: PathBuf,
    /// The kernel's source.
    pub tree: PathBuf,
    /// The pinned source of the kernel, which is never written.
    source: PathBuf,
    /// The commit, shortened.
    pub commit: String,
}

impl Scratch {
    /// Makes what is to be in `folder`, or brings what an earlier run has made to what the last commit of `repository` has. The
    /// source is that of the target's kernel. With `cold` nothing that was built is left.
    ///
    /// # Errors
    ///
    /// git fails, files cannot be written, or the user interrupts.
    pub fn new(ui: &Ui, repository: &Path, folder: PathBuf, target: &Target, cold: bool) -> Result<Scratch> {
        let clone = folder.join("clone");
        make(&folder)?;
        clone_of(repository, &clone)?;
        let commit = git(&clone, &["rev-parse", "--short", "HEAD"])?;
        if cold {
            remove(&clone.join("target"))?;
        }
        let source = qos_host::nix::build_in(&clone, ui, &target.kernel.attribute("linux-source"))?;
        let tree = kernel::check(&folder.join("linux"), true)?;
        // The copy is of this source, or it is made again.
        let stamp = folder.join("linux.source");
        let name = source.display().to_string();
        if fs::read_to_string(&stamp).is_ok_and(|old| old != name) || !stamp.exists() {
            remove(&tree)?;
        }
        kernel::provide(ui, &clone, target, &tree)?;
        write(&stamp, &name)?;
        let scratch = Scratch { clone, tree, source, commit };
        write(&scratch.manifest(), MANIFEST)?;
        let config = scratch.clone.join("kernel/resolved.config");
        let text = read(&config)?;
        write(&config, &format!("{text}{OPTIONS}"))?;
        Ok(scratch)
    }

    /// The manifest that the loop boots.
    pub fn manifest(&self) -> PathBuf {
        self.clone.join("rootfs/bench.toml")
    }

    /// The directory in which the loop builds the kernel.
    pub fn kernel(&self) -> PathBuf {
        root::scratch(&self.clone).join("dev/kernel")
    }

    /// Where a tree is.
    pub fn path(&self, tree: Tree) -> &Path {
        match tree {
            Tree::Repository => &self.clone,
            Tree::Kernel => &self.tree,
        }
    }

    /// A file's text as it is without an edit.
    ///
    /// # Errors
    ///
    /// There is no such file.
    pub fn original(&self, tree: Tree, file: &str) -> Result<String> {
        match tree {
            Tree::Repository => git_raw(&self.clone, &["show", &format!("HEAD:{file}")]),
            Tree::Kernel => read(&self.source.join(file)),
        }
    }

    /// Fails if the kernel that the loop has built lacks an option that virtme-ng needs: Kconfig silently drops an option
    /// that is not reachable.
    ///
    /// # Errors
    ///
    /// That, with the options; or there is no configuration.
    pub fn check_options(&self) -> Result<()> {
        let config = self.kernel().join(".config");
        let missing = missing(OPTIONS, &read(&config)?);
        if missing.is_empty() {
            return Ok(());
        }
        Err(format!(
            "{} has no {}; correct tools/bench/src/edit_loop/virtme-ng.config",
            config.display(),
            missing.join(", ")
        )
        .into())
    }
}

/// The lines of `options` that are not in `config`.
fn missing<'a>(options: &'a str, config: &str) -> Vec<&'a str> {
    let asked = options.lines().filter(|line| line.starts_with("CONFIG_"));
    asked.filter(|line| !config.lines().any(|has| has == *line)).collect()
}

/// A clone of the last commit of `repository`; one that is there is brought to it. Files that stay the same are not written, so
/// that what was built of them stays good.
fn clone_of(repository: &Path, clone: &Path) -> Result<()> {
    if !clone.join(".git").is_dir() {
        let part = clone.with_extension("part");
        remove(&part)?;
        remove(clone)?;
        let words = ["clone", "--quiet", "--no-checkout"].map(AsRef::as_ref);
        git(repository, &[&words[..], &[repository.as_os_str(), part.as_os_str()]].concat())?;
        fs::rename(&part, clone).map_err(|error| format!("cannot make {}: {error}", clone.display()))?;
    }
    git(clone, &["fetch".as_ref(), "--quiet".as_ref(), repository.as_os_str(), "HEAD".as_ref()])?;
    git(clone, &["checkout", "--quiet", "--force", "--detach", "FETCH_HEAD"])?;
    git(clone, &["clean", "--quiet", "--force", "-d"])?;
    Ok(())
}

fn git<W: AsRef<std::ffi::OsStr>>(folder: &Path, words: &[W]) -> Result<String> {
    Ok(git_raw(folder, words)?.trim().to_owned())
}

fn git_raw<W: AsRef<std::ffi::OsStr>>(folder: &Path, words: &[W]) -> Result<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(words)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cannot run git: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let word = words.first().map(|word| word.as_ref().to_string_lossy().into_owned()).unwrap_or_default();
    Err(failure(folder, &word, &String::from_utf8_lossy(&output.stderr)).into())
}

/// The message for a failed git command with this output.
fn failure(folder: &Path, word: &str, said: &str) -> String {
    let reason = said.lines().find(|line| !line.is_empty()).unwrap_or("no reason given");
    format!("git {word} in {}: {reason}", folder.display())
}

/// Makes a directory, with those that it is in.
///
/// # Errors
///
/// It cannot be made.
pub fn make(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(|error| format!("cannot make {}: {error}", folder.display()).into())
}

/// Removes a directory with all that is in it, if there is one.
///
/// # Errors
///
/// It cannot be removed.
pub fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("cannot remove {}: {error}", folder.display()).into())
        }
        _ => Ok(()),
    }
}

/// Writes a file, if its contents differ.
///
/// # Errors
///
/// It cannot be written.
pub fn write(path: &Path, text: &str) -> Result<()> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    fs::write(path, text).map_err(|error| format!("cannot write {}: {error}", path.display()).into())
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use qos_host::testing::Folder;

    #[test]
    fn options_that_were_dropped() {
        let asked = "# CONFIG_C=y is a comment\nCONFIG_A=y\nCONFIG_B=m\n";
        let check = |config: &str, expect: &[&str]| assert_eq!(missing(asked, config), expect, "{config}");
        check("CONFIG_A=y\nCONFIG_B=m\n", &[]);
        check("CONFIG_A=y\n# CONFIG_B is not set\n", &["CONFIG_B=m"]);
        check("CONFIG_AB=y\nCONFIG_B=y\n", &["CONFIG_A=y", "CONFIG_B=m"]);
        assert_eq!(missing(OPTIONS, "").len(), 5);
    }

    #[test]
    fn what_is_the_same_is_not_written() {
        let folder = Folder::temporary();
        folder.write("file", "one");
        let path = folder.path("file");
        let time = || fs::metadata(&path).unwrap().modified().unwrap();
        let old = std::time::SystemTime::UNIX_EPOCH;
        fs::File::options().write(true).open(&path).unwrap().set_modified(old).unwrap();
        write(&path, "one").unwrap();
        assert_eq!(time(), old);
        write(&path, "two").unwrap();
        assert!(time() > old && folder.read("file") == "two");
        write(&folder.path("none/file"), "x").unwrap_err();
        remove(&folder.path("none")).unwrap();
    }

    #[test]
    fn reasons_are_one_line() {
        for (said, expect) in [
            (
                "fatal: repository '/x' does not exist\nmore\n",
                "git clone in /c: fatal: repository '/x' does not exist",
            ),
            ("\nerror: x\n", "git clone in /c: error: x"),
            ("", "git clone in /c: no reason given"),
        ] {
            assert_eq!(failure(Path::new("/c"), "clone", said), expect);
        }
    }
}
