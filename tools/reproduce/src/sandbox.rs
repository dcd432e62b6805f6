// SPDX-License-Identifier: MIT OR Apache-2.0
//! Runs a builder as Nix's sandbox does, in namespaces with a file system of its own: the outputs have the store paths of the first
//! build, so that references to themselves are the same bytes. The process that enters the namespaces is this program, started anew.

use crate::plan::Plan;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, CpuSet, sched_setaffinity, unshare};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;
use nix::sys::stat::{Mode, umask};
use nix::sys::statvfs::{FsFlags, statvfs};
use nix::unistd::{Pid, getegid, geteuid, pivot_root, sethostname};
use qos_host::ui::Result;
use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, symlink};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The first argument of the program in the namespaces; the second is the file of the plan.
pub const INSIDE: &str = "inside-namespaces";
/// The file that asks the dynamic loader for libfaketime, ld.so(8), and the one that the library reads.
const PRELOAD: &str = "ld.so.preload";
const FAKETIMERC: &str = "faketimerc";
/// Where the library is inside.
const LIBRARY: &str = "/nix/store/libfaketime.so.1";
/// disorderfs mounts within milliseconds.
const MOUNTED_WITHIN: Duration = Duration::from_secs(10);

/// Builds by the plan; the output of the builder goes to the file `log`.
///
/// # Errors
///
/// The builder cannot be started, or fails.
pub fn build(plan: &Plan, log: &Path) -> Result<()> {
    let file = plan.scratch.join("plan.json");
    let json = serde_json::to_string(plan).map_err(|error| format!("the plan of a build: {error}"))?;
    fs::write(&file, json).map_err(|error| format!("{}: {error}", file.display()))?;
    let output = File::create(log).map_err(|error| format!("{}: {error}", log.display()))?;
    let errors = output.try_clone().map_err(|error| format!("{}: {error}", log.display()))?;
    let program =
        std::env::current_exe().map_err(|error| format!("cannot find the program itself: {error}"))?;
    let status = Command::new(program)
        .arg(INSIDE)
        .arg(&file)
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(errors)
        .status()
        .map_err(|error| format!("cannot start the builder: {error}"))?;
    qos_host::ui::check()?;
    if status.success() {
        return Ok(());
    }
    let text = fs::read_to_string(log).unwrap_or_default();
    let last = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it wrote nothing");
    Err(format!("the second build failed ({status}): {last}; the whole log: {}", log.display()).into())
}

/// What the program does in the namespaces: makes them, and runs the builder. Its exit status is the builder's.
///
/// # Errors
///
/// The host refuses a namespace or a mount.
pub fn inside(plan: &Path) -> Result<u8> {
    let text = fs::read_to_string(plan).map_err(|error| format!("{}: {error}", plan.display()))?;
    let plan: Plan = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", plan.display()))?;
    let _ = set_pdeathsig(Signal::SIGTERM);
    enter_user(0).map_err(|reason| format!("this host refuses user namespaces: {reason}"))?;
    let more = CloneFlags::CLONE_NEWNS
        | CloneFlags::CLONE_NEWUTS
        | CloneFlags::CLONE_NEWIPC
        | CloneFlags::CLONE_NEWNET;
    unshare(more).map_err(|error| format!("this host refuses namespaces: {error}"))?;
    let mut order = file_system(&plan)?;
    sethostname(&plan.host_name).map_err(|error| format!("cannot set the name of the host: {error}"))?;
    enter_user(plan.user)?;
    let mut cpus = CpuSet::new();
    plan.cpus
        .iter()
        .try_for_each(|&cpu| cpus.set(cpu))
        .map_err(|error| format!("CPUs {:?}: {error}", plan.cpus))?;
    sched_setaffinity(Pid::from_raw(0), &cpus).map_err(|error| format!("CPUs {:?}: {error}", plan.cpus))?;
    umask(Mode::from_bits_truncate(plan.umask));
    let status = Command::new(&plan.builder)
        .args(&plan.arguments)
        .env_clear()
        .envs(&plan.environment)
        .current_dir(&plan.build)
        .stdin(Stdio::null())
        .status()
        .map_err(|error| format!("cannot run {}: {error}", plan.builder));
    if let Some(daemon) = &mut order {
        // Nothing uses the file system any more.
        let _ = daemon.kill();
        let _ = daemon.wait();
    }
    let status = status?;
    Ok(status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal))
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(1))
}

/// A user namespace in which this user is `id`.
fn enter_user(id: u32) -> Result<()> {
    let (user, group) = (geteuid(), getegid());
    unshare(CloneFlags::CLONE_NEWUSER).map_err(|error| error.to_string())?;
    for (file, text) in [
        ("setgroups", "deny".to_owned()),
        ("uid_map", format!("{id} {user} 1")),
        ("gid_map", format!("{id} {group} 1")),
    ] {
        let path = format!("/proc/self/{file}");
        // A second time it is denied already.
        if file == "setgroups" && fs::read_to_string(&path).is_ok_and(|now| now.trim() == "deny") {
            continue;
        }
        fs::write(&path, text).map_err(|error| format!("{path}: {error}"))?;
    }
    Ok(())
}

/// Makes the builder's file system and changes the root to it. Returns the process of disorderfs, if there is one.
fn file_system(plan: &Plan) -> Result<Option<Child>> {
    bind(Path::new("/"), None)?;
    let root = plan.scratch.join("root");
    let lower = plan.scratch.join("lower");
    let (store, build) = (lower.join("store"), lower.join("build"));
    for directory in [&root, &store, &build] {
        directories(directory)?;
    }
    // A root has to be a mount.
    bind(&root, Some(&root))?;
    for input in &plan.inputs {
        let at = store.join(input.file_name().unwrap_or_default());
        match &plan.clock {
            Some((_, shift)) if is_sysroot(input) => sysroot(input, &at, shift)?,
            _ => place(input, &at)?,
        }
    }
    if let Some((library, _)) = &plan.clock {
        place(library, &store.join(Path::new(LIBRARY).file_name().unwrap_or_default()))?;
    }
    let inside = |path: &Path| root.join(path.strip_prefix("/").unwrap_or(path));
    let (store_inside, build_inside) = (inside(Path::new("/nix/store")), inside(&plan.build));
    directories(&store_inside)?;
    directories(&build_inside)?;
    let daemon = match &plan.disorderfs {
        Some(program) => {
            // The root changes for disorderfs too, which then finds what it shows at the same path.
            let again = inside(&lower);
            directories(&again)?;
            bind(&lower, Some(&again))?;
            Some(disordered(program, &lower, &root)?)
        }
        None => None,
    };
    let shown = if daemon.is_some() { root.join(".lower") } else { lower };
    bind(&shown.join("store"), Some(&store_inside))?;
    bind(&shown.join("build"), Some(&build_inside))?;
    devices(&root.join("dev"))?;
    for directory in ["proc", "tmp", "etc"] {
        directories(&root.join(directory))?;
    }
    bind(Path::new("/proc"), Some(&root.join("proc")))?;
    let user = plan.user;
    write(&root.join("etc/passwd"), &format!("second:x:{user}:{user}::/second-home:/noshell\n"))?;
    write(&root.join("etc/group"), &format!("second:x:{user}:\n"))?;

    let old = root.join(".old");
    directories(&old)?;
    let failed = |error: nix::Error| format!("cannot change the root to {}: {error}", root.display());
    pivot_root(&root, &old).map_err(failed)?;
    std::env::set_current_dir("/").map_err(|error| format!("/: {error}"))?;
    umount2("/.old", MntFlags::MNT_DETACH).map_err(failed)?;
    Ok(daemon)
}

/// The few devices that a builder may expect.
fn devices(dev: &Path) -> Result<()> {
    directories(dev)?;
    for name in ["null", "zero", "full", "random", "urandom", "tty"] {
        write(&dev.join(name), "")?;
        bind(&Path::new("/dev").join(name), Some(&dev.join(name)))?;
    }
    directories(&dev.join("shm"))?;
    mount(Some("shm"), &dev.join("shm"), Some("tmpfs"), MsFlags::MS_NOSUID | MsFlags::MS_NODEV, None::<&str>)
        .map_err(|error| format!("cannot mount a tmpfs: {error}"))?;
    for (name, target) in [("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")]
    {
        symlink(target, dev.join(name)).map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}

/// Whether a store path is a tree of packages, whose programs find /etc in it (tools/nix/enter.sh).
fn is_sysroot(path: &Path) -> bool {
    path.join("usr/lib64/ld-linux-x86-64.so.2").exists() && path.join("etc").is_dir()
}

/// A sysroot at `at` with an /etc that shifts the clock of every program which the dynamic loader starts.
fn sysroot(path: &Path, at: &Path, shift: &str) -> Result<()> {
    directories(at)?;
    for entry in list(path)? {
        let to = at.join(entry.file_name().unwrap_or_default());
        if entry.ends_with("etc") {
            copy(&entry, &to)?;
        } else {
            place(&entry, &to)?;
        }
    }
    write(&at.join("etc").join(PRELOAD), &format!("{LIBRARY}\n"))?;
    write(&at.join("etc").join(FAKETIMERC), &format!("{shift}\n"))
}

/// Copies a small tree.
fn copy(from: &Path, to: &Path) -> Result<()> {
    let metadata = fs::symlink_metadata(from).map_err(|error| format!("{}: {error}", from.display()))?;
    if metadata.is_dir() {
        directories(to)?;
        return list(from)?
            .iter()
            .try_for_each(|entry| copy(entry, &to.join(entry.file_name().unwrap_or_default())));
    }
    let done = match metadata.is_symlink() {
        true => fs::read_link(from).and_then(|target| symlink(target, to)),
        false => fs::copy(from, to).map(|_| ()),
    };
    done.map_err(|error| format!("cannot copy {}: {error}", from.display()).into())
}

/// Shows a file or directory at another place, read-only; a link is made again.
fn place(from: &Path, at: &Path) -> Result<()> {
    let metadata = fs::symlink_metadata(from).map_err(|error| format!("{}: {error}", from.display()))?;
    if metadata.is_symlink() {
        let made = fs::read_link(from).and_then(|target| symlink(target, at));
        return made.map_err(|error| format!("{}: {error}", at.display()).into());
    }
    match metadata.is_dir() {
        true => directories(at)?,
        false => write(at, "")?,
    }
    bind(from, Some(at))?;
    // Flags that the mount has may not be taken away in a user namespace.
    let failed = |error: nix::Error| format!("cannot make {} read-only: {error}", from.display());
    let now = statvfs(at).map_err(failed)?.flags();
    let kept = [
        (FsFlags::ST_NOSUID, MsFlags::MS_NOSUID),
        (FsFlags::ST_NODEV, MsFlags::MS_NODEV),
        (FsFlags::ST_NOEXEC, MsFlags::MS_NOEXEC),
        (FsFlags::ST_NOATIME, MsFlags::MS_NOATIME),
        (FsFlags::ST_NODIRATIME, MsFlags::MS_NODIRATIME),
        (FsFlags::ST_RELATIME, MsFlags::MS_RELATIME),
    ];
    let flags =
        kept.iter().filter(|(is, _)| now.contains(*is)).fold(MsFlags::empty(), |all, (_, flag)| all | *flag);
    let flags = flags | MsFlags::MS_REMOUNT | MsFlags::MS_BIND | MsFlags::MS_RDONLY;
    mount(None::<&str>, at, None::<&str>, flags, None::<&str>).map_err(failed)?;
    Ok(())
}

/// Mounts `lower` at `ROOT/.lower` with every directory listed in reverse.
fn disordered(program: &Path, lower: &Path, root: &Path) -> Result<Child> {
    let at = root.join(".lower");
    directories(&at)?;
    let before = device(&at)?;
    let mut child = Command::new(program)
        .args(["-f", "-q", "--sort-dirents=yes", "--reverse-dirents=yes"])
        .args([lower, &at])
        .stdin(Stdio::null())
        .spawn()
        .map_err(|error| format!("cannot run {}: {error}", program.display()))?;
    let begin = Instant::now();
    while device(&at)? == before {
        let ended = child.try_wait().map_err(|error| format!("disorderfs: {error}"))?;
        if ended.is_some() || begin.elapsed() > MOUNTED_WITHIN {
            let _ = child.kill();
            let _ = child.wait();
            return Err("disorderfs cannot mount here (/dev/fuse); --no-disorderfs builds without it".into());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(child)
}

fn device(path: &Path) -> Result<u64> {
    Ok(fs::metadata(path).map_err(|error| format!("{}: {error}", path.display()))?.dev())
}

/// Binds `from` at `to`; without `to`, makes all mounts below `from` private.
fn bind(from: &Path, to: Option<&Path>) -> Result<()> {
    let (source, target, flags) = match to {
        Some(to) => (Some(from), to, MsFlags::MS_BIND | MsFlags::MS_REC),
        None => (None, from, MsFlags::MS_PRIVATE | MsFlags::MS_REC),
    };
    mount(source, target, None::<&str>, flags, None::<&str>)
        .map_err(|error| format!("cannot mount {} at {}: {error}", from.display(), target.display()).into())
}

fn directories(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(|error| format!("{}: {error}", path.display()).into())
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()).into())
}

fn list(directory: &Path) -> Result<Vec<PathBuf>> {
    let failed = |error: std::io::Error| format!("{}: {error}", directory.display());
    let entries = fs::read_dir(directory).map_err(failed)?;
    Ok(entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<_>>()
        .map_err(failed)?)
}
