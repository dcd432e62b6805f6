// SPDX-License-Identifier: MIT OR Apache-2.0
//! Makes a report of the results of two revisions.

use crate::help;
use crate::input::BootResult;
use crate::listing::{Entry, Listing};
use crate::manifest::Manifest;
use crate::partitions;
use crate::report::{
    Amount, FORMAT, FileChange, LineChange, LogChanges, OptionChange, Part, PartKind, PhaseChanges, Report,
    Side, Size, Span, UNPACKED, ValueChange,
};
use qos_bootlog::cost::Cost;
use qos_bootlog::diff::{self, Change, diff};
use qos_bootlog::escape::escape;
use qos_bootlog::phase::Phase;
use qos_bootlog::{Line, initcall, services};
use qos_kconfig::drift::Drift;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Compares two results. With `linux`, the kernel's source, changed options have their help texts.
///
/// # Errors
/// `linux` is not a kernel's source, or cannot be read.
pub fn compare(base: &BootResult, head: &BootResult, linux: Option<&Path>) -> Result<Report, String> {
    let costs = [base, head].map(|side| side.log.as_deref().map(Cost::of).unwrap_or_default());
    let (base_side, head_side) = (side(base, &costs[0]), side(head, &costs[1]));
    let log = base.log.as_ref().zip(head.log.as_ref()).map(|(base, head)| log_changes(base, head));
    let units = [base, head].map(|side| side.log.as_deref().map(services::of).unwrap_or_default());
    let services = log.is_some().then(|| crate::services::changes(&units[0], &units[1]));
    let both_have_initcalls = base.initcalls.is_some() && head.initcalls.is_some();
    let initcalls = both_have_initcalls.then(|| initcall_changes(&base_side.initcalls, &head_side.initcalls));
    let config = match (&base.config, &head.config) {
        (Some(base), Some(head)) => Some(option_changes(&Drift::between(base, head), linux)?),
        _ => None,
    };
    let files = base.listing.as_ref().zip(head.listing.as_ref()).map(|(base, head)| file_changes(base, head));
    let root = base.root.as_ref().zip(head.root.as_ref()).map(|(base, head)| file_changes(base, head));
    let partitions = partitions::changes(base.manifest.as_ref(), head.manifest.as_ref());
    let versions =
        base.manifest.as_ref().zip(head.manifest.as_ref()).map(|(base, head)| value_changes(base, head));
    let mut report = Report {
        format: FORMAT,
        changed: false,
        marks: marks(&costs),
        phases: phases(&costs),
        sizes: sizes(base, head),
        base: base_side,
        head: head_side,
        log,
        initcalls,
        services,
        config,
        files,
        partitions,
        root,
        versions,
    };
    report.changed = changed(&report);
    Ok(report)
}

fn changed(report: &Report) -> bool {
    fn any<T>(part: Option<&Vec<T>>) -> bool {
        part.is_some_and(|changes| !changes.is_empty())
    }
    report.base.failure != report.head.failure
        || report.base.phases.is_empty() != report.head.phases.is_empty()
        || report.log.as_ref().is_some_and(|log| !log.identical)
        || any(report.initcalls.as_ref())
        || any(report.services.as_ref())
        || any(report.config.as_ref())
        || any(report.files.as_ref())
        || any(report.partitions.as_ref())
        || any(report.root.as_ref())
        || any(report.versions.as_ref())
        || report.sizes.iter().any(|size| size.changed)
}

fn side(result: &BootResult, cost: &Cost) -> Side {
    let phases = cost.phases.iter().map(|phase| Span {
        name: phase.phase.name().to_owned(),
        start: Some(phase.start),
        instructions: phase.instructions,
    });
    let calls = result.initcalls.as_deref().map(initcall::of).unwrap_or_default();
    let initcalls = calls
        .into_iter()
        .map(|call| Span { name: call.name, start: call.start, instructions: call.instructions })
        .collect();
    let services = crate::services::of_report(&result.log.as_deref().map(services::of).unwrap_or_default());
    let listed = result.listing.iter().flat_map(|listing| &listing.files);
    let files = listed.filter(|(_, entry)| entry.mode.starts_with('-'));
    Side {
        name: result.name.clone(),
        failure: result.failure.clone(),
        phases: phases.collect(),
        initcalls,
        services,
        files: files.map(|(path, entry)| (path.clone(), entry.size.unwrap_or(0))).collect(),
    }
}

fn marks([base, head]: &[Cost; 2]) -> Vec<Amount> {
    let pairs = base.marks().into_iter().zip(head.marks());
    pairs.map(|((name, base), (_, head))| Amount::new(name, base, head)).collect()
}

fn phases([base, head]: &[Cost; 2]) -> Vec<Amount> {
    let amount = |phase: Phase| {
        let of = |cost: &Cost| cost.phase(phase).map(|cost| cost.instructions);
        Amount::new(phase.name(), of(base), of(head))
    };
    let there = |amount: &Amount| amount.base.is_some() || amount.head.is_some();
    Phase::ALL.into_iter().map(amount).filter(there).collect()
}

fn log_changes(base: &[Line], head: &[Line]) -> LogChanges {
    let changes = diff(base, head);
    let count = |is: fn(&Change) -> bool| changes.iter().filter(|change| is(change)).count();
    LogChanges {
        base_lines: base.len(),
        head_lines: head.len(),
        identical: base.iter().map(|line| &line.text).eq(head.iter().map(|line| &line.text)),
        added: count(|change| matches!(change, Change::Added { .. })),
        removed: count(|change| matches!(change, Change::Removed { .. })),
        moved: count(|change| matches!(change, Change::Moved { .. })),
        changed: count(|change| matches!(change, Change::Changed { .. })),
        phases: changes
            .chunk_by(|one, next| one.phase() == next.phase())
            .map(|changes| {
                let phase = changes[0].phase();
                PhaseChanges {
                    phase: phase.name().to_owned(),
                    title: phase.title().to_owned(),
                    lines: changes.iter().map(line_change).collect(),
                }
            })
            .collect(),
    }
}

fn line_change(change: &Change) -> LineChange {
    match change.clone() {
        Change::Added { to, text } => LineChange::Added { line: to.number, text },
        Change::Removed { from, text } => LineChange::Removed { line: from.number, text },
        Change::Moved { from, to, text } => LineChange::Moved {
            from: from.number,
            to: to.number,
            from_phase: (from.phase != to.phase).then(|| from.phase.name().to_owned()),
            text,
        },
        Change::Changed { from, to, before, after, parts, moved } => LineChange::Changed {
            from: from.number,
            to: to.number,
            before,
            after,
            parts: parts.into_iter().map(part).collect(),
            moved,
        },
    }
}

fn part(part: diff::Part) -> Part {
    let (kind, text) = match part {
        diff::Part::Same(text) => (PartKind::Same, text),
        diff::Part::Removed(text) => (PartKind::Removed, text),
        diff::Part::Added(text) => (PartKind::Added, text),
    };
    Part { kind, text }
}

fn initcall_changes(base: &[Span], head: &[Span]) -> Vec<Amount> {
    let mut both: BTreeMap<&str, [Option<u64>; 2]> = BTreeMap::new();
    for (side, calls) in [base, head].into_iter().enumerate() {
        for call in calls {
            both.entry(&call.name).or_default()[side] = Some(call.instructions);
        }
    }
    let mut changes: Vec<Amount> = both
        .into_iter()
        .map(|(name, [base, head])| Amount::new(name, base, head))
        .filter(Amount::changed)
        .collect();
    let weight = |amount: &Amount| amount.base.unwrap_or(0).abs_diff(amount.head.unwrap_or(0));
    // Stable: of equal differences the first by name.
    changes.sort_by_key(|amount| std::cmp::Reverse(weight(amount)));
    changes
}

fn option_changes(drift: &Drift, linux: Option<&Path>) -> Result<Vec<OptionChange>, String> {
    let symbols: BTreeSet<&str> = drift.changes.iter().map(|change| change.symbol.as_str()).collect();
    let mut helps = match linux {
        Some(linux) => help::first_lines(linux, &symbols)?,
        None => BTreeMap::new(),
    };
    let change = |change: &qos_kconfig::drift::Change| OptionChange {
        option: format!("CONFIG_{}", change.symbol),
        base: text(&change.before.to_string()),
        head: text(&change.after.to_string()),
        help: helps.remove(&change.symbol).map(|help| text(&help)),
    };
    Ok(drift.changes.iter().map(change).collect())
}

fn file_changes(base: &Listing, head: &Listing) -> Vec<FileChange> {
    let paths: BTreeSet<&String> = base.files.keys().chain(head.files.keys()).collect();
    paths
        .into_iter()
        .map(|path| (path, base.files.get(path), head.files.get(path)))
        .filter(|(_, base, head)| base != head)
        .map(|(path, base, head)| FileChange {
            path: path.clone(),
            base: base.cloned(),
            head: head.cloned(),
            differs: base.zip(head).map(|(base, head)| differing(base, head)).unwrap_or_default(),
        })
        .collect()
}

fn differing(base: &Entry, head: &Entry) -> Vec<&'static str> {
    let fields = [
        ("mode", base.mode != head.mode),
        ("owner", base.owner != head.owner),
        ("size", base.size != head.size),
        ("device", base.device != head.device),
        ("link", base.link != head.link),
        ("sha256", base.sha256 != head.sha256),
    ];
    fields.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}

/// Sizes that either revision has, the image's files by name first.
fn sizes(base: &BootResult, head: &BootResult) -> Vec<Size> {
    let manifests = [&base.manifest, &head.manifest];
    let names: BTreeSet<&String> =
        manifests.iter().filter_map(|manifest| manifest.as_ref()).flat_map(|m| m.files.keys()).collect();
    let both = manifests.iter().all(|manifest| manifest.is_some());
    let mut sizes: Vec<Size> = names
        .into_iter()
        .map(|name| {
            let [base, head] = manifests.map(|manifest| manifest.as_ref().and_then(|m| m.files.get(name)));
            let bytes = Amount::new(&text(name), base.map(|file| file.size), head.map(|file| file.size));
            Size { bytes, changed: both && base != head }
        })
        .collect();
    let [base, head] = [&base.listing, &head.listing];
    if base.is_some() || head.is_some() {
        let unpacked = |listing: &Option<Listing>| listing.as_ref().map(|listing| listing.unpacked);
        let bytes = Amount::new(UNPACKED, unpacked(base), unpacked(head));
        let changed = base.is_some() && head.is_some() && bytes.changed();
        sizes.push(Size { bytes, changed });
    }
    sizes
}

fn value_changes(base: &Manifest, head: &Manifest) -> Vec<ValueChange> {
    fn values(manifest: &Manifest) -> BTreeMap<(bool, &str), &str> {
        let versions =
            manifest.versions.iter().map(|(name, version)| ((true, name.as_str()), version.as_str()));
        let own = [("image", &manifest.name), ("cmdline", &manifest.cmdline)];
        versions.chain(own.into_iter().map(|(name, value)| ((false, name), value.as_str()))).collect()
    }
    let (base, head) = (values(base), values(head));
    let names: BTreeSet<&(bool, &str)> = base.keys().chain(head.keys()).collect();
    names
        .into_iter()
        .map(|key| (key.1, base.get(key), head.get(key)))
        .filter(|(_, base, head)| base != head)
        .map(|(name, base, head)| ValueChange {
            name: text(name),
            base: base.map(|value| text(value)),
            head: head.map(|value| text(value)),
        })
        .collect()
}

/// JSON, strings of a configuration and the kernel's source may hold characters that a terminal must not see.
fn text(value: &str) -> String {
    escape(value.as_bytes())
}
