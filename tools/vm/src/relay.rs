// SPDX-License-Identifier: MIT OR Apache-2.0
//! Moves bytes between the runner's own streams and the guest.

use crate::control::Control;
use crate::escape::Escape;
use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

const CHUNK: usize = 64 * 1024;

/// How much output waits for a slow reader before the guest has to.
const QUEUE_LIMIT: usize = 16 << 20;

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is behind these locks is valid at every moment, also when a thread panicked.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Carries the runner's input to whichever guest is running: a guest is replaced when its accelerator turns out to be
/// broken, and the input must not be lost with it.
pub struct Input {
    shared: Arc<(Mutex<Option<UnixStream>>, Condvar)>,
}

impl Input {
    /// Input from `source`. With `control`, a person types it, and `Ctrl-A` begins a command to the runner.
    pub fn new(mut source: impl Read + Send + 'static, control: Option<Control>) -> Self {
        let shared = Arc::new((Mutex::new(None), Condvar::new()));
        let target = Arc::clone(&shared);
        thread::spawn(move || {
            let mut state = Escape::default();
            let mut buffer = vec![0; CHUNK];
            loop {
                // Nothing is read before there is a guest that takes it: it may be for somebody else.
                drop(wait_for_target(&target));
                let count = match source.read(&mut buffer) {
                    Ok(count) => count,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(_) => 0,
                };
                if count == 0 {
                    break end_of_input(&target);
                }
                match &control {
                    None => deliver(&target, &buffer[..count]),
                    Some(control) => {
                        let (bytes, actions) = state.filter(&buffer[..count]);
                        deliver(&target, &bytes);
                        actions.into_iter().for_each(|action| control.action(action));
                    }
                }
            }
        });
        Self { shared }
    }

    /// From now on input goes to `target`; what is written to it is not taken back.
    pub(crate) fn connect(&self, target: UnixStream) {
        let (slot, changed) = &*self.shared;
        *lock(slot) = Some(target);
        changed.notify_all();
    }

    /// The guest is gone; input waits for the next.
    pub(crate) fn disconnect(&self) {
        // The socket is shut so that a thread which is writing to it does not wait for ever.
        if let Some(old) = lock(&self.shared.0).take() {
            let _ = old.shutdown(Shutdown::Both);
        }
    }
}

type Target = Arc<(Mutex<Option<UnixStream>>, Condvar)>;

fn wait_for_target(target: &Target) -> io::Result<UnixStream> {
    let (slot, changed) = &**target;
    let mut guard = lock(slot);
    loop {
        match &*guard {
            Some(stream) => return stream.try_clone(),
            None => guard = changed.wait(guard).unwrap_or_else(PoisonError::into_inner),
        }
    }
}

fn deliver(target: &Target, bytes: &[u8]) {
    if let Ok(mut stream) = wait_for_target(target) {
        // A guest that went away does not want it.
        let _ = stream.write_all(bytes);
    }
}

/// Tells every guest from now on that there is no more input.
fn end_of_input(target: &Target) {
    let (slot, changed) = &**target;
    let mut guard = lock(slot);
    loop {
        // Only this direction is shut: QEMU then takes what is still on the way, and closes the guest's port after it.
        if let Some(stream) = guard.take() {
            let _ = stream.shutdown(Shutdown::Write);
        }
        guard = changed.wait(guard).unwrap_or_else(PoisonError::into_inner);
    }
}

/// Where output of the guest goes; shared by the guests of a run, of which one runs at a time.
pub type Sink = Arc<Mutex<dyn Write + Send>>;

/// A [`Sink`] from anything that can be written to.
pub fn sink(writer: impl Write + Send + 'static) -> Sink {
    Arc::new(Mutex::new(writer))
}

/// Output of the guest on its way to a [`Sink`].
///
/// QEMU drops what the host has not taken when the guest powers off. So it is taken at once and kept here: up to a
/// limit, so that a guest which writes for ever to a slow reader has to wait; and all of it once the main program has
/// ended, when little can follow.
pub(crate) struct Output {
    queue: Arc<Queue>,
    writer: thread::JoinHandle<()>,
}

#[derive(Default)]
struct Queue {
    state: Mutex<QueueState>,
    changed: Condvar,
}

#[derive(Default)]
struct QueueState {
    chunks: VecDeque<Vec<u8>>,
    size: usize,
    unlimited: bool,
    finished: bool,
    /// Nobody reads any more.
    closed: bool,
}

impl Output {
    /// Moves everything from `source` to `target`; `on_closed` is called when `target` takes no more.
    pub(crate) fn start(
        mut source: impl Read + Send + 'static,
        target: Sink,
        on_closed: impl Fn() + Send + 'static,
    ) -> Self {
        let queue = Arc::new(Queue::default());
        let incoming = Arc::clone(&queue);
        thread::spawn(move || {
            let mut buffer = vec![0; CHUNK];
            loop {
                match source.read(&mut buffer) {
                    Ok(0) => break,
                    Ok(count) => incoming.push(buffer[..count].to_vec()),
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(_) => break,
                }
            }
            incoming.change(|state| state.finished = true);
        });
        let outgoing = Arc::clone(&queue);
        let writer = thread::spawn(move || {
            while let Some(chunk) = outgoing.pop() {
                let mut target = lock(&target);
                if target.write_all(&chunk).and_then(|()| target.flush()).is_err() {
                    outgoing.change(|state| state.closed = true);
                    on_closed();
                    break;
                }
            }
        });
        Self { queue, writer }
    }

    /// The guest's main program has ended: take everything that is left.
    pub(crate) fn take_all(&self) {
        self.queue.change(|state| state.unlimited = true);
    }

    /// Waits until everything has been written, which is when QEMU has ended and the reader has read.
    pub(crate) fn finish(self) {
        // The writer does not panic; if it did, its output is lost and there is nobody to tell.
        let _ = self.writer.join();
    }
}

impl Queue {
    fn change(&self, change: impl FnOnce(&mut QueueState)) {
        change(&mut lock(&self.state));
        self.changed.notify_all();
    }

    fn push(&self, chunk: Vec<u8>) {
        let full = |state: &mut QueueState| state.size >= QUEUE_LIMIT && !state.unlimited && !state.closed;
        let mut state =
            self.changed.wait_while(lock(&self.state), full).unwrap_or_else(PoisonError::into_inner);
        if !state.closed {
            state.size += chunk.len();
            state.chunks.push_back(chunk);
        }
        drop(state);
        self.changed.notify_all();
    }

    fn pop(&self) -> Option<Vec<u8>> {
        let empty = |state: &mut QueueState| state.chunks.is_empty() && !state.finished;
        let mut state =
            self.changed.wait_while(lock(&self.state), empty).unwrap_or_else(PoisonError::into_inner);
        let chunk = state.chunks.pop_front()?;
        state.size -= chunk.len();
        drop(state);
        self.changed.notify_all();
        Some(chunk)
    }
}
