// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask dev`: the loop. It watches the sources; on a change it builds what is concerned, in the sysroot and
//! incrementally, packs, boots, and says what became of it and how long each part took.

mod boot;
mod build;
pub mod child;
pub mod kernel;
mod ktap;
mod pack;
mod plan;
mod round;
mod watch;

pub use boot::runner;
pub use build::Places;
use clap::Args;
use plan::{Change, Roots, Steps, plan};
use qos_host::root;
use qos_host::source::Source;
use qos_host::ui::{Flags, Result, Ui};
use round::Round;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use watch::{Burst, Watch};

/// Arguments of `dev`.
#[derive(Args, Default)]
pub struct Dev {
    /// Shell command for the guest; without this, a script or a module's tests, it only boots
    #[arg(long, value_name = "COMMAND", conflicts_with_all = ["script", "kunit"])]
    run: Option<String>,
    /// Script for the guest's shell; watched too
    #[arg(long, value_name = "FILE", conflicts_with = "kunit")]
    script: Option<PathBuf>,
    /// Run the KUnit tests of this module of kernel/modules
    #[arg(long, value_name = "MODULE")]
    kunit: Option<String>,
    /// Build and boot the kernel of this source tree, and watch it; the first build takes minutes
    #[arg(long, value_name = "DIR")]
    kernel: Option<PathBuf>,
    /// Make DIR of --kernel, which is not there yet: a copy of the pinned source (1.7 GB)
    #[arg(long, requires = "kernel")]
    create: bool,
    /// The image's manifest, as a path from the repository's root
    #[arg(long, value_name = "FILE", default_value = "rootfs/default.toml")]
    manifest: PathBuf,
    /// One round, and then end with the guest's status
    #[arg(long)]
    once: bool,
    /// Build and pack, and do not boot
    #[arg(long)]
    no_boot: bool,
    // xtask has set up what they say, before there was this program.
    #[command(flatten)]
    _source: Source,
    #[command(flatten)]
    flags: Flags,
    /// Arguments of the runner behind --, such as --memory 1G (cargo xtask qemu --memory 1G --help lists them)
    #[arg(last = true, value_name = "ARGUMENT")]
    runner: Vec<OsString>,
}

impl Dev {
    /// Runs the verb.
    pub fn run(mut self) -> Result<ExitCode> {
        let ui = Ui::new(&self.flags, "dev.log")?;
        // What is wrong with the arguments shows before anything takes long.
        self.script = self.script.take().map(|script| absolute(&script)).transpose()?;
        if let Some(tree) = self.kernel.take() {
            self.kernel = Some(kernel::check(&tree, self.create)?);
        }
        if let Some(tree) = &self.kernel {
            kernel::provide(&ui, root::root(), tree)?;
        }
        let places = Places::new(&ui, root::root(), self.kernel.as_deref())?;
        ui.summary();
        let round =
            Round { ui: &ui, places: &places, manifest: root::root().join(&self.manifest), dev: &self };
        if self.once {
            let mut todo = Steps::everything(self.kernel.is_some());
            return round.run(&mut todo, None).map(ExitCode::from);
        }
        let roots = self.roots(root::root());
        let mut rounds = Rounds::new(round, &roots, Steps::everything(self.kernel.is_some()))?;
        loop {
            // What the sources cause has been shown, and the next save may mend it.
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
            manifest: manifest.to_owned(),
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
        let roots = self.roots(places.root());
        let round = Round { ui, places, manifest: self.manifest.clone(), dev: self };
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

    fn roots(&self, repository: &Path) -> Roots {
        Roots { repository: repository.to_owned(), kernel: self.kernel.clone(), script: self.script.clone() }
    }
}

/// The loop itself: rounds, and waiting for a save between them. Only the user and trouble that is not the sources' end it.
struct Rounds<'a> {
    round: Round<'a>,
    roots: &'a Roots,
    watch: Watch<'a>,
    todo: Steps,
    saved: Option<(String, Burst)>,
}

impl<'a> Rounds<'a> {
    /// Watches from now on, so that what is saved during the first round is not missed.
    fn new(round: Round<'a>, roots: &'a Roots, todo: Steps) -> Result<Self> {
        Ok(Rounds { round, roots, watch: Watch::new(roots)?, todo, saved: None })
    }

    /// One round; gives its exit code.
    fn run(&mut self) -> Result<u8> {
        self.round.run(&mut self.todo, self.saved.take())
    }

    /// Waits for a save, and plans what follows from it; false when the user interrupts.
    fn wait(&mut self) -> Result<bool> {
        let (roots, ui) = (self.roots, self.round.ui);
        let burst = self.watch.burst(
            |path| plan(roots, path) != Change::Nothing,
            || {
                ui.say("waiting for a change (Ctrl-C ends)");
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

fn absolute(path: &Path) -> Result<PathBuf> {
    path.canonicalize().map_err(|error| format!("cannot read {}: {error}", path.display()).into())
}
