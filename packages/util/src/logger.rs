// SPDX-License-Identifier: MIT OR Apache-2.0
//! `logger`: writes a line to the log (POSIX logger): to /dev/log if a program listens there, else to the kernel's log.

use crate::Failure;
use lexopt::prelude::*;
use std::fs::OpenOptions;
use std::io::{self, BufRead, Write};
use std::os::unix::net::UnixDatagram;
use std::path::Path;

/// Names of facilities and levels, by number (syslog(3)).
const FACILITIES: [&str; 12] =
    ["kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp"];
const LEVELS: [&str; 8] = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];

/// `user.notice`.
const PRIORITY: u32 = 8 + 5;

pub fn main(mut options: lexopt::Parser, _: &mut dyn Write) -> Result<(), Failure> {
    let (mut tag, mut pid, mut copy, mut level) = (None, false, false, PRIORITY);
    let (mut file, mut words) = (None, Vec::new());
    while let Some(arg) = options.next()? {
        match arg {
            Short('t') | Long("tag") => tag = Some(options.value()?.string()?),
            Short('p') | Long("priority") => level = priority(&options.value()?.string()?)?,
            Short('i') | Long("id") => pid = true,
            Short('s') | Long("stderr") => copy = true,
            Short('f') | Long("file") => file = Some(options.value()?),
            Value(word) => words.push(word.string()?),
            _ => return Err(arg.unexpected().into()),
        }
    }
    let tag = tag.or_else(|| std::env::var("USER").ok()).unwrap_or_else(|| "logger".to_owned());
    let tag = if pid { format!("{tag}[{}]", std::process::id()) } else { tag };
    let send = |line: &str| {
        if copy {
            eprintln!("{tag}: {line}");
        }
        write(Path::new("/dev/log"), Path::new("/dev/kmsg"), level, &tag, line)
    };
    if !words.is_empty() {
        return send(&words.join(" "));
    }
    let input: Box<dyn BufRead> = match &file {
        Some(path) => Box::new(io::BufReader::new(
            std::fs::File::open(path).map_err(|error| Failure::at(path, &error))?,
        )),
        None => Box::new(io::stdin().lock()),
    };
    for line in input.lines() {
        let line = line.map_err(|error| Failure::of("read error", &error))?;
        send(&line)?;
    }
    Ok(())
}

/// `FACILITY.LEVEL` or `LEVEL`.
fn priority(text: &str) -> Result<u32, Failure> {
    let (facility, level) = text.split_once('.').unwrap_or(("user", text));
    let level = match level {
        "error" => "err",
        "warn" => "warning",
        "panic" => "emerg",
        level => level,
    };
    let local =
        |name: &str| name.strip_prefix("local")?.parse::<u32>().ok().filter(|n| *n < 8).map(|n| n + 16);
    let at = |names: &[&str], name: &str| names.iter().position(|known| *known == name).map(|n| n as u32);
    let found = at(&FACILITIES, facility).or_else(|| local(facility)).zip(at(&LEVELS, level));
    let (facility, level) = found.ok_or_else(|| Failure::usage(format!("{text}: unknown priority")))?;
    Ok(facility * 8 + level)
}

/// Writes one line to the socket `log`, or where nobody listens there, to `kmsg`.
fn write(log: &Path, kmsg: &Path, level: u32, tag: &str, line: &str) -> Result<(), Failure> {
    let text = format!("<{level}>{tag}: {line}");
    let sent = UnixDatagram::unbound().and_then(|socket| socket.send_to(text.as_bytes(), log));
    if sent.is_ok() {
        return Ok(());
    }
    // The kernel's log takes one line with one write.
    let opened = OpenOptions::new().append(true).open(kmsg);
    let written = opened.and_then(|mut kmsg| kmsg.write_all(format!("{text}\n").as_bytes()));
    written.map_err(|error| Failure::at(kmsg, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn priorities() {
        for (text, expect) in [
            ("user.notice", Some(13)),
            ("err", Some(11)),
            ("local7.debug", Some(191)),
            ("x.err", None),
            ("user.x", None),
        ] {
            assert_eq!(priority(text).ok(), expect, "{text}");
        }
    }

    #[test]
    fn writes() {
        let directory = std::env::temp_dir().join(format!("qos-logger-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let (log, kmsg) = (directory.join("log"), directory.join("kmsg"));
        std::fs::write(&kmsg, "").unwrap();
        write(&log, &kmsg, 13, "t", "one").unwrap();
        assert_eq!(std::fs::read_to_string(&kmsg).unwrap(), "<13>t: one\n");
        let socket = UnixDatagram::bind(&log).unwrap();
        write(&log, &kmsg, 13, "t", "two").unwrap();
        let mut bytes = [0; 64];
        let n = socket.recv(&mut bytes).unwrap();
        assert_eq!(&bytes[..n], b"<13>t: two");
        assert!(write(&directory.join("none"), &directory.join("neither"), 13, "t", "x").is_err());
        std::fs::remove_dir_all(directory).unwrap();
    }
}
