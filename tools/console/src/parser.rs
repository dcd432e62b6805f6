// SPDX-License-Identifier: MIT OR Apache-2.0
//! The streaming parser: from bytes in pieces of any size to lines.

use crate::line::{Line, stamp_inside};
use crate::screen::Screen;

/// Sequences longer than this are not sequences but noise: their bytes are dropped as such.
const MAX_SEQUENCE: usize = 64;

/// Turns the bytes of a console into [`Line`]s.
///
/// ```
/// let mut parser = qos_console::Parser::new();
/// assert!(parser.push(b"[    0.5000").is_empty());
/// let lines = parser.push(b"00] hello\r\nqos# ");
/// assert_eq!((lines[0].time_ns, lines[0].message()), (Some(500_000_000), "hello"));
/// assert_eq!(parser.finish().map(|line| line.text), Some("qos# ".to_owned()));
/// ```
#[derive(Debug, Default)]
pub struct Parser {
    screen: Screen,
    state: State,
    /// Bytes of a UTF-8 character that is not complete yet.
    pending: Vec<u8>,
    /// The time stamp of the kernel's last line.
    last_ns: Option<u64>,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Text,
    Escape,
    /// `ESC [`, with the parameters so far.
    Control(Vec<u8>),
    /// `ESC ]` or `ESC P`: a string that ends with BEL or `ESC \`; true after its ESC.
    String {
        length: usize,
        escape: bool,
    },
    /// `ESC (` and its like: one more byte follows.
    Charset,
}

/// All lines of a complete log; the last may be incomplete.
#[must_use]
pub fn parse(bytes: &[u8]) -> Vec<Line> {
    let mut parser = Parser::new();
    let mut lines = parser.push(bytes);
    lines.extend(parser.finish());
    lines
}

impl Parser {
    /// A parser at the start of a log.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes and gives the lines that they completed.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Line> {
        let mut lines = Vec::new();
        for &byte in bytes {
            self.byte(byte, &mut lines);
        }
        lines
    }

    /// The line that the stream ended in, if it is not empty.
    pub fn finish(&mut self) -> Option<Line> {
        self.flush_pending();
        self.state = State::Text;
        if self.screen.is_empty() {
            return None;
        }
        // A last line that begins with control sequences of the firmware is kept whole: it is incomplete anyway.
        Some(self.line(false))
    }

    /// What stands on the line that is not complete yet, such as a prompt.
    #[must_use]
    pub fn partial(&self) -> bool {
        !self.screen.is_empty()
    }

    fn byte(&mut self, byte: u8, lines: &mut Vec<Line>) {
        match std::mem::take(&mut self.state) {
            State::Text => self.text(byte, lines),
            State::Escape => self.escape(byte, lines),
            State::Control(mut parameters) => match byte {
                0x20..=0x3f if parameters.len() < MAX_SEQUENCE => {
                    parameters.push(byte);
                    self.state = State::Control(parameters);
                }
                // "Erase the display": what stood there before is a line of its own.
                b'J' => self.end_line_if_any(lines),
                0x40..=0x7e => self.screen.control_sequence(&parameters, byte),
                _ => self.text(byte, lines),
            },
            State::String { length, escape } => match byte {
                0x07 => {}
                b'\\' if escape => {}
                b'\n' => self.text(byte, lines),
                _ if length < MAX_SEQUENCE => {
                    self.state = State::String { length: length + 1, escape: byte == 0x1b };
                }
                _ => {}
            },
            State::Charset => {}
        }
    }

    fn escape(&mut self, byte: u8, lines: &mut Vec<Line>) {
        match byte {
            b'[' => self.state = State::Control(Vec::new()),
            b']' | b'P' | b'^' | b'_' => self.state = State::String { length: 0, escape: false },
            b'(' | b')' | b'#' => self.state = State::Charset,
            // "Reset the terminal", as firmware does before it hands over.
            b'c' => self.end_line_if_any(lines),
            0x20..=0x7e => {}
            _ => self.text(byte, lines),
        }
    }

    fn text(&mut self, byte: u8, lines: &mut Vec<Line>) {
        if byte >= 0x80 {
            self.pending.push(byte);
            self.decode_pending();
            return;
        }
        self.flush_pending();
        match byte {
            b'\n' => self.end_line(lines),
            b'\r' => self.screen.carriage_return(),
            0x08 => self.screen.left(1),
            0x1b => self.state = State::Escape,
            0x07 => {}
            b'\t' | 0x20..=0x7e => self.screen.put_char(char::from(byte)),
            _ => self.screen.put_byte(byte),
        }
        if self.screen.is_full() {
            self.end_line(lines);
        }
    }

    /// Moves complete characters, and bytes that cannot become one, from `pending` to the line.
    fn decode_pending(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        match std::str::from_utf8(&pending) {
            Ok(text) => text.chars().for_each(|character| self.put_decoded(character)),
            Err(error) if error.error_len().is_none() => self.pending = pending,
            Err(error) => {
                // The byte that broke the character may itself begin one.
                let bad = error.error_len().unwrap_or(1).max(1);
                pending[..bad].iter().for_each(|&byte| self.screen.put_byte(byte));
                self.pending = pending[bad..].to_vec();
                if !self.pending.is_empty() {
                    self.decode_pending();
                }
            }
        }
    }

    fn put_decoded(&mut self, character: char) {
        if character.is_control() {
            character.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| self.screen.put_byte(byte));
        } else {
            self.screen.put_char(character);
        }
    }

    fn flush_pending(&mut self) {
        for byte in std::mem::take(&mut self.pending) {
            self.screen.put_byte(byte);
        }
    }

    fn end_line_if_any(&mut self, lines: &mut Vec<Line>) {
        if !self.screen.is_empty() {
            self.end_line(lines);
        }
    }

    fn end_line(&mut self, lines: &mut Vec<Line>) {
        let line = self.line(true);
        match stamp_inside(&line.text, self.last_ns).filter(|_| line.time_ns.is_none()) {
            Some(at) => {
                let (before, kernel) = line.text.split_at(at);
                lines.push(Line::new(before.to_owned(), true, self.last_ns.is_some()));
                let kernel = Line::new(kernel.to_owned(), true, true);
                self.last_ns = kernel.time_ns;
                lines.push(kernel);
            }
            None => lines.push(line),
        }
    }

    fn line(&mut self, complete: bool) -> Line {
        let line = Line::new(self.screen.take(), complete, self.last_ns.is_some());
        self.last_ns = line.time_ns.or(self.last_ns);
        line
    }
}
