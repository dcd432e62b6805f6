// SPDX-License-Identifier: MIT OR Apache-2.0
//! The Nix store: computes paths of fixed-output content, and adds content.

use crate::error::{Error, Result};
use crate::hash::{Sum, nix32};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The store's directory. It enters every store path, so it is the same everywhere.
pub const STORE: &str = "/nix/store";

/// The store path of a tree whose NAR serialisation has this sum (`nix-store --add-fixed --recursive sha256`).
pub fn tree_path(name: &str, nar: &Sum) -> PathBuf {
    path("source", nar, name)
}

/// The store path of a file with this sum (`nix-store --add-fixed sha256`), which is also that of a fixed-output
/// derivation with `outputHashMode = "flat"`.
pub fn file_path(name: &str, content: &Sum) -> PathBuf {
    let inner = Sum::of(format!("fixed:out:sha256:{}:", content.hex()).as_bytes());
    path("output:out", &inner, name)
}

/// `makeStorePath` of Nix (`src/libstore/store-api.cc`, "store path computation"): the sum of a fingerprint, folded
/// to 160 bits.
fn path(kind: &str, inner: &Sum, name: &str) -> PathBuf {
    let outer = Sum::of(format!("{kind}:sha256:{}:{STORE}:{name}", inner.hex()).as_bytes());
    let mut folded = [0u8; 20];
    for (i, byte) in outer.0.iter().enumerate() {
        folded[i % 20] ^= byte;
    }
    Path::new(STORE).join(format!("{}-{name}", nix32(&folded)))
}

/// Which of `paths` the store does not have, by its own database (not only as files).
///
/// # Errors
///
/// Nix is not there or does not work.
pub fn invalid(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    if paths.is_empty() {
        return Ok(Vec::new());
    }
    let missing = run(Command::new("nix-store").args(["--check-validity", "--print-invalid"]).args(paths))?;
    Ok(missing.lines().map(PathBuf::from).collect())
}

/// Adds a tree (recursive) and returns its store path. The name of the store path is that of the directory.
///
/// # Errors
///
/// Nix fails: a full disk, no permission.
pub fn add_tree(tree: &Path) -> Result<PathBuf> {
    let added = run(Command::new("nix-store").args(["--add-fixed", "--recursive", "sha256"]).arg(tree))?;
    Ok(PathBuf::from(added.trim()))
}

/// Adds files (flat) and returns their store paths, in the same order. Errors as those of [`add_tree`].
pub fn add_files(files: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let added = run(Command::new("nix-store").args(["--add-fixed", "sha256"]).args(files))?;
    Ok(added.lines().map(PathBuf::from).collect())
}

/// Keeps `paths` from Nix's garbage collection for as long as the symbolic link `root` exists: the link leads to one
/// text file in the store that names them all.
///
/// # Errors
///
/// Nix fails, or one of the paths is not valid.
pub fn keep(paths: &[PathBuf], root: &Path) -> Result<()> {
    if let Some(folder) = root.parent() {
        std::fs::create_dir_all(folder).map_err(|error| Error::io("create the directory", folder, &error))?;
    }
    let references: Vec<_> =
        paths.iter().map(|path| format!("(builtins.storePath \"{}\")", path.display())).collect();
    let expression = format!(
        "builtins.toFile \"qos-seeds\" (builtins.concatStringsSep \"\\n\" (map (p: \"${{p}}\") [ {} ]))",
        references.join(" ")
    );
    let written = run(Command::new("nix-instantiate").args([
        "--eval",
        "--strict",
        "--read-write-mode",
        "--expr",
        &expression,
    ]))?;
    let file = written.trim().trim_matches('"');
    run(Command::new("nix-store").args(["--realise", "--indirect", "--add-root"]).arg(root).arg(file))?;
    Ok(())
}

/// Runs a command of Nix and returns its output. Substituters are never queried: they do not have these paths.
fn run(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.args(["--option", "substitute", "false"]).stdin(Stdio::null()).output();
    let output = output.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Error::new(format!(
            "{name} is not installed; install Nix (Debian: apt-get install nix-bin) and run the command again"
        )),
        _ => Error::new(format!("cannot run {name}: {error}")),
    })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    let reason = stderr.lines().rfind(|line| line.contains("error:")).or_else(|| stderr.lines().last());
    let reason = reason.unwrap_or("no reason given").trim().trim_start_matches("error: ").to_owned();
    Err(Error::new(format!("{name} failed: {reason}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_nix_store_prints() {
        let sum = Sum::of(b"");
        // nix-store --print-fixed-path --recursive sha256 0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73 qos-x
        assert_eq!(tree_path("qos-x", &sum), Path::new("/nix/store/7agibg49vj81pmn41dpy9q5g41dmacww-qos-x"));
        // nix-store --print-fixed-path sha256 0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73 a-1.0+b.crate
        assert_eq!(
            file_path("a-1.0+b.crate", &sum),
            Path::new("/nix/store/vb4bz3z1p9vgl61b6iiv5rhhnm9iavab-a-1.0+b.crate")
        );
    }
}
