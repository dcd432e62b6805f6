// SPDX-License-Identifier: MIT OR Apache-2.0
//! The report as data. The keys of its JSON are the names of the fields.
//!
//! Costs are instructions (1 ns of the guest's clock, see `qos_bootlog::cost`), sizes are bytes, line numbers count
//! from 1 in the whole log. `null` stands for a value that a revision does not have. A part that cannot be
//! compared, because one of the two lacks its input, is `null` as a whole.

use crate::listing::Entry;
use crate::manifest::Partition;
use qos_bootlog::services::State;
use serde::Serialize;
use std::collections::BTreeMap;

/// The number in [`Report::format`]; it is increased when a field is removed or changes its meaning.
pub const FORMAT: u32 = 1;

/// The name in [`Report::sizes`] for a size that is not a file's: the initramfs without compression.
pub const UNPACKED: &str = "initramfs, unpacked";

/// What changed from one revision to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// [`FORMAT`].
    pub format: u32,
    /// Whether anything at all changed: the exit status.
    pub changed: bool,
    /// The revision that was compared with.
    pub base: Side,
    /// The revision in question.
    pub head: Side,
    /// The boot log.
    pub log: Option<LogChanges>,
    /// Cost up to each mark, those that did not change included.
    pub marks: Vec<Amount>,
    /// Cost of each phase, those that did not change included.
    pub phases: Vec<Amount>,
    /// Initcalls whose cost changed, and those that only one revision has; the largest difference first.
    pub initcalls: Option<Vec<Amount>>,
    /// Units of the manager of services that changed, those that fail now first; empty if no boot has such a manager.
    pub services: Option<Vec<ServiceChange>>,
    /// Options of the kernel's configuration, by name.
    pub config: Option<Vec<OptionChange>>,
    /// Entries of the initramfs, by path.
    pub files: Option<Vec<FileChange>>,
    /// Partitions of a disk, by name. Not there if neither is a disk, or one of them has no manifest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partitions: Option<Vec<PartitionChange>>,
    /// Entries of the root file system of a disk, by path. Not there unless both are disks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<Vec<FileChange>>,
    /// Bytes of the image's files and of the initramfs without compression, those that did not change included.
    pub sizes: Vec<Size>,
    /// The image's name, command line and versions where they changed.
    pub versions: Option<Vec<ValueChange>>,
}

/// One of the two revisions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Side {
    /// What it is called.
    pub name: String,
    /// Why it did not build or boot: lines of text.
    pub failure: Option<String>,
    /// The phases of its golden boot.
    pub phases: Vec<Span>,
    /// The initcalls of its boot with `initcall_debug`, in the order in which they returned. That boot prints more, so
    /// that its costs are not parts of the golden boot's.
    pub initcalls: Vec<Span>,
    /// The units that its manager of services started, in the order in which their starts ended.
    pub services: Vec<Service>,
    /// Bytes of each regular file of its initramfs, by path. JSON has the entries that changed only.
    #[serde(skip)]
    pub files: BTreeMap<String, u64>,
}

/// A unit of the manager of services: a service, a target, a mount and so on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// What became of it before the end of the system: `started`, `ended`, `failed`, `not started`, or `starting` if its start
    /// did not end.
    pub state: &'static str,
    /// Why it failed or was not started.
    pub reason: Option<String>,
    /// Instructions from the kernel's first line to the beginning of its start; `null` if its start takes no time.
    pub start: Option<u64>,
    /// Instructions from the kernel's first line to the end of its start.
    pub end: Option<u64>,
    /// Instructions that its start took.
    pub instructions: Option<u64>,
    /// How often it was started.
    pub starts: usize,
}

impl Service {
    /// Whether it failed.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.state == State::Failed.name()
    }

    /// What became of it, in words: `failed (exit-code)`; a target is reached.
    #[must_use]
    pub fn outcome(&self) -> String {
        let state = match self.state {
            "started" if self.name.ends_with(".target") => "reached",
            state => state,
        };
        self.reason.as_ref().map_or_else(|| state.to_owned(), |reason| format!("{state} ({reason})"))
    }
}

/// A unit of the manager of services that is not the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ServiceChange {
    /// Its name.
    pub name: String,
    /// The unit in the base.
    pub base: Option<Service>,
    /// The unit in the head.
    pub head: Option<Service>,
    /// If both have it, what differs: of `state`, `reason`, `starts`, `order`, `time` (of its start, by 100,000 instructions or more).
    pub differs: Vec<&'static str>,
    /// If the order differs: the unit after which it started in the base and in the head.
    pub after: Option<[Option<String>; 2]>,
}

impl ServiceChange {
    /// Whether the head's unit has failed, and the base's had not.
    #[must_use]
    pub fn fails_now(&self) -> bool {
        let failed = |service: &Option<Service>| service.as_ref().is_some_and(Service::has_failed);
        failed(&self.head) && !failed(&self.base)
    }
}

/// A part of a boot's time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Span {
    /// Name of the phase or initcall.
    pub name: String,
    /// Instructions from the kernel's first line to its beginning.
    pub start: Option<u64>,
    /// Instructions that it takes.
    pub instructions: u64,
}

/// An amount in both revisions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Amount {
    /// What it is of.
    pub name: String,
    /// In the base.
    pub base: Option<u64>,
    /// In the head.
    pub head: Option<u64>,
    /// Head less base; `null` unless both have it.
    pub difference: Option<i64>,
}

impl Amount {
    /// The amounts of something, with their difference.
    #[must_use]
    pub fn new(name: &str, base: Option<u64>, head: Option<u64>) -> Self {
        let difference = base.zip(head).map(|(base, head)| {
            let size = i64::try_from(head.abs_diff(base)).unwrap_or(i64::MAX);
            if head < base { -size } else { size }
        });
        Self { name: name.to_owned(), base, head, difference }
    }

    /// Whether the two differ.
    #[must_use]
    pub fn changed(&self) -> bool {
        self.base != self.head
    }
}

/// What changed in the boot log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogChanges {
    /// Lines in the base's log.
    pub base_lines: usize,
    /// Lines in the head's log.
    pub head_lines: usize,
    /// Whether the logs are the same with their time stamps.
    pub identical: bool,
    /// How many lines were added.
    pub added: usize,
    /// How many lines were removed.
    pub removed: usize,
    /// How many lines moved without a change.
    pub moved: usize,
    /// How many lines changed, moved or not.
    pub changed: usize,
    /// The phases in which lines changed, in order.
    pub phases: Vec<PhaseChanges>,
}

/// What changed in one phase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PhaseChanges {
    /// The phase: `early`, `memory`, `drivers`, `modules`, `init`, `session` or `shutdown`.
    pub phase: String,
    /// What happens in it, in words.
    pub title: String,
    /// The changes, in order.
    pub lines: Vec<LineChange>,
}

/// The change of a line; `kind` is its variant. Texts have no time stamps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum LineChange {
    /// Only the head has it.
    Added {
        /// Its number in the head.
        line: usize,
        /// The line.
        text: String,
    },
    /// Only the base has it.
    Removed {
        /// Its number in the base.
        line: usize,
        /// The line.
        text: String,
    },
    /// Both have it, at different places.
    Moved {
        /// Its number in the base.
        from: usize,
        /// Its number in the head.
        to: usize,
        /// Its phase in the base, if that is another.
        from_phase: Option<String>,
        /// The line.
        text: String,
    },
    /// The head has a similar one.
    Changed {
        /// Its number in the base.
        from: usize,
        /// Its number in the head.
        to: usize,
        /// The line in the base.
        before: String,
        /// The line in the head.
        after: String,
        /// The difference, word by word.
        parts: Vec<Part>,
        /// Whether it is also at another place among the others.
        moved: bool,
    },
}

/// A piece of a changed line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Which of the two lines has it.
    pub kind: PartKind,
    /// The piece.
    pub text: String,
}

/// Which line has a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PartKind {
    /// Both.
    Same,
    /// The one before.
    Removed,
    /// The one after.
    Added,
}

/// An option of the kernel's configuration with another value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OptionChange {
    /// Its name, with `CONFIG_`.
    pub option: String,
    /// The value in the base as `.config` has it; `n` if it is off.
    pub base: String,
    /// The value in the head.
    pub head: String,
    /// The first line of its help text (or its prompt), if the kernel's source was there to look.
    pub help: Option<String>,
}

/// An entry of the initramfs, or of the root file system of a disk, that is not the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileChange {
    /// Its path.
    pub path: String,
    /// The entry in the base.
    pub base: Option<Entry>,
    /// The entry in the head.
    pub head: Option<Entry>,
    /// If both have it, what differs: of `mode`, `owner`, `size`, `device`, `link`, `sha256`.
    pub differs: Vec<&'static str>,
}

/// A partition of a disk that is not the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PartitionChange {
    /// Its name.
    pub name: String,
    /// The partition in the base.
    pub base: Option<Partition>,
    /// The partition in the head.
    pub head: Option<Partition>,
    /// If both have it, what differs: of `content`, `label`, `size`, `start`, `type`, `uuid`, `sha256`.
    pub differs: Vec<&'static str>,
}

/// The size of a file of the image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Size {
    /// Bytes.
    #[serde(flatten)]
    pub bytes: Amount,
    /// Whether size or content changed.
    pub changed: bool,
}

/// A text that changed, or that only one has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ValueChange {
    /// The name: `image`, `cmdline`, or the component of a version.
    pub name: String,
    /// In the base.
    pub base: Option<String>,
    /// In the head.
    pub head: Option<String>,
}
