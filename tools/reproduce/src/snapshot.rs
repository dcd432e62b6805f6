// SPDX-License-Identifier: MIT OR Apache-2.0
//! The published hashes: for each attribute the store path, and the hash of its content (of its NAR serialisation).

use qos_host::ui::Result;
use std::fmt::Write;

/// The file, in the repository.
pub const FILE: &str = "tools/nix/hashes";

/// The first lines of the file.
const HEAD: &str = "\
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# What these attributes of the flake are when they are built from this revision: attribute, store path, hash of the content.
# To check: cargo xtask reproduce --check    To write it anew, after a change: cargo xtask reproduce --accept
";

/// One line of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The attribute of the flake.
    pub attribute: String,
    /// The store path of its output `out`. It depends on all that it is built from.
    pub path: String,
    /// `sha256:…`, as `nix-store --query --hash` prints it.
    pub hash: String,
}

/// Parses the file.
///
/// # Errors
///
/// A line has another form; an attribute is there twice.
pub fn parse(text: &str) -> Result<Vec<Entry>> {
    let mut entries: Vec<Entry> = Vec::new();
    for (n, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default();
        let words: Vec<_> = line.split_whitespace().collect();
        let entry = match words[..] {
            [] => continue,
            [attribute, path, hash] if path.starts_with('/') && hash.starts_with("sha256:") => {
                Entry { attribute: attribute.to_owned(), path: path.to_owned(), hash: hash.to_owned() }
            }
            _ => return Err(format!("{FILE}:{}: not ATTRIBUTE PATH sha256:HASH", n + 1).into()),
        };
        if entries.iter().any(|one| one.attribute == entry.attribute) {
            return Err(format!("{FILE}:{}: {} is there twice", n + 1, entry.attribute).into());
        }
        entries.push(entry);
    }
    Ok(entries)
}

/// The text of the file.
pub fn render(entries: &[Entry]) -> String {
    let width = entries.iter().map(|entry| entry.attribute.len()).max().unwrap_or(0);
    let mut text = HEAD.to_owned();
    for Entry { attribute, path, hash } in entries {
        let _ = writeln!(text, "{attribute:width$} {path} {hash}");
    }
    text
}

/// How an attribute of the work tree compares with its entry.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The content has the published hash.
    Same,
    /// It has this other one.
    Different(String),
    /// It is built from something else than the published one, so nothing can be said.
    Stale,
}

/// The verdict on an attribute, by its store path in the work tree, and its hash, which takes a build.
///
/// # Errors
///
/// Those of `hash`.
pub fn verdict(entry: &Entry, path: &str, hash: impl FnOnce() -> Result<String>) -> Result<Verdict> {
    if entry.path != path {
        return Ok(Verdict::Stale);
    }
    let hash = hash()?;
    Ok(if entry.hash == hash { Verdict::Same } else { Verdict::Different(hash) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(attribute: &str) -> Entry {
        Entry {
            attribute: attribute.into(),
            path: format!("/nix/store/x-{attribute}"),
            hash: "sha256:0a".into(),
        }
    }

    #[test]
    fn what_is_rendered_is_parsed() {
        let entries = [entry("image"), entry("linux-lts-6_12")];
        let text = render(&entries);
        assert!(text.ends_with("image          /nix/store/x-image sha256:0a\nlinux-lts-6_12 /nix/store/x-linux-lts-6_12 sha256:0a\n"));
        assert_eq!(parse(&text).unwrap(), entries);
        assert_eq!(parse("").unwrap(), []);
    }

    #[test]
    fn mistakes() {
        for (text, expect) in [
            ("image\n", "hashes:1: not"),
            ("\n# x\nimage /nix/store/x md5:00\n", "hashes:3: not"),
            ("image here sha256:00", "hashes:1: not"),
            ("a /x sha256:0\na /y sha256:1\n", "hashes:2: a is there twice"),
        ] {
            assert!(parse(text).unwrap_err().to_string().contains(expect), "{text}");
        }
    }

    #[test]
    fn verdicts() {
        let entry = entry("image");
        for (path, hash, expect) in [
            ("/nix/store/x-image", "sha256:0a", Verdict::Same),
            ("/nix/store/x-image", "sha256:0b", Verdict::Different("sha256:0b".into())),
            ("/nix/store/y-image", "sha256:0a", Verdict::Stale),
        ] {
            assert_eq!(verdict(&entry, path, || Ok(hash.into())).unwrap(), expect);
        }
        // Another revision is not built.
        assert_eq!(verdict(&entry, "/nix/store/y-image", || Err("built".into())).unwrap(), Verdict::Stale);
        assert!(verdict(&entry, "/nix/store/x-image", || Err("built".into())).is_err());
    }
}
