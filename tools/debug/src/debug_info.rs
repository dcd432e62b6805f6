// SPDX-License-Identifier: MIT OR Apache-2.0
//! The debug information of the kernel and the modules of this work tree (the flake's `debug-info`): the paths of its parts.

use qos_host::ui::{Result, Ui};
use qos_host::{nix, root};
use std::fs;
use std::path::{Path, PathBuf};

/// Where the kernel was compiled; debug information names files from here (kernel/build.sh, tools/nix/enter.sh).
const BUILT_IN: &str = "/build/build";
/// Where the compiler found the standard library's source.
const RUST_LIBRARY: &str = "/usr/lib/rustlib/src/rust";
/// The directory of own modules, from the repository's root.
const MODULES: &str = "kernel/modules";
/// The configuration of the kernel that has debug information, from the repository's root.
const CONFIG: &str = "kernel/variants/symbols.resolved.config";

/// The debug information.
pub struct DebugInfo {
    folder: PathBuf,
    /// The program that enters the sysroot, where LLVM's tools are.
    pub shell: PathBuf,
}

impl DebugInfo {
    /// Builds it, which takes as long as a kernel the first time.
    ///
    /// # Errors
    ///
    /// The build failed; the message is the failing builder's.
    pub fn build(ui: &Ui) -> Result<DebugInfo> {
        let shell = nix::build(ui, "shell")?.join("bin/qos-shell");
        Ok(DebugInfo::at(&nix::build(ui, "debug-info")?, &shell))
    }

    /// What was built before, at `folder`.
    pub fn at(folder: &Path, shell: &Path) -> DebugInfo {
        DebugInfo { folder: folder.to_owned(), shell: shell.to_owned() }
    }

    /// The kernel to boot, whose addresses these are.
    pub fn bzimage(&self) -> PathBuf {
        self.folder.join("bzImage")
    }

    /// The same as ELF, with DWARF.
    pub fn vmlinux(&self) -> PathBuf {
        self.folder.join("vmlinux")
    }

    /// Directories as debug information names them, and where they are.
    pub fn source_folders(&self) -> [(&'static str, PathBuf); 2] {
        [(BUILT_IN, self.folder.join("source")), (RUST_LIBRARY, self.folder.join("rust"))]
    }

    /// The kernel's scripts for gdb; they load the others from beside them.
    pub fn gdb_scripts(&self) -> PathBuf {
        self.folder.join("gdb/vmlinux-gdb.py")
    }

    /// The modules, own ones and the kernel's, as they were linked.
    pub fn modules(&self) -> PathBuf {
        self.folder.join("modules")
    }

    /// The text of System.map.
    ///
    /// # Errors
    ///
    /// It cannot be read.
    pub fn system_map(&self) -> Result<String> {
        let path = self.folder.join("System.map");
        fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()).into())
    }

    /// A module whose sections have addresses; none if there is no such module. The kernel's names have no `-`.
    pub fn linked_module(&self, name: &str) -> Option<PathBuf> {
        let entries = fs::read_dir(self.folder.join("linked")).ok()?;
        entries.flatten().map(|entry| entry.path()).find(|path| {
            path.file_stem().is_some_and(|stem| stem.to_string_lossy().replace('-', "_") == name)
        })
    }
}

/// The release of the kernel that this work tree builds, as uname(1) gives it; nothing is built for it.
///
/// # Errors
///
/// The kernel's configuration cannot be read, or does not begin as Kconfig writes it.
pub fn release() -> Result<String> {
    let path = root::root().join(CONFIG);
    let text =
        fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let release = release_in(&text);
    release.ok_or_else(|| format!("{}: no line says which kernel it is for", path.display()).into())
}

/// The version in the head of a configuration: `# Linux/x86_64 7.3.4 Kernel Configuration`.
fn release_in(config: &str) -> Option<String> {
    let line = config
        .lines()
        .find(|line| line.starts_with("# Linux/") && line.ends_with(" Kernel Configuration"))?;
    Some(line.split_whitespace().nth(2)?.to_owned())
}

/// A file of debug information as a person looks for it: in the repository, or from the top of the kernel's source.
pub fn name(file: &str, in_module: bool) -> String {
    name_at(root::root(), file, in_module)
}

fn name_at(root: &Path, file: &str, in_module: bool) -> String {
    let below = |folder| file.strip_prefix(folder)?.strip_prefix('/');
    let file = [BUILT_IN, RUST_LIBRARY].into_iter().find_map(below).unwrap_or(file);
    let file = file.strip_prefix("./").unwrap_or(file);
    let own = Path::new(MODULES).join(file);
    if in_module && root.join(&own).is_file() { own.to_string_lossy().into_owned() } else { file.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(file: &str, in_module: bool, expect: &str) {
        assert_eq!(name(file, in_module), expect);
    }

    #[test]
    fn files_as_a_person_looks_for_them() {
        check("mm/slub.c", false, "mm/slub.c");
        check("/build/build/mm/slub.c", false, "mm/slub.c");
        check("qos_exit/qos_exit.rs", true, "kernel/modules/qos_exit/qos_exit.rs");
        check("qos_exit/qos_exit.rs", false, "qos_exit/qos_exit.rs");
        check("rust/kernel/module_param.rs", true, "rust/kernel/module_param.rs");
        check("/usr/lib/rustlib/src/rust/library/core/src/option.rs", true, "library/core/src/option.rs");
        check("./arch/x86/include/generated/asm/a.h", false, "arch/x86/include/generated/asm/a.h");
        check("/build/buildings/a.c", true, "/build/buildings/a.c");
        check("", true, "");
    }

    #[test]
    fn the_release_that_a_configuration_is_for() {
        let head =
            "#\n# Automatically generated file; DO NOT EDIT.\n# Linux/x86_64 7.3.4 Kernel Configuration\n#\n";
        assert_eq!(release_in(head).as_deref(), Some("7.3.4"));
        assert_eq!(release_in("CONFIG_A=y\n"), None);
        // Each log is of the kernel with debug information, which is the image's but for that.
        assert!(release().unwrap().starts_with(|first: char| first.is_ascii_digit()));
    }
}
