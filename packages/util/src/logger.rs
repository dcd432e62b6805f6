// SPDX-License-Identifier: MIT OR Apache-2.0
//! `logger`: writes lines to the log (POSIX logger, logger(1) of util-linux): to /dev/log if a program listens there, else to the
//! kernel's log.

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

/// Bytes of a message, as in util-linux.
const SIZE: usize = 1 << 10;

/// Bytes of a message for the kernel's log, of which it takes 976 (`LOG_LINE_MAX` in `kernel/printk/printk.c`) or more.
const KMSG_SIZE: usize = 976;

pub fn main(mut options: lexopt::Parser, _: &mut dyn Write) -> Result<(), Failure> {
    let (mut tag, mut pid, mut copy, mut level) = (None, false, false, PRIORITY);
    let (mut file, mut words, mut limit) = (None, Vec::new(), SIZE);
    while let Some(arg) = options.next()? {
        match arg {
            Short('t') | Long("tag") => tag = Some(options.value()?.string()?),
            Short('p') | Long("priority") => level = priority(&options.value()?.string()?)?,
            Short('i') | Long("id") => pid = true,
            Short('s') | Long("stderr") => copy = true,
            Short('S') | Long("size") => limit = size(&options.value()?.string()?)?,
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
        let header = format!("<{level}>{tag}: ");
        write(Path::new("/dev/log"), Path::new("/dev/kmsg"), &header, line, limit)
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

/// Bytes: a number, in KiB or MiB with `K` or `M`.
fn size(text: &str) -> Result<usize, Failure> {
    let number = text.trim_end_matches("iB");
    let (number, unit) = match number.strip_suffix(['K', 'k']) {
        Some(number) => (number, 1 << 10),
        None => number.strip_suffix('M').map_or((text, 1), |number| (number, 1 << 20)),
    };
    let size = number.parse::<usize>().ok().and_then(|number| number.checked_mul(unit));
    size.filter(|size| *size > 0).ok_or_else(|| Failure::usage(format!("{text}: invalid size")))
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

/// Writes one line to the socket `log`, or where nobody listens there, to `kmsg`: in messages of at most `limit` bytes, header included.
fn write(log: &Path, kmsg: &Path, header: &str, line: &str, limit: usize) -> Result<(), Failure> {
    let socket = UnixDatagram::unbound().map_err(|error| Failure::of("socket", &error))?;
    for part in parts(line, limit.saturating_sub(header.len())) {
        match socket.send_to(format!("{header}{part}").as_bytes(), log) {
            Ok(_) => {}
            Err(error)
                if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) =>
            {
                write_to_kernel(kmsg, header, part, limit)?;
            }
            Err(error) => return Err(Failure::at(log, &error)),
        }
    }
    Ok(())
}

/// The kernel's log takes one line with one write.
fn write_to_kernel(kmsg: &Path, header: &str, line: &str, limit: usize) -> Result<(), Failure> {
    let failed = |error| Failure::at(kmsg, &error);
    for part in parts(line, limit.min(KMSG_SIZE).saturating_sub(header.len() + 1)) {
        let mut kmsg = OpenOptions::new().append(true).open(kmsg).map_err(failed)?;
        kmsg.write_all(format!("{header}{part}\n").as_bytes()).map_err(failed)?;
    }
    Ok(())
}

/// Divides a line into parts of at most `limit` bytes, and of one character at least. An empty line is one part.
fn parts(line: &str, limit: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = line;
    while rest.len() > limit {
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let (part, after) = rest.split_at(rest.floor_char_boundary(limit).max(first));
        parts.push(part);
        rest = after;
    }
    if !rest.is_empty() || parts.is_empty() {
        parts.push(rest);
    }
    parts
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
        let write = |log: &Path, line: &str, limit| write(log, &kmsg, "<13>t: ", line, limit);
        write(&log, "one", SIZE).unwrap();
        assert_eq!(std::fs::read_to_string(&kmsg).unwrap(), "<13>t: one\n");
        // The kernel takes less than the socket.
        std::fs::write(&kmsg, "").unwrap();
        write(&log, &"x".repeat(1500), 4096).unwrap();
        let lengths: Vec<_> = std::fs::read_to_string(&kmsg).unwrap().lines().map(str::len).collect();
        assert_eq!(lengths, [975, 7 + 1500 - (975 - 7)]);
        std::fs::write(&kmsg, "").unwrap();
        let socket = UnixDatagram::bind(&log).unwrap();
        let received = || {
            let mut bytes = [0; 2048];
            let length = socket.recv(&mut bytes).unwrap();
            String::from_utf8_lossy(&bytes[..length]).into_owned()
        };
        write(&log, "two", SIZE).unwrap();
        assert_eq!(received(), "<13>t: two");
        write(&log, &"x".repeat(SIZE), SIZE).unwrap();
        assert_eq!([received().len(), received().len()], [SIZE, 7 + 7]);
        // Longer than a datagram can be: an error of the socket, and nothing for the kernel.
        let failure = write(&log, &"x".repeat(20 << 20), 20 << 20).unwrap_err();
        let message = failure.message().unwrap();
        assert!(message.starts_with(&format!("{}: ", log.display())), "{message}");
        assert_eq!(std::fs::read_to_string(&kmsg).unwrap(), "");
        // The socket of a program that ended.
        drop(socket);
        write(&log, "three", SIZE).unwrap();
        assert_eq!(std::fs::read_to_string(&kmsg).unwrap(), "<13>t: three\n");
        std::fs::remove_file(&kmsg).unwrap();
        std::fs::create_dir(&kmsg).unwrap();
        assert!(write(&directory.join("none"), "x", SIZE).is_err());
        std::fs::remove_dir_all(&directory).unwrap();
    }

    #[test]
    fn long_lines() {
        for (line, limit, expect) in [
            ("", 3, &[""][..]),
            ("abc", 3, &["abc"]),
            ("abcd", 3, &["abc", "d"]),
            ("abcdef", 3, &["abc", "def"]),
            ("aéé", 3, &["aé", "é"]),
            ("éé", 3, &["é", "é"]),
            ("éa", 0, &["é", "a"]),
        ] {
            assert_eq!(parts(line, limit), expect, "{line} {limit}");
        }
        for (text, expect) in [
            ("1024", Some(1024)),
            ("4K", Some(4096)),
            ("4KiB", Some(4096)),
            ("1M", Some(1 << 20)),
            ("0", None),
            ("x", None),
            ("-1", None),
            ("", None),
            ("K", None),
        ] {
            assert_eq!(size(text).ok(), expect, "{text}");
        }
    }
}
