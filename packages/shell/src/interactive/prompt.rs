// SPDX-License-Identifier: GPL-3.0-or-later
//! `PS1` and `PS2`: parameter expansion as in POSIX, `!` for the history number, and the escapes of bash.
//!
//! What an escape or an expansion yields is not expanded again: a directory of the name `$(reboot)` is only shown.
//! Times are in UTC, for the guest has no time zones.

use crate::ShellEnv;
use std::time::{SystemTime, UNIX_EPOCH};
use yash_env::system::GetUid as _;
use yash_prompt::ExpandText;
use yash_syntax::parser::lex::Lexer;
use yash_syntax::syntax::{Text, TextUnit};

/// Opens a part of zero width (`\[`).
const BEGIN_HIDDEN: char = '\u{1}';
/// Closes a part of zero width (`\]`).
const END_HIDDEN: char = '\u{2}';

/// A prompt, ready to be shown.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Prompt {
    /// What is written to the terminal.
    pub text: String,
    /// The visible part of it.
    pub visible: String,
}

/// The counts that a prompt can show.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// The history number of the next command (`!`, `\!`).
    pub history: usize,
    /// The number of the next command in this session (`\#`).
    pub command: usize,
}

/// Expands `PS1`, or `PS2` where `first` is false.
pub async fn expand(env: &mut ShellEnv, first: bool, counts: Counts) -> Prompt {
    let name = if first { "PS1" } else { "PS2" };
    let source = env.variables.get_scalar(name).unwrap_or_default().to_owned();
    let mut shown = String::new();
    for piece in pieces(&source, first).await {
        match piece {
            Piece::Literal(text) => shown.push_str(&text),
            Piece::Escape(escape) => shown.push_str(&decode(escape, env, counts)),
            Piece::Number => shown.push_str(&counts.history.to_string()),
            Piece::Expand(text) => {
                let ExpandText(expand) = *env.any.get().expect("the start-up inserts `ExpandText`");
                match expand(env, &text).await {
                    Some((value, _status)) => shown.push_str(&value),
                    None => shown.push_str(&text.to_string()),
                }
            }
        }
    }
    split(&shown)
}

/// A part of a prompt's source.
#[derive(Debug, Eq, PartialEq)]
enum Piece {
    Literal(String),
    Escape(char),
    /// The history number.
    Number,
    Expand(Text),
}

/// Takes a prompt's source apart; `numbered` makes `!` the history number, as POSIX has it for PS1 only. Source that
/// does not parse is taken literally, but for its escapes.
async fn pieces(source: &str, numbered: bool) -> Vec<Piece> {
    let parsed = Lexer::with_code(source).text(|_| false, |_| true).await;
    let units = parsed.map_or_else(|_| literal_units(source), |text| text.0);
    let mut pieces: Vec<Piece> = Vec::new();
    let mut units = units.into_iter().peekable();
    while let Some(unit) = units.next() {
        match unit {
            TextUnit::Backslashed(first @ '0'..='7') => {
                let mut code = first.to_digit(8).unwrap_or(0);
                for _ in 0..2 {
                    let octal = |unit: &TextUnit| match unit {
                        TextUnit::Literal(c) => c.to_digit(8),
                        _ => None,
                    };
                    let Some(digit) = units.peek().and_then(octal) else { break };
                    code = code * 8 + digit;
                    units.next();
                }
                push_char(&mut pieces, char::from((code & 0xff) as u8));
            }
            TextUnit::Backslashed(escape) => pieces.push(Piece::Escape(escape)),
            TextUnit::Literal('!') if numbered && units.peek() == Some(&TextUnit::Literal('!')) => {
                units.next();
                push_char(&mut pieces, '!');
            }
            TextUnit::Literal('!') if numbered => pieces.push(Piece::Number),
            TextUnit::Literal(c) => push_char(&mut pieces, c),
            unit => pieces.push(Piece::Expand(Text(vec![unit]))),
        }
    }
    pieces
}

fn literal_units(source: &str) -> Vec<TextUnit> {
    let mut chars = source.chars().peekable();
    let mut units = Vec::new();
    while let Some(c) = chars.next() {
        units.push(match chars.peek() {
            Some(&escape) if c == '\\' => {
                chars.next();
                TextUnit::Backslashed(escape)
            }
            _ => TextUnit::Literal(c),
        });
    }
    units
}

fn push_char(pieces: &mut Vec<Piece>, c: char) {
    if let Some(Piece::Literal(text)) = pieces.last_mut() {
        text.push(c);
    } else {
        pieces.push(Piece::Literal(c.into()));
    }
}

/// What the escape `\X` shows; an escape that has no meaning shows itself.
fn decode(escape: char, env: &ShellEnv, counts: Counts) -> String {
    let variable = |name| env.variables.get_scalar(name).unwrap_or_default();
    let directory = || directory(variable("PWD"), variable("HOME"));
    match escape {
        'a' => "\x07".into(),
        'e' | 'E' => "\x1b".into(),
        'n' => "\n".into(),
        'r' => "\r".into(),
        '\\' => "\\".into(),
        '[' => BEGIN_HIDDEN.into(),
        ']' => END_HIDDEN.into(),
        '$' => if env.system.geteuid().0 == 0 { "#" } else { "$" }.into(),
        '!' => counts.history.to_string(),
        '#' => counts.command.to_string(),
        'j' => env.jobs.len().to_string(),
        'u' => user(env.system.geteuid().0).unwrap_or_else(|| variable("LOGNAME").to_owned()),
        'h' => host().split('.').next().unwrap_or_default().to_owned(),
        'H' => host(),
        'w' => directory(),
        'W' => base(&directory()).to_owned(),
        's' => base(env.arg0.trim_start_matches('-')).to_owned(),
        'v' | 'V' => env!("CARGO_PKG_VERSION").into(),
        'd' | 't' | 'T' | '@' | 'A' => {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            time(escape, now.as_secs())
        }
        other => format!("\\{other}"),
    }
}

/// The working directory with `~` for the home directory.
fn directory(pwd: &str, home: &str) -> String {
    let home = home.trim_end_matches('/');
    match pwd.strip_prefix(home) {
        Some(rest) if !home.is_empty() && (rest.is_empty() || rest.starts_with('/')) => format!("~{rest}"),
        _ => pwd.to_owned(),
    }
}

/// The last component of a path.
fn base(path: &str) -> &str {
    match path.trim_end_matches('/').rsplit('/').next() {
        Some("") | None => path,
        Some(base) => base,
    }
}

fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    if name.is_empty() { "localhost".to_owned() } else { name.to_owned() }
}

/// The name of a user by /etc/passwd.
fn user(id: impl std::fmt::Display) -> Option<String> {
    let id = id.to_string();
    let passwd = std::fs::read_to_string("/etc/passwd").ok()?;
    let of_id = |line: &&str| line.split(':').nth(2) == Some(&id);
    passwd.lines().find(of_id).and_then(|line| line.split(':').next()).map(str::to_owned)
}

/// The time of `seconds` since the epoch, in the form of the escape.
fn time(escape: char, seconds: u64) -> String {
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let twelve = if hour % 12 == 0 { 12 } else { hour % 12 };
    match escape {
        't' => format!("{hour:02}:{minute:02}:{second:02}"),
        'T' => format!("{twelve:02}:{minute:02}:{second:02}"),
        '@' => format!("{twelve:02}:{minute:02} {}", if hour < 12 { "AM" } else { "PM" }),
        'A' => format!("{hour:02}:{minute:02}"),
        _ => date(seconds / 86400),
    }
}

/// The day as `Fri Nov 27`; `days` since 1970-01-01, a Thursday.
fn date(days: u64) -> String {
    const WEEK: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb"];
    // Years that start in March have the leap day last (Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    let of_era = (days + 719_468) % 146_097;
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let pick =
        |names: &[&'static str], index: u64| usize::try_from(index).ok().and_then(|i| names.get(i).copied());
    let week = pick(&WEEK, days % 7).unwrap_or_default();
    format!("{week} {} {day:02}", pick(&MONTHS, month).unwrap_or_default())
}

/// Removes the marks of hidden parts, and finds the visible text: neither these parts nor escape sequences.
fn split(marked: &str) -> Prompt {
    let mut prompt = Prompt::default();
    let mut hidden = false;
    let mut chars = marked.chars();
    while let Some(c) = chars.next() {
        match c {
            BEGIN_HIDDEN => hidden = true,
            END_HIDDEN => hidden = false,
            '\x1b' => {
                prompt.text.push(c);
                copy_sequence(&mut chars, &mut prompt.text);
            }
            _ => {
                prompt.text.push(c);
                if !hidden && (c == '\n' || !c.is_control()) {
                    prompt.visible.push(c);
                }
            }
        }
    }
    prompt
}

/// Copies an escape sequence (ECMA-48: CSI to its final byte, OSC to BEL or ST, others one character).
fn copy_sequence(chars: &mut std::str::Chars<'_>, text: &mut String) {
    let Some(kind) = chars.next() else { return };
    text.push(kind);
    if kind != '[' && kind != ']' {
        return;
    }
    let mut previous = kind;
    for c in chars {
        text.push(c);
        match kind {
            '[' if ('@'..='~').contains(&c) => return,
            ']' if c == '\x07' || (previous == '\x1b' && c == '\\') => return,
            _ => previous = c,
        }
    }
}

#[cfg(test)]
#[path = "prompt_tests.rs"]
mod tests;
