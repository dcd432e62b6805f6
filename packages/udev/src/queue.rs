// SPDX-License-Identifier: MIT OR Apache-2.0
//! The events that wait, and their order: an event waits for all earlier ones of the same device, its parents and its children.

use qos_uevent::Event;
use std::collections::VecDeque;
use std::rc::Rc;

/// Events in the order of the kernel.
#[derive(Debug, Default)]
pub struct Queue {
    entries: VecDeque<Entry>,
    next: u64,
    running: usize,
}

#[derive(Debug)]
struct Entry {
    /// Number in this queue: not every event has one of the kernel.
    number: u64,
    event: Rc<Event>,
    running: bool,
}

impl Queue {
    /// Adds an event behind all others.
    pub fn push(&mut self, event: Event) {
        self.next += 1;
        self.entries.push_back(Entry { number: self.next, event: Rc::new(event), running: false });
    }

    /// Whether nothing waits and nothing runs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Number of the last event that was added.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.next
    }

    /// Whether an event up to that number is still there.
    #[must_use]
    pub fn has_up_to(&self, number: u64) -> bool {
        self.entries.front().is_some_and(|entry| entry.number <= number)
    }

    /// The first event that need not wait, with its number; it runs from now on.
    pub fn start(&mut self) -> Option<(u64, Rc<Event>)> {
        let is_blocked = |at: usize| {
            let entry = &self.entries[at];
            self.entries.iter().take(at).any(|earlier| blocks(&earlier.event, &entry.event))
        };
        let at = (0..self.entries.len()).find(|at| !self.entries[*at].running && !is_blocked(*at))?;
        let entry = &mut self.entries[at];
        entry.running = true;
        self.running += 1;
        Some((entry.number, Rc::clone(&entry.event)))
    }

    /// The event of that number is done.
    pub fn finish(&mut self, number: u64) {
        // It is nearly always the first; numbers are in order.
        if let Ok(at) = self.entries.binary_search_by_key(&number, |entry| entry.number)
            && self.entries.remove(at).is_some_and(|entry| entry.running)
        {
            self.running -= 1;
        }
    }

    /// How many events run.
    #[must_use]
    pub fn running(&self) -> usize {
        self.running
    }
}

/// Whether `later` waits for `earlier`.
fn blocks(earlier: &Event, later: &Event) -> bool {
    let same = |key: &str| {
        let value = |event: &Event| event.get(key).filter(|value| *value != "0").map(str::to_owned);
        value(earlier).is_some_and(|one| value(later) == Some(one))
    };
    // A number may have been another device's: block devices and others are counted apart.
    let node = same("MAJOR")
        && earlier.get("MINOR") == later.get("MINOR")
        && (earlier.get("SUBSYSTEM") == Some("block")) == (later.get("SUBSYSTEM") == Some("block"));
    let old = |one: &Event, other: &Event| {
        one.get("DEVPATH_OLD")
            .is_some_and(|old| is_same_or_below(old, &other.devpath) || is_same_or_below(&other.devpath, old))
    };
    node || same("IFINDEX")
        || is_same_or_below(&later.devpath, &earlier.devpath)
        || is_same_or_below(&earlier.devpath, &later.devpath)
        || old(earlier, later)
        || old(later, earlier)
}

fn is_same_or_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(devpath: &str, properties: &[(&str, &str)]) -> Event {
        let properties =
            properties.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Event { action: "add".into(), devpath: devpath.into(), seqnum: 0, properties }
    }

    /// Numbers of all events that can be started now.
    fn start_all(queue: &mut Queue) -> Vec<u64> {
        std::iter::from_fn(|| queue.start()).map(|(number, _)| number).collect()
    }

    #[test]
    fn a_child_waits_for_its_parent() {
        let mut queue = Queue::default();
        for path in ["/a", "/a/b", "/c", "/a/b/d", "/ab", "/a"] {
            queue.push(event(path, &[]));
        }
        assert_eq!(start_all(&mut queue), [1, 3, 5]);
        assert_eq!(queue.running(), 3);
        queue.finish(3);
        assert!(start_all(&mut queue).is_empty());
        queue.finish(1);
        assert_eq!(start_all(&mut queue), [2]);
        queue.finish(2);
        assert_eq!(start_all(&mut queue), [4]);
        assert!(queue.has_up_to(4) && !queue.has_up_to(3));
        queue.finish(4);
        assert_eq!(start_all(&mut queue), [6]);
        queue.finish(5);
        queue.finish(6);
        assert!(queue.is_empty() && queue.last() == 6);
    }

    #[test]
    fn the_same_number_waits() {
        let mut queue = Queue::default();
        queue.push(event("/a", &[("MAJOR", "8"), ("MINOR", "1"), ("SUBSYSTEM", "block")]));
        queue.push(event("/b", &[("MAJOR", "8"), ("MINOR", "1"), ("SUBSYSTEM", "block")]));
        queue.push(event("/c", &[("MAJOR", "8"), ("MINOR", "1"), ("SUBSYSTEM", "tty")]));
        queue.push(event("/d", &[("IFINDEX", "2")]));
        queue.push(event("/e", &[("IFINDEX", "2")]));
        queue.push(event("/f", &[("DEVPATH_OLD", "/d")]));
        assert_eq!(start_all(&mut queue), [1, 3, 4]);
    }
}
