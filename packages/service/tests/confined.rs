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

/// Keys of systemd.resource-control(5), each with its file of the group (Documentation/admin-guide/cgroup-v2.rst) and what the kernel has
/// there.
const LIMITS: [(&str, &str, &str); 9] = [
    ("MemoryMin=1M", "memory.min", "1048576"),
    ("MemoryLow=2M", "memory.low", "2097152"),
    ("MemoryHigh=30M", "memory.high", "31457280"),
    ("MemoryMax=64M", "memory.max", "67108864"),
    ("TasksMax=7", "pids.max", "7"),
    ("CPUWeight=50", "cpu.weight", "50"),
    ("CPUQuota=20%", "cpu.max", "20000 100000"),
    ("MemorySwapMax=0", "memory.swap.max", "0"),
    ("IOWeight=40", "io.weight", "default 40"),
];

/// A group has its limits. A kernel without swap, or without weights of I/O, has no such files, which is said.
#[test]
fn limits() {
    // Beside groups of version 1 there are no controllers.
    if !Path::new("/sys/fs/cgroup/cgroup.controllers").exists() {
        return;
    }
    let keys = LIMITS.map(|(key, ..)| key).join("\n");
    let m = manager(
        "limits",
        &[
            ("default.target", "[Unit]\nWants=l.service\n"),
            ("l.service", &format!("[Service]\nExecStart=/bin/sh -c 'exec sleep 1000'\n{keys}\n")),
        ],
    );
    m.until("the service", || m.value("l", "SubState") == "running");
    let group = format!("/sys/fs/cgroup/unified/qos-test-limits-{}/l.service", std::process::id());
    for (key, file, value) in LIMITS {
        match fs::read_to_string(Path::new(&group).join(file)) {
            Ok(found) => assert_eq!(found, format!("{value}\n"), "{key}"),
            Err(_) => {
                assert!(["memory.swap.max", "io.weight"].contains(&file), "{key}: no {file}: {}", m.log());
                assert!(m.log().contains(&format!("l.service: {file}=")), "{key}: {}", m.log());
                assert!(m.log().contains(": the kernel does not have it"), "{}", m.log());
            }
        }
    }
    m.end();
}

#[test]
fn confined() {
    let own = format!("qos-test-{}", std::process::id());
    let script = "id -u; touch /tmp/x && echo tmp; touch /run/$0/x && echo run; touch /usr/x 2>/dev/null || echo usr; test -e /proc/1 || echo proc";
    let shell = format!("ExecStart=/bin/sh -c '{{ {script}; }} > /run/{own}/out' {own}\n");
    let directory = std::env::temp_dir().join(format!("qos-manager-confined-{}", std::process::id()));
    let mount = mount_name(&directory);
    let hiding = format!(
        "[Service]\nType=oneshot\nRemainAfterExit=yes\nStandardOutput=file:@/t\nTemporaryFileSystem=@/var:ro,size=64k,mode=0711\n\
         ProtectHome=tmpfs\nBindPaths=@/var/lib/kept /root/{own}\nBindReadOnlyPaths=@/var/lib/one:@/var/lib/two\n\
         ExecStartPre=+/bin/sh -c 'mkdir -p @/var/lib/kept @/var/other /root/{own}; echo text > @/var/lib/one'\nExecStart=/bin/sh @/hiding\n"
    );
    let m = manager(
        "confined",
        &[
            ("default.target", "[Unit]\nWants=a.service n.service m.service t.service u.socket\n"),
            (
                "m.service",
                "[Service]\nType=oneshot\nRemainAfterExit=yes\nStandardOutput=file:@/m\nProtectSystem=strict\nPrivateDevices=yes\nProtectKernelTunables=yes\n\
                 ProtectControlGroups=yes\nProtectHome=yes\nReadOnlyPaths=@/only\nInaccessiblePaths=@/hidden\nTemporaryFileSystem=@/empty\n\
                 BindPaths=@/etc:@/bound\nBindReadOnlyPaths=@/etc:@/seen\nExecStartPre=+/bin/sh -c 'exec mkdir -p @/only @/hidden @/empty/x @/bound @/seen'\nExecStart=/bin/sh @/script\n",
            ),
            ("t.service", &hiding),
            (
                "../../../hiding",
                &format!(
                    "echo $(ls @/var @/var/lib /root) $(cat @/var/lib/two)\ntouch @/var/lib/kept/x /root/{own}/x && echo writable\n\
                     touch @/var/x 2>/dev/null || touch @/var/lib/two 2>/dev/null || touch /root/x 2>/dev/null || echo readonly\n"
                ),
            ),
            (
                "u.socket",
                "[Socket]\nListenStream=@/socket\nAccept=yes\nSocketUser=12345\nSocketGroup=12346\n",
            ),
            ("u@.service", "[Service]\nExecStart=/bin/true\n"),
            ("g.service", "[Service]\nType=forking\nExecStart=/bin/sh -c 'sleep 1000 &'\n"),
            ("h.service", "[Service]\nType=forking\nGuessMainPID=no\nExecStart=/bin/sh -c 'sleep 1000 &'\n"),
            (
                &mount,
                "[Mount]\nWhat=tmpfs\nWhere=@/mounted\nType=tmpfs\nOptions=size=4k\nDirectoryMode=0711\n",
            ),
            (
                "../../../script",
                "test -e /dev/sda || test -e /dev/vda || echo devices $(cd /dev; ls null)\n\
                 echo links $(readlink /dev/log /dev/ptmx) $(echo fd | cat /dev/stdin)\ntouch /dev/x 2>/dev/null || echo devices readonly\ntest -d @/bound/systemd && echo inside; touch @/bound/x && echo bound and writable; rm @/bound/x\n\
                 test -d @/seen/systemd && { touch @/seen/x 2>/dev/null || echo seen only; }\n\
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
    for name in ["a", "n", "m", "t"] {
        m.until(name, || m.value(name, "SubState") == "exited");
    }
    let seen = m.file("m");
    for line in [
        "devices null",
        "links /run/systemd/journal/dev-log pts/ptmx fd",
        "devices readonly",
        "inside",
        "bound and writable",
        "seen only",
        "empty",
        "tunables",
        "groups",
        "readonly",
        "hidden",
        "no home",
    ] {
        assert!(seen.lines().any(|found| found == line), "{line:?}: {seen}");
    }
    fs::remove_dir_all(format!("/root/{own}")).unwrap();
    let expect = format!("/root: {own} @/var: lib @/var/lib: kept two text\nwritable\nreadonly\n");
    assert_eq!(m.file("t"), expect.replace('@', &m.directory.to_string_lossy()));
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
    assert_eq!(fs::metadata(m.directory.join("mounted")).unwrap().mode() & 0o7777, 0o711);
    for (name, is_guessed) in [("g", true), ("h", false)] {
        assert_eq!(m.ask(&format!("start {name}")), "ok\n");
        let has_main = !["", "0"].contains(&m.value(name, "MainPID").as_str());
        assert_eq!((m.value(name, "SubState").as_str(), has_main), ("running", is_guessed), "{name}");
    }
    let out = fs::read_to_string(format!("/run/{own}/out")).unwrap();
    let lines: Vec<&str> = out.lines().collect();
    assert!((61_184..=65_519).contains(&lines[0].parse::<u32>().unwrap()), "{out}");
    assert_eq!(lines[1..], ["tmp", "run", "usr", "proc"]);
    // One interface, and it is up.
    let network = m.file("n");
    assert_eq!(network.matches(':').count(), 1, "{network}");
    m.end();
}
