// SPDX-License-Identifier: MIT OR Apache-2.0
//! Budgets: what they can limit, and whether a size is within its own. A boot's cost is compared where there is a boot.

use crate::config::Config;

/// What a size budget limits, apart from single files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SizeLimit {
    /// The kernel image, `bzImage`.
    BzImage,
    /// The initramfs as it is loaded, all segments.
    Initramfs,
    /// The main segment before compression: what it takes of the guest's memory.
    Unpacked,
}

impl SizeLimit {
    /// All limits with the names that manifests give them.
    pub const ALL: [(&'static str, SizeLimit); 3] = [
        ("bzImage", SizeLimit::BzImage),
        ("initramfs", SizeLimit::Initramfs),
        ("unpacked", SizeLimit::Unpacked),
    ];

    /// The name that manifests give it.
    pub fn name(self) -> &'static str {
        match self {
            SizeLimit::BzImage => "bzImage",
            SizeLimit::Initramfs => "initramfs",
            SizeLimit::Unpacked => "unpacked",
        }
    }
}

/// What a cost budget limits: instructions of the golden boot from the kernel's first line on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CostLimit {
    /// To the start of `/init`.
    ToInit,
    /// To the main program's first line.
    ToSession,
    /// To the kernel's last line.
    ToPowerOff,
}

impl CostLimit {
    /// All limits with the names that manifests give them.
    pub const ALL: [(&'static str, CostLimit); 3] = [
        ("to-init", CostLimit::ToInit),
        ("to-session", CostLimit::ToSession),
        ("to-power-off", CostLimit::ToPowerOff),
    ];

    /// The name that manifests give it.
    pub fn name(self) -> &'static str {
        match self {
            CostLimit::ToInit => "to-init",
            CostLimit::ToSession => "to-session",
            CostLimit::ToPowerOff => "to-power-off",
        }
    }
}

/// The name that manifests give the budget of memory, beside the costs.
pub(crate) const MEMORY: &str = "memory";

impl Config {
    /// Says by how much `size` (bytes) is over the budget for `what`, if it is. The message names the line of the
    /// budget.
    pub fn check_size(&self, what: SizeLimit, size: u64) -> Result<(), String> {
        match self.max_sizes.get(&what) {
            Some(limit) if size > limit.value => Err(over(what.name(), size, limit.value, &limit.place)),
            _ => Ok(()),
        }
    }

    /// The same for the file of the image at `path`, which is absolute.
    pub fn check_file_size(&self, path: &str, size: u64) -> Result<(), String> {
        match self.max_file_sizes.get(path) {
            Some(limit) if size > limit.value => Err(over(path, size, limit.value, &limit.place)),
            _ => Ok(()),
        }
    }
}

fn over(what: &str, size: u64, limit: u64, place: &crate::Place) -> String {
    format!(
        "{what} is {size} bytes, {} more than the {limit} that {place} allows; make it smaller or raise the budget there",
        size - limit,
    )
}
