// SPDX-License-Identifier: MIT OR Apache-2.0
//! The verbs on the files of an initramfs.

use super::print;
use qos_inspect::check::{self, Severity};
use qos_inspect::image::Image;
use qos_inspect::repack::{self as repacking, Changes};
use qos_inspect::rootfs::Rootfs;
use qos_inspect::segments::{self, MAX_UNPACKED, Segment};
use qos_inspect::start::{self, Kernel};
use qos_inspect::{Error, diff as diffing, extract as extracting, list as listing, table};
use qos_manifest::Compression;
use qos_tree::path::{normal, show};
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The kernel that boots an image, as far as it is known.
pub struct ForKernel {
    /// Its release.
    pub release: Option<String>,
    /// The kernel itself.
    pub file: Option<PathBuf>,
}

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

pub fn extract(files: &[PathBuf], to: &Path, paths: &[OsString]) -> Result<ExitCode, Error> {
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

pub fn check(files: &[PathBuf], kernel: &ForKernel, rdinit: &str, deny: bool) -> Result<ExitCode, Error> {
    let (rootfs, segments) = rootfs(files)?;
    let mut of_kernel = Vec::new();
    let mut release = kernel.release.clone();
    if let Some(file) = &kernel.file {
        let image = Image::open(file)?;
        let kernel = image.vmlinux().and_then(|vmlinux| Kernel::read(&vmlinux));
        let kernel = kernel.map_err(|e| e.of(file.display()))?;
        of_kernel = start::by_kernel(&rootfs.tree, &segments, &kernel);
        release = release.or(Some(kernel.release));
    }
    let mut findings = check::lost(&rootfs);
    findings.extend(start::formats(&segments));
    findings.extend(check::check_from(&rootfs.tree, rdinit, release.as_deref()));
    findings.extend(of_kernel);
    findings.sort();
    findings.dedup();
    print(&start::first_program(&rootfs.tree, rdinit));
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

/// Kernels and configurations are compared by option, images by file.
pub fn diff(a: &Path, b: &Path) -> Result<ExitCode, Error> {
    use qos_inspect::image::What;
    let is_kernel = matches!(Image::open(a)?.what, What::BzImage | What::Vmlinux | What::Text);
    let text = match is_kernel {
        true => diffing::configs(&super::lookup::config_of(a)?, &super::lookup::config_of(b)?),
        false => diffing::trees(&rootfs(&[a.to_owned()])?.0.tree, &rootfs(&[b.to_owned()])?.0.tree)?,
    };
    print(&text);
    Ok(if text.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub fn repack(
    file: &Path,
    out: &Path,
    compression: Option<Compression>,
    remove: &[OsString],
    put: &[OsString],
) -> Result<ExitCode, Error> {
    let (segments, error) = part(file)?;
    if let Some(error) = error {
        return Err(error);
    }
    let mut changes = Changes { compression, ..Changes::default() };
    changes.remove = remove.iter().map(|path| path.as_bytes().to_vec()).collect();
    for pair in put {
        let bytes = pair.as_bytes();
        let at = bytes.iter().position(|b| *b == b'=');
        let at = at.ok_or_else(|| Error::new(format!("--put {}: not PATH=FILE", pair.to_string_lossy())))?;
        let from = Path::new(OsStr::from_bytes(&bytes[at + 1..]));
        let data = std::fs::read(from).map_err(|e| Error::io("read", from, &e))?;
        changes.put.push((bytes[..at].to_vec(), data));
    }
    let bytes = repacking::repack(segments, &changes)?;
    std::fs::write(out, &bytes).map_err(|e| Error::io("write", out, &e))?;
    print(&format!("{}: {} bytes\n", out.display(), bytes.len()));
    Ok(ExitCode::SUCCESS)
}
