// SPDX-License-Identifier: MIT OR Apache-2.0
//! The boots of a revision, as the directories that `qos-bootdiff` compares.

use crate::revision::{Checkout, Revision};
use qos_host::ui::{Result, Ui, interrupted};
use qos_host::{nix, root};
use qos_table::Bootable;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// An attribute of the flake, and files of that build result.
pub type Wanted = (String, Vec<&'static str>);

/// The results that are built of an image or disk, and the files of each that a comparison reads.
#[must_use]
pub fn wanted(bootable: Bootable<'_>) -> Vec<Wanted> {
    let mut own = vec!["config", "manifest.json"];
    let mut has_initramfs = true;
    if let Bootable::Disk(disk) = bootable {
        own.push("root.listing");
        has_initramfs = disk.initramfs.is_some();
    }
    let initramfs = has_initramfs.then(|| ("initramfs", vec!["listing"]));
    let all = [("image", own)]
        .into_iter()
        .chain(initramfs)
        .chain([("boot-log", vec!["boot.log", "initcalls.log"])]);
    all.map(|(kind, files)| (bootable.attribute(kind), files)).collect()
}

/// The files of a revision: those of the work tree, or those of a commit in a directory of their own.
pub struct Tree(Option<Checkout>);

impl Tree {
    /// Checks the revision out, if it is a commit.
    ///
    /// # Errors
    ///
    /// git fails, or the directory cannot be written.
    pub fn of(revision: &Revision) -> Result<Self> {
        revision.commit.as_deref().map_or(Ok(Tree(None)), Self::of_commit)
    }

    /// Checks a commit out.
    ///
    /// # Errors
    ///
    /// As [`Self::of`].
    pub fn of_commit(commit: &str) -> Result<Self> {
        Ok(Tree(Some(Checkout::new(commit)?)))
    }

    /// The directory with the files.
    pub fn root(&self) -> &Path {
        self.0.as_ref().map_or(root::root(), Checkout::path)
    }

    /// Whether it is a commit, whose pins have to be set up.
    pub fn is_commit(&self) -> bool {
        self.0.is_some()
    }
}

/// Makes the input of the comparison of one image or disk in `folder`, which is emptied first; `collect` builds and boots. Why it fails is in
/// the directory: that is a result.
///
/// # Errors
///
/// The directory cannot be written, or the user interrupts.
pub fn result(
    name: &str,
    folder: &Path,
    ui: &Ui,
    collect: impl FnOnce(&Path) -> Result<()>,
) -> Result<PathBuf> {
    let cannot = |error| format!("cannot write {}: {error}", folder.display());
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(cannot)?;
    }
    fs::create_dir_all(folder).map_err(cannot)?;
    if let Err(error) = collect(folder) {
        if interrupted() {
            return Err("interrupted".into());
        }
        ui.say(&format!("{name}: {error}"));
        fs::write(folder.join("failure"), format!("{error}\n")).map_err(cannot)?;
    }
    Ok(folder.to_owned())
}

/// Copies the build results of an image or disk into `folder`, as far as they can be built.
///
/// # Errors
///
/// A result cannot be built; the boot log is one.
pub fn collect(tree: &Path, folder: &Path, ui: &Ui, bootable: Bootable<'_>) -> Result<()> {
    for (attribute, files) in wanted(bootable) {
        let built = nix::build_in(tree, ui, &attribute)?;
        for file in files {
            // Earlier revisions did not boot with initcall_debug; the comparison reports other missing files.
            if let Err(error) = fs::copy(built.join(file), folder.join(file)) {
                ui.log(&format!("{attribute}: {file}: {error}"));
            }
        }
    }
    Ok(())
}

/// The paths of the derivations of some attributes of the flake of a work tree, in their order. `None` for an attribute that the
/// flake does not have, or that cannot be evaluated: building it gives the reason. Nothing is built.
///
/// # Errors
///
/// The flake cannot be evaluated at all.
pub fn derivations(tree: &Path, attributes: &[String]) -> Result<Vec<Option<String>>> {
    // An attribute's name has letters, digits, `-` and `_`: as JSON it is a string of Nix.
    let names: Vec<String> = attributes.iter().map(|name| format!("{name:?}")).collect();
    let apply = format!(
        "packages: map (name: let path = builtins.tryEval packages.${{name}}.drvPath; in \
         if packages ? ${{name}} && path.success then path.value else null) [ {} ]",
        names.join(" ")
    );
    let output = Command::new("nix")
        .args(["eval", "--json", &format!("{}#packages.x86_64-linux", tree.display()), "--apply", &apply])
        .current_dir(tree)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cannot run nix: {error}; run: cargo xtask setup"))?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        return Err(format!("cannot evaluate the flake: {}", qos_host::nix_events::reason(&text)).into());
    }
    let paths: Vec<Option<String>> =
        serde_json::from_slice(&output.stdout).map_err(|error| format!("nix eval: odd output: {error}"))?;
    Ok(paths)
}

/// The names of the derivations that a build of these attributes would build, because the store does not have their results. Nothing is
/// built.
///
/// # Errors
///
/// Nix fails.
pub fn missing(tree: &Path, attributes: &[String]) -> Result<Vec<String>> {
    let output = Command::new("nix")
        .args(["build", "--no-link", "--dry-run"])
        .args(attributes.iter().map(|attribute| format!("{}#{attribute}", tree.display())))
        .current_dir(tree)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cannot run nix: {error}; run: cargo xtask setup"))?;
    let text = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(qos_host::nix_events::reason(&text).into());
    }
    Ok(planned(&text))
}

/// The names in the list that `nix build --dry-run` prints: `  /nix/store/HASH-NAME.drv`.
fn planned(text: &str) -> Vec<String> {
    let name = |line: &str| {
        let path = line.strip_prefix("  /")?.strip_suffix(".drv")?;
        Some(path.rsplit('/').next()?.get(33..)?.to_owned())
    };
    text.lines().filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plan_of_a_build_is_read() {
        let hash = "0123456789abcdfghijklmnpqrsvwxyz";
        let check = |text: &str, expect: &[&str]| assert_eq!(planned(text), expect, "{text}");
        check("", &[]);
        check("warning: Git tree '/x' is dirty\n", &[]);
        check(
            &format!(
                "these 2 derivations will be built:\n  /nix/store/{hash}-qos-image.drv\n  /nix/store/{hash}-qos-boot-log.drv\n\
                 this path will be fetched (1 MiB):\n  /nix/store/{hash}-linux\n"
            ),
            &["qos-image", "qos-boot-log"],
        );
        check("  /nix/store/short.drv\n", &[]);
    }
}
