// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask dev`: the development loop. It watches the sources. On a change it builds the affected parts incrementally in the
//! sysroot, packs, boots, and reports the result and the time of each part.

mod args;
mod boot;
mod build;
pub mod child;
pub mod kernel;
mod ktap;
mod merged;
mod pack;
mod plan;
mod round;
mod rounds;
mod target;
mod watch;

pub use args::Dev;
pub use boot::runner;
pub use build::Places;
use plan::{Roots, Steps};
use qos_host::root;
use qos_host::table::table;
use qos_host::ui::{Result, Ui};
use round::Round;
use rounds::Rounds;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};
pub use target::{KernelFiles, Target};

impl Dev {
    /// Runs the verb.
    pub fn run(mut self) -> Result<ExitCode> {
        let ui = Ui::new(&self.flags, "dev.log")?;
        // What is wrong with the arguments shows before anything takes long.
        self.script = self.script.take().map(|script| absolute(&script)).transpose()?;
        let target = Target::of(table()?, &self.image, self.on.as_deref())?;
        if self.kunit.is_some() {
            target.check_kunit()?;
        }
        if let Some(tree) = self.kernel.take() {
            self.kernel = Some(kernel::check(&tree, self.create)?);
        }
        let trees = target.kernel.trees();
        let takes_pinned = self.kernel.as_ref().is_none_or(|tree| !tree.exists());
        if takes_pinned && !trees.is_empty() {
            self.source.setup_in(root::root(), &trees, &ui)?;
        }
        if let Some(tree) = &self.kernel {
            kernel::provide(&ui, root::root(), &target, tree)?;
        }
        let places = Places::new(&ui, root::root(), target, self.kernel.as_deref())?;
        ui.summary();
        let round = Round { ui: &ui, places: &places, manifest: self.manifest(&places), dev: &self };
        if self.once {
            let mut todo = Steps::everything(self.kernel.is_some());
            return round.run(&mut todo, None).map(ExitCode::from);
        }
        let roots = self.roots(&places);
        let mut rounds = Rounds::new(round, &roots, Steps::everything(self.kernel.is_some()))?;
        loop {
            // Failures caused by the sources have been shown, and the next save may correct them.
            let _ = rounds.run()?;
            if !rounds.wait()? {
                return Err("interrupted".into());
            }
        }
    }

    /// A loop that a program drives, by [`Dev::time`]: with the kernel of the source tree `kernel`, the manifest `manifest`, the
    /// command `command` for the guest, and arguments for the runner.
    pub fn of(kernel: &Path, manifest: &Path, command: &str, runner: &[&str]) -> Dev {
        Dev {
            run: Some(command.to_owned()),
            kernel: Some(kernel.to_owned()),
            manifest: Some(manifest.to_owned()),
            runner: runner.iter().map(OsString::from).collect(),
            ..Dev::default()
        }
    }

    /// One round: of everything, or of what follows from the save that `change` makes. Gives its exit code, and how long it
    /// took, from before the save to the verdict.
    ///
    /// # Errors
    ///
    /// What is not the sources' fault; and that the user interrupts.
    pub fn time(
        &self,
        ui: &Ui,
        places: &Places,
        change: Option<&dyn Fn() -> Result<()>>,
    ) -> Result<(u8, Duration)> {
        let roots = self.roots(places);
        let round = Round { ui, places, manifest: self.manifest(places), dev: self };
        let todo = if change.is_some() { Steps::default() } else { Steps::everything(true) };
        let mut rounds = Rounds::new(round, &roots, todo)?;
        let begin = Instant::now();
        if let Some(change) = change {
            change()?;
            if !rounds.wait()? {
                return Err("interrupted".into());
            }
        }
        let code = rounds.run()?;
        Ok((code, begin.elapsed()))
    }

    /// The manifest, by its absolute path.
    fn manifest(&self, places: &Places) -> PathBuf {
        let of_image = Path::new(&places.target.image.manifest);
        places.root().join(self.manifest.as_deref().unwrap_or(of_image))
    }

    fn roots(&self, places: &Places) -> Roots {
        Roots {
            repository: places.work_tree().to_owned(),
            files: places.target.files(),
            kernel: self.kernel.clone(),
            script: self.script.clone(),
        }
    }
}

fn absolute(path: &Path) -> Result<PathBuf> {
    path.canonicalize().map_err(|error| format!("cannot read {}: {error}", path.display()).into())
}
