// SPDX-License-Identifier: GPL-3.0-or-later
//! A shell at a pseudo-terminal. Tests type, and wait until the screen shows what they expect.

use super::emulator::Emulator;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

/// How long a condition may take. A loaded machine needs seconds.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A shell and the terminal at which it runs.
pub struct Terminal {
    controller: File,
    child: Child,
    screen: Emulator,
    /// All that the shell wrote.
    raw: Vec<u8>,
    /// Something has been typed, and nothing has come since: the screen shows what was before.
    stale: bool,
}

impl Terminal {
    /// Starts a shell of 40 columns and 10 rows with `$ ` as its prompt, in a directory that is also its home.
    pub fn start(home: &Path, variables: &[(&str, &str)]) -> Self {
        let controller = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&controller).unwrap();
        unlockpt(&controller).unwrap();
        let path = ptsname(&controller, Vec::new()).unwrap().into_string().unwrap();
        let open = || OpenOptions::new().read(true).write(true).open(&path).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_sh"));
        command.env_clear().current_dir(home).stdin(open()).stdout(open()).stderr(open());
        command.env("PATH", "/usr/bin:/bin").env("HOME", home).env("TERM", "xterm").env("LC_ALL", "C");
        command.env("PS1", "$ ").envs(variables.iter().copied());
        // SAFETY: between fork and exec, the closure only makes two system calls, which are async-signal-safe.
        unsafe {
            command.pre_exec(|| {
                rustix::process::setsid()?;
                rustix::process::ioctl_tiocsctty(rustix::stdio::stdin())?;
                Ok(())
            });
        }
        set_size(&controller, 40, 10);
        let child = command.spawn().unwrap();
        // Without the command's copies, the end of the shell is the end of the terminal.
        drop(command);
        let controller = File::from(controller);
        Self { controller, child, screen: Emulator::new(40, 10), raw: Vec::new(), stale: false }
    }

    /// Types.
    pub fn types(&mut self, keys: &str) -> &mut Self {
        self.controller.write_all(keys.as_bytes()).unwrap();
        self.stale = true;
        self
    }

    /// Types at one prompt after the other until the screen shows a text.
    pub fn types_until(&mut self, keys: &str, text: &str) -> &mut Self {
        let deadline = Instant::now() + TIMEOUT;
        while !self.screen.text().contains(text) {
            assert!(Instant::now() < deadline, "no {text:?} came:\n{}", self.screen.marked());
            self.types(keys).shows("$ |");
        }
        self
    }

    /// Waits until the last row of the screen, with `|` at the cursor, is this.
    pub fn shows(&mut self, row: &str) -> &mut Self {
        self.wait(row, |screen| screen.marked().lines().next_back().unwrap_or_default() == row)
    }

    /// Waits until the last rows of the screen, with `|` at the cursor, are these.
    pub fn shows_rows(&mut self, rows: &[&str]) -> &mut Self {
        let wanted = rows.join("\n");
        self.wait(&wanted, |screen| {
            let text = screen.marked();
            text == wanted || text.ends_with(&format!("\n{wanted}"))
        })
    }

    /// Waits until the screen shows a text anywhere.
    pub fn has(&mut self, text: &str) -> &mut Self {
        self.wait(text, |screen| screen.text().contains(text))
    }

    /// Waits until the terminal has got a sequence, whatever it shows.
    pub fn gets(&mut self, sequence: &str) -> &mut Self {
        let deadline = Instant::now() + TIMEOUT;
        while !self.raw.windows(sequence.len()).any(|window| window == sequence.as_bytes()) {
            assert!(self.read(deadline), "the shell ended; no {sequence:?} came");
        }
        self
    }

    /// All that the shell wrote up to now.
    pub fn raw(&self) -> String {
        String::from_utf8_lossy(&self.raw).into_owned()
    }

    /// Resizes the window.
    pub fn resize(&mut self, columns: u16) -> &mut Self {
        self.screen.resize(columns.into());
        set_size(&self.controller, columns, 10);
        self
    }

    /// Waits until the shell ends.
    pub fn ends(&mut self) -> ExitStatus {
        let deadline = Instant::now() + TIMEOUT;
        while self.read(deadline) {}
        self.child.wait().unwrap()
    }

    fn wait(&mut self, wanted: &str, condition: impl Fn(&Emulator) -> bool) -> &mut Self {
        let deadline = Instant::now() + TIMEOUT;
        while self.stale || !condition(&self.screen) {
            assert!(
                self.read(deadline),
                "the shell ended; wanted:\n{wanted}\nshown:\n{}",
                self.screen.marked()
            );
            if Instant::now() > deadline {
                panic!("wanted:\n{wanted}\nshown:\n{}\nwritten: {:?}", self.screen.marked(), self.raw());
            }
        }
        self
    }

    /// Reads what comes until the deadline; false at the end.
    fn read(&mut self, deadline: Instant) -> bool {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = Timespec { tv_sec: left.as_secs().cast_signed(), tv_nsec: left.subsec_nanos().into() };
        if poll(&mut [PollFd::new(&self.controller, PollFlags::IN)], Some(&timeout)).unwrap() == 0 {
            panic!("nothing came in time; shown:\n{}\nwritten: {:?}", self.screen.marked(), self.raw());
        }
        let mut bytes = [0; 4096];
        match self.controller.read(&mut bytes) {
            Ok(0) => false,
            Ok(count) => {
                self.screen.write(&bytes[..count]);
                self.raw.extend_from_slice(&bytes[..count]);
                self.stale = false;
                true
            }
            // All descriptors of the other side are closed.
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error()) => false,
            Err(error) => panic!("cannot read the terminal: {error}"),
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let dead = self.child.try_wait();
        if !matches!(dead, Ok(Some(_))) {
            // The shell may end between the question and the signal; both ways it is gone.
            let _: io::Result<()> = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

fn set_size(controller: &impl std::os::fd::AsFd, columns: u16, rows: u16) {
    let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(controller.as_fd(), size).unwrap();
}
