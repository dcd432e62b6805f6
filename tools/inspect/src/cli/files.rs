// SPDX-License-Identifier: MIT OR Apache-2.0
//! The verbs on the files of an initramfs.

use super::print;
use qos_inspect::check::{self, Severity};
use qos_inspect::image::Image;
use qos_inspect::rootfs::Rootfs;
use qos_inspect::segments::{self, MAX_UNPACKED, Segment};
use qos_inspect::{Error, extract as extracting, list as listing, table};
use qos_tree::path::{normal, show};
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The segments of the initramfs in a file, as far as it is whole.
fn part(file: &Path) -> Result<(Vec<Segment>, Option<Error>), Error> {
    let image = Image::open(file)?;
    let bytes = image.initramfs().map_err(|e| e.of(file.display()))?;
    let (segments, error) = segments::read_part(&bytes, MAX_UNPACKED);
    Ok((segments, error.map(|e| e.of(file.display()))))
}

/// The files together as the kernel unpacks them.
pub fn rootfs(files: &[PathBuf]) -> Result<(Rootfs, Vec<Segment>), Error> {
    let mut all = Vec::new();
    for file in files {
        let (segments, error) = part(file)?;
        if let Some(error) = error {
            return Err(error);
        }
        all.extend(segments);
    }
    Ok((segments::rootfs(&all)?, all))
}

/// What is before the damage of a damaged file is listed.
pub fn list(files: &[PathBuf], hash: bool, names: bool, json: bool) -> Result<ExitCode, Error> {
    let mut all = Vec::new();
    for file in files {
        let (segments, error) = part(file)?;
        if files.len() > 1 && !json {
            print(&format!("# {}\n", file.display()));
        }
        if json {
            all.extend(table::json(&segments).as_array().cloned().unwrap_or_default());
        } else if hash {
            print(&listing::list(&segments, true));
        } else if names {
            print(&table::names(&segments));
        } else {
            print(&table::long(&segments));
        }
        if let Some(error) = error {
            return Err(error);
        }
    }
    if json {
        print(&format!("{:#}\n", serde_json::Value::Array(all)));
    }
    Ok(ExitCode::SUCCESS)
}

pub fn tree(files: &[PathBuf]) -> Result<ExitCode, Error> {
    print(&table::tree(&rootfs(files)?.0.tree));
    Ok(ExitCode::SUCCESS)
}

/// A file that the kernel does not unpack, such as microcode in an early segment, is found by its name in the archive.
pub fn cat(file: &Path, path: &OsStr) -> Result<ExitCode, Error> {
    let (rootfs, segments) = rootfs(&[file.to_owned()])?;
    let write = |content: &mut dyn io::Read| {
        io::copy(content, &mut io::stdout()).map(|_| ExitCode::SUCCESS).or_else(|e| match e.kind() {
            io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
            _ => Err(Error::new(format!("cannot write the content: {e}"))),
        })
    };
    let wanted = path.as_bytes();
    let unresolved = match rootfs.tree.resolve(wanted) {
        Ok(at) => match rootfs.tree.content(&at) {
            Some(content) => {
                let cannot = |e| Error::new(format!("cannot read /{}: {e}", show(&at)));
                return write(&mut content.open().map_err(cannot)?);
            }
            None => return Err(Error::new(format!("/{} is not a regular file", show(&at)))),
        },
        Err(why) => why,
    };
    let entries = segments.iter().flat_map(|s| &s.archives).flat_map(|a| &a.entries);
    let mut named = entries.filter(|e| e.is_file() && normal(&e.name) == normal(wanted));
    match named.next() {
        Some(entry) => write(&mut entry.data.as_slice()),
        None => Err(Error::new(format!("{}: {unresolved}", file.display()))),
    }
}

pub fn extract(files: &[PathBuf], to: &Path, paths: &[std::ffi::OsString]) -> Result<ExitCode, Error> {
    let (rootfs, _) = rootfs(files)?;
    let mut tree = rootfs.tree;
    if !paths.is_empty() {
        let paths: Vec<&[u8]> = paths.iter().map(|path| path.as_bytes()).collect();
        tree = extracting::only(&tree, &paths)?;
    }
    let skipped = extracting::extract(&tree, to)?;
    for (path, why) in &rootfs.lost {
        eprintln!("qos-inspect: left out, as the kernel does: /{}: {why}", show(path));
    }
    if !skipped.is_empty() {
        eprintln!("qos-inspect: left out, as they need root: {}", skipped.join(" "));
    }
    Ok(ExitCode::SUCCESS)
}

pub fn check(files: &[PathBuf], release: Option<&str>, rdinit: &str, deny: bool) -> Result<ExitCode, Error> {
    let (rootfs, segments) = rootfs(files)?;
    let mut findings = check::lost(&rootfs);
    findings.extend(check::formats(&segments));
    findings.extend(check::check_from(&rootfs.tree, rdinit, release));
    findings.sort();
    findings.dedup();
    print(&check::first_program(&rootfs.tree, rdinit));
    for finding in &findings {
        print(&format!("{finding}\n"));
    }
    let bad = |severity| deny || severity == Severity::Error;
    Ok(if findings.iter().any(|finding| bad(finding.severity)) {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}
