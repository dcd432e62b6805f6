// SPDX-License-Identifier: GPL-3.0-or-later
//! Waits for input and signals at the same time.

use crate::{ShellEnv, System};
use std::cell::RefCell;
use std::io;
use std::pin::pin;
use std::task::Poll;
use yash_env::io::Fd;
use yash_env::system::concurrency::WaitForSignals as _;
use yash_env::system::{Read as _, Signals as _};

/// What has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Event {
    /// A byte of the input.
    Byte(u8),
    /// The end of the input.
    Eof,
    /// SIGINT.
    Interrupt,
    /// SIGCHLD.
    Child,
    /// Another signal.
    Signal,
}

/// The next byte of a file, or a signal if one comes before. Signals are noted for traps, which run before the next
/// command.
///
/// # Errors
///
/// The file cannot be read.
pub async fn next_event(env: &RefCell<&mut ShellEnv>, fd: Fd) -> io::Result<Event> {
    let system = env.borrow().system.clone();
    let mut byte = [0];
    let signals = {
        let mut read = pin!(system.read(fd, &mut byte));
        let mut signals = pin!(system.wait_for_signals());
        std::future::poll_fn(|context| {
            // Signals that have come are in this future only; a byte stays where it is until it is read.
            if let Poll::Ready(signals) = signals.as_mut().poll(context) {
                return Poll::Ready(Ok(signals));
            }
            read.as_mut().poll(context).map(Err)
        })
        .await
    };
    let signals = match signals {
        Ok(signals) => signals,
        Err(Ok(0)) => return Ok(Event::Eof),
        Err(Ok(_)) => return Ok(Event::Byte(byte[0])),
        Err(Err(error)) => return Err(error.into()),
    };
    let mut env = env.borrow_mut();
    for &signal in signals.iter() {
        env.traps.catch_signal(signal);
    }
    Ok(match () {
        () if signals.contains(&System::SIGINT) => Event::Interrupt,
        () if signals.contains(&System::SIGCHLD) => Event::Child,
        () => Event::Signal,
    })
}
