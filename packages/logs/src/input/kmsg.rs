// SPDX-License-Identifier: MIT OR Apache-2.0
//! Records of /dev/kmsg (`Documentation/ABI/testing/dev-kmsg` of the kernel).

use crate::entry::Entry;
use qos_unit::Name;

/// The identifier of process 1, the manager of services: `INIT` of `packages/protocol/src/mark.rs`.
const MANAGER: &[u8] = b"qos-init";

/// `user`: the facility that the kernel gives to what process 1 writes. Its own records have 0, which no program can write.
const USER: u16 = 1;

/// A record.
#[derive(Debug, PartialEq, Eq)]
pub struct Message {
    /// Its number; each message has the next one.
    pub sequence: u64,
    /// Fields, with the monotonic time and without the wall clock's.
    pub entry: Entry,
}

/// Reads one record: `PRIORITY,SEQUENCE,MICROSECONDS,FLAGS[,…];TEXT`, then lines ` KEY=VALUE`.
#[must_use]
pub fn parse(record: &[u8]) -> Option<Message> {
    let end = record.iter().position(|byte| *byte == b';')?;
    let prefix = std::str::from_utf8(&record[..end]).ok()?;
    let mut parts = prefix.split(',');
    let priority: u16 = parts.next()?.parse().ok()?;
    let sequence: u64 = parts.next()?.parse().ok()?;
    let monotonic = parts.next()?.parse().ok()?;
    let mut lines = record[end + 1..].split(|byte| *byte == b'\n');
    let text = unescape(lines.next()?);
    let facility = priority >> 3;
    let mut entry = Entry::new("kernel", (priority & 7) as u8);
    entry.monotonic = monotonic;
    entry.set("_KMSG_SEQ", sequence.to_string());
    if facility == 0 {
        entry.set("SYSLOG_IDENTIFIER", "kernel");
        entry.set("MESSAGE", text);
    } else {
        // A program's: as in syslog.
        entry.set("SYSLOG_FACILITY", facility.to_string());
        let (name, pid, rest) = super::identifier(&text);
        entry.set("SYSLOG_IDENTIFIER", name.unwrap_or(b"unknown"));
        if let Some(pid) = pid {
            entry.set("SYSLOG_PID", pid);
        }
        if let Some(unit) = about(name, rest).filter(|_| facility == USER && pid.is_none()) {
            entry.set("UNIT", unit.as_str());
        }
        entry.set("MESSAGE", rest);
    }
    for line in lines {
        let pair = line.strip_prefix(b" ").and_then(|line| {
            let at = line.iter().position(|byte| *byte == b'=')?;
            Some((&line[..at], unescape(&line[at + 1..])))
        });
        match pair {
            Some((b"SUBSYSTEM", value)) => entry.set("SUBSYSTEM", value),
            Some((b"DEVICE", value)) => entry.set("DEVICE", value),
            _ => {}
        }
    }
    Some(Message { sequence, entry })
}

/// The unit that a line of the manager is about: `UNIT: TEXT`. Programs that can write to /dev/kmsg are trusted not to write such lines:
/// those of root, and units with StandardOutput=kmsg.
fn about(identifier: Option<&[u8]>, text: &[u8]) -> Option<Name> {
    let end = text.windows(2).position(|pair| pair == b": ").filter(|_| identifier == Some(MANAGER))?;
    Name::new(std::str::from_utf8(&text[..end]).ok()?).ok()
}

/// Undoes the kernel's escapes: `\x1b` and the like for bytes that are not printable.
fn unescape(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let digits =
            (*byte == b'\\' && text.get(at + 1) == Some(&b'x')).then(|| text.get(at + 2..at + 4)).flatten();
        let code = digits
            .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        out.push(code.unwrap_or(*byte));
        at += if code.is_some() { 4 } else { 1 };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(record: &str, expect: &str) {
        let shown = parse(record.as_bytes()).map_or_else(String::new, |message| {
            let field = |name: &str| message.entry.text(name).unwrap_or_default().into_owned();
            format!(
                "{} {} {} {}|{}|{}|{}",
                message.sequence,
                message.entry.monotonic,
                field("PRIORITY"),
                field("SYSLOG_IDENTIFIER"),
                field("SYSLOG_PID"),
                field("MESSAGE"),
                field("DEVICE")
            )
        });
        assert_eq!(shown, expect, "{record}");
    }

    #[test]
    fn records() {
        check("6,339,5140900,-;NET: Registered\n", "339 5140900 6 kernel||NET: Registered|");
        check(
            "7,160,424069,-;pci; x\n SUBSYSTEM=acpi\n DEVICE=+acpi:PNP0A03:00\n",
            "160 424069 7 kernel||pci; x|+acpi:PNP0A03:00",
        );
        check("30,7,1,-;qos-init: hello\n", "7 1 6 qos-init||hello|");
        check("30,7,1,c,caller=T1;a[3]: b", "7 1 6 a|3|b|");
        check("12,7,1,-;no tag\n", "7 1 4 unknown||no tag|");
        check("6,1,2,-;a\\x1b\\x5cb\\xg\n", "1 2 6 kernel||a\u{1b}\\b\\xg|");
        check("6,1,2,-;", "1 2 6 kernel|||");
        for bad in ["", "6,1,2", "x,1,2,-;a", "6,x,2,-;a", "6,1;a", "99999999,1,2,-;a"] {
            check(bad, "");
        }
    }

    #[test]
    fn units_of_lines_of_the_manager() {
        for (record, expect) in [
            ("14,7,1,-;qos-init: ne.service: started\n", Some("ne.service")),
            ("11,7,1,-;qos-init: a@b\\x5cx2dc.mount: failed: exit-code: x\n", Some("a@b\\x2dc.mount")),
            ("14,7,1,-;qos-init: multi-user.target: reached", Some("multi-user.target")),
            ("14,7,1,-;qos-init: ne.service:started", None),
            ("14,7,1,-;qos-init: ne.service", None),
            ("14,7,1,-;qos-init: started", None),
            ("14,7,1,-;qos-init: end: reboot", None),
            ("14,7,1,-;qos-init: /etc/systemd/system/x.service:5: y", None),
            ("14,7,1,-;qos-init: a b.service: y", None),
            ("14,7,1,-;qos-init: .service: y", None),
            // Of others: another program, the kernel, another facility.
            ("14,7,1,-;qos-agent: ne.service: started", None),
            ("14,7,1,-;ne.service: started", None),
            ("14,7,1,-;qos-init[7]: ne.service: started", None),
            ("6,7,1,-;qos-init: ne.service: started", None),
            ("30,7,1,-;qos-init: ne.service: started", None),
            ("6,7,1,-;x\n UNIT=ne.service\n", None),
        ] {
            let entry = parse(record.as_bytes()).unwrap().entry;
            assert_eq!(entry.text("UNIT").as_deref(), expect, "{record}");
        }
    }
}
