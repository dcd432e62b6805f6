// SPDX-License-Identifier: MIT OR Apache-2.0
//! An entry as text: the outputs of journalctl(1). Pure, but for the time zone.

use super::filter::of_header;
use crate::codec::Header;
use crate::entry::Entry;
use qos_sys::time::{MONTHS, WEEKDAYS, local, offset};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// A format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// `Nov 28 12:00:00 HOST IDENTIFIER[PID]: MESSAGE`.
    Short,
    /// With the year and the zone.
    ShortIso,
    /// With microseconds.
    ShortPrecise,
    /// With seconds since the boot.
    ShortMonotonic,
    /// With seconds since 1970.
    ShortUnix,
    /// All fields, a line each.
    Verbose,
    /// systemd's export format.
    Export,
    /// An object in a line.
    Json,
    /// An object in several lines.
    JsonPretty,
    /// The message only.
    Cat,
}

impl Output {
    /// The format of that name.
    pub fn named(name: &str) -> Result<Self, String> {
        Ok(match name {
            "short" => Output::Short,
            "short-iso" => Output::ShortIso,
            "short-precise" => Output::ShortPrecise,
            "short-monotonic" => Output::ShortMonotonic,
            "short-unix" => Output::ShortUnix,
            "verbose" => Output::Verbose,
            "export" => Output::Export,
            "json" => Output::Json,
            "json-pretty" => Output::JsonPretty,
            "cat" => Output::Cat,
            _ => {
                return Err(format!(
                    "{name:?} is no output: give one of short short-iso short-precise short-monotonic short-unix verbose export json \
                     json-pretty cat"
                ));
            }
        })
    }

    /// Whether boots are told apart by a line between them.
    pub fn has_separators(self) -> bool {
        !matches!(self, Output::Export | Output::Json | Output::JsonPretty | Output::Cat)
    }
}

/// How entries are shown.
pub struct Shown {
    /// The format.
    pub output: Output,
    /// Times in UTC.
    pub utc: bool,
    /// Control characters as they are.
    pub all: bool,
    /// Without the host's name.
    pub no_host: bool,
}

/// An entry with its place.
pub struct Placed<'a> {
    /// Its segment's header.
    pub header: &'a Header,
    /// Where its record begins.
    pub offset: usize,
    /// The entry.
    pub entry: &'a Entry,
}

impl Shown {
    /// Writes an entry.
    pub fn write(&self, placed: &Placed<'_>, out: &mut dyn Write) -> io::Result<()> {
        let entry = placed.entry;
        match self.output {
            Output::Cat => {
                out.write_all(&self.printable(entry.get("MESSAGE").unwrap_or_default(), 0))?;
                out.write_all(b"\n")
            }
            Output::Verbose => {
                let time = self.date(entry.realtime, true);
                writeln!(out, "{time} [{}]", cursor(placed))?;
                for (name, value) in fields(placed) {
                    write!(out, "    {name}=")?;
                    out.write_all(&self.printable(&value, 8))?;
                    out.write_all(b"\n")?;
                }
                Ok(())
            }
            Output::Export => export(placed, out),
            Output::Json | Output::JsonPretty => json(placed, self.output == Output::JsonPretty, out),
            _ => {
                let mut line = self.time(entry);
                if !self.no_host && !placed.header.host.is_empty() {
                    line = format!("{line} {}", placed.header.host);
                }
                let pid = entry.text("SYSLOG_PID").or_else(|| entry.text("_PID"));
                let pid = pid.map(|pid| format!("[{pid}]")).unwrap_or_default();
                let identifier = entry.identifier().unwrap_or("unknown".into());
                let line = format!("{line} {identifier}{pid}: ");
                let line = self.printable(line.as_bytes(), 0);
                out.write_all(&line)?;
                out.write_all(&self.printable(entry.get("MESSAGE").unwrap_or_default(), line.len()))?;
                out.write_all(b"\n")
            }
        }
    }

    fn time(&self, entry: &Entry) -> String {
        let seconds = |micros: u64| format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
        match self.output {
            Output::ShortMonotonic => format!("[{:>12}]", seconds(entry.monotonic)),
            Output::ShortUnix => seconds(entry.realtime),
            _ => self.date(entry.realtime, false),
        }
    }

    /// A date in the form of the output; `full` is that of verbose.
    pub fn date(&self, micros: u64, full: bool) -> String {
        let seconds = i64::try_from(micros / 1_000_000).unwrap_or(0);
        let zone = if self.utc { 0 } else { offset(seconds) };
        let (year, month, day) = super::when::date((seconds + zone).div_euclid(86_400));
        let of_day = (seconds + zone).rem_euclid(86_400);
        let time = format!("{:02}:{:02}:{:02}", of_day / 3600, of_day / 60 % 60, of_day % 60);
        let weekday = local(seconds - offset(seconds) + zone).map_or(0, |local| local.weekday);
        let month_name = MONTHS[usize::try_from(month - 1).unwrap_or(0)];
        let (sign, east) = if zone < 0 { ('-', -zone) } else { ('+', zone) };
        let zone = format!("{sign}{:02}:{:02}", east / 3600, east / 60 % 60);
        let fraction = micros % 1_000_000;
        match self.output {
            _ if full => {
                format!("{} {year:04}-{month:02}-{day:02} {time}.{fraction:06} {zone}", WEEKDAYS[weekday])
            }
            Output::ShortIso => format!("{year:04}-{month:02}-{day:02}T{time}{zone}"),
            Output::ShortPrecise => format!("{month_name} {day:02} {time}.{fraction:06}"),
            _ => format!("{month_name} {day:02} {time}"),
        }
    }

    /// Text for a terminal: without control characters, and with lines after the first one indented.
    pub fn printable(&self, text: &[u8], indent: usize) -> Vec<u8> {
        if self.all {
            return text.to_vec();
        }
        let mut out = Vec::with_capacity(text.len());
        for chunk in text.utf8_chunks() {
            for c in chunk.valid().chars() {
                match c {
                    '\n' => {
                        out.push(b'\n');
                        out.extend(std::iter::repeat_n(b' ', indent));
                    }
                    '\t' => out.push(b'\t'),
                    c if c.is_control() => out.extend(format!("\\x{:02x}", c as u32).bytes()),
                    c => out.extend(c.encode_utf8(&mut [0; 4]).bytes()),
                }
            }
            chunk.invalid().iter().for_each(|byte| out.extend(format!("\\x{byte:02x}").bytes()));
        }
        out
    }
}

/// Names the place of an entry.
pub fn cursor(placed: &Placed<'_>) -> String {
    format!("s={:x};o={:x};b={:032x}", placed.header.number, placed.offset, placed.header.boot)
}

/// The fields of an entry with those of its segment.
fn fields(placed: &Placed<'_>) -> Vec<(String, Vec<u8>)> {
    let own = placed.entry.fields.iter().map(|(name, value)| (name.to_string(), value.clone()));
    let of_header = ["_BOOT_ID", "_HOSTNAME"];
    let common = of_header
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), of_header_bytes(placed.header, name)?)));
    own.chain(common).collect()
}

fn of_header_bytes(header: &Header, name: &str) -> Option<Vec<u8>> {
    of_header(header, name).map(String::into_bytes)
}

fn addresses(placed: &Placed<'_>) -> [(&'static str, String); 3] {
    [
        ("__CURSOR", cursor(placed)),
        ("__REALTIME_TIMESTAMP", placed.entry.realtime.to_string()),
        ("__MONOTONIC_TIMESTAMP", placed.entry.monotonic.to_string()),
    ]
}

fn export(placed: &Placed<'_>, out: &mut dyn Write) -> io::Result<()> {
    for (name, value) in addresses(placed) {
        writeln!(out, "{name}={value}")?;
    }
    for (name, value) in fields(placed) {
        let is_text =
            std::str::from_utf8(&value).is_ok_and(|text| !text.chars().any(|c| c.is_control() && c != '\t'));
        if is_text {
            write!(out, "{name}=")?;
        } else {
            writeln!(out, "{name}")?;
            out.write_all(&(value.len() as u64).to_le_bytes())?;
        }
        out.write_all(&value)?;
        out.write_all(b"\n")?;
    }
    out.write_all(b"\n")
}

fn json(placed: &Placed<'_>, pretty: bool, out: &mut dyn Write) -> io::Result<()> {
    let mut all: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    for (name, value) in addresses(placed) {
        all.insert(name.to_owned(), vec![value.into_bytes()]);
    }
    for (name, value) in fields(placed) {
        all.entry(name).or_default().push(value);
    }
    let (open, between, close) = if pretty { ("{\n\t", ",\n\t", "\n}\n") } else { ("{", ",", "}\n") };
    let objects: Vec<String> = all
        .iter()
        .map(|(name, values)| {
            let values: Vec<String> = values.iter().map(|value| json_value(value)).collect();
            let value = if values.len() == 1 { values[0].clone() } else { format!("[{}]", values.join(",")) };
            format!("\"{name}\"{}{value}", if pretty { " : " } else { ":" })
        })
        .collect();
    write!(out, "{open}{}{close}", objects.join(between))
}

/// A string, or an array of numbers for bytes that are no text.
fn json_value(value: &[u8]) -> String {
    let Ok(text) = std::str::from_utf8(value) else {
        let numbers: Vec<String> = value.iter().map(u8::to_string).collect();
        return format!("[{}]", numbers.join(","));
    };
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(output: &str, expect: &str) {
        let header = Header { boot: 0xab, number: 2, host: "h".into(), ..Header::default() };
        let mut entry = Entry::new("syslog", 4);
        (entry.realtime, entry.monotonic) = (1_795_885_200_000_001, 1_500_000);
        entry.set("SYSLOG_IDENTIFIER", "su");
        entry.set("_PID", "12");
        entry.set("MESSAGE", "a\x1b[1m\n\"b\"");
        entry.set("X", vec![0xff, 0]);
        let placed = Placed { header: &header, offset: 16, entry: &entry };
        let shown = Shown { output: Output::named(output).unwrap(), utc: true, all: false, no_host: false };
        let mut out = Vec::new();
        shown.write(&placed, &mut out).unwrap();
        assert_eq!(
            out.escape_ascii().to_string().replace("\\n", "\n").replace("\\'", "'"),
            expect,
            "{output}"
        );
    }

    #[test]
    fn outputs() {
        let short = |time: &str| {
            let indent = " ".repeat(time.len() + " h su[12]: ".len());
            format!("{time} h su[12]: a\\\\x1b[1m\n{indent}\\\"b\\\"\n")
        };
        check("short", &short("Nov 28 17:00:00"));
        check("short-iso", &short("2026-11-28T17:00:00+00:00"));
        check("short-precise", &short("Nov 28 17:00:00.000001"));
        check("short-monotonic", &short("[    1.500000]"));
        check("short-unix", &short("1795885200.000001"));
        check("cat", "a\\\\x1b[1m\n\\\"b\\\"\n");
        check(
            "verbose",
            "Sat 2026-11-28 17:00:00.000001 +00:00 [s=2;o=10;b=000000000000000000000000000000ab]\n    _TRANSPORT=syslog\n    PRIORITY=4\n    \
             SYSLOG_IDENTIFIER=su\n    _PID=12\n    MESSAGE=a\\\\x1b[1m\n        \\\"b\\\"\n    X=\\\\xff\\\\x00\n    \
             _BOOT_ID=000000000000000000000000000000ab\n    _HOSTNAME=h\n",
        );
        check(
            "json",
            "{\\\"MESSAGE\\\":\\\"a\\\\u001b[1m\\\n\\\\\\\"b\\\\\\\"\\\",\\\"PRIORITY\\\":\\\"4\\\",\\\"SYSLOG_IDENTIFIER\\\":\\\"su\\\",\\\"X\\\":[255,0],\
             \\\"_BOOT_ID\\\":\\\"000000000000000000000000000000ab\\\",\\\"_HOSTNAME\\\":\\\"h\\\",\\\"_PID\\\":\\\"12\\\",\\\"_TRANSPORT\\\":\\\"syslog\\\",\
             \\\"__CURSOR\\\":\\\"s=2;o=10;b=000000000000000000000000000000ab\\\",\\\"__MONOTONIC_TIMESTAMP\\\":\\\"1500000\\\",\
             \\\"__REALTIME_TIMESTAMP\\\":\\\"1795885200000001\\\"}\n",
        );
        check(
            "export",
            "__CURSOR=s=2;o=10;b=000000000000000000000000000000ab\n__REALTIME_TIMESTAMP=1795885200000001\n__MONOTONIC_TIMESTAMP=1500000\n\
             _TRANSPORT=syslog\nPRIORITY=4\nSYSLOG_IDENTIFIER=su\n_PID=12\nMESSAGE\n\\t\\x00\\x00\\x00\\x00\\x00\\x00\\x00a\\x1b[1m\n\\\"b\\\"\nX\n\
             \\x02\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\xff\\x00\n_BOOT_ID=000000000000000000000000000000ab\n_HOSTNAME=h\n\n",
        );
        assert!(Output::named("x").is_err());
    }
}
