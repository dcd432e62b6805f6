// SPDX-License-Identifier: MIT OR Apache-2.0
//! Finds errors of an initramfs that would make the boot fail.

use crate::elf::{self, Elf};
use crate::module::modules_of;
use crate::rootfs::Rootfs;
use qos_tree::path::{show, split};
use qos_tree::{Content, Kind, Tree, Unresolved};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Something that is wrong with an image.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, where, and what to do.
    pub message: String,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The boot or a program fails.
    Error,
    /// It may be meant.
    Warning,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = if self.severity == Severity::Error { "error" } else { "warning" };
        write!(f, "{severity}: {}", self.message)
    }
}

/// How often a script's interpreter may be a script itself (BINPRM_BUF's loop in the kernel's `fs/exec.c`).
pub(crate) const MAX_INTERPRETERS: usize = 5;
/// How much of a script the kernel looks at (BINPRM_BUF_SIZE in linux/binfmts.h); its first line has to fit.
pub(crate) const LINE: usize = 256;
/// Directories in glibc's default search path, and Debian's multiarch ones.
const LIBRARY_DIRS: [&str; 6] =
    ["lib64", "usr/lib64", "lib", "usr/lib", "lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu"];
/// What is mounted over or filled at run time: links into it cannot be judged here.
const RUN_TIME_DIRS: [&str; 5] = ["proc", "sys", "dev", "run", "tmp"];

/// Looks for what would fail: findings, errors first, sorted.
///
/// `/init` has to be there, executable, and with everything that it needs: a program for x86_64 with its loader and
/// libraries inside, or a script whose interpreter is. The same is asked of every other ELF program, and of the libraries
/// that it needs. Symbolic links have to lead somewhere. A kernel module has to be built for the release that it lies under (and for
/// `kernel_release`, if it is known), and what it needs has to be inside.
pub fn check(tree: &Tree, kernel_release: Option<&str>) -> Vec<Finding> {
    check_from(tree, "/init", kernel_release)
}

/// As [`check`], for a boot that begins with the program `rdinit` (a path, `rdinit=` on the kernel's command line).
pub fn check_from(tree: &Tree, rdinit: &str, kernel_release: Option<&str>) -> Vec<Finding> {
    let mut findings = Findings::default();
    if let Err(why) = executable(tree, rdinit, MAX_INTERPRETERS) {
        findings.error(format!("the kernel cannot run {rdinit}: {why}"));
    }
    programs(tree, &mut findings);
    for (path, _) in tree.iter() {
        symlink(tree, path, &mut findings);
    }
    kernel_modules(tree, kernel_release, &mut findings);
    findings.0.into_iter().collect()
}

/// Tells of the entries that the kernel drops without a word. What is below `kernel/` is read from the archive itself, for
/// microcode and ACPI tables, so that its directories may be missing.
pub fn lost(rootfs: &Rootfs) -> Vec<Finding> {
    let lost = rootfs.lost.iter().filter(|(path, _)| !path.starts_with(b"kernel/"));
    let message = |path: &[u8], why: &str| format!("the kernel does not unpack /{}: {why}", show(path));
    lost.map(|(path, why)| Finding { severity: Severity::Warning, message: message(path, why) }).collect()
}

#[derive(Default)]
struct Findings(BTreeSet<Finding>);

impl Findings {
    fn error(&mut self, message: String) {
        self.0.insert(Finding { severity: Severity::Error, message });
    }

    fn warning(&mut self, message: String) {
        self.0.insert(Finding { severity: Severity::Warning, message });
    }
}

/// Whether the kernel could execute `path`, with its interpreters; else why not.
fn executable(tree: &Tree, path: &str, depth: usize) -> Result<(), String> {
    let at = tree.resolve(path).map_err(|why| match &why {
        // Without a link on the way, the path itself or one of its directories is missing.
        Unresolved::Missing(missing) if path.trim_start_matches('/').as_bytes().starts_with(missing) => {
            format!("{path} is not in the image")
        }
        Unresolved::Missing(missing) => {
            format!("{path} leads to /{}, which is not in the image", show(missing))
        }
        _ => why.to_string(),
    })?;
    let Some(node) = tree.inode(&at) else { return Err(format!("/{} is not in the image", show(&at))) };
    let same = at == path.trim_start_matches('/').as_bytes();
    let shown = if same { path.to_owned() } else { format!("{path} (/{})", show(&at)) };
    let Some(content) = tree.content(&at) else { return Err(format!("{shown} is no file")) };
    if node.mode & 0o111 == 0 {
        return Err(format!(
            "{shown} has mode {:04o} and is not executable; say a mode such as \"0755\"",
            node.mode
        ));
    }
    let cannot = |e| format!("{shown} cannot be read: {e}");
    let data = content.start(LINE).map_err(cannot)?;
    if elf::is_elf(&data) {
        let elf = elf::read(&content.read().map_err(cannot)?).map_err(|e| format!("{shown} is {e}"))?;
        return match elf.relocatable {
            true => Err(format!("{shown} is an object file, not a program")),
            false => Ok(()),
        };
    }
    let Some(line) = data.strip_prefix(b"#!") else {
        let what =
            if data.is_empty() { "is empty" } else { "is neither an ELF program nor a script with #!" };
        return Err(format!("{shown} {what}"));
    };
    let line = line.split(|b| *b == b'\n').next().unwrap_or_default();
    let text = String::from_utf8_lossy(line);
    let Some(interpreter) = text.split_whitespace().next() else {
        return Err(format!("{shown} is a script with nothing behind #!"));
    };
    if interpreter.ends_with('\r') || line.ends_with(b"\r") {
        return Err(format!("{shown} is a script whose first line ends in a carriage return"));
    }
    if depth == 0 {
        return Err(format!("{shown} is a script whose interpreters are scripts without end"));
    }
    executable(tree, interpreter, depth - 1)
        .map_err(|why| format!("{shown} is a script for {interpreter}: {why}"))
}

/// The ELF files of a tree that run in the guest, by path: programs, and shared libraries. What cannot be read is a
/// finding, unless it is data (firmware) for another machine.
fn elf_files(tree: &Tree, findings: &mut Findings) -> BTreeMap<Vec<u8>, Elf> {
    let mut files = BTreeMap::new();
    for (path, node) in tree.iter() {
        let Kind::File(content) = &node.kind else { continue };
        let shown = show(path);
        if node.mode & 0o111 == 0 && !shown.contains(".so") {
            continue;
        }
        match elf_file(content) {
            Ok(Some(elf)) if !elf.relocatable => drop(files.insert(path.to_vec(), elf)),
            Ok(_) => {}
            Err(why) => findings.warning(format!("/{shown} is {why}")),
        }
    }
    files
}

/// The ELF facts of a file, if it is an ELF file.
fn elf_file(content: &Content) -> Result<Option<Elf>, String> {
    let cannot = |e| format!("unreadable: {e}");
    if !elf::is_elf(&content.start(4).map_err(cannot)?) {
        return Ok(None);
    }
    elf::read(&content.read().map_err(cannot)?).map(Some)
}

/// Checks loaders and libraries. A program has to find all of its libraries, and those theirs; a library that no
/// program needs may be a plug-in that is never loaded, so a missing dependency of it is only a warning.
fn programs(tree: &Tree, findings: &mut Findings) {
    let files = elf_files(tree, findings);
    let mut next: Vec<&[u8]> = Vec::new();
    for (path, elf) in &files {
        let Some(loader) = &elf.interpreter else { continue };
        next.push(path);
        if let Err(why) = executable(tree, loader, 0) {
            findings.error(format!(
                "/{} cannot start: it asks for the loader {loader}: {why}; add it and its libraries, or link \
                 statically",
                show(path)
            ));
        }
    }
    let mut loaded: BTreeSet<&[u8]> = BTreeSet::new();
    while let Some(path) = next.pop() {
        let Some((path, elf)) = files.get_key_value(path).filter(|(path, _)| loaded.insert(path)) else {
            continue;
        };
        next.extend(libraries(tree, path, elf, Severity::Error, findings, &files));
    }
    for (path, elf) in files.iter().filter(|(path, _)| !loaded.contains(path.as_slice())) {
        libraries(tree, path, elf, Severity::Warning, findings, &files);
    }
}

/// The libraries that an ELF file needs and finds, by path. One that is missing is a finding of this `severity`.
fn libraries<'a>(
    tree: &Tree,
    path: &[u8],
    elf: &Elf,
    severity: Severity,
    findings: &mut Findings,
    files: &'a BTreeMap<Vec<u8>, Elf>,
) -> Vec<&'a [u8]> {
    let mut found = Vec::new();
    let shown = show(path);
    for library in &elf.needed {
        if let Some(at) = find_library(tree, path, elf, library) {
            found.extend(files.get_key_value(&at).map(|(path, _)| path.as_slice()));
            continue;
        }
        let finding = match tree
            .iter()
            .find(|(p, _)| split(p).is_some_and(|(_, name)| name == library.as_bytes()))
        {
            Some((at, _)) => Finding {
                severity: Severity::Warning,
                message: format!(
                    "/{shown} needs the library {library}, which is in the image as /{}, where the loader does not \
                     look unless it is told to",
                    show(at)
                ),
            },
            None => Finding {
                severity,
                message: format!(
                    "/{shown} needs the library {library}, which is not in the image; add it, or link statically"
                ),
            },
        };
        findings.0.insert(finding);
    }
    found
}

/// Where the loader finds a library that the file at `path` needs.
fn find_library(tree: &Tree, path: &[u8], elf: &Elf, library: &str) -> Option<Vec<u8>> {
    if library.contains('/') {
        return tree.resolve(library).ok();
    }
    let origin = split(path).map_or(Cow::Borrowed(""), |(dir, _)| show(dir));
    let told = elf
        .run_path
        .iter()
        .map(|dir| dir.replace("${ORIGIN}", "$ORIGIN").replace("$ORIGIN", &format!("/{origin}")));
    let usual = LIBRARY_DIRS.iter().map(|dir| (*dir).to_owned());
    told.chain(usual).find_map(|dir| tree.resolve(format!("{dir}/{library}")).ok())
}

fn symlink(tree: &Tree, path: &[u8], findings: &mut Findings) {
    let Some(Kind::Symlink(target)) = tree.get(path).map(|node| &node.kind) else { return };
    let Err(why) = tree.resolve(path) else { return };
    if let Unresolved::Missing(missing) = &why {
        let top = missing.split(|byte| *byte == b'/').next().unwrap_or_default();
        if RUN_TIME_DIRS.iter().any(|dir| dir.as_bytes() == top) {
            return;
        }
    }
    let (path, target) = (show(path), show(target));
    findings.warning(format!("symbolic link /{path} -> {target} leads nowhere: {why}"));
}

fn kernel_modules(tree: &Tree, kernel_release: Option<&str>, findings: &mut Findings) {
    for (release, modules) in modules_of(tree) {
        if let Some(kernel) = kernel_release.filter(|kernel| *kernel != release) {
            findings.error(format!(
                "/lib/modules/{release} is for another kernel than {kernel}, which will not look there"
            ));
        }
        let built_in = names_of_built_in(tree, &release);
        let names: BTreeSet<&str> =
            modules.values().filter_map(|info| info.as_ref().ok()).map(|info| info.name.as_str()).collect();
        for (path, info) in &modules {
            let info = match info {
                Ok(info) => info,
                Err(why) => {
                    findings.error(format!("/lib/modules/{release}/{path} {why}"));
                    continue;
                }
            };
            if info.release != release {
                findings.error(format!(
                    "kernel module {} is built for {}, but lies under /lib/modules/{release}",
                    info.name, info.release
                ));
            }
            for needed in
                info.depends.iter().filter(|d| !names.contains(d.as_str()) && !built_in.contains(*d))
            {
                findings.error(format!(
                    "kernel module {} needs the module {needed}, which is not in the image; add it to [modules]",
                    info.name
                ));
            }
        }
    }
}

/// The kernel's built-in modules, if the image lists them (`modules.builtin`).
fn names_of_built_in(tree: &Tree, release: &str) -> BTreeSet<String> {
    let paths = ["lib", "usr/lib"].map(|lib| format!("{lib}/modules/{release}/modules.builtin"));
    let found = paths.iter().find_map(|path| tree.resolve(path).ok());
    let text = found.and_then(|path| tree.content(&path)?.read().ok()).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    text.lines().filter_map(|line| crate::module::module_name(line.rsplit('/').next()?)).collect()
}
