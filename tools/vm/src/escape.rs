// SPDX-License-Identifier: MIT OR Apache-2.0
//! Commands to the runner in the keyboard input: Ctrl-A and a letter, as in QEMU's own terminal. Pure.

/// Ctrl-A.
const PREFIX: u8 = 0x01;

/// A command to the runner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// End the guest and leave.
    Quit,
    /// Show the list of commands.
    Help,
}

/// Tells commands and text apart, over any number of pieces of input.
#[derive(Debug, Default)]
pub struct Escape {
    pending: bool,
}

/// The line that lists the commands.
pub const HELP: &str = "Ctrl-A x: end the guest and leave; Ctrl-A a: send Ctrl-A; Ctrl-A h: this help. All other keys, Ctrl-C too, go to the guest.";

impl Escape {
    /// The part of `input` for the guest, and the commands in it.
    pub fn filter(&mut self, input: &[u8]) -> (Vec<u8>, Vec<Action>) {
        let mut bytes = Vec::with_capacity(input.len());
        let mut actions = Vec::new();
        for &byte in input {
            match (std::mem::take(&mut self.pending), byte) {
                (false, PREFIX) => self.pending = true,
                (false, _) => bytes.push(byte),
                (true, b'x' | b'X') => actions.push(Action::Quit),
                (true, b'a' | b'A' | PREFIX) => bytes.push(PREFIX),
                (true, b'h' | b'H' | b'?') => actions.push(Action::Help),
                // No command: both are meant for the guest.
                (true, _) => bytes.extend([PREFIX, byte]),
            }
        }
        (bytes, actions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_told_from_text() {
        let check = |pieces: &[&[u8]], bytes: &[u8], actions: &[Action]| {
            let mut escape = Escape::default();
            let (mut all_bytes, mut all_actions) = (Vec::new(), Vec::new());
            for piece in pieces {
                let (bytes, actions) = escape.filter(piece);
                all_bytes.extend(bytes);
                all_actions.extend(actions);
            }
            assert_eq!((all_bytes.as_slice(), all_actions.as_slice()), (bytes, actions), "{pieces:?}");
        };
        check(&[b"ls\r"], b"ls\r", &[]);
        check(&[b"\x03"], b"\x03", &[]);
        check(&[b"\x01x"], b"", &[Action::Quit]);
        check(&[b"a\x01", b"xb"], b"ab", &[Action::Quit]);
        check(&[b"\x01a"], b"\x01", &[]);
        check(&[b"\x01\x01x"], b"\x01x", &[]);
        check(&[b"\x01h"], b"", &[Action::Help]);
        check(&[b"\x01e"], b"\x01e", &[]);
        check(&[b"\x01"], b"", &[]);
    }
}
