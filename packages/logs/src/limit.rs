// SPDX-License-Identifier: MIT OR Apache-2.0
//! Limits the rate of messages: so many of a sender in an interval, and one of logd about the same matter. Pure.

use std::collections::BTreeMap;
use std::fmt;

/// Whose messages are counted together. Nothing in it is the choice of an ordinary user.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sender {
    /// A unit.
    Unit(String),
    /// A program of root outside units.
    Program(String),
    /// All programs of another user outside units: a program can change its name.
    User(u32),
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Sender::Unit(name) | Sender::Program(name) => f.write_str(name),
            Sender::User(uid) => write!(f, "user {uid}"),
        }
    }
}

impl Sender {
    /// The sender of a message: its unit, its user, and the name of its program, empty if it is not known.
    #[must_use]
    pub fn new(unit: Option<&str>, uid: u32, program: &[u8]) -> Self {
        match unit {
            Some(unit) => Sender::Unit(unit.to_owned()),
            None if uid == 0 && !program.is_empty() => {
                Sender::Program(String::from_utf8_lossy(program).into_owned())
            }
            None => Sender::User(uid),
        }
    }
}

/// Senders that are counted at a time.
const SENDERS: usize = 1024;

/// How many messages a sender may have in an interval.
pub struct Limiter {
    /// Length of an interval in microseconds.
    interval: u64,
    /// Messages in it; 0: no limit.
    burst: u32,
    windows: BTreeMap<Sender, Window>,
}

struct Window {
    start: u64,
    count: u32,
    dropped: u64,
}

impl Limiter {
    /// A limit of `burst` messages (0: none) in `interval` microseconds.
    pub fn new(interval: u64, burst: u32) -> Self {
        Limiter { interval, burst, windows: BTreeMap::new() }
    }

    /// Whether the message of `sender` at `now` (microseconds) is to be kept.
    pub fn admits(&mut self, sender: &Sender, now: u64) -> bool {
        if self.burst == 0 {
            return true;
        }
        let burst = self.burst;
        if let Some(window) = self.windows.get_mut(sender) {
            // What was dropped is told first, by `ended`.
            if now.saturating_sub(window.start) >= self.interval && window.dropped == 0 {
                *window = Window { start: now, count: 0, dropped: 0 };
            }
            let admitted = window.count < burst;
            if admitted {
                window.count += 1
            } else {
                window.dropped += 1
            }
            return admitted;
        }
        if self.windows.len() >= SENDERS {
            let (interval, full) = (self.interval, self.windows.len());
            self.windows
                .retain(|_, window| window.dropped > 0 || now.saturating_sub(window.start) < interval);
            if self.windows.len() == full {
                // More senders than are counted: the one with the oldest interval begins anew.
                let oldest = self.windows.iter().filter(|(_, window)| window.dropped == 0);
                let oldest = oldest.min_by_key(|(_, window)| window.start).map(|(sender, _)| sender.clone());
                match oldest {
                    Some(sender) => drop(self.windows.remove(&sender)),
                    None => return false,
                }
            }
        }
        self.windows.insert(sender.clone(), Window { start: now, count: 1, dropped: 0 });
        true
    }

    /// Senders whose interval has ended at `now` and that lost messages in it, with how many: each is told once.
    pub fn ended(&mut self, now: u64) -> Vec<(Sender, u64)> {
        let interval = self.interval;
        let mut ended = Vec::new();
        self.windows.retain(|sender, window| {
            let is_over = window.dropped > 0 && now.saturating_sub(window.start) >= interval;
            if is_over {
                ended.push((sender.clone(), window.dropped));
            }
            !is_over
        });
        ended
    }

    /// When the next interval ends in which messages were lost, in microseconds.
    pub fn next_end(&self) -> Option<u64> {
        let lost = self.windows.values().filter(|window| window.dropped > 0);
        lost.map(|window| window.start.saturating_add(self.interval)).min()
    }
}

/// How long logd does not repeat a line about what others do, in microseconds.
const REPEATED: u64 = 30_000_000;

/// Such lines that are remembered at a time.
const LINES: usize = 256;

/// Lines of logd that others can cause as often as they like.
#[derive(Default)]
pub struct Seldom {
    said: BTreeMap<String, u64>,
}

impl Seldom {
    /// Whether `line` is to be said at `now` (microseconds).
    pub fn admits(&mut self, line: &str, now: u64) -> bool {
        self.said.retain(|_, said| now.saturating_sub(*said) < REPEATED);
        let admitted = self.said.len() < LINES && !self.said.contains_key(line);
        if admitted {
            self.said.insert(line.to_owned(), now);
        }
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_not_repeated() {
        let mut seldom = Seldom::default();
        for (line, now, expect) in [
            ("a", 0, true),
            ("a", 1, false),
            ("b", 1, true),
            ("a", REPEATED - 1, false),
            ("a", REPEATED, true),
            ("b", REPEATED, false),
        ] {
            assert_eq!(seldom.admits(line, now), expect, "{line} {now}");
        }
        let admitted = (0..1000).filter(|number| seldom.admits(&number.to_string(), REPEATED)).count();
        assert_eq!((admitted, seldom.said.len()), (LINES - 2, LINES));
        assert!(seldom.admits("a", 2 * REPEATED));
    }

    #[test]
    fn senders() {
        for (unit, uid, program, expect) in [
            (Some("a.service"), 0, "a", "a.service"),
            (Some("session-1.scope"), 1000, "a", "session-1.scope"),
            (None, 0, "cron", "cron"),
            (None, 0, "", "user 0"),
            // However the program calls itself.
            (None, 1000, "cron", "user 1000"),
            (None, 1000, "", "user 1000"),
        ] {
            assert_eq!(Sender::new(unit, uid, program.as_bytes()).to_string(), expect);
        }
        // A program with the name of a unit is none.
        assert_ne!(Sender::new(Some("a.service"), 0, b""), Sender::new(None, 0, b"a.service"));
        let mut limiter = Limiter::new(10, 2);
        let admitted = (0..4).filter(|n| limiter.admits(&Sender::new(None, 7, &[b'a' + n]), 0)).count();
        assert!(admitted == 2 && limiter.admits(&Sender::new(None, 0, b"a"), 0));
    }

    #[test]
    fn bursts() {
        let [a, b] = ["a", "b"].map(|name| Sender::new(Some(name), 0, b""));
        let mut limiter = Limiter::new(10, 2);
        let admitted: Vec<bool> = (0..4).map(|now| limiter.admits(&a, now)).collect();
        assert_eq!(admitted, [true, true, false, false]);
        // Another sender is not concerned.
        assert!(limiter.admits(&b, 3));
        assert_eq!((limiter.next_end(), limiter.ended(9)), (Some(10), vec![]));
        assert_eq!(limiter.ended(10), [(a.clone(), 2)]);
        assert_eq!((limiter.next_end(), limiter.ended(11)), (None, vec![]));
        assert!(limiter.admits(&a, 10) && limiter.admits(&b, 20));
    }

    #[test]
    fn no_limit_and_many_senders() {
        let mut limiter = Limiter::new(10, 0);
        assert!((0..100).all(|_| limiter.admits(&Sender::User(1), 0)) && limiter.windows.is_empty());
        let mut limiter = Limiter::new(10, 1);
        assert!((0..3000).all(|n| limiter.admits(&Sender::User(n), 0)));
        assert_eq!(limiter.windows.len(), SENDERS);
        // An interval that ends makes room for all at once.
        assert!(limiter.admits(&Sender::User(9999), 10));
        assert_eq!(limiter.windows.len(), 1);
    }
}
