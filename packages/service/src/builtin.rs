// SPDX-License-Identifier: MIT OR Apache-2.0
//! Units that are there without a file (systemd.special(7)); a file of the same name replaces one.

/// Targets: name, description, and what else is in their `[Unit]`.
const TARGETS: &[(&str, &str, &str)] = &[
    (
        "sysinit",
        "System Initialization",
        "Wants=local-fs.target swap.target\nAfter=local-fs.target swap.target",
    ),
    (
        "basic",
        "Basic System",
        "Requires=sysinit.target\nWants=sockets.target timers.target paths.target slices.target\n\
         After=sysinit.target sockets.target paths.target slices.target",
    ),
    (
        "multi-user",
        "Multi-User System",
        "Requires=basic.target\nAfter=basic.target\nConflicts=rescue.target\nAfter=rescue.target\nAllowIsolate=yes",
    ),
    (
        "graphical",
        "Graphical Interface",
        "Requires=multi-user.target\nAfter=multi-user.target\nAllowIsolate=yes",
    ),
    ("local-fs-pre", "Preparation for Local File Systems", ""),
    ("local-fs", "Local File Systems", "After=local-fs-pre.target\nOnFailure=emergency.target"),
    ("remote-fs-pre", "Preparation for Remote File Systems", ""),
    ("remote-fs", "Remote File Systems", "After=remote-fs-pre.target"),
    ("swap", "Swaps", ""),
    ("sockets", "Socket Units", ""),
    ("timers", "Timer Units", "DefaultDependencies=no\nConflicts=shutdown.target\nBefore=shutdown.target"),
    ("paths", "Path Units", ""),
    ("slices", "Slice Units", "DefaultDependencies=no"),
    ("getty", "Login Prompts", ""),
    ("network-pre", "Preparation for Network", ""),
    ("network", "Network", "After=network-pre.target"),
    ("network-online", "Network is Online", "After=network.target"),
    ("nss-lookup", "Host and Network Name Lookups", ""),
    ("nss-user-lookup", "User and Group Name Lookups", ""),
    ("time-set", "System Time Set", ""),
    ("time-sync", "System Time Synchronized", "After=time-set.target\nWants=time-set.target"),
    ("rpcbind", "RPC Port Mapper", ""),
    ("shutdown", "System Shutdown", "DefaultDependencies=no\nRefuseManualStart=yes"),
    ("umount", "Unmount All Filesystems", "DefaultDependencies=no\nRefuseManualStart=yes"),
    ("final", "Late Shutdown Services", "DefaultDependencies=no\nAfter=shutdown.target umount.target"),
    (
        "rescue",
        "Rescue Mode",
        "Requires=sysinit.target rescue.service\nAfter=sysinit.target rescue.service\nAllowIsolate=yes",
    ),
    (
        "emergency",
        "Emergency Mode",
        "DefaultDependencies=no\nRequires=emergency.service\nAfter=emergency.service\nAllowIsolate=yes",
    ),
    ("poweroff", "System Power Off", ENDS),
    ("reboot", "System Reboot", ENDS),
    ("halt", "System Halt", ENDS),
    ("kexec", "Reboot via kexec", ENDS),
    ("exit", "Exit of the Manager", ENDS),
];

/// What ends the system: all that conflicts with shutdown.target is stopped first.
const ENDS: &str = "DefaultDependencies=no\nRequires=shutdown.target umount.target final.target\n\
                    After=shutdown.target umount.target final.target\nAllowIsolate=yes";

/// Services: a shell where nothing else can be had.
const SHELL: &str = "DefaultDependencies=no\nConflicts=shutdown.target\nBefore=shutdown.target\n[Service]\nType=idle\nExecStart=-/bin/sh -i\n\
                     Environment=HOME=/root TERM=linux \"PS1=DESCRIPTION# \"\nStandardInput=tty-force\nStandardOutput=tty\nStandardError=tty\n\
                     KillMode=process\nIgnoreSIGPIPE=no\nSendSIGHUP=yes\n";

/// The unit file of that name.
#[must_use]
pub fn file(name: &str) -> Option<String> {
    if let Some(stem) = name.strip_suffix(".target") {
        let (_, description, rest) = TARGETS.iter().find(|(known, ..)| *known == stem)?;
        return Some(format!("[Unit]\nDescription={description}\n{rest}\n"));
    }
    match name {
        "rescue.service" | "emergency.service" => {
            let mode = name.trim_end_matches(".service");
            Some(format!("[Unit]\nDescription=Shell of {mode} mode\n{}", SHELL.replace("DESCRIPTION", mode)))
        }
        "-.slice" | "system.slice" | "user.slice" | "-.mount" | "init.scope" => {
            Some("[Unit]\nDefaultDependencies=no\nRefuseManualStart=yes\nRefuseManualStop=yes\nIgnoreOnIsolate=yes\n[Mount]\nWhat=root\n".into())
        }
        _ => None,
    }
}

/// Names of all.
pub fn names() -> impl Iterator<Item = String> {
    TARGETS.iter().map(|(stem, ..)| format!("{stem}.target"))
}

#[cfg(test)]
mod tests {
    use qos_unit::specifier::Facts;
    use qos_unit::{Name, Unit, syntax};

    #[test]
    fn all_are_good() {
        for name in super::names().chain(["rescue.service".into(), "emergency.service".into()]) {
            let (assignments, warnings) = syntax::parse(&name, super::file(&name).unwrap().as_bytes());
            assert!(warnings.is_empty(), "{warnings:?}");
            let (unit, warnings) = Unit::new(&Name::new(&name).unwrap(), &assignments, &Facts::new());
            assert!(warnings.is_empty() && unit.check().is_ok(), "{name}: {warnings:?}");
        }
        assert_eq!(super::file("nothing.target"), None);
    }
}
