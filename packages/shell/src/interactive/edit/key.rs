// SPDX-License-Identifier: GPL-3.0-or-later
//! Keys, from the bytes that a terminal sends (ECMA-48, xterm's ctlseqs, the Linux console).

/// A key press.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Key {
    Char(char),
    /// Control and an upper-case letter or one of `@[\]^_`, for those that have no name below.
    Ctrl(char),
    /// A character after ESC.
    Alt(char),
    Enter,
    Tab,
    BackTab,
    Backspace,
    AltBackspace,
    Escape,
    Up,
    Down,
    Left,
    Right,
    WordLeft,
    WordRight,
    Home,
    End,
    Delete,
    PageUp,
    PageDown,
    /// The terminal's interrupt character (`stty intr`).
    Interrupt,
    /// The terminal's end-of-file character (`stty eof`).
    Eof,
    /// A paste that the terminal has marked as such.
    Paste(String),
    /// A sequence without a meaning here.
    Unknown,
}

/// The terminal's special characters; 0 where there is none.
#[derive(Clone, Copy, Debug)]
pub struct Specials {
    pub intr: u8,
    pub eof: u8,
    pub erase: u8,
    pub kill: u8,
    pub werase: u8,
}

impl Default for Specials {
    fn default() -> Self {
        Self { intr: 0x03, eof: 0x04, erase: 0x7f, kill: 0x15, werase: 0x17 }
    }
}

impl Specials {
    fn key(self, byte: u8) -> Option<Key> {
        match byte {
            0 => None,
            _ if byte == self.intr => Some(Key::Interrupt),
            _ if byte == self.eof => Some(Key::Eof),
            _ if byte == self.erase => Some(Key::Backspace),
            _ if byte == self.kill => Some(Key::Ctrl('U')),
            _ if byte == self.werase => Some(Key::Ctrl('W')),
            _ => None,
        }
    }
}

const ESC: u8 = 0x1b;
const PASTE_END: &[u8] = b"\x1b[201~";
/// A control sequence that is longer is noise.
const LONGEST: usize = 32;

/// Puts keys together, byte by byte.
#[derive(Debug, Default)]
pub struct Decoder {
    specials: Specials,
    bytes: Vec<u8>,
    pasting: bool,
}

impl Decoder {
    /// A decoder for a terminal with these special characters.
    pub fn new(specials: Specials) -> Self {
        Self { specials, ..Self::default() }
    }

    /// True while a key may be complete or not: only the time until the next byte decides.
    pub fn ambiguous(&self) -> bool {
        !self.pasting && self.bytes.first() == Some(&ESC)
    }

    /// Takes what has come as it is, for no further byte came in time.
    pub fn timeout(&mut self) -> Option<Key> {
        let bytes = std::mem::take(&mut self.bytes);
        match bytes[..] {
            [] => None,
            [ESC] => Some(Key::Escape),
            [ESC, c] => Some(Key::Alt(char::from(c))),
            _ => Some(Key::Unknown),
        }
    }

    /// Adds a byte; returns the key that it completes.
    pub fn push(&mut self, byte: u8) -> Option<Key> {
        self.bytes.push(byte);
        if self.pasting {
            return self.paste();
        }
        let key = match self.bytes[..] {
            [ESC] => None,
            [ESC, ESC] => {
                self.bytes.pop();
                return Some(self.keep_escape());
            }
            [ESC, b'[', ..] => self.control_sequence(),
            [ESC, b'O'] => None,
            [ESC, b'O', last] => Some(plain(last)),
            [ESC, ref rest @ ..] => self.character(rest).map(|key| match key {
                Key::Char(c) => Key::Alt(c),
                Key::Backspace => Key::AltBackspace,
                other => other,
            }),
            ref bytes => self.character(bytes),
        };
        if key.is_some() {
            self.bytes.clear();
        }
        key
    }

    /// The first of two ESC is a key of its own; the second may begin a sequence.
    fn keep_escape(&mut self) -> Key {
        self.bytes = vec![ESC];
        Key::Escape
    }

    fn control_sequence(&mut self) -> Option<Key> {
        let body = &self.bytes[2..];
        match *body {
            // The Linux console's function keys: ESC [ [ A.
            [] | [b'['] => None,
            [b'[', _] => Some(Key::Unknown),
            [.., last @ b'@'..=b'~'] => {
                let key = sequence(&body[..body.len() - 1], last);
                if body == b"200~" {
                    self.pasting = true;
                    self.bytes.clear();
                    return None;
                }
                Some(key)
            }
            _ if body.len() > LONGEST => Some(Key::Unknown),
            _ => None,
        }
    }

    fn character(&self, bytes: &[u8]) -> Option<Key> {
        let special = match *bytes {
            [byte] => self.specials.key(byte),
            _ => None,
        };
        special.or_else(|| character(bytes))
    }

    fn paste(&mut self) -> Option<Key> {
        let text = self.bytes.strip_suffix(PASTE_END)?;
        let text = String::from_utf8_lossy(text).replace("\r\n", "\n").replace('\r', "\n");
        self.bytes.clear();
        self.pasting = false;
        Some(Key::Paste(text))
    }
}

/// The key of ESC O and ESC [ with one final character.
fn plain(last: u8) -> Key {
    match last {
        b'A' => Key::Up,
        b'B' => Key::Down,
        b'C' => Key::Right,
        b'D' => Key::Left,
        b'F' => Key::End,
        b'H' => Key::Home,
        b'M' => Key::Enter,
        _ => Key::Unknown,
    }
}

/// The key of ESC [ with parameters. Control and Alt make arrows move by words.
fn sequence(parameters: &[u8], last: u8) -> Key {
    let mut numbers =
        parameters.split(|&byte| byte == b';').map(|text| std::str::from_utf8(text).unwrap_or_default());
    let (first, modifier) = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
    let by_word = matches!(modifier, "3" | "5" | "7");
    match (last, first) {
        (b'~', "1" | "7") => Key::Home,
        (b'~', "3") => Key::Delete,
        (b'~', "4" | "8") => Key::End,
        (b'~', "5") => Key::PageUp,
        (b'~', "6") => Key::PageDown,
        (b'Z', _) => Key::BackTab,
        (b'C', _) if by_word => Key::WordRight,
        (b'D', _) if by_word => Key::WordLeft,
        (b'~' | b'M', _) => Key::Unknown,
        (last, _) => plain(last),
    }
}

/// The key of a character's bytes once they are complete.
fn character(bytes: &[u8]) -> Option<Key> {
    if let [byte] = *bytes {
        match byte {
            b'\r' | b'\n' => return Some(Key::Enter),
            b'\t' => return Some(Key::Tab),
            0x08 | 0x7f => return Some(Key::Backspace),
            0..0x20 => return Some(Key::Ctrl(char::from(byte | 0x40))),
            _ => {}
        }
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.chars().next().map(Key::Char),
        // The beginning of a character: more is to come.
        Err(error) if error.error_len().is_none() => None,
        Err(_) => Some(Key::Char(char::REPLACEMENT_CHARACTER)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(bytes: &[u8]) -> Vec<Key> {
        let mut decoder = Decoder::default();
        let mut keys: Vec<Key> = bytes.iter().filter_map(|&byte| decoder.push(byte)).collect();
        keys.extend(decoder.timeout());
        keys
    }

    #[test]
    fn single_keys() {
        for (bytes, key) in [
            (&b"a"[..], Key::Char('a')),
            ("é".as_bytes(), Key::Char('é')),
            ("漢".as_bytes(), Key::Char('漢')),
            ("😀".as_bytes(), Key::Char('😀')),
            (b"\x01", Key::Ctrl('A')),
            (b"\x1f", Key::Ctrl('_')),
            (b"\x00", Key::Ctrl('@')),
            (b"\x03", Key::Interrupt),
            (b"\x04", Key::Eof),
            (b"\x7f", Key::Backspace),
            (b"\x08", Key::Backspace),
            (b"\r", Key::Enter),
            (b"\n", Key::Enter),
            (b"\t", Key::Tab),
            (b"\x1b", Key::Escape),
            (b"\x1bb", Key::Alt('b')),
            ("\x1bé".as_bytes(), Key::Alt('é')),
            (b"\x1b\x7f", Key::AltBackspace),
            (b"\x1b\x03", Key::Interrupt),
            (b"\x1b\r", Key::Enter),
            (b"\x1b[A", Key::Up),
            (b"\x1bOA", Key::Up),
            (b"\x1b[1;5C", Key::WordRight),
            (b"\x1b[1;3D", Key::WordLeft),
            (b"\x1b[1;2D", Key::Left),
            (b"\x1b[H", Key::Home),
            (b"\x1b[1~", Key::Home),
            (b"\x1bOF", Key::End),
            (b"\x1b[8~", Key::End),
            (b"\x1b[3~", Key::Delete),
            (b"\x1b[3;5~", Key::Delete),
            (b"\x1b[Z", Key::BackTab),
            (b"\x1b[5~", Key::PageUp),
            (b"\x1b[[A", Key::Unknown),
            (b"\x1b[24;80R", Key::Unknown),
            (b"\x1b[", Key::Alt('[')),
            (b"\xff", Key::Char('\u{fffd}')),
        ] {
            assert_eq!(keys(bytes), [key], "{bytes:?}");
        }
    }

    #[test]
    fn several_keys() {
        use Key::{Alt, Char, Escape, Left, Paste, Up};
        for (bytes, wanted) in [
            (&b"ab"[..], vec![Char('a'), Char('b')]),
            (b"\x1b\x1b", vec![Escape, Escape]),
            (b"\x1b\x1b[D", vec![Escape, Left]),
            (b"\x1bk\x1b[Aq", vec![Alt('k'), Up, Char('q')]),
            (b"\x1b[200~a\r\nb\rc\x03\x1b[A\x1b[201~d", vec![Paste("a\nb\nc\x03\x1b[A".into()), Char('d')]),
            (b"\xc3(", vec![Char('\u{fffd}')]),
        ] {
            assert_eq!(keys(bytes), wanted, "{bytes:?}");
        }
    }

    #[test]
    fn other_special_characters() {
        let mut decoder = Decoder {
            specials: Specials { intr: 0x18, eof: 0, erase: 0x08, ..Specials::default() },
            ..Decoder::default()
        };
        assert_eq!(decoder.push(0x18), Some(Key::Interrupt));
        assert_eq!(decoder.push(0x03), Some(Key::Ctrl('C')));
        assert_eq!(decoder.push(0x04), Some(Key::Ctrl('D')));
        assert_eq!(decoder.push(0x00), Some(Key::Ctrl('@')));
    }

    #[test]
    fn an_escape_waits() {
        let mut decoder = Decoder::default();
        assert!(!decoder.ambiguous());
        decoder.push(ESC);
        assert!(decoder.ambiguous());
        decoder.push(b'[');
        assert!(decoder.ambiguous());
        decoder.push(b'A');
        assert!(!decoder.ambiguous());
        assert_eq!(decoder.timeout(), None);
    }
}
