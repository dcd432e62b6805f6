// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask bench loop`: times a save to the verdict, in comparison with the loop's aims and with virtme-ng.
//!
//! Equal for both: source tree, configuration (the image's, with the options of virtme-ng.config), compilers, make(1), QEMU, TCG,
//! memory, one CPU. Every verdict is that of a command in the guest that fails unless the guest has the edit. Different: qos packs
//! an initramfs and boots vmlinux; virtme-ng makes a bzImage and boots it with the host's files as its root by 9p, so that it packs
//! nothing, and runs the host's systemd-tmpfiles and udevd. Neither of them compiles programs or modules itself: both use the same
//! script for that. The row that boots the same bzImage on the same type of machine shows the difference between the two ways of
//! booting alone.
//!
//! qos's time begins before the file is written, virtme-ng's with its first command, because a script and not a person starts it.

mod edit;
mod scratch;
mod table;
mod virtme;

use clap::Args;
use edit::{Build, EDITS, Edit, Found};
use qos_dev::{Dev, Places, Target, child, runner};
use qos_host::root;
use qos_host::source::Source;
use qos_host::table::table;
use qos_host::ui::{Flags, Result, Ui};
use scratch::Scratch;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use table::{Row, header};
use virtme::Virtme;

/// Memory of every guest.
const MEMORY: &str = "512M";
/// CPUs of every guest.
const CPUS: &str = "1";
/// The same for the runner.
const RUNNER: [&str; 6] = ["--accel", "tcg", "--memory", MEMORY, "--cpus", CPUS];

/// What builds a program or a module, however slow the host.
const SCRIPT: Duration = Duration::from_secs(3600);
/// A guest of the runner's, which has a limit of its own.
const BOOT: Duration = Duration::from_secs(180);

/// Arguments of `bench loop`.
#[derive(Args)]
pub struct EditLoop {
    /// Number of measurements of each row
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    runs: u32,
    /// Build everything from nothing first, including two kernels, and time that too
    #[arg(long)]
    cold: bool,
    /// Time qos only
    #[arg(long, conflicts_with = "virtme_ng")]
    alone: bool,
    /// virtme-ng's program; default: vng on PATH, or one that pip installs into target/qos/bench
    #[arg(long, value_name = "VNG")]
    virtme_ng: Option<PathBuf>,
    // xtask has run the setup with these options before it started this program.
    #[command(flatten)]
    _source: Source,
    #[command(flatten)]
    flags: Flags,
}

impl EditLoop {
    /// Runs the verb.
    pub fn run(self) -> Result<ExitCode> {
        let ui = Ui::new(&self.flags, "bench-loop.log")?;
        let folder = root::scratch(root::root()).join("bench");
        // What can be wrong with the arguments shows before anything takes long.
        let virtme = match self.alone {
            true => None,
            false => Some(Virtme::find(&ui, self.virtme_ng.as_deref(), &folder.join("virtme-ng"))?),
        };

        let target = Target::of(table()?, qos_table::DEFAULT, None)?;
        let scratch = Scratch::new(&ui, root::root(), folder, &target, self.cold)?;
        let places = Places::new(&ui, &scratch.clone, target, Some(&scratch.tree))?;
        ui.summary();
        let bench = Bench { ui: &ui, scratch: &scratch, places: &places, virtme, runs: self.runs };
        bench.all(self.cold)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// What everything is timed with.
struct Bench<'a> {
    ui: &'a Ui,
    scratch: &'a Scratch,
    places: &'a Places,
    virtme: Option<Virtme>,
    runs: u32,
}

impl Bench<'_> {
    fn all(&self, cold: bool) -> Result<()> {
        let (qos, built) = self.build_both(cold)?;
        let virtme = self.virtme.as_ref().map_or(String::new(), |virtme| format!(" and {}", virtme.version));
        println!("# qos {}{virtme}, TCG, {MEMORY}, {CPUS} CPU, median of {}", self.scratch.commit, self.runs);
        println!("{}", header(self.virtme.is_some()));
        if cold {
            self.row("from nothing built to a verdict", None, &[qos], built.as_slice());
        }
        self.boots()?;
        let mut number = 0;
        for edit in &EDITS {
            self.edit(edit, &mut number)?;
        }
        Ok(())
    }

    fn row(&self, what: &str, aim: Option<Duration>, qos: &[Duration], virtme: &[Duration]) {
        println!("{}", Row { what, qos, aim, virtme }.line());
    }

    /// Builds on both sides what there is to build, and boots it; gives how long each took.
    fn build_both(&self, cold: bool) -> Result<(Duration, Option<Duration>)> {
        for edit in &EDITS {
            edit.undo(self.scratch)?;
        }
        let qos = self.round("true", None)?;
        self.scratch.check_options()?;
        let Some(virtme) = &self.virtme else { return Ok((qos, None)) };
        virtme.prepare(self.ui, self.places, self.scratch, cold)?;
        let built = virtme.build(self.ui, self.scratch)?;
        Ok((qos, Some(built + virtme.boot(self.ui, self.scratch, "true")?)))
    }

    /// One round of the loop.
    fn round(&self, command: &str, change: Option<&dyn Fn() -> Result<()>>) -> Result<Duration> {
        let dev = Dev::of(&self.scratch.tree, &self.scratch.manifest(), command, &RUNNER);
        match dev.time(self.ui, self.places, change)? {
            (0, took) => Ok(took),
            (code, _) => Err(format!("the loop's round for `{command}` exited with {code}").into()),
        }
    }

    /// Boots alone: nothing is built.
    fn boots(&self) -> Result<()> {
        let (mut same, mut own, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..self.runs {
            own.push(self.boot(&self.places.vmlinux(), &[])?);
            if let Some(virtme) = &self.virtme {
                // virtme-ng gives no network.
                let same_machine = ["--machine", "q35", "--no-network"];
                same.push(self.boot(&virtme::image(self.scratch), &same_machine)?);
                theirs.push(virtme.boot(self.ui, self.scratch, "true")?);
            }
        }
        if self.virtme.is_some() {
            self.row("boot of the same bzImage on q35, `true`", None, &same, &theirs);
        }
        self.row("boot with each one's defaults, `true`", None, &own, &theirs);
        Ok(())
    }

    /// A boot by the runner, with the files that the loop has packed.
    fn boot(&self, kernel: &Path, further: &[&str]) -> Result<Duration> {
        let begin = Instant::now();
        let mut command = runner(self.places, kernel);
        command.args(RUNNER).args(further).args(["--", "true"]);
        let (status, said) = child::quiet(self.ui, "qos-vm", &mut command, BOOT)?;
        let took = begin.elapsed();
        if status.success() {
            return Ok(took);
        }
        said.iter().for_each(|line| self.ui.show(line));
        Err("qos's guest failed".into())
    }

    /// Saves of one kind, in turns: each side has one of its own to build.
    fn edit(&self, edit: &Edit, number: &mut u32) -> Result<()> {
        let mut next = || {
            *number += 1;
            *number
        };
        let (mut qos, mut theirs) = (Vec::new(), Vec::new());
        if edit.build == Build::Kernel {
            // What the last save of another kind has left to one side is not this one's.
            self.round("true", None)?;
            self.virtme.iter().try_for_each(|virtme| virtme.build(self.ui, self.scratch).map(drop))?;
        }
        for _ in 0..self.runs {
            let save = next();
            qos.push(self.round(&edit.qos(save), Some(&|| edit.save(self.scratch, save)))?);
            if let Some(virtme) = &self.virtme {
                let save = next();
                edit.save(self.scratch, save)?;
                theirs.push(self.virtme(virtme, edit, save)?);
            }
        }
        edit.undo(self.scratch)?;
        self.row(edit.what, Some(edit.aim()), &qos, &theirs);
        Ok(())
    }

    /// What virtme-ng's user does after a save.
    fn virtme(&self, virtme: &Virtme, edit: &Edit, save: u32) -> Result<Duration> {
        let built = match edit.build {
            Build::Nothing => Duration::ZERO,
            Build::Kernel => virtme.build(self.ui, self.scratch)?,
            Build::Script(what) => {
                let begin = Instant::now();
                let (status, said) = child::quiet(self.ui, what, &mut self.places.script(what)?, SCRIPT)?;
                if !status.success() {
                    said.iter().for_each(|line| self.ui.show(line));
                    return Err(format!("the build of the {what} failed").into());
                }
                begin.elapsed()
            }
        };
        Ok(built + virtme.boot(self.ui, self.scratch, &edit.virtme(save, &self.found()?))?)
    }

    /// What the guest of virtme-ng finds on the host.
    fn found(&self) -> Result<Found> {
        let dev = &self.places.dev;
        let modules = self.places.modules().join("lib/modules").join(self.places.release()?).join("extra");
        let text = |path: PathBuf| path.display().to_string();
        Ok(Found {
            program: text(dev.join("programs/bin/qos")),
            modules: text(modules),
            rootfs: text(self.scratch.clone.join("rootfs/overlay")),
        })
    }
}
