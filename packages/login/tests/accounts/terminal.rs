// SPDX-License-Identifier: MIT OR Apache-2.0
//! A pseudo-terminal at which a program runs in a root directory of its own. Tests type, and wait for what comes.

use qos_sys::spawn::{Session, spawn};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How long something may take to come. A loaded machine needs seconds.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The terminal.
pub struct Terminal {
    controller: File,
    /// Path of the side at which programs run.
    pub path: String,
    child: Option<Child>,
    /// All that was written, and how much of it has been waited for.
    output: String,
    seen: usize,
}

impl Terminal {
    /// A new terminal.
    pub fn new() -> Self {
        let controller = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&controller).unwrap();
        unlockpt(&controller).unwrap();
        let path = ptsname(&controller, Vec::new()).unwrap().into_string().unwrap();
        Self { controller: File::from(controller), path, child: None, output: String::new(), seen: 0 }
    }

    /// The terminal's name, without `/dev/`.
    pub fn line(&self) -> &str {
        self.path.strip_prefix("/dev/").unwrap()
    }

    /// Starts `command` at it, in a session that it controls.
    pub fn start(&mut self, mut command: Command) {
        // The test may lead a session without a terminal, which this one must not become.
        let mut options = OpenOptions::new();
        options.read(true).write(true).custom_flags(OFlags::NOCTTY.bits().cast_signed());
        let open = || options.open(&self.path).unwrap();
        command.stdin(open()).stdout(open()).stderr(open());
        self.child = Some(spawn(command, Session::OwnWithTerminal).unwrap());
    }

    /// Starts `command`, which opens this terminal by its name, away from it.
    pub fn start_away(&mut self, mut command: Command) {
        command.stdin(Stdio::null()).stdout(Stdio::null());
        self.child = Some(spawn(command, Session::Own).unwrap());
    }

    /// Types.
    pub fn types(&mut self, keys: &str) -> &mut Self {
        self.controller.write_all(keys.as_bytes()).unwrap();
        self
    }

    /// Waits until `text` comes, behind what was waited for before; what came before it.
    pub fn gets(&mut self, text: &str) -> String {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            if let Some(at) = self.output[self.seen..].find(text) {
                let before = self.output[self.seen..self.seen + at].to_owned();
                self.seen += at + text.len();
                return before;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "no {text:?} came; all that came:\n{}", self.output);
            self.read(left);
        }
    }

    /// What `command` writes, at the shell's prompt `$ ` or `# `.
    pub fn runs(&mut self, command: &str, prompt: &str) -> String {
        // The echo of the terminal has the first mark in two parts; the output has it whole.
        self.types(&format!("echo BE''GIN; {command}; echo E''ND\n"));
        self.gets("BEGIN\r\n");
        let output = self.gets("END\r\n");
        self.gets(prompt);
        output.replace("\r\n", "\n")
    }

    /// Waits until a process of that name is in the foreground, and reads keys such as Ctrl-C.
    pub fn is_served_by(&mut self, name: &str) -> &mut Self {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            let leader = self.leader();
            let comm = std::fs::read_to_string(format!("/proc/{leader}/comm")).unwrap_or_default();
            if comm.trim() == name {
                return self;
            }
            assert!(Instant::now() < deadline, "{name} is not in the foreground, but {comm:?}");
            self.read(Duration::from_millis(20));
        }
    }

    /// The leader of the process group in the foreground, 0 if there is none.
    pub fn leader(&self) -> i32 {
        rustix::termios::tcgetpgrp(&self.controller).map_or(0, |group| group.as_raw_nonzero().get())
    }

    /// Waits until the program that was started ends.
    pub fn ends(&mut self) -> ExitStatus {
        let deadline = Instant::now() + TIMEOUT;
        let mut child = self.child.take().unwrap();
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "no end; all that came:\n{}", self.output);
            self.read(Duration::from_millis(50));
        }
    }

    /// The number of the process that was started.
    pub fn pid(&self) -> i32 {
        i32::try_from(self.child.as_ref().unwrap().id()).unwrap()
    }

    fn read(&mut self, limit: Duration) {
        let limit = Timespec::try_from(limit).unwrap();
        if poll(&mut [PollFd::new(&self.controller, PollFlags::IN)], Some(&limit)).unwrap() == 0 {
            return;
        }
        let mut bytes = [0; 4096];
        match self.controller.read(&mut bytes) {
            Ok(count) => self.output.push_str(&String::from_utf8_lossy(&bytes[..count])),
            // No process has the other side open now; one that is started next has.
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error()) => {
                std::thread::sleep(Duration::from_millis(10));
            }
            Err(error) => panic!("cannot read the terminal: {error}"),
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // It may have ended.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
