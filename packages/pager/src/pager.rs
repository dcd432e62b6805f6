// SPDX-License-Identifier: MIT OR Apache-2.0
//! The pager at a terminal: keys move through the text (less(1)).

mod keys;
mod view;

use crate::Failure;
use crate::document::Document;
use crate::options::Options;
use keys::Action;
use qos_screen::{Event, Key, Screen};
use std::io::Write;
use std::time::Duration;
use view::View;

const ALTERNATE: &str = "\x1b[?1049h";
const NORMAL: &str = "\x1b[m\x1b[?1049l";

/// How often a file that is followed is looked at.
const FOLLOW: Duration = Duration::from_millis(500);

/// Shows `documents`, and `message` first.
pub fn run(
    options: &Options,
    mut documents: Vec<Document>,
    message: Option<String>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let mut screen = Screen::open().map_err(|error| Failure::of("terminal", &error))?;
    for document in &mut documents {
        document.interrupt_by(screen.interruption().map_err(|error| Failure::of("terminal", &error))?);
    }
    let (rows, columns) = screen.size();
    let mut view = View::new(options.clone(), documents, rows, columns);
    if options.quit_if_one_screen && view.fits() {
        drop(screen);
        return Ok(out.write_all(&view.whole())?);
    }
    if !options.keep_screen {
        write!(out, "{ALTERNATE}")?;
    }
    view.message = message;
    if let Some(start) = &options.start {
        start_at(&mut view, start);
    }
    let result = interact(&mut view, &mut screen, out);
    write!(out, "{}", if options.keep_screen { "\r\x1b[K" } else { NORMAL })?;
    out.flush()?;
    result
}

/// `+LINE`, `+G`, `+/PATTERN`.
fn start_at(view: &mut View, command: &str) {
    if let Some(pattern) = command.strip_prefix('/') {
        view.search(pattern, true);
    } else if command == "G" {
        view.go_to_end();
    } else if let Ok(line) = command.trim_end_matches('g').parse::<usize>() {
        view.go_to(line.saturating_sub(1));
    }
}

fn interact(view: &mut View, screen: &mut Screen, out: &mut dyn Write) -> Result<(), Failure> {
    let mut number = String::new();
    let mut following = false;
    loop {
        draw(view, &number, following, out)?;
        let event = screen.wait(following.then_some(FOLLOW))?;
        let key = match event {
            Event::End => return Ok(()),
            Event::Timeout => {
                if view.follow() {
                    view.go_to_end();
                }
                continue;
            }
            Event::Resized => {
                let (rows, columns) = screen.size();
                view.resize(rows, columns);
                continue;
            }
            Event::Key(key) => key,
        };
        view.message = None;
        if following {
            // Any key ends it.
            following = false;
            continue;
        }
        if let Key::Char(digit @ '0'..='9') = key {
            number.push(digit);
            continue;
        }
        let count = std::mem::take(&mut number).parse::<usize>().ok();
        match keys::action(key) {
            Action::Quit => return Ok(()),
            Action::Forward if view.options.quit_at_end && view.is_at_end() => return Ok(()),
            Action::Search { forward } => {
                if let Some(pattern) = ask(if forward { '/' } else { '?' }, view, screen, out)? {
                    view.search(&pattern, forward);
                }
            }
            Action::Follow => {
                view.go_to_end();
                following = true;
            }
            Action::Suspend => {
                write!(out, "{NORMAL}")?;
                out.flush()?;
                screen.suspend()?;
                if !view.options.keep_screen {
                    write!(out, "{ALTERNATE}")?;
                }
            }
            Action::Toggle => {
                if let Some(letter) = ask('-', view, screen, out)? {
                    view.toggle(&letter);
                }
            }
            Action::File => {
                if let Some(command) = ask(':', view, screen, out)? {
                    match command.as_str() {
                        "q" => return Ok(()),
                        command => view.command(command),
                    }
                }
            }
            action => view.act(action, count),
        }
    }
}

fn draw(view: &mut View, number: &str, following: bool, out: &mut dyn Write) -> Result<(), Failure> {
    write!(out, "\x1b[H")?;
    for row in view.rows() {
        // Cleared first: after a row as wide as the screen that would take its last cell.
        write!(out, "\x1b[K{row}\r\n")?;
    }
    let prompt = if following { "Waiting for data... (any key ends it)".to_owned() } else { view.prompt() };
    match number {
        "" => write!(out, "\x1b[K\x1b[7m{}\x1b[m", view.clip(&prompt))?,
        number => write!(out, "\x1b[K{}", view.clip(&format!(":{number}")))?,
    }
    Ok(out.flush()?)
}

/// A line that is typed at the bottom; `None` when it is given up. `-` and `:` take one key.
fn ask(
    prompt: char,
    view: &View,
    screen: &mut Screen,
    out: &mut dyn Write,
) -> Result<Option<String>, Failure> {
    let mut text = String::new();
    loop {
        write!(out, "\x1b[{};1H\x1b[K{}", view.height() + 1, view.clip(&format!("{prompt}{text}")))?;
        out.flush()?;
        match screen.wait(None)? {
            Event::Key(Key::Enter) => return Ok(Some(text)),
            Event::Key(Key::Backspace) if text.is_empty() => return Ok(None),
            Event::Key(Key::Backspace) => drop(text.pop()),
            Event::Key(Key::Char(c)) => text.push(c),
            Event::End | Event::Key(Key::Escape | Key::Control('c')) => return Ok(None),
            _ => {}
        }
        if matches!(prompt, '-' | ':') && !text.is_empty() {
            return Ok(Some(text));
        }
    }
}
