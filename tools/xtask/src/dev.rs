// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask dev`: the loop. It watches the sources; on a change it builds what is concerned, in the sysroot and
//! incrementally, packs, boots, and says what became of it and how long each part took.

mod boot;
mod build;
mod child;
mod kernel;
mod ktap;
mod pack;
mod plan;
mod round;
mod watch;

use crate::root;
use crate::setup::{Source, setup};
use crate::ui::{Flags, Result, Ui};
use build::Places;
use clap::Args;
use plan::{Change, Roots, Steps, plan};
use round::Round;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use watch::Watch;

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
    #[command(flatten)]
    source: Source,
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
        setup(&ui, &self.source, false)?;
        if let Some(tree) = &self.kernel {
            kernel::provide(&ui, tree)?;
        }
        let places = Places::new(&ui, root::root(), self.kernel.as_deref())?;
        ui.summary();
        let round =
            Round { ui: &ui, places: &places, manifest: root::root().join(&self.manifest), dev: &self };
        if self.once {
            let mut todo = Steps::everything(self.kernel.is_some());
            return round.run(&mut todo, None).map(ExitCode::from);
        }
        self.watch(&ui, &round)
    }

    /// Builds and packs what the loop would boot, for the test that compares it; true if that went well.
    ///
    /// # Errors
    ///
    /// What is not the sources' fault.
    pub fn build(ui: &Ui) -> Result<bool> {
        let dev = Dev { no_boot: true, ..Dev::default() };
        let places = Places::new(ui, root::root(), None)?;
        let manifest = root::root().join("rootfs/default.toml");
        let round = Round { ui, places: &places, manifest, dev: &dev };
        Ok(round.run(&mut Steps::everything(false), None)? == 0)
    }

    /// The loop itself; only Ctrl-C or trouble that is not the sources' ends it.
    fn watch(&self, ui: &Ui, round: &Round) -> Result<ExitCode> {
        let roots = Roots {
            repository: root::root().to_owned(),
            kernel: self.kernel.clone(),
            script: self.script.clone(),
        };
        // Before the first round, so that what is saved meanwhile is not missed.
        let mut watch = Watch::new(&roots)?;
        let mut todo = Steps::everything(self.kernel.is_some());
        let mut saved = None;
        loop {
            // What the sources cause has been shown, and the next save may mend it.
            let _ = round.run(&mut todo, saved.take())?;
            let Some(burst) = watch.burst(
                |path| plan(&roots, path) != Change::Nothing,
                || {
                    ui.say("waiting for a change (Ctrl-C ends)");
                },
            )?
            else {
                break;
            };
            for path in &burst.paths {
                match plan(&roots, path) {
                    Change::Steps(steps) => todo.add(steps),
                    Change::Elsewhere(why) => ui.show(&format!("{}: {why}", roots.short(path))),
                    Change::Nothing => {}
                }
            }
            if let Some(tree) = &self.kernel {
                kernel::make_newer(tree, &burst);
            }
            saved = Some((roots.short(&burst.paths[0]), burst));
        }
        Err("interrupted".into())
    }
}

fn absolute(path: &Path) -> Result<PathBuf> {
    path.canonicalize().map_err(|error| format!("cannot read {}: {error}", path.display()).into())
}
