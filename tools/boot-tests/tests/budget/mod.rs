// SPDX-License-Identifier: MIT OR Apache-2.0
//! The limits of `[max-cost]` in an image's manifest: instructions of the golden boot, and memory.

use qos_boot_tests::built::bytes_of;
use qos_boot_tests::{Environment, boot};
use qos_bootlog::budget::{self, Budget, Mark};
use qos_bootlog::reference::Reference;
use qos_bootlog::{Line, cost, initcall, parse};
use qos_manifest::{Config, CostLimit, Placed};
use std::path::Path;

/// An image with budgets.
pub struct Image {
    /// Its manifest, from the repository's root.
    pub manifest: &'static str,
    /// The variable that names the directory of its golden boot's logs.
    pub boot_log: &'static str,
    /// The snapshot of that boot's timeline.
    pub timeline: &'static str,
    pub environment: fn() -> Environment,
}

impl Image {
    #[track_caller]
    fn config(&self) -> Config {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let read = |file: &Path| std::fs::read_to_string(root.join(file));
        qos_manifest::load_with(Path::new(self.manifest), &read).unwrap_or_else(|error| panic!("{error}"))
    }

    #[track_caller]
    fn log(&self, name: &str) -> Vec<Line> {
        parse(&bytes_of(self.boot_log, name))
    }

    /// The golden boot is within its budget.
    #[track_caller]
    pub fn check_cost(&self) {
        let config = self.config();
        let budget = |(limit, budget): (&CostLimit, &Placed<u64>)| {
            let mark = match limit {
                CostLimit::ToInit => Mark::Init,
                CostLimit::ToSession => Mark::Session,
                CostLimit::ToPowerOff => Mark::PowerOff,
            };
            Budget { mark, instructions: budget.value, place: budget.place.to_string() }
        };
        let budgets: Vec<Budget> = config.budgets.costs.iter().map(budget).collect();
        assert!(!budgets.is_empty(), "{} has no [max-cost]", self.manifest);

        let cost = cost::Cost::of(&self.log("boot.log"));
        let initcalls = initcall::of(&self.log("initcalls.log"));
        let snapshots = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots");
        let reviewed = std::fs::read_to_string(snapshots.join(self.timeline).with_extension("snap")).ok();
        let reviewed = reviewed.as_deref().map(Reference::parse);
        let over = budget::exceeded(&budgets, &cost, &initcalls, reviewed.as_ref());
        let over: Vec<String> = over.iter().map(ToString::to_string).collect();
        assert!(
            over.is_empty(),
            "the golden boot costs more than its budget; make it cheaper, or raise the budget for a reviewer to see:\n{}",
            over.join("\n")
        );
    }

    /// The image as it ships, with exactly as much memory as its manifest says. On the golden machine, or it would be another
    /// answer on another day.
    #[track_caller]
    pub fn check_memory(&self) {
        let budget = self.config().budgets.memory_mib;
        let budget = budget.unwrap_or_else(|| panic!("{} has no `memory` in [max-cost]", self.manifest));
        let shipped = Environment { vmlinux: None, cpio: None, ..(self.environment)() };
        let boot = boot().environment(shipped).golden().memory_mib(budget.value);
        let ended = boot.command(["sh", "-c", "true"]).run();
        ended.expect_of_the_guest();
        assert!(
            ended.outcome.verdict.name() == "passed",
            "the image does not boot with the {} MiB of memory that {} allows; `cargo xtask bench` finds out how much it \
             needs. Make it smaller (the initramfs is unpacked into memory), or raise the budget for a reviewer to see:\n{ended}",
            budget.value,
            budget.place
        );
    }
}
