// SPDX-License-Identifier: MIT OR Apache-2.0
//! `tar -t`: names, or with `-v` lines as those of `ls -l`.

use crate::Failure;
use crate::options::Options;
use crate::read;
use std::io::{self, Read, Write};

/// Least width of owner and size together, which grows with what is listed, as in GNU tar.
const WIDTH: usize = 19;

pub fn run(options: &Options, input: Box<dyn Read>, out: &mut dyn Write) -> Result<(), Failure> {
    let mut width = WIDTH;
    read::each(options, input, |name, entry| {
        if options.verbose {
            writeln!(out, "{}", long(name, entry, options, &mut width)?)?;
        } else {
            writeln!(out, "{name}")?;
        }
        // An archive that is cut off is one also where nobody looks at the contents.
        let n = io::copy(entry, &mut io::sink()).map_err(|error| read::contents(name, entry, &error))?;
        if n < entry.size() {
            return Err(read::contents(name, entry, &io::ErrorKind::UnexpectedEof.into()));
        }
        Ok(())
    })
}

/// The line of a member.
pub fn long(
    name: &str,
    entry: &read::Entry,
    options: &Options,
    width: &mut usize,
) -> Result<String, Failure> {
    let header = entry.header();
    let bad = |error: io::Error| read::fatal(Failure::of(name, &error));
    let kind = header.entry_type();
    let link = entry.link_name_bytes().map(|link| String::from_utf8_lossy(&link).into_owned());
    let (letter, suffix) = match (kind, link) {
        (tar::EntryType::Symlink, Some(link)) => ('l', format!(" -> {link}")),
        (tar::EntryType::Link, Some(link)) => ('h', format!(" link to {link}")),
        (tar::EntryType::Directory, _) => ('d', String::new()),
        (tar::EntryType::Char, _) => ('c', String::new()),
        (tar::EntryType::Block, _) => ('b', String::new()),
        (tar::EntryType::Fifo, _) => ('p', String::new()),
        _ => ('-', String::new()),
    };
    let owner = |name: Option<&[u8]>, number: u64| match name {
        Some(name) if !name.is_empty() && !options.numeric_owner => {
            String::from_utf8_lossy(name).into_owned()
        }
        _ => number.to_string(),
    };
    let user = owner(header.username_bytes(), header.uid().map_err(bad)?);
    let group = owner(header.groupname_bytes(), header.gid().map_err(bad)?);
    let size = match (letter, header.device_major(), header.device_minor()) {
        ('c' | 'b', Ok(Some(major)), Ok(Some(minor))) => format!("{major},{minor}"),
        _ => entry.size().to_string(),
    };
    let owners = user.len() + 1 + group.len();
    *width = (*width).max(owners + 1 + size.len());
    let time = qos_sys::time::local(header.mtime().map_err(bad)? as i64).map_err(bad)?;
    Ok(format!(
        "{letter}{} {user}/{group} {size:>size_width$} {}-{:02}-{:02} {:02}:{:02} {name}{suffix}",
        permissions(header.mode().map_err(bad)?),
        time.year,
        time.month + 1,
        time.day,
        time.hour,
        time.minute,
        size_width = *width - owners - 1,
    ))
}

/// `rwxr-xr-x`, with `s`, `S`, `t`, `T` as in ls(1).
fn permissions(mode: u32) -> String {
    let mut text = String::new();
    for (shift, special, letter) in [(6, 0o4000, 's'), (3, 0o2000, 's'), (0, 0o1000, 't')] {
        let bits = mode >> shift;
        text.push(if bits & 4 != 0 { 'r' } else { '-' });
        text.push(if bits & 2 != 0 { 'w' } else { '-' });
        text.push(match (mode & special != 0, bits & 1 != 0) {
            (true, true) => letter,
            (true, false) => letter.to_ascii_uppercase(),
            (false, true) => 'x',
            (false, false) => '-',
        });
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn modes() {
        for (mode, expect) in
            [(0o755, "rwxr-xr-x"), (0o4640, "rwSr-----"), (0o1777, "rwxrwxrwt"), (0o2011, "-----s--x")]
        {
            assert_eq!(super::permissions(mode), expect);
        }
    }
}
