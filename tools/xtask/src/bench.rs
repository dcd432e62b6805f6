// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask bench`: figures, printed; nothing here passes or fails by how long it took.

use crate::nix;
use crate::setup::{Source, setup};
use crate::ui::{Flags, Result, Ui, interrupted};
use clap::Args;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// Arguments of `bench`.
#[derive(Args)]
pub struct Bench {
    /// Boots to time
    #[arg(long, default_value_t = 5)]
    runs: usize,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    flags: Flags,
}

/// A guest that has not ended by then has not booted, however slow the host.
const LIMIT: &str = "120";

impl Bench {
    /// Runs the verb.
    pub fn run(self) -> Result<ExitCode> {
        let ui = Ui::new(&self.flags, "bench.log")?;
        setup(&ui, &self.source, false)?;
        let image = nix::build(&ui, "image")?;
        let qemu = nix::build(&ui, "qemu")?.join("bin/qos-qemu");
        let log = nix::build(&ui, "boot-log")?;

        for file in ["bzImage", "initramfs.cpio.zst"] {
            println!("{file:32} {:>12} bytes", size(&image.join(file))?);
        }
        instructions(&log.join("boot.log"))?;
        let mut times = Vec::new();
        for _ in 0..self.runs.max(1) {
            times.push(boots(&qemu, "512M")?.ok_or("the image does not boot with 512 MiB")?);
            if interrupted() {
                return Err("interrupted".into());
            }
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
        println!("{:32} {:>12} MiB", "least memory that boots", least_memory(&qemu)?);
        Ok(ExitCode::SUCCESS)
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

/// How long a guest with this memory takes to boot, run `true` and power off; `None` when it does not.
fn boots(qemu: &Path, memory: &str) -> Result<Option<Duration>> {
    let begin = Instant::now();
    let status = Command::new(qemu)
        .args(["--accel", "tcg", "--timeout", LIMIT, "--memory", memory, "--", "true"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(|error| format!("cannot run {}: {error}", qemu.display()))?;
    Ok(status.success().then(|| begin.elapsed()))
}

/// The least memory in MiB with which a guest boots and runs a command, by bisection.
fn least_memory(qemu: &Path) -> Result<u32> {
    let (mut fails, mut boots_with) = (8, 512);
    while boots_with - fails > 1 && !interrupted() {
        let middle = (fails + boots_with) / 2;
        match boots(qemu, &format!("{middle}M"))? {
            Some(_) => boots_with = middle,
            None => fails = middle,
        }
    }
    Ok(boots_with)
}
