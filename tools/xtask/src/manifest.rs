// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask manifest`: prints an image's manifest, including everything that it inherits.

use clap::Args;
use qos_host::source::Source;
use qos_host::table::default_image;
use qos_host::ui::{Flags, Result, Ui};
use qos_host::{nix, root};
use std::process::{Command, ExitCode};
use xtask::setup::setup;

/// Arguments of `manifest`.
#[derive(Args)]
pub struct Manifest {
    /// The manifest, as a path from the repository's root
    #[arg(default_value_t = format!("rootfs/{}.toml", default_image()))]
    file: String,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    flags: Flags,
}

impl Manifest {
    /// Runs the verb.
    pub fn run(self) -> Result<ExitCode> {
        let ui = Ui::new(&self.flags, "manifest.log")?;
        setup(&ui, &self.source, &[])?;
        let program = nix::build(&ui, "tools")?.join("bin/qos-manifest");
        // A system's manifests inherit those of qos: the merged tree has both.
        let folder = match root::is_system() {
            true => nix::build(&ui, "tree")?,
            false => root::root().to_owned(),
        };
        let status = Command::new(&program)
            .args(["expand", &self.file])
            .current_dir(folder)
            .status()
            .map_err(|error| format!("cannot run {}: {error}", program.display()))?;
        Ok(ExitCode::from(u8::from(!status.success())))
    }
}
