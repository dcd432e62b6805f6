// SPDX-License-Identifier: MIT OR Apache-2.0
//! One manifest file: parses its text and checks every value, before the merge.

use crate::budget::Budgets;
use crate::config::*;
use crate::error::Error;
use crate::limits::Of;
use crate::place::Placed;
use crate::raw::*;
use crate::reader::{Reader, parse};
use crate::value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// The contents of one manifest file.
#[derive(Default)]
pub(crate) struct Layer {
    pub inherit: Vec<Placed<String>>,
    pub trees: Vec<Placed<String>>,
    pub overlays: Vec<Placed<PathBuf>>,
    pub remove: Vec<Placed<String>>,
    pub name: Option<String>,
    pub cmdline: Option<String>,
    pub mtime: Option<u32>,
    pub compression: Option<Compression>,
    pub programs: BTreeMap<String, Placed<Program>>,
    pub entries: BTreeMap<String, Placed<Entry>>,
    pub modules: BTreeMap<String, Placed<Module>>,
    pub drivers: Option<Placed<Drivers>>,
    pub early: BTreeMap<String, Placed<Early>>,
    pub budgets: Budgets,
}

/// Reads the text of `file`. `dir` is the file's directory relative to the requested manifest: host paths
/// are joined to it.
pub(crate) fn read(file: &Path, dir: &Path, text: &str) -> Result<Layer, Error> {
    let raw: RawConfig = parse(file, text)?;
    Reader { file, dir, text }.layer(raw)
}

impl Reader<'_> {
    fn owner(
        &self,
        mode: Option<&Spanned<String>>,
        default: u32,
        uid: Option<u32>,
        gid: Option<u32>,
    ) -> Result<Owner, Error> {
        let mode = match mode {
            Some(text) => self.checked(text, value::mode(text.get_ref()))?,
            None => default,
        };
        Ok(Owner { mode, uid: uid.unwrap_or(0), gid: gid.unwrap_or(0) })
    }

    /// A path next to the manifest.
    fn host_path(&self, path: &Spanned<String>) -> Result<PathBuf, Error> {
        self.checked(path, value::host_path(path.get_ref()))?;
        Ok(self.dir.join(path.get_ref()))
    }

    fn layer(&self, raw: RawConfig) -> Result<Layer, Error> {
        let mut layer = Layer {
            name: raw.image.name.map(|name| self.name(name)).transpose()?,
            cmdline: raw.image.cmdline.map(|cmdline| self.cmdline(cmdline)).transpose()?,
            mtime: raw.image.mtime,
            compression: raw.compression.map(|c| self.compression(c)).transpose()?,
            ..Layer::default()
        };
        for path in raw.inherit {
            self.checked(&path, value::host_path(path.get_ref()))?;
            layer.inherit.push(Placed { place: self.place(&path), value: path.into_inner() });
        }
        for tree in raw.trees {
            self.checked(&tree, value::tree(tree.get_ref()))?;
            layer.trees.push(Placed { place: self.place(&tree), value: tree.into_inner() });
        }
        for path in raw.overlays {
            layer.overlays.push(Placed { place: self.place(&path), value: self.host_path(&path)? });
        }
        for path in raw.remove {
            self.checked(&path, value::image_path(path.get_ref()))?;
            layer.remove.push(Placed { place: self.place(&path), value: path.into_inner() });
        }
        for (path, program) in raw.programs {
            self.checked(&path, value::image_path(path.get_ref()))?;
            let program = Placed { place: self.place(&path), value: self.program(program)? };
            layer.programs.insert(path.into_inner(), program);
        }
        for (name, module) in raw.modules {
            self.checked(&name, value::applet(name.get_ref()))?;
            let placed = Placed { place: self.place(&name), value: Module { load: module.load } };
            // The kernel calls the module of `qos-exit.ko` `qos_exit`.
            layer.modules.insert(name.into_inner().replace('-', "_"), placed);
        }
        if let Some(drivers) = raw.drivers {
            layer.drivers = Some(self.drivers(drivers)?);
        }
        for (name, early) in raw.early {
            let early = Early { source: self.host_path(&early.source)? };
            layer.early.insert(name.get_ref().clone(), Placed { place: self.place(&name), value: early });
        }
        layer.budgets = self.budgets(Of::Image, raw.max_sizes, raw.max_cost)?;
        for (path, dir) in raw.dirs {
            let owner = self.owner(dir.mode.as_ref(), 0o755, dir.uid, dir.gid)?;
            self.entry(&mut layer, path, Entry { kind: Kind::Dir, owner })?;
        }
        let root = |mode| Owner { mode, uid: 0, gid: 0 };
        for (path, target) in raw.symlinks {
            self.checked(&target, value::link_target(target.get_ref()))?;
            let kind = Kind::Symlink(target.into_inner());
            self.entry(&mut layer, path, Entry { kind, owner: root(0o777) })?;
        }
        for (path, target) in raw.hardlinks {
            self.checked(&target, value::image_path(target.get_ref()))?;
            let kind = Kind::Hardlink(target.into_inner());
            self.entry(&mut layer, path, Entry { kind, owner: root(0) })?;
        }
        for (path, node) in raw.nodes {
            let entry = self.node(node)?;
            self.entry(&mut layer, path, entry)?;
        }
        for (path, file) in raw.files {
            let entry = self.plain_file(&path, file)?;
            self.entry(&mut layer, path, entry)?;
        }
        Ok(layer)
    }

    fn drivers(&self, raw: Spanned<RawDrivers>) -> Result<Placed<Drivers>, Error> {
        let place = self.place(&raw);
        let RawDrivers { all, names: raw } = raw.into_inner();
        let mut names = BTreeMap::new();
        for name in raw {
            self.checked(&name, value::applet(name.get_ref()))?;
            names.insert(name.get_ref().replace('-', "_"), self.place(&name));
        }
        Ok(Placed { place, value: Drivers { all, names } })
    }

    fn entry(&self, layer: &mut Layer, path: Spanned<String>, entry: Entry) -> Result<(), Error> {
        // The root is a directory whose owner and mode can be given.
        if !(path.get_ref() == "/" && entry.kind == Kind::Dir) {
            self.checked(&path, value::image_path(path.get_ref()))?;
        }
        let place = self.place(&path);
        let path = path.into_inner();
        let earlier =
            layer.entries.get(&path).map(|e| &e.place).or(layer.programs.get(&path).map(|p| &p.place));
        if let Some(earlier) = earlier {
            return Err(Error::at(&place, format!("\"{path}\" is said twice; first at {earlier}")));
        }
        layer.entries.insert(path, Placed { value: entry, place });
        Ok(())
    }

    fn name(&self, name: Spanned<String>) -> Result<String, Error> {
        let good = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        match name.get_ref().is_empty() || !name.get_ref().chars().all(good) {
            true => {
                Err(Error::at(&self.place(&name), "an image's name is made of letters, digits, - _ and ."))
            }
            false => Ok(name.into_inner()),
        }
    }

    fn cmdline(&self, cmdline: Spanned<String>) -> Result<String, Error> {
        // x86's COMMAND_LINE_SIZE is 2048 with the final NUL (arch/x86/include/asm/setup.h).
        match cmdline.get_ref().len() > 2047 || cmdline.get_ref().chars().any(char::is_control) {
            true => Err(Error::at(
                &self.place(&cmdline),
                "a kernel command line is one line of at most 2047 bytes without control characters",
            )),
            false => Ok(cmdline.into_inner()),
        }
    }

    fn compression(&self, raw: RawCompression) -> Result<Compression, Error> {
        let level = raw.level.as_ref().map(|level| *level.get_ref());
        let result = Compression::new(raw.method.get_ref(), level);
        match &raw.level {
            Some(level) if Compression::METHODS.contains(&raw.method.get_ref().as_str()) => {
                self.checked(level, result)
            }
            _ => self.checked(&raw.method, result),
        }
    }

    fn program(&self, raw: RawProgram) -> Result<Program, Error> {
        self.checked(&raw.source, value::host_path(raw.source.get_ref()))?;
        if let Some(dir) = &raw.links_in {
            self.checked(dir, value::image_path(dir.get_ref()))?;
        }
        match (&raw.applets, &raw.links_in, raw.exclude.first()) {
            (Some(applets), None, _) => {
                return Err(Error::at(
                    &self.place(applets),
                    "`applets` needs `links-in`, the directory of their links",
                ));
            }
            (None, Some(links_in), _) => {
                return Err(Error::at(
                    &self.place(links_in),
                    "`links-in` needs `applets`, the file that lists them",
                ));
            }
            (None, _, Some(exclude)) => {
                return Err(Error::at(
                    &self.place(exclude),
                    "`exclude` needs `applets`, the file that lists them",
                ));
            }
            _ => {}
        }
        let mut exclude = Vec::new();
        for name in raw.exclude {
            self.checked(&name, value::applet(name.get_ref()))?;
            exclude.push(name.into_inner());
        }
        exclude.sort();
        exclude.dedup();
        Ok(Program {
            source: PathBuf::from(raw.source.into_inner()),
            owner: self.owner(raw.mode.as_ref(), 0o755, raw.uid, raw.gid)?,
            applets: raw.applets.map(|path| PathBuf::from(path.into_inner())),
            links_in: raw.links_in.map(Spanned::into_inner),
            exclude,
        })
    }

    fn node(&self, raw: RawNode) -> Result<Entry, Error> {
        let kind = self.named(&raw.kind, "node type", &NodeKind::ALL, "")?;
        // Linux packs a device number into 12 bits of major and 20 of minor (MINORBITS in linux/kdev_t.h).
        let number = |n: &Spanned<i64>, what: &str, bits: u32| {
            let max = (1_i64 << bits) - 1;
            let fits = u32::try_from(*n.get_ref()).ok().filter(|v| i64::from(*v) <= max);
            self.checked(n, fits.ok_or_else(|| format!("{what} number {} is not in 0 to {max}", n.get_ref())))
        };
        let kind = Kind::Node {
            kind,
            major: number(&raw.major, "major", 12)?,
            minor: number(&raw.minor, "minor", 20)?,
        };
        Ok(Entry { kind, owner: self.owner(raw.mode.as_ref(), 0o600, raw.uid, raw.gid)? })
    }

    fn plain_file(&self, path: &Spanned<String>, raw: RawFile) -> Result<Entry, Error> {
        let mut owner = self.owner(raw.mode.as_ref(), 0o644, raw.uid, raw.gid)?;
        let kind = match (raw.source, raw.text) {
            (Some(_), Some(_)) => {
                return Err(Error::at(&self.place(path), "a file has `source` or `text`, not both"));
            }
            (Some(source), None) => Kind::Source(self.host_path(&source)?),
            (None, Some(text)) => Kind::Text(text),
            (None, None) => {
                let mode = raw.mode.is_some().then_some(owner.mode);
                owner.mode = 0;
                Kind::Overlay { mode }
            }
        };
        Ok(Entry { kind, owner })
    }
}
