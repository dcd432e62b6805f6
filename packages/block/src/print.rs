// SPDX-License-Identifier: MIT OR Apache-2.0
//! The output formats of `blkid`.

use qos_probe::{Tags, property};
use std::io::{self, Write};

/// An output format, with `-o`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Full,
    Value,
    Export,
    Udev,
    List,
    Device,
}

impl Format {
    pub fn parse(name: &str) -> Option<Format> {
        Some(match name {
            "full" => Format::Full,
            "value" => Format::Value,
            "export" => Format::Export,
            "udev" => Format::Udev,
            "list" => Format::List,
            "device" => Format::Device,
            _ => return None,
        })
    }
}

/// How to print.
pub struct Printer<'a> {
    pub format: Format,
    /// Names that are printed; all if there are none.
    pub show: &'a [String],
    /// Whether bytes that cannot be printed are written as they are.
    pub raw: bool,
    /// Whether something was printed before: an empty line is between two devices.
    pub any: bool,
}

impl Printer<'_> {
    pub fn print(&mut self, name: &[u8], tags: &Tags, out: &mut dyn Write) -> io::Result<()> {
        if self.format == Format::Device {
            out.write_all(name)?;
            return out.write_all(b"\n");
        }
        let shown = |tag: &str| self.show.is_empty() || self.show.iter().any(|name| name == tag);
        let mut tags = tags.iter().filter(|(tag, _)| shown(tag)).peekable();
        if tags.peek().is_none() {
            return Ok(());
        }
        if std::mem::replace(&mut self.any, true) && matches!(self.format, Format::Export | Format::Udev) {
            out.write_all(b"\n")?;
        }
        match self.format {
            Format::Full => [name, b":"].into_iter().try_for_each(|part| out.write_all(part))?,
            Format::Export => {
                [b"DEVNAME=", name, b"\n"].into_iter().try_for_each(|part| out.write_all(part))?
            }
            _ => {}
        }
        for (tag, value) in tags {
            self.pair(tag, value, out)?;
        }
        if self.format == Format::Full { out.write_all(b"\n") } else { Ok(()) }
    }

    fn pair(&self, tag: &str, value: &[u8], out: &mut dyn Write) -> io::Result<()> {
        match self.format {
            Format::Value => {
                out.write_all(value)?;
                out.write_all(b"\n")
            }
            Format::Export => {
                write!(out, "{tag}=")?;
                out.write_all(&self.visible(value, b" \\\"'$`<>"))?;
                out.write_all(b"\n")
            }
            Format::Udev => udev(tag, value, out),
            _ => {
                write!(out, " {tag}=\"")?;
                out.write_all(&self.visible(value, b"\"\\"))?;
                out.write_all(b"\"")
            }
        }
    }

    /// `M-` before bytes above 127, `^` before control characters, a backslash before those of `special`.
    fn visible(&self, value: &[u8], special: &[u8]) -> Vec<u8> {
        if self.raw {
            return value.to_vec();
        }
        let mut out = Vec::with_capacity(value.len());
        for byte in value {
            if *byte >= 128 {
                out.extend_from_slice(b"M-");
            }
            match byte & 0x7f {
                low @ (0..32 | 127) => out.extend_from_slice(&[b'^', low ^ 0x40]),
                low if special.contains(&low) => out.extend_from_slice(&[b'\\', low]),
                low => out.push(low),
            }
        }
        out
    }
}

/// The properties of udev, as its rules import them.
fn udev(tag: &str, value: &[u8], out: &mut dyn Write) -> io::Result<()> {
    for (name, value) in property::of_tag(tag, value) {
        write!(out, "{name}=")?;
        out.write_all(&value)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
