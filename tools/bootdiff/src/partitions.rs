// SPDX-License-Identifier: MIT OR Apache-2.0
//! Compares the partitions of two disks.

use crate::manifest::{Manifest, Partition};
use crate::report::{Amount, PartitionChange};
use crate::units::{Unit, thousands};
use qos_bootlog::escape::escape;
use std::collections::BTreeSet;

/// The partitions that differ, by name; `None` unless both have a manifest and one of them is a disk's.
pub(crate) fn changes(base: Option<&Manifest>, head: Option<&Manifest>) -> Option<Vec<PartitionChange>> {
    let (base, head) = (&base?.partitions, &head?.partitions);
    if base.is_empty() && head.is_empty() {
        return None;
    }
    let names: BTreeSet<&String> = base.iter().chain(head).map(|partition| &partition.name).collect();
    let find = |all: &[Partition], name: &String| all.iter().find(|one| one.name == *name).cloned();
    let both = names.into_iter().map(|name| (name, find(base, name), find(head, name)));
    let changed = both.filter(|(_, base, head)| base != head);
    Some(
        changed
            .map(|(name, base, head)| PartitionChange {
                name: name.clone(),
                differs: base
                    .as_ref()
                    .zip(head.as_ref())
                    .map(|(one, two)| differing(one, two))
                    .unwrap_or_default(),
                base,
                head,
            })
            .collect(),
    )
}

fn differing(base: &Partition, head: &Partition) -> Vec<&'static str> {
    let fields = [
        ("content", base.content != head.content),
        ("label", base.label != head.label),
        ("size", base.size != head.size),
        ("start", base.start != head.start),
        ("type", base.kind != head.kind),
        ("uuid", base.uuid != head.uuid),
        ("sha256", base.sha256 != head.sha256),
    ];
    fields.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}

/// The description of a partition's change, without its name.
pub(crate) fn details(change: &PartitionChange) -> String {
    let text = match (&change.base, &change.head) {
        (Some(one), None) | (None, Some(one)) => {
            format!("{}, {} bytes from byte {}", one.content, thousands(one.size), thousands(one.start))
        }
        (Some(base), Some(head)) => {
            let said = change.differs.iter().map(|what| difference(what, base, head));
            said.collect::<Vec<_>>().join("; ")
        }
        (None, None) => String::new(),
    };
    escape(text.as_bytes())
}

fn difference(what: &str, base: &Partition, head: &Partition) -> String {
    let arrow = |what: &str, base: &str, head: &str| format!("{what} {base} → {head}");
    let label = |partition: &Partition| partition.label.clone().unwrap_or_else(|| "none".to_owned());
    match what {
        "content" => arrow(what, &base.content, &head.content),
        "label" => arrow(what, &label(base), &label(head)),
        "size" => {
            let difference = Unit::Bytes.difference(&Amount::new("", Some(base.size), Some(head.size)));
            format!("{}, {difference}", arrow(what, &thousands(base.size), &thousands(head.size)))
        }
        "start" => arrow(what, &thousands(base.start), &thousands(head.start)),
        "type" => arrow(what, &base.kind, &head.kind),
        "uuid" => arrow(what, &base.uuid, &head.uuid),
        _ => {
            let short = |partition: &Partition| partition.sha256.chars().take(12).collect::<String>();
            arrow("content SHA-256", &short(base), &short(head))
        }
    }
}
