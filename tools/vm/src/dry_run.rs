// SPDX-License-Identifier: MIT OR Apache-2.0
//! QEMU's command line to paste into a shell, with the terminal and files in place of the runner's channels.

use crate::accel::Accel;
use crate::error::{Error, Result};
use crate::inputs;
use crate::machine::{Config, Session};
use crate::program::Program;
use crate::wiring::{Chardev, Wiring};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The command line for `config` under `accel`: bash or zsh, one option a line.
///
/// # Errors
/// When segments of an initramfs cannot be put into one file (which stays, for the command line names it).
pub(crate) fn command_line(
    config: &Config,
    program: &Program,
    accel: Accel,
    log: Option<&Path>,
) -> Result<String> {
    let initramfs = match config.initramfs.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        several => Some(joined(several)?),
    };
    Ok(render(program, &config.arguments(accel, &wiring(config, initramfs, log)), config))
}

fn joined(segments: &[PathBuf]) -> Result<PathBuf> {
    let path = std::env::temp_dir().join(format!("qos-initramfs-{}", std::process::id()));
    let failed = |error| Error::file("cannot join the initramfs files in", &path, &error);
    let mut file = File::options().write(true).create_new(true).open(&path).map_err(failed)?;
    inputs::concatenate(segments, &mut file).map_err(failed)?;
    Ok(path)
}

fn wiring(config: &Config, initramfs: Option<PathBuf>, log: Option<&Path>) -> Wiring {
    let file = |name: &str| Chardev::File(name.into());
    let (serial, verdict, streams) = match config.session {
        Session::Console => (Chardev::Terminal, Chardev::Null, None),
        Session::Streams => (
            file("/dev/stderr"),
            Chardev::Null,
            Some([Chardev::Stdio, file("/dev/stdout"), file("/dev/stderr")]),
        ),
        Session::Golden => {
            let serial = log.map_or_else(|| file("/dev/stdout"), |path| Chardev::File(path.into()));
            (serial, file("/dev/stderr"), None)
        }
    };
    Wiring {
        kernel: config.kernel.clone().into_os_string(),
        initramfs: initramfs.map(PathBuf::into_os_string),
        // Replaced in `render` by what the shell makes of it.
        fw_cfg: (0..config.fw_cfg.len()).map(|index| OsString::from(placeholder(index))).collect(),
        serial,
        verdict,
        qmp: None,
        streams,
    }
}

fn placeholder(index: usize) -> String {
    format!("@fw_cfg{index}@")
}

fn render(program: &Program, arguments: &[OsString], config: &Config) -> String {
    let mut lines = Vec::new();
    for (name, value) in &program.environment {
        lines.push(format!("{name}={}", quote(value)));
    }
    let mut head = vec![quote(program.path.as_os_str())];
    head.extend(program.arguments.iter().map(|argument| quote(argument)));
    lines.push(head.join(" "));
    for argument in arguments {
        let mut word = quote(argument);
        for (index, file) in config.fw_cfg.iter().enumerate() {
            if argument.as_bytes().ends_with(placeholder(index).as_bytes()) {
                // A file made on the fly, as its contents can have NULs. Works in bash and zsh.
                let contents = format!("<(printf %b {})", quote(OsStr::new(&printf_escape(&file.contents))));
                word = format!("name={},file={contents}", file.name);
            }
        }
        let is_option = argument.as_bytes().starts_with(b"-");
        match lines.last_mut() {
            Some(last) if !is_option && lines_can_join(last) => {
                last.push(' ');
                last.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines.join(" \\\n  ") + "\n"
}

/// The value of an option is on the line of the option.
fn lines_can_join(line: &str) -> bool {
    line.starts_with('-') && !line.contains(' ')
}

/// `text` as the argument of printf's `%b`.
fn printf_escape(contents: &[u8]) -> String {
    let mut text = String::new();
    for &byte in contents {
        match byte {
            b'\\' => text.push_str("\\\\"),
            b'\n' => text.push_str("\\n"),
            0x20..=0x7e => text.push(char::from(byte)),
            _ => text.push_str(&format!("\\0{byte:03o}")),
        }
    }
    text
}

/// A word quoted for a POSIX shell.
fn quote(word: &OsStr) -> String {
    let text = word.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=+,./:@%^".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.into_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_when_needed() {
        let check = |word: &str, expect: &str| assert_eq!(quote(OsStr::new(word)), expect);
        check("-nodefaults", "-nodefaults");
        check("/a/b,c=d", "/a/b,c=d");
        check("", "''");
        check("console=ttyS0 quiet", "'console=ttyS0 quiet'");
        check("it's", "'it'\\''s'");
        check("$HOME", "'$HOME'");
    }

    #[test]
    fn contents_survive_printf() {
        assert_eq!(printf_escape(b"sh\0-c\0a\\b\n\0"), "sh\\0000-c\\0000a\\\\b\\n\\0000");
    }
}
