// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask qemu`: sets everything up, builds, and boots.

use crate::setup::setup;
use clap::Args;
use qos_host::image::Image;
use qos_host::nix;
use qos_host::runner::Runner;
use qos_host::ui::{Result, Ui};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

/// Arguments of `qemu`.
#[derive(Args)]
pub struct Qemu {
    /// The image to boot: default, minimal, or lts or lts-6_12, which are on kernels with long-term support
    #[arg(long, value_name = "NAME", default_value = "default", value_parser = |name: &str| Image::by_name(name).map(|_| name.to_owned()))]
    image: String,
    #[command(flatten)]
    runner: Runner,
}

impl Qemu {
    /// Runs the verb; the process becomes the runner, whose exit status is the guest's.
    pub fn run(self) -> Result<ExitCode> {
        let ui = Ui::new(&self.runner.flags, "build.log")?;
        let image = Image::by_name(&self.image)?;
        setup(&ui, &self.runner.source, &image.trees())?;
        let result = nix::build(&ui, &image.attribute("qemu"))?;
        ui.summary();
        drop(ui);
        let program = result.join("bin/qos-qemu");
        let error = Command::new(&program).args(self.runner.words()).exec();
        Err(format!("cannot run {}: {error}", program.display()).into())
    }
}
