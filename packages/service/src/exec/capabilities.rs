// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sets of capabilities (capabilities(7)) as masks.

use qos_unit::capability::number;
use qos_unit::{Filter, Sandbox};

/// All of them.
pub const ALL: u64 = u64::MAX;

/// The mask of a list.
#[must_use]
pub fn mask(filter: &Filter) -> u64 {
    let numbers = filter.names.iter().filter_map(|name| number(name));
    let mask = numbers.fold(0, |mask, number| mask | 1 << number);
    if filter.allow { mask } else { !mask }
}

/// The bounding set: of `CapabilityBoundingSet=`, without those that other keys take.
#[must_use]
pub fn bounding(sandbox: &Sandbox) -> u64 {
    let mut set = sandbox.bounding_set.as_ref().map_or(ALL, mask);
    for (on, names) in [
        (sandbox.protect_modules, &["CAP_SYS_MODULE"][..]),
        (sandbox.protect_kernel_logs, &["CAP_SYSLOG"]),
        (sandbox.protect_clock, &["CAP_SYS_TIME", "CAP_WAKE_ALARM"]),
        (sandbox.private_devices, &["CAP_MKNOD", "CAP_SYS_RAWIO"]),
    ] {
        for number in names.iter().filter(|_| on).filter_map(|name| number(name)) {
            set &= !(1 << number);
        }
    }
    set
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks() {
        let filter = |allow, names: &[&str]| Filter {
            allow,
            names: names.iter().map(|name| (*name).to_owned()).collect(),
        };
        assert_eq!(mask(&filter(true, &["CAP_CHOWN", "cap_kill"])), 0x21);
        assert_eq!(mask(&filter(false, &["CAP_CHOWN"])), !1);
        assert_eq!(mask(&filter(true, &[])), 0);
        assert_eq!(bounding(&Sandbox::default()), ALL);
        let sandbox = Sandbox { protect_modules: true, ..Sandbox::default() };
        assert_eq!(bounding(&sandbox), !(1 << 16));
    }
}
