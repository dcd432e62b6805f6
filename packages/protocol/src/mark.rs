// SPDX-License-Identifier: MIT OR Apache-2.0
//! Marks: lines that init writes to the kernel log (`/dev/kmsg`), where they get the kernel's time stamps. On the
//! console a line reads `[    0.123456] qos-init: started`.
//!
//! The host may look for the texts here. Levels are those of syslog(2): `quiet` on the kernel command line hides
//! level 6 and keeps 3 on the console.

/// How each mark begins.
pub const PREFIX: &str = "qos-init: ";

/// Init has begun and can write to the kernel log.
pub const STARTED: &str = "started";

/// File systems, host name and modules are in place. The main program is next.
pub const READY: &str = "ready";

/// How the mark begins that names the main program and the way it was chosen.
pub const RUN: &str = "run ";

/// How the mark begins that gives the main program's status: a decimal number follows.
pub const STATUS: &str = "status ";

/// How the mark begins that says what init does at the end: `power off`, `reboot` or `halt` follow.
pub const END: &str = "end: ";

/// Level of a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Something failed (KERN_ERR): on the console also with `quiet`.
    Error = 3,
    /// Something is not as asked, init goes on (KERN_WARNING).
    Warning = 4,
    /// Progress (KERN_INFO).
    Info = 6,
}

/// One record for `/dev/kmsg`: `<6>qos-init: TEXT\n`. Control characters in `text` become `?`, so that it stays one
/// line; it is cut at 900 bytes, as the kernel takes 1024 (`Documentation/ABI/testing/dev-kmsg`).
#[must_use]
pub fn record(level: Level, text: &str) -> String {
    const LONGEST: usize = 900;
    let mut record = format!("<{}>{PREFIX}", level as u8);
    for c in text.chars() {
        let c = if c.is_control() { '?' } else { c };
        if record.len() + c.len_utf8() > LONGEST {
            break;
        }
        record.push(c);
    }
    record.push('\n');
    record
}

/// The text of the mark in `line` of a console log, or `None` when it holds none.
#[must_use]
pub fn text_in(line: &str) -> Option<&str> {
    let at = line.find(PREFIX)?;
    let before = &line[..at];
    // Nothing but the time stamp may stand before it: a program that prints a mark's text does not make one.
    let stamped = before.is_empty() || (before.starts_with('[') && before.ends_with("] "));
    stamped.then(|| line[at + PREFIX.len()..].trim_end_matches(['\r', '\n']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records() {
        assert_eq!(record(Level::Info, STARTED), "<6>qos-init: started\n");
        assert_eq!(record(Level::Error, "a\nb\tc\u{1b}"), "<3>qos-init: a?b?c?\n");
        let long = record(Level::Info, &"\u{e9}".repeat(2000));
        assert!(long.len() <= 901 && long.ends_with("\u{e9}\n"));
    }

    fn check(line: &str, expect: Option<&str>) {
        assert_eq!(text_in(line), expect, "{line:?}");
    }

    #[test]
    fn found_in_a_log() {
        check("[    0.123456] qos-init: started", Some(STARTED));
        check("[    0.123456] qos-init: status 3\r\n", Some("status 3"));
        check("qos-init: ready", Some(READY));
        check("echo qos-init: ready", None);
        check("[    0.1] init: ready", None);
    }
}
