// SPDX-License-Identifier: MIT OR Apache-2.0
//! Questions to the Nix store.

use crate::derivation::Derivation;
use qos_host::nix_settings;
use qos_host::ui::{self, Result};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The hash of a path's content, as Nix has recorded it: `sha256:…`.
///
/// # Errors
///
/// The path is not valid.
pub fn hash(path: &Path) -> Result<String> {
    Ok(run("nix-store", [OsStr::new("--query"), OsStr::new("--hash"), path.as_os_str()])?.trim().to_owned())
}

/// Whether this machine has built the path itself; otherwise it came from a cache or another store.
///
/// # Errors
///
/// The path is not valid.
pub fn is_built_here(path: &Path) -> Result<bool> {
    let text = run("nix", [OsStr::new("path-info"), OsStr::new("--json"), path.as_os_str()])?;
    let json: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| format!("nix path-info: {error}"))?;
    // A list, or in newer versions an object by path.
    let one = json.get(0).or_else(|| json.as_object().and_then(|all| all.values().next()));
    Ok(one.and_then(|one| one.get("ultimate")).and_then(serde_json::Value::as_bool).unwrap_or(false))
}

/// The derivations that a derivation is built from, itself included, except those whose content is fixed.
///
/// # Errors
///
/// One of them cannot be read.
pub fn derivations(path: &Path) -> Result<Vec<PathBuf>> {
    let all = requisites(&[path.to_owned()])?;
    let mut found = Vec::new();
    for path in all.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "drv")) {
        if !Derivation::read(&path)?.is_fixed {
            found.push(path);
        }
    }
    Ok(found)
}

/// The store paths that the builder may see: the inputs with all that they refer to. What is not in the store is fetched or built.
///
/// # Errors
///
/// An input cannot be had.
pub fn inputs(derivation: &Derivation) -> Result<Vec<PathBuf>> {
    let mut paths = derivation.sources.clone();
    for (path, names) in &derivation.inputs {
        let input = Derivation::read(path)?;
        for name in names {
            let output = input.outputs.get(name);
            paths.push(output.ok_or_else(|| format!("{} has no output {name}", path.display()))?.clone());
        }
    }
    let missing = derivation.inputs.keys().map(PathBuf::as_path).collect::<Vec<_>>();
    realise(&missing)?;
    requisites(&paths)
}

/// Has Nix build the outputs of derivations, if they are not in the store.
///
/// # Errors
///
/// A build fails.
pub fn realise(derivations: &[&Path]) -> Result<()> {
    if derivations.is_empty() {
        return Ok(());
    }
    let caches = nix_settings::caches()?.join(" ");
    let words = ["--realise", "--option", "substituters", &caches].map(OsStr::new);
    run("nix-store", words.into_iter().chain(derivations.iter().map(|path| path.as_os_str()))).map(drop)
}

/// The paths with all that they refer to.
fn requisites(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    if paths.is_empty() {
        return Ok(Vec::new());
    }
    let words = ["--query", "--requisites"].map(OsStr::new);
    let text = run("nix-store", words.into_iter().chain(paths.iter().map(|path| path.as_os_str())))?;
    Ok(text.lines().map(PathBuf::from).collect())
}

/// What a command of Nix prints.
fn run<'a>(program: &str, words: impl IntoIterator<Item = &'a OsStr>) -> Result<String> {
    let output = Command::new(program).args(words).stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("cannot run {program}: {error}"))?;
    ui::check()?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    let reason = stderr.lines().rfind(|line| line.contains("error:")).or_else(|| stderr.lines().last());
    Err(format!("{program}: {}", reason.unwrap_or("no reason given").trim().trim_start_matches("error: "))
        .into())
}
