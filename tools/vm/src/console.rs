// SPDX-License-Identifier: MIT OR Apache-2.0
//! The recorded console of a run: all raw bytes up to a limit, and the last lines for messages.

use crate::signs::PANIC;
use qos_bootlog::{Line, Parser};
use std::collections::VecDeque;

/// Raw bytes kept in memory; a guest that writes more is not one whose boot is of interest.
const RAW_LIMIT: usize = 16 << 20;

/// Lines kept for the end of the run.
const TAIL: usize = 400;

/// What came from the serial console.
#[derive(Debug, Default)]
pub struct Console {
    parser: Parser,
    raw: Vec<u8>,
    dropped: u64,
    tail: VecDeque<Line>,
    kernel_release: Option<String>,
    init_ns: Option<u64>,
    last_ns: Option<u64>,
}

impl Console {
    /// Takes bytes and gives the lines that they completed.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Vec<Line> {
        let room = RAW_LIMIT.saturating_sub(self.raw.len()).min(bytes.len());
        self.raw.extend_from_slice(&bytes[..room]);
        self.dropped += (bytes.len() - room) as u64;
        let lines = self.parser.push(bytes);
        lines.iter().for_each(|line| self.note(line));
        lines
    }

    /// The end of the stream; gives the line that was not complete.
    pub(crate) fn finish(&mut self) -> Option<Line> {
        let line = self.parser.finish()?;
        self.note(&line);
        Some(line)
    }

    fn note(&mut self, line: &Line) {
        if self.kernel_release.is_none() {
            let version = line.message().strip_prefix("Linux version ");
            self.kernel_release = version.and_then(|text| text.split(' ').next()).map(str::to_owned);
        }
        if let Some(time) = line.time_ns {
            self.last_ns = Some(time);
            if self.init_ns.is_none() && line.message().starts_with("Run ") {
                self.init_ns = Some(time);
            }
        }
        if self.tail.len() == TAIL {
            self.tail.pop_front();
        }
        self.tail.push_back(line.clone());
    }

    /// The raw bytes, as far as they are kept.
    #[must_use]
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// The last line has no end: a prompt, as a rule.
    #[must_use]
    pub fn ends_inside_a_line(&self) -> bool {
        self.tail.back().is_some_and(|line| !line.complete)
    }

    /// How many bytes came after those.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// The last lines, at most `count`. After a panic, the lines before it: the call trace after its reason helps few people and
    /// fills a screen.
    #[must_use]
    pub fn tail(&self, count: usize) -> Vec<&str> {
        let is_panic = |line: &Line| line.text.contains(PANIC);
        let end = self.tail.iter().position(is_panic).map_or(self.tail.len(), |at| at + 1);
        let skip = end.saturating_sub(count);
        self.tail.iter().take(end).skip(skip).map(|line| line.text.as_str()).collect()
    }

    /// The kernel's release, as its first line and uname(1) have it.
    #[must_use]
    pub fn kernel_release(&self) -> Option<&str> {
        self.kernel_release.as_deref()
    }

    /// printk's time in nanoseconds at which the kernel started init, and that of the last line. Under a golden
    /// session a nanosecond is an instruction.
    #[must_use]
    pub fn times_ns(&self) -> (Option<u64>, Option<u64>) {
        (self.init_ns, self.last_ns)
    }
}
