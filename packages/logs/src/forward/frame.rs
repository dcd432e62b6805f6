// SPDX-License-Identifier: MIT OR Apache-2.0
//! An entry as a message of RFC 5424 after its length (RFC 5425, section 4.3; RFC 6587, "Octet Counting").

use crate::entry::Entry;

/// The bytes that are sent for an entry: `LENGTH <PRI>1 TIME HOST APP PROCID MSGID DATA TEXT`, with `host` as the name of this host.
pub fn frame(entry: &Entry, host: &str) -> Vec<u8> {
    let facility: u16 = entry.text("SYSLOG_FACILITY").and_then(|text| text.parse().ok()).unwrap_or(0);
    // Without a facility only the kernel's messages are the kernel's: the others are a daemon's.
    let is_kernel = entry.get("_TRANSPORT") == Some(b"kernel");
    let facility = if facility == 0 && !is_kernel { 3 } else { facility.min(127) };
    let pid = entry.text("SYSLOG_PID").or_else(|| entry.text("_PID"));
    let mut message = format!(
        "<{}>1 {} {} {} {} {} {} ",
        facility * 8 + u16::from(entry.level()),
        time(entry.realtime),
        word(Some(host), 255),
        word(entry.identifier().as_deref(), 48),
        word(pid.as_deref(), 128),
        word(entry.text("SYSLOG_MSGID").as_deref(), 32),
        data(entry),
    )
    .into_bytes();
    message.extend(entry.get("MESSAGE").unwrap_or_default());
    let mut frame = format!("{} ", message.len()).into_bytes();
    frame.extend(message);
    frame
}

/// The unit as structured data, with the enterprise number that RFC 5612 reserves for examples.
fn data(entry: &Entry) -> String {
    let Some(unit) = entry.text("_SYSTEMD_UNIT") else { return "-".into() };
    let mut value = String::new();
    for c in unit.chars() {
        if matches!(c, '"' | '\\' | ']') {
            value.push('\\');
        }
        value.push(c);
    }
    format!("[unit@32473 name=\"{value}\"]")
}

/// A field of a header: printable ASCII without spaces, or `-`.
fn word(text: Option<&str>, most: usize) -> String {
    let text: String = text.unwrap_or("").chars().filter(char::is_ascii_graphic).take(most).collect();
    if text.is_empty() { "-".into() } else { text }
}

/// A time of RFC 3339 in UTC, of microseconds since 1970.
pub fn time(micros: u64) -> String {
    let seconds = micros / 1_000_000;
    let (year, month, day) = crate::logctl::when::date(i64::try_from(seconds / 86_400).unwrap_or(0));
    let of_day = seconds % 86_400;
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:06}Z",
        of_day / 3600,
        of_day / 60 % 60,
        of_day % 60,
        micros % 1_000_000
    )
}

#[cfg(test)]
pub mod tests {
    use super::*;

    pub fn entry(text: &str) -> Entry {
        let mut entry = Entry::new("syslog", 3);
        entry.realtime = 1_795_824_000_000_001;
        entry.set("SYSLOG_FACILITY", "4");
        entry.set("SYSLOG_IDENTIFIER", "su do");
        entry.set("_PID", "7");
        entry.set("_SYSTEMD_UNIT", "a]\".service");
        entry.set("MESSAGE", text);
        entry
    }

    #[test]
    fn frames() {
        let text = "<35>1 2026-11-28T00:00:00.000001Z h sudo 7 - [unit@32473 name=\"a\\]\\\".service\"] text";
        assert_eq!(String::from_utf8(frame(&entry("text"), "h")).unwrap(), format!("{} {text}", text.len()));
        let own = String::from_utf8(frame(&Entry::own(6, "x"), "")).unwrap();
        assert_eq!(
            own,
            "46 <30>1 1970-01-01T00:00:00.000000Z - logd - - - x".replace("46", &(own.len() - 3).to_string())
        );
    }
}
