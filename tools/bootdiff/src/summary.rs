// SPDX-License-Identifier: MIT OR Apache-2.0
//! The texts of a report that all formats for people share.

use crate::listing::Entry;
use crate::partitions;
use crate::report::{Amount, FileChange, LogChanges, PartitionChange, Report, Side, UNPACKED};
use crate::services;
use crate::units::{NONE, SLIGHT, Unit, count, thousands};
use qos_bootlog::escape::escape;

/// How many initcalls a report shows; JSON has all.
pub(crate) const TOP: usize = 10;

/// A row of numbers: what, base, head, difference.
pub(crate) type Row = [String; 4];

/// What a reviewer looks at first: marks of the boot, and sizes of kernel and initramfs.
pub(crate) fn numbers(report: &Report) -> Vec<Row> {
    // In comparison with a revision without any boot, nothing is removed or added.
    let compared = |mut row: Row, both: bool| {
        if !both {
            row[3] = NONE.to_owned();
        }
        row
    };
    let both = has_costs(report);
    let marks = report.marks.iter().filter(|mark| mark.base.is_some() || mark.head.is_some());
    let marks = marks
        .map(|mark| compared(row(&format!("instructions {}", mark.name), mark, Unit::Instructions), both));
    let both = report.versions.is_some();
    let main = |name: &str| matches!(name, "bzImage" | "disk.raw") || name.starts_with("initramfs");
    let sizes = report.sizes.iter().map(|size| &size.bytes).filter(|bytes| main(&bytes.name));
    let sizes =
        sizes.map(|bytes| compared(row(&format!("bytes of {}", bytes.name), bytes, Unit::Bytes), both));
    marks.chain(sizes).collect()
}

/// Whether both revisions have a boot whose cost is known.
pub(crate) fn has_costs(report: &Report) -> bool {
    !report.base.phases.is_empty() && !report.head.phases.is_empty()
}

/// The rows of the phases' costs; none if there is nothing to compare or all are the same.
pub(crate) fn phase_rows(report: &Report) -> Vec<Row> {
    if !has_costs(report) || !report.phases.iter().any(Amount::changed) {
        return Vec::new();
    }
    report.phases.iter().map(|phase| row(&phase.name, phase, Unit::Instructions)).collect()
}

/// The row for an amount.
pub(crate) fn row(name: &str, amount: &Amount, unit: Unit) -> Row {
    [name.to_owned(), unit.show(amount.base), unit.show(amount.head), unit.difference(amount)]
}

/// The row of a file of the image: a content that changed may have kept its size.
pub(crate) fn size_row(size: &crate::report::Size) -> Row {
    let mut row = row(&size.bytes.name, &size.bytes, Unit::Bytes);
    if size.changed && !size.bytes.changed() {
        row[3] = "other content".to_owned();
    }
    row
}

/// The change of a part of the result.
pub(crate) enum State {
    Same,
    Changed(String),
    /// Not both revisions have it.
    NotCompared,
}

impl State {
    fn of(change: Option<String>) -> Self {
        change.map_or(Self::Same, Self::Changed)
    }

    /// A few words.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Same => "same",
            Self::Changed(what) => what,
            Self::NotCompared => "not compared",
        }
    }
}

/// Each part of the result, and its change.
pub(crate) fn parts(report: &Report) -> Vec<(&'static str, State)> {
    let list = |changes: Option<usize>, what: &str| match changes {
        None => State::NotCompared,
        Some(number) => State::of((number > 0).then(|| count(number, what))),
    };
    let images = report.sizes.iter().filter(|size| size.changed && size.bytes.name != UNPACKED).count();
    let services = report.services.as_ref().filter(|_| services::are_there(report));
    let mut parts = vec![
        ("boot log", report.log.as_ref().map_or(State::NotCompared, |changes| State::of(log(changes)))),
        (
            "initcalls",
            report.initcalls.as_ref().map_or(State::NotCompared, |changes| State::of(initcalls(changes))),
        ),
        ("kernel configuration", list(report.config.as_ref().map(Vec::len), "option")),
        ("initramfs", report.files.as_ref().map_or(State::NotCompared, |changes| State::of(files(changes)))),
        ("image files", list(report.versions.is_some().then_some(images), "file")),
        ("versions and command line", list(report.versions.as_ref().map(Vec::len), "value")),
    ];
    let of_disk = [
        ("partitions", report.partitions.as_ref().map(|changes| list(Some(changes.len()), "partition"))),
        ("root file system", report.root.as_ref().map(|changes| State::of(files(changes)))),
    ];
    // They come before the files of the image. An image has none.
    let at = parts.len() - 2;
    for (name, state) in of_disk.into_iter().rev() {
        if let Some(state) = state {
            parts.insert(at, (name, state));
        }
    }
    // An image without a manager of services has no row for them.
    if let Some(changes) = services {
        let changed = (!changes.is_empty()).then(|| listed(&services::counts(changes)));
        parts.insert(1, ("services", State::of(changed)));
    }
    parts
}

fn log(log: &LogChanges) -> Option<String> {
    let counts =
        [(log.added, "added"), (log.removed, "removed"), (log.moved, "moved"), (log.changed, "changed")];
    let lines = listed(&counts);
    match (lines.is_empty(), log.identical) {
        (_, true) => None,
        (true, false) => Some("the same lines at other times".to_owned()),
        (false, _) => Some(format!("lines: {lines}")),
    }
}

fn initcalls(changes: &[Amount]) -> Option<String> {
    let (notable, slight) = by_weight(changes);
    let count = |is: fn(&Amount) -> bool| notable.iter().filter(|amount| is(amount)).count();
    let counts = [
        (count(|amount| amount.difference.is_some_and(|d| d > 0)), "cost more"),
        (count(|amount| amount.difference.is_some_and(|d| d < 0)), "cost less"),
        (count(|amount| amount.base.is_none()), "new"),
        (count(|amount| amount.head.is_none()), "gone"),
        (slight, SLIGHTLY),
    ];
    (!changes.is_empty()).then(|| listed(&counts))
}

const SLIGHTLY: &str = "changed by less than 0.1 M";

/// The initcalls that are worth a row of a report, and how many are not.
fn by_weight(changes: &[Amount]) -> (Vec<&Amount>, usize) {
    let is_slight = |amount: &&Amount| amount.difference.is_some_and(|d| d.unsigned_abs() < SLIGHT);
    let (slight, notable): (Vec<&Amount>, Vec<&Amount>) = changes.iter().partition(is_slight);
    (notable, slight.len())
}

/// The rows of the initcalls with the largest differences, and a line about the remaining ones.
pub(crate) fn initcall_rows(report: &Report) -> (Vec<Row>, Option<String>) {
    let (notable, slight) = by_weight(report.initcalls.as_deref().unwrap_or_default());
    let rows: Vec<Row> =
        notable.iter().take(TOP).map(|call| row(&call.name, call, Unit::Instructions)).collect();
    let others = listed(&[(notable.len().saturating_sub(TOP), "more"), (slight, SLIGHTLY)]);
    let and = if rows.is_empty() { "" } else { "and " };
    (rows, (!others.is_empty()).then(|| format!("{and}{others}")))
}

fn files(changes: &[FileChange]) -> Option<String> {
    let count = |is: fn(&FileChange) -> bool| changes.iter().filter(|change| is(change)).count();
    let counts = [
        (count(|change| change.base.is_none()), "added"),
        (count(|change| change.head.is_none()), "removed"),
        (count(|change| change.base.is_some() && change.head.is_some()), "changed"),
    ];
    (!changes.is_empty()).then(|| format!("files: {}", listed(&counts)))
}

/// `1 added, 2 changed`.
fn listed(counts: &[(usize, &str)]) -> String {
    let there = counts.iter().filter(|(number, _)| *number > 0);
    there.map(|(number, what)| format!("{} {what}", thousands(*number as u64))).collect::<Vec<_>>().join(", ")
}

/// The revisions that have no boot to compare.
pub(crate) fn failures(report: &Report) -> impl Iterator<Item = (&Side, &str)> {
    [&report.base, &report.head].into_iter().filter_map(|side| Some((side, side.failure.as_deref()?)))
}

/// One sentence over all.
pub(crate) fn verdict(report: &Report) -> String {
    let is_changed = |(name, state)| matches!(state, State::Changed(_)).then_some(name);
    let changed: Vec<&str> = parts(report).into_iter().filter_map(is_changed).collect();
    let what = match (report.base.failure.is_some(), report.head.failure.is_some()) {
        (true, true) => "Neither revision built and booted. ",
        (true, false) => "The base did not build or boot. ",
        (false, true) => "The head did not build or boot. ",
        (false, false) => "",
    };
    let failing = services::failing(report);
    let what = match failing.as_slice() {
        [] => what.to_owned(),
        [one] => format!("{what}{one} fails. "),
        [one, others @ ..] => format!("{what}{one} and {} fail. ", count(others.len(), "other unit")),
    };
    match changed.as_slice() {
        [] if !report.changed => format!("{what}Nothing changed."),
        [] => what.trim_end().to_owned(),
        changed => format!("{what}Changed: {}.", changed.join(", ")),
    }
}

/// The change of a file or partition in words.
pub(crate) struct Said {
    /// `+`, `-` or `~`.
    pub sign: char,
    /// Its path or name.
    pub name: String,
    /// The description of the change.
    pub details: String,
}

impl Said {
    fn new(name: String, details: String, is_in: [bool; 2]) -> Self {
        let sign = match is_in {
            [false, _] => '+',
            [_, false] => '-',
            _ => '~',
        };
        Self { sign, name, details }
    }
}

/// The title and the changes of each list of files, then of partitions, in the order of a report. A list can be empty.
pub(crate) fn changes(report: &Report) -> [(&'static str, Vec<Said>); 3] {
    let files = |changes: &Option<Vec<FileChange>>| -> Vec<Said> {
        let said = |change: &FileChange| {
            Said::new(
                change.path.clone(),
                file_details(change),
                [change.base.is_some(), change.head.is_some()],
            )
        };
        changes.iter().flatten().map(said).collect()
    };
    let partition = |change: &PartitionChange| {
        let is_in = [change.base.is_some(), change.head.is_some()];
        Said::new(escape(change.name.as_bytes()), partitions::details(change), is_in)
    };
    [
        ("Initramfs", files(&report.files)),
        ("Partitions", report.partitions.iter().flatten().map(partition).collect()),
        ("Root file system", files(&report.root)),
    ]
}

/// The description of a file's change, without its path.
fn file_details(change: &FileChange) -> String {
    match (&change.base, &change.head) {
        (Some(entry), None) | (None, Some(entry)) => whole(entry),
        (Some(base), Some(head)) => differences(&change.differs, base, head),
        (None, None) => String::new(),
    }
}

/// `-rwxr-xr-x 0:0 1 234 bytes`.
fn whole(entry: &Entry) -> String {
    let size = match (&entry.device, entry.size) {
        (Some(device), _) => format!("device {device}"),
        (None, Some(size)) => format!("{} bytes", thousands(size)),
        (None, None) => String::new(),
    };
    let link = entry.link.as_ref().map(|link| format!(", {link}")).unwrap_or_default();
    format!("{} {}, {size}{link}", entry.mode, entry.owner)
}

fn differences(differs: &[&str], base: &Entry, head: &Entry) -> String {
    let either = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
    let target = |link: &Option<String>| either(link).trim_start_matches("-> ").to_owned();
    let arrow = |what: &str, base: String, head: String| format!("{what} {base} → {head}");
    let text = |differs: &str| match differs {
        "mode" => Some(arrow("mode", base.mode.clone(), head.mode.clone())),
        "owner" => Some(arrow("owner", base.owner.clone(), head.owner.clone())),
        "device" => Some(arrow("device", either(&base.device), either(&head.device))),
        "link" => Some(arrow("link", target(&base.link), target(&head.link))),
        // The mode shows a size in place of a device number.
        "size" => base.size.zip(head.size).map(|(old, new)| {
            let difference = Unit::Bytes.difference(&Amount::new("", Some(old), Some(new)));
            format!("size {} → {}, {difference}", thousands(old), thousands(new))
        }),
        // Another size or link is another content.
        "sha256" if base.size == head.size && base.link == head.link => {
            let short = |hash: &Option<String>| either(hash).chars().take(12).collect::<String>();
            Some(arrow("content SHA-256", short(&base.sha256), short(&head.sha256)))
        }
        _ => None,
    };
    let size_of_link =
        |what: &str| what == "size" && base.link != head.link && base.link.is_some() && head.link.is_some();
    let said: Vec<String> =
        differs.iter().filter(|what| !size_of_link(what)).filter_map(|what| text(what)).collect();
    said.join("; ")
}
