// SPDX-License-Identifier: MIT OR Apache-2.0
//! The mount namespace of a service: what it sees and may write (systemd.exec(5), "Sandboxing").

use super::c;
use qos_sys::launch::Step;
use qos_unit::{Directory, Exec, Name, ProtectHome, ProtectProc, ProtectSystem, Sandbox};
use std::path::Path;

/// CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWNET.
const NEWNS: i32 = 0x0002_0000;
const NEWUTS: i32 = 0x0400_0000;
const NEWNET: i32 = 0x4000_0000;

/// MS_BIND with MS_REC; MS_MOVE; MS_NOSUID with MS_NODEV, MS_NOEXEC; MS_NOSUID; MS_RDONLY.
const BIND: u64 = 0x1000 | 0x4000;
const MOVE: u64 = 0x2000;
const NO_SUID_DEV_EXEC: u64 = 2 | 4 | 8;
const NO_SUID: u64 = 2;
const RDONLY: u64 = 1;

/// MS_REMOUNT with MS_BIND: flags of this mount only.
const REMOUNT: u64 = 0x20 | 0x1000;
const NO_EXEC: u64 = 8;

/// Devices that every program may need.
const DEVICES: [&str; 6] = ["null", "zero", "full", "random", "urandom", "tty"];

/// Links of /dev; the log daemon's socket is where systemd has it.
const LINKS: [(&str, &str); 6] = [
    ("/proc/self/fd", "fd"),
    ("/proc/self/fd/0", "stdin"),
    ("/proc/self/fd/1", "stdout"),
    ("/proc/self/fd/2", "stderr"),
    ("pts/ptmx", "ptmx"),
    ("/run/systemd/journal/dev-log", "log"),
];

/// Directories of people (ProtectHome=).
const HOMES: [&str; 3] = ["/home", "/root", "/run/user"];

/// Directories below the private one of a unit that stand for /tmp and /var/tmp.
pub const TMP: [(&str, &str); 2] = [("tmp", "/tmp"), ("var-tmp", "/var/tmp")];

/// The steps that make the namespaces; none if none is asked for.
pub fn steps(exec: &Exec, name: &Name, private: &Path) -> Result<Vec<Step>, String> {
    let sandbox = &exec.sandbox;
    let mut steps = Vec::new();
    let flags = [
        (wants_mounts(sandbox), NEWNS),
        (sandbox.protect_hostname, NEWUTS),
        (sandbox.private_network, NEWNET),
    ];
    let flags = flags.iter().filter(|(on, _)| *on).fold(0, |all, (_, flag)| all | flag);
    if flags != 0 {
        steps.push(Step::Unshare(flags));
    }
    if sandbox.private_network {
        steps.push(Step::Loopback);
    }
    if flags & NEWNS == 0 {
        return Ok(steps);
    }
    let own = private.join(name.as_str());
    let own = own.to_string_lossy();
    let mut build = Build { steps, root: exec.root_directory.clone().unwrap_or_default() };
    build.processes(sandbox)?;
    let empty = empty(sandbox);
    build.empty_and_binds(&empty, &sandbox.binds, &own)?;
    // What stays writable has to be a mount of its own before the tree around it becomes read-only.
    let writable = writable(exec);
    for path in &sandbox.read_write {
        let (may_miss, path) = optional(path);
        build.bind(path, path, may_miss)?;
    }
    if sandbox.protect_system == ProtectSystem::Strict {
        for path in
            ["/dev", "/proc", "/sys", "/run/qos"].into_iter().chain(writable.iter().map(String::as_str))
        {
            build.bind(path, path, true)?;
        }
        build.read_only("/", true, false)?;
        let empty = empty.iter().filter(|empty| !empty.read_only).map(|empty| empty.path);
        let binds = sandbox.binds.iter().filter(|(_, _, read_only, _)| !read_only);
        let own = empty.chain(binds.map(|(_, target, ..)| target.as_str()));
        let kept = ["/dev", "/proc", "/sys"].into_iter().chain(writable.iter().map(String::as_str));
        for path in kept.chain(own) {
            build.read_only(path, false, true)?;
        }
    }
    let system: &[&str] = match sandbox.protect_system {
        ProtectSystem::Yes => &["/usr", "/boot", "/efi"],
        ProtectSystem::Full => &["/usr", "/boot", "/efi", "/etc", "/bin", "/sbin", "/lib"],
        _ => &[],
    };
    let tunables: &[&str] = &["/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus", "/sys"];
    let groups: &[&str] = &["/sys/fs/cgroup"];
    let lists = [
        (true, system),
        (sandbox.protect_tunables, tunables),
        (sandbox.protect_control_groups, groups),
        (sandbox.protect_home == ProtectHome::ReadOnly, &HOMES),
    ];
    for path in lists.iter().filter(|(on, _)| *on).flat_map(|(_, paths)| *paths) {
        build.bind(path, path, true)?;
        build.read_only(path, true, true)?;
    }
    for path in &sandbox.read_only {
        let (may_miss, path) = optional(path);
        build.bind(path, path, may_miss)?;
        build.read_only(path, true, may_miss)?;
    }
    for path in &sandbox.read_write {
        let (may_miss, path) = optional(path);
        build.read_only(path, false, may_miss)?;
    }
    if sandbox.private_tmp {
        for (below, target) in TMP {
            build.bind(&format!("{own}/{below}"), target, target != "/tmp")?;
            // Below a tree that is read-only the new mount is, too.
            if sandbox.protect_system == ProtectSystem::Strict {
                build.read_only(target, false, target != "/tmp")?;
            }
        }
    }
    if sandbox.protect_home == ProtectHome::Yes {
        for path in HOMES {
            // Read-only: root may write to a directory of any mode.
            build.mount("tmpfs", &build.at(path), "tmpfs", NO_SUID_DEV_EXEC | RDONLY, "mode=0000", true)?;
        }
    }
    let logs = sandbox.protect_kernel_logs.then_some(["-/dev/kmsg", "-/proc/kmsg"]);
    let modules = sandbox.protect_modules.then_some(["-/usr/lib/modules", "-/lib/modules"]);
    for path in
        [logs, modules].into_iter().flatten().flatten().chain(sandbox.inaccessible.iter().map(String::as_str))
    {
        let (may_miss, path) = optional(path);
        // A directory goes below an empty one that nobody may enter, a file below an empty file; one of the two fits.
        build.hide(path, may_miss)?;
    }
    if sandbox.private_devices {
        build.devices(&format!("{own}/dev"))?;
    }
    Ok(build.steps)
}

/// An empty file system over a directory.
struct Empty<'a> {
    path: &'a str,
    options: String,
    read_only: bool,
    may_miss: bool,
}

/// Those of TemporaryFileSystem= and ProtectHome=tmpfs, outer ones first.
fn empty(sandbox: &Sandbox) -> Vec<Empty<'_>> {
    let mut all = Vec::new();
    for (path, options) in &sandbox.tmpfs {
        // `ro` and its like are flags of the mount, which tmpfs(5) does not know.
        let mut known: Vec<&str> = options.split(',').filter(|option| option.contains('=')).collect();
        if !known.iter().any(|option| option.starts_with("mode=")) {
            known.push("mode=0755");
        }
        let read_only = options.split(',').any(|option| option == "ro");
        all.push(Empty { path, options: known.join(","), read_only, may_miss: false });
    }
    if sandbox.protect_home == ProtectHome::Tmpfs {
        let of_home = |path| Empty { path, options: "mode=0755".into(), read_only: true, may_miss: true };
        all.extend(HOMES.map(of_home));
    }
    all.sort_by_key(|empty| empty.path);
    all
}

fn wants_mounts(s: &Sandbox) -> bool {
    s.private_tmp
        || s.protect_proc != ProtectProc::Default
        || s.proc_subset
        || s.private_devices
        || s.private_mounts
        || s.protect_system != ProtectSystem::No
        || s.protect_home != ProtectHome::No
        || s.protect_tunables
        || s.protect_control_groups
        || s.protect_kernel_logs
        || s.protect_modules
        || !s.read_only.is_empty()
        || !s.inaccessible.is_empty()
        || !s.binds.is_empty()
        || !s.tmpfs.is_empty()
}

/// Paths that ProtectSystem=strict leaves writable: those that are listed, and the directories that the manager makes for the unit.
fn writable(exec: &Exec) -> Vec<String> {
    let mut paths: Vec<String> =
        exec.sandbox.read_write.iter().map(|path| optional(path).1.to_owned()).collect();
    for ((kind, _, base, _), directories) in Directory::ALL.iter().zip(&exec.directories) {
        let names = directories.names.iter().filter(|_| *kind != Directory::Configuration);
        paths.extend(names.map(|name| format!("{base}/{name}")));
    }
    paths
}

fn optional(path: &str) -> (bool, &str) {
    path.strip_prefix('-').map_or((false, path), |path| (true, path))
}

struct Build {
    steps: Vec<Step>,
    root: String,
}

impl Build {
    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.root)
    }

    fn mount(
        &mut self,
        source: &str,
        target: &str,
        kind: &str,
        flags: u64,
        options: &str,
        may: bool,
    ) -> Result<(), String> {
        self.steps.push(Step::Mount(c(source)?, c(target)?, c(kind)?, flags, c(options)?, may));
        Ok(())
    }

    fn bind(&mut self, source: &str, target: &str, may: bool) -> Result<(), String> {
        // A mount of its own below the root directory.
        let source = if source == target { self.at(source) } else { source.to_owned() };
        self.mount(&source, &self.at(target), "", BIND, "", may)
    }

    fn read_only(&mut self, path: &str, on: bool, may: bool) -> Result<(), String> {
        self.steps.push(Step::ReadOnly(c(&self.at(path))?, on, may));
        Ok(())
    }

    /// Mounts empty file systems, and then what BindPaths= names: from `own/bind-NUMBER`, where it is bound before that, if it comes from
    /// below an empty one or goes there.
    fn empty_and_binds(
        &mut self,
        empty: &[Empty<'_>],
        binds: &[(String, String, bool, bool)],
        own: &str,
    ) -> Result<(), String> {
        let is_below = |path: &str| empty.iter().any(|empty| Path::new(path).starts_with(empty.path));
        let is_moved = |source: &str, target: &str| is_below(source) || is_below(target);
        let staging = |number: usize| format!("{own}/bind-{number}");
        for (number, (source, target, _, may_miss)) in binds.iter().enumerate() {
            if is_moved(source, target) {
                self.place(source, staging(number))?;
                self.mount(source, &staging(number), "", BIND, "", *may_miss)?;
            }
        }
        for Empty { path, options, may_miss, .. } in empty {
            self.mount("tmpfs", &self.at(path), "tmpfs", NO_SUID_DEV_EXEC & !NO_EXEC, options, *may_miss)?;
        }
        for (source, target, ..) in binds {
            let above = empty.iter().rfind(|empty| Path::new(target).starts_with(empty.path));
            let Some(above) = above.map(|empty| empty.path.len()) else { continue };
            for (at, _) in target.match_indices('/').filter(|(at, _)| *at > above) {
                self.steps.push(Step::Directory(c(&self.at(&target[..at]))?, 0o755));
            }
            self.place(source, self.at(target))?;
        }
        for Empty { path, may_miss, .. } in empty.iter().filter(|empty| empty.read_only) {
            self.read_only(path, true, *may_miss)?;
        }
        for (number, (source, target, read_only, may_miss)) in binds.iter().enumerate() {
            let (from, flags) = match is_moved(source, target) {
                true => (staging(number), MOVE),
                false => (source.clone(), BIND),
            };
            self.mount(&from, &self.at(target), "", flags, "", *may_miss)?;
            if *read_only {
                self.read_only(target, true, *may_miss)?;
            }
        }
        Ok(())
    }

    /// Makes what `source` can be mounted on: a directory or a file.
    fn place(&mut self, source: &str, path: String) -> Result<(), String> {
        let path = c(&path)?;
        let is_file = Path::new(source).exists() && !Path::new(source).is_dir();
        self.steps.push(if is_file { Step::File(path) } else { Step::Directory(path, 0o755) });
        Ok(())
    }

    fn hide(&mut self, path: &str, may: bool) -> Result<(), String> {
        let target = self.at(path);
        if Path::new(&target).is_file() || target.starts_with("/dev/") || target.starts_with("/proc/") {
            return self.mount("/dev/null", &target, "", BIND, "", may);
        }
        self.mount("tmpfs", &target, "tmpfs", NO_SUID_DEV_EXEC | RDONLY, "mode=0000,size=4k", may)
    }

    /// A /proc of its own (`Documentation/filesystems/proc.rst`, "Mount Options"), if one is asked for. A kernel before 5.8 refuses
    /// it, which is no failure, as in systemd.
    fn processes(&mut self, sandbox: &Sandbox) -> Result<(), String> {
        let hide = match sandbox.protect_proc {
            ProtectProc::Default => None,
            ProtectProc::NoAccess => Some("hidepid=noaccess"),
            ProtectProc::Invisible => Some("hidepid=invisible"),
            ProtectProc::Ptraceable => Some("hidepid=ptraceable"),
        };
        let subset = sandbox.proc_subset.then_some("subset=pid");
        let options: Vec<&str> = hide.into_iter().chain(subset).collect();
        if options.is_empty() {
            return Ok(());
        }
        let target = self.at("/proc");
        self.mount("proc", &target, "proc", NO_SUID_DEV_EXEC, &options.join(","), true)
    }

    /// A /dev with devices of memory and terminals only, read-only and without programs.
    fn devices(&mut self, staging: &str) -> Result<(), String> {
        self.steps.push(Step::Directory(c(staging)?, 0o755));
        self.mount("tmpfs", staging, "tmpfs", NO_SUID, "mode=0755", false)?;
        for name in DEVICES {
            let target = format!("{staging}/{name}");
            self.steps.push(Step::File(c(&target)?));
            self.mount(&format!("/dev/{name}"), &target, "", BIND, "", true)?;
        }
        for name in ["pts", "shm"] {
            let target = format!("{staging}/{name}");
            self.steps.push(Step::Directory(c(&target)?, 0o755));
            self.mount(&format!("/dev/{name}"), &target, "", BIND, "", true)?;
        }
        for (target, name) in LINKS {
            self.steps.push(Step::Link(c(target)?, c(&format!("{staging}/{name}"))?));
        }
        self.mount(staging, &self.at("/dev"), "", MOVE, "", false)?;
        self.mount("", &self.at("/dev"), "", REMOUNT | RDONLY | NO_SUID | NO_EXEC, "", false)
    }
}
