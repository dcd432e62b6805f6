// SPDX-License-Identifier: MIT OR Apache-2.0
//! Rounds, and waiting for a save between them.

use crate::kernel;
use crate::plan::{Change, Roots, Steps, plan};
use crate::round::Round;
use crate::watch::{Burst, Watch};
use qos_host::ui::Result;

/// The loop itself: rounds, and waiting for a save between them. Only the user and trouble that is not the sources' end it.
pub struct Rounds<'a> {
    round: Round<'a>,
    roots: &'a Roots,
    watch: Watch<'a>,
    todo: Steps,
    saved: Option<(String, Burst)>,
}

impl<'a> Rounds<'a> {
    /// Starts watching, so that files saved during the first round are not missed.
    ///
    /// # Errors
    ///
    /// Something cannot be watched.
    pub fn new(round: Round<'a>, roots: &'a Roots, todo: Steps) -> Result<Self> {
        Ok(Rounds { round, roots, watch: Watch::new(roots)?, todo, saved: None })
    }

    /// One round; gives its exit code.
    ///
    /// # Errors
    ///
    /// What is not the sources' fault; and that the user interrupts.
    pub fn run(&mut self) -> Result<u8> {
        self.round.run(&mut self.todo, self.saved.take())
    }

    /// Waits for a save, and plans what follows from it; false when the user interrupts.
    ///
    /// # Errors
    ///
    /// Something cannot be watched.
    pub fn wait(&mut self) -> Result<bool> {
        let (roots, ui) = (self.roots, self.round.ui);
        let burst = self.watch.burst(
            |path| plan(roots, path) != Change::Nothing,
            || {
                ui.say("waiting for a change (Ctrl-C quits)");
            },
        )?;
        let Some(burst) = burst else { return Ok(false) };
        for path in &burst.paths {
            match plan(roots, path) {
                Change::Steps(steps) => self.todo.add(steps),
                Change::Elsewhere(why) => ui.show(&format!("{}: {why}", roots.short(path))),
                Change::Nothing => {}
            }
        }
        if let Some(tree) = &roots.kernel {
            kernel::make_newer(tree, &burst);
        }
        self.saved = Some((roots.short(&burst.paths[0]), burst));
        Ok(true)
    }
}
