// SPDX-License-Identifier: MIT OR Apache-2.0
//! The listing of an initramfs, as `qos-inspect list --hash` prints it (tools/inspect/src/list.rs).

use serde::Serialize;
use std::collections::BTreeMap;

/// What an initramfs holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Entries by path. Of two with the same path the later: it is the one that the kernel leaves behind.
    pub files: BTreeMap<String, Entry>,
    /// Bytes of all segments as they are stored.
    pub packed: u64,
    /// Bytes of all segments without compression.
    pub unpacked: u64,
}

/// One file, directory, link or device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Type and permissions as `ls -l` has them: `-rwxr-xr-x`.
    pub mode: String,
    /// Owner and group, by number: `0:0`.
    pub owner: String,
    /// Length in bytes; of a device `None`.
    pub size: Option<u64>,
    /// Of a device, its number: `5,1`.
    pub device: Option<String>,
    /// Target of a symbolic link (`-> bin/qos`), or the first name of a hard link (`link to bin/qos`).
    pub link: Option<String>,
    /// SHA-256 of the content in hexadecimal; directories and devices have none.
    pub sha256: Option<String>,
}

impl Listing {
    /// Reads a listing.
    ///
    /// # Errors
    /// The number of the first invalid line, and the reason.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut listing = Self::default();
        for (index, line) in text.lines().enumerate() {
            let at = |why: &str| format!("line {}: {why}", index + 1);
            if let Some(comment) = line.strip_prefix("# ") {
                // Other comments name files.
                if let Some((packed, unpacked)) = segment(comment) {
                    listing.packed += packed;
                    listing.unpacked += unpacked;
                }
            } else if !line.is_empty() {
                let (path, entry) = entry(line).map_err(at)?;
                listing.files.insert(path, entry);
            }
        }
        Ok(listing)
    }
}

/// `segment 1: at byte 0, 4788224 bytes, compression zstd, 14802944 bytes unpacked, 95 entries`.
fn segment(comment: &str) -> Option<(u64, u64)> {
    let (_, fields) = comment.strip_prefix("segment ")?.split_once(": ")?;
    let mut fields = fields.split(", ").skip(1);
    let packed = fields.next()?.strip_suffix(" bytes")?.parse().ok()?;
    let unpacked = fields.nth(1)?.strip_suffix(" bytes unpacked")?.parse().ok()?;
    Some((packed, unpacked))
}

/// `HASH MODE UID GID SIZE PATH`, and the link behind it.
fn entry(line: &str) -> Result<(String, Entry), &'static str> {
    let mut rest = line;
    let mut field = || -> Option<&str> {
        let (field, tail) = rest.trim_start_matches(' ').split_once(' ')?;
        rest = tail;
        (!field.is_empty()).then_some(field)
    };
    let short = "an entry needs SHA-256, mode, user, group, size and path";
    let mut next = || field().ok_or(short);
    let (hash, mode, uid, gid, size) = (next()?, next()?, next()?, next()?, next()?);
    let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    if !is_hash {
        return Err("an entry must begin with its SHA-256; make the listing with --hash");
    }
    if mode.chars().count() != 10 {
        return Err("the mode must have ten characters, as in -rwxr-xr-x");
    }
    let (path, link) = match mode.starts_with('l') {
        true => split(rest.split_once(" -> "), rest, "->"),
        false if mode.starts_with('-') => split(rest.rsplit_once(" link to "), rest, "link to"),
        false => (rest, None),
    };
    if path.is_empty() {
        return Err(short);
    }
    let device = size.contains(',').then(|| size.to_owned());
    let size = match device {
        Some(_) => None,
        None => Some(size.parse().map_err(|_| "the size is not a number")?),
    };
    let sha256 = (!hash.starts_with('-')).then(|| hash.to_owned());
    let owner = format!("{uid}:{gid}");
    Ok((path.to_owned(), Entry { mode: mode.to_owned(), owner, size, device, link, sha256 }))
}

fn split<'a>(parts: Option<(&'a str, &str)>, whole: &'a str, sign: &str) -> (&'a str, Option<String>) {
    parts.map_or((whole, None), |(path, target)| (path, Some(format!("{sign} {target}"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: &str = "----------------------------------------------------------------";
    const HASH: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[track_caller]
    fn check(
        rest: &str,
        hash: &str,
        path: &str,
        size: Option<u64>,
        device: Option<&str>,
        link: Option<&str>,
    ) {
        let listing = Listing::parse(&format!("{hash} {rest}\n")).expect("a listing");
        let (name, entry) = listing.files.first_key_value().expect("an entry");
        assert_eq!((name.as_str(), entry.size), (path, size), "{rest}");
        assert_eq!((entry.device.as_deref(), entry.link.as_deref()), (device, link), "{rest}");
        assert_eq!(entry.sha256.as_deref(), (hash != NONE).then_some(hash), "{rest}");
    }

    #[test]
    fn entries() {
        check("-rwxr-xr-x    0    0         3 bin/qos", HASH, "bin/qos", Some(3), None, None);
        check("drwxr-xr-x    0    0         0 bin", NONE, "bin", Some(0), None, None);
        check("crw-------    0    0       5,1 dev/console", NONE, "dev/console", None, Some("5,1"), None);
        check(
            "lrwxrwxrwx    0    0         8 init -> bin/init",
            HASH,
            "init",
            Some(8),
            None,
            Some("-> bin/init"),
        );
        check("lrwxrwxrwx 0 0 8 a b -> c d", HASH, "a b", Some(8), None, Some("-> c d"));
        check(
            "-rwxr-xr-x 0 0 0 bin/sh link to bin/qos",
            HASH,
            "bin/sh",
            Some(0),
            None,
            Some("link to bin/qos"),
        );
        check("-rw-r--r-- 1000 100000 12345678901 a -> b", HASH, "a -> b", Some(12_345_678_901), None, None);
        check("-rwsr-xr-t 0 0 1  leading blank", HASH, " leading blank", Some(1), None, None);
    }

    #[test]
    fn segments_add_up_and_the_later_entry_counts() {
        let text = format!(
            "# a.cpio\n# segment 1: at byte 0, 10 bytes, compression none, 10 bytes unpacked, 1 entries\n\
             {HASH} -rw-r--r-- 0 0 1 a\n\
             # segment 2: at byte 10, 5 bytes, compression zstd, 20 bytes unpacked, 1 entries\n\
             {HASH} -rw-r--r-- 0 0 2 a\n"
        );
        let listing = Listing::parse(&text).expect("a listing");
        assert_eq!((listing.packed, listing.unpacked, listing.files.len()), (15, 30, 1));
        assert_eq!(listing.files["a"].size, Some(2));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (line, error) in [
            ("nonsense", "line 2: an entry needs SHA-256, mode, user, group, size and path"),
            (
                "-rw-r--r--    0    0         3 a b",
                "line 2: an entry must begin with its SHA-256; make the listing with --hash",
            ),
            (&format!("{HASH} -rw-r--r-- 0 0 x a"), "line 2: the size is not a number"),
            (
                &format!("{HASH} rw-r--r-- 0 0 1 a"),
                "line 2: the mode must have ten characters, as in -rwxr-xr-x",
            ),
            (
                &format!("{HASH} -rw-r--r-- 0 0 1"),
                "line 2: an entry needs SHA-256, mode, user, group, size and path",
            ),
        ] {
            assert_eq!(Listing::parse(&format!("# x\n{line}\n")), Err(error.to_owned()));
        }
    }
}
