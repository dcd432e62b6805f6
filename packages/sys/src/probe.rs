// SPDX-License-Identifier: MIT OR Apache-2.0
//! Calls by which a test finds out whether a filter of system calls refuses them. None changes more than the calling process.

use crate::error::check;
use std::io;
use std::ptr;

/// A call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probe {
    /// mmap(2) of a page that is writable and executable.
    WriteExecute,
    /// mprotect(2) that makes a page executable.
    Protect,
    /// personality(2): the domain of `uname26`.
    Personality,
    /// sched_setscheduler(2) with a policy that is not realtime, or is.
    Scheduler(i32),
    /// unshare(2) of these kinds of namespaces.
    Unshare(i32),
    /// clock_settime(2) with a time that is none: EINVAL unless a filter refuses the call.
    SetClock,
    /// iopl(2) with the level that a process has.
    IoLevel,
    /// socket(2) of a family, of datagrams.
    Socket(i32),
}

/// Makes the call.
///
/// # Errors
/// As of the call; a filter's error where it refuses it.
pub fn probe(probe: Probe) -> io::Result<()> {
    const PAGE: usize = 4096;
    let map = |protection| {
        // SAFETY: a new mapping without a file touches no memory that is there.
        let page = unsafe {
            libc::mmap(ptr::null_mut(), PAGE, protection, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1, 0)
        };
        if page == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(page) }
    };
    match probe {
        Probe::WriteExecute => {
            let page = map(libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC)?;
            // SAFETY: the page was mapped above, and nothing has a reference to it.
            check(unsafe { libc::munmap(page, PAGE) }).map(drop)
        }
        Probe::Protect => {
            let page = map(libc::PROT_READ | libc::PROT_WRITE)?;
            // SAFETY: the page was mapped above, and nothing has a reference to it.
            let result = check(unsafe { libc::mprotect(page, PAGE, libc::PROT_READ | libc::PROT_EXEC) });
            // SAFETY: as above.
            unsafe { libc::munmap(page, PAGE) };
            result.map(drop)
        }
        // SAFETY: the call takes a number.
        Probe::Personality => check(unsafe { libc::personality(0x0002_0000) }).map(drop),
        Probe::Scheduler(policy) => {
            // SAFETY: all fields of the structure are numbers.
            let mut parameters: libc::sched_param = unsafe { std::mem::zeroed() };
            parameters.sched_priority = i32::from(policy == libc::SCHED_FIFO || policy == libc::SCHED_RR);
            // Not by the C library: musl has no such function.
            // SAFETY: numbers, and a structure that outlives the call.
            let done =
                unsafe { libc::syscall(libc::SYS_sched_setscheduler, 0, policy, &raw const parameters) };
            if done == -1 { Err(io::Error::last_os_error()) } else { Ok(()) }
        }
        // SAFETY: the call takes a number.
        Probe::Unshare(flags) => check(unsafe { libc::unshare(flags) }).map(drop),
        Probe::SetClock => {
            let time = libc::timespec { tv_sec: 0, tv_nsec: -1 };
            // Not by the C library, which looks at the time itself.
            // SAFETY: a number, and a structure that outlives the call.
            let done =
                unsafe { libc::syscall(libc::SYS_clock_settime, libc::CLOCK_REALTIME, &raw const time) };
            if done == -1 { Err(io::Error::last_os_error()) } else { Ok(()) }
        }
        Probe::IoLevel => {
            // SAFETY: the call takes a number.
            if unsafe { libc::syscall(libc::SYS_iopl, 0) } == -1 {
                Err(io::Error::last_os_error())
            } else {
                Ok(())
            }
        }
        Probe::Socket(family) => {
            // SAFETY: the call takes numbers.
            let socket = check(unsafe { libc::socket(family, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0) })?;
            // SAFETY: the descriptor was opened above.
            check(unsafe { libc::close(socket) }).map(drop)
        }
    }
}
