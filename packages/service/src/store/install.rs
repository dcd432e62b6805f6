// SPDX-License-Identifier: MIT OR Apache-2.0
//! `enable`, `disable`, `mask`: links that `[Install]` asks for.

use super::{DIRECTORIES, Store};
use qos_unit::{Install, Name};
use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A link that was made or removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The link, and what it leads to.
    Made(PathBuf, PathBuf),
    /// The link.
    Removed(PathBuf),
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Change::Made(link, target) => write!(f, "created {} -> {}", link.display(), target.display()),
            Change::Removed(link) => write!(f, "removed {}", link.display()),
        }
    }
}

/// Why links were not changed.
#[derive(Debug)]
pub struct InstallError(pub(super) String);

impl fmt::Display for InstallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Until when links are to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// For good: in /etc.
    Persistent,
    /// Until the next boot: in /run.
    Runtime,
}

impl Scope {
    /// The directory of links, below the root.
    pub(super) fn directory(self) -> &'static str {
        match self {
            Scope::Persistent => DIRECTORIES[0],
            Scope::Runtime => DIRECTORIES[1],
        }
    }
}

pub(super) fn failed(path: &Path, error: &io::Error) -> InstallError {
    InstallError(format!("{}: {}", path.display(), qos_sys::error_text(error)))
}

impl Store {
    /// Makes the links of `name`, and those of the units of its `Also=`.
    ///
    /// # Errors
    /// When there is no such unit, it has no `[Install]`, or a link cannot be made.
    pub fn enable(&self, name: &Name, scope: Scope) -> Result<Vec<Change>, InstallError> {
        let mut changes = Vec::new();
        for name in self.with_also(name)? {
            let (name, file) = self.instance_and_file(&name)?;
            for link in self.wanted_links(&name, scope.directory()) {
                let directory = link.parent().unwrap_or(&self.root);
                fs::create_dir_all(directory).map_err(|error| failed(directory, &error))?;
                match fs::read_link(&link) {
                    Ok(old) if old == file => continue,
                    Ok(_) => fs::remove_file(&link).map_err(|error| failed(&link, &error))?,
                    Err(_) => {}
                }
                std::os::unix::fs::symlink(&file, &link).map_err(|error| failed(&link, &error))?;
                changes.push(Change::Made(link, file.clone()));
            }
        }
        Ok(changes)
    }

    /// Removes the links of `name` and of the units of its `Also=`.
    ///
    /// # Errors
    /// As [`Store::enable`].
    pub fn disable(&self, name: &Name, scope: Scope) -> Result<Vec<Change>, InstallError> {
        let mut changes = Vec::new();
        for name in self.with_also(name)? {
            let (name, _) = self.instance_and_file(&name)?;
            for link in self.wanted_links(&name, scope.directory()) {
                match fs::remove_file(&link) {
                    Ok(()) => changes.push(Change::Removed(link)),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => return Err(failed(&link, &error)),
                }
            }
        }
        Ok(changes)
    }

    /// Makes it impossible to start the unit.
    ///
    /// # Errors
    /// When there is a file in the directory, or the link cannot be made.
    pub fn mask(&self, name: &Name, scope: Scope) -> Result<Vec<Change>, InstallError> {
        let link = self.root.join(scope.directory()).join(name.as_str());
        let target = PathBuf::from("/dev/null");
        match fs::read_link(&link) {
            Ok(old) if old == target => return Ok(Vec::new()),
            Ok(_) => fs::remove_file(&link).map_err(|error| failed(&link, &error))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(_) => {
                return Err(InstallError(format!(
                    "{} is a file of its own: remove it first",
                    link.display()
                )));
            }
        }
        let directory = self.root.join(scope.directory());
        fs::create_dir_all(&directory).map_err(|error| failed(&directory, &error))?;
        std::os::unix::fs::symlink(&target, &link).map_err(|error| failed(&link, &error))?;
        Ok(vec![Change::Made(link, target)])
    }

    /// Undoes [`Store::mask`].
    ///
    /// # Errors
    /// When the link cannot be removed.
    pub fn unmask(&self, name: &Name, scope: Scope) -> Result<Vec<Change>, InstallError> {
        let link = self.root.join(scope.directory()).join(name.as_str());
        match fs::read_link(&link) {
            Ok(target) if target == Path::new("/dev/null") => {
                fs::remove_file(&link).map_err(|error| failed(&link, &error))?;
                Ok(vec![Change::Removed(link)])
            }
            _ => Ok(Vec::new()),
        }
    }

    /// `name` and, once each, the units of `Also=`.
    fn with_also(&self, name: &Name) -> Result<Vec<Name>, InstallError> {
        let mut names = vec![name.clone()];
        let mut seen = BTreeSet::from([name.clone()]);
        let mut at = 0;
        while let Some(name) = names.get(at).cloned() {
            at += 1;
            let install = self.source(&name).unit.common.install;
            names.extend(
                install.also.into_iter().filter(|other| self.has_file(other) && seen.insert(other.clone())),
            );
        }
        if names.iter().all(|name| self.has_file(name) && self.wanted_links(name, DIRECTORIES[0]).is_empty())
        {
            return Err(InstallError(format!(
                "{name} has no [Install] section: another unit has to bring it"
            )));
        }
        Ok(names)
    }

    /// The file that links lead to, as a path of the running system; of a template with a default instance, that instance.
    pub(super) fn instance_and_file(&self, name: &Name) -> Result<(Name, PathBuf), InstallError> {
        let path = self.find(name).ok_or_else(|| InstallError(format!("{name} not found")))?;
        let below = path.strip_prefix(&self.root).unwrap_or(&path);
        Ok((name.clone(), Path::new("/").join(below)))
    }

    /// The links that `[Install]` asks for, in a directory of unit files.
    pub(super) fn wanted_links(&self, name: &Name, directory: &str) -> Vec<PathBuf> {
        let Install { wanted_by, required_by, alias, default_instance, .. } =
            self.source(name).unit.common.install;
        let etc = self.root.join(directory);
        let instance = match (name.is_template(), default_instance) {
            (true, Some(instance)) => name.instantiate(&instance).unwrap_or_else(|| name.clone()),
            _ => name.clone(),
        };
        let by = |names: Vec<Name>, kind: &str| -> Vec<PathBuf> {
            names.iter().map(|target| etc.join(format!("{target}.{kind}")).join(instance.as_str())).collect()
        };
        let aliases = alias.into_iter().map(|alias| etc.join(alias.as_str()));
        by(wanted_by, "wants").into_iter().chain(by(required_by, "requires")).chain(aliases).collect()
    }
}
