// SPDX-License-Identifier: MIT OR Apache-2.0
//! Builds the bytes of an initramfs from a manifest.

use crate::assemble::{self, Sources};
use qos_inspect::check::{self, Finding};
use qos_inspect::{Error, compress, newc, segments};
use qos_manifest::{Budgets, Config, SizeLimit};
use qos_tree::path::show;
use qos_tree::{Kind, Tree};

/// A built initramfs.
#[derive(Clone, Debug)]
pub struct Built {
    /// The file: early segments, then the main one.
    pub bytes: Vec<u8>,
    /// How long the main segment is before compression.
    pub unpacked: u64,
    /// How many entries the main segment has.
    pub entries: usize,
}

/// Builds the initramfs of a manifest.
///
/// The same manifest, programs and modules give the same bytes, whatever the host's user, umask, clock and order of
/// directory entries.
///
/// # Errors
///
/// What cannot be read or does not fit; every [finding](check::check) about the tree; a size over its budget; a budget
/// for a file that the image does not have.
pub fn build(config: &Config, sources: &Sources) -> Result<Built, Error> {
    let tree = assemble::assemble(config, sources)?;
    let findings = check::check(&tree, sources.kernel_release.as_deref());
    if !findings.is_empty() {
        let lines: Vec<String> = findings.iter().map(Finding::to_string).collect();
        return Err(Error::new(format!("the image would not work:\n{}", lines.join("\n"))));
    }
    file_budgets(&config.budgets, &tree)?;
    let early = early(config)?;
    let main = newc::write(&tree, config.mtime)?;
    let unpacked = main.len() as u64;
    config.budgets.check_size(SizeLimit::Unpacked, unpacked).map_err(Error::new)?;
    let bytes = segments::join(&early, &compress::compress(&main, config.compression)?);
    config.budgets.check_size(SizeLimit::Initramfs, bytes.len() as u64).map_err(Error::new)?;
    Ok(Built { bytes, unpacked, entries: tree.len() })
}

/// Checks that each file with a budget is in the tree, as a regular file, and within its budget.
///
/// # Errors
///
/// The file that is not, with the place of its budget.
pub fn file_budgets(budgets: &Budgets, tree: &Tree) -> Result<(), Error> {
    for (path, budget) in &budgets.file_sizes {
        let inside = path.trim_start_matches('/');
        if let Some(content) = tree.content(inside) {
            budgets.check_file_size(path, content.len()).map_err(Error::new)?;
            continue;
        }
        let message = match tree.get(inside).map(|node| &node.kind) {
            None => {
                let files = tree.iter().filter(|(path, _)| tree.content(path).is_some());
                let files = files.filter_map(|(path, _)| std::str::from_utf8(path).ok());
                let near = qos_manifest::nearest(inside, files);
                let hint = near.map(|near| format!("; did you mean \"/{near}\"?")).unwrap_or_default();
                format!("{path} has a budget, but is not in the image{hint}")
            }
            Some(Kind::Symlink(target)) => {
                format!("{path} has a budget, but is a symbolic link: name the file, {}", show(target))
            }
            Some(_) => format!("{path} has a budget, but is not a regular file"),
        };
        return Err(Error::new(message).of(&budget.place));
    }
    Ok(())
}

fn early(config: &Config) -> Result<Vec<Vec<u8>>, Error> {
    let mut segments = Vec::new();
    for early in config.early.values() {
        let mut tree = Tree::default();
        let folder = config.host_path(&early.value.source);
        assemble::add_folder(&mut tree, &folder).map_err(|e| e.of(&early.place))?;
        if tree.is_empty() {
            return Err(
                Error::new(format!("the early directory {} is empty", folder.display())).of(&early.place)
            );
        }
        segments.push(newc::write(&tree, config.mtime).map_err(|e| e.of(&early.place))?);
    }
    Ok(segments)
}
