// SPDX-License-Identifier: MIT OR Apache-2.0
//! Waiting for one of several descriptors: poll(2).

use rustix::event::{PollFd, PollFlags, Timespec};
use std::io;
use std::os::fd::BorrowedFd;
use std::time::Duration;

/// Waits until one of `descriptors` can be read from without waiting (or is at its end), and says which can; all are
/// `false` when `limit` went by before.
///
/// # Errors
/// As in poll(2). A signal that is handled only starts the wait anew.
pub fn readable<const N: usize>(
    descriptors: [BorrowedFd<'_>; N],
    limit: Option<Duration>,
) -> io::Result<[bool; N]> {
    let mut polled = descriptors.map(|descriptor| PollFd::from_borrowed_fd(descriptor, PollFlags::IN));
    let limit = limit.and_then(|limit| Timespec::try_from(limit).ok());
    loop {
        match rustix::event::poll(&mut polled, limit.as_ref()) {
            Ok(_) => return Ok(polled.map(|polled| !polled.revents().is_empty())),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// As [`readable`], for any number of descriptors. An end of the wait by a signal that is handled counts as the limit.
///
/// # Errors
/// As in poll(2).
pub fn readable_of(descriptors: &[BorrowedFd<'_>], limit: Option<Duration>) -> io::Result<Vec<bool>> {
    let mut polled: Vec<_> =
        descriptors.iter().map(|descriptor| PollFd::from_borrowed_fd(*descriptor, PollFlags::IN)).collect();
    let limit = limit.and_then(|limit| Timespec::try_from(limit).ok());
    match rustix::event::poll(&mut polled, limit.as_ref()) {
        Ok(_) | Err(rustix::io::Errno::INTR) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(polled.iter().map(|polled| !polled.revents().is_empty()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::os::fd::AsFd;

    #[test]
    fn tells_which() {
        let (one, _keep) = crate::pipe::new().unwrap();
        let (two, mut end) = crate::pipe::new().unwrap();
        let zero = Some(Duration::ZERO);
        assert_eq!(readable([one.as_fd(), two.as_fd()], zero).unwrap(), [false, false]);
        end.write_all(b"x").unwrap();
        assert_eq!(readable([one.as_fd(), two.as_fd()], zero).unwrap(), [false, true]);
    }
}
