// SPDX-License-Identifier: MIT OR Apache-2.0
//! Checks whether a panic message on the console is real: any program can print the same text, and a stored log has time stamps
//! too. The state of the CPUs decides. After a panic one CPU stays in a loop in the kernel and the others are stopped; a
//! guest that still runs is in a program or idle in at least one of several samples.
//!
//! This also works for kernels without time stamps, for early panics, and without a device such as pvpanic, which a golden
//! machine cannot have, because it would change the log.

use crate::qmp::Registers;
use std::time::{Duration, Instant};

/// Number of samples of the CPUs if text and time stamp are those of the kernel.
const LOOKS: u32 = 5;
/// The same when they are not.
const LOOKS_IN_DOUBT: u32 = 50;
/// The first sample is taken after this many intervals: the first line of a panic is printed before the other CPUs are
/// stopped. Its last line comes after that.
const FIRST_LOOK: u32 = 10;
/// Time limit of QEMU's answer about the CPUs.
const ANSWER_GRACE: Duration = Duration::from_secs(10);

/// A panic on the console that has not been found to be one.
#[derive(Debug)]
pub(crate) struct Suspicion {
    interval: Duration,
    looks: u32,
    left: u32,
    next: Instant,
    asked: Option<Instant>,
}

/// What is to be done, or was found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Query the CPUs.
    Look,
    /// The kernel panicked.
    Panicked,
    /// The guest lives: a program printed the text.
    Alive,
}

impl Suspicion {
    /// The first line of a panic came; `plausible`: its time stamp could be the kernel's.
    pub(crate) fn new(now: Instant, plausible: bool, interval: Duration) -> Self {
        let looks = if plausible { LOOKS } else { LOOKS_IN_DOUBT };
        Self { interval, looks, left: looks, next: now + FIRST_LOOK * interval, asked: None }
    }

    /// The last line of a panic came.
    pub(crate) fn ended(&mut self, now: Instant) {
        self.next = self.next.min(now);
    }

    /// Something came from the console: looks from before do not count.
    pub(crate) fn output(&mut self) {
        self.left = self.looks;
    }

    /// The time of the next action in [`Self::due`].
    pub(crate) fn deadline(&self) -> Instant {
        self.asked.map_or(self.next, |asked| asked + ANSWER_GRACE)
    }

    pub(crate) fn due(&mut self, now: Instant) -> Option<Step> {
        match self.asked {
            _ if now < self.deadline() => None,
            // QEMU itself does not answer, and the console has the reason.
            Some(_) => Some(Step::Panicked),
            None => {
                self.asked = Some(now);
                Some(Step::Look)
            }
        }
    }

    /// QEMU's answer.
    pub(crate) fn answer(&mut self, now: Instant, processors: &[Registers]) -> Option<Step> {
        self.asked = None;
        self.next = now + self.interval;
        self.left = self.left.saturating_sub(1);
        if processors.iter().any(|processor| processor.shows_life()) {
            Some(Step::Alive)
        } else {
            (self.left == 0).then_some(Step::Panicked)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_millis(100);
    const LOOPS: Registers =
        Registers { rip: 0xffff_ffff_8100_0000, halted: false, interrupts: true, user: false };
    const STOPPED: Registers = Registers { halted: true, interrupts: false, ..LOOPS };
    const IDLE: Registers = Registers { halted: true, ..LOOPS };

    /// The number of samples for CPUs in a constant state, and the result.
    fn looks(mut suspicion: Suspicion, start: Instant, processors: &[Registers]) -> (u32, Step, Duration) {
        for count in 1.. {
            let now = suspicion.deadline();
            assert_eq!(suspicion.due(now), Some(Step::Look));
            assert_eq!(suspicion.due(now), None, "the answer is waited for");
            if let Some(found) = suspicion.answer(now, processors) {
                return (count, found, now - start);
            }
        }
        unreachable!("it ends by itself")
    }

    #[test]
    fn a_panic_stays_where_it_is() {
        let now = Instant::now();
        let suspect = |plausible| Suspicion::new(now, plausible, INTERVAL);
        let processors = [LOOPS, STOPPED];
        assert_eq!(looks(suspect(true), now, &processors), (5, Step::Panicked, INTERVAL * 14));
        assert_eq!(looks(suspect(false), now, &processors), (50, Step::Panicked, INTERVAL * 59));
        let mut ended = suspect(true);
        ended.ended(now);
        assert_eq!(looks(ended, now, &processors), (5, Step::Panicked, INTERVAL * 4));
    }

    #[test]
    fn one_idle_processor_is_life() {
        let now = Instant::now();
        let found = looks(Suspicion::new(now, true, INTERVAL), now, &[LOOPS, IDLE]);
        assert_eq!((found.0, found.1), (1, Step::Alive));
    }

    #[test]
    fn output_begins_the_count_again() {
        let now = Instant::now();
        let mut suspicion = Suspicion::new(now, true, INTERVAL);
        for _ in 0..4 {
            assert_eq!(suspicion.answer(now, &[LOOPS]), None);
        }
        suspicion.output();
        assert_eq!(suspicion.answer(now, &[LOOPS]), None);
    }

    #[test]
    fn a_qemu_that_does_not_answer_is_not_waited_for() {
        let now = Instant::now();
        let mut suspicion = Suspicion::new(now, true, INTERVAL);
        suspicion.ended(now);
        assert_eq!(suspicion.due(now), Some(Step::Look));
        assert_eq!(suspicion.due(now + ANSWER_GRACE), Some(Step::Panicked));
    }
}
