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
/// The amount that is still accepted after the main program has ended: data in the guest's queue (128 writes of 32 KiB,
/// drivers/char/virtio_console.c) and in the socket.
const REST_LIMIT: usize = 8 << 20;

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
    /// Input from `source`. With `control` it comes from a keyboard, and `Ctrl-A` begins a command to the runner.
    pub fn new(mut source: impl Read + Send + 'static, control: Option<Control>) -> Self {
        let shared = Arc::new((Mutex::new(None), Condvar::new()));
        let target = Arc::clone(&shared);
        thread::spawn(move || {
            let mut state = Escape::default();
            let mut buffer = vec![0; CHUNK];
            loop {
                // Nothing is read before a guest takes it: the input may be meant for another program.
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

    /// Sends the input to `target` from now on; written data cannot be taken back.
    pub(crate) fn connect(&self, target: UnixStream) {
        let (slot, changed) = &*self.shared;
        *lock(slot) = Some(target);
        changed.notify_all();
    }

    /// The guest has ended; input waits for the next one.
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
        // A guest that has ended does not need it.
        let _ = stream.write_all(bytes);
    }
}

/// Signals the end of input to this guest and all later ones.
fn end_of_input(target: &Target) {
    let (slot, changed) = &**target;
    let mut guard = lock(slot);
    loop {
        // Shuts down only this direction: QEMU then reads the remaining data, and closes the guest's port after it.
        if let Some(stream) = guard.take() {
            let _ = stream.shutdown(Shutdown::Write);
        }
        guard = changed.wait(guard).unwrap_or_else(PoisonError::into_inner);
    }
}

/// The destination of the guest's output; shared by the guests of a run, of which one runs at a time.
pub type Sink = Arc<Mutex<dyn Write + Send>>;

/// A [`Sink`] from anything that can be written to.
pub fn sink(writer: impl Write + Send + 'static) -> Sink {
    Arc::new(Mutex::new(writer))
}

/// Output of the guest on its way to a [`Sink`].
///
/// QEMU drops what the host has not taken when the guest powers off. So it is taken at once and kept here: up to a
/// limit, so that a guest which writes for ever to a slow reader has to wait. Once the main program has ended the limit is a
/// little higher, for data that is still in transit.
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
    /// Once the main program has ended.
    rest: bool,
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

    /// The guest's main program has ended: accept the data in transit.
    pub(crate) fn take_rest(&self) {
        self.queue.change(|state| state.rest = true);
    }

    /// Waits until everything has been written, which is when QEMU has ended and the reader has read.
    pub(crate) fn finish(self) {
        // The writer does not panic; if it did, its output would be lost and could not be reported.
        let _ = self.writer.join();
    }
}

impl Queue {
    fn change(&self, change: impl FnOnce(&mut QueueState)) {
        change(&mut lock(&self.state));
        self.changed.notify_all();
    }

    fn push(&self, chunk: Vec<u8>) {
        let full = |state: &mut QueueState| {
            let limit = QUEUE_LIMIT + if state.rest { REST_LIMIT } else { 0 };
            state.size >= limit && !state.closed
        };
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    /// A guest that writes 100 MB, and how much of it was taken.
    struct Flood(Arc<AtomicUsize>);

    impl Read for Flood {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let before = self.0.fetch_add(buffer.len(), Ordering::SeqCst);
            Ok(if before < 100_000_000 { buffer.len() } else { 0 })
        }
    }

    /// A reader that reads nothing until it is released, and then fails.
    struct Stalled(Arc<(Mutex<bool>, Condvar)>);

    impl Write for Stalled {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            let (go, changed) = &*self.0;
            drop(changed.wait_while(lock(go), |go| !*go));
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// How much has been taken when nothing more is.
    fn settled(taken: &AtomicUsize) -> usize {
        let mut last = usize::MAX;
        loop {
            let now = taken.load(Ordering::SeqCst);
            if now == last {
                return now;
            }
            last = now;
            thread::sleep(Duration::from_millis(300));
        }
    }

    #[test]
    fn a_flood_is_held_back_before_and_after_the_verdict() {
        let (taken, gate) = (Arc::new(AtomicUsize::new(0)), Arc::new((Mutex::new(false), Condvar::new())));
        let output = Output::start(Flood(Arc::clone(&taken)), sink(Stalled(Arc::clone(&gate))), || {});
        // Beside the queue, one chunk is with the writer and one with the reader.
        let about = |limit| limit..=limit + 3 * CHUNK;
        let before = settled(&taken);
        assert!(about(QUEUE_LIMIT).contains(&before), "{before}");
        output.take_rest();
        let after = settled(&taken);
        assert!(about(QUEUE_LIMIT + REST_LIMIT).contains(&after), "{after}");
        *lock(&gate.0) = true;
        gate.1.notify_all();
        output.finish();
    }
}
