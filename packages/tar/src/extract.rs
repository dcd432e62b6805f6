// SPDX-License-Identifier: MIT OR Apache-2.0
//! `tar -x`: members become files, none of them outside of the target directory.

use crate::options::Options;
use crate::owners::Owners;
use crate::{Failure, read};
use filetime::FileTime;
use qos_sys::node::{self, Node};
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, lchown, symlink};
use std::path::{Component, Path, PathBuf};

/// What a directory gets when all that is in it has been written.
struct Later {
    path: PathBuf,
    mode: u32,
    mtime: u64,
}

struct Extractor<'a> {
    options: &'a Options,
    owners: &'a Owners,
    /// The directory that members go to, without links in its path.
    target: PathBuf,
    same_owner: bool,
    permissions: bool,
    later: Vec<Later>,
    failed: bool,
}

/// Extracts as `root` would where it is one.
pub fn run(
    options: &Options,
    owners: &Owners,
    root: bool,
    input: Box<dyn Read>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let directory = &options.directory;
    let target = directory.canonicalize().map_err(|error| read::fatal(Failure::at(directory, &error)))?;
    let mut extractor = Extractor {
        options,
        owners,
        target,
        same_owner: options.same_owner.unwrap_or(root),
        permissions: options.permissions.unwrap_or(root),
        later: Vec::new(),
        failed: false,
    };
    let result = read::each(options, input, |name, entry| extractor.member(name, entry, out));
    // Also after an error: a directory that cannot be written to is no good place to go on from.
    extractor.finish()?;
    result?;
    if extractor.failed { Err(Failure::silent(2)) } else { Ok(()) }
}

impl Extractor<'_> {
    /// One member. What cannot be made, or must not, is said, and the others are made all the same.
    fn member(&mut self, name: &str, entry: &mut read::Entry, out: &mut dyn Write) -> Result<(), Failure> {
        let Some(path) = inside(name, self.options.strip) else {
            return self.complain(name, "leads out of the directory; not extracted");
        };
        if path.as_os_str().is_empty() {
            return Ok(());
        }
        if self.options.to_stdout {
            if entry.header().entry_type().is_file() {
                copy(name, entry, out)?;
            }
            return Ok(());
        }
        if self.options.verbose {
            writeln!(out, "{name}")?;
        }
        match self.make(name, &path, entry) {
            Ok(()) => Ok(()),
            Err(Problem::Archive(failure)) => Err(failure),
            Err(Problem::File(text)) => self.complain(name, &text),
        }
    }

    /// Says what is wrong with a member, and goes on; the exit status tells of it.
    fn complain(&mut self, name: &str, text: &str) -> Result<(), Failure> {
        eprintln!("tar: {name}: {text}");
        self.failed = true;
        Ok(())
    }

    fn make(&mut self, name: &str, path: &Path, entry: &mut read::Entry) -> Result<(), Problem> {
        let at = self.place(path)?;
        let header = entry.header();
        let mode = header.mode()? & 0o7777;
        let mtime = if self.options.touch { None } else { Some(header.mtime()?) };
        let kind = header.entry_type();
        let link = entry.link_name_bytes().map(|link| String::from_utf8_lossy(&link).into_owned());
        if kind == tar::EntryType::Directory {
            return self.directory(&at, mode, mtime, header);
        }
        if !self.free(&at)? {
            return Ok(());
        }
        let device = (header.device_major().ok().flatten(), header.device_minor().ok().flatten());
        match (kind, link, device) {
            (tar::EntryType::Symlink, Some(link), _) => {
                symlink(link, &at)?;
                self.own(&at, header)?;
                if let Some(mtime) = mtime {
                    let time = FileTime::from_unix_time(mtime as i64, 0);
                    filetime::set_symlink_file_times(&at, time, time)?;
                }
                return Ok(());
            }
            (tar::EntryType::Link, Some(link), _) => {
                let first = inside(&link, self.options.strip).ok_or_else(|| {
                    Problem::File(format!("link to {link}, outside of the directory; not made"))
                })?;
                let first = self.place(&first)?;
                return fs::hard_link(&first, &at).map_err(|error| {
                    Problem::File(format!("link to {link}: {}", qos_sys::error_text(&error)))
                });
            }
            (tar::EntryType::Fifo, ..) => node::make(&at, Node::Fifo, mode)?,
            (tar::EntryType::Char, _, (Some(major), Some(minor))) => {
                node::make(&at, Node::Character(major, minor), mode)?;
            }
            (tar::EntryType::Block, _, (Some(major), Some(minor))) => {
                node::make(&at, Node::Block(major, minor), mode)?;
            }
            (kind, ..) if kind.is_file() || kind.is_gnu_sparse() || kind.is_contiguous() => {
                let mut file =
                    OpenOptions::new().write(true).create_new(true).mode(mode & 0o777).open(&at)?;
                copy(name, entry, &mut file).map_err(Problem::Archive)?;
            }
            (kind, ..) => {
                let kind = char::from(kind.as_byte());
                return Err(Problem::File(format!("of a kind ('{kind}') that is not known; not extracted")));
            }
        }
        let header = entry.header();
        self.own(&at, header)?;
        if self.permissions {
            fs::set_permissions(&at, fs::Permissions::from_mode(mode))?;
        }
        if let Some(mtime) = mtime {
            let time = FileTime::from_unix_time(mtime as i64, 0);
            filetime::set_file_times(&at, time, time)?;
        }
        Ok(())
    }

    /// The path of a member, whose directory is made where it is missing. No link on the way may lead out.
    fn place(&self, path: &Path) -> Result<PathBuf, Problem> {
        let mut at = self.target.clone();
        for part in path.parent().into_iter().flat_map(Path::components) {
            at.push(part);
            match fs::symlink_metadata(&at) {
                Ok(meta) if meta.is_dir() => {}
                Ok(meta) if meta.is_symlink() => {
                    let real = at.canonicalize()?;
                    if !real.starts_with(&self.target) {
                        return Err(Problem::File(format!(
                            "{} is a link that leads out of the directory; not extracted",
                            at.display()
                        )));
                    }
                    at = real;
                }
                Ok(_) => return Err(Problem::File(format!("{} is not a directory", at.display()))),
                Err(error) if error.kind() == io::ErrorKind::NotFound => fs::create_dir(&at)?,
                Err(error) => return Err(error.into()),
            }
        }
        at.extend(path.file_name());
        Ok(at)
    }

    /// Removes what stands at `at`; `false` when it is to be kept.
    fn free(&self, at: &Path) -> Result<bool, Problem> {
        match fs::symlink_metadata(at) {
            Err(_) => Ok(true),
            Ok(_) if self.options.keep => Err(Problem::File("exists already; not extracted".to_owned())),
            Ok(meta) if meta.is_dir() => Ok(fs::remove_dir(at).map(|()| true)?),
            Ok(_) => Ok(fs::remove_file(at).map(|()| true)?),
        }
    }

    fn directory(
        &mut self,
        at: &Path,
        mode: u32,
        mtime: Option<u64>,
        header: &tar::Header,
    ) -> Result<(), Problem> {
        let exists = match fs::symlink_metadata(at) {
            Ok(meta) if meta.is_dir() => true,
            // A link to a directory of the target does as well.
            Ok(meta) if meta.is_symlink() => {
                let real = at.canonicalize();
                if real.is_ok_and(|real| real.is_dir() && real.starts_with(&self.target)) {
                    return Ok(());
                }
                fs::remove_file(at)?;
                false
            }
            Ok(_) => self.free(at).map(|_| false)?,
            Err(_) => false,
        };
        if !exists {
            DirBuilder::new().mode(mode & 0o777 | 0o700).create(at)?;
            self.own(at, header)?;
        }
        if !exists || self.permissions {
            let mode =
                if self.permissions { mode } else { fs::metadata(at)?.mode() & (mode | !0o777) & 0o7777 };
            self.later.push(Later { path: at.to_owned(), mode, mtime: mtime.unwrap_or(u64::MAX) });
        }
        Ok(())
    }

    fn own(&self, at: &Path, header: &tar::Header) -> Result<(), Problem> {
        if !self.same_owner {
            return Ok(());
        }
        let named = |name: Option<&[u8]>| {
            let name = name.filter(|name| !name.is_empty() && !self.options.numeric_owner)?;
            std::str::from_utf8(name).ok().map(str::to_owned)
        };
        let uid = named(header.username_bytes()).and_then(|user| self.owners.uid(&user));
        let gid = named(header.groupname_bytes()).and_then(|group| self.owners.gid(&group));
        let uid = uid.map_or_else(|| header.uid(), Ok)?;
        let gid = gid.map_or_else(|| header.gid(), Ok)?;
        Ok(lchown(at, u32::try_from(uid).ok(), u32::try_from(gid).ok())?)
    }

    /// Gives directories their times and permissions, those within others first.
    fn finish(&mut self) -> Result<(), Failure> {
        while let Some(later) = self.later.pop() {
            let failed = |error: io::Error| read::fatal(Failure::at(&later.path, &error));
            // It may have been replaced by a later member.
            if !fs::symlink_metadata(&later.path).is_ok_and(|meta| meta.is_dir()) {
                continue;
            }
            fs::set_permissions(&later.path, fs::Permissions::from_mode(later.mode)).map_err(failed)?;
            if later.mtime != u64::MAX {
                let time = FileTime::from_unix_time(later.mtime as i64, 0);
                filetime::set_file_times(&later.path, time, time).map_err(failed)?;
            }
        }
        Ok(())
    }
}

/// The path of member `name` without its first `strip` components and without a root; `None` where it has `..` in it.
pub fn inside(name: &str, strip: usize) -> Option<PathBuf> {
    let mut parts = Vec::new();
    for part in Path::new(name).components() {
        match part {
            Component::Normal(part) => parts.push(part),
            Component::CurDir | Component::RootDir => {}
            Component::ParentDir | Component::Prefix(_) => return None,
        }
    }
    Some(parts.into_iter().skip(strip).collect())
}

fn copy(name: &str, entry: &mut read::Entry, out: &mut (impl Write + ?Sized)) -> Result<(), Failure> {
    let mut buffer = vec![0; 1 << 16];
    let mut copied = 0;
    loop {
        let n = entry.read(&mut buffer).map_err(|error| read::contents(name, entry, &error))?;
        if n == 0 {
            break;
        }
        copied += n as u64;
        out.write_all(&buffer[..n]).map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::from(error),
            _ => read::fatal(Failure::of(name, &error)),
        })?;
    }
    if copied < entry.size() && entry.header().entry_type().is_file() {
        return Err(read::contents(name, entry, &io::ErrorKind::UnexpectedEof.into()));
    }
    Ok(())
}

/// Of the archive, which ends it; or of a file, after which the others are made.
enum Problem {
    Archive(Failure),
    File(String),
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        Problem::File(qos_sys::error_text(&error))
    }
}
