// SPDX-License-Identifier: MIT OR Apache-2.0
//! The assessments with the weights and ranges of systemd 252 (`src/analyze/analyze-security.c`).

use super::Finding;
use super::facts::{Devices, Facts, INTERNET, NETLINK, PACKET, Peers, UNIX};
use Rule::{Calls, Capabilities, Flag, Grade, Namespace, Unprivileged};
use qos_unit::capability;
use qos_unit::{NotifyAccess, ProtectHome, ProtectProc, ProtectSystem, syscall};

/// One assessment.
pub struct Assessment {
    /// The keys that it is about.
    pub name: &'static str,
    /// Its name in JSON.
    pub field: &'static str,
    /// How much it counts.
    pub weight: u64,
    /// The worst badness.
    pub range: u64,
    /// It does not apply to units that start before file systems are there.
    late: bool,
    rule: Rule,
    /// What the service can do if the assessment is bad; empty for [`Grade`].
    ability: &'static str,
}

/// How badness is found.
enum Rule {
    /// Good if this is true.
    Flag(fn(&Facts<'_>) -> bool),
    /// The same; it does not apply to root.
    Unprivileged(fn(&Facts<'_>) -> bool),
    /// Good if none of these is in the bounding set.
    Capabilities(&'static [&'static str]),
    /// Good if this kind of namespaces cannot be made.
    Namespace(&'static str),
    /// Good if no call of this group is allowed.
    Calls(&'static str),
    /// A badness and what it is about.
    Grade(fn(&Facts<'_>) -> (u64, &'static str)),
}

const fn row(
    name: &'static str,
    field: &'static str,
    weight: u64,
    range: u64,
    late: bool,
    rule: Rule,
    ability: &'static str,
) -> Assessment {
    Assessment { name, field, weight, range, late, rule, ability }
}

/// All of them, in systemd's order.
// A table: a line each.
#[rustfmt::skip]
pub const ASSESSMENTS: &[Assessment] = &[
    row("User=/DynamicUser=", "UserOrDynamicUser", 2000, 10, false, Grade(user), ""),
    row("SupplementaryGroups=", "SupplementaryGroups", 200, 1, false, Unprivileged(|f| f.exec.supplementary_groups.is_empty()), "use rights of more groups"),
    row("PrivateDevices=", "PrivateDevices", 1000, 1, false, Flag(|f| f.sandbox.private_devices), "open devices of the hardware"),
    row("PrivateMounts=", "PrivateMounts", 1000, 1, false, Flag(|f| f.sandbox.private_mounts), "make mounts that others see"),
    row("PrivateNetwork=", "PrivateNetwork", 2500, 1, false, Flag(|f| f.sandbox.private_network), "use the network"),
    row("PrivateTmp=", "PrivateTmp", 1000, 1, true, Flag(|f| f.sandbox.private_tmp), "see temporary files of others"),
    row("PrivateUsers=", "PrivateUsers", 1000, 1, false, Flag(|f| f.unenforced.private_users), "see other users"),
    row("ProtectControlGroups=", "ProtectControlGroups", 1000, 1, false, Flag(|f| f.sandbox.protect_control_groups), "change control groups"),
    row("ProtectKernelModules=", "ProtectKernelModules", 1000, 1, false, Flag(|f| f.sandbox.protect_modules), "load and read kernel modules"),
    row("ProtectKernelTunables=", "ProtectKernelTunables", 1000, 1, false, Flag(|f| f.sandbox.protect_tunables), "change settings of the kernel"),
    row("ProtectKernelLogs=", "ProtectKernelLogs", 1000, 1, false, Flag(|f| f.sandbox.protect_kernel_logs), "read and write the kernel's log"),
    row("ProtectClock=", "ProtectClock", 1000, 1, false, Flag(|f| f.sandbox.protect_clock), "set the clocks"),
    row("ProtectHome=", "ProtectHome", 1000, 10, true, Grade(home), ""),
    row("ProtectHostname=", "ProtectHostname", 50, 1, false, Flag(|f| f.sandbox.protect_hostname), "change the host name"),
    row("ProtectSystem=", "ProtectSystem", 1000, 10, true, Grade(system), ""),
    row("RootDirectory=/RootImage=", "RootDirectoryOrRootImage", 200, 1, true, Flag(|f| f.exec.root_directory.is_some() || !f.unenforced.root_image.is_empty()), "reach files outside of a root directory of its own"),
    row("LockPersonality=", "LockPersonality", 100, 1, false, Flag(|f| f.sandbox.lock_personality), "change its execution domain"),
    row("MemoryDenyWriteExecute=", "MemoryDenyWriteExecute", 100, 1, false, Flag(|f| f.sandbox.memory_deny_write_execute), "execute memory that it can write"),
    row("NoNewPrivileges=", "NoNewPrivileges", 1000, 1, false, Flag(|f| f.sandbox.no_new_privileges), "get privileges from programs"),
    row("CapabilityBoundingSet=~CAP_SYS_ADMIN", "CapabilityBoundingSet_CAP_SYS_ADMIN", 1500, 1, false, Capabilities(&["CAP_SYS_ADMIN"]), "administer the system"),
    row("CapabilityBoundingSet=~CAP_SET(UID|GID|PCAP)", "CapabilityBoundingSet_CAP_SET_UID_GID_PCAP", 1500, 1, false, Capabilities(&["CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"]), "change users, groups and capabilities"),
    row("CapabilityBoundingSet=~CAP_SYS_PTRACE", "CapabilityBoundingSet_CAP_SYS_PTRACE", 1500, 1, false, Capabilities(&["CAP_SYS_PTRACE"]), "trace processes"),
    row("CapabilityBoundingSet=~CAP_SYS_TIME", "CapabilityBoundingSet_CAP_SYS_TIME", 1000, 1, false, Capabilities(&["CAP_SYS_TIME"]), "set the system clock"),
    row("CapabilityBoundingSet=~CAP_NET_ADMIN", "CapabilityBoundingSet_CAP_NET_ADMIN", 1000, 1, false, Capabilities(&["CAP_NET_ADMIN"]), "configure the network"),
    row("CapabilityBoundingSet=~CAP_SYS_RAWIO", "CapabilityBoundingSet_CAP_SYS_RAWIO", 1000, 1, false, Capabilities(&["CAP_SYS_RAWIO"]), "do raw input and output"),
    row("CapabilityBoundingSet=~CAP_SYS_MODULE", "CapabilityBoundingSet_CAP_SYS_MODULE", 1000, 1, false, Capabilities(&["CAP_SYS_MODULE"]), "load kernel modules"),
    row("CapabilityBoundingSet=~CAP_AUDIT_*", "CapabilityBoundingSet_CAP_AUDIT", 500, 1, false, Capabilities(&["CAP_AUDIT_CONTROL", "CAP_AUDIT_READ", "CAP_AUDIT_WRITE"]), "use the audit subsystem"),
    row("CapabilityBoundingSet=~CAP_SYSLOG", "CapabilityBoundingSet_CAP_SYSLOG", 500, 1, false, Capabilities(&["CAP_SYSLOG"]), "control the kernel's log"),
    row("CapabilityBoundingSet=~CAP_SYS_(NICE|RESOURCE)", "CapabilityBoundingSet_CAP_SYS_NICE_RESOURCE", 500, 1, false, Capabilities(&["CAP_SYS_NICE", "CAP_SYS_RESOURCE"]), "change priorities and limits"),
    row("CapabilityBoundingSet=~CAP_MKNOD", "CapabilityBoundingSet_CAP_MKNOD", 500, 1, false, Capabilities(&["CAP_MKNOD"]), "make device nodes"),
    row("CapabilityBoundingSet=~CAP_(CHOWN|FSETID|SETFCAP)", "CapabilityBoundingSet_CAP_CHOWN_FSETID_SETFCAP", 1000, 1, false, Capabilities(&["CAP_CHOWN", "CAP_FSETID", "CAP_SETFCAP"]), "change owners, modes and capabilities of files"),
    row("CapabilityBoundingSet=~CAP_(DAC_*|FOWNER|IPC_OWNER)", "CapabilityBoundingSet_CAP_DAC_FOWNER_IPC_OWNER", 1000, 1, false, Capabilities(&["CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_IPC_OWNER"]), "pass permission checks of files and IPC"),
    row("CapabilityBoundingSet=~CAP_KILL", "CapabilityBoundingSet_CAP_KILL", 500, 1, false, Capabilities(&["CAP_KILL"]), "send signals to all processes"),
    row("CapabilityBoundingSet=~CAP_NET_(BIND_SERVICE|BROADCAST|RAW)", "CapabilityBoundingSet_CAP_NET_BIND_SERVICE_BROADCAST_RAW)", 500, 1, false, Capabilities(&["CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_RAW"]), "bind low ports, broadcast, and use raw sockets"),
    row("CapabilityBoundingSet=~CAP_SYS_BOOT", "CapabilityBoundingSet_CAP_SYS_BOOT", 100, 1, false, Capabilities(&["CAP_SYS_BOOT"]), "reboot the system"),
    row("CapabilityBoundingSet=~CAP_MAC_*", "CapabilityBoundingSet_CAP_MAC", 100, 1, false, Capabilities(&["CAP_MAC_ADMIN", "CAP_MAC_OVERRIDE"]), "change mandatory access control"),
    row("CapabilityBoundingSet=~CAP_LINUX_IMMUTABLE", "CapabilityBoundingSet_CAP_LINUX_IMMUTABLE", 75, 1, false, Capabilities(&["CAP_LINUX_IMMUTABLE"]), "make files immutable"),
    row("CapabilityBoundingSet=~CAP_IPC_LOCK", "CapabilityBoundingSet_CAP_IPC_LOCK", 50, 1, false, Capabilities(&["CAP_IPC_LOCK"]), "lock memory"),
    row("CapabilityBoundingSet=~CAP_SYS_CHROOT", "CapabilityBoundingSet_CAP_SYS_CHROOT", 50, 1, false, Capabilities(&["CAP_SYS_CHROOT"]), "change its root directory"),
    row("CapabilityBoundingSet=~CAP_BLOCK_SUSPEND", "CapabilityBoundingSet_CAP_BLOCK_SUSPEND", 25, 1, false, Capabilities(&["CAP_BLOCK_SUSPEND"]), "block suspend"),
    row("CapabilityBoundingSet=~CAP_WAKE_ALARM", "CapabilityBoundingSet_CAP_WAKE_ALARM", 25, 1, false, Capabilities(&["CAP_WAKE_ALARM"]), "wake the system by a timer"),
    row("CapabilityBoundingSet=~CAP_LEASE", "CapabilityBoundingSet_CAP_LEASE", 25, 1, false, Capabilities(&["CAP_LEASE"]), "lease files"),
    row("CapabilityBoundingSet=~CAP_SYS_TTY_CONFIG", "CapabilityBoundingSet_CAP_SYS_TTY_CONFIG", 25, 1, false, Capabilities(&["CAP_SYS_TTY_CONFIG"]), "hang up terminals"),
    row("CapabilityBoundingSet=~CAP_SYS_PACCT", "CapabilityBoundingSet_CAP_SYS_PACCT", 25, 1, false, Capabilities(&["CAP_SYS_PACCT"]), "control process accounting"),
    row("CapabilityBoundingSet=~CAP_BPF", "CapabilityBoundingSet_CAP_BPF", 25, 1, false, Capabilities(&["CAP_BPF"]), "load BPF programs"),
    row("UMask=", "UMask", 100, 10, false, Grade(umask), ""),
    row("KeyringMode=", "KeyringMode", 1000, 1, false, Flag(|f| matches!(f.unenforced.keyring_mode.as_str(), "" | "private")), "share its keyring"),
    row("ProtectProc=", "ProtectProc", 1000, 3, false, Grade(processes), ""),
    row("ProcSubset=", "ProcSubset", 10, 1, false, Flag(|f| f.sandbox.proc_subset), "read files of /proc that are not about processes"),
    row("NotifyAccess=", "NotifyAccess", 1000, 1, false, Flag(|f| f.service.notify_access != NotifyAccess::All), "let every child tell the manager its state"),
    row("RemoveIPC=", "RemoveIPC", 100, 1, false, Unprivileged(|f| f.unenforced.remove_ipc), "leave IPC objects behind"),
    row("Delegate=", "Delegate", 100, 1, false, Flag(|f| !f.service.resources.delegate), "manage control groups below its own"),
    row("RestrictRealtime=", "RestrictRealtime", 500, 1, false, Flag(|f| f.sandbox.restrict_realtime), "use realtime scheduling"),
    row("RestrictSUIDSGID=", "RestrictSUIDSGID", 1000, 1, false, Flag(|f| f.sandbox.restrict_suid), "make set-user-ID and set-group-ID files"),
    row("RestrictNamespaces=~user", "RestrictNamespaces_user", 1500, 1, false, Namespace("user"), "make user namespaces"),
    row("RestrictNamespaces=~mnt", "RestrictNamespaces_mnt", 500, 1, false, Namespace("mnt"), "make mount namespaces"),
    row("RestrictNamespaces=~ipc", "RestrictNamespaces_ipc", 500, 1, false, Namespace("ipc"), "make IPC namespaces"),
    row("RestrictNamespaces=~pid", "RestrictNamespaces_pid", 500, 1, false, Namespace("pid"), "make process namespaces"),
    row("RestrictNamespaces=~cgroup", "RestrictNamespaces_cgroup", 500, 1, false, Namespace("cgroup"), "make cgroup namespaces"),
    row("RestrictNamespaces=~net", "RestrictNamespaces_net", 500, 1, false, Namespace("net"), "make network namespaces"),
    row("RestrictNamespaces=~uts", "RestrictNamespaces_uts", 100, 1, false, Namespace("uts"), "make host name namespaces"),
    row("RestrictAddressFamilies=~AF_(INET|INET6)", "RestrictAddressFamilies_AF_INET_INET6", 1500, 1, false, Flag(|f| f.lacks_families(|n| INTERNET.contains(&n))), "make Internet sockets"),
    row("RestrictAddressFamilies=~AF_UNIX", "RestrictAddressFamilies_AF_UNIX", 25, 1, false, Flag(|f| f.lacks_families(|n| UNIX.contains(&n))), "make local sockets"),
    row("RestrictAddressFamilies=~AF_NETLINK", "RestrictAddressFamilies_AF_NETLINK", 200, 1, false, Flag(|f| f.lacks_families(|n| NETLINK.contains(&n))), "make netlink sockets"),
    row("RestrictAddressFamilies=~AF_PACKET", "RestrictAddressFamilies_AF_PACKET", 1000, 1, false, Flag(|f| f.lacks_families(|n| PACKET.contains(&n))), "make packet sockets"),
    row("RestrictAddressFamilies=~…", "RestrictAddressFamilies_OTHER", 1250, 1, false, Flag(|f| f.lacks_families(|n| ![UNIX, INTERNET, NETLINK, PACKET].concat().contains(&n))), "make sockets of other families"),
    row("SystemCallArchitectures=", "SystemCallArchitectures", 1000, 10, false, Grade(architectures), ""),
    row("SystemCallFilter=~@swap", "SystemCallFilter_swap", 1000, 10, false, Calls("@swap"), "make calls of @swap"),
    row("SystemCallFilter=~@obsolete", "SystemCallFilter_obsolete", 250, 10, false, Calls("@obsolete"), "make calls of @obsolete"),
    row("SystemCallFilter=~@clock", "SystemCallFilter_clock", 1000, 10, false, Calls("@clock"), "make calls of @clock"),
    row("SystemCallFilter=~@cpu-emulation", "SystemCallFilter_cpu_emulation", 250, 10, false, Calls("@cpu-emulation"), "make calls of @cpu-emulation"),
    row("SystemCallFilter=~@debug", "SystemCallFilter_debug", 1000, 10, false, Calls("@debug"), "make calls of @debug"),
    row("SystemCallFilter=~@mount", "SystemCallFilter_mount", 1000, 10, false, Calls("@mount"), "make calls of @mount"),
    row("SystemCallFilter=~@module", "SystemCallFilter_module", 1000, 10, false, Calls("@module"), "make calls of @module"),
    row("SystemCallFilter=~@raw-io", "SystemCallFilter_raw_io", 1000, 10, false, Calls("@raw-io"), "make calls of @raw-io"),
    row("SystemCallFilter=~@reboot", "SystemCallFilter_reboot", 1000, 10, false, Calls("@reboot"), "make calls of @reboot"),
    row("SystemCallFilter=~@privileged", "SystemCallFilter_privileged", 700, 10, false, Calls("@privileged"), "make calls of @privileged"),
    row("SystemCallFilter=~@resources", "SystemCallFilter_resources", 700, 10, false, Calls("@resources"), "make calls of @resources"),
    row("IPAddressDeny=", "IPAddressDeny", 1000, 10, false, Grade(peers), ""),
    row("DeviceAllow=", "DeviceAllow", 1000, 10, false, Grade(devices), ""),
    row("AmbientCapabilities=", "AmbientCapabilities", 500, 1, false, Flag(|f| f.sandbox.ambient.as_ref().is_none_or(|list| list.allow && list.names.is_empty())), "give capabilities to programs that it executes"),
];

impl Assessment {
    /// What it finds in a unit.
    pub fn assess(&self, facts: &Facts<'_>) -> Finding {
        let (badness, description) = if self.late && !facts.unit.common.default_dependencies {
            (None, "does not apply: the unit has DefaultDependencies=no".to_owned())
        } else {
            self.badness(facts)
        };
        let Assessment { name, field, weight, range, .. } = *self;
        Finding { name, field, weight, range, badness, description }
    }

    fn badness(&self, facts: &Facts<'_>) -> (Option<u64>, String) {
        let simple = |good: bool| {
            let can = if good { "cannot" } else { "can" };
            (Some(u64::from(!good) * self.range), format!("{can} {}", self.ability))
        };
        match self.rule {
            Flag(is_good) => simple(is_good(facts)),
            Unprivileged(_) if facts.is_root() => (None, "does not apply: runs as root".to_owned()),
            Unprivileged(is_good) => simple(is_good(facts)),
            Capabilities(names) => {
                simple(names.iter().all(|name| {
                    capability::number(name).is_none_or(|number| facts.bounding >> number & 1 == 0)
                }))
            }
            Namespace(kind) => simple(facts.lacks_namespace(kind)),
            Calls(group) => calls(facts, group),
            Grade(grade) => {
                let (badness, text) = grade(facts);
                (Some(badness), text.to_owned())
            }
        }
    }
}

fn calls(facts: &Facts<'_>, group: &str) -> (Option<u64>, String) {
    let Some(list) = facts.sandbox.system_calls.as_ref().filter(|list| list.is_filter()) else {
        return (Some(10), format!("can make calls of {group}: no filter"));
    };
    match syscall::members(group).into_iter().find(|call| list.allows(*call)) {
        None => (Some(0), format!("cannot make calls of {group}")),
        Some(call) => {
            let call = syscall::name(call).unwrap_or_default();
            (Some(if list.allow { 9 } else { 10 }), format!("can make calls of {group}, such as {call}"))
        }
    }
}

fn user(facts: &Facts<'_>) -> (u64, &'static str) {
    match facts.exec.user.as_deref() {
        Some("nobody") => (9, "runs as nobody, which is not for services"),
        Some("0" | "root") => (10, "runs as root"),
        _ if facts.exec.dynamic_user => (0, "runs as a user that is there while it runs"),
        None => (10, "runs as root"),
        Some(_) => (0, "runs as a user of its own"),
    }
}

fn home(facts: &Facts<'_>) -> (u64, &'static str) {
    match facts.sandbox.protect_home {
        ProtectHome::No => (10, "can read and write home directories"),
        ProtectHome::ReadOnly => (5, "can read home directories"),
        ProtectHome::Tmpfs => (1, "sees empty home directories"),
        ProtectHome::Yes => (0, "cannot reach home directories"),
    }
}

fn system(facts: &Facts<'_>) -> (u64, &'static str) {
    match facts.sandbox.protect_system {
        ProtectSystem::No => (10, "can write all files of the system"),
        ProtectSystem::Yes => (5, "cannot write programs and libraries"),
        ProtectSystem::Full => (3, "cannot write programs, libraries and settings"),
        ProtectSystem::Strict => (0, "cannot write files of the system"),
    }
}

fn umask(facts: &Facts<'_>) -> (u64, &'static str) {
    let mask = facts.exec.umask;
    for (bit, badness, text) in [
        (0o002, 10, "makes files that everybody can write"),
        (0o004, 5, "makes files that everybody can read"),
        (0o020, 2, "makes files that its group can write"),
        (0o040, 1, "makes files that its group can read"),
    ] {
        if mask & bit == 0 {
            return (badness, text);
        }
    }
    (0, "makes files for its user only")
}

fn processes(facts: &Facts<'_>) -> (u64, &'static str) {
    match facts.sandbox.protect_proc {
        ProtectProc::Default => (3, "can see all processes"),
        ProtectProc::NoAccess => (1, "sees processes of others, without details"),
        ProtectProc::Invisible | ProtectProc::Ptraceable => (0, "cannot see processes of others"),
    }
}

fn architectures(facts: &Facts<'_>) -> (u64, &'static str) {
    let list = &facts.sandbox.architectures;
    match list.first() {
        None => (10, "can make calls of all architectures"),
        Some(only) if only == "native" && list.iter().all(|name| name == only) => {
            (0, "can make calls of the native architecture only")
        }
        Some(_) => (8, "can make calls of several architectures"),
    }
}

fn peers(facts: &Facts<'_>) -> (u64, &'static str) {
    match facts.peers() {
        Peers::Programs => (0, "has BPF programs that filter packets"),
        Peers::All => (10, "can exchange packets with all addresses"),
        Peers::Listed => (5, "can exchange packets with listed addresses"),
        Peers::Local => (2, "can exchange packets with this host only"),
        Peers::Nobody => (0, "cannot exchange packets"),
    }
}

fn devices(facts: &Facts<'_>) -> (u64, &'static str) {
    match facts.devices() {
        Devices::All => (10, "can open all devices"),
        Devices::Listed => (5, "can open the usual devices and listed ones"),
        Devices::Usual => (0, "can open the usual devices only"),
    }
}
