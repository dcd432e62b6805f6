// SPDX-License-Identifier: MIT OR Apache-2.0
//! virtio-serial ports: waits for the host's side.

use rustix::event::{PollFd, PollFlags, Timespec, epoll};
use std::io;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

/// Waits until the host has opened its side of `port`; `false` when `limit` went by first.
///
/// Before that, reading gives the end of the file, and writing waits.
///
/// # Errors
/// As in epoll_wait(2).
pub fn wait_connected(port: impl AsFd, limit: Duration) -> io::Result<bool> {
    let end = Instant::now() + limit;
    let connected = || -> io::Result<bool> {
        let mut poll = [PollFd::new(&port, PollFlags::OUT)];
        rustix::event::poll(&mut poll, Some(&Timespec::default()))?;
        Ok(!poll[0].revents().contains(PollFlags::HUP))
    };
    if connected()? {
        return Ok(true);
    }
    // A port that is not connected is "hung up" all the time; an edge is what tells of the change.
    let queue = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    epoll::add(&queue, &port, epoll::EventData::new_u64(0), epoll::EventFlags::OUT | epoll::EventFlags::ET)?;
    loop {
        if connected()? {
            return Ok(true);
        }
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(false);
        }
        let left = Timespec::try_from(left).map_err(io::Error::other)?;
        let mut events = Vec::with_capacity(1);
        epoll::wait(&queue, rustix::buffer::spare_capacity(&mut events), Some(&left))?;
    }
}
