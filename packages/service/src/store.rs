// SPDX-License-Identifier: MIT OR Apache-2.0
//! Unit files on disk: where they are looked for, drop-ins, links (systemd.unit(5), "Unit File Load Path").

mod fstab;
mod install;
mod links;
mod state;

pub use install::{Change, InstallError, Scope};
pub use state::Enabled;

use crate::builtin;
use crate::world::{Load, Source};
use qos_unit::specifier::Facts;
use qos_unit::syntax::{self, Assignment, Place, Warning};
use qos_unit::{Kind, Name, Unit};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Directories of unit files below the root, the one that counts most first.
pub const DIRECTORIES: [&str; 5] = [
    "etc/systemd/system",
    "run/systemd/system",
    "usr/local/lib/systemd/system",
    "usr/lib/systemd/system",
    "lib/systemd/system",
];

/// The unit files below a root directory.
pub struct Store {
    /// The root.
    pub root: PathBuf,
    /// Values of specifiers.
    pub facts: Facts,
    /// Units made of fstab(5): text, and the target that wants or requires them.
    generated: BTreeMap<Name, fstab::Generated>,
    /// What is wrong in fstab(5).
    wrong: Vec<Warning>,
}

impl Store {
    /// The unit files below `root`, with the mounts of its fstab.
    #[must_use]
    pub fn new(root: &Path, facts: Facts) -> Self {
        let mut store = Store { root: root.to_owned(), facts, generated: BTreeMap::new(), wrong: Vec::new() };
        store.refresh();
        store
    }

    /// Reads fstab anew.
    pub fn refresh(&mut self) {
        let table =
            qos_sys::regular::read(&self.root.join("etc/fstab"), syntax::MAX_SIZE).unwrap_or_default();
        (self.generated, self.wrong) = fstab::units(&table);
    }

    /// Whether there is a file of that name, or of its template.
    #[must_use]
    pub fn has_file(&self, name: &Name) -> bool {
        self.find(name).is_some()
    }

    /// The file of `name`; an instance without one of its own has its template's.
    #[must_use]
    pub fn find(&self, name: &Name) -> Option<PathBuf> {
        self.find_exactly(name).or_else(|| self.find_exactly(&name.template()?))
    }

    /// The text of a unit that has no file: of one that is built in, or made of fstab(5).
    #[must_use]
    pub fn text_without_file(&self, name: &Name) -> Option<String> {
        self.generated.get(name).map(|unit| unit.text.clone()).or_else(|| builtin::file(name.as_str()))
    }

    fn find_exactly(&self, name: &Name) -> Option<PathBuf> {
        let paths = self.directories().map(|directory| directory.join(name.as_str()));
        paths.into_iter().find(|path| fs::symlink_metadata(path).is_ok_and(|found| !found.is_dir()))
    }

    fn directories(&self) -> [PathBuf; 5] {
        DIRECTORIES.map(|directory| self.root.join(directory))
    }

    /// Names of all units with a file, templates among them.
    #[must_use]
    pub fn names(&self) -> Vec<Name> {
        let mut names: Vec<Name> = self.generated.keys().cloned().collect();
        for directory in self.directories() {
            let entries = fs::read_dir(directory).into_iter().flatten().flatten();
            names.extend(entries.filter_map(|entry| Name::new(entry.file_name().to_str()?).ok()));
        }
        names.sort();
        names.dedup();
        names
    }

    /// Follows a link below the root to its end; `None`: it leads to /dev/null.
    fn follow(&self, path: &Path) -> io::Result<Option<PathBuf>> {
        let mut path = path.to_owned();
        for _ in 0..40 {
            let target = match fs::read_link(&path) {
                Ok(target) => target,
                Err(error) if error.kind() == io::ErrorKind::InvalidInput => return Ok(Some(path)),
                Err(error) => return Err(error),
            };
            if target == Path::new("/dev/null") {
                return Ok(None);
            }
            path = match target.strip_prefix("/") {
                Ok(below) => self.root.join(below),
                Err(_) => path.parent().unwrap_or(Path::new("/")).join(target),
            };
        }
        Err(io::Error::other("too many levels of symbolic links"))
    }

    /// Reads the unit `name`.
    #[must_use]
    pub fn source(&self, name: &Name) -> Source {
        let mut source = Source {
            unit: Unit::new(name, &[], &self.facts).0,
            load: Load::NotFound,
            files: Vec::new(),
            warnings: Vec::new(),
            wants: Vec::new(),
            requires: Vec::new(),
        };
        let mut real = name.clone();
        let mut assignments = Vec::new();
        if let Some(path) = self.find(name) {
            match self.follow(&path) {
                Ok(None) => {
                    source.load = Load::Masked;
                    source.files.push(path);
                    return source;
                }
                Ok(Some(file)) => {
                    real = alias(name, &path, &file);
                    self.read(&file, &mut source, &mut assignments);
                    if source.load == Load::Loaded && fs::metadata(&file).is_ok_and(|found| found.len() == 0)
                    {
                        source.load = Load::Masked;
                        return source;
                    }
                }
                Err(error) => {
                    if let Some(target) = self.built_in(&path) {
                        return self.source(&target);
                    }
                    source.load = Load::Bad(format!("{}: {}", path.display(), qos_sys::error_text(&error)))
                }
            }
        } else if let Some(text) = self.text_without_file(name) {
            let (found, warnings) = syntax::parse(name.as_str(), text.as_bytes());
            assignments = found;
            source.warnings = warnings;
            source.load = Load::Loaded;
        }
        for path in self.drop_ins(&real) {
            let loaded = source.load.clone();
            self.read(&path, &mut source, &mut assignments);
            source.load = loaded;
        }
        let (unit, warnings) = Unit::new(&real, &assignments, &self.facts_of(&source, &assignments));
        source.warnings.extend(warnings);
        if let (Load::Loaded, Err(reason)) = (&source.load, unit.check().map(|()| "")) {
            source.load = Load::Bad(reason);
        }
        source.unit = unit;
        source.wants = self.links(&real, "wants");
        source.requires = self.links(&real, "requires");
        for (mount, unit) in &self.generated {
            for (_, wanted) in unit.by.iter().filter(|(by, _)| *by == real) {
                match wanted {
                    fstab::Wanted::Wants => source.wants.push(mount.clone()),
                    fstab::Wanted::Requires => source.requires.push(mount.clone()),
                }
            }
        }
        match self.generated.get(&real) {
            Some(unit) if source.files.is_empty() => source.warnings.extend(unit.warnings.iter().cloned()),
            _ if real.as_str() == "local-fs.target" => source.warnings.extend(self.wrong.iter().cloned()),
            _ => {}
        }
        source
    }

    /// Values of specifiers, with those of the unit's file where they are used.
    fn facts_of(&self, source: &Source, assignments: &[Assignment]) -> Cow<'_, Facts> {
        let is_used = assignments.iter().any(|one| one.value.contains("%y") || one.value.contains("%Y"));
        let Some(file) = source.files.first().filter(|_| is_used) else { return Cow::Borrowed(&self.facts) };
        let mut facts = self.facts.clone();
        let shown = |path: &Path| match path.strip_prefix(&self.root) {
            Ok(below) => Path::new("/").join(below).to_string_lossy().into_owned(),
            Err(_) => path.to_string_lossy().into_owned(),
        };
        facts.extend([('y', shown(file)), ('Y', file.parent().map(shown).unwrap_or_default())]);
        Cow::Owned(facts)
    }

    fn read(&self, path: &Path, source: &mut Source, assignments: &mut Vec<Assignment>) {
        let shown = path.strip_prefix(&self.root).map_or(path.to_owned(), |below| Path::new("/").join(below));
        let shown = shown.to_string_lossy().into_owned();
        match qos_sys::regular::read(path, syntax::MAX_SIZE) {
            Ok(content) => {
                let (found, warnings) = syntax::parse(&shown, &content);
                assignments.extend(found);
                source.warnings.extend(warnings);
                source.load = Load::Loaded;
                source.files.push(path.to_owned());
            }
            Err(error) => {
                let text = qos_sys::error_text(&error);
                source.warnings.push(Warning {
                    place: Place { file: shown.as_str().into(), line: 1 },
                    text: text.clone(),
                });
                source.load = Load::Bad(format!("{shown}: {text}"));
            }
        }
    }

    /// Drop-ins of a unit, in the order in which they are read: by the names of their files, whatever their directories.
    #[must_use]
    pub fn drop_ins(&self, name: &Name) -> Vec<PathBuf> {
        let mut files: BTreeMap<std::ffi::OsString, PathBuf> = BTreeMap::new();
        // What is put in first stays: the more exact name before the other, and then the order of the directories.
        for stem in drop_in_names(name) {
            for directory in self.directories() {
                let entries =
                    fs::read_dir(directory.join(format!("{stem}.d"))).into_iter().flatten().flatten();
                for path in entries
                    .map(|entry| entry.path())
                    .filter(|path| path.extension() == Some(OsStr::new("conf")))
                {
                    if let Some(file) = path.file_name() {
                        files.entry(file.to_owned()).or_insert(path);
                    }
                }
            }
        }
        let is_on =
            |path: &PathBuf| fs::read_link(path).map_or(true, |target| target != Path::new("/dev/null"));
        files.into_values().filter(is_on).collect()
    }

    /// Units of the directories `NAME.wants` or `NAME.requires`.
    fn links(&self, name: &Name, kind: &str) -> Vec<Name> {
        let mut links = Vec::new();
        for stem in [Some(name.clone()), name.template()].into_iter().flatten() {
            for directory in self.directories() {
                let entries =
                    fs::read_dir(directory.join(format!("{stem}.{kind}"))).into_iter().flatten().flatten();
                links.extend(entries.filter_map(|entry| Name::new(entry.file_name().to_str()?).ok()));
            }
        }
        links.sort();
        links.dedup();
        links
    }
}

/// The name of a unit whose file is `file`, found as `path`: a link with another name makes an alias.
fn alias(name: &Name, path: &Path, file: &Path) -> Name {
    let target = file.file_name().and_then(OsStr::to_str).and_then(|text| Name::new(text).ok());
    match target {
        Some(target) if path != file && target.kind() == name.kind() && target != *name => {
            if target.is_template() {
                target.instantiate(name.instance().unwrap_or("")).unwrap_or(name.clone())
            } else {
                target
            }
        }
        _ => name.clone(),
    }
}

/// Names whose `.d` directories hold drop-ins of the unit: `a-b@c.service`, `a-b@.service`, `a-.service`, `service`.
fn drop_in_names(name: &Name) -> Vec<String> {
    let suffix = name.kind().suffix();
    let mut names = vec![name.as_str().to_owned()];
    names.extend(name.template().map(|template| template.as_str().to_owned()));
    let mut prefix = name.prefix();
    while let Some((front, _)) = prefix.rsplit_once('-').filter(|(front, _)| !front.is_empty()) {
        names.push(format!("{front}-.{suffix}"));
        prefix = front;
    }
    names.push(suffix.to_owned());
    names
}

/// Whether units of that kind can be started by someone.
#[must_use]
pub fn is_startable(kind: Kind) -> bool {
    !matches!(kind, Kind::Device | Kind::Scope | Kind::Swap | Kind::Automount)
}

#[cfg(test)]
mod tests;
