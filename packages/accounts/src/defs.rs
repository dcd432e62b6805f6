// SPDX-License-Identifier: MIT OR Apache-2.0
//! login.defs(5).

use std::io;
use std::path::Path;

/// The settings of login.defs(5), as lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Defs {
    text: Vec<u8>,
}

impl Defs {
    /// Reads the text of the file.
    #[must_use]
    pub fn parse(text: &[u8]) -> Self {
        Defs { text: text.to_vec() }
    }

    /// Reads `etc/login.defs` under `root`; a file that is not there has no settings.
    ///
    /// # Errors
    /// As in open(2) and read(2).
    pub fn read(root: &Path) -> io::Result<Self> {
        match std::fs::read(root.join("etc/login.defs")) {
            Ok(text) => Ok(Self::parse(&text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    /// The text of the file.
    #[must_use]
    pub fn write(&self) -> &[u8] {
        &self.text
    }

    /// The value of `key`; of two, the last one counts.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.text.split(|byte| *byte == b'\n').rev().find_map(|line| value_in(line, key))
    }

    /// The number that `key` has: decimal, octal after `0`, hexadecimal after `0x`. `default` if it has none.
    #[must_use]
    pub fn number(&self, key: &str, default: i64) -> i64 {
        let Some(text) = self.get(key) else { return default };
        let (digits, radix) = match text.strip_prefix("0x") {
            Some(digits) => (digits, 16),
            None if text.len() > 1 && text.starts_with('0') => (&text[1..], 8),
            None => (text, 10),
        };
        i64::from_str_radix(digits, radix).unwrap_or(default)
    }

    /// [`Defs::number`] for a user or group number, which has 32 bits.
    #[must_use]
    pub fn id(&self, key: &str, default: u32) -> u32 {
        u32::try_from(self.number(key, default.into())).unwrap_or(default)
    }

    /// Whether `key` is `yes`.
    #[must_use]
    pub fn is_yes(&self, key: &str, default: bool) -> bool {
        self.get(key).map_or(default, |value| value.eq_ignore_ascii_case("yes"))
    }

    /// Sets `key`: in the line that has it, or in a new one.
    pub fn set(&mut self, key: &str, value: &str) {
        let line = format!("{key}\t{value}");
        let mut lines: Vec<Vec<u8>> = self.text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        match lines.iter().rposition(|line| value_in(line, key).is_some()) {
            Some(at) => lines[at] = line.into_bytes(),
            None => {
                let end = lines.len() - usize::from(lines.last().is_some_and(Vec::is_empty));
                lines.insert(end, line.into_bytes());
                if end + 1 == lines.len() {
                    lines.push(Vec::new());
                }
            }
        }
        self.text = lines.join(&b'\n');
    }
}

/// The value that `line` gives to `key`, without the quotes that may be around it.
fn value_in<'a>(line: &'a [u8], key: &str) -> Option<&'a str> {
    let line = std::str::from_utf8(line).ok()?.trim();
    let rest = line.strip_prefix(key)?;
    let value = rest.trim_start();
    (value.len() < rest.len()).then(|| value.trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        let defs = Defs::parse(
            b"# UID_MIN 5\n  UID_MIN\t1000\nUMASK 022\nX \"a b\"\nMAIL_DIR\nHEX 0x10\nYES yes\nUMASK 027\n\xff\n",
        );
        assert_eq!(defs.number("UID_MIN", 1), 1000);
        assert_eq!((defs.number("UMASK", 0), defs.number("HEX", 0), defs.number("X", 3)), (0o27, 16, 3));
        assert_eq!((defs.get("X"), defs.get("MAIL_DIR"), defs.get("UID")), (Some("a b"), None, None));
        assert!(defs.is_yes("YES", false) && defs.is_yes("NO", true) && !defs.is_yes("X", true));
    }

    #[test]
    fn set_keeps_the_rest() {
        for (before, after) in [
            ("", "K\tv\n"),
            ("# c\nA 1", "# c\nA 1\nK\tv\n"),
            ("# c\nA 1\n", "# c\nA 1\nK\tv\n"),
            ("# c\n K  x\n\nA 1", "# c\nK\tv\n\nA 1"),
        ] {
            let mut defs = Defs::parse(before.as_bytes());
            defs.set("K", "v");
            assert_eq!(String::from_utf8_lossy(defs.write()), after);
            assert_eq!(defs.get("K"), Some("v"));
        }
    }
}
