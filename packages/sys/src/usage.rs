// SPDX-License-Identifier: MIT OR Apache-2.0
//! Time that child processes and this thread have used, and limits of the system: getrusage(2), sysconf(3).

use crate::error::check;
use std::io;
use std::mem::MaybeUninit;
use std::time::Duration;

/// Time in user mode and in the kernel of all children that have been waited for.
///
/// # Errors
/// None that a correct call has; passed on all the same.
pub fn of_children() -> io::Result<(Duration, Duration)> {
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: `usage` is a place for the structure that outlives the call.
    check(unsafe { libc::getrusage(libc::RUSAGE_CHILDREN, usage.as_mut_ptr()) })?;
    // SAFETY: zero is a value of every field, and the call has succeeded and written them.
    let usage = unsafe { usage.assume_init() };
    let duration = |time: libc::timeval| {
        Duration::from_secs(time.tv_sec.unsigned_abs()) + Duration::from_micros(time.tv_usec.unsigned_abs())
    };
    Ok((duration(usage.ru_utime), duration(usage.ru_stime)))
}

/// Time that the CPU has spent on this thread: how long it waited for the CPU is not in it.
///
/// # Errors
/// None that a correct call has; passed on all the same.
pub fn of_thread() -> io::Result<Duration> {
    let mut time = MaybeUninit::<libc::timespec>::zeroed();
    // SAFETY: `time` is a place for the structure that outlives the call.
    check(unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, time.as_mut_ptr()) })?;
    // SAFETY: zero is a value of every field, and the call has succeeded and written them.
    let time = unsafe { time.assume_init() };
    Ok(Duration::from_secs(time.tv_sec.unsigned_abs()) + Duration::from_nanos(time.tv_nsec.unsigned_abs()))
}

/// A number that sysconf(3) knows.
#[allow(missing_docs, reason = "sysconf(3) has them")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    ArgMax,
    ChildMax,
    ClockTicks,
    HostNameMax,
    LoginNameMax,
    NgroupsMax,
    OpenMax,
    PageSize,
    ProcessorsConfigured,
    ProcessorsOnline,
    PhysicalPages,
    SymloopMax,
    IovMax,
    Posix2Version,
    PosixVersion,
    LineMax,
    ReDupMax,
}

/// The value of `limit`; `None`: there is no limit.
#[must_use]
pub fn limit(limit: Limit) -> Option<i64> {
    let name = match limit {
        Limit::ArgMax => libc::_SC_ARG_MAX,
        Limit::ChildMax => libc::_SC_CHILD_MAX,
        Limit::ClockTicks => libc::_SC_CLK_TCK,
        Limit::HostNameMax => libc::_SC_HOST_NAME_MAX,
        Limit::LoginNameMax => libc::_SC_LOGIN_NAME_MAX,
        Limit::NgroupsMax => libc::_SC_NGROUPS_MAX,
        Limit::OpenMax => libc::_SC_OPEN_MAX,
        Limit::PageSize => libc::_SC_PAGESIZE,
        Limit::ProcessorsConfigured => libc::_SC_NPROCESSORS_CONF,
        Limit::ProcessorsOnline => libc::_SC_NPROCESSORS_ONLN,
        Limit::PhysicalPages => libc::_SC_PHYS_PAGES,
        Limit::SymloopMax => libc::_SC_SYMLOOP_MAX,
        Limit::IovMax => libc::_SC_IOV_MAX,
        Limit::Posix2Version => libc::_SC_2_VERSION,
        Limit::PosixVersion => libc::_SC_VERSION,
        Limit::LineMax => libc::_SC_LINE_MAX,
        Limit::ReDupMax => libc::_SC_RE_DUP_MAX,
    };
    // SAFETY: sysconf takes any number and has no memory to be wrong about.
    let value = unsafe { libc::sysconf(name) };
    (value >= 0).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children() {
        let before = of_children().unwrap();
        assert!(std::process::Command::new("true").status().unwrap().success());
        let after = of_children().unwrap();
        assert!(after.0 + after.1 > before.0 + before.1);
    }

    #[test]
    fn a_thread_that_waits_uses_nothing() {
        let before = of_thread().unwrap();
        std::thread::sleep(Duration::from_millis(50));
        let waited = of_thread().unwrap() - before;
        assert!(waited < Duration::from_millis(50), "{waited:?}");
        let worked = (0..1_000_000_u64).fold(0, |sum, n| std::hint::black_box(sum ^ n));
        assert!(worked != 1 && of_thread().unwrap() > before + waited);
    }

    #[test]
    fn limits() {
        assert_eq!(limit(Limit::ClockTicks), Some(100));
        assert_eq!(limit(Limit::PageSize), Some(4096));
        assert!(limit(Limit::ProcessorsOnline).is_some_and(|n| n > 0));
    }
}
