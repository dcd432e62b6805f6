// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sets of capabilities (capabilities(7)) as masks.

use qos_unit::{Filter, Sandbox};

/// Names, by number.
const NAMES: [&str; 41] = [
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SETPCAP",
    "LINUX_IMMUTABLE",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_ADMIN",
    "NET_RAW",
    "IPC_LOCK",
    "IPC_OWNER",
    "SYS_MODULE",
    "SYS_RAWIO",
    "SYS_CHROOT",
    "SYS_PTRACE",
    "SYS_PACCT",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_NICE",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "MKNOD",
    "LEASE",
    "AUDIT_WRITE",
    "AUDIT_CONTROL",
    "SETFCAP",
    "MAC_OVERRIDE",
    "MAC_ADMIN",
    "SYSLOG",
    "WAKE_ALARM",
    "BLOCK_SUSPEND",
    "AUDIT_READ",
    "PERFMON",
    "BPF",
    "CHECKPOINT_RESTORE",
];

/// All of them.
pub const ALL: u64 = u64::MAX;

/// The number of a capability.
#[must_use]
pub fn number(name: &str) -> Option<u32> {
    let short = name.strip_prefix("CAP_").or_else(|| name.strip_prefix("cap_"))?;
    NAMES.iter().position(|known| known.eq_ignore_ascii_case(short)).map(|at| at as u32)
}

/// The mask of a list.
///
/// # Errors
/// When a name is no capability.
pub fn mask(filter: &Filter) -> Result<u64, String> {
    let mut mask = 0;
    for name in &filter.names {
        mask |= 1 << number(name).ok_or_else(|| format!("{name} is no capability"))?;
    }
    Ok(if filter.allow { mask } else { !mask })
}

/// The bounding set: of `CapabilityBoundingSet=`, without those that other keys take.
///
/// # Errors
/// As [`mask`].
pub fn bounding(sandbox: &Sandbox) -> Result<u64, String> {
    let mut set = sandbox.bounding_set.as_ref().map_or(Ok(ALL), mask)?;
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
    Ok(set)
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
        assert_eq!(mask(&filter(true, &["CAP_CHOWN", "cap_kill"])), Ok(0x21));
        assert_eq!(mask(&filter(false, &["CAP_CHOWN"])), Ok(!1));
        assert_eq!(mask(&filter(true, &[])), Ok(0));
        assert!(mask(&filter(true, &["CAP_NOTHING"])).is_err());
        assert_eq!(bounding(&Sandbox::default()), Ok(ALL));
        let sandbox = Sandbox { protect_modules: true, ..Sandbox::default() };
        assert_eq!(bounding(&sandbox), Ok(!(1 << 16)));
    }
}
