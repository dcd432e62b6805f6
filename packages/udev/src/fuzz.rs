// SPDX-License-Identifier: MIT OR Apache-2.0
//! Parsers of bytes from outside, for tools/fuzz.

use crate::device::Device;
use crate::engine::Processing;
use crate::record::Record;
use crate::rules::rule::Act;
use crate::rules::{Accounts, Rules};
use crate::system::{Mode, System};
use qos_uevent::Event;
use std::path::Path;

/// The root of a system that has no files: nothing that a rule reads is there.
const NOWHERE: &str = "/qos-fuzz-nowhere";

struct Nobody;

impl Accounts for Nobody {
    fn uid(&self, name: &str) -> Option<u32> {
        (name == "root").then_some(0)
    }

    fn gid(&self, name: &str) -> Option<u32> {
        (name == "root").then_some(0)
    }
}

/// Rules of any text are read, and applied to a device that has nothing in /sys. Programs are not run.
///
/// # Panics
/// When a rule is not of a line of the text, or a jump leads backwards.
pub fn rules(text: &str) {
    let mut rules = Rules::default();
    rules.add(Path::new("f"), text, &Nobody);
    let lines = text.lines().count();
    assert!(rules.rules.len() <= lines && rules.warnings.iter().all(|warning| warning.line <= lines));
    for (at, rule) in rules.rules.iter().enumerate() {
        assert!(rule.goto.is_none_or(|to| to > at && to < rules.rules.len()));
    }
    for rule in &mut rules.rules {
        rule.steps.retain(|step| !matches!(step.what, Act::Program(_) | Act::ImportProgram(_)));
    }
    let root = Path::new(NOWHERE);
    let system = System::new(root, Mode { debug: false, dry: true });
    let device = Device::of_event(root, &Event::parse(EVENT).expect("it is a packet of the kernel"));
    let mut processing = Processing::new(&system, "add", device);
    processing.apply(&rules);
    let record = &processing.device.record;
    assert!(record.current_tags.is_subset(&record.tags));
    for link in &record.links {
        assert!(
            !link.starts_with('/') && link.split('/').all(|part| !["", ".", ".."].contains(&part)),
            "{link:?}"
        );
    }
    let again = Record::parse(&record.text());
    assert_eq!(again.text(), record.text());
}

const EVENT: &[u8] =
    b"add@/devices/pci0/block/sda1\0ACTION=add\0DEVPATH=/devices/pci0/block/sda1\0SUBSYSTEM=block\0\
    DEVTYPE=partition\0MAJOR=8\0MINOR=1\0DEVNAME=sda1\0SEQNUM=5\0";

/// A record of any text is written as it is read.
///
/// # Panics
/// When it is not.
pub fn record(text: &str) {
    let record = Record::parse(text);
    let written = record.text();
    let again = Record::parse(&written);
    assert_eq!(again.text(), written);
}

/// A packet that is understood is the same after it was sent on.
///
/// # Panics
/// When it is not.
pub fn packet(bytes: &[u8]) {
    if let Ok(event) = Event::parse(bytes) {
        assert_eq!(Event::parse(&event.packet(["a"])), Ok(event.clone()));
        let device = Device::of_event(Path::new(NOWHERE), &event);
        assert!(device.id().is_none_or(|id| !id.is_empty()));
        let _ = device.all_properties();
    }
}
