// SPDX-License-Identifier: MIT OR Apache-2.0
//! `which`: the file that a command is, by PATH (which(1)).

use crate::Failure;
use lexopt::prelude::*;
use std::ffi::OsStr;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

pub fn main(mut options: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let (mut all, mut silent, mut names) = (false, false, Vec::new());
    while let Some(arg) = options.next()? {
        match arg {
            Short('a') => all = true,
            Short('s') => silent = true,
            Value(name) => names.push(name),
            _ => return Err(arg.unexpected().into()),
        }
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut missing = names.is_empty();
    for name in &names {
        let found = find(name, &path);
        missing |= found.is_empty();
        for file in found.iter().take(if all { usize::MAX } else { 1 }).filter(|_| !silent) {
            writeln!(out, "{}", file.display())?;
        }
    }
    if missing { Err(Failure::silent(1)) } else { Ok(()) }
}

/// The programs called `name` in the directories of `path`; an empty one is the current one.
fn find(name: &OsStr, path: &OsStr) -> Vec<PathBuf> {
    if name.as_encoded_bytes().contains(&b'/') {
        return Some(PathBuf::from(name)).filter(|file| is_program(file)).into_iter().collect();
    }
    let directories = std::env::split_paths(path)
        .map(|directory| if directory.as_os_str().is_empty() { PathBuf::from(".") } else { directory });
    directories.map(|directory| directory.join(name)).filter(|file| is_program(file)).collect()
}

fn is_program(file: &Path) -> bool {
    file.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds() {
        let root = std::env::temp_dir().join(format!("qos-which-{}", std::process::id()));
        for (file, mode) in [("a/x", 0o755), ("b/x", 0o755), ("a/y", 0o644)] {
            let file = root.join(file);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, "").unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        }
        let path = std::env::join_paths([root.join("a"), root.join("none"), root.join("b")]).unwrap();
        assert_eq!(find("x".as_ref(), &path), [root.join("a/x"), root.join("b/x")]);
        assert!(find("y".as_ref(), &path).is_empty() && find("a".as_ref(), root.as_os_str()).is_empty());
        assert_eq!(find(root.join("b/x").as_os_str(), OsStr::new("")), [root.join("b/x")]);
        std::fs::remove_dir_all(root).unwrap();
    }
}
