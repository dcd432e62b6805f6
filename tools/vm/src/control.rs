// SPDX-License-Identifier: MIT OR Apache-2.0
//! Commands to the current run, or to the next one if none is running.

use crate::escape::Action;
use crate::events::Event;
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A handle for other threads; its copies act on the same run.
#[derive(Clone, Default)]
pub struct Control {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    run: Option<SyncSender<Event>>,
    pending: Vec<Event>,
}

impl Control {
    /// A signal came; the guest is ended.
    pub fn signal(&self, number: u8) {
        self.send(Event::Signal(number));
    }

    /// The user entered a command.
    pub fn action(&self, action: Action) {
        self.send(Event::Action(action));
    }

    /// QEMU gets SIGKILL, which is a power cut for the guest. The verdict is that of [`Action::Quit`].
    pub fn kill(&self) {
        self.send(Event::Kill);
    }

    /// A command of QEMU's monitor, `device_add usb-storage,drive=stick`. What the monitor answers is with QEMU's own messages.
    pub fn monitor(&self, command: &str) {
        self.send(Event::Monitor(command.to_owned()));
    }

    fn send(&self, event: Event) {
        // The lock is not held while the run is busy: it needs it to end.
        let run = self.lock().run.clone();
        let rest = match run {
            Some(run) => run.send(event).err().map(|error| error.0),
            None => Some(event),
        };
        self.lock().pending.extend(rest);
    }

    pub(crate) fn connect(&self, run: SyncSender<Event>) {
        let mut state = self.lock();
        for event in std::mem::take(&mut state.pending) {
            // There is no receiver yet. The channel has room for more commands than a user enters before the start.
            let _ = run.try_send(event);
        }
        state.run = Some(run);
    }

    pub(crate) fn disconnect(&self) {
        self.lock().run = None;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
