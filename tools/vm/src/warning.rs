// SPDX-License-Identifier: MIT OR Apache-2.0
//! Recognises warnings of the kernel, and decides which of them fail a run. Pure.
//!
//! Texts are those of the Linux kernel: kernel/panic.c, kernel/locking/lockdep.c, lib/ubsan.c, mm/slub.c, init/initramfs.c,
//! drivers/base/dd.c.

/// A complaint of the kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The kernel's message: one line.
    pub message: String,
    /// It comes from a check that a kernel is built for on purpose (lockdep, UBSAN), and fails the run unless it is allowed.
    pub checked: bool,
}

/// How messages begin.
const STARTS: [&str; 7] = [
    "WARNING: ",
    "UBSAN: ",
    "[ BUG: ",
    // Of the slab allocator: `BUG kmalloc-64 (Not tainted): Redzone overwritten`.
    "BUG ",
    "INFO: trying to register non-static key",
    "Initramfs unpacking failed",
    "rootfs image is not initramfs",
];

/// The texts of lockdep after `WARNING: `.
const LOCKDEP: [&str; 12] = [
    "possible ",
    "inconsistent lock state",
    "Nested lock was not taken",
    "bad unlock balance detected!",
    "bad contention detected!",
    "held lock freed!",
    "lock held when returning to user space!",
    "suspicious RCU usage",
    "chain_key collision",
    "still has locks held!",
    "locks held",
    "lock order detected",
];

/// The complaint that a line of the kernel is, without its time stamp.
#[must_use]
pub(crate) fn recognise(message: &str) -> Option<Warning> {
    // `virtio_blk virtio0: probe with driver virtio_blk failed with error -22`; until Linux 6.9
    // `virtio_blk: probe of virtio0 failed with error -22`.
    let probe = message.contains(" failed with error -")
        && (message.contains(": probe with driver ") || message.contains(": probe of "));
    if !probe && !STARTS.iter().any(|start| message.starts_with(start)) {
        return None;
    }
    let of_lockdep = |text: &str| LOCKDEP.iter().any(|part| text.contains(part));
    let checked = message.starts_with("UBSAN: ")
        || message.starts_with("[ BUG: ")
        || message.starts_with("INFO: trying to register")
        || message.strip_prefix("WARNING: ").is_some_and(of_lockdep);
    Some(Warning { message: message.trim_end().to_owned(), checked })
}

/// The policy on warnings. A pattern is a part of the message; `*` in it matches any text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WarningPolicy {
    /// Accepted silently.
    pub allow: Vec<String>,
    /// Fail the run, unless they are allowed.
    pub deny: Vec<String>,
}

impl WarningPolicy {
    /// Whether it is accepted silently.
    #[must_use]
    pub fn allows(&self, warning: &Warning) -> bool {
        self.allow.iter().any(|pattern| matches(pattern, &warning.message))
    }

    /// Whether it fails the run.
    #[must_use]
    pub fn denies(&self, warning: &Warning) -> bool {
        let denied = warning.checked || self.deny.iter().any(|pattern| matches(pattern, &warning.message));
        denied && !self.allows(warning)
    }
}

/// Whether the parts between the stars of `pattern` are in `text`, one behind the other.
fn matches(pattern: &str, text: &str) -> bool {
    let mut rest = text;
    pattern.split('*').all(|part| match rest.find(part) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints_are_told_from_the_rest() {
        let check = |message: &str, expect: Option<bool>| {
            assert_eq!(recognise(message).map(|warning| warning.checked), expect, "{message}");
        };
        check("WARNING: CPU: 0 PID: 1 at kernel/x.c:5 f+0x1/0x2", Some(false));
        check("WARNING: kernel/x.c:5 at f+0x1/0x2, CPU#0: init/1", Some(false));
        check("WARNING: possible circular locking dependency detected", Some(true));
        check("WARNING: possible recursive locking detected", Some(true));
        check("WARNING: HARDIRQ-safe -> HARDIRQ-unsafe lock order detected", Some(true));
        check("WARNING: init/1 still has locks held!", Some(true));
        check("WARNING: suspicious RCU usage", Some(true));
        check("[ BUG: Invalid wait context ]", Some(true));
        check("UBSAN: array-index-out-of-bounds in drivers/x.c:5:6", Some(true));
        check("BUG kmalloc-64 (Not tainted): Redzone overwritten", Some(false));
        check("Initramfs unpacking failed: invalid magic at start of compressed archive", Some(false));
        check("virtio_blk virtio0: probe with driver virtio_blk failed with error -22", Some(false));
        check("virtio_blk: probe of virtio0 failed with error -12", Some(false));
        check("Spectre V2 : WARNING: Unprivileged eBPF is enabled", None);
        check(
            "acpi PNP0A03:00: fail to add MMCONFIG information, can't access extended configuration space under this bridge",
            None,
        );
        check("i8042: probe failed with error -5 times", None);
        check("BUG", None);
    }

    #[test]
    fn patterns() {
        let check = |pattern: &str, expect| {
            assert_eq!(matches(pattern, "WARNING: CPU: 0 PID: 1 at mm/x.c:5"), expect, "{pattern}");
        };
        check("", true);
        check("*", true);
        check("WARNING", true);
        check("mm/x.c", true);
        check("WARNING*mm/*", true);
        check("mm/*WARNING", false);
        check("UBSAN", false);
    }

    #[test]
    fn what_is_allowed_is_not_denied() {
        let warning = |checked| Warning { message: "WARNING: x at mm/y.c".into(), checked };
        let policy = |allow: &[&str], deny: &[&str]| WarningPolicy {
            allow: allow.iter().map(|&text| text.into()).collect(),
            deny: deny.iter().map(|&text| text.into()).collect(),
        };
        let check = |policy: WarningPolicy, checked, allowed, denied| {
            let warning = warning(checked);
            assert_eq!((policy.allows(&warning), policy.denies(&warning)), (allowed, denied), "{policy:?}");
        };
        check(policy(&[], &[]), false, false, false);
        check(policy(&[], &[]), true, false, true);
        check(policy(&[], &["*"]), false, false, true);
        check(policy(&["mm/"], &["*"]), false, true, false);
        check(policy(&["mm/"], &[]), true, true, false);
        check(policy(&["net/"], &["net/"]), false, false, false);
    }
}
