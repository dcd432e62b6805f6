// SPDX-License-Identifier: MIT OR Apache-2.0
//! Locks on whole files: fcntl(2), F_SETLK. They end with the process that has them.

use rustix::fs::FlockOperation;
use std::fs::File;
use std::io;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How often a lock that another process has is asked for again.
const PAUSE: Duration = Duration::from_millis(20);

/// Locks `file`, which is open for writing, for this process alone. Closing any descriptor of the file ends the lock.
///
/// # Errors
/// When another process has the lock for all of `limit` ([`io::ErrorKind::TimedOut`]), and as in fcntl(2).
pub fn exclusive(file: &File, limit: Duration) -> io::Result<()> {
    let end = Instant::now() + limit;
    loop {
        match rustix::fs::fcntl_lock(file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(()),
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::ACCESS) if Instant::now() < end => sleep(PAUSE),
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::ACCESS) => {
                return Err(io::ErrorKind::TimedOut.into());
            }
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
