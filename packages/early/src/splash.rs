// SPDX-License-Identifier: MIT OR Apache-2.0
//! The boot screen: what `rhgb` and `splash` on the kernel's command line request. It is drawn by the text console, so it works
//! wherever the kernel can draw letters. Escape, a failure or a shell replaces it with the kernel's log.

mod frame;

use frame::State;
use qos_sys::klog;
use qos_sys::tty::{self, Terminal};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;

/// The screen's terminal.
pub const TERMINAL: &str = "/dev/tty1";
/// The drivers of the text console: each has a name, and is bound or not.
const DRIVERS: &str = "/sys/class/vtconsole";
/// Console level that shows everything but debug messages (syslog(2)).
const EVERYTHING: u8 = 7;
const ESCAPE: u8 = 0x1b;

/// The boot screen, which is shown.
pub struct Splash {
    terminal: File,
    before: Terminal,
    state: State,
    line: Vec<u8>,
}

/// What a key has done.
#[derive(Debug, PartialEq, Eq)]
pub enum Typed {
    /// The line has changed, or nothing has.
    Nothing,
    /// The line is complete; without its end.
    Line(Vec<u8>),
    /// The log is wanted.
    Escape,
}

impl Splash {
    /// Shows the screen, if there is a display.
    #[must_use]
    pub fn show() -> Option<Splash> {
        if !has_display(Path::new(DRIVERS)) {
            return None;
        }
        let terminal = tty::open(Path::new(TERMINAL)).ok()?;
        let before = Terminal::of(&terminal).ok()?;
        let mut raw = before.clone();
        raw.make_raw();
        raw.give(&terminal).ok()?;
        let splash = Splash { terminal, before, state: State::default(), line: Vec::new() };
        splash.draw();
        Some(splash)
    }

    fn draw(&self) {
        let (rows, columns) = size(&self.terminal);
        // A screen that cannot be drawn on is no reason to stop the boot.
        let _ = (&self.terminal).write_all(frame::frame(rows, columns, &self.state).as_bytes());
    }

    /// Says what happens now.
    pub fn say(&mut self, note: &str) {
        let state = State { note: note.to_owned(), question: None };
        if self.state != state {
            self.state = state;
            self.draw();
        }
    }

    /// Asks a question below `note`; [`Self::read`] gives the answer.
    pub fn ask(&mut self, note: &str, question: &str) {
        self.line.clear();
        self.state = State { note: note.to_owned(), question: Some((question.to_owned(), 0)) };
        self.draw();
    }

    /// Reads the keys that were typed.
    ///
    /// # Errors
    /// As in read(2); UnexpectedEof if the terminal was hung up.
    pub fn read(&mut self) -> io::Result<Typed> {
        let mut keys = [0; 256];
        let length = (&self.terminal).read(&mut keys)?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let typed = type_keys(&mut self.line, &keys[..length]);
        if let Some((_, count)) = &mut self.state.question {
            *count = String::from_utf8_lossy(&self.line).chars().count();
            let (rows, columns) = size(&self.terminal);
            let _ = (&self.terminal).write_all(frame::field(rows, columns, *count).as_bytes());
        }
        Ok(typed)
    }

    /// Replaces the screen with the kernel's log, which continues there.
    pub fn reveal(self) {
        let log = klog::read(false).unwrap_or_default();
        self.end();
        let _ = (&self.terminal).write_all(without_levels(&String::from_utf8_lossy(&log)).as_bytes());
        let _ = klog::console_level(EVERYTHING);
    }

    /// Clears the screen for what comes next.
    pub fn end(&self) {
        let _ = self.before.give(&self.terminal);
        let _ = (&self.terminal).write_all(b"\x1b[0m\x1b[2J\x1b[H\x1b[?25h");
    }
}

impl AsFd for Splash {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.terminal.as_fd()
    }
}

/// Rows and columns of the screen; those of a VGA text mode if the terminal does not know them.
fn size(terminal: &File) -> (u16, u16) {
    tty::size(terminal).unwrap_or((25, 80))
}

/// Whether a driver that shows something is bound to the text console. "dummy device" is what the kernel binds without a display
/// (drivers/video/console/dummycon.c).
fn has_display(drivers: &Path) -> bool {
    let read = |path: &Path, name: &str| fs::read_to_string(path.join(name)).unwrap_or_default();
    let shows =
        |path: &Path| read(path, "bind").trim() == "1" && !read(path, "name").contains("dummy device");
    fs::read_dir(drivers).is_ok_and(|entries| entries.flatten().any(|entry| shows(&entry.path())))
}

/// Edits a line as a terminal does: Backspace and Ctrl-U erase, Enter ends. Escape counts alone only: other keys begin with its byte.
fn type_keys(line: &mut Vec<u8>, keys: &[u8]) -> Typed {
    if keys == [ESCAPE] {
        return Typed::Escape;
    }
    if keys[0] == ESCAPE {
        return Typed::Nothing;
    }
    for key in keys {
        match key {
            b'\r' | b'\n' => return Typed::Line(std::mem::take(line)),
            0x08 | 0x7f => {
                // The bytes after the first one of a character in UTF-8.
                while line.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {}
            }
            0x15 => line.clear(),
            0..0x20 => {}
            key => line.push(*key),
        }
    }
    Typed::Nothing
}

/// The kernel's log without the levels, of which each line has one (`<6>[    0.000000] Linux version`).
fn without_levels(log: &str) -> String {
    let text = |line: &str| {
        let text =
            line.strip_prefix('<').and_then(|line| line.split_once('>')).map_or(line, |(_, text)| text);
        format!("{text}\n")
    };
    log.lines().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn displays() {
        let check = |name: &str, drivers: &[(&str, &str)], expect: bool| {
            let directory = std::env::temp_dir().join(format!("qos-early-{}-{name}", std::process::id()));
            for (number, (name, bind)) in drivers.iter().enumerate() {
                let driver = directory.join(format!("vtcon{number}"));
                fs::create_dir_all(&driver).unwrap();
                fs::write(driver.join("name"), name).unwrap();
                fs::write(driver.join("bind"), bind).unwrap();
            }
            assert_eq!(has_display(&directory), expect, "{drivers:?}");
            let _ = fs::remove_dir_all(&directory);
        };
        check("none", &[], false);
        check("dummy", &[("(S) dummy device\n", "1\n")], false);
        check("vga", &[("(S) VGA+\n", "1\n")], true);
        check("frame-buffer", &[("(S) dummy device\n", "0\n"), ("(M) frame buffer device\n", "1\n")], true);
        check("unbound", &[("(S) dummy device\n", "1\n"), ("(M) frame buffer device\n", "0\n")], false);
    }

    #[test]
    fn keys() {
        let check = |before: &str, keys: &str, line: &str, expect: Typed| {
            let mut now = before.as_bytes().to_vec();
            assert_eq!(type_keys(&mut now, keys.as_bytes()), expect, "{keys:?}");
            assert_eq!(String::from_utf8_lossy(&now), line, "{keys:?}");
        };
        check("", "a", "a", Typed::Nothing);
        check("ab", "c d\u{e9}", "abc d\u{e9}", Typed::Nothing);
        check("ab\u{e9}", "\x7f", "ab", Typed::Nothing);
        check("ab", "\x08\x08\x08", "", Typed::Nothing);
        check("ab", "\x15c", "c", Typed::Nothing);
        check("ab", "\x01\x04\x1f", "ab", Typed::Nothing);
        check("ab", "c\r", "", Typed::Line(b"abc".to_vec()));
        check("", "\n", "", Typed::Line(Vec::new()));
        check("ab", "\x1b", "ab", Typed::Escape);
        check("ab", "\x1b[A", "ab", Typed::Nothing);
    }

    #[test]
    fn levels() {
        assert_eq!(
            without_levels("<6>[    0.000000] Linux\n<12>a<b>c\nplain\n"),
            "[    0.000000] Linux\na<b>c\nplain\n"
        );
    }
}
