// SPDX-License-Identifier: MIT OR Apache-2.0
//! `link`, `revert` and `set-default`: links and files that no `[Install]` asks for.

use super::install::failed;
use super::{Change, DIRECTORIES, InstallError, Scope, Store};
use crate::world::Load;
use qos_unit::{Kind, Name};
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::Path;

impl Store {
    /// Makes a unit of a file that is in none of the directories of unit files. `file` is a path of the running system.
    ///
    /// # Errors
    /// When the file is not there or has no name of a unit, another file has that name, or the link cannot be made.
    pub fn link(&self, file: &Path, scope: Scope) -> Result<(Name, Vec<Change>), InstallError> {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or("");
        let name = Name::new(name).map_err(InstallError)?;
        let Ok(below) = file.strip_prefix("/") else {
            return Err(InstallError(format!("{}: not an absolute path", file.display())));
        };
        let real = self.root.join(below);
        fs::metadata(&real).map_err(|error| failed(&real, &error))?;
        if self.directories().iter().any(|directory| real.parent() == Some(directory)) {
            return Ok((name, Vec::new()));
        }
        let link = self.root.join(scope.directory()).join(name.as_str());
        match fs::read_link(&link) {
            Ok(old) if old == file => return Ok((name, Vec::new())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            _ => return Err(InstallError(format!("{} is there already: remove it first", link.display()))),
        }
        make(&link, file)?;
        Ok((name, vec![Change::Made(link, file.to_owned())]))
    }

    /// Removes what was added to a unit of the system: drop-ins, masks, and files in place of its own.
    ///
    /// # Errors
    /// When a file cannot be removed.
    pub fn revert(&self, name: &Name) -> Result<Vec<Change>, InstallError> {
        let is_of_system =
            DIRECTORIES[2..].iter().any(|directory| self.root.join(directory).join(name.as_str()).exists());
        let mut changes = Vec::new();
        for scope in [Scope::Persistent, Scope::Runtime] {
            let directory = self.root.join(scope.directory());
            let file = directory.join(name.as_str());
            let is_mask = fs::read_link(&file).is_ok_and(|target| target == Path::new("/dev/null"));
            let drop_ins = directory.join(format!("{name}.d"));
            if is_mask || is_of_system && fs::symlink_metadata(&file).is_ok() {
                fs::remove_file(&file).map_err(|error| failed(&file, &error))?;
                changes.push(Change::Removed(file));
            }
            if drop_ins.is_dir() {
                fs::remove_dir_all(&drop_ins).map_err(|error| failed(&drop_ins, &error))?;
                changes.push(Change::Removed(drop_ins));
            }
        }
        Ok(changes)
    }

    /// The unit that default.target is another name of.
    ///
    /// # Errors
    /// When there is no default.target that can be read.
    pub fn default_target(&self) -> Result<Name, InstallError> {
        let name = Name::new("default.target").map_err(InstallError)?;
        let source = self.source(&name);
        match source.load {
            Load::Loaded => Ok(source.unit.name),
            Load::NotFound => Err(InstallError(format!("{name} not found"))),
            Load::Masked => Err(InstallError(format!("{name} is masked"))),
            Load::Bad(reason) => Err(InstallError(format!("{name}: {reason}"))),
        }
    }

    /// Makes default.target another name of a target.
    ///
    /// # Errors
    /// When there is no such target, or the link cannot be made.
    pub fn set_default_target(&self, name: &Name) -> Result<Vec<Change>, InstallError> {
        if name.kind() != Kind::Target || name.as_str() == "default.target" {
            return Err(InstallError(format!("{name} is no target that default.target could lead to")));
        }
        let file = match self.source(name).load {
            Load::NotFound => return Err(InstallError(format!("{name} not found"))),
            _ if self.has_file(name) => self.instance_and_file(name)?.1,
            // A target that is built in has its name from the link.
            _ => Path::new("/").join(DIRECTORIES[3]).join(name.as_str()),
        };
        let link = self.root.join(Scope::Persistent.directory()).join("default.target");
        let mut changes = Vec::new();
        match fs::read_link(&link) {
            Ok(old) if old == file => return Ok(changes),
            Ok(_) => {
                fs::remove_file(&link).map_err(|error| failed(&link, &error))?;
                changes.push(Change::Removed(link.clone()));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(_) => {
                let reason = format!("{} is a file of its own: remove it first", link.display());
                return Err(InstallError(reason));
            }
        }
        make(&link, &file)?;
        changes.push(Change::Made(link, file));
        Ok(changes)
    }
}

fn make(link: &Path, target: &Path) -> Result<(), InstallError> {
    let directory = link.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(directory).map_err(|error| failed(directory, &error))?;
    symlink(target, link).map_err(|error| failed(link, &error))
}
