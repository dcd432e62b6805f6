// SPDX-License-Identifier: MIT OR Apache-2.0
//! The quantities that budgets limit, with their names in manifests.

/// What a size budget limits, apart from single files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SizeLimit {
    /// The kernel image, `bzImage`.
    BzImage,
    /// The initramfs as it is loaded, all segments.
    Initramfs,
    /// The main segment before compression: the size that it takes in the guest's memory.
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
