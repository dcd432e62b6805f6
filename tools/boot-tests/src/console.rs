// SPDX-License-Identifier: MIT OR Apache-2.0
//! A guest whose console a test operates in place of a person.

use crate::disk::DiskImage;
use crate::ended::Ended;
use crate::initramfs::Initramfs;
use crate::memory::Memory;
use qos_bootlog::parse;
use qos_vm::{Action, Control, Error, Front, Input, Outcome, Request, run, sink};
use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How long a test waits for a text. Not a measure of speed: what takes this long does not come.
const PATIENCE: Duration = Duration::from_secs(120);

/// A guest with a test at its console. It is ended when this is dropped.
pub struct Console {
    screen: Screen,
    /// How much of the screen has been read by expectations.
    read: usize,
    keyboard: UnixStream,
    control: Control,
    guest: Option<JoinHandle<Result<Outcome, Error>>>,
    /// Files that the guest is booted from.
    _kept: (Vec<Initramfs>, Vec<DiskImage>),
}

/// What the guest wrote, for the thread that waits for it.
#[derive(Clone, Default)]
struct Screen {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    written: Mutex<Written>,
    changed: Condvar,
}

#[derive(Default)]
struct Written {
    bytes: Vec<u8>,
    /// The guest has ended: nothing follows.
    ended: bool,
}

impl Screen {
    fn lock(&self) -> MutexGuard<'_, Written> {
        self.shared.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Written)) {
        change(&mut self.lock());
        self.shared.changed.notify_all();
    }
}

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.change(|written| written.bytes.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Console {
    pub(crate) fn start(request: impl FnOnce(Front) -> Result<Request, String>) -> Result<Self, String> {
        let (keyboard, input) = UnixStream::pair().map_err(|error| error.to_string())?;
        let screen = Screen::default();
        let nothing = Memory::default();
        let front = Front {
            input: Some(Input::new(input, None)),
            console: Some(sink(screen.clone())),
            stdout: nothing.sink(),
            stderr: nothing.sink(),
        };
        let request = request(front)?;
        let control = Control::default();
        let (inner_control, inner_screen) = (control.clone(), screen.clone());
        let guest = thread::spawn(move || {
            let outcome = run(&request, &inner_control, &mut |_| {});
            inner_screen.change(|written| written.ended = true);
            outcome
        });
        Ok(Self { screen, read: 0, keyboard, control, guest: Some(guest), _kept: Default::default() })
    }

    pub(crate) fn keep(mut self, archives: Vec<Initramfs>, disks: Vec<DiskImage>) -> Self {
        self._kept = (archives, disks);
        self
    }

    /// Waits until the guest has written `text`, behind what earlier expectations have found.
    ///
    /// # Panics
    /// When the guest ends first, or does not write it for two minutes.
    #[must_use]
    #[track_caller]
    pub fn expect(mut self, text: &str) -> Self {
        let mut written = self.screen.lock();
        loop {
            if let Some(at) = find(&written.bytes[self.read..], text.as_bytes()) {
                self.read += at + text.len();
                break;
            }
            let size = written.bytes.len();
            let waits = |now: &mut Written| now.bytes.len() == size && !now.ended;
            let changed = &self.screen.shared.changed;
            (written, _) =
                changed.wait_timeout_while(written, PATIENCE, waits).unwrap_or_else(PoisonError::into_inner);
            if written.bytes.len() == size {
                let has_ended = written.ended;
                let rest = String::from_utf8_lossy(&written.bytes[self.read..]).into_owned();
                drop(written);
                let why = if has_ended {
                    self.end().expect_of_the_guest();
                    "the guest has ended"
                } else {
                    "nothing more comes from the guest"
                };
                panic!(
                    "expected {text:?} on the console, but {why}; since the last expectation it wrote:\n{rest}"
                );
            }
        }
        drop(written);
        self
    }

    /// Types `text`. A line ends with `\n`, which is typed as the Enter key.
    ///
    /// # Panics
    /// When the guest's input is closed.
    #[must_use]
    #[track_caller]
    pub fn send(mut self, text: &str) -> Self {
        let keys = text.replace('\n', "\r");
        if let Err(error) = self.keyboard.write_all(keys.as_bytes()) {
            panic!("cannot type {text:?}: {error}");
        }
        self
    }

    /// What is on the console, as lines.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        parse(&self.screen.lock().bytes).into_iter().map(|line| line.text).collect()
    }

    /// Waits for the guest's end, which the test has requested, or which the guest reaches by itself.
    ///
    /// # Panics
    /// When it could not be started.
    #[must_use]
    #[track_caller]
    pub fn end(mut self) -> Ended {
        match self.guest.take().map(JoinHandle::join) {
            Some(Ok(Ok(outcome))) => {
                Ended { outcome, stdout: Vec::new(), stderr: Vec::new(), notes: Vec::new() }
            }
            Some(Ok(Err(error))) => panic!("the guest was not started: {error}"),
            Some(Err(_)) | None => panic!("the runner panicked"),
        }
    }

    /// Kills QEMU, as a power cut.
    ///
    /// # Panics
    /// As [`Self::end`].
    #[must_use]
    #[track_caller]
    pub fn kill(self) -> Ended {
        self.control.kill();
        self.end()
    }

    /// Gives QEMU's monitor a command, `device_add usb-storage,drive=stick`.
    #[must_use]
    pub fn monitor(self, command: &str) -> Self {
        self.control.monitor(command);
        self
    }

    /// Leaves the console, which ends the guest.
    ///
    /// # Panics
    /// As [`Self::end`].
    #[must_use]
    #[track_caller]
    pub fn quit(self) -> Ended {
        self.control.action(Action::Quit);
        self.end()
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        if let Some(guest) = self.guest.take() {
            self.control.action(Action::Quit);
            // How it ended does not matter any more.
            let _ = guest.join();
        }
    }
}

fn find(screen: &[u8], text: &[u8]) -> Option<usize> {
    if text.is_empty() {
        return Some(0);
    }
    screen.windows(text.len()).position(|window| window == text)
}
