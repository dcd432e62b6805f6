// SPDX-License-Identifier: MIT OR Apache-2.0
//! The sum of a directory's NAR serialisation, as `nix-hash --type sha256 --sri` gives it (E. Dolstra, *The Purely
//! Functional Software Deployment Model*, figure 5.2): names in byte order, kinds, execute bits, contents, link
//! targets; no owners, times or other modes.

use crate::context::{Context, Task};
use crate::error::{Error, Result};
use crate::hash::Sum;
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Sums up `path`; `task` advances by the bytes of the files read.
///
/// # Errors
///
/// Reading fails, or something is neither file, directory nor symbolic link; the user interrupts.
pub fn sum(context: &Context<'_>, task: &dyn Task, path: &Path) -> Result<Sum> {
    let mut writer = Writer { hasher: Sha256::new(), buffer: vec![0; 1 << 17], context, task };
    writer.text(b"nix-archive-1");
    writer.node(path)?;
    Ok(Sum(writer.hasher.finalize().into()))
}

struct Writer<'a> {
    hasher: Sha256,
    buffer: Vec<u8>,
    context: &'a Context<'a>,
    task: &'a dyn Task,
}

impl Writer<'_> {
    /// A string: its length as 64 bits little-endian, its bytes, zeros up to a multiple of eight.
    fn text(&mut self, text: &[u8]) {
        self.hasher.update((text.len() as u64).to_le_bytes());
        self.hasher.update(text);
        self.pad(text.len() as u64);
    }

    fn texts(&mut self, texts: &[&str]) {
        for text in texts {
            self.text(text.as_bytes());
        }
    }

    fn pad(&mut self, length: u64) {
        self.hasher.update(&[0; 8][..(length.wrapping_neg() % 8) as usize]);
    }

    fn node(&mut self, path: &Path) -> Result<()> {
        let failed = |error: io::Error| Error::io("read", path, &error);
        let metadata = fs::symlink_metadata(path).map_err(failed)?;
        self.texts(&["(", "type"]);
        if metadata.is_symlink() {
            let target = fs::read_link(path).map_err(failed)?;
            self.texts(&["symlink", "target"]);
            self.text(target.as_os_str().as_bytes());
        } else if metadata.is_file() {
            self.texts(&["regular"]);
            if metadata.permissions().mode() & 0o100 != 0 {
                self.texts(&["executable", ""]);
            }
            self.texts(&["contents"]);
            self.content(path, metadata.len())?;
        } else if metadata.is_dir() {
            self.context.check()?;
            self.texts(&["directory"]);
            let mut names = fs::read_dir(path)
                .and_then(|entries| {
                    entries.map(|entry| entry.map(|entry| entry.file_name())).collect::<io::Result<Vec<_>>>()
                })
                .map_err(failed)?;
            names.sort();
            for name in names {
                self.texts(&["entry", "(", "name"]);
                self.text(name.as_bytes());
                self.texts(&["node"]);
                self.node(&path.join(&name))?;
                self.texts(&[")"]);
            }
        } else {
            return Err(Error::new(format!("{} is not a file, directory or symbolic link", path.display())));
        }
        self.texts(&[")"]);
        Ok(())
    }

    fn content(&mut self, path: &Path, length: u64) -> Result<()> {
        let failed = |error: io::Error| Error::io("read", path, &error);
        self.hasher.update(length.to_le_bytes());
        let mut file = fs::File::open(path).map_err(failed)?;
        let mut left = length;
        while left > 0 {
            let n = file.read(&mut self.buffer).map_err(failed)? as u64;
            if n == 0 || n > left {
                return Err(Error::new(format!("{} changed while it was read", path.display())));
            }
            self.hasher.update(&self.buffer[..n as usize]);
            self.task.advance(n);
            left -= n;
        }
        self.pad(length);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::Silent;
    use std::os::unix::fs::symlink;
    use std::sync::atomic::AtomicBool;

    #[test]
    fn the_sum_that_nix_hash_gives() {
        let folder = tempfile::tempdir().unwrap();
        let tree = folder.path().join("tree");
        fs::create_dir_all(tree.join("b-empty")).unwrap();
        fs::write(tree.join("a"), "12345678").unwrap();
        fs::write(tree.join("c"), "hello\n").unwrap();
        fs::write(tree.join("B"), "").unwrap();
        fs::set_permissions(tree.join("c"), fs::Permissions::from_mode(0o755)).unwrap();
        symlink("/nowhere", tree.join("link")).unwrap();
        let stop = AtomicBool::new(false);
        let context = Context { progress: &Silent, stop: &stop };
        let found = sum(&context, &Silent, &tree).unwrap();
        // nix-hash --type sha256 --sri of the same tree
        assert_eq!(found.sri(), "sha256-OBS0x3MxslZM9/ArASu/Ll0C3VdLLUxwnpFkS9qvA4M=");
    }
}
