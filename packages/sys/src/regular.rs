// SPDX-License-Identifier: MIT OR Apache-2.0
//! Regular files that somebody else may have put in place of another: what is no regular file is refused at once, where
//! open(2) or read(2) would wait for the writer of a FIFO, or never come to the end of a device.

use rustix::fs::{Mode, OFlags};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Opens the regular file at `path` for reading; links are followed.
///
/// # Errors
/// As in open(2), and when it is no regular file.
pub fn open(path: &Path) -> io::Result<File> {
    // For regular files, O_NONBLOCK has no meaning.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::other("not a regular file")),
    }
}

/// Reads the regular file at `path`, which may have up to `most` bytes.
///
/// # Errors
/// As in [`open`] and read(2), and when it has more bytes.
pub fn read(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    open(path)?.take(most as u64 + 1).read_to_end(&mut content)?;
    match content.len() <= most {
        true => Ok(content),
        false => Err(io::Error::other(format!("has more than {most} bytes"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn only_regular_files_of_some_size() {
        let place = std::env::temp_dir().join(format!("qos-sys-regular-{}", std::process::id()));
        std::fs::create_dir_all(&place).unwrap();
        let check = |name: &str, expect: Result<&str, &str>| {
            let found = read(&place.join(name), 4).map_err(|error| crate::error_text(&error));
            let found = found.as_deref().map_err(String::as_str);
            assert_eq!(found, expect.map(str::as_bytes), "{name}");
        };
        std::fs::write(place.join("four"), "1234").unwrap();
        std::fs::write(place.join("five"), "12345").unwrap();
        symlink("four", place.join("link")).unwrap();
        symlink("/dev/zero", place.join("zero")).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, place.join("fifo"), Mode::RUSR | Mode::WUSR).unwrap();
        check("four", Ok("1234"));
        check("link", Ok("1234"));
        check("five", Err("has more than 4 bytes"));
        check("zero", Err("not a regular file"));
        check("fifo", Err("not a regular file"));
        check(".", Err("not a regular file"));
        check("none", Err("No such file or directory"));
        std::fs::remove_dir_all(place).unwrap();
    }
}
