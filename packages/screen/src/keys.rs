// SPDX-License-Identifier: MIT OR Apache-2.0
//! Keys from the bytes that a terminal sends: those of ECMA-48 that xterm, the Linux console and QEMU's serial
//! console have in common.

use std::collections::VecDeque;

/// A key.
#[allow(missing_docs, reason = "the names are on the keys")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    Char(char),
    /// A letter with the control key, as the letter: `Control('c')`.
    Control(char),
    Enter,
    Backspace,
    Escape,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
    Delete,
    /// A sequence without a meaning here.
    Unknown,
}

/// Takes the first key from `bytes`. `None`: there is none, or only the start of one, unless `complete` says that
/// no more bytes follow.
pub fn take(bytes: &mut VecDeque<u8>, complete: bool) -> Option<Key> {
    let data = bytes.make_contiguous();
    let (key, length) = match *data.first()? {
        0x1b => match escape(data) {
            Some(found) => found,
            None if complete => (Key::Escape, 1),
            None => return None,
        },
        b'\r' | b'\n' => (Key::Enter, 1),
        0x7f | 8 => (Key::Backspace, 1),
        b'\t' => (Key::Char('\t'), 1),
        byte @ 1..=26 => (Key::Control(char::from(byte + b'a' - 1)), 1),
        0..0x20 => (Key::Unknown, 1),
        _ => match character(data) {
            Some(found) => found,
            None if complete => (Key::Unknown, 1),
            None => return None,
        },
    };
    bytes.drain(..length);
    Some(key)
}

fn character(data: &[u8]) -> Option<(Key, usize)> {
    let length = match data[0] {
        0..0x80 => 1,
        0xc0..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0..0xf8 => 4,
        _ => return Some((Key::Unknown, 1)),
    };
    let key = match std::str::from_utf8(data.get(..length)?) {
        Ok(text) => Key::Char(text.chars().next()?),
        Err(_) => Key::Unknown,
    };
    Some((key, length))
}

/// A sequence that begins with the escape character; `None` while it is not complete.
fn escape(data: &[u8]) -> Option<(Key, usize)> {
    match *data.get(1)? {
        b'[' => {
            let last = data[2..].iter().position(|byte| (0x40..0x7f).contains(byte))? + 2;
            let key = match (data[last], &data[2..last]) {
                (b'A', _) => Key::Up,
                (b'B', _) => Key::Down,
                (b'C', _) => Key::Right,
                (b'D', _) => Key::Left,
                (b'H', _) | (b'~', b"1" | b"7") => Key::Home,
                (b'F', _) | (b'~', b"4" | b"8") => Key::End,
                (b'~', b"3") => Key::Delete,
                (b'~', b"5") => Key::PageUp,
                (b'~', b"6") => Key::PageDown,
                _ => Key::Unknown,
            };
            Some((key, last + 1))
        }
        b'O' => {
            let key = match *data.get(2)? {
                b'A' => Key::Up,
                b'B' => Key::Down,
                b'C' => Key::Right,
                b'D' => Key::Left,
                b'H' => Key::Home,
                b'F' => Key::End,
                _ => Key::Unknown,
            };
            Some((key, 3))
        }
        _ => Some((Key::Escape, 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &[u8]) -> Vec<Key> {
        let mut bytes: VecDeque<u8> = text.iter().copied().collect();
        std::iter::from_fn(|| take(&mut bytes, true)).collect()
    }

    #[test]
    fn sequences() {
        use Key::*;
        for (text, expect) in [
            (&b"q"[..], &[Char('q')][..]),
            (b"\x1b[A\x1bOBx", &[Up, Down, Char('x')]),
            (b"\x1b[5~\x1b[6~\x1b[1;5C", &[PageUp, PageDown, Right]),
            (b"\x1b", &[Escape]),
            (b"\x1bq", &[Escape, Char('q')]),
            (b"\x03\r\x7f", &[Control('c'), Enter, Backspace]),
            ("é".as_bytes(), &[Char('é')]),
            (b"\xc3", &[Unknown]),
        ] {
            assert_eq!(keys(text), expect, "{text:?}");
        }
    }

    #[test]
    fn the_start_of_a_key_is_kept() {
        let mut bytes = VecDeque::from(*b"\x1b[");
        assert_eq!(take(&mut bytes, false), None);
        bytes.push_back(b'A');
        assert_eq!(take(&mut bytes, false), Some(Key::Up));
    }
}
