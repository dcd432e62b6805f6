// SPDX-License-Identifier: MIT OR Apache-2.0
//! The limits of `[max-cost]` in the manifest of an image or disk: instructions of the golden boot, and memory.

use crate::boot::{Boot, boot, boot_from};
use crate::built::bytes_of;
use crate::environment::Environment;
use qos_bootlog::budget::{self, Budget, Mark};
use qos_bootlog::reference::Reference;
use qos_bootlog::{cost, initcall, parse};
use qos_manifest::{Budgets, CostLimit, Placed};
use std::path::Path;

/// An image or a disk with budgets.
pub struct Budgeted {
    manifest: String,
    budgets: Budgets,
    /// The variable that names the directory of its golden boot's logs.
    boot_log: String,
    /// The snapshot of that boot's timeline, if there is one.
    timeline: Option<String>,
    /// A boot of the files that ship.
    shipped: Box<dyn Fn() -> Boot + Send + Sync>,
}

impl Budgeted {
    /// An image. The variable `boot_log` names the directory with the logs of its golden boot, and `timeline` is the snapshot of that.
    ///
    /// # Panics
    /// When the manifest is invalid.
    #[must_use]
    #[track_caller]
    pub fn image(manifest: &str, boot_log: &str, timeline: &str, environment: fn() -> Environment) -> Self {
        let config = qos_manifest::load_with(Path::new(manifest), &read);
        let budgets = config.unwrap_or_else(|error| panic!("{error}")).budgets;
        let shipped =
            Box::new(move || boot().environment(Environment { vmlinux: None, cpio: None, ..environment() }));
        let (manifest, boot_log) = (manifest.to_owned(), boot_log.to_owned());
        Budgeted { manifest, budgets, boot_log, timeline: Some(timeline.to_owned()), shipped }
    }

    /// The disk in the directory that `variable` names, such as `QOS_DISK`; the logs of its golden boot are in that of `QOS_BOOT_LOG_DISK`.
    ///
    /// # Panics
    /// When the manifest is invalid.
    #[must_use]
    #[track_caller]
    pub fn disk(manifest: &str, variable: &'static str) -> Self {
        let text = read(Path::new(manifest)).unwrap_or_else(|error| panic!("{manifest}: {error}"));
        let budgets = qos_manifest::disk_budgets(Path::new(manifest), &text);
        Budgeted {
            manifest: manifest.to_owned(),
            budgets: budgets.unwrap_or_else(|error| panic!("{error}")),
            boot_log: variable.replacen("QOS_", "QOS_BOOT_LOG_", 1),
            timeline: None,
            shipped: Box::new(move || boot_from(variable)),
        }
    }

    /// The golden boot is within its budget.
    ///
    /// # Panics
    /// When it is not, with what costs most; when there is no log or no budget.
    #[track_caller]
    pub fn check_cost(&self) {
        let budget = |(limit, budget): (&CostLimit, &Placed<u64>)| {
            let mark = match limit {
                CostLimit::ToInit => Mark::Init,
                CostLimit::ToSession => Mark::Session,
                CostLimit::ToPowerOff => Mark::PowerOff,
            };
            Budget { mark, instructions: budget.value, place: budget.place.to_string() }
        };
        let limits: Vec<Budget> = self.budgets.costs.iter().map(budget).collect();
        assert!(!limits.is_empty(), "{} has no [max-cost]", self.manifest);

        let log = |name: &str| parse(&bytes_of(&self.boot_log, name));
        let cost = cost::Cost::of(&log("boot.log"));
        let initcalls = initcall::of(&log("initcalls.log"));
        let snapshots = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots");
        let timeline = self.timeline.as_ref().map(|name| snapshots.join(name).with_extension("snap"));
        let reviewed = timeline.and_then(|file| std::fs::read_to_string(file).ok());
        let reviewed = reviewed.as_deref().map(Reference::parse);
        let over = budget::exceeded(&limits, &cost, &initcalls, reviewed.as_ref());
        let over: Vec<String> = over.iter().map(ToString::to_string).collect();
        assert!(
            over.is_empty(),
            "the golden boot costs more than its budget; make it cheaper, or raise the budget for a reviewer to see:\n{}",
            over.join("\n")
        );
    }

    /// The image or disk as it ships, with exactly as much memory as its manifest says. On the golden machine, or it would be another
    /// answer on another day.
    ///
    /// # Panics
    /// When it does not boot, or has no budget of memory.
    #[track_caller]
    pub fn check_memory(&self) {
        let budget = self.budgets.memory_mib.as_ref();
        let budget = budget.unwrap_or_else(|| panic!("{} has no `memory` in [max-cost]", self.manifest));
        let ended = (self.shipped)().golden().memory_mib(budget.value).command(["sh", "-c", "true"]).run();
        ended.expect_of_the_guest();
        assert!(
            ended.outcome.verdict.name() == "passed",
            "it does not boot with the {} MiB of memory that {} allows; `cargo xtask bench` finds out how much it \
             needs. Make it smaller (the initramfs is unpacked into memory), or raise the budget for a reviewer to see:\n{ended}",
            budget.value,
            budget.place
        );
    }
}

/// A file of the repository.
fn read(file: &Path) -> std::io::Result<String> {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file))
}
