// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask bench`: prints measurements; no time makes it fail.

mod edit_loop;
mod shell;

use clap::{Parser, Subcommand};
use edit_loop::EditLoop;
use qos_budget::memory::{self, Machine};
use qos_host::source::Source;
use qos_host::table::table;
use qos_host::ui::{Flags, Result, Ui};
use qos_host::{nix, root};
use qos_table::Image;
use shell::Shell;
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// Measure sizes, instructions of a boot, seconds, and least memory
#[derive(Parser)]
#[command(name = "cargo xtask bench", bin_name = "cargo xtask bench", args_conflicts_with_subcommands = true)]
struct Bench {
    #[command(subcommand)]
    what: Option<What>,
    /// Number of boots to time
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// An image of qos.toml, on any kernel; can be given several times. Default: those on the default kernel
    #[arg(long = "image", value_name = "NAME")]
    images: Vec<String>,
    // xtask has run the setup with these options before it started this program, without the trees of single images.
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Subcommand)]
enum What {
    /// From a save to the verdict: the loop against its aims and against virtme-ng
    Loop(EditLoop),
    /// Scripts under the guest's shell, dash and bash: seconds and ratios
    Shell(Shell),
}

/// Memory in MiB of the boots that are timed.
const USUAL_MEMORY: u32 = 512;

fn main() -> ExitCode {
    qos_host::main("bench", 1, Bench::parse().run())
}

impl Bench {
    fn run(self) -> Result<ExitCode> {
        if self.what.is_some() && root::is_system() {
            return Err("bench loop and bench shell measure qos itself: run them in its work tree".into());
        }
        match self.what {
            Some(What::Loop(verb)) => return verb.run(),
            Some(What::Shell(verb)) => return verb.run(),
            None => {}
        }
        let ui = Ui::new(&self.flags, "bench.log")?;

        let table = table()?;
        if self.images.is_empty() {
            table.usual_images().try_for_each(|image| self.figures(image, &ui))?;
        }
        for name in &self.images {
            let image = table.image(name)?;
            let trees = table.trees_of_image(image);
            if !trees.is_empty() {
                self.source.setup_in(root::root(), &trees, &ui)?;
            }
            self.figures(image, &ui)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn figures(&self, image: &Image, ui: &Ui) -> Result<()> {
        let qemu = nix::build(ui, &image.attribute("qemu"))?.join("bin/qos-qemu");
        let log = nix::build(ui, &image.attribute("boot-log"))?;
        let folder = nix::build(ui, &image.attribute("image"))?;

        println!("# {}", image.manifest);
        for file in ["bzImage", "initramfs.cpio.zst"] {
            println!("{file:32} {:>12} bytes", size(&folder.join(file))?);
        }
        instructions(&log.join("boot.log"))?;
        let ordinary = Machine::ordinary();
        let mut times = Vec::new();
        for _ in 0..self.runs.max(1) {
            let time = memory::boots(&qemu, &ordinary, USUAL_MEMORY)?;
            times.push(
                time.ok_or_else(|| format!("the image does not boot with {USUAL_MEMORY} MiB of memory"))?,
            );
        }
        times.sort();
        let figure = |time: Duration| format!("{:.2}", time.as_secs_f64());
        println!(
            "{:32} {:>12} s ({} to {} in {} runs)",
            "boot, `true`, power-off (TCG)",
            figure(times[times.len() / 2]),
            figure(times[0]),
            figure(times[times.len() - 1]),
            times.len()
        );
        for (what, machine) in
            [("least memory that boots", ordinary), ("on the golden machine", Machine::golden(&folder))]
        {
            let least =
                memory::least(USUAL_MEMORY, |mib| Ok(memory::boots(&qemu, &machine, mib)?.is_some()))?;
            println!("{what:32} {least:>12} MiB");
        }
        Ok(())
    }
}

fn size(file: &Path) -> Result<u64> {
    let data = fs::metadata(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    Ok(data.len())
}

/// Marks of the golden log, each with the guest's time in instructions (`-icount shift=0`: 1 ns is 1 instruction).
fn instructions(log: &Path) -> Result<()> {
    let bytes = fs::read(log).map_err(|error| format!("cannot read {}: {error}", log.display()))?;
    let text = String::from_utf8_lossy(&bytes);
    for (what, mark) in [
        ("to `Run /init`", "Run /init"),
        ("to the shell", "golden: the shell runs"),
        ("to power-off", "reboot: Power down"),
    ] {
        let line = text.lines().find(|line| line.contains(mark));
        let time =
            line.and_then(|line| line.strip_prefix('[')?.split(']').next()?.trim().parse::<f64>().ok());
        match time {
            Some(seconds) => println!("{what:32} {:>12.3} M instructions", seconds * 1e3),
            None => println!("{what:32} {:>12} (no line with {mark:?})", "?"),
        }
    }
    Ok(())
}
