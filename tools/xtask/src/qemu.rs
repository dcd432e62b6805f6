// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask qemu`: sets everything up, builds, and boots.

use clap::Args;
use qos_host::nix;
use qos_host::runner::Runner;
use qos_host::table::{default_image, table};
use qos_host::ui::{Result, Ui};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};
use xtask::setup::{is_set_up, setup};

/// Arguments of `qemu`.
#[derive(Args)]
pub struct Qemu {
    /// The image or disk to boot: default, minimal, server (services and logins), lts (on an LTS kernel), disk, or another name of qos.toml
    #[arg(long, value_name = "NAME", default_value_t = default_image(), value_parser = known)]
    image: String,
    #[command(flatten)]
    runner: Runner,
}

impl Qemu {
    /// Runs the verb; the process becomes the runner, whose exit status is the guest's.
    pub fn run(self) -> Result<ExitCode> {
        let ui = Ui::new(&self.runner.flags, "build.log")?;
        let table = table()?;
        let bootable = table.bootable(&self.image)?;
        let (attribute, trees) = (bootable.attribute("qemu"), table.trees_of(bootable));
        // A cache that has the image spares the toolchain.
        let cached = match is_set_up(&trees)? {
            true => None,
            false => nix::substitute(&ui, &attribute)?,
        };
        let result = match cached {
            Some(result) => result,
            None => {
                setup(&ui, &self.runner.source, &trees)?;
                nix::build(&ui, &attribute)?
            }
        };
        ui.summary();
        drop(ui);
        let program = result.join("bin/qos-qemu");
        let error = Command::new(&program).args(self.runner.words()).exec();
        Err(format!("cannot run {}: {error}", program.display()).into())
    }
}

/// The name of an image or disk of the table.
fn known(name: &str) -> Result<String> {
    table()?.bootable(name)?;
    Ok(name.to_owned())
}
