// SPDX-License-Identifier: MIT OR Apache-2.0
//! Properties that a process without privileges gets as far as it may, as with systemd: `setrlimit_closest`,
//! `setpriority_closest`, and OOMScoreAdjust= in `exec-invoke.c`. Called in the child: nothing here allocates memory.

use crate::error::check;
use std::io;
use std::ptr;

/// The least nice value, and the greatest (setpriority(2)).
const NICE_MIN: i32 = -20;
const NICE_MAX: i32 = 19;

fn is_refused(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EPERM | libc::EACCES))
}

/// A score below the present one takes CAP_SYS_RESOURCE (proc_pid_oom_score_adj(5)): without it the score stays.
pub(super) fn oom_score(text: &[u8]) -> io::Result<()> {
    match super::file::write(c"/proc/self/oom_score_adj", text) {
        Err(error) if is_refused(&error) => Ok(()),
        result => result,
    }
}

/// A hard limit above the present one takes CAP_SYS_RESOURCE (setrlimit(2)): without it the present one is the greatest.
pub(super) fn limit(number: u32, soft: Option<u64>, hard: Option<u64>) -> io::Result<()> {
    let value = |limit: Option<u64>| limit.unwrap_or(libc::RLIM_INFINITY);
    let wanted = libc::rlimit64 { rlim_cur: value(soft), rlim_max: value(hard) };
    let set = |limit: &libc::rlimit64| {
        // SAFETY: a structure that outlives the call, and null for no old value.
        check(unsafe { libc::prlimit64(0, number as _, limit, ptr::null_mut()) }).map(drop)
    };
    let Err(error) = set(&wanted) else { return Ok(()) };
    let mut present = libc::rlimit64 { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: null for no new value, and a structure that outlives the call.
    check(unsafe { libc::prlimit64(0, number as _, ptr::null(), &mut present) })?;
    if error.raw_os_error() != Some(libc::EPERM) || present.rlim_max == libc::RLIM_INFINITY {
        return Err(error);
    }
    set(&libc::rlimit64 {
        rlim_cur: wanted.rlim_cur.min(present.rlim_max),
        rlim_max: wanted.rlim_max.min(present.rlim_max),
    })
}

/// A nice value below the present one takes CAP_SYS_NICE, or an RLIMIT_NICE that allows it: without them it is the least allowed one.
pub(super) fn nice(wanted: i32) -> io::Result<()> {
    // SAFETY: numbers only.
    let set = |nice: i32| check(unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, nice) }).map(drop);
    let Err(error) = set(wanted) else { return Ok(()) };
    // SAFETY: numbers only. -1 is a nice value too; that of the process itself can always be read.
    let present = unsafe { libc::getpriority(libc::PRIO_PROCESS, 0) };
    if !is_refused(&error) || wanted > present {
        return Err(error);
    }
    let mut limit = libc::rlimit64 { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: null for no new value, and a structure that outlives the call.
    check(unsafe { libc::prlimit64(0, libc::RLIMIT_NICE, ptr::null(), &mut limit) })?;
    let least = least_nice(limit.rlim_cur);
    if present > least { set(least) } else { Ok(()) }
}

/// The least nice value that RLIMIT_NICE allows: 20 less the limit (getrlimit(2)).
fn least_nice(limit: u64) -> i32 {
    i32::try_from(limit).map_or(NICE_MIN, |limit| 20_i32.saturating_sub(limit).clamp(NICE_MIN, NICE_MAX))
}

#[cfg(test)]
mod tests {
    use super::least_nice;

    #[test]
    fn nice_values_of_limits() {
        for (limit, nice) in [(0, 19), (1, 19), (20, 0), (25, -5), (40, -20), (1000, -20), (u64::MAX, -20)] {
            assert_eq!(least_nice(limit), nice, "{limit}");
        }
    }
}
