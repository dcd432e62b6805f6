// SPDX-License-Identifier: MIT OR Apache-2.0
//! The expected numbers are those of `systemd-analyze security --offline=true` of systemd 252.

use super::*;
use qos_unit::specifier::Facts as Specifiers;
use qos_unit::{Name, syntax};

fn report(content: &str) -> Report {
    let content = format!("[Service]\nExecStart=/bin/true\n{content}\n");
    let (assignments, _) = syntax::parse("f", content.as_bytes());
    let (unit, _) = Unit::new(&Name::new("a.service").unwrap(), &assignments, &Specifiers::new());
    Report::new(&unit).unwrap()
}

/// Units of one key or a few, with their exposure.
const UNITS: &[(&str, u64)] = &[
    ("", 96),
    ("User=www", 92),
    ("User=nobody", 95),
    ("DynamicUser=yes", 84),
    ("DynamicUser=yes\nUser=root", 88),
    ("SupplementaryGroups=a\nUser=www", 92),
    ("PrivateDevices=yes", 90),
    ("PrivateDevices=yes\nProtectClock=yes", 87),
    ("PrivateMounts=yes\nPrivateNetwork=yes\nPrivateTmp=yes\nPrivateUsers=yes", 86),
    ("ProtectHome=yes", 94),
    ("ProtectHome=read-only", 95),
    ("ProtectHome=tmpfs", 94),
    ("ProtectSystem=yes", 95),
    ("ProtectSystem=full", 95),
    ("ProtectSystem=strict", 94),
    ("ProtectProc=invisible\nProcSubset=pid", 94),
    ("ProtectProc=noaccess", 95),
    ("UMask=0077", 96),
    ("UMask=0002", 96),
    ("UMask=0000", 96),
    ("UMask=0027", 96),
    ("UMask=0037", 96),
    ("KeyringMode=shared", 98),
    ("NotifyAccess=all", 98),
    ("Delegate=yes", 96),
    ("RemoveIPC=yes\nUser=www", 92),
    ("CapabilityBoundingSet=", 71),
    ("CapabilityBoundingSet=CAP_NET_ADMIN CAP_CHOWN", 74),
    ("CapabilityBoundingSet=~CAP_SYS_ADMIN CAP_SYS_PTRACE\nCapabilityBoundingSet=~CAP_KILL", 90),
    ("AmbientCapabilities=CAP_NET_BIND_SERVICE", 97),
    ("RestrictNamespaces=yes", 88),
    ("RestrictNamespaces=no\nRestrictNamespaces=net", 96),
    ("RestrictNamespaces=~user mnt", 92),
    ("RestrictNamespaces=net\nRestrictNamespaces=uts", 90),
    ("RestrictAddressFamilies=AF_UNIX", 89),
    ("RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_ALG", 94),
    ("RestrictAddressFamilies=~AF_PACKET AF_NETLINK", 94),
    ("RestrictAddressFamilies=none", 89),
    ("RestrictAddressFamilies=AF_INET AF_INET6\nRestrictAddressFamilies=~AF_INET6", 91),
    ("SystemCallArchitectures=native", 94),
    ("SystemCallArchitectures=native x86", 95),
    ("SystemCallArchitectures=x86-64", 95),
    ("SystemCallFilter=@system-service", 82),
    ("SystemCallFilter=@system-service\nSystemCallFilter=~@privileged @resources", 80),
    ("SystemCallFilter=~@clock @swap @debug", 90),
    ("SystemCallFilter=@system-service\nSystemCallFilter=~@resources:EPERM", 81),
    ("SystemCallFilter=read\nSystemCallFilter=", 96),
    ("SystemCallFilter=~@obsolete @cpu-emulation umount", 95),
    ("SystemCallFilter=@privileged", 91),
    ("IPAddressDeny=any", 94),
    ("IPAddressDeny=any\nIPAddressAllow=localhost", 94),
    ("IPAddressDeny=any\nIPAddressAllow=10.0.0.0/8", 95),
    ("IPAddressDeny=0.0.0.0/0", 96),
    ("IPAddressDeny=any\nIPAddressAllow=127.0.0.1 ::1", 94),
    ("DevicePolicy=closed", 94),
    ("DevicePolicy=strict\nDeviceAllow=/dev/null rw", 95),
    ("DeviceAllow=/dev/null rw", 96),
    ("DevicePolicy=closed\nProtectClock=yes", 91),
    ("RootDirectory=/srv", 95),
    ("RootDirectory=/", 96),
    (
        "LockPersonality=yes\nMemoryDenyWriteExecute=yes\nNoNewPrivileges=yes\nRestrictRealtime=yes\nRestrictSUIDSGID=yes\nProtectHostname=yes",
        91,
    ),
    (
        "ProtectControlGroups=yes\nProtectKernelModules=yes\nProtectKernelTunables=yes\nProtectKernelLogs=yes\nProtectClock=yes",
        82,
    ),
    ("[Unit]\nDefaultDependencies=no\n[Service]\nUser=www", 91),
    ("Type=notify", 96),
];

#[test]
fn exposures_are_systemds() {
    for (content, exposure) in UNITS {
        assert_eq!(report(content).exposure, *exposure, "{content}");
    }
    for (content, is_worse) in
        [("KeyringMode=private", false), ("KeyringMode=inherit", true), ("Delegate=no", false)]
    {
        assert_eq!(report(content).exposure > report("").exposure, is_worse, "{content}");
    }
}

#[test]
fn table() {
    assert_eq!(ASSESSMENTS.len(), 81);
    for assessment in ASSESSMENTS {
        assert!(assessment.weight > 0 && assessment.range > 0, "{}", assessment.name);
    }
    let report = report("");
    let of = |name: &str| report.findings.iter().find(|finding| finding.name == name).unwrap();
    assert_eq!((of("PrivateNetwork=").badness, of("RemoveIPC=").badness), (Some(1), None));
    assert_eq!(of("PrivateNetwork=").description, "can use the network");
    assert_eq!(predicate(report.exposure), "UNSAFE");
}

#[test]
fn outputs() {
    let reports = [report("User=www\nProtectProc=invisible\nIPAddressDeny=any")];
    let text = |show: &dyn Fn(Out<'_>) -> std::io::Result<()>| {
        let mut out = Vec::new();
        show(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let details = text(&|out| output::details(&reports, out));
    assert!(details.contains("- PrivateNetwork="), "{details}");
    assert!(details.contains("keys that this init does not enforce: IPAddressDeny"), "{details}");
    assert!(text(&|out| output::overview(&reports, out)).contains("a.service"));
    let json = text(&|out| output::json(&reports, out));
    assert!(json.starts_with("[{\"unit\":\"a.service\",\"exposure\":\""), "{json}");
    assert!(
        json.contains("{\"set\":true,\"name\":\"ProtectProc=\",\"json_field\":\"ProtectProc\","),
        "{json}"
    );
    assert!(text(&|out| output::json_overview(&reports, out)).ends_with("}]\n"));
    assert_eq!(tenths(92), "9.2");
}
