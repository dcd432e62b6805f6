// SPDX-License-Identifier: MIT OR Apache-2.0
//! The end by kexec: processes, file systems, and the kernel that kexec_load(2) loaded. The host gets no verdict: the machine goes on.

use qos_init::LOG;
use qos_sys::error_text;
use qos_sys::mount::{MountFlags, remount};
use qos_sys::mounts::{Mount, mountinfo};
use qos_sys::power::sync;
use qos_sys::process::{Reaped, kill, reap};
use qos_sys::signal::{Blocked, SIGCONT, SIGKILL, SIGTERM};
use rustix::system::{RebootCommand, reboot};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long processes get after SIGTERM, and again after SIGKILL: as at another end ([`qos_init::end`]).
const PATIENCE: Duration = Duration::from_secs(5);

/// Starts the kernel that is loaded, after all services are stopped. `signals` has SIGCHLD. Comes back if that fails, which is logged:
/// then the machine is to be restarted, as systemd-shutdown(8) does.
pub fn start_loaded(signals: &Blocked) {
    if let Err(error) = end_processes(signals) {
        LOG.error(&format!("ending the processes: {}", error_text(&error)));
    }
    sync();
    make_read_only();
    sync();
    LOG.info("end: kexec");
    let error = match reboot(RebootCommand::Kexec) {
        Ok(()) => "reboot(2) came back without an error".to_owned(),
        Err(error) => error_text(&error.into()),
    };
    LOG.error(&format!("kexec: {error}: the machine is restarted"));
}

fn end_processes(signals: &Blocked) -> io::Result<()> {
    for signal in [SIGTERM, SIGKILL] {
        // "No such process" means that those left are ending already.
        let _ = kill(-1, signal);
        let _ = kill(-1, SIGCONT);
        let end = Instant::now() + PATIENCE;
        loop {
            match reap()? {
                Reaped::NoChildren => return Ok(()),
                Reaped::Child(..) => {}
                Reaped::None => {
                    if signals.wait(Some(end.saturating_duration_since(Instant::now())))?.is_none() {
                        break;
                    }
                }
            }
        }
    }
    LOG.warn("a process does not end by SIGKILL: it waits inside of the kernel");
    Ok(())
}

/// Makes the file systems on devices read-only, which writes back what they have. Nothing needs to be unmounted: the next kernel mounts
/// them as it finds them.
fn make_read_only() {
    let read = |path: &str| match std::fs::read(path) {
        Ok(text) => text,
        Err(error) => {
            LOG.error(&format!("{path}: {}", error_text(&error)));
            Vec::new()
        }
    };
    let (table, kinds) = (mountinfo(&read("/proc/self/mountinfo")), read("/proc/filesystems"));
    for target in on_devices(&table, &kinds) {
        if let Err(error) = remount(target, MountFlags::RDONLY, c"") {
            LOG.error(&format!("make {} read-only: {}", target.display(), error_text(&error)));
        }
    }
}

/// Where file systems on devices are mounted, the last one first. `kinds`: /proc/filesystems, in which those without a device have a mark.
fn on_devices<'a>(mounts: &'a [Mount], kinds: &[u8]) -> Vec<&'a Path> {
    let kinds = String::from_utf8_lossy(kinds);
    let has_device = |mount: &&Mount| {
        kinds.lines().any(|line| line.strip_prefix('\t').is_some_and(|kind| mount.kind == kind))
    };
    mounts.iter().rev().filter(has_device).map(|mount| mount.target.as_path()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_systems_on_devices() {
        let table = mountinfo(
            b"21 1 254:0 / / rw - ext4 /dev/vda rw\n23 21 0:20 / /proc rw - proc proc rw\n\
              24 21 0:21 / /run rw - tmpfs tmpfs rw\n25 24 254:1 / /run/a rw - vfat /dev/vdb rw\n",
        );
        let kinds = b"nodev\tproc\nnodev\ttmpfs\n\text4\n\tvfat\n";
        assert_eq!(on_devices(&table, kinds), [Path::new("/run/a"), Path::new("/")]);
        assert!(on_devices(&table, b"").is_empty());
    }
}
