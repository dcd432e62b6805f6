// SPDX-License-Identifier: MIT OR Apache-2.0
//! issue(5): the text before the prompt, with the escapes of agetty(8).

use qos_sys::host::Host;
use qos_sys::time::{Local, MONTHS, WEEKDAYS};
use std::fmt::Write;

/// What the escapes stand for.
#[derive(Debug, Clone, Default)]
pub struct Values {
    /// The names of uname(2).
    pub host: Option<Host>,
    /// The line, without `/dev/`.
    pub line: String,
    /// Its speed, in bits per second.
    pub speed: u32,
    /// How many users are logged in.
    pub users: usize,
    /// Now.
    pub now: Option<Local>,
    /// The text of os-release(5).
    pub os_release: String,
}

/// `text` with its escapes replaced. Those that are not known are left out, as agetty does.
pub fn expand(text: &[u8], values: &Values) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let Some((&escape, after)) = rest.split_first() else { break };
        rest = after;
        let argument = match (escape, rest) {
            (b'S' | b'e', [b'{', inside @ ..]) => inside.iter().position(|byte| *byte == b'}').map(|end| {
                rest = &inside[end + 1..];
                String::from_utf8_lossy(&inside[..end]).into_owned()
            }),
            _ => None,
        };
        out.extend(value(escape, argument.as_deref(), values).bytes());
    }
    out
}

fn value(escape: u8, argument: Option<&str>, values: &Values) -> String {
    let host = |field: fn(&Host) -> &String| values.host.as_ref().map(field).cloned().unwrap_or_default();
    let time = |format: fn(&Local) -> String| values.now.as_ref().map(format).unwrap_or_default();
    match escape {
        b'\\' => "\\".to_owned(),
        b'b' => values.speed.to_string(),
        b'd' => time(|now| {
            let (day, month) = (WEEKDAYS[now.weekday], MONTHS[now.month]);
            format!("{day} {month} {:2}  {}", now.day, now.year)
        }),
        b'e' => argument.map_or("\x1b".to_owned(), color),
        b'l' => values.line.clone(),
        b'm' => host(|host| &host.machine),
        b'n' => host(|host| &host.node),
        b'o' => host(|host| &host.domain),
        b'O' => {
            let name = host(|host| &host.node);
            name.split_once('.').map(|(_, domain)| domain.to_owned()).unwrap_or_default()
        }
        b'r' => host(|host| &host.release),
        b's' => host(|host| &host.system),
        b'S' => release(&values.os_release, argument.unwrap_or("PRETTY_NAME")),
        b't' => time(|now| format!("{:02}:{:02}:{:02}", now.hour, now.minute, now.second)),
        b'u' => values.users.to_string(),
        b'U' => format!("{} user{}", values.users, if values.users == 1 { "" } else { "s" }),
        b'v' => host(|host| &host.version),
        _ => String::new(),
    }
}

/// The value of a variable of os-release(5), without quotes; `ANSI_COLOR` as the escape sequence.
fn release(text: &str, name: &str) -> String {
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    let value = value.map(|value| value.trim().trim_matches(['"', '\'']).to_owned());
    match (name, value) {
        ("ANSI_COLOR", Some(value)) => format!("\x1b[{value}m"),
        (_, value) => value.unwrap_or_default(),
    }
}

/// The sequence of a color's name (terminal-colors.d(5)); empty for what is none.
fn color(name: &str) -> String {
    const NAMES: [(&str, u8); 16] = [
        ("black", 30),
        ("blink", 5),
        ("blue", 34),
        ("bold", 1),
        ("brown", 33),
        ("cyan", 36),
        ("gray", 37),
        ("green", 32),
        ("halfbright", 2),
        ("magenta", 35),
        ("red", 31),
        ("reset", 0),
        ("reverse", 7),
        ("white", 37),
        ("yellow", 33),
        ("darkgray", 90),
    ];
    let mut sequence = String::new();
    if let Some((_, code)) = NAMES.iter().find(|(known, _)| *known == name) {
        write!(sequence, "\x1b[{code}m").unwrap_or_default();
    }
    sequence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        let text = |text: &str| text.to_owned();
        let values = Values {
            host: Some(Host {
                system: text("Linux"),
                node: text("qos.example.org"),
                release: text("7.3.4"),
                version: text("#1 SMP"),
                machine: text("x86_64"),
                domain: text("nis"),
            }),
            line: text("ttyS0"),
            speed: 115_200,
            users: 1,
            now: Some(Local {
                year: 2040,
                month: 1,
                day: 3,
                hour: 4,
                minute: 5,
                second: 6,
                weekday: 5,
                yearday: 33,
            }),
            os_release: text("NAME=\"qos\"\nPRETTY_NAME='qos 1'\nANSI_COLOR=1;31\n"),
        };
        for (issue, expect) in [
            ("\\S (\\s \\r \\m) \\n \\l\n", "qos 1 (Linux 7.3.4 x86_64) qos.example.org ttyS0\n"),
            ("\\d, \\t", "Fri Feb  3  2040, 04:05:06"),
            ("\\o \\O \\v \\b", "nis example.org #1 SMP 115200"),
            ("\\u: \\U", "1: 1 user"),
            ("\\S{NAME}\\S{NONE}|\\S{ANSI_COLOR}", "qos|\x1b[1;31m"),
            ("\\e{red}x\\e{reset}\\e{no}\\e[1m", "\x1b[31mx\x1b[0m\x1b[1m"),
            ("a\\\\b\\x\\", "a\\b"),
            ("\\S{NAME", "qos 1{NAME"),
        ] {
            assert_eq!(String::from_utf8_lossy(&expand(issue.as_bytes(), &values)), expect, "{issue}");
        }
        assert_eq!(expand(b"\\U\\n\\d\xff", &Values::default()), b"0 users\xff");
    }
}
