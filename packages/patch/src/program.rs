// SPDX-License-Identifier: MIT OR Apache-2.0
//! The program: from the arguments to the patched files.

use crate::apply::{Outcome, apply};
use crate::hunk::{FilePatch, Hunk, Line};
use crate::options::{Options, trouble};
use crate::{Failure, names, parse, rejects};
use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

pub fn main(parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    run(Path::new("."), parser, &mut io::stdin(), out)
}

/// `patch` in directory `base`, with `input` as standard input.
fn run(
    base: &Path,
    mut parser: lexopt::Parser,
    input: &mut dyn Read,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let options = Options::parse(&mut parser, base)?;
    let mut text = Vec::new();
    let read = match &options.input {
        Some(path) => fs::read(path).map(|bytes| text = bytes).map_err(|error| Failure::at(path, &error)),
        None => input.read_to_end(&mut text).map(drop).map_err(|error| Failure::of("standard input", &error)),
    };
    read.map_err(trouble)?;
    let patches = parse::parse(&text, options.format)?;
    if patches.is_empty() && !text.is_empty() {
        return Err(trouble(Failure::new("only garbage was found in the patch input")));
    }
    let mut all = true;
    for patch in patches {
        all &= file(&options, &patch, out)?;
    }
    if all { Ok(()) } else { Err(Failure::silent(1)) }
}

/// Patches one file; whether all its hunks could be applied.
fn file(options: &Options, patch: &FilePatch, out: &mut dyn Write) -> Result<bool, Failure> {
    let reversed = patch.reversed();
    let patch = if options.reverse { &reversed } else { patch };
    let chosen = match &options.file {
        Some(file) => Some(file.clone()),
        None => names::choose(patch, options.strip, &options.directory),
    };
    let Some(name) = chosen else {
        writeln!(out, "can't find file to patch at input line {}", patch.at)?;
        writeln!(out, "{} ignored", count(patch.hunks.len(), patch.hunks.len()))?;
        return Ok(false);
    };
    let path = options.directory.join(&name);
    let shown = name.display();
    let failed = |error: io::Error| trouble(Failure::of(&shown, &error));
    let meta = fs::symlink_metadata(&path).ok();
    if meta.as_ref().is_some_and(|meta| !meta.is_file()) {
        writeln!(out, "{shown} is not a regular file; not patched")?;
        return Ok(false);
    }
    if meta.is_none() && !patch.creates {
        return Err(failed(io::ErrorKind::NotFound.into()));
    }
    let old = if meta.is_some() { fs::read(&path).map_err(failed)? } else { Vec::new() };
    if patch.creates && !old.is_empty() && options.file.is_none() && !options.force && !options.batch {
        writeln!(out, "The next patch would create the file {shown},")?;
        writeln!(out, "which already exists!  Skipping patch.")?;
        writeln!(out, "{} ignored", count(patch.hunks.len(), patch.hunks.len()))?;
        return Ok(false);
    }
    if !options.silent {
        let what = if options.dry_run { "checking" } else { "patching" };
        match (&options.output, names::renamed(patch, options.strip)) {
            (None, Some(to)) => writeln!(out, "{what} file {} (renamed from {shown})", to.display())?,
            (Some(output), _) => writeln!(out, "{what} file {} (read from {shown})", output.display())?,
            (None, None) => writeln!(out, "{what} file {shown}")?,
        }
    }
    let lines: Vec<Line> = old.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let (mut new, mut outcomes) = apply(&lines, &patch.hunks, options.search);
    let mut hunks = patch.hunks.clone();
    if is_reversed(options, &lines, patch, &outcomes) {
        if !options.batch {
            writeln!(out, "Reversed (or previously applied) patch detected!  Skipping patch.")?;
            let target = if options.dry_run { None } else { Some(save(options, &name, patch, &hunks)?) };
            let saved = target
                .flatten()
                .map_or(String::new(), |target| format!(" -- saving rejects to file {target}"));
            writeln!(out, "{} ignored{saved}", count(hunks.len(), hunks.len()))?;
            return Ok(false);
        }
        writeln!(out, "Reversed (or previously applied) patch detected!  Assuming -R.")?;
        hunks = patch.reversed().hunks;
        (new, outcomes) = apply(&lines, &hunks, options.search);
    }
    report(options, &outcomes, out)?;
    let failures: Vec<Hunk> = hunks
        .iter()
        .zip(&outcomes)
        .filter(|(_, outcome)| matches!(outcome, Outcome::Failed { .. }))
        .map(|(hunk, _)| hunk.clone())
        .collect();
    if !options.dry_run {
        write(
            options,
            patch,
            &name,
            &old,
            new.concat(),
            failures.len() == hunks.len() && !hunks.is_empty(),
            out,
        )?;
    }
    if failures.is_empty() {
        return Ok(true);
    }
    let target = if options.dry_run { None } else { save(options, &name, patch, &failures)? };
    let saved = target.map_or(String::new(), |target| format!(" -- saving rejects to file {target}"));
    writeln!(out, "{} FAILED{saved}", count(failures.len(), hunks.len()))?;
    Ok(false)
}

/// `1 out of 2 hunks`.
fn count(some: usize, all: usize) -> String {
    format!("{some} out of {all} hunk{}", if all == 1 { "" } else { "s" })
}

/// Whether the first hunk fails, and would not fail in reverse.
fn is_reversed(options: &Options, lines: &[Line], patch: &FilePatch, outcomes: &[Outcome]) -> bool {
    let Some(Outcome::Failed { .. }) = outcomes.first() else { return false };
    let reversed = [patch.hunks[0].reversed()];
    let (_, outcomes) = apply(lines, &reversed, options.search);
    !options.force && matches!(outcomes[0], Outcome::Applied { .. })
}

fn report(options: &Options, outcomes: &[Outcome], out: &mut dyn Write) -> Result<(), Failure> {
    for (n, outcome) in outcomes.iter().enumerate() {
        let n = n + 1;
        match outcome {
            _ if options.silent => {}
            Outcome::Failed { line } => writeln!(out, "Hunk #{n} FAILED at {line}.")?,
            Outcome::Applied { offset: 0, fuzz: 0, .. } => {}
            Outcome::Applied { line, offset, fuzz } => {
                let fuzz = if *fuzz > 0 { format!(" with fuzz {fuzz}") } else { String::new() };
                let plural = if *offset == 1 { "" } else { "s" };
                let offset =
                    if *offset == 0 { String::new() } else { format!(" (offset {offset} line{plural})") };
                writeln!(out, "Hunk #{n} succeeded at {line}{fuzz}{offset}.")?;
            }
        }
    }
    Ok(())
}

/// Writes what has become of a file.
fn write(
    options: &Options,
    patch: &FilePatch,
    name: &Path,
    old: &[u8],
    new: Vec<u8>,
    none: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let source = options.directory.join(name);
    if let Some(output) = &options.output {
        if output == Path::new("-") {
            return Ok(out.write_all(&new)?);
        }
        let output = options.directory.join(output);
        return fs::write(&output, new).map_err(|error| trouble(Failure::at(&output, &error)));
    }
    let renamed = names::renamed(patch, options.strip).map(|to| options.directory.join(to));
    if none || (new == old && renamed.is_none() && patch.mode.is_none()) {
        return Ok(());
    }
    let failed = |error: io::Error| trouble(Failure::of(name.display(), &error));
    let permissions = fs::metadata(&source).ok().map(|meta| meta.permissions());
    if options.backup {
        let backup = options.directory.join(format!("{}.orig", name.display()));
        // For a new file, an empty one means that there was none.
        fs::write(&backup, old).map_err(failed)?;
        if let Some(permissions) = &permissions {
            fs::set_permissions(&backup, permissions.clone()).map_err(failed)?;
        }
    }
    if new.is_empty() && (patch.deletes || options.remove_empty) {
        return remove(&source, &options.directory).map_err(failed);
    }
    let target = renamed.as_ref().unwrap_or(&source);
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    // A new file in the place of the old one: who reads that one meanwhile sees all of it.
    let mut temporary = target.clone().into_os_string();
    temporary.push(format!(".patch-{}", std::process::id()));
    fs::write(&temporary, new).map_err(failed)?;
    let mode = patch.mode.map(fs::Permissions::from_mode).or(permissions);
    if let Some(mode) = mode {
        fs::set_permissions(&temporary, mode).map_err(failed)?;
    }
    fs::rename(&temporary, target).map_err(failed)?;
    if renamed.as_ref().is_some_and(|to| *to != source) {
        remove(&source, &options.directory).map_err(failed)?;
    }
    Ok(())
}

/// Removes a file, and the directories that are empty then.
fn remove(path: &Path, top: &Path) -> io::Result<()> {
    fs::remove_file(path)?;
    for directory in path.ancestors().skip(1).take_while(|directory| *directory != top) {
        if fs::remove_dir(directory).is_err() {
            break;
        }
    }
    Ok(())
}

/// Writes hunks to the file for rejects; its name.
fn save(
    options: &Options,
    name: &Path,
    patch: &FilePatch,
    hunks: &[Hunk],
) -> Result<Option<String>, Failure> {
    let output = options.output.as_deref().filter(|output| *output != Path::new("-"));
    let by_name = || PathBuf::from(format!("{}.rej", output.unwrap_or(name).display()));
    let target = options.rejects.clone().unwrap_or_else(by_name);
    if target == Path::new("-") {
        return Ok(None);
    }
    let hunks: Vec<&Hunk> = hunks.iter().collect();
    let path = options.directory.join(&target);
    fs::write(&path, rejects::text(patch, &hunks)).map_err(|error| trouble(Failure::at(&path, &error)))?;
    Ok(Some(target.display().to_string()))
}

#[cfg(test)]
mod tests;
