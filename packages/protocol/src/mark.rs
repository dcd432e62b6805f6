// SPDX-License-Identifier: MIT OR Apache-2.0
//! Marks: lines that init and the agent write to the kernel log (`/dev/kmsg`), where they get the kernel's time stamps. On
//! the console a line reads `[    0.123456] qos-init: started`.
//!
//! The host may look for the texts here. Levels are those of syslog(2): `quiet` on the kernel command line hides
//! level 6 and keeps 3 on the console.

/// How each mark of init begins.
pub const INIT: &str = "qos-init: ";

/// How each mark of the agent begins.
pub const AGENT: &str = "qos-agent: ";

/// Init has begun and can write to the kernel log.
pub const STARTED: &str = "started";

/// File systems, host name and modules are in place. The agent is next, which finds the main program.
pub const READY: &str = "ready";

/// How the mark of the agent begins that names the main program and where its standard streams are.
pub const RUN: &str = "run ";

/// How the mark begins that gives the main program's status: a decimal number follows.
pub const STATUS: &str = "status ";

/// The beginning of init's mark for the end: `power off`, `reboot`, `halt` or `kexec` follow.
pub const END: &str = "end: ";

/// Level of a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// The program cannot continue without a person (KERN_CRIT): on the console also with `quiet loglevel=3`.
    Critical = 2,
    /// Something failed (KERN_ERR): on the console also with `quiet`.
    Error = 3,
    /// A warning: something differs from the request, the program continues (KERN_WARNING).
    Warning = 4,
    /// Progress (KERN_INFO).
    Info = 6,
}

/// One record for `/dev/kmsg`: `<6>PREFIXTEXT\n`. Control characters in `text` become `?`, so that it stays one
/// line; it is cut at 900 bytes, as the kernel takes 1024 (`Documentation/ABI/testing/dev-kmsg`).
#[must_use]
pub fn record(level: Level, prefix: &str, text: &str) -> String {
    const LONGEST: usize = 900;
    let mut record = format!("<{}>{prefix}", level as u8);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records() {
        assert_eq!(record(Level::Info, INIT, STARTED), "<6>qos-init: started\n");
        assert_eq!(record(Level::Error, AGENT, "a\nb\tc\u{1b}"), "<3>qos-agent: a?b?c?\n");
        let long = record(Level::Info, INIT, &"\u{e9}".repeat(2000));
        assert!(long.len() <= 901 && long.ends_with("\u{e9}\n"));
    }
}
