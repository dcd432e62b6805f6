// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tables of mounts as bytes: `/proc/self/mountinfo` and `/proc/self/mounts` (proc_pid_mountinfo(5)), and fstab(5).

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

/// A line of `/proc/self/mountinfo`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Identifier of the mount.
    pub id: u64,
    /// Identifier of the mount that holds the mount point.
    pub parent: u64,
    /// The mount point.
    pub target: PathBuf,
    /// Type of the file system.
    pub kind: OsString,
}

/// A line of `/proc/self/mounts` or of fstab(5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What is mounted.
    pub source: OsString,
    /// The mount point.
    pub target: PathBuf,
    /// Type of the file system.
    pub kind: OsString,
    /// Options, with commas between them.
    pub options: OsString,
}

/// The mounts of `/proc/self/mountinfo`; a line that is not of its format is left out.
#[must_use]
pub fn mountinfo(table: &[u8]) -> Vec<Mount> {
    let parse = |line: &[u8]| {
        let mut fields = line.split(|&byte| byte == b' ');
        let mut number = || std::str::from_utf8(fields.next()?).ok()?.parse().ok();
        let (id, parent) = (number()?, number()?);
        // device number and root of the mount stand before the mount point
        let target = PathBuf::from(unescape(fields.nth(2)?));
        // optional fields end with a single hyphen
        fields.find(|field| *field == b"-")?;
        Some(Mount { id, parent, target, kind: unescape(fields.next()?) })
    };
    table.split(|&byte| byte == b'\n').filter_map(parse).collect()
}

/// The lines of `/proc/self/mounts`: there is one space between two fields, and the source may be empty.
#[must_use]
pub fn mounts(table: &[u8]) -> Vec<Line> {
    table.split(|&byte| byte == b'\n').filter_map(|text| line(text.split(|&byte| byte == b' '))).collect()
}

/// The lines of fstab(5): any blanks between two fields, comments with `#`, and the options may be missing.
#[must_use]
pub fn fstab(table: &[u8]) -> Vec<Line> {
    let parse = |text: &[u8]| {
        let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r');
        let fields = text.split(blank).filter(|field| !field.is_empty());
        let fields: Vec<_> = fields.collect();
        if fields.first().is_some_and(|first| first.starts_with(b"#")) {
            None
        } else {
            line(fields.into_iter())
        }
    };
    table.split(|&byte| byte == b'\n').filter_map(parse).collect()
}

fn line<'a>(mut fields: impl Iterator<Item = &'a [u8]>) -> Option<Line> {
    Some(Line {
        source: unescape(fields.next()?),
        target: unescape(fields.next()?).into(),
        kind: unescape(fields.next()?),
        options: fields.next().map_or_else(|| OsString::from("defaults"), unescape),
    })
}

/// Undoes the escapes of procfs (`mangle_path()` in `fs/seq_file.c`) and of getmntent(3): a backslash and three octal
/// digits are a byte.
#[must_use]
pub fn unescape(mut field: &[u8]) -> OsString {
    let mut bytes = Vec::with_capacity(field.len());
    loop {
        field = match field {
            [b'\\', a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', rest @ ..] => {
                bytes.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                rest
            }
            [byte, rest @ ..] => {
                bytes.push(*byte);
                rest
            }
            [] => return OsString::from_vec(bytes),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        for (text, expect) in [
            (&b"/mnt"[..], &b"/mnt"[..]),
            (b"\\040\\011\\012\\134\\043", b" \t\n\\#"),
            // an undone escape is not read again
            (b"\\134040", b"\\040"),
            (b"\\377\xfe", b"\xff\xfe"),
            (b"\\400 \\08 \\04", b"\\400 \\08 \\04"),
            (b"\\", b"\\"),
            (b"", b""),
        ] {
            assert_eq!(unescape(text).into_vec(), expect, "{text:?}");
        }
    }

    #[test]
    fn lines_of_mountinfo() {
        let table = b"\
21 1 0:2 / / rw - rootfs rootfs rw
30 21 254:0 / /mnt/a\\040b rw,relatime shared:1 master:2 - ext4 /dev/vda rw
31 30 0:30 / /mnt/\xff\\043 ro -  none ro
32 30 0:30 / /x ro no hyphen
no number
";
        let mount = |id, parent, target: &[u8], kind: &str| Mount {
            id,
            parent,
            target: OsString::from_vec(target.to_vec()).into(),
            kind: kind.into(),
        };
        let expect = [
            mount(21, 1, b"/", "rootfs"),
            mount(30, 21, b"/mnt/a b", "ext4"),
            mount(31, 30, b"/mnt/\xff#", ""),
        ];
        assert_eq!(mountinfo(table), expect);
    }

    fn text(line: &Line) -> String {
        let Line { source, target, kind, options } = line;
        format!("{source:?} {target:?} {kind:?} {options:?}")
    }

    #[test]
    fn lines_of_mounts() {
        let found: Vec<_> =
            mounts(b"#x / a\\043 rw 0 0\n /tmp tmpfs rw 0 0\n\nshort\n").iter().map(text).collect();
        assert_eq!(found, [r##""#x" "/" "a#" "rw""##, r#""" "/tmp" "tmpfs" "rw""#]);
    }

    #[test]
    fn lines_of_fstab() {
        let table =
            b"# comment\n\n  #x y z\n/dev/vda\t/mnt/a\\040b  ext4 ro,noatime 0 2\nnone /tmp tmpfs\nshort\n";
        let found: Vec<_> = fstab(table).iter().map(text).collect();
        assert_eq!(
            found,
            [r#""/dev/vda" "/mnt/a b" "ext4" "ro,noatime""#, r#""none" "/tmp" "tmpfs" "defaults""#]
        );
    }
}
