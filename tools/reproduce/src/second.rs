// SPDX-License-Identifier: MIT OR Apache-2.0
//! Builds one derivation a second time, and compares.

use crate::compare::{Difference, compare};
use crate::derivation::Derivation;
use crate::plan::{Means, Plan};
use crate::{sandbox, store};
use qos_host::progress::Unit;
use qos_host::root;
use qos_host::ui::{Result, Ui};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// So many lines of diffoscope's are shown; the file has all.
const SHOWN: usize = 30;

/// What came of it.
pub struct Outcome {
    /// The derivation's name.
    pub name: String,
    /// The outputs, with their differences.
    pub outputs: Vec<(String, Vec<Difference>)>,
    /// How long the second build took.
    pub took: Duration,
}

impl Outcome {
    /// Whether all outputs are the same.
    pub fn is_same(&self) -> bool {
        self.outputs.iter().all(|(_, differences)| differences.is_empty())
    }
}

/// Builds the derivation again, and compares its outputs with those in the store, which Nix builds first if they are not there. The
/// outputs of the second build are kept if there is a difference.
///
/// # Errors
///
/// One of the builds fails.
pub fn again(ui: &Ui, path: &Path, means: &Means) -> Result<Outcome> {
    let derivation = Derivation::read(path)?;
    let name = derivation.name().to_owned();
    if derivation.is_fixed {
        return Err(
            format!("{name} is a download, whose hash is in a lock file: there is nothing to build").into()
        );
    }
    store::realise(&[path])?;
    let inputs = store::inputs(&derivation)?;
    let directory = root::scratch(root::root()).join("reproduce");
    let scratch = directory.join(&name);
    remove(&scratch)?;
    fs::create_dir_all(&scratch).map_err(|error| format!("{}: {error}", scratch.display()))?;
    let plan = Plan::new(&derivation, inputs, &scratch, means);
    let begin = Instant::now();
    let task = ui.task(&format!("{name}, a second time"), 0, Unit::Items);
    let built = sandbox::build(&plan, &directory.join(format!("{name}.log")));
    drop(task);
    let outputs = match built {
        Ok(()) => compare_all(ui, &derivation, &plan, &directory.join(format!("{name}.diffoscope"))),
        Err(error) => Err(format!("{name}: {error}").into()),
    };
    let outcome = outputs.map(|outputs| Outcome { name, outputs, took: begin.elapsed() });
    if !outcome.as_ref().is_ok_and(|outcome| !outcome.is_same()) {
        remove(&scratch)?;
    }
    outcome
}

/// The outputs with their differences, which the user is told.
fn compare_all(
    ui: &Ui,
    derivation: &Derivation,
    plan: &Plan,
    report: &Path,
) -> Result<Vec<(String, Vec<Difference>)>> {
    let mut outputs = Vec::new();
    for (output, first) in &derivation.outputs {
        let second = plan.output(first);
        let differences = compare(first, &second)
            .map_err(|error| format!("cannot compare {}: {error}", first.display()))?;
        if !differences.is_empty() {
            ui.show(&format!("{}, output {output}, differs in the second build:", derivation.name()));
            differences.iter().for_each(|difference| ui.show(&format!("  {difference}")));
            ui.show(&format!("  first build:  {}", first.display()));
            ui.show(&format!("  second build: {}", second.display()));
            diffoscope(ui, first, &second, report);
        }
        outputs.push((output.clone(), differences));
    }
    Ok(outputs)
}

/// Has diffoscope explain a difference, if the host has it.
fn diffoscope(ui: &Ui, first: &Path, second: &Path, report: &Path) {
    let run = Command::new("diffoscope")
        .args(["--exclude-directory-metadata=yes", "--no-progress", "--text"])
        .args([report, first, second])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if run.is_err() {
        ui.show("  diffoscope, which explains differences, is not installed");
        return;
    }
    let text = fs::read_to_string(report).unwrap_or_default();
    text.lines().take(SHOWN).for_each(|line| ui.show(&format!("  {line}")));
    ui.show(&format!("  all of it: {}", report.display()));
}

/// Removes a tree, in which a builder may have taken away permissions.
fn remove(tree: &Path) -> Result<()> {
    let failed = |error: std::io::Error| format!("cannot remove {}: {error}", tree.display());
    if !tree.exists() {
        return Ok(());
    }
    let mut directories: Vec<PathBuf> = vec![tree.to_owned()];
    while let Some(directory) = directories.pop() {
        fs::set_permissions(&directory, fs::Permissions::from_mode(0o700)).map_err(failed)?;
        for entry in fs::read_dir(&directory).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            if entry.file_type().map_err(failed)?.is_dir() {
                directories.push(entry.path());
            }
        }
    }
    Ok(fs::remove_dir_all(tree).map_err(failed)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use qos_host::testing::Folder;

    #[test]
    fn a_tree_without_permissions_is_removed() {
        let directory = Folder::temporary();
        directory.write("tree/a/b", "x");
        fs::set_permissions(directory.path("tree/a"), fs::Permissions::from_mode(0o500)).unwrap();
        remove(&directory.path("tree")).unwrap();
        remove(&directory.path("tree")).unwrap();
        assert!(directory.names().is_empty());
    }
}
