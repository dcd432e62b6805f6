// SPDX-License-Identifier: MIT OR Apache-2.0
//! An initramfs that a test makes up.

use qos_initramfs::{Kind, Node, Tree, newc};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// An initramfs in a temporary file, which is removed with it.
#[derive(Debug)]
pub struct Initramfs {
    tree: Tree,
    file: PathBuf,
}

impl Initramfs {
    /// One with nothing but `/dev/console`, without which init has no standard streams.
    ///
    /// # Panics
    /// When the temporary folder cannot be written.
    #[must_use]
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("qos-boot-{}-{}.cpio", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let mut tree = Tree::default();
        tree.insert("dev/console", Node::new(0o600, Kind::Char { major: 5, minor: 1 }));
        Self { tree, file: std::env::temp_dir().join(name) }.written()
    }

    /// One of these bytes, which need not be an initramfs at all.
    ///
    /// # Panics
    /// When the temporary folder cannot be written.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        let made = Self::new();
        fs::write(&made.file, bytes)
            .unwrap_or_else(|error| panic!("cannot write {}: {error}", made.file.display()));
        made
    }

    /// Adds a regular file.
    ///
    /// # Panics
    /// When the temporary folder cannot be written.
    #[must_use]
    pub fn file(mut self, path: &str, mode: u32, contents: impl AsRef<[u8]>) -> Self {
        let contents = contents.as_ref().to_vec();
        self.tree.insert(path.trim_start_matches('/'), Node::new(mode, Kind::File(contents)));
        self.written()
    }

    /// Adds a program of the host: `/init` as a rule.
    ///
    /// # Panics
    /// When it cannot be read.
    #[must_use]
    pub fn program(self, path: &str, host: &Path) -> Self {
        let contents =
            fs::read(host).unwrap_or_else(|error| panic!("cannot read {}: {error}", host.display()));
        self.file(path, 0o755, contents)
    }

    /// Adds a program in machine code for x86-64 that needs nothing: a static ELF file of one page. With it a test of
    /// a bad guest does not depend on any compiler.
    ///
    /// # Panics
    /// When the temporary folder cannot be written.
    #[must_use]
    pub fn machine_code(self, path: &str, code: &[u8]) -> Self {
        self.file(path, 0o755, elf(code))
    }

    /// The archive's file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.file
    }

    fn written(self) -> Self {
        let bytes =
            newc::write(&self.tree, 0).unwrap_or_else(|error| panic!("cannot make the initramfs: {error}"));
        fs::write(&self.file, bytes)
            .unwrap_or_else(|error| panic!("cannot write {}: {error}", self.file.display()));
        self
    }
}

impl Default for Initramfs {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Initramfs {
    fn drop(&mut self) {
        // What is left in the temporary folder does no harm.
        let _ = fs::remove_file(&self.file);
    }
}

/// An executable whose only segment holds its headers and `code` (System V ABI, ELF-64 object file format).
fn elf(code: &[u8]) -> Vec<u8> {
    const BASE: u64 = 0x40_0000;
    const HEADERS: u64 = 64 + 56;
    let size = HEADERS + code.len() as u64;
    let mut file = b"\x7fELF\x02\x01\x01".to_vec();
    file.resize(16, 0);
    let half = |file: &mut Vec<u8>, values: &[u16]| values.iter().for_each(|v| file.extend(v.to_le_bytes()));
    let word = |file: &mut Vec<u8>, values: &[u32]| values.iter().for_each(|v| file.extend(v.to_le_bytes()));
    let quad = |file: &mut Vec<u8>, values: &[u64]| values.iter().for_each(|v| file.extend(v.to_le_bytes()));
    // e_type EXEC, e_machine x86-64, e_version; e_entry, e_phoff, e_shoff; e_flags; sizes and counts.
    half(&mut file, &[2, 0x3e]);
    word(&mut file, &[1]);
    quad(&mut file, &[BASE + HEADERS, 64, 0]);
    word(&mut file, &[0]);
    half(&mut file, &[64, 56, 1, 0, 0, 0]);
    // p_type LOAD, p_flags R+X; p_offset, p_vaddr, p_paddr, p_filesz, p_memsz, p_align.
    word(&mut file, &[1, 5]);
    quad(&mut file, &[0, BASE, BASE, size, size, 0x1000]);
    file.extend_from_slice(code);
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_initramfs_is_a_file_as_long_as_it_lives() {
        let initramfs = Initramfs::new().file("/etc/x", 0o644, "hello");
        let path = initramfs.path().to_owned();
        let bytes = fs::read(&path).unwrap_or_default();
        assert!(bytes.starts_with(b"070701") && bytes.windows(5).any(|window| window == b"hello"));
        assert!(qos_vm::check_initramfs(&path).is_ok());
        drop(initramfs);
        assert!(!path.exists());
    }

    #[test]
    fn machine_code_is_a_program_of_this_host() {
        // exit(3)
        let file = std::env::temp_dir().join(format!("qos-boot-elf-{}", std::process::id()));
        let write = || -> std::io::Result<Option<i32>> {
            use std::os::unix::fs::PermissionsExt;
            fs::write(&file, elf(b"\xbf\x03\x00\x00\x00\xb8\x3c\x00\x00\x00\x0f\x05"))?;
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755))?;
            std::process::Command::new(&file).status().map(|status| status.code())
        };
        let status = write();
        // What is left in the temporary folder does no harm.
        let _ = fs::remove_file(&file);
        assert_eq!(status.ok().flatten(), Some(3));
    }
}
