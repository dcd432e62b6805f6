// SPDX-License-Identifier: MIT OR Apache-2.0
//! `top`: the processes that are busiest, again and again (top(1) of procps): for a person at a terminal, or as text
//! with `-b`.

mod frame;

use crate::system::System;
use crate::terminal::{ALTERNATE, CLEAR, CLEAR_LINE, HOME, NORMAL, clip};
use crate::{Failure, signals};
use frame::{Field, Sample, View};
use lexopt::prelude::*;
use qos_screen::{Event, Key, Screen};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

const HELP: &str = "q quit  space now  k kill  d delay  sort P cpu M mem T time N pid  R c i toggle";

struct Options {
    batch: bool,
    count: Option<u64>,
    delay: Duration,
    view: View,
}

pub fn main(mut parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let root = Path::new("/");
    let mut options = parse(&mut parser, &System::read(root)?)?;
    if options.batch {
        return batch(root, &options, out);
    }
    let mut screen =
        Screen::open().map_err(|error| Failure::new(format!("terminal: {error}; without one: top -b")))?;
    write!(out, "{ALTERNATE}")?;
    let result = interact(root, &mut options, &mut screen, out);
    write!(out, "{NORMAL}")?;
    out.flush()?;
    result
}

fn parse(parser: &mut lexopt::Parser, system: &System) -> Result<Options, Failure> {
    let mut options =
        Options { batch: false, count: None, delay: Duration::from_secs(3), view: View::default() };
    let wrong = |what: &str, text: &str| Failure::usage(format!("{text}: not {what}"));
    while let Some(arg) = parser.next()? {
        match arg {
            Short('b') => options.batch = true,
            Short('c') => options.view.arguments = true,
            Short('i') => options.view.busy_only = true,
            Short('n') => {
                let text = parser.value()?.string()?;
                options.count = Some(
                    text.parse().ok().filter(|n| *n > 0).ok_or_else(|| wrong("a number above 0", &text))?,
                );
            }
            Short('d') => {
                let text = parser.value()?.string()?;
                options.delay = delay(&text).ok_or_else(|| wrong("a number of seconds", &text))?;
            }
            Short('o') => {
                let text = parser.value()?.string()?;
                let name = text.trim_start_matches(['+', '-']);
                options.view.sort = Field::named(name).ok_or_else(|| wrong("a field", name))?;
                options.view.reverse = text.starts_with('-');
            }
            Short('p') => {
                for pid in parser.value()?.string()?.split(',') {
                    options.view.pids.push(pid.parse().map_err(|_| wrong("a process id", pid))?);
                }
            }
            Short('u' | 'U') => options.view.user = Some(system.uid(&parser.value()?.string()?)?),
            _ => return Err(arg.unexpected().into()),
        }
    }
    Ok(options)
}

fn delay(text: &str) -> Option<Duration> {
    let seconds =
        text.replace(',', ".").parse::<f64>().ok().filter(|seconds| (0.0..1e6).contains(seconds))?;
    Some(Duration::from_secs_f64(seconds.max(0.1)))
}

fn batch(root: &Path, options: &Options, out: &mut dyn Write) -> Result<(), Failure> {
    let (mut before, mut done) = (Sample::default(), 0);
    loop {
        let sample = Sample::read(root)?;
        for line in frame::lines(&sample, &before, &options.view, None) {
            writeln!(out, "{line}")?;
        }
        done += 1;
        if options.count.is_some_and(|count| done >= count) {
            return Ok(());
        }
        writeln!(out)?;
        out.flush()?;
        before = sample;
        std::thread::sleep(options.delay);
    }
}

fn interact(
    root: &Path,
    options: &mut Options,
    screen: &mut Screen,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let (mut before, mut sample, mut done) = (Sample::default(), Sample::read(root)?, 0);
    let mut message = String::new();
    let mut next = Instant::now() + options.delay;
    loop {
        draw(&sample, &before, &options.view, &message, screen, out)?;
        match screen.wait(Some(next.saturating_duration_since(Instant::now())))? {
            Event::End => return Ok(()),
            Event::Timeout | Event::Key(Key::Char(' ')) => {
                done += 1;
                if options.count.is_some_and(|count| done >= count) {
                    return Ok(());
                }
                before = std::mem::replace(&mut sample, Sample::read(root)?);
                next = Instant::now() + options.delay;
            }
            Event::Resized => {}
            Event::Key(key) => {
                message.clear();
                match key {
                    Key::Char('q') | Key::Control('c') => return Ok(()),
                    Key::Control('z') => {
                        write!(out, "{NORMAL}")?;
                        out.flush()?;
                        screen.suspend()?;
                        write!(out, "{ALTERNATE}")?;
                    }
                    Key::Char('h' | '?') => HELP.clone_into(&mut message),
                    Key::Char('P') => options.view.sort = Field::Cpu,
                    Key::Char('M') => options.view.sort = Field::Memory,
                    Key::Char('T') => options.view.sort = Field::Time,
                    Key::Char('N') => options.view.sort = Field::Pid,
                    Key::Char('R') => options.view.reverse ^= true,
                    Key::Char('c') => options.view.arguments ^= true,
                    Key::Char('i') => options.view.busy_only ^= true,
                    Key::Char('d' | 's') => {
                        if let Some(text) = ask("Seconds between updates: ", screen, out)? {
                            match delay(&text) {
                                Some(delay) => options.delay = delay,
                                None => message = format!("{text}: not a number of seconds"),
                            }
                        }
                    }
                    Key::Char('k') => message = kill(screen, out)?,
                    _ => {}
                }
            }
        }
    }
}

/// Prompts for a process and a signal, sends the signal, and returns the message.
fn kill(screen: &mut Screen, out: &mut dyn Write) -> Result<String, Failure> {
    let Some(pid) = ask("PID to signal: ", screen, out)?.filter(|text| !text.is_empty()) else {
        return Ok(String::new());
    };
    let Some(number) = pid.parse().ok().filter(|pid| *pid > 0) else {
        return Ok(format!("{pid}: not a process id"));
    };
    let Some(name) = ask(&format!("Signal for {pid} [15/TERM]: "), screen, out)? else {
        return Ok(String::new());
    };
    let signal = if name.is_empty() { Some(signals::TERM) } else { signals::number(&name) };
    let Some(signal) = signal else { return Ok(format!("{name}: unknown signal")) };
    Ok(match qos_sys::process::kill(number, signal) {
        Ok(()) => format!("signal {signal} sent to {pid}"),
        Err(error) => format!("{pid}: {}", qos_sys::error_text(&error)),
    })
}

/// A line that is typed on the sixth row; `None` when it is given up.
fn ask(question: &str, screen: &mut Screen, out: &mut dyn Write) -> Result<Option<String>, Failure> {
    let mut text = String::new();
    loop {
        write!(out, "\x1b[{};1H{CLEAR_LINE}\x1b[1m{question}\x1b[m{text}", frame::HEADER)?;
        out.flush()?;
        match screen.wait(None)? {
            Event::Key(Key::Enter) => return Ok(Some(text)),
            Event::Key(Key::Backspace) => drop(text.pop()),
            Event::Key(Key::Char(c)) if text.len() < 32 => text.push(c),
            Event::End | Event::Key(Key::Escape | Key::Control('c')) => return Ok(None),
            _ => {}
        }
    }
}

fn draw(
    sample: &Sample,
    before: &Sample,
    view: &View,
    message: &str,
    screen: &Screen,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let (rows, columns) = screen.size();
    let mut lines = frame::lines(sample, before, view, Some(rows));
    if let Some(line) = lines.get_mut(frame::HEADER - 1) {
        message.clone_into(line);
    }
    write!(out, "{HOME}")?;
    for (n, line) in lines.iter().enumerate() {
        let line = clip(line, columns);
        let end = if n + 1 < lines.len() { "\r\n" } else { "" };
        if n == frame::HEADER {
            write!(out, "\x1b[7m{line:columns$}\x1b[m{end}")?;
        } else {
            // Cleared first: after a line as wide as the screen that would take its last cell.
            write!(out, "{CLEAR_LINE}{line}{end}")?;
        }
    }
    // What a larger screen had below; not from a line that is full.
    if lines.len() < screen.size().0 {
        write!(out, "\r\n{CLEAR}")?;
    }
    Ok(out.flush()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options() {
        let parse = |line: &str| parse(&mut lexopt::Parser::from_iter(line.split(' ')), &System::default());
        let options = parse("top -b -n 2 -d 0.5 -o %MEM -p 1,2 -u 7").unwrap();
        assert!(options.batch);
        assert_eq!((options.count, options.delay), (Some(2), Duration::from_millis(500)));
        assert_eq!((options.view.sort, options.view.user), (Field::Memory, Some(7)));
        assert_eq!(options.view.pids, [1, 2]);
        for bad in ["top -n 0", "top -d x", "top -o NOPE", "top -p x", "top x"] {
            assert_eq!(parse(bad).err().map(|failure| failure.status()), Some(2), "{bad}");
        }
    }
}
