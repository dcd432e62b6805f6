// SPDX-License-Identifier: MIT OR Apache-2.0
//! The result of a guest that has ended, and the expectations of a test.

use qos_bootlog::{escape, parse};
use qos_vm::Outcome;
use std::fmt;

/// A guest that has ended. Every `expect` gives it back, so that they can be chained, and fails the test with all
/// that is known when it is not met.
#[derive(Debug)]
pub struct Ended {
    /// The runner's view.
    pub outcome: Outcome,
    /// Standard output of the main program.
    pub stdout: Vec<u8>,
    /// Standard error of the main program.
    pub stderr: Vec<u8>,
    /// Messages of the runner during the run.
    pub notes: Vec<String>,
}

impl Ended {
    /// The main program ended with this status, and the guest in the ordinary way.
    ///
    /// # Panics
    /// When it is not so.
    #[track_caller]
    pub fn expect_status(self, status: u8) -> Self {
        let verdict = if status == 0 { "passed" } else { "failed" };
        let met = self.outcome.verdict.name() == verdict && self.outcome.verdict.exit_code() == status;
        self.require(met, &format!("status {status}"))
    }

    /// The verdict has this short name ([`qos_vm::Verdict::name`]).
    ///
    /// # Panics
    /// When it is not so.
    #[track_caller]
    pub fn expect_verdict(self, name: &str) -> Self {
        let met = self.outcome.verdict.name() == name;
        self.require(met, &format!("verdict {name}"))
    }

    /// The verdict's message or advice contains `text`.
    ///
    /// # Panics
    /// When it is not so.
    #[track_caller]
    pub fn message_has(self, text: &str) -> Self {
        let verdict = &self.outcome.verdict;
        let met = format!("{verdict}\n{}", verdict.advice().unwrap_or_default()).contains(text);
        self.require(met, &format!("{text:?} in the message"))
    }

    /// Standard output is exactly this.
    ///
    /// # Panics
    /// When it is not so.
    #[track_caller]
    pub fn stdout_is(self, expect: impl AsRef<[u8]>) -> Self {
        let met = self.stdout == expect.as_ref();
        self.require(met, &format!("standard output {:?}", escape::escape(expect.as_ref())))
    }

    /// Standard output contains `text`.
    ///
    /// # Panics
    /// When it is not so.
    #[track_caller]
    pub fn stdout_has(self, text: &str) -> Self {
        let met = String::from_utf8_lossy(&self.stdout).contains(text);
        self.require(met, &format!("{text:?} in standard output"))
    }

    /// Standard error contains `text`.
    ///
    /// # Panics
    /// When it is not so.
    #[track_caller]
    pub fn stderr_has(self, text: &str) -> Self {
        let met = String::from_utf8_lossy(&self.stderr).contains(text);
        self.require(met, &format!("{text:?} in standard error"))
    }

    /// A line of the console contains `text`.
    ///
    /// # Panics
    /// When it is not so.
    #[track_caller]
    pub fn console_has(self, text: &str) -> Self {
        let met = self.has_line(text);
        self.require(met, &format!("{text:?} in the console"))
    }

    /// No line of the console contains `text`.
    ///
    /// # Panics
    /// When it is not so.
    #[track_caller]
    pub fn console_has_not(self, text: &str) -> Self {
        let met = !self.has_line(text);
        self.require(met, &format!("no {text:?} in the console"))
    }

    /// Panics if the run ended because of the host or QEMU and not because of the guest. For tests that check the outcome themselves:
    /// `cargo xtask test` distinguishes the two kinds of failures by this message.
    ///
    /// # Panics
    /// When it is not so.
    #[track_caller]
    pub fn expect_of_the_guest(&self) {
        let verdict = &self.outcome.verdict;
        assert!(!verdict.is_infrastructure(), "infrastructure failure: {verdict}\n{self}");
    }

    fn has_line(&self, text: &str) -> bool {
        parse(self.outcome.console.raw()).iter().any(|line| line.text.contains(text))
    }

    #[track_caller]
    fn require(self, met: bool, what: &str) -> Self {
        if !met {
            self.expect_of_the_guest();
        }
        assert!(met, "expected {what}, but:\n{self}");
        self
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = &self.outcome.verdict;
        writeln!(f, "verdict: {} ({verdict})", verdict.name())?;
        for note in &self.notes {
            writeln!(f, "note: {note}")?;
        }
        for (name, bytes) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            for line in String::from_utf8_lossy(bytes).lines() {
                writeln!(f, "{name}: {line}")?;
            }
        }
        for line in self.outcome.console.tail(30) {
            writeln!(f, "console: {line}")?;
        }
        if !self.outcome.qemu_stderr.is_empty() {
            writeln!(f, "QEMU: {}", self.outcome.qemu_stderr.trim_end())?;
        }
        Ok(())
    }
}
