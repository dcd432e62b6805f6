// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which entries are shown. Pure.

use crate::codec::Header;
use crate::entry::{Entry, is_name, level};
use qos_command::glob;
use regex_lite::Regex;
use std::borrow::Cow;
use std::ops::RangeInclusive;

/// `MESSAGE_ID` of what systemd-coredump writes about a process that crashed (`SD_MESSAGE_COREDUMP`).
const COREDUMP: &[u8] = b"fc2e22bc6ee647b6b90729ab34a250b1";

/// What an entry has to be.
#[derive(Default)]
pub struct Filter {
    /// Of one of these boots; `None`: of any.
    pub boots: Option<Vec<u128>>,
    /// Of one of these units (patterns with `*`), or of the manager, or of root, about one of them.
    pub units: Vec<String>,
    /// By one of these identifiers.
    pub identifiers: Vec<String>,
    /// Of one of these severities.
    pub levels: Option<RangeInclusive<u8>>,
    /// By the kernel.
    pub kernel: bool,
    /// Not before this, in microseconds since 1970.
    pub since: Option<u64>,
    /// Not after this.
    pub until: Option<u64>,
    /// With a message that this matches.
    pub grep: Option<Regex>,
    /// With these fields: of the same name, one of them.
    pub fields: Vec<(String, Vec<u8>)>,
}

impl Filter {
    /// Whether the filter lets `entry` of a segment with `header` through.
    pub fn admits(&self, header: &Header, entry: &Entry) -> bool {
        self.since.is_none_or(|since| entry.realtime >= since)
            && self.until.is_none_or(|until| entry.realtime <= until)
            && self.levels.as_ref().is_none_or(|levels| levels.contains(&entry.level()))
            && (!self.kernel || is_kernel(entry))
            && (self.units.is_empty() || self.is_of_unit(entry))
            && (self.identifiers.is_empty() || self.is_of_identifier(entry))
            && self.fields.iter().all(|(name, _)| self.has_field(header, entry, name))
            && self
                .grep
                .as_ref()
                .is_none_or(|grep| entry.text("MESSAGE").is_some_and(|text| grep.is_match(&text)))
    }

    /// As `add_matches_for_unit()` of systemd. Anyone can send the fields without `_` in front: they count from root or the manager only.
    fn is_of_unit(&self, entry: &Entry) -> bool {
        let is = |name: &str, value: &[u8]| entry.get(name) == Some(value);
        // logd gives `UNIT` to its own entries and to those that the manager wrote to the kernel's log.
        let by_manager = is("_PID", b"1") || is("_TRANSPORT", b"driver") || is("_TRANSPORT", b"kernel");
        let by_root = is("_UID", b"0");
        let fields = [
            ("_SYSTEMD_UNIT", true),
            ("UNIT", by_manager),
            ("OBJECT_SYSTEMD_UNIT", by_root),
            ("COREDUMP_UNIT", by_root && is("MESSAGE_ID", COREDUMP)),
        ];
        let mut names = fields.iter().filter(|(_, counts)| *counts).flat_map(|(name, _)| entry.all(name));
        names.any(|name| self.units.iter().any(|unit| glob::matches(unit.as_bytes(), name)))
    }

    fn is_of_identifier(&self, entry: &Entry) -> bool {
        let name = entry.identifier();
        self.identifiers.iter().any(|identifier| name.as_deref() == Some(identifier))
    }

    fn has_field(&self, header: &Header, entry: &Entry, name: &str) -> bool {
        let mut wanted =
            self.fields.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_slice());
        let own = of_header(header, name);
        wanted.any(|value| {
            own.as_deref().map(str::as_bytes) == Some(value) || entry.all(name).any(|has| has == value)
        })
    }
}

/// Whether the kernel itself wrote it, not a program through the kernel's log.
fn is_kernel(entry: &Entry) -> bool {
    entry.get("_TRANSPORT") == Some(b"kernel") && entry.get("SYSLOG_FACILITY").is_none()
}

/// The fields that all entries of a segment have.
pub fn of_header(header: &Header, name: &str) -> Option<String> {
    match name {
        "_BOOT_ID" => Some(format!("{:032x}", header.boot)),
        "_HOSTNAME" => Some(header.host.clone()),
        _ => None,
    }
}

/// Reads severities: `LEVEL`, and all more severe ones, or `LEVEL..LEVEL`.
pub fn levels(text: &str) -> Result<RangeInclusive<u8>, String> {
    let one = |text: &str| {
        level(text)
            .ok_or_else(|| format!("{text:?} is no severity: give one of {}", crate::entry::LEVELS.join(" ")))
    };
    match text.split_once("..") {
        None => Ok(0..=one(text)?),
        Some((first, last)) => {
            let (first, last) = (one(first)?, one(last)?);
            Ok(first.min(last)..=first.max(last))
        }
    }
}

/// Reads a pattern. Without an upper-case letter in it, case does not matter.
pub fn grep(pattern: &str) -> Result<Regex, String> {
    let ignore_case = !pattern.chars().any(char::is_uppercase);
    regex_lite::RegexBuilder::new(pattern)
        .case_insensitive(ignore_case)
        .build()
        .map_err(|error| format!("{pattern:?} is no regular expression: {error}"))
}

/// Reads `FIELD=VALUE`, or the path of a program, whose name is meant.
pub fn field(text: &str) -> Result<(String, Vec<u8>), String> {
    match text.split_once('=') {
        Some((name, value)) if is_name(name.as_bytes()) => Ok((name.to_owned(), value.into())),
        _ => Err(format!("{text:?} is no match: give FIELD=VALUE, as in _UID=0")),
    }
}

/// The pattern of a unit: a name without a suffix is a service's.
pub fn unit(text: &str) -> String {
    let suffixes =
        [".service", ".socket", ".target", ".timer", ".path", ".mount", ".scope", ".slice", ".swap"];
    let has_suffix = suffixes.iter().any(|suffix| text.ends_with(suffix)) || text.ends_with('*');
    if has_suffix { text.to_owned() } else { format!("{text}.service") }
}

/// A time span of a boot for `--list-boots`, and how a boot is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Boot {
    /// Its id.
    pub id: u128,
    /// Its first entry's time.
    pub first: u64,
}

/// The boot that `text` means among `boots`, the last of which is this one: an id, an offset that counts from the first (1) or back
/// from the last (0, -1), or both with a sign between them. Empty: the last.
pub fn boot(text: &str, boots: &[Boot]) -> Result<u128, String> {
    let missing = || format!("{text:?}: there is no such boot; --list-boots lists them");
    let id = text.get(..32).and_then(|id| u128::from_str_radix(id, 16).ok());
    let (base, offset): (usize, Cow<'_, str>) = match id {
        Some(id) => {
            let at = boots.iter().position(|boot| boot.id == id).ok_or_else(missing)?;
            (at, text[32..].into())
        }
        None => (boots.len().wrapping_sub(1), text.into()),
    };
    let offset: i64 = if offset.is_empty() { 0 } else { offset.parse().map_err(|_| missing())? };
    // Without an id, a number above 0 counts from the first boot.
    let at = match (id, offset) {
        (None, 1..) => Some(offset - 1),
        _ => i64::try_from(base).ok().and_then(|base| base.checked_add(offset)),
    };
    let found = at.and_then(|at| boots.get(usize::try_from(at).ok()?));
    found.map(|boot| boot.id).ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        let mut entry = Entry::new("syslog", 4);
        entry.realtime = 100;
        entry.set("SYSLOG_IDENTIFIER", "su");
        entry.set("_SYSTEMD_UNIT", "a.service");
        entry.set("MESSAGE", "Hello World");
        entry.set("X", "1");
        entry.set("X", "2");
        entry
    }

    #[test]
    fn each_condition() {
        let header = Header { boot: 0xab, host: "h".into(), ..Header::default() };
        let check = |filter: Filter, expect: bool, what: &str| {
            assert_eq!(filter.admits(&header, &entry()), expect, "{what}");
        };
        check(Filter::default(), true, "no condition");
        for (text, expect) in
            [("a", true), ("a.service", true), ("b", false), ("*", true), ("?", true), ("a.socket", false)]
        {
            check(Filter { units: vec![unit(text)], ..Filter::default() }, expect, text);
        }
        check(Filter { identifiers: vec!["su".into()], ..Filter::default() }, true, "su");
        check(Filter { identifiers: vec!["s".into()], ..Filter::default() }, false, "s");
        for (text, expect) in
            [("warning", true), ("err", false), ("4", true), ("notice..err", true), ("info..debug", false)]
        {
            check(Filter { levels: Some(levels(text).unwrap()), ..Filter::default() }, expect, text);
        }
        check(Filter { kernel: true, ..Filter::default() }, false, "kernel");
        for (since, until, expect) in [(100, 100, true), (101, 200, false), (0, 99, false)] {
            check(Filter { since: Some(since), until: Some(until), ..Filter::default() }, expect, "times");
        }
        for (pattern, expect) in [("hello", true), ("HELLO", false), ("^Hello W.*d$", true), ("x", false)] {
            check(Filter { grep: Some(grep(pattern).unwrap()), ..Filter::default() }, expect, pattern);
        }
        for (matches, expect) in [
            ("X=1", true),
            ("X=3", false),
            ("X=3 X=2", true),
            ("X=1 Y=1", false),
            ("_HOSTNAME=h X=1", true),
            ("_BOOT_ID=000000000000000000000000000000ab", true),
            ("_BOOT_ID=ab", false),
        ] {
            let fields = matches.split(' ').map(|text| field(text).unwrap()).collect();
            check(Filter { fields, ..Filter::default() }, expect, matches);
        }
    }

    #[test]
    fn entries_about_a_unit() {
        let check = |transport: &str, fields: &[(&'static str, &str)], expect: bool| {
            let mut entry = Entry::new(transport, 6);
            fields.iter().for_each(|(name, value)| entry.set(name, *value));
            let filter = Filter { units: vec!["sshd.service".into()], ..Filter::default() };
            assert_eq!(filter.admits(&Header::default(), &entry), expect, "{transport} {fields:?}");
        };
        let unit = ("UNIT", "sshd.service");
        check("syslog", &[("_SYSTEMD_UNIT", "sshd.service"), ("_UID", "1000")], true);
        check("syslog", &[("_SYSTEMD_UNIT", "other.service")], false);
        // As any user can send it.
        check("journal", &[unit, ("_PID", "77"), ("_UID", "1000")], false);
        check("journal", &[unit, ("_PID", "77"), ("_UID", "0")], false);
        check("journal", &[unit], false);
        check("journal", &[unit, ("_PID", "11"), ("_UID", "0")], false);
        check("stdout", &[unit], false);
        check("journal", &[unit, ("_PID", "1"), ("_UID", "0")], true);
        check("journal", &[("UNIT", "a.service"), unit, ("_PID", "1")], true);
        check("driver", &[unit], true);
        check("kernel", &[unit], true);
        for name in ["OBJECT_SYSTEMD_UNIT", "COREDUMP_UNIT"] {
            check("journal", &[(name, "sshd.service"), ("_UID", "1000"), ("_PID", "1")], false);
        }
        check("journal", &[("OBJECT_SYSTEMD_UNIT", "sshd.service"), ("_UID", "0")], true);
        check("journal", &[("COREDUMP_UNIT", "sshd.service"), ("_UID", "0")], false);
        let crash = ("MESSAGE_ID", "fc2e22bc6ee647b6b90729ab34a250b1");
        check("journal", &[("COREDUMP_UNIT", "sshd.service"), ("_UID", "0"), crash], true);
        check("journal", &[("COREDUMP_UNIT", "sshd.service"), ("_UID", "1000"), crash], false);
    }

    #[test]
    fn mistakes() {
        assert!(levels("x").is_err() && levels("err..").is_err() && grep("(").is_err());
        assert!(field("x=1").is_err() && field("X").is_err());
    }

    #[test]
    fn boots() {
        let boots = [1_u128, 2, 0xabc].map(|id| Boot { id, first: 0 });
        let id = |id: u128| format!("{id:032x}");
        for (text, expect) in [
            (String::new(), Some(0xabc)),
            ("0".into(), Some(0xabc)),
            ("-1".into(), Some(2)),
            ("1".into(), Some(1)),
            ("+2".into(), Some(2)),
            ("-3".into(), None),
            ("4".into(), None),
            ("x".into(), None),
            (id(2), Some(2)),
            (id(9), None),
            (id(2) + "+1", Some(0xabc)),
            (id(2) + "-1", Some(1)),
            (id(2) + "-2", None),
        ] {
            assert_eq!(boot(&text, &boots).ok(), expect, "{text}");
        }
        assert!(boot("", &[]).is_err());
    }
}
