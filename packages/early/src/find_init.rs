// SPDX-License-Identifier: MIT OR Apache-2.0
//! Finds the init of the new root, before the change of root, which cannot be undone.

use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};

/// What the kernel tries if there is no `init=` (`kernel_init()` in `init/main.c`).
const USUAL: &[&str] = &["/sbin/init", "/etc/init", "/bin/init", "/bin/sh"];

/// How many links may be on the way to a file (`MAXSYMLINKS` in `include/linux/namei.h`).
const MOST_LINKS: usize = 40;

/// The program to run in the new root at `root`: `wanted`, or else the first usual one that can be run.
///
/// # Errors
/// Each path that was tried, with the reason why it cannot be run.
pub fn find_init(root: &Path, wanted: Option<&str>) -> Result<String, Vec<String>> {
    let mut tried = Vec::new();
    let usual = if wanted.is_some() { &[] } else { USUAL };
    for path in wanted.into_iter().chain(usual.iter().copied()) {
        match program(root, path, true) {
            Ok(()) => return Ok(path.to_owned()),
            Err(reason) => tried.push(format!("{path}: {reason}")),
        }
    }
    Err(tried)
}

/// Whether the file at `path` in `root` can be run, with the interpreter that it names.
fn program(root: &Path, path: &str, with_interpreter: bool) -> Result<(), String> {
    let file = resolve(root, path).ok_or("no such file")?;
    let meta = fs::metadata(&file).map_err(|error| qos_sys::error_text(&error))?;
    if !meta.is_file() {
        return Err("not a file".to_owned());
    }
    if meta.permissions().mode() & 0o111 == 0 {
        return Err("not executable".to_owned());
    }
    let mut head = Vec::new();
    let read = fs::File::open(&file).and_then(|file| file.take(4096).read_to_end(&mut head));
    read.map_err(|error| qos_sys::error_text(&error))?;
    if !with_interpreter {
        return Ok(());
    }
    // Without its interpreter the kernel reports "No such file or directory" for the program (error -2).
    match interpreter(&head) {
        Some(interpreter) => program(root, &interpreter, false)
            .map_err(|reason| format!("its interpreter {interpreter}: {reason}")),
        None => Ok(()),
    }
}

/// The interpreter of a script or of a dynamic ELF program, if its name is in the first bytes.
fn interpreter(head: &[u8]) -> Option<String> {
    if let Some(line) = head.strip_prefix(b"#!") {
        let line = line.split(|byte| *byte == b'\n').next()?;
        let line = String::from_utf8_lossy(line);
        return line.split_whitespace().next().map(str::to_owned);
    }
    // elf(5): 64 bits, little-endian.
    const PT_INTERP: u64 = 3;
    if !head.starts_with(b"\x7fELF\x02\x01") {
        return None;
    }
    let number = |at: usize, length: usize| -> Option<u64> {
        let bytes = head.get(at..at.checked_add(length)?)?;
        Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    };
    let (table, size, count) = (number(32, 8)?, number(54, 2)?, number(56, 2)?);
    for n in 0..count {
        let header = usize::try_from(table.checked_add(n * size)?).ok()?;
        if number(header, 4)? == PT_INTERP {
            let at = usize::try_from(number(header.checked_add(8)?, 8)?).ok()?;
            let length = usize::try_from(number(header.checked_add(32)?, 8)?).ok()?;
            let text = head.get(at..at.checked_add(length)?)?;
            let text = text.split(|byte| *byte == 0).next()?;
            return Some(String::from_utf8_lossy(text).into_owned());
        }
    }
    None
}

/// The file at `path` in `root`, with links followed as if `root` were the root directory.
fn resolve(root: &Path, path: &str) -> Option<PathBuf> {
    let mut left: Vec<Component<'_>> = Vec::new();
    let path = PathBuf::from(path);
    left.extend(path.components().rev());
    let mut left: Vec<std::ffi::OsString> = left.iter().map(|part| part.as_os_str().to_owned()).collect();
    let (mut at, mut links) = (PathBuf::new(), 0);
    while let Some(part) = left.pop() {
        match part.to_str() {
            Some("/") => at = PathBuf::new(),
            Some(".") => {}
            Some("..") => drop(at.pop()),
            _ => {
                let next = root.join(&at).join(&part);
                match fs::read_link(&next) {
                    Ok(target) => {
                        links += 1;
                        if links > MOST_LINKS {
                            return None;
                        }
                        left.extend(target.components().rev().map(|part| part.as_os_str().to_owned()));
                    }
                    Err(_) => at.push(part),
                }
            }
        }
    }
    Some(root.join(at)).filter(|path| path.exists())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// An ELF header with one program header, that of the interpreter.
    fn elf(interpreter: &str) -> Vec<u8> {
        let mut file = vec![0; 64 + 56];
        file[..6].copy_from_slice(b"\x7fELF\x02\x01");
        file[32] = 64;
        file[54] = 56;
        file[56] = 1;
        file[64] = 3;
        file[64 + 8] = 120;
        file[64 + 32] = u8::try_from(interpreter.len() + 1).unwrap();
        file.extend(interpreter.as_bytes());
        file.push(0);
        file
    }

    fn check(
        files: &[(&str, &[u8], u32)],
        links: &[(&str, &str)],
        wanted: Option<&str>,
        expect: Result<&str, &[&str]>,
    ) {
        let root = tempfile::tempdir().unwrap();
        let place = |path: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            path
        };
        for (path, text, mode) in files {
            fs::write(place(path), text).unwrap();
            fs::set_permissions(place(path), fs::Permissions::from_mode(*mode)).unwrap();
        }
        for (link, target) in links {
            symlink(target, place(link)).unwrap();
        }
        let found = find_init(root.path(), wanted);
        let found = found.as_deref().map_err(|tried| tried.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(found, expect.map_err(<[&str]>::to_vec));
    }

    #[test]
    fn the_first_that_can_be_run() {
        check(&[("sbin/init", b"", 0o755), ("bin/sh", b"", 0o755)], &[], None, Ok("/sbin/init"));
        check(&[("sbin/init", b"", 0o644), ("bin/sh", b"", 0o755)], &[], None, Ok("/bin/sh"));
        check(&[("bin/sh", b"", 0o755)], &[], Some("/bin/sh"), Ok("/bin/sh"));
        check(&[("bin/sh", b"", 0o755)], &[], Some("/x"), Err(&["/x: no such file"]));
        check(
            &[("etc/init/x", b"", 0o755), ("bin/init", b"", 0o644)],
            &[],
            None,
            Err(&[
                "/sbin/init: no such file",
                "/etc/init: not a file",
                "/bin/init: not executable",
                "/bin/sh: no such file",
            ]),
        );
    }

    #[test]
    fn links_stay_in_the_root() {
        let systemd = [("usr/lib/systemd/systemd", &b""[..], 0o755)];
        check(
            &systemd,
            &[("sbin", "usr/sbin"), ("usr/sbin/init", "/lib/systemd/systemd"), ("lib", "/usr/lib")],
            None,
            Ok("/sbin/init"),
        );
        check(&systemd, &[("sbin/init", "../../../usr/lib/systemd/systemd")], None, Ok("/sbin/init"));
        check(&[], &[("a", "b"), ("b", "a")], Some("/a"), Err(&["/a: no such file"]));
        // There is a /proc outside.
        check(&[], &[("a", "/proc/self/exe")], Some("/a"), Err(&["/a: no such file"]));
    }

    #[test]
    fn interpreters() {
        let loader = elf("/lib64/ld.so");
        check(&[("a", &loader, 0o755), ("lib64/ld.so", b"", 0o755)], &[], Some("/a"), Ok("/a"));
        check(
            &[("a", &loader, 0o755)],
            &[],
            Some("/a"),
            Err(&["/a: its interpreter /lib64/ld.so: no such file"]),
        );
        check(
            &[("a", b"#! /bin/x -y\n", 0o755)],
            &[],
            Some("/a"),
            Err(&["/a: its interpreter /bin/x: no such file"]),
        );
        check(&[("a", b"#!/bin/x", 0o755), ("bin/x", b"", 0o755)], &[], Some("/a"), Ok("/a"));
        // What is cut off is left to the kernel.
        check(&[("a", &loader[..100], 0o755)], &[], Some("/a"), Ok("/a"));
    }
}
