// SPDX-License-Identifier: MIT OR Apache-2.0
//! Budgets: the quantities that they limit, with their names in manifests, and their values.

use crate::place::{Place, Placed};
use std::collections::BTreeMap;

/// The budgets of an image or a disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Budgets {
    /// Sizes in bytes, by limited quantity.
    pub sizes: BTreeMap<SizeLimit, Placed<u64>>,
    /// Sizes in bytes of files of the image, by path.
    pub file_sizes: BTreeMap<String, Placed<u64>>,
    /// Instructions of the golden boot, by limited quantity.
    pub costs: BTreeMap<CostLimit, Placed<u64>>,
    /// Memory in MiB: with so much the golden machine boots the image or disk as it ships.
    pub memory_mib: Option<Placed<u32>>,
}

impl Budgets {
    /// Says by how much `size` (bytes) is over the budget for `what`, if it is. The message names the line of the
    /// budget.
    pub fn check_size(&self, what: SizeLimit, size: u64) -> Result<(), String> {
        match self.sizes.get(&what) {
            Some(limit) if size > limit.value => Err(over(what.name(), size, limit.value, &limit.place)),
            _ => Ok(()),
        }
    }

    /// The same for the file of the image at `path`, which is absolute.
    pub fn check_file_size(&self, path: &str, size: u64) -> Result<(), String> {
        match self.file_sizes.get(path) {
            Some(limit) if size > limit.value => Err(over(path, size, limit.value, &limit.place)),
            _ => Ok(()),
        }
    }

    /// Lays `upper` over these.
    pub(crate) fn extend(&mut self, upper: Budgets) {
        self.sizes.extend(upper.sizes);
        self.file_sizes.extend(upper.file_sizes);
        self.costs.extend(upper.costs);
        self.memory_mib = upper.memory_mib.or(self.memory_mib.take());
    }
}

fn over(what: &str, size: u64, limit: u64, place: &Place) -> String {
    format!(
        "{what} is {size} bytes, {} more than the {limit} that {place} allows; make it smaller or raise the budget there",
        size - limit,
    )
}

/// What a size budget limits, apart from single files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SizeLimit {
    /// The kernel image, `bzImage`.
    BzImage,
    /// The initramfs as it is loaded, all segments.
    Initramfs,
    /// The main segment before compression: the size that it takes in the guest's memory.
    Unpacked,
    /// The raw image of a disk, `disk.raw`, with its holes.
    Disk,
}

impl SizeLimit {
    /// The limits of images, with the names that manifests give them.
    pub const OF_IMAGE: [(&'static str, SizeLimit); 3] = [
        ("bzImage", SizeLimit::BzImage),
        ("initramfs", SizeLimit::Initramfs),
        ("unpacked", SizeLimit::Unpacked),
    ];

    /// The limits of disks, with the names that manifests give them.
    pub const OF_DISK: [(&'static str, SizeLimit); 3] =
        [("bzImage", SizeLimit::BzImage), ("initramfs", SizeLimit::Initramfs), ("disk", SizeLimit::Disk)];

    /// The name that manifests give it.
    pub fn name(self) -> &'static str {
        match self {
            SizeLimit::BzImage => "bzImage",
            SizeLimit::Initramfs => "initramfs",
            SizeLimit::Unpacked => "unpacked",
            SizeLimit::Disk => "disk",
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
