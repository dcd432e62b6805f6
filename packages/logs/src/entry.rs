// SPDX-License-Identifier: MIT OR Apache-2.0
//! An entry of the log: two times and fields with the names of systemd.journal-fields(7).

use std::borrow::Cow;

/// Names of severities, by number (syslog(3)).
pub const LEVELS: [&str; 8] = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];

/// Fields that have a code of one byte in the store, the first one 1. The order is part of the format: append only.
pub const KNOWN: [&str; 24] = [
    "MESSAGE",
    "PRIORITY",
    "SYSLOG_FACILITY",
    "SYSLOG_IDENTIFIER",
    "SYSLOG_PID",
    "_PID",
    "_UID",
    "_COMM",
    "_SYSTEMD_UNIT",
    "_TRANSPORT",
    "_KMSG_SEQ",
    "UNIT",
    "CODE_FILE",
    "CODE_LINE",
    "CODE_FUNC",
    "MESSAGE_ID",
    "ERRNO",
    "TID",
    "SYSLOG_TIMESTAMP",
    "SYSLOG_MSGID",
    "SYSLOG_STRUCTURED_DATA",
    "SUBSYSTEM",
    "DEVICE",
    "_TRUNCATED",
];

/// Bytes that the name of a field may have.
pub const NAME_MAX: usize = 64;

/// The fields of an entry, and the bytes of all their names and values.
pub const FIELDS_MAX: usize = 1024;
/// See [`FIELDS_MAX`].
pub const BYTES_MAX: usize = 768 << 10;

/// A message and what is known of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// Microseconds since 1970-01-01T00:00:00Z.
    pub realtime: u64,
    /// Microseconds since the boot, sleep included.
    pub monotonic: u64,
    /// Names and values; a name may come more than once.
    pub fields: Vec<(Cow<'static, str>, Vec<u8>)>,
}

impl Entry {
    /// An entry of `transport` with a severity from 0 to 7.
    #[must_use]
    pub fn new(transport: &str, level: u8) -> Self {
        let mut entry = Entry::default();
        entry.set("_TRANSPORT", transport);
        entry.set("PRIORITY", (level & 7).to_string());
        entry
    }

    /// A message of logd about itself.
    #[must_use]
    pub fn own(level: u8, text: &str) -> Self {
        let mut entry = Entry::new("driver", level);
        entry.set("SYSLOG_IDENTIFIER", "logd");
        entry.set("MESSAGE", text);
        entry
    }

    /// The first value of a field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_slice())
    }

    /// All values of a field.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.fields.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_slice())
    }

    /// The first value of a field as text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        self.get(name).map(String::from_utf8_lossy)
    }

    /// Adds a field.
    pub fn set(&mut self, name: &'static str, value: impl Into<Vec<u8>>) {
        self.fields.push((Cow::Borrowed(name), value.into()));
    }

    /// The severity, 6 (info) where the entry has none.
    #[must_use]
    pub fn level(&self) -> u8 {
        match self.get("PRIORITY") {
            Some([digit @ b'0'..=b'7']) => digit - b'0',
            _ => 6,
        }
    }

    /// Who wrote it: identifier or name of the program.
    #[must_use]
    pub fn identifier(&self) -> Option<Cow<'_, str>> {
        self.text("SYSLOG_IDENTIFIER").or_else(|| self.text("_COMM"))
    }

    /// Cuts what exceeds the limits of an entry, and marks the entry with `_TRUNCATED=1` if that changed it.
    pub fn bound(&mut self) {
        let mut left = BYTES_MAX;
        let mut cut = self.fields.len() > FIELDS_MAX;
        self.fields.truncate(FIELDS_MAX);
        for (name, value) in &mut self.fields {
            left = left.saturating_sub(name.len() + 16);
            if value.len() > left {
                value.truncate(left);
                cut = true;
            }
            left -= value.len();
        }
        if cut {
            self.mark_truncated();
        }
    }

    /// Says that a part of the message is missing.
    pub fn mark_truncated(&mut self) {
        if self.get("_TRUNCATED").is_none() {
            // In front, where no limit cuts it.
            self.fields.insert(0, (Cow::Borrowed("_TRUNCATED"), b"1".to_vec()));
        }
    }
}

/// Whether `name` can be the name of a field: upper-case letters, digits and `_`, and no digit in front.
#[must_use]
pub fn is_name(name: &[u8]) -> bool {
    !name.is_empty()
        && name.len() <= NAME_MAX
        && !name[0].is_ascii_digit()
        && name.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_')
}

/// The number of a severity: a name, a synonym or a digit.
#[must_use]
pub fn level(text: &str) -> Option<u8> {
    let name = match text {
        "error" => "err",
        "warn" => "warning",
        "panic" => "emerg",
        name => name,
    };
    let known = LEVELS.iter().position(|level| *level == name);
    let number = known.or_else(|| text.parse().ok().filter(|number| *number < 8))?;
    u8::try_from(number).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_levels() {
        for (name, expect) in [
            ("A", true),
            ("_A1", true),
            ("", false),
            ("1A", false),
            ("a", false),
            ("A-B", false),
            ("A=", false),
        ] {
            assert_eq!(is_name(name.as_bytes()), expect, "{name}");
        }
        assert!(is_name(&[b'A'; 64]) && !is_name(&[b'A'; 65]));
        assert!(KNOWN.iter().all(|name| is_name(name.as_bytes())));
        for (text, expect) in [("err", Some(3)), ("warn", Some(4)), ("0", Some(0)), ("8", None), ("x", None)]
        {
            assert_eq!(level(text), expect, "{text}");
        }
    }

    #[test]
    fn bounds() {
        let mut entry = Entry::own(6, "short");
        let same = entry.clone();
        entry.bound();
        assert_eq!(entry, same);
        entry.set("UNIT", vec![b'x'; BYTES_MAX]);
        entry.set("ERRNO", "2");
        entry.bound();
        assert_eq!(entry.text("_TRUNCATED").as_deref(), Some("1"));
        assert!(entry.fields.iter().map(|(_, value)| value.len()).sum::<usize>() <= BYTES_MAX);
        entry.bound();
        entry.mark_truncated();
        assert_eq!(entry.all("_TRUNCATED").count(), 1);
        let mut many = Entry::default();
        (0..2000).for_each(|_| many.set("UNIT", "x"));
        many.bound();
        assert_eq!(many.fields.len(), FIELDS_MAX + 1);
    }
}
