// SPDX-License-Identifier: MIT OR Apache-2.0
//! A file of lines with fields between colons, kept byte for byte where nothing is changed.

use std::io;

/// What a line of such a file says.
pub trait Entry: Clone {
    /// Reads the fields of a line; `None` if they are not those of an entry.
    fn parse(fields: &[&[u8]]) -> Option<Self>;
    /// The fields as they are written.
    fn fields(&self) -> Vec<Vec<u8>>;
    /// The name by which the entry is found.
    fn name(&self) -> &str;
}

/// The lines of a file, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table<E> {
    lines: Vec<Line<E>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Line<E> {
    /// The bytes, with the newline if there is one.
    raw: Vec<u8>,
    /// What they say; `None` for comments, lines for NIS, and whatever else is no entry.
    entry: Option<E>,
}

impl<E> Default for Table<E> {
    fn default() -> Self {
        Table { lines: Vec::new() }
    }
}

impl<E: Entry> Table<E> {
    /// Reads the text of a file.
    #[must_use]
    pub fn parse(text: &[u8]) -> Self {
        let line = |raw: &[u8]| Line { raw: raw.to_vec(), entry: parse_line(raw) };
        Table { lines: text.split_inclusive(|byte| *byte == b'\n').map(line).collect() }
    }

    /// The text of the file.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        self.lines.iter().flat_map(|line| line.raw.iter().copied()).collect()
    }

    /// The entries, in order.
    pub fn entries(&self) -> impl Iterator<Item = &E> {
        self.lines.iter().filter_map(|line| line.entry.as_ref())
    }

    /// The first entry of that name, which is the one that counts.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&E> {
        self.entries().find(|entry| entry.name() == name)
    }

    /// Adds a line for `entry`, after the others but before those for NIS (`+…`), which must be last.
    ///
    /// # Errors
    /// When a field has a colon or a newline in it ([`io::ErrorKind::InvalidInput`]).
    pub fn add(&mut self, entry: E) -> io::Result<()> {
        let mut raw = join(&entry.fields())?;
        raw.push(b'\n');
        let behind = self.lines.iter().rposition(|line| !line.raw.starts_with(b"+")).map_or(0, |at| at + 1);
        if let Some(line) = behind.checked_sub(1).and_then(|at| self.lines.get_mut(at))
            && !line.raw.ends_with(b"\n")
        {
            line.raw.push(b'\n');
        }
        self.lines.insert(behind, Line { raw, entry: Some(entry) });
        Ok(())
    }

    /// Changes the first entry of that name; says whether there is one. Fields that `change` leaves alone keep their
    /// bytes.
    ///
    /// # Errors
    /// When a field has a colon or a newline in it then ([`io::ErrorKind::InvalidInput`]).
    pub fn update(&mut self, name: &str, change: impl FnOnce(&mut E)) -> io::Result<bool> {
        let named = |line: &&mut Line<E>| line.entry.as_ref().is_some_and(|entry| entry.name() == name);
        let Some(line) = self.lines.iter_mut().find(named) else { return Ok(false) };
        let Some(old) = line.entry.clone() else { return Ok(false) };
        let mut new = old.clone();
        change(&mut new);
        let (body, end) = split_newline(&line.raw);
        let mut fields: Vec<Vec<u8>> = body.split(|byte| *byte == b':').map(<[u8]>::to_vec).collect();
        for ((field, old), new) in fields.iter_mut().zip(old.fields()).zip(new.fields()) {
            if old != new {
                *field = new;
            }
        }
        let mut raw = join(&fields)?;
        raw.extend_from_slice(end);
        *line = Line { raw, entry: Some(new) };
        Ok(true)
    }

    /// Removes every entry of that name; says whether there was one.
    pub fn remove(&mut self, name: &str) -> bool {
        let before = self.lines.len();
        self.lines.retain(|line| line.entry.as_ref().is_none_or(|entry| entry.name() != name));
        self.lines.len() < before
    }
}

/// A line of NIS begins with `+` or `-`; a comment with `#`, as some people write them. A NUL would end the line for programs
/// in C: such a line is no entry.
fn parse_line<E: Entry>(raw: &[u8]) -> Option<E> {
    let (body, _) = split_newline(raw);
    if matches!(body.first(), None | Some(b'+' | b'-' | b'#')) || body.contains(&0) {
        return None;
    }
    let fields: Vec<&[u8]> = body.split(|byte| *byte == b':').collect();
    E::parse(&fields).filter(|entry| !entry.name().is_empty())
}

fn split_newline(raw: &[u8]) -> (&[u8], &[u8]) {
    raw.split_at(raw.len() - usize::from(raw.ends_with(b"\n")))
}

fn join(fields: &[Vec<u8>]) -> io::Result<Vec<u8>> {
    if fields.iter().flatten().any(|byte| matches!(byte, b':' | b'\n' | 0)) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "a field cannot hold a colon or a newline"));
    }
    Ok(fields.join(&b':'))
}

/// A field as text; `None` if it is not UTF-8.
pub(crate) fn text(field: &[u8]) -> Option<String> {
    std::str::from_utf8(field).ok().map(str::to_owned)
}

/// A field as a number.
pub(crate) fn number<N: std::str::FromStr>(field: &[u8]) -> Option<N> {
    let digits = field.strip_prefix(b"-").unwrap_or(field);
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(field).ok()?.parse().ok()
}

/// A field of names between commas.
pub(crate) fn names(field: &[u8]) -> Option<Vec<String>> {
    field.split(|byte| *byte == b',').filter(|name| !name.is_empty()).map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::User;

    const TEXT: &[u8] =
        b"# comment\nroot:x:0:0:root:/root:/bin/sh\n\nx:x:00:007:A\xff:/:\nbad:line\nn\0:x:1:1::/:\n-no:::::\n+::::::";

    fn user(name: &str) -> User {
        User {
            name: name.into(),
            password: "x".into(),
            uid: 7,
            gid: 7,
            comment: "".into(),
            home: "/".into(),
            shell: "".into(),
        }
    }

    #[test]
    fn what_is_not_understood_stays() {
        let table = Table::<User>::parse(TEXT);
        assert_eq!(table.write(), TEXT);
        assert_eq!(table.entries().map(|user| user.name.as_str()).collect::<Vec<_>>(), ["root", "x"]);
    }

    #[test]
    fn what_is_no_user_or_group() {
        for (uid, gid, expect) in [
            ("7", "7", true),
            ("0", "0", true),
            ("4294967294", "4294967294", true),
            ("4294967295", "7", false),
            ("7", "4294967295", false),
            ("4294967296", "7", false),
            ("-1", "7", false),
            ("7", "-1", false),
            ("", "7", false),
            ("7", "", false),
            ("+7", "7", false),
        ] {
            let line = format!("u:x:{uid}:{gid}::/:\n");
            let users = Table::<User>::parse(line.as_bytes());
            assert_eq!(
                (users.get("u").is_some(), users.write()),
                (expect, line.clone().into_bytes()),
                "{line}"
            );
        }
        for (gid, expect) in
            [("7", true), ("4294967294", true), ("4294967295", false), ("-1", false), ("", false)]
        {
            let groups = Table::<crate::Group>::parse(format!("g:x:{gid}:\n").as_bytes());
            assert_eq!(groups.get("g").is_some(), expect, "{gid}");
        }
    }

    #[test]
    fn changes_touch_a_field() {
        let mut table = Table::<User>::parse(TEXT);
        assert!(table.update("x", |user| user.shell = "/bin/sh".into()).unwrap());
        assert!(!table.update("bad", |user| user.uid = 1).unwrap());
        let text = String::from_utf8_lossy(&table.write()).into_owned();
        assert!(text.contains("\nx:x:00:007:A\u{fffd}:/:/bin/sh\nbad:line\nn\0:x"), "{text}");
        let error = table.update("x", |user| user.shell = "a:b".into()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        assert!(table.add(user("new\nline")).is_err());
    }

    #[test]
    fn adds_and_removes() {
        for (before, after) in [
            ("", "u:x:7:7::/:\n"),
            ("a:x:1:1::/:", "a:x:1:1::/:\nu:x:7:7::/:\n"),
            ("a:x:1:1::/:\n+::::::", "a:x:1:1::/:\nu:x:7:7::/:\n+::::::"),
            ("+::::::", "u:x:7:7::/:\n+::::::"),
        ] {
            let mut table = Table::<User>::parse(before.as_bytes());
            table.add(user("u")).unwrap();
            assert_eq!(String::from_utf8_lossy(&table.write()), after);
            assert!(table.remove("u") && !table.remove("u"));
        }
        let mut twice = Table::<User>::parse(b"u:x:1:1::/:\nu:x:2:2::/:\n");
        assert_eq!(twice.get("u").map(|user| user.uid), Some(1));
        assert!(twice.remove("u") && twice.write().is_empty());
    }
}
