// SPDX-License-Identifier: MIT OR Apache-2.0
//! Makes the tree of an image from a manifest, built programs and modules.

use crate::drivers;
use crate::modules;
use crate::source::{content, find_modules};
use qos_inspect::Error;
use qos_manifest::{Config, Entry, NodeKind, Placed, Program, did_you_mean};
use qos_tree::path::{join, show, split};
use qos_tree::{Kind, Node, Tree};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// The directories from which an image is made, beside its manifest.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Built programs: what `source` and `applets` of the manifest's programs are relative to.
    pub programs: Option<PathBuf>,
    /// The directory of each tree of the toolchain, by the name that the manifest's `trees` has.
    pub trees: BTreeMap<String, PathBuf>,
    /// Kernel modules, `*.ko` at any depth.
    pub modules: Option<PathBuf>,
    /// The kernel's own `lib/modules/RELEASE`, which lists the built-in modules.
    pub kernel_modules: Option<PathBuf>,
    /// The `lib/modules` of the kernel that will boot the image: what `[drivers]` is taken from.
    pub drivers: Option<PathBuf>,
    /// The release of the kernel that will boot the image, which modules have to be built for.
    pub kernel_release: Option<String>,
}

/// Makes the tree: trees of the toolchain, then overlays, then programs and modules, then the manifest's own entries, each over the one before.
///
/// Of the host's files only the content and, in trees and overlays, whether they are executable (the one bit of a mode that
/// git keeps) is taken: a directory is 0755, a file 0755 or 0644, root's, unless the manifest says otherwise. So is the root
/// itself: without an entry of its own it would keep the mode of a fresh tmpfs, 1777.
///
/// # Errors
///
/// The missing or incompatible file, with the line of the manifest that requests it.
pub fn assemble(config: &Config, sources: &Sources) -> Result<Tree, Error> {
    let mut tree = Tree::default();
    tree.insert("", Node::new(0o755, Kind::Dir));
    for name in &config.trees {
        let folder = sources.trees.get(&name.value).ok_or_else(|| {
            let name = &name.value;
            Error::new(format!("the tree {name} needs its directory (--tree {name}=DIRECTORY)"))
        });
        folder.and_then(|folder| add_folder(&mut tree, folder)).map_err(|e| e.of(&name.place))?;
    }
    for overlay in &config.overlays {
        add_folder(&mut tree, &config.host_path(&overlay.value)).map_err(|e| e.of(&overlay.place))?;
    }
    for (path, program) in &config.programs {
        add_program(&mut tree, config, path, &program.value, sources).map_err(|e| e.of(&program.place))?;
    }
    add_modules(&mut tree, config, sources)?;
    for (path, entry) in &config.entries {
        add_entry(&mut tree, config, path, entry).map_err(|e| e.of(&entry.place))?;
    }
    parents_are_directories(&tree)?;
    Ok(tree)
}

/// Parses `NAME=DIRECTORY`, which tells where a tree of the toolchain is.
///
/// # Errors
/// There is no `=`, or nothing before or behind it.
pub fn tree_argument(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, folder)) if !name.is_empty() && !folder.is_empty() => {
            Ok((name.to_owned(), folder.into()))
        }
        _ => Err("expected NAME=DIRECTORY, such as debian=/nix/store/…-qos-debian-root".to_owned()),
    }
}

/// The tree of a directory of literal files, as early segments and overlays have it.
///
/// # Errors
///
/// A path that cannot be read, or that is neither file nor directory nor symbolic link.
pub fn add_folder(tree: &mut Tree, folder: &Path) -> Result<(), Error> {
    add_below(tree, folder, b"")
}

fn add_below(tree: &mut Tree, folder: &Path, below: &[u8]) -> Result<(), Error> {
    let cannot = |e| Error::io("read the directory", folder, &e);
    for entry in fs::read_dir(folder).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        let name = join(below, path.file_name().unwrap_or_default().as_bytes());
        let meta = fs::symlink_metadata(&path).map_err(|e| Error::io("read", &path, &e))?;
        if meta.is_dir() {
            if !tree.is_dir(&name) {
                tree.insert(&name, Node::new(0o755, Kind::Dir));
            }
            add_below(tree, &path, &name)?;
        } else if meta.is_symlink() {
            let target = fs::read_link(&path).map_err(|e| Error::io("read the link", &path, &e))?;
            tree.insert(&name, Node::new(0o777, Kind::Symlink(target.into_os_string().into_vec())));
        } else if meta.is_file() {
            let mode = if is_executable(&meta) { 0o755 } else { 0o644 };
            tree.insert(&name, Node::new(mode, Kind::File(content(&path, &show(&name))?)));
        } else {
            let message =
                format!("{} is a device, pipe or socket: say it in [nodes] instead", path.display());
            return Err(Error::new(message));
        }
    }
    Ok(())
}

fn is_executable(meta: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    meta.permissions().mode() & 0o100 != 0
}

fn add_program(
    tree: &mut Tree,
    config: &Config,
    path: &str,
    program: &Program,
    sources: &Sources,
) -> Result<(), Error> {
    let Some(folder) = &sources.programs else {
        return Err(Error::new(format!("{path} needs the directory of built programs (--programs)")));
    };
    let data = content(&folder.join(&program.source), path)?;
    let owner = &program.owner;
    tree.insert(inside(path), Node::new(owner.mode, Kind::File(data)).of(owner.uid, owner.gid));
    let (Some(list), Some(dir)) = (&program.applets, &program.links_in) else { return Ok(()) };
    let list = folder.join(list);
    let text = fs::read_to_string(&list).map_err(|e| Error::io("read the list of applets", &list, &e))?;
    let applets: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if let Some(bad) = applets.iter().find(|a| a.contains(['/', '\0']) || matches!(**a, "." | "..")) {
        return Err(Error::new(format!("{}: \"{bad}\" is no name for a program", list.display())));
    }
    if let Some(unknown) = program.exclude.iter().find(|e| !applets.contains(&e.as_str())) {
        let hint = did_you_mean(unknown, applets.iter().copied());
        return Err(Error::new(format!(
            "excludes `{unknown}`, which {} does not list{hint}",
            list.display()
        )));
    }
    let (own_dir, own_name) = path.rsplit_once('/').unwrap_or(("", path));
    let target = if own_dir == dir { own_name } else { path };
    for applet in applets.iter().filter(|a| !program.exclude.iter().any(|e| e == *a)) {
        let link = format!("{dir}/{applet}");
        if !config.programs.contains_key(&link) {
            tree.insert(inside(&link), Node::new(0o777, Kind::Symlink(target.into())));
        }
    }
    Ok(())
}

/// A path of the manifest as the tree has it: without the leading `/`.
fn inside(path: &str) -> &str {
    path.trim_start_matches('/')
}

/// The files in which kmod finds the built-in modules and their aliases (modules.builtin(5)).
const BUILTIN: [&str; 2] = ["modules.builtin", "modules.builtin.modinfo"];

fn add_modules(tree: &mut Tree, config: &Config, sources: &Sources) -> Result<(), Error> {
    let mut index = modules::Modules::new();
    let mut releases: BTreeMap<String, String> = BTreeMap::new();
    add_own_modules(tree, config, sources, &mut index, &mut releases)?;
    if let Some(drivers) = &config.drivers {
        let Some(folder) = &sources.drivers else {
            let message = "[drivers] needs the kernel's lib/modules (--drivers)";
            return Err(Error::new(message).of(&drivers.place));
        };
        let release = drivers::add(tree, &mut index, &drivers.value, folder)?;
        releases.insert(release, "the kernel's own".to_owned());
    }
    if releases.is_empty() {
        return Ok(());
    }
    let release = one_release(&releases, sources.kernel_release.as_deref())?;
    let text = |text: String| Node::new(0o644, Kind::File(text.into()));
    modules::insert(tree, &format!("{release}/modules.dep"), text(modules::modules_dep(&index)?))?;
    modules::insert(tree, &format!("{release}/modules.alias"), text(modules::modules_alias(&index)))?;
    let softdep = modules::modules_softdep(&index);
    if !softdep.is_empty() {
        modules::insert(tree, &format!("{release}/modules.softdep"), text(softdep))?;
    }
    if let Some(folder) = &sources.kernel_modules {
        for name in BUILTIN {
            let data = content(&folder.join(name), name)?;
            modules::insert(tree, &format!("{release}/{name}"), Node::new(0o644, Kind::File(data)))?;
        }
    }
    load_at_boot(tree, config, &index)
}

/// The modules of `[modules]`, by path and by release.
fn add_own_modules(
    tree: &mut Tree,
    config: &Config,
    sources: &Sources,
    index: &mut modules::Modules,
    releases: &mut BTreeMap<String, String>,
) -> Result<(), Error> {
    let Some((_, first)) = config.modules.iter().next() else { return Ok(()) };
    let Some(folder) = &sources.modules else {
        return Err(
            Error::new("the modules need the directory they are built in (--modules)").of(&first.place)
        );
    };
    let mut found: BTreeMap<String, PathBuf> = BTreeMap::new();
    find_modules(folder, &mut found)?;
    for (name, module) in &config.modules {
        let Some(path) = found.get(name) else {
            let hint = did_you_mean(name, found.keys().map(String::as_str));
            let message = format!("module `{name}` is not in {}{hint}", folder.display());
            return Err(Error::new(message).of(&module.place));
        };
        let data = content(path, name)?;
        let bytes = data.read().map_err(|e| Error::io("read", path, &e))?;
        let file_name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let info = modules::modinfo(&file_name, &bytes)
            .map_err(|e| Error::new(format!("{}: {e}", path.display())).of(&module.place))?;
        releases.insert(info.release.clone(), name.clone());
        let below = format!("extra/{file_name}");
        drop(bytes);
        modules::insert(tree, &format!("{}/{below}", info.release), Node::new(0o644, Kind::File(data)))?;
        index.insert(below, info);
    }
    Ok(())
}

/// Lists in `/etc/modules` what init loads.
fn load_at_boot(tree: &mut Tree, config: &Config, index: &modules::Modules) -> Result<(), Error> {
    let load: Vec<(&String, &Placed<_>)> = config.modules.iter().filter(|(_, m)| m.value.load).collect();
    let Some((_, first)) = load.first() else { return Ok(()) };
    if tree.get("etc/modules").is_some() || config.entries.contains_key("/etc/modules") {
        let message =
            "`load = true` writes /etc/modules, which an overlay or [files] has as well: take it out there";
        return Err(Error::new(message).of(&first.place));
    }
    let names: Vec<String> = load.iter().map(|(name, _)| (*name).clone()).collect();
    let text = modules::load_order(index, &names)?.join("\n") + "\n";
    tree.insert("etc/modules", Node::new(0o644, Kind::File(text.into())));
    Ok(())
}

/// The release that all modules are built for. `releases` has, for each release, a module built for it.
fn one_release(releases: &BTreeMap<String, String>, kernel: Option<&str>) -> Result<String, Error> {
    let mut all = releases.iter();
    let (Some((release, name)), other) = (all.next(), all.next()) else {
        return Err(Error::new("no module has a release"));
    };
    if let Some((other, other_name)) = other {
        let message = format!(
            "module `{name}` is built for {release}, `{other_name}` for {other}: build them for one kernel"
        );
        return Err(Error::new(message));
    }
    match kernel {
        Some(kernel) if kernel != release => Err(Error::new(format!(
            "module `{name}` is built for {release}, but the kernel is {kernel}: build the modules against this kernel"
        ))),
        _ => Ok(release.clone()),
    }
}

fn add_entry(tree: &mut Tree, config: &Config, path: &str, entry: &Placed<Entry>) -> Result<(), Error> {
    let Entry { kind, owner } = &entry.value;
    let name = inside(path);
    let kind = match kind {
        qos_manifest::Kind::Dir => Kind::Dir,
        qos_manifest::Kind::Symlink(target) => Kind::Symlink(target.clone().into()),
        qos_manifest::Kind::Hardlink(target) => Kind::Hardlink(inside(target).into()),
        qos_manifest::Kind::Node { kind, major, minor } => match kind {
            NodeKind::Char => Kind::Char { major: *major, minor: *minor },
            NodeKind::Block => Kind::Block { major: *major, minor: *minor },
            NodeKind::Fifo => Kind::Fifo,
        },
        qos_manifest::Kind::Text(text) => Kind::File(text.clone().into()),
        qos_manifest::Kind::Source(source) => Kind::File(content(&config.host_path(source), name)?),
        qos_manifest::Kind::Overlay { mode } => {
            let files = tree.iter().filter(|(_, node)| matches!(node.kind, Kind::File(_)));
            let hint = did_you_mean(name, files.filter_map(|(path, _)| std::str::from_utf8(path).ok()));
            return match tree.get_mut(name) {
                Some(node @ Node { kind: Kind::File(_), .. }) => {
                    (node.mode, node.uid, node.gid) = (mode.unwrap_or(node.mode), owner.uid, owner.gid);
                    Ok(())
                }
                _ => Err(Error::new(format!(
                    "no overlay has the file {path}, and neither `source` nor `text` is said{hint}"
                ))),
            };
        }
    };
    tree.insert(name, Node::new(owner.mode, kind).of(owner.uid, owner.gid));
    Ok(())
}

fn parents_are_directories(tree: &Tree) -> Result<(), Error> {
    for (path, _) in tree.iter() {
        let Some((parent, _)) = split(path).filter(|(parent, _)| !parent.is_empty()) else { continue };
        let (path, shown) = (show(path), show(parent));
        match tree.get(parent).map(|node| &node.kind) {
            Some(Kind::Dir) => {}
            Some(Kind::Symlink(target)) => {
                return Err(Error::new(format!(
                    "/{path} is below /{shown}, which is a symbolic link: put it under {}",
                    show(target)
                )));
            }
            _ => return Err(Error::new(format!("/{path} is below /{shown}, which is no directory"))),
        }
    }
    Ok(())
}
