// SPDX-License-Identifier: MIT OR Apache-2.0
//! Moves of home directories, also to another file system. A move can be undone until it is finished.

use crate::{Failure, tree};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// A home directory that is at its new place, and may be at its old place too.
#[derive(Debug)]
#[must_use]
pub struct Move {
    from: PathBuf,
    to: PathBuf,
    /// The old one is still there: the new one is a copy.
    copied: bool,
    /// Directories above the new one that were made for it, the outermost first.
    parents: Vec<PathBuf>,
}

/// Moves `from` to `to`. Nothing is changed when it fails, with status 12.
pub fn start(from: &Path, to: &Path) -> Result<Move, Failure> {
    start_by(from, to, |from, to| fs::rename(from, to))
}

/// [`start`], with the function that renames.
fn start_by(
    from: &Path,
    to: &Path,
    rename: impl FnOnce(&Path, &Path) -> io::Result<()>,
) -> Result<Move, Failure> {
    let fail = |path: &Path, error: &io::Error| Failure::at(path, error).with_status(12);
    if fs::symlink_metadata(to).is_ok() {
        return Err(Failure::new(format!("directory {} exists", to.display())).with_status(12));
    }
    let (from, to, parents) = (from.to_owned(), to.to_owned(), missing_parents(to));
    let mut new = Move { from, to, copied: false, parents };
    if let Some(base) = new.to.parent()
        && let Err(error) = fs::create_dir_all(base)
    {
        new.remove_parents();
        return Err(fail(base, &error));
    }
    match rename(&new.from, &new.to) {
        Ok(()) => Ok(new),
        Err(error) if error.kind() == ErrorKind::CrossesDevices => {
            new.copied = true;
            match tree::copy(&new.from, &new.to) {
                Ok(()) => Ok(new),
                Err((path, error)) => {
                    if path == new.to && error.kind() == ErrorKind::AlreadyExists {
                        // Somebody else made it meanwhile.
                        new.remove_parents();
                    } else {
                        // The old one is whole, and the error that is told is the first one.
                        let _ = new.undo();
                    }
                    Err(fail(&path, &error))
                }
            }
        }
        Err(error) => {
            new.remove_parents();
            Err(fail(&new.to, &error))
        }
    }
}

impl Move {
    /// Removes what is left at the old place.
    pub fn finish(self) -> Result<(), Failure> {
        if !self.copied {
            return Ok(());
        }
        let fail = |error: io::Error| {
            let text = qos_sys::error_text(&error);
            let (from, to) = (self.from.display(), self.to.display());
            Failure::new(format!("{from} was copied to {to}, and cannot be removed: {text}")).with_status(12)
        };
        fs::remove_dir_all(&self.from).map_err(fail)
    }

    /// Makes everything as it was.
    ///
    /// # Errors
    /// As in rename(2), where the directory was not copied, else as in unlink(2).
    pub fn undo(self) -> io::Result<()> {
        let done = match self.copied {
            true => fs::remove_dir_all(&self.to),
            false => fs::rename(&self.to, &self.from),
        };
        self.remove_parents();
        done
    }

    fn remove_parents(&self) {
        // One in which there is something by now stays.
        self.parents.iter().rev().for_each(|parent| drop(fs::remove_dir(parent)));
    }
}

/// The directories above `path` that do not exist, the outermost first.
fn missing_parents(path: &Path) -> Vec<PathBuf> {
    let above = path.ancestors().skip(1).take_while(|parent| !parent.exists());
    let mut parents: Vec<_> = above.map(Path::to_owned).collect();
    parents.reverse();
    parents
}

#[cfg(test)]
mod tests {
    use super::*;

    fn other_file_system(_: &Path, _: &Path) -> io::Result<()> {
        Err(ErrorKind::CrossesDevices.into())
    }

    fn root() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("home/u/.config")).unwrap();
        fs::write(root.path().join("home/u/.config/x"), "text").unwrap();
        root
    }

    fn all(root: &Path) -> Vec<String> {
        let (mut found, mut directories) = (Vec::new(), vec![root.to_owned()]);
        while let Some(directory) = directories.pop() {
            for entry in fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                found.push(path.strip_prefix(root).unwrap().display().to_string());
                if path.is_dir() {
                    directories.push(path);
                }
            }
        }
        found.sort();
        found
    }

    const BEFORE: [&str; 4] = ["home", "home/u", "home/u/.config", "home/u/.config/x"];
    const AFTER: [&str; 6] =
        ["home", "new", "new/base", "new/base/v", "new/base/v/.config", "new/base/v/.config/x"];

    #[test]
    fn finished_or_undone() {
        for (is_other, finishes) in [(false, true), (false, false), (true, true), (true, false)] {
            let root = root();
            let (from, to) = (root.path().join("home/u"), root.path().join("new/base/v"));
            let new =
                if is_other { start_by(&from, &to, other_file_system) } else { start(&from, &to) }.unwrap();
            assert_eq!((new.copied, from.exists()), (is_other, is_other));
            assert_eq!(fs::read_to_string(to.join(".config/x")).unwrap(), "text");
            if finishes {
                new.finish().unwrap();
                assert_eq!(all(root.path()), AFTER);
            } else {
                new.undo().unwrap();
                assert_eq!(all(root.path()), BEFORE);
            }
        }
    }

    #[test]
    fn a_failure_changes_nothing() {
        let root = root();
        let home = root.path().join("home/u");
        for (to, message) in [
            // It exists, also as a link that leads nowhere.
            ("home", format!("directory {} exists", root.path().join("home").display())),
            ("home/u/in/itself", format!("{}: Invalid argument", home.join("in/itself").display())),
            ("home/u/.config/x/v", format!("{}: File exists", home.join(".config/x").display())),
        ] {
            let failure = start(&home, &root.path().join(to)).unwrap_err();
            assert_eq!((failure.status(), failure.message()), (12, Some(&*message)), "{to}");
            assert_eq!(all(root.path()), BEFORE, "{to}");
        }
        // Somebody else makes the new one meanwhile, and keeps it.
        let to = root.path().join("new");
        let rename = |from: &Path, to: &Path| {
            fs::create_dir(to)?;
            other_file_system(from, to)
        };
        assert_eq!(start_by(&home, &to, rename).unwrap_err().status(), 12);
        assert_eq!(all(&to), [""; 0]);
        fs::remove_dir(&to).unwrap();
        // A copy that fails in the middle: its paths are too long.
        let name = "x".repeat(240);
        fs::create_dir_all(home.join([&*name; 16].join("/"))).unwrap();
        let before = all(root.path());
        let to = root.path().join([&*name; 2].join("/"));
        let failure = start_by(&home, &to, other_file_system).unwrap_err();
        assert!(
            failure.message().is_some_and(|message| message.ends_with("File name too long")),
            "{failure:?}"
        );
        assert_eq!((failure.status(), all(root.path())), (12, before));
    }
}
