// SPDX-License-Identifier: MIT OR Apache-2.0
//! Orders from outside to the run that is under way, or to the next one when none is.

use crate::escape::Action;
use crate::events::Event;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A handle for other threads; its copies act on the same run.
#[derive(Clone, Default)]
pub struct Control {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    run: Option<Sender<Event>>,
    pending: Vec<Event>,
}

impl Control {
    /// A signal came; the guest is ended.
    pub fn signal(&self, number: u8) {
        self.send(Event::Signal(number));
    }

    /// A person gave a command.
    pub fn action(&self, action: Action) {
        self.send(Event::Action(action));
    }

    fn send(&self, event: Event) {
        let mut state = self.lock();
        let rest = match &state.run {
            Some(run) => run.send(event).err().map(|error| error.0),
            None => Some(event),
        };
        state.pending.extend(rest);
    }

    pub(crate) fn connect(&self, run: Sender<Event>) {
        let mut state = self.lock();
        for event in std::mem::take(&mut state.pending) {
            // The receiver is there: the caller has it.
            let _ = run.send(event);
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
