// SPDX-License-Identifier: MIT OR Apache-2.0
//! Splits a boot log into the phases of the boot.
//!
//! A phase begins at a line that every boot of that kind prints. If a log does not have the line (another kernel, a panic
//! half-way), the phase is absent. No line is lost: the concatenated sections are the log.

use crate::{Line, Source};
use std::fmt;

/// The phases, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Firmware, boot loader, and the kernel up to its tables of memory and CPUs.
    Early,
    /// Memory and CPUs.
    Memory,
    /// Buses and drivers.
    Drivers,
    /// Init's start and the modules that it loads.
    Modules,
    /// Init: services, up to the start of the main program.
    Init,
    /// The main program.
    Session,
    /// From the main program's end.
    Shutdown,
}

/// What qos's init and agent write at the phases. The texts are those of `qos_protocol::mark`, which this crate does not
/// depend on, so that it has no dependencies; a test of `qos-bootdiff`, which depends on both, compares them.
pub mod mark {
    /// Init has done its own part; services are next.
    pub const READY: &str = "qos-init: ready";
    /// How the line begins after which the main program's output comes.
    pub const RUN: &str = "qos-agent: run ";
    /// The same in logs of earlier revisions, whose init found the main program itself.
    pub const RUN_BY_INIT: &str = "qos-init: run ";
    /// How the line begins that gives the main program's status.
    pub const STATUS: &str = "qos-init: status ";
    /// The beginning of init's line about the end of the machine.
    pub const END: &str = "qos-init: end: ";
}

impl Phase {
    /// All phases, in their order.
    pub const ALL: [Self; 7] =
        [Self::Early, Self::Memory, Self::Drivers, Self::Modules, Self::Init, Self::Session, Self::Shutdown];

    /// The name, as in file names and reports: one lower-case word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Early => "early",
            Self::Memory => "memory",
            Self::Drivers => "drivers",
            Self::Modules => "modules",
            Self::Init => "init",
            Self::Session => "session",
            Self::Shutdown => "shutdown",
        }
    }

    /// What happens in it, in a few words.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Early => "firmware and early boot",
            Self::Memory => "memory and CPUs",
            Self::Drivers => "buses and drivers",
            Self::Modules => "init's start and modules",
            Self::Init => "init and services",
            Self::Session => "the main program",
            Self::Shutdown => "from the main program's end",
        }
    }

    /// The phase that `line` is the first of, if it is one that a phase begins with. [`Phase::Session`] has no such
    /// line: it begins behind the one that [`ends_init`] knows.
    fn begun_by(line: &Line) -> Option<Self> {
        let message = line.message();
        let begins = |texts: &[&str]| texts.iter().any(|text| message.starts_with(text));
        // Until init runs, only the kernel writes, with time stamps or (printk.time=0) without.
        if begins(&["CPU topo:", "Zone ranges:", "smpboot: Allowing"]) {
            Some(Self::Memory)
        } else if begins(&["devtmpfs: initialized"]) {
            Some(Self::Drivers)
        } else if begins(&["Run "]) && message.ends_with(" as init process") {
            Some(Self::Modules)
        } else if line.source != Source::Kernel {
            // A program that prints a mark's text does not make one.
            None
        } else if message == mark::READY {
            Some(Self::Init)
        } else if begins(&[mark::STATUS, mark::END]) {
            // The second counts if the status stands behind a line that the main program did not end.
            Some(Self::Shutdown)
        } else {
            None
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Whether the main program's output follows `line`.
fn ends_init(line: &Line) -> bool {
    let message = line.message();
    line.source == Source::Kernel && [mark::RUN, mark::RUN_BY_INIT].iter().any(|run| message.starts_with(run))
}

/// The lines of one phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section<'a> {
    /// Which phase.
    pub phase: Phase,
    /// Its lines; never empty.
    pub lines: &'a [Line],
}

impl Section<'_> {
    /// The text for a snapshot: see [`text`].
    #[must_use]
    pub fn text(&self) -> String {
        text(self.lines)
    }
}

/// Cuts a log into its phases. One after the other they are `lines`; a phase that did not happen is left out.
#[must_use]
pub fn cut(lines: &[Line]) -> Vec<Section<'_>> {
    let phases = of_each(lines);
    phases
        .chunk_by(|one, next| one == next)
        .scan(0, |start, chunk| {
            let from = *start;
            *start += chunk.len();
            Some(Section { phase: chunk[0], lines: &lines[from..*start] })
        })
        .collect()
}

/// The phase of each line; it never goes back.
#[must_use]
pub fn of_each(lines: &[Line]) -> Vec<Phase> {
    let mut phase = Phase::Early;
    let mut session_next = false;
    lines
        .iter()
        .map(|line| {
            // A marker of an earlier phase is plain text here.
            let begun = Phase::begun_by(line).or(session_next.then_some(Phase::Session));
            phase = begun.map_or(phase, |begun| begun.max(phase));
            session_next = ends_init(line) && phase < Phase::Session;
            phase
        })
        .collect()
}

/// The messages of `lines` without time stamps, one a line, each with its end of line.
#[must_use]
pub fn text(lines: &[Line]) -> String {
    lines.iter().flat_map(|line| [line.message(), "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    /// `expect` has a line for each section: the phase, then the numbers of its first and last line.
    fn check(log: &str, expect: &[(Phase, usize, usize)]) {
        let lines = parse(log.as_bytes());
        let sections = cut(&lines);
        let mut at = 0;
        let got: Vec<(Phase, usize, usize)> = sections
            .iter()
            .map(|section| {
                let first = at + 1;
                at += section.lines.len();
                (section.phase, first, at)
            })
            .collect();
        assert_eq!(got, expect, "{log}");
        let joined: Vec<Line> = sections.iter().flat_map(|section| section.lines.to_vec()).collect();
        assert_eq!(joined, lines, "nothing is lost: {log}");
        let texts: String = sections.iter().map(Section::text).collect();
        assert_eq!(texts, text(&lines), "{log}");
    }

    /// A log of messages, each with a time stamp.
    fn kernel(messages: &[&str]) -> String {
        let line = |(at, text): (usize, &&str)| format!("[    0.{at:06}] {text}\n");
        messages.iter().enumerate().map(line).collect::<Vec<_>>().concat()
    }

    #[test]
    fn a_whole_boot() {
        use Phase::{Drivers, Early, Init, Memory, Modules, Session, Shutdown};
        let log = kernel(&[
            "Linux version 7.3.4",
            "CPU topo: Max. logical packages:   1",
            "Zone ranges:",
            "devtmpfs: initialized",
            "pci 0000:00:00.0",
            "Run /init as init process",
            "qos-init: started",
            "qos-init: ready",
            "qos-agent: run /bin/sh on /dev/ttyS0",
            "golden: the shell runs",
            "qos-init: status 0",
            "reboot: Power down",
        ]);
        let expect = [
            (Early, 1, 1),
            (Memory, 2, 3),
            (Drivers, 4, 5),
            (Modules, 6, 7),
            (Init, 8, 9),
            (Session, 10, 10),
            (Shutdown, 11, 12),
        ];
        check(&log, &expect);
        let firmware = format!("SeaBIOS\nBooting from ROM..{log}");
        let moved =
            expect.map(|(phase, from, to)| (phase, if phase == Early { 1 } else { from + 2 }, to + 2));
        check(&firmware, &moved);
    }

    #[test]
    fn a_phase_without_its_marker_is_not_there() {
        use Phase::{Drivers, Early, Init, Memory, Modules, Session, Shutdown};
        check("", &[]);
        check("SeaBIOS\n", &[(Early, 1, 1)]);
        check(&kernel(&["a", "Kernel panic - not syncing"]), &[(Early, 1, 2)]);
        check(&kernel(&["a", "smpboot: Allowing 1 CPUs", "b"]), &[(Early, 1, 1), (Memory, 2, 3)]);
        check(&kernel(&["a", "Zone ranges:", "CPU topo: x"]), &[(Early, 1, 1), (Memory, 2, 3)]);
        check(&kernel(&["a", "devtmpfs: initialized"]), &[(Early, 1, 1), (Drivers, 2, 2)]);
        check(
            &kernel(&["a", "Run /sbin/init as init process", "systemd[1]: x"]),
            &[(Early, 1, 1), (Modules, 2, 3)],
        );
        check(&kernel(&["qos-init: ready", "x"]), &[(Init, 1, 2)]);
        check(&kernel(&["qos-agent: run /bin/sh"]), &[(Early, 1, 1)]);
        check(&kernel(&["qos-agent: run /bin/sh", "x"]), &[(Early, 1, 1), (Session, 2, 2)]);
        check(&kernel(&["qos-init: run /bin/sh", "x"]), &[(Early, 1, 1), (Session, 2, 2)]);
        check(
            &kernel(&["qos-init: run /bin/true", "qos-init: status 0"]),
            &[(Early, 1, 1), (Shutdown, 2, 2)],
        );
        check(&kernel(&["a", "qos-init: end: power off"]), &[(Early, 1, 1), (Shutdown, 2, 2)]);
    }

    #[test]
    fn only_the_marker_itself_counts() {
        use Phase::{Early, Init, Memory, Session, Shutdown};
        // The session prints what looks like markers: its own output, and earlier phases' from dmesg.
        let log = kernel(&["qos-init: ready", "qos-init: run /bin/sh"])
            + "qos-init: status 3\nqos-init: ready\n[    0.000001] Zone ranges:\n[    0.000002] qos-init: run x\nx\n"
            + &kernel(&["qos-init: status 0", "Zone ranges:"]);
        check(&log, &[(Init, 1, 2), (Session, 3, 7), (Shutdown, 8, 9)]);
        check(&kernel(&["Run tests", "tests as init process"]), &[(Early, 1, 2)]);
        check(&kernel(&["qos-init: ready to go", "not Zone ranges:"]), &[(Early, 1, 2)]);
        check("Linux version 6\nZone ranges:\n", &[(Early, 1, 1), (Memory, 2, 2)]);
        check("[    0.1] x\nqos-init: ready\n", &[(Early, 1, 2)]);
    }

    #[test]
    fn text_has_no_time_stamps() {
        let lines = parse(b"[    0.000001] one\nplain\n[    0.000002]  indented\nend");
        assert_eq!(text(&lines), "one\nplain\n indented\nend\n");
    }

    #[test]
    fn names_are_stable() {
        let names: Vec<&str> = Phase::ALL.iter().map(|phase| phase.name()).collect();
        assert_eq!(names, ["early", "memory", "drivers", "modules", "init", "session", "shutdown"]);
        assert!(Phase::ALL.is_sorted());
        assert_eq!(format!("{:>8}", Phase::Init), "    init");
    }
}
