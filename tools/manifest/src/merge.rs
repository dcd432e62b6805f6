// SPDX-License-Identifier: MIT OR Apache-2.0
//! Merges layers into one configuration: later layers override earlier ones, path by path.

use crate::config::*;
use crate::error::Error;
use crate::layer::Layer;
use crate::suggest;
use std::path::{Path, PathBuf};

/// Lays `upper` over `lower`.
pub(crate) fn over(mut lower: Layer, upper: Layer) -> Result<Layer, Error> {
    for removed in &upper.remove {
        let gone = lower.entries.remove(&removed.value).is_some()
            | lower.programs.remove(&removed.value).is_some()
            | lower.budgets.file_sizes.remove(&removed.value).is_some();
        if !gone {
            let known = lower.entries.keys().chain(lower.programs.keys()).map(String::as_str);
            let message = format!(
                "cannot remove \"{}\": no inherited manifest has it{}",
                removed.value,
                suggest::did_you_mean(&removed.value, known)
            );
            return Err(Error::at(&removed.place, message));
        }
    }
    for (path, program) in upper.programs {
        lower.entries.remove(&path);
        lower.programs.insert(path, program);
    }
    for (path, entry) in upper.entries {
        lower.programs.remove(&path);
        lower.entries.insert(path, entry);
    }
    for tree in upper.trees {
        lower.trees.retain(|t| t.value != tree.value);
        lower.trees.push(tree);
    }
    for overlay in upper.overlays {
        lower.overlays.retain(|o| o.value != overlay.value);
        lower.overlays.push(overlay);
    }
    lower.modules.extend(upper.modules);
    lower.drivers = match (lower.drivers.take(), upper.drivers) {
        (Some(mut drivers), Some(upper)) => {
            drivers.value.all |= upper.value.all;
            drivers.value.names.extend(upper.value.names);
            Some(drivers)
        }
        (lower, upper) => upper.or(lower),
    };
    lower.early.extend(upper.early);
    lower.budgets.extend(upper.budgets);
    lower.name = upper.name.or(lower.name);
    lower.cmdline = upper.cmdline.or(lower.cmdline);
    lower.mtime = upper.mtime.or(lower.mtime);
    lower.compression = upper.compression.or(lower.compression);
    Ok(lower)
}

/// Checks that need the merged manifest; makes the configuration of the manifest `file` in the directory `base`.
pub(crate) fn finish(layer: Layer, file: &Path, base: PathBuf) -> Result<Config, Error> {
    let Some(name) = layer.name else {
        let message = format!(
            "{}: neither it nor what it inherits names the image; add `name` to [image]",
            file.display()
        );
        return Err(Error::new(message));
    };
    let config = Config {
        name,
        cmdline: layer.cmdline.unwrap_or_default(),
        mtime: layer.mtime.unwrap_or(0),
        compression: layer.compression.unwrap_or(Compression::None),
        trees: layer.trees,
        overlays: layer.overlays,
        programs: layer.programs,
        entries: layer.entries,
        modules: layer.modules,
        drivers: layer.drivers,
        early: layer.early,
        budgets: layer.budgets,
        base,
    };
    parents_are_directories(&config)?;
    hardlinks_name_files(&config)?;
    Ok(config)
}

fn parents_are_directories(config: &Config) -> Result<(), Error> {
    let programs = config.programs.iter().map(|(path, p)| (path, &p.place));
    let entries = config.entries.iter().map(|(path, e)| (path, &e.place));
    for (path, place) in programs.chain(entries) {
        for (at, _) in path.match_indices('/').skip(1) {
            let parent = &path[..at];
            let what = match config.entries.get(parent) {
                Some(entry) if entry.value.kind == Kind::Dir => continue,
                Some(entry) => match &entry.value.kind {
                    Kind::Symlink(target) => {
                        format!(
                            "\"{parent}\" is a symbolic link ({}): put it under \"{target}\"",
                            entry.place
                        )
                    }
                    _ => format!("\"{parent}\" is not a directory ({})", entry.place),
                },
                None => match config.programs.get(parent) {
                    Some(program) => format!("\"{parent}\" is a program ({})", program.place),
                    None => continue,
                },
            };
            return Err(Error::at(place, format!("\"{path}\" cannot be in the image: {what}")));
        }
    }
    Ok(())
}

fn hardlinks_name_files(config: &Config) -> Result<(), Error> {
    for (path, entry) in &config.entries {
        let Kind::Hardlink(target) = &entry.value.kind else { continue };
        let wrong = match config.entries.get(target).map(|e| &e.value.kind) {
            Some(Kind::Hardlink(_)) => "itself a hard link: name the file",
            Some(Kind::Dir) => "a directory",
            Some(Kind::Symlink(_)) => "a symbolic link",
            Some(Kind::Node { .. }) => "a node",
            // An overlay may have the file; the builder checks that.
            Some(Kind::Text(_) | Kind::Source(_) | Kind::Overlay { .. }) | None => continue,
        };
        let message =
            format!("hard link \"{path}\" to \"{target}\", which is {wrong}; only files are linked so");
        return Err(Error::at(&entry.place, message));
    }
    Ok(())
}
