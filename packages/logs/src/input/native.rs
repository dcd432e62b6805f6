// SPDX-License-Identifier: MIT OR Apache-2.0
//! The native protocol of /run/systemd/journal/socket ("Native Journal Protocol" of systemd's documentation).

use crate::entry::{FIELDS_MAX, is_name};
use std::borrow::Cow;

/// Name and value.
pub type Field = (Cow<'static, str>, Vec<u8>);

/// Entries that one datagram may hold.
const ENTRIES_MAX: usize = 1024;

/// Reads a datagram: entries with an empty line between them, of fields `NAME=VALUE\n`, or `NAME\nLENGTH VALUE\n` with a length of
/// 64 bits, the lowest byte first. Names that begin with `_` are logd's own and are left out, and so is what is no field; the
/// rest of a datagram is left out where a length is wrong. `is_cut`: the end is missing, and a value that reaches it is kept as far as it is there.
#[must_use]
pub fn parse(data: &[u8], is_cut: bool) -> Vec<Vec<Field>> {
    let mut entries = Vec::new();
    let mut fields = Vec::new();
    let mut rest = data;
    while !rest.is_empty() && entries.len() < ENTRIES_MAX {
        let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        let line = &rest[..end];
        let after = rest.get(end + 1..).unwrap_or_default();
        rest = after;
        if line.is_empty() {
            if !fields.is_empty() {
                entries.push(std::mem::take(&mut fields));
            }
            continue;
        }
        let (name, value) = match line.iter().position(|byte| *byte == b'=') {
            Some(at) => (&line[..at], &line[at + 1..]),
            // A comment, as files of the export format have them.
            None if matches!(line[0], b'#' | b'.') => continue,
            None => match binary(after, is_cut) {
                Some((value, after)) => {
                    rest = after;
                    (line, value)
                }
                None => break,
            },
        };
        if is_name(name) && name[0] != b'_' && fields.len() < FIELDS_MAX {
            fields.push((Cow::Owned(String::from_utf8_lossy(name).into_owned()), value.to_vec()));
        }
    }
    if !fields.is_empty() {
        entries.push(fields);
    }
    entries
}

/// A value after its length, and what follows its newline.
fn binary(data: &[u8], is_cut: bool) -> Option<(&[u8], &[u8])> {
    let (length, data) = data.split_first_chunk()?;
    let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
    if is_cut && length >= data.len() {
        return Some((data, &[]));
    }
    let (value, after) = data.split_at_checked(length)?;
    Some((value, after.strip_prefix(b"\n")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(data: &[u8], expect: &str) {
        check_cut(data, false, expect);
    }

    fn check_cut(data: &[u8], is_cut: bool, expect: &str) {
        let entries = parse(data, is_cut);
        let entry = |fields: &Vec<Field>| {
            let field = |(name, value): &Field| format!("{name}={}", value.escape_ascii());
            fields.iter().map(field).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            entries.iter().map(entry).collect::<Vec<_>>().join(" | "),
            expect,
            "{}",
            data.escape_ascii()
        );
    }

    #[test]
    fn datagrams() {
        check(b"MESSAGE=a b\nPRIORITY=3\n", "MESSAGE=a b PRIORITY=3");
        check(b"MESSAGE=a", "MESSAGE=a");
        check(b"M\n\x03\0\0\0\0\0\0\0a\nb\nN=\n", "M=a\\nb N=");
        check(b"M=1\n\nM=2\n\n\n", "M=1 | M=2");
        check(b"_PID=1\nm=2\nM=3\n1A=x\n=y\n", "M=3");
        check(b"#c\n.x\nM=3\n", "M=3");
        check(b"", "");
        check(b"\n\n", "");
        // Lengths that are wrong.
        check(b"A=1\nM\n\x04\0\0\0\0\0\0\0a\nb\nN=2\n", "A=1");
        check(b"A=1\nM\n\xff\xff\xff\xff\xff\xff\xff\xffa\n", "A=1");
        check(b"A=1\nM\n\x01\0", "A=1");
        check(b"A=1\nM", "A=1");
    }

    #[test]
    fn without_the_end() {
        check_cut(b"A=1\nM\n\x04\0\0\0\0\0\0\0a\nb", true, "A=1 M=a\\nb");
        check_cut(b"A=1\nM\n\x03\0\0\0\0\0\0\0a\nb", true, "A=1 M=a\\nb");
        check_cut(b"M\n\x03\0\0\0\0\0\0\0a\nb\nN=2", true, "M=a\\nb N=2");
        check_cut(b"A=1\nM\n\xff\xff\xff\xff\xff\xff\xff\xffa\n", true, "A=1 M=a\\n");
        check_cut(b"A=1\nM\n\x01\0", true, "A=1");
        check_cut(b"A=1\nM", true, "A=1");
        // A length that is wrong before the end.
        check_cut(b"M\n\x01\0\0\0\0\0\0\0a\nb\nN=2", true, "M=a");
        check_cut(b"M\n\x01\0\0\0\0\0\0\0ab\nN=2", true, "");
    }

    #[test]
    fn limits() {
        let data = b"A=1\n".repeat(5000);
        assert_eq!(parse(&data, false)[0].len(), FIELDS_MAX);
        let data = b"A=1\n\n".repeat(5000);
        assert_eq!(parse(&data, false).len(), ENTRIES_MAX);
    }
}
