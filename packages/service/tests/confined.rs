// SPDX-License-Identifier: MIT OR Apache-2.0
//! Namespaces, users and mounts of real services. They need root, so these tests have the feature `root`.

mod common;

use common::manager;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// The mount unit of the directory `mounted`.
fn mount_name(directory: &Path) -> String {
    format!("{}.mount", qos_unit::name::escape_path(&directory.join("mounted").to_string_lossy()))
}

#[test]
fn confined() {
    let own = format!("qos-test-{}", std::process::id());
    let script = "id -u; touch /tmp/x && echo tmp; touch /run/$0/x && echo run; touch /usr/x 2>/dev/null || echo usr; test -e /proc/1 || echo proc";
    let shell = format!("ExecStart=/bin/sh -c '{{ {script}; }} > /run/{own}/out' {own}\n");
    let directory = std::env::temp_dir().join(format!("qos-manager-confined-{}", std::process::id()));
    let mount = mount_name(&directory);
    let m = manager(
        "confined",
        &[
            ("default.target", "[Unit]\nWants=a.service n.service m.service u.socket\n"),
            (
                "m.service",
                "[Service]\nType=oneshot\nRemainAfterExit=yes\nStandardOutput=file:@/m\nProtectSystem=strict\nPrivateDevices=yes\nProtectKernelTunables=yes\n\
                 ProtectControlGroups=yes\nProtectHome=yes\nReadOnlyPaths=@/only\nInaccessiblePaths=@/hidden\nTemporaryFileSystem=@/empty\n\
                 BindPaths=@/etc:@/bound\nExecStartPre=+/bin/sh -c 'exec mkdir -p @/only @/hidden @/empty/x @/bound'\nExecStart=/bin/sh @/script\n",
            ),
            (
                "u.socket",
                "[Socket]\nListenStream=@/socket\nAccept=yes\nSocketUser=12345\nSocketGroup=12346\n",
            ),
            ("u@.service", "[Service]\nExecStart=/bin/true\n"),
            (&mount, "[Mount]\nWhat=tmpfs\nWhere=@/mounted\nType=tmpfs\nOptions=size=4k\n"),
            (
                "../../../script",
                "test -e /dev/sda || test -e /dev/vda || echo devices $(cd /dev; ls null)\n\
                 echo links $(readlink /dev/log /dev/ptmx) $(echo fd | cat /dev/stdin)\ntouch /dev/x 2>/dev/null || echo devices readonly\ntest -d @/bound/systemd && echo inside\n\
                 echo empty $(ls @/empty)\n(echo 1 > /proc/sys/kernel/printk_ratelimit) 2>/dev/null || echo tunables\n\
                 mkdir /sys/fs/cgroup/qos-test 2>/dev/null || echo groups\ntouch @/only/x 2>/dev/null || echo readonly\n\
                 ls @/hidden/. 2>/dev/null; touch @/hidden/x 2>/dev/null || echo hidden\ntouch /root/x 2>/dev/null || echo no home\n",
            ),
            (
                "a.service",
                &format!(
                    "[Service]\nType=oneshot\nRemainAfterExit=yes\nDynamicUser=yes\nProtectProc=invisible\nRuntimeDirectory={own}\n{shell}"
                ),
            ),
            (
                "n.service",
                "[Service]\nType=oneshot\nRemainAfterExit=yes\nPrivateNetwork=yes\nExecStart=/bin/sh -c 'cat /sys/class/net/lo/flags /proc/net/dev > @/n'\n",
            ),
        ],
    );
    for name in ["a", "n", "m"] {
        m.until(name, || m.value(name, "SubState") == "exited");
    }
    let seen = m.file("m");
    for line in [
        "devices null",
        "links /run/systemd/journal/dev-log pts/ptmx fd",
        "devices readonly",
        "inside",
        "empty",
        "tunables",
        "groups",
        "readonly",
        "hidden",
        "no home",
    ] {
        assert!(seen.lines().any(|found| found == line), "{line:?}: {seen}");
    }
    // The directory is bound in the service's namespace only.
    assert!(m.directory.join("bound").read_dir().unwrap().next().is_none());
    m.until("the socket", || m.value("u.socket", "SubState") == "listening");
    let socket = fs::metadata(m.directory.join("socket")).unwrap();
    assert_eq!((socket.uid(), socket.gid()), (12_345, 12_346));
    let mount = mount_name(&m.directory);
    assert_eq!(m.ask(&format!("start {mount}")), "ok\n");
    let is_mounted = || {
        let path = m.directory.join("mounted");
        fs::read_to_string("/proc/mounts").unwrap().contains(&*path.to_string_lossy())
    };
    assert!(is_mounted() && m.value(&mount, "SubState") == "mounted");
    assert_eq!(m.ask(&format!("stop {mount}")), "ok\n");
    assert!(!is_mounted());
    let out = fs::read_to_string(format!("/run/{own}/out")).unwrap();
    let lines: Vec<&str> = out.lines().collect();
    assert!((61_184..=65_519).contains(&lines[0].parse::<u32>().unwrap()), "{out}");
    assert_eq!(lines[1..], ["tmp", "run", "usr", "proc"]);
    // One interface, and it is up.
    let network = m.file("n");
    assert_eq!(network.matches(':').count(), 1, "{network}");
    m.end();
}
