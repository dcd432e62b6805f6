// SPDX-License-Identifier: MIT OR Apache-2.0
//! Messages of syslog(3), as /dev/log gets them: RFC 3164, and RFC 5424.

use crate::entry::Entry;

/// `user.info`: what a message without a priority has.
const DEFAULT: u16 = 8 + 6;

/// Reads a message. Its time is not used: it has seconds at best, and the message comes by at once.
#[must_use]
pub fn parse(message: &[u8]) -> Entry {
    let end =
        message.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r' | 0 | b' ')).map_or(0, |at| at + 1);
    let message = &message[..end];
    let (priority, rest) = super::priority(message).unwrap_or((DEFAULT, message));
    let mut entry = Entry::new("syslog", (priority & 7) as u8);
    entry.set("SYSLOG_FACILITY", (priority >> 3).to_string());
    if rest.len() == message.len() || rfc5424(rest, &mut entry).is_none() {
        rfc3164(rest, &mut entry);
    }
    entry
}

/// `Mmm dd hh:mm:ss TAG[PID]: TEXT`; the time, which is a date of RFC 3339 in some programs, may be missing. There is no host:
/// a local socket has none.
fn rfc3164(text: &[u8], entry: &mut Entry) {
    let text = after_time(text).unwrap_or(text);
    let (name, pid, rest) = super::identifier(text);
    if let Some(name) = name {
        entry.set("SYSLOG_IDENTIFIER", name);
    }
    if let Some(pid) = pid {
        entry.set("SYSLOG_PID", pid);
    }
    entry.set("MESSAGE", rest);
}

fn after_time(text: &[u8]) -> Option<&[u8]> {
    let is_short = |text: &[u8]| {
        let at = |pattern: &[u8]| {
            pattern.len() == text.len()
                && pattern.iter().zip(text).all(|(pattern, byte)| match pattern {
                    b'0' => byte.is_ascii_digit(),
                    b'a' => byte.is_ascii_alphabetic(),
                    pattern => pattern == byte,
                })
        };
        at(b"aaa 00 00:00:00 ") || at(b"aaa  0 00:00:00 ")
    };
    if text.get(..16).is_some_and(is_short) {
        return Some(&text[16..]);
    }
    let end = text.iter().take(40).position(|byte| *byte == b' ')?;
    let word = &text[..end];
    let is_date =
        word.len() >= 19 && word[..4].iter().all(u8::is_ascii_digit) && word[4] == b'-' && word[10] == b'T';
    is_date.then(|| &text[end + 1..])
}

/// `1 TIME HOST APP PROCID MSGID DATA TEXT`; `None` if it is not of this form.
fn rfc5424(text: &[u8], entry: &mut Entry) -> Option<()> {
    let mut rest = text.strip_prefix(b"1 ")?;
    let mut word = || {
        let end = rest.iter().position(|byte| *byte == b' ')?;
        let (word, after) = rest.split_at(end);
        rest = &after[1..];
        (!word.is_empty()).then_some(word)
    };
    let [_time, _host, name, pid, id] = [word()?, word()?, word()?, word()?, word()?];
    let (data, text) = match rest.strip_prefix(b"-") {
        Some(text) => (None, text),
        None => {
            let end = end_of_data(rest)?;
            (Some(&rest[..end]), &rest[end..])
        }
    };
    let text = match text {
        [] => text,
        [b' ', text @ ..] => text,
        _ => return None,
    };
    let mut set = |field, value: &[u8]| {
        if value != b"-" {
            entry.set(field, value);
        }
    };
    set("SYSLOG_IDENTIFIER", name);
    set("SYSLOG_PID", pid);
    set("SYSLOG_MSGID", id);
    if let Some(data) = data {
        entry.set("SYSLOG_STRUCTURED_DATA", data);
    }
    entry.set("MESSAGE", text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text));
    Some(())
}

/// Where the elements `[ID NAME="VALUE" …]…` end. In a value, `\` takes the meaning of `"`, `\` and `]`.
fn end_of_data(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    while text.get(at) == Some(&b'[') {
        let mut quoted = false;
        loop {
            at += 1;
            match text.get(at)? {
                b'\\' if quoted => at += 1,
                b'"' => quoted = !quoted,
                b']' if !quoted => break,
                _ => {}
            }
        }
        at += 1;
    }
    (at > 0).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(message: &str, expect: &str) {
        let entry = parse(message.as_bytes());
        let field = |name: &str| entry.text(name).unwrap_or_default().into_owned();
        let shown = [
            "SYSLOG_FACILITY",
            "PRIORITY",
            "SYSLOG_IDENTIFIER",
            "SYSLOG_PID",
            "SYSLOG_MSGID",
            "SYSLOG_STRUCTURED_DATA",
            "MESSAGE",
        ]
        .map(field)
        .join("|");
        assert_eq!(shown, expect, "{message}");
    }

    #[test]
    fn rfc3164() {
        // As glibc, musl, busybox and Python send them.
        check("<13>Nov 28 12:00:00 su[12]: text", "1|5|su|12|||text");
        check("<13>Nov  8 12:00:00 su: a\n\0", "1|5|su||||a");
        check("<86>sshd[1]: Accepted", "10|6|sshd|1|||Accepted");
        check("<13>2026-11-28T12:00:00.1+01:00 tag: x", "1|5|tag||||x");
        check("no priority", "1|6|||||no priority");
        check("<13>no tag here", "1|5|||||no tag here");
        check("<13>", "1|5|||||");
        check("", "1|6|||||");
        check("<13>Nov 28 12:00:0x t: a", "1|5|||||Nov 28 12:00:0x t: a");
        check("1 - - a - - - x", "1|6|||||1 - - a - - - x");
    }

    #[test]
    fn rfc5424() {
        check(
            "<34>1 2003-10-11T22:14:15.003Z host su - ID47 - 'su root' failed",
            "4|2|su||ID47||'su root' failed",
        );
        check(
            "<165>1 - - app 9 - [a@1 k=\"v]\\\"\" l=\"\"][b] \u{feff}text",
            "20|5|app|9||[a@1 k=\"v]\\\"\" l=\"\"][b]|text",
        );
        check("<165>1 - - - - - -", "20|5|||||");
        // Not of this form: read as the older one.
        check("<165>1 - - app 9 - [a text", "20|5|||||1 - - app 9 - [a text");
        check("<165>1 - - app 9 - -x", "20|5|||||1 - - app 9 - -x");
        check("<165>1 a", "20|5|||||1 a");
    }
}
