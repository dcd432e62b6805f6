// SPDX-License-Identifier: MIT OR Apache-2.0
//! Recognises console lines that mean an error or the end of the guest. Pure.
//!
//! Texts are those of the Linux kernel: kernel/panic.c, kernel/exit.c, init/main.c, init/do_mounts.c, init/initramfs.c,
//! arch/x86/kernel/dumpstack.c, mm/oom_kill.c, kernel/watchdog.c, kernel/rcu/tree_stall.h, kernel/hung_task.c.

use crate::warning::{self, Warning};
use qos_bootlog::Line;

/// The meaning of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sign {
    /// The first line of a panic, with its reason.
    Panic(String),
    /// The last line of a panic, with its reason: nothing follows.
    PanicEnd(String),
    /// The kernel detected an error of its own and continues as well as it can; its message.
    Oops(String),
    /// A CPU or a task makes no progress; the kernel's message.
    Lockup(String),
    /// The kernel ran out of memory; its message.
    OutOfMemory(String),
    /// The program that should be init cannot be executed; the kernel's message.
    NoInit(String),
    /// The root device does not exist; the name of the device.
    NoRoot(String),
    /// The initramfs could not be unpacked; the kernel's message.
    BadInitramfs(String),
    /// The kernel warns, and continues.
    Warning(Warning),
    /// The kernel starts a program as init: its path.
    Init(String),
}

/// How the first line of a panic begins.
pub(crate) const PANIC: &str = "Kernel panic - not syncing: ";
/// How its last line begins; the reason and `]---` follow.
const PANIC_END: &str = "---[ end Kernel panic - not syncing: ";
/// The prefixes of the kernel's message when a program restarts, stops or powers off the machine (kernel/reboot.c): no panic came
/// before it.
const ORDERLY_END: &str = "reboot: ";

/// How messages begin, and what they mean.
type Row = (&'static [&'static str], fn(String) -> Sign);

const TABLE: [Row; 6] = [
    (&["check access for rdinit=", "Failed to execute ", "Starting init: "], Sign::NoInit),
    // The file system that it is unpacked into holds half of the memory (tmpfs).
    (&["Initramfs unpacking failed: write error"], Sign::OutOfMemory),
    (&["Initramfs unpacking failed", "rootfs image is not initramfs"], Sign::BadInitramfs),
    (&["Out of memory: Killed process", "Out of memory and no killable"], Sign::OutOfMemory),
    (
        &["watchdog: BUG: soft lockup", "watchdog: CPU", "INFO: task ", "rcu: INFO: rcu_", "NMI watchdog:"],
        Sign::Lockup,
    ),
    (
        &[
            "Oops: ",
            "BUG: ",
            "kernel BUG at ",
            "general protection fault",
            "Internal error: ",
            "rust_kernel: panicked",
        ],
        Sign::Oops,
    ),
];

/// What `line` means, if it is of interest.
///
/// A panic is recognised anywhere in a line, with or without a time stamp: the state of the CPUs shows whether the kernel printed
/// it. All other messages count only after a time stamp of the kernel.
#[must_use]
pub fn recognise(line: &Line) -> Option<Sign> {
    if let Some((_, rest)) = line.text.split_once(PANIC_END) {
        let reason = rest.split(" ]---").next().unwrap_or(rest);
        return Some(Sign::PanicEnd(reason.trim_end().to_owned()));
    }
    if let Some((_, reason)) = line.text.split_once(PANIC) {
        return Some(Sign::Panic(reason.trim_end().to_owned()));
    }
    let inner = kernel_part(line);
    let line = inner.as_ref().unwrap_or(line);
    line.time_ns.and_then(|_| meaning(line.message()))
}

/// The kernel's line in a line that begins with a program's output without a newline: the kernel's next line then follows
/// it on the same line of the console.
pub(crate) fn kernel_part(line: &Line) -> Option<Line> {
    let starts = line.text.match_indices('[').map(|(at, _)| at).filter(|&at| at > 0);
    let mut stamped = starts.map(|at| Line::new(line.text[at..].to_owned(), line.complete, true));
    // A program that quotes an older line of the log does so behind the stamp of its own.
    stamped.rfind(|inner| inner.time_ns.is_some() && inner.time_ns >= line.time_ns)
}

/// Whether the kernel reports in this line that a program ends the machine.
pub(crate) fn is_orderly_end(line: &Line) -> bool {
    let inner = kernel_part(line);
    let line = inner.as_ref().unwrap_or(line);
    line.time_ns.is_some() && line.message().starts_with(ORDERLY_END)
}

fn meaning(message: &str) -> Option<Sign> {
    if let Some(path) = message.strip_prefix("Run ").and_then(|rest| rest.strip_suffix(" as init process")) {
        return Some(Sign::Init(path.to_owned()));
    }
    if let Some((device, _)) =
        message.strip_prefix("VFS: Cannot open root device \"").and_then(|rest| rest.split_once("\" or "))
    {
        // Linux 6.1 prints that there was no root= as it is in C.
        return Some(Sign::NoRoot(if device == "(null)" { String::new() } else { device.to_owned() }));
    }
    let row = TABLE.iter().find(|(starts, _)| starts.iter().any(|start| message.starts_with(start)));
    let sign = row.filter(|_| !is_harmless(message)).map(|(_, sign)| sign(message.to_owned()));
    sign.or_else(|| warning::recognise(message).map(Sign::Warning))
}

/// Lines that begin like an error but are harmless.
fn is_harmless(message: &str) -> bool {
    (message.starts_with("INFO: task ") && !message.contains("blocked for more than"))
        || (message.starts_with("watchdog: CPU") && !message.contains("LOCKUP"))
        || (message.starts_with("NMI watchdog:") && !message.contains("LOCKUP"))
        || (message.starts_with("rcu: INFO: rcu_") && !message.contains("stall"))
}

/// The kinds of panic that have a verdict of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PanicKind {
    /// Process 1 ended, with this wait status (wait(2)).
    InitExited(u32),
    /// There is no program to be process 1.
    NoInit,
    /// There is no root file system.
    NoRoot,
    /// There is no memory.
    OutOfMemory,
    /// A CPU makes no progress.
    Lockup,
    /// Any other.
    Other,
}

/// What kind of panic the reason after "Kernel panic - not syncing: " is.
#[must_use]
pub fn panic_kind(reason: &str) -> PanicKind {
    let contains = |text: &str| reason.contains(text);
    if let Some((_, code)) = reason.split_once("Attempted to kill init! exitcode=0x") {
        let digits = code.split(|c: char| !c.is_ascii_hexdigit()).next().unwrap_or("");
        return PanicKind::InitExited(u32::from_str_radix(digits, 16).unwrap_or(0));
    }
    if contains("No working init found") || contains("No init found") || contains("Requested init ") {
        PanicKind::NoInit
    } else if contains("Unable to mount root fs") || contains("Unable to open an initial console") {
        PanicKind::NoRoot
    } else if contains("ut of memory") || contains("deadlocked on memory") || contains("annot allocate") {
        PanicKind::OutOfMemory
    } else if contains("softlockup") || contains("LOCKUP") || contains("hung_task") || contains("RCU Stall") {
        PanicKind::Lockup
    } else {
        PanicKind::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sign(text: &str) -> Option<Sign> {
        recognise(&Line::new(text.to_owned(), true, true))
    }

    #[test]
    fn lines_have_meanings() {
        let check = |text: &str, expect: Option<Sign>| assert_eq!(sign(text), expect, "{text}");
        check("[    1.000000] Kernel panic - not syncing: x", Some(Sign::Panic("x".into())));
        check("Kernel panic - not syncing: x", Some(Sign::Panic("x".into())));
        check("[    1.000000] ---[ end Kernel panic - not syncing: x ]---", Some(Sign::PanicEnd("x".into())));
        check("[    1.000000] Run /init as init process", Some(Sign::Init("/init".into())));
        check("Run /init as init process", None);
        check("Oops: I did it again", None);
        let bug = "BUG: kernel NULL pointer dereference, address: 0000000000000000";
        check(&format!("[    1.000000] {bug}"), Some(Sign::Oops(bug.into())));
        let lockup = "watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [init:1]";
        check(&format!("[   28.000000] {lockup}"), Some(Sign::Lockup(lockup.into())));
        let hung = "INFO: task init:1 blocked for more than 120 seconds.";
        check(&format!("[  128.000000] {hung}"), Some(Sign::Lockup(hung.into())));
        let rdinit = "check access for rdinit=/init failed: -2, ignoring";
        check(&format!("[    1.000000] {rdinit}"), Some(Sign::NoInit(rdinit.into())));
        let root = "VFS: Cannot open root device \"/dev/vda\" or unknown-block(0,0): error -6";
        check(&format!("[    1.000000] {root}"), Some(Sign::NoRoot("/dev/vda".into())));
        let none = "VFS: Cannot open root device \"(null)\" or unknown-block(0,0): error -6";
        check(&format!("[    1.000000] {none}"), Some(Sign::NoRoot(String::new())));
        let full = "Initramfs unpacking failed: write error";
        check(&format!("[    1.000000] {full}"), Some(Sign::OutOfMemory(full.into())));
        let damaged = "Initramfs unpacking failed: ZSTD-compressed data is corrupt";
        check(&format!("[    1.000000] {damaged}"), Some(Sign::BadInitramfs(damaged.into())));
        check("[    1.000000] INFO: task x is fine", None);
        check("[    1.000000] NMI watchdog: Enabled. Permanently consumes one hw-PMU counter.", None);
    }

    #[test]
    fn panics_have_kinds() {
        let check = |reason: &str, kind| assert_eq!(panic_kind(reason), kind, "{reason}");
        check("Attempted to kill init! exitcode=0x00000100", PanicKind::InitExited(0x100));
        check("Attempted to kill init! exitcode=0x0000000b", PanicKind::InitExited(11));
        check(
            "No working init found.  Try passing init= option to kernel. See Linux Documentation/admin-guide/init.rst for guidance.",
            PanicKind::NoInit,
        );
        check("Requested init /sbin/x failed (error -2).", PanicKind::NoInit);
        check("VFS: Unable to mount root fs on unknown-block(0,0)", PanicKind::NoRoot);
        check("System is deadlocked on memory", PanicKind::OutOfMemory);
        check("Out of memory: compulsory panic_on_oom is enabled", PanicKind::OutOfMemory);
        check("softlockup: hung tasks", PanicKind::Lockup);
        check("sysrq triggered crash", PanicKind::Other);
    }
}
