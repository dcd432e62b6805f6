// SPDX-License-Identifier: MIT OR Apache-2.0
//! `tar -c`: an archive in GNU's format, its names sorted.

use crate::codec::{Codec, Encoder};
use crate::options::Options;
use crate::owners::Owners;
use crate::{Failure, glob, read};
use std::collections::HashMap;
use std::fs::{self, File, Metadata};
use std::io::{self, IsTerminal, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

/// What archives are written to.
type Builder<'a> = tar::Builder<Encoder<Box<dyn Write + 'a>>>;

struct Creator<'a, 'b> {
    options: &'a Options,
    owners: &'a Owners,
    builder: Builder<'b>,
    /// Files with several names, by device and inode: the first name.
    links: HashMap<(u64, u64), PathBuf>,
    /// The archive itself, which is no member.
    own: Option<(u64, u64)>,
    verbose: &'a mut dyn Write,
    failed: bool,
}

/// Makes an archive in its file or, where none is given, `out`; names that `-v` asks for go to the other one.
pub fn run(options: &Options, owners: &Owners, out: &mut dyn Write) -> Result<(), Failure> {
    let codec = options.codec.unwrap_or(Codec::Plain);
    let Some(path) = &options.file else {
        if io::stdout().is_terminal() {
            return Err(read::fatal(Failure::new(
                "an archive is not written to a terminal; -f names a file",
            )));
        }
        return create(options, owners, codec, Box::new(out), None, &mut io::stderr());
    };
    let failed = |error: io::Error| read::fatal(Failure::at(path, &error));
    let file = File::create(path).map_err(failed)?;
    let meta = file.metadata().map_err(failed)?;
    let own = Some((meta.dev(), meta.ino()));
    create(options, owners, codec, Box::new(io::BufWriter::new(file)), own, out)
}

fn create(
    options: &Options,
    owners: &Owners,
    codec: Codec,
    output: Box<dyn Write + '_>,
    own: Option<(u64, u64)>,
    verbose: &mut dyn Write,
) -> Result<(), Failure> {
    let failed = |error: io::Error| read::fatal(Failure::from(error));
    let encoder = Encoder::new(codec, None, output).map_err(failed)?;
    let builder = tar::Builder::new(encoder);
    let mut creator =
        Creator { options, owners, builder, links: HashMap::new(), own, verbose, failed: false };
    for member in &options.members {
        let name = stripped(&member.name);
        if name.len() < member.name.len() {
            let prefix = &member.name[..member.name.len() - name.len()];
            eprintln!("tar: removing '{prefix}' at the start of member names");
        }
        let name = if name.is_empty() { "." } else { name };
        creator.add(&member.directory.join(&member.name), name.trim_end_matches('/'))?;
    }
    let failed_before = creator.failed;
    creator.builder.into_inner().and_then(Encoder::finish).map_err(failed)?;
    if failed_before { Err(Failure::silent(2)) } else { Ok(()) }
}

/// `name` as it is in an archive: without a root, and without what leads out of a directory.
fn stripped(name: &str) -> &str {
    let mut rest = name.trim_start_matches('/');
    while let Some(at) = rest.rfind("../").filter(|at| *at == 0 || rest[..*at].ends_with('/')) {
        rest = rest[at + 3..].trim_start_matches('/');
    }
    if rest == ".." { "" } else { rest }
}

impl Creator<'_, '_> {
    /// Adds a file, or a directory with all that is in it. What cannot be read is left out, and said.
    fn add(&mut self, path: &Path, name: &str) -> Result<(), Failure> {
        if glob::excludes(&self.options.excluded, name) {
            return Ok(());
        }
        let meta = if self.options.follow { fs::metadata(path) } else { fs::symlink_metadata(path) };
        let meta = match meta {
            Ok(meta) => meta,
            Err(error) => return self.complain(path, &qos_sys::error_text(&error)),
        };
        if self.own == Some((meta.dev(), meta.ino())) {
            self.note(path, "is the archive; left out");
            return Ok(());
        }
        let is_directory = meta.is_dir();
        let shown = if is_directory { format!("{name}/") } else { name.to_owned() };
        match self.append(path, &shown, &meta) {
            Ok(true) if self.options.verbose => writeln!(self.verbose, "{shown}")?,
            Ok(_) => {}
            Err(Problem::Input(error)) => return self.complain(path, &qos_sys::error_text(&error)),
            Err(Problem::Output(error)) => return Err(read::fatal(Failure::from(error))),
        }
        if !is_directory {
            return Ok(());
        }
        let entries = match fs::read_dir(path) {
            Ok(entries) => entries,
            Err(error) => return self.complain(path, &qos_sys::error_text(&error)),
        };
        let mut names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
        names.sort();
        for entry in names {
            match entry.to_str() {
                Some(entry) => self.add(&path.join(entry), &format!("{name}/{entry}"))?,
                None => self.complain(&path.join(&entry), "the name is not UTF-8; left out")?,
            }
        }
        Ok(())
    }

    /// Writes one member; `false`: it is of a kind that archives do not have.
    fn append(&mut self, path: &Path, name: &str, meta: &Metadata) -> Result<bool, Problem> {
        let mut header = tar::Header::new_gnu();
        header.set_metadata(meta);
        self.set_owner(&mut header, meta).map_err(Problem::Output)?;
        let kind = meta.file_type();
        let key = (meta.dev(), meta.ino());
        if !meta.is_dir() && meta.nlink() > 1 {
            if let Some(first) = self.links.get(&key) {
                header.set_entry_type(tar::EntryType::Link);
                header.set_size(0);
                self.builder.append_link(&mut header, name, first).map_err(Problem::Output)?;
                return Ok(true);
            }
            self.links.insert(key, name.into());
        }
        if kind.is_symlink() {
            let target = fs::read_link(path).map_err(Problem::Input)?;
            header.set_size(0);
            self.builder.append_link(&mut header, name, target).map_err(Problem::Output)?;
        } else if kind.is_file() {
            let file = File::open(path).map_err(Problem::Input)?;
            // A file that grows or shrinks while it is read must not shift what follows.
            let contents = io::Read::take(io::Read::chain(file, io::repeat(0)), meta.len());
            self.builder.append_data(&mut header, name, contents).map_err(Problem::Output)?;
        } else if kind.is_dir() || kind.is_fifo() || kind.is_char_device() || kind.is_block_device() {
            header.set_size(0);
            if kind.is_char_device() || kind.is_block_device() {
                let (major, minor) = qos_sys::node::numbers(meta.rdev());
                header.set_device_major(major).map_err(Problem::Output)?;
                header.set_device_minor(minor).map_err(Problem::Output)?;
            }
            self.builder.append_data(&mut header, name, io::empty()).map_err(Problem::Output)?;
        } else {
            self.note(path, "socket left out");
            return Ok(false);
        }
        Ok(true)
    }

    fn set_owner(&self, header: &mut tar::Header, meta: &Metadata) -> io::Result<()> {
        let options = self.options;
        let uid = options.owner.unwrap_or_else(|| meta.uid().into());
        let gid = options.group.unwrap_or_else(|| meta.gid().into());
        header.set_uid(uid);
        header.set_gid(gid);
        if let Some(mtime) = options.mtime {
            header.set_mtime(mtime);
        }
        if !options.numeric_owner {
            // A name that does not fit is left out: the number is there.
            let _ = self.owners.user(uid).map(|user| header.set_username(user));
            let _ = self.owners.group(gid).map(|group| header.set_groupname(group));
        }
        Ok(())
    }

    fn note(&self, path: &Path, text: &str) {
        eprintln!("tar: {}: {text}", path.display());
    }

    /// Says what is wrong with a file, and goes on; the exit status tells of it.
    fn complain(&mut self, path: &Path, text: &str) -> Result<(), Failure> {
        self.failed = true;
        self.note(path, text);
        Ok(())
    }
}

/// Of a file, after which the others are done; or of the archive, which ends it.
enum Problem {
    Input(io::Error),
    Output(io::Error),
}

#[cfg(test)]
mod tests {
    #[test]
    fn names() {
        for (name, expect) in [
            ("/etc/passwd", "etc/passwd"),
            ("../a", "a"),
            ("a/../../b", "b"),
            ("a..b/c", "a..b/c"),
            ("a../b", "a../b"),
            ("..", ""),
            ("/", ""),
            ("./a", "./a"),
        ] {
            assert_eq!(super::stripped(name), expect, "{name}");
        }
    }
}
