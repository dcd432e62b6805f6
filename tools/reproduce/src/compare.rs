// SPDX-License-Identifier: MIT OR Apache-2.0
//! Compares two trees by what a Nix store records of them: types, contents, the executable bit and the targets of links. The store
//! sets all times, owners and other bits itself.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::{self, File, Metadata};
use std::io::{self, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// So many differences are worth reading.
const MOST: usize = 20;

/// A difference of two trees.
#[derive(Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where, relative to the trees' roots; empty for the roots.
    pub path: PathBuf,
    /// What.
    pub kind: Kind,
}

/// How two files of one path differ.
#[derive(Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only the first build has it.
    OnlyFirst,
    /// Only the second build has it.
    OnlySecond,
    /// They are of different types.
    Type(&'static str, &'static str),
    /// One is executable.
    Executable,
    /// Targets of symbolic links.
    Target(PathBuf, PathBuf),
    /// Contents.
    Content {
        /// Offset of the first different byte.
        offset: u64,
        /// The byte of the first build, if it is so long.
        first: Option<u8>,
        /// The byte of the second.
        second: Option<u8>,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_os_str().is_empty() {
            true => write!(f, "the output itself: ")?,
            false => write!(f, "{}: ", self.path.display())?,
        }
        let byte = |byte: &Option<u8>| byte.map_or("the end".to_owned(), |byte| format!("{byte:#04x}"));
        match &self.kind {
            Kind::OnlyFirst => write!(f, "only in the first build"),
            Kind::OnlySecond => write!(f, "only in the second build"),
            Kind::Type(first, second) => write!(f, "a {first} in the first build, a {second} in the second"),
            Kind::Executable => write!(f, "executable in one build only"),
            Kind::Target(first, second) => {
                write!(
                    f,
                    "links to {} in the first build, to {} in the second",
                    first.display(),
                    second.display()
                )
            }
            Kind::Content { offset, first, second } => {
                write!(f, "first difference at byte {offset}: {}, then {}", byte(first), byte(second))
            }
        }
    }
}

/// The differences of two trees, in the order of their paths: at most [`MOST`].
///
/// # Errors
///
/// A file cannot be read.
pub fn compare(first: &Path, second: &Path) -> io::Result<Vec<Difference>> {
    let mut differences = Vec::new();
    at(first, second, Path::new(""), &mut differences)?;
    Ok(differences)
}

fn at(first: &Path, second: &Path, path: &Path, differences: &mut Vec<Difference>) -> io::Result<()> {
    if differences.len() >= MOST {
        return Ok(());
    }
    let (old, new) = (joined(first, path), joined(second, path));
    let (a, b) = (metadata(&old)?, metadata(&new)?);
    let kind = match (&a, &b) {
        (None, None) => None,
        (Some(_), None) => Some(Kind::OnlyFirst),
        (None, Some(_)) => Some(Kind::OnlySecond),
        (Some(a), Some(b)) if type_of(a) != type_of(b) => Some(Kind::Type(type_of(a), type_of(b))),
        (Some(a), Some(_)) if a.is_dir() => {
            for name in names(&old)?.union(&names(&new)?) {
                at(first, second, &path.join(name), differences)?;
            }
            None
        }
        (Some(a), Some(_)) if a.is_symlink() => {
            let (a, b) = (fs::read_link(&old)?, fs::read_link(&new)?);
            (a != b).then_some(Kind::Target(a, b))
        }
        (Some(a), Some(b)) => match content(&old, &new)? {
            None if is_executable(a) != is_executable(b) => Some(Kind::Executable),
            other => other,
        },
    };
    differences.extend(kind.map(|kind| Difference { path: path.to_owned(), kind }));
    Ok(())
}

/// Without a slash at the end, which would follow a link.
fn joined(root: &Path, path: &Path) -> PathBuf {
    if path.as_os_str().is_empty() { root.to_owned() } else { root.join(path) }
}

fn metadata(path: &Path) -> io::Result<Option<Metadata>> {
    match fs::symlink_metadata(path) {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn type_of(metadata: &Metadata) -> &'static str {
    if metadata.is_dir() {
        "directory"
    } else if metadata.is_symlink() {
        "link"
    } else if metadata.is_file() {
        "file"
    } else {
        "special file"
    }
}

/// By the owner's bit, as Nix has it.
fn is_executable(metadata: &Metadata) -> bool {
    metadata.permissions().mode() & 0o100 != 0
}

fn names(directory: &Path) -> io::Result<BTreeSet<std::ffi::OsString>> {
    fs::read_dir(directory)?.map(|entry| entry.map(|entry| entry.file_name())).collect()
}

/// The first different byte.
fn content(first: &Path, second: &Path) -> io::Result<Option<Kind>> {
    let open = |path: &Path| File::open(path).map(|file| BufReader::with_capacity(1 << 16, file));
    let (mut first, mut second) = (open(first)?, open(second)?);
    let (mut old, mut new) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let mut offset = 0u64;
    loop {
        let (n, m) = (fill(&mut first, &mut old)?, fill(&mut second, &mut new)?);
        let same = old[..n].iter().zip(&new[..m]).take_while(|(a, b)| a == b).count();
        if same < n.max(m) {
            let byte = |bytes: &[u8]| bytes.get(same).copied();
            let kind = Kind::Content {
                offset: offset + same as u64,
                first: byte(&old[..n]),
                second: byte(&new[..m]),
            };
            return Ok(Some(kind));
        }
        if n == 0 {
            return Ok(None);
        }
        offset += n as u64;
    }
}

/// Fills the buffer unless the file ends.
fn fill(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..])? {
            0 => break,
            n => filled += n,
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use qos_host::testing::Folder;
    use std::os::unix::fs::symlink;

    /// Two trees made by the functions, and the differences as text.
    fn check(first: impl Fn(&Path), second: impl Fn(&Path), expect: &[&str]) {
        let directory = Folder::temporary();
        let roots = [directory.path("first"), directory.path("second")];
        roots.iter().for_each(|root| fs::create_dir(root).unwrap());
        first(&roots[0]);
        second(&roots[1]);
        let found: Vec<_> = compare(&roots[0], &roots[1]).unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(found, expect);
    }

    fn file(root: &Path, name: &str, bytes: &[u8]) {
        fs::write(root.join(name), bytes).unwrap();
    }

    #[test]
    fn contents() {
        let long = |last: u8| [vec![7; 70_000], vec![last]].concat();
        check(
            |root| {
                file(root, "a", b"same");
                file(root, "b", b"abc");
                file(root, "c", b"abc");
                file(root, "d", &long(1));
            },
            |root| {
                file(root, "a", b"same");
                file(root, "b", b"abX");
                file(root, "c", b"abcd");
                file(root, "d", &long(2));
            },
            &[
                "b: first difference at byte 2: 0x63, then 0x58",
                "c: first difference at byte 3: the end, then 0x64",
                "d: first difference at byte 70000: 0x01, then 0x02",
            ],
        );
    }

    #[test]
    fn kinds_of_files() {
        check(
            |root| {
                file(root, "a", b"");
                file(root, "run", b"");
                fs::create_dir(root.join("dir")).unwrap();
                file(root, "dir/one", b"");
                symlink("x", root.join("link")).unwrap();
                symlink("nowhere", root.join("type")).unwrap();
            },
            |root| {
                file(root, "run", b"");
                fs::set_permissions(root.join("run"), fs::Permissions::from_mode(0o755)).unwrap();
                fs::create_dir(root.join("dir")).unwrap();
                file(root, "dir/two", b"");
                symlink("y", root.join("link")).unwrap();
                file(root, "type", b"");
            },
            &[
                "a: only in the first build",
                "dir/one: only in the first build",
                "dir/two: only in the second build",
                "link: links to x in the first build, to y in the second",
                "run: executable in one build only",
                "type: a link in the first build, a file in the second",
            ],
        );
    }

    #[test]
    fn what_a_store_does_not_record() {
        check(
            |root| {
                file(root, "a", b"x");
                fs::set_permissions(root.join("a"), fs::Permissions::from_mode(0o600)).unwrap();
            },
            |root| file(root, "a", b"x"),
            &[],
        );
    }

    #[test]
    fn roots_that_are_files() {
        let directory = Folder::temporary();
        directory.write("a", "1");
        directory.write("b", "2");
        let found = compare(&directory.path("a"), &directory.path("b")).unwrap();
        assert_eq!(found[0].to_string(), "the output itself: first difference at byte 0: 0x31, then 0x32");
    }

    #[test]
    fn not_too_many() {
        check(
            |root| (10..60).for_each(|n| file(root, &n.to_string(), b"")),
            |_| {},
            &(10..30)
                .map(|n| format!("{n}: only in the first build"))
                .collect::<Vec<_>>()
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>(),
        );
    }
}
