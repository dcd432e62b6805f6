// SPDX-License-Identifier: MIT OR Apache-2.0
//! The function of each key: those of less(1), which include POSIX more's.

use qos_screen::Key;

/// What is to be done. Those that move take the number that was typed before them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Down,
    Up,
    Forward,
    Backward,
    HalfForward,
    HalfBackward,
    Left,
    Right,
    Start,
    End,
    Percent,
    Search { forward: bool },
    Again { same: bool },
    Follow,
    Toggle,
    File,
    Status,
    Help,
    Redraw,
    Suspend,
    Quit,
    None,
}

/// What `key` does.
pub fn action(key: Key) -> Action {
    match key {
        Key::Char('j' | 'e') | Key::Down | Key::Enter | Key::Control('n' | 'e') => Action::Down,
        Key::Char('k' | 'y') | Key::Up | Key::Control('p' | 'y' | 'k') => Action::Up,
        Key::Char(' ' | 'f' | 'z') | Key::PageDown | Key::Control('f' | 'v') => Action::Forward,
        Key::Char('b' | 'w') | Key::PageUp | Key::Control('b') => Action::Backward,
        Key::Char('d') | Key::Control('d') => Action::HalfForward,
        Key::Char('u') | Key::Control('u') => Action::HalfBackward,
        Key::Left => Action::Left,
        Key::Right => Action::Right,
        Key::Char('g' | '<') | Key::Home => Action::Start,
        Key::Char('G' | '>') | Key::End => Action::End,
        Key::Char('p' | '%') => Action::Percent,
        Key::Char('/') => Action::Search { forward: true },
        Key::Char('?') => Action::Search { forward: false },
        Key::Char('n') => Action::Again { same: true },
        Key::Char('N') => Action::Again { same: false },
        Key::Char('F') => Action::Follow,
        Key::Char('-') => Action::Toggle,
        Key::Char(':') => Action::File,
        Key::Char('=') | Key::Control('g') => Action::Status,
        Key::Char('h' | 'H') => Action::Help,
        Key::Char('r' | 'R') | Key::Control('l' | 'r') => Action::Redraw,
        Key::Control('z') => Action::Suspend,
        Key::Char('q' | 'Q') | Key::Control('c') => Action::Quit,
        _ => Action::None,
    }
}
