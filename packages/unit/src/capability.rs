// SPDX-License-Identifier: MIT OR Apache-2.0
//! Names of capabilities (capabilities(7)).

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

/// The number of a capability.
#[must_use]
pub fn number(name: &str) -> Option<u32> {
    let short = name.strip_prefix("CAP_").or_else(|| name.strip_prefix("cap_"))?;
    NAMES.iter().position(|known| known.eq_ignore_ascii_case(short)).map(|at| at as u32)
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers() {
        for (name, expect) in [
            ("CAP_CHOWN", Some(0)),
            ("cap_bpf", Some(39)),
            ("CAP_BOGUS", None),
            ("CHOWN", None),
            ("CAP_", None),
        ] {
            assert_eq!(number(name), expect, "{name}");
        }
    }
}
