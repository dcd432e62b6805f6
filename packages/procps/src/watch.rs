// SPDX-License-Identifier: MIT OR Apache-2.0
//! `watch`: runs a command again and again and shows its output on the whole screen (watch(1) of procps).

use crate::Failure;
use crate::terminal::{ALTERNATE, CLEAR, HOME, NORMAL, clip};
use lexopt::prelude::*;
use qos_screen::{Event, Key, Screen};
use std::ffi::OsString;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Status when the command failed and `-e` was given.
const COMMAND_FAILED: u8 = 8;

struct Options {
    interval: Duration,
    differences: bool,
    title: bool,
    until_changed: bool,
    until_error: bool,
    direct: bool,
    words: Vec<OsString>,
}

pub fn main(mut parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let options = parse(&mut parser)?;
    let mut screen = Screen::open().map_err(|error| Failure::of("terminal", &error))?;
    write!(out, "{ALTERNATE}")?;
    let result = watch(&options, &mut screen, out);
    write!(out, "{NORMAL}")?;
    out.flush()?;
    drop(screen);
    // What stands on the screen when it ends is worth keeping.
    if let Ok(Some(text)) = &result {
        out.write_all(text.as_bytes())?;
        return Err(Failure::silent(COMMAND_FAILED));
    }
    result.map(drop)
}

fn parse(parser: &mut lexopt::Parser) -> Result<Options, Failure> {
    let mut options = Options {
        interval: Duration::from_secs(2),
        differences: false,
        title: true,
        until_changed: false,
        until_error: false,
        direct: false,
        words: Vec::new(),
    };
    while let Some(arg) = parser.next()? {
        match arg {
            Short('n') | Long("interval") => options.interval = interval(&parser.value()?.string()?)?,
            Short('d') | Long("differences") => options.differences = true,
            Short('t') | Long("no-title") => options.title = false,
            Short('g') | Long("chgexit") => options.until_changed = true,
            Short('e') | Long("errexit") => options.until_error = true,
            Short('x') | Long("exec") => options.direct = true,
            // Colours are passed on in any case.
            Short('c') | Long("color") => {}
            Value(word) => {
                options.words.push(word);
                options.words.extend(parser.raw_args()?);
            }
            _ => return Err(arg.unexpected().into()),
        }
    }
    if options.words.is_empty() {
        return Err(Failure::usage("command expected"));
    }
    Ok(options)
}

/// Seconds, with a point or a comma; a tenth is the least, as in procps.
fn interval(text: &str) -> Result<Duration, Failure> {
    let seconds = text.replace(',', ".").parse::<f64>().ok().filter(|seconds| (0.0..1e6).contains(seconds));
    let seconds = seconds.ok_or_else(|| Failure::usage(format!("{text}: not a number of seconds")))?;
    Ok(Duration::from_secs_f64(seconds.max(0.1)))
}

/// Runs until a key or an option ends it; gives the output of a command that failed.
fn watch(options: &Options, screen: &mut Screen, out: &mut dyn Write) -> Result<Option<String>, Failure> {
    let mut before: Option<String> = None;
    loop {
        let next = Instant::now() + options.interval;
        let (text, success) = output(options)?;
        draw(options, screen, &text, before.as_deref(), out)?;
        if options.until_error && !success {
            return Ok(Some(text));
        }
        if options.until_changed && before.as_ref().is_some_and(|before| *before != text) {
            return Ok(None);
        }
        loop {
            match screen.wait(Some(next.saturating_duration_since(Instant::now())))? {
                Event::Timeout | Event::Key(Key::Char(' ')) => break,
                Event::End | Event::Key(Key::Char('q') | Key::Control('c')) => return Ok(None),
                Event::Key(Key::Control('z')) => {
                    write!(out, "{NORMAL}")?;
                    out.flush()?;
                    screen.suspend()?;
                    write!(out, "{ALTERNATE}")?;
                    draw(options, screen, &text, before.as_deref(), out)?;
                }
                Event::Resized => draw(options, screen, &text, before.as_deref(), out)?,
                Event::Key(_) => {}
            }
        }
        before = Some(text);
    }
}

/// What the command writes, and whether it succeeded.
fn output(options: &Options) -> Result<(String, bool), Failure> {
    let mut command = if options.direct {
        let mut command = Command::new(&options.words[0]);
        command.args(&options.words[1..]);
        command
    } else {
        let mut command = Command::new("/bin/sh");
        // Errors are output as well.
        let mut script = OsString::from("exec 2>&1\n");
        script.push(options.words.join(" ".as_ref()));
        command.arg("-c").arg(script);
        command
    };
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let child = qos_sys::spawn::spawn(command, qos_sys::spawn::Session::Same);
    let child = child.map_err(|error| Failure::of(options.words[0].to_string_lossy(), &error))?;
    let output = child.wait_with_output().map_err(|error| Failure::of("waiting", &error))?;
    Ok((String::from_utf8_lossy(&output.stdout).into_owned(), output.status.success()))
}

fn draw(
    options: &Options,
    screen: &Screen,
    text: &str,
    before: Option<&str>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let (rows, columns) = screen.size();
    write!(out, "{HOME}{CLEAR}{}", page(options, rows, columns, text, before))?;
    Ok(out.flush()?)
}

/// The screen of `rows` and `columns`: a title, an empty line, and as much of `text` as fits.
fn page(options: &Options, rows: usize, columns: usize, text: &str, before: Option<&str>) -> String {
    let mut lines = Vec::new();
    if options.title {
        let words: Vec<_> = options.words.iter().map(|word| word.to_string_lossy()).collect();
        let title = format!("Every {:.1}s: {}", options.interval.as_secs_f64(), words.join(" "));
        lines.push(clip(&title, columns));
        lines.push(String::new());
    }
    let mut old = before.unwrap_or_default().lines();
    for line in text.lines().take(rows.saturating_sub(lines.len())) {
        let line = clip(line, columns);
        lines.push(match (options.differences && before.is_some(), old.next()) {
            (true, old) => marked(&line, &clip(old.unwrap_or_default(), columns)),
            (false, _) => line,
        });
    }
    lines.join("\r\n")
}

/// `line` with what differs from `old` in reverse video.
fn marked(line: &str, old: &str) -> String {
    let (mut text, mut reverse) = (String::new(), false);
    let mut old = old.chars();
    for c in line.chars() {
        let differs = old.next() != Some(c);
        if differs != reverse {
            text += if differs { "\x1b[7m" } else { "\x1b[m" };
            reverse = differs;
        }
        text.push(c);
    }
    if reverse {
        text += "\x1b[m";
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(line: &str) -> Result<Options, Failure> {
        parse(&mut lexopt::Parser::from_iter(line.split(' ')))
    }

    #[test]
    fn pages() {
        let check = |line: &str, text: &str, before: Option<&str>, expect: &str| {
            assert_eq!(page(&options(line).unwrap(), 4, 20, text, before), expect, "{line}");
        };
        check("watch -n 5 ls -l", "a\nb\nc\n", None, "Every 5.0s: ls -l\r\n\r\na\r\nb");
        check("watch -t date", "a\nb\nc\nd\ne\n", None, "a\r\nb\r\nc\r\nd");
        check("watch -td x", "abc\nd\n", Some("axc\n"), "a\x1b[7mb\x1b[mc\r\n\x1b[7md\x1b[m");
        check("watch -t x", "0123456789012345678901234\n", None, "01234567890123456789");
    }

    #[test]
    fn commands() {
        assert_eq!(output(&options("watch echo a b >&2").unwrap()).unwrap(), ("a b\n".to_owned(), true));
        assert_eq!(output(&options("watch -x false").unwrap()).unwrap(), (String::new(), false));
        assert!(output(&options("watch -x /no/such").unwrap()).is_err());
        assert_eq!(options("watch").err().map(|failure| failure.status()), Some(2));
        assert_eq!(interval("0,5").unwrap(), Duration::from_millis(500));
        assert!(interval("x").is_err());
    }
}
