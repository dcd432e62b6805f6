// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask sbom`: the bills of materials of an image.

use clap::Args;
use qos_host::nix;
use qos_host::source::Source;
use qos_host::table::{default_image, table};
use qos_host::ui::{Flags, Result, Ui};
use std::fs;
use std::process::ExitCode;
use xtask::setup::setup;

/// Arguments of `sbom`.
#[derive(Args)]
pub struct Sbom {
    /// The image: default, minimal, server, or another name of qos.toml
    #[arg(value_name = "IMAGE", default_value_t = default_image(), value_parser = known)]
    image: String,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    flags: Flags,
}

impl Sbom {
    /// Runs the verb.
    pub fn run(self) -> Result<ExitCode> {
        let ui = Ui::new(&self.flags, "sbom.log")?;
        let table = table()?;
        let image = table.find_image(&self.image).ok_or_else(|| unknown(&self.image))?;
        setup(&ui, &self.source, &table.trees_of_image(image))?;
        let result = nix::build(&ui, &image.attribute("sbom"))?;
        let cannot = |error| format!("cannot read the directory {}: {error}", result.display());
        let entries: std::io::Result<Vec<_>> = fs::read_dir(&result).map_err(cannot)?.collect();
        let mut paths: Vec<_> = entries.map_err(cannot)?.into_iter().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            println!("{}", path.display());
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The name of an image of the table.
fn known(name: &str) -> Result<String> {
    table()?.find_image(name).ok_or_else(|| unknown(name))?;
    Ok(name.to_owned())
}

fn unknown(name: &str) -> String {
    format!("unknown image {name}; the images are listed in qos.toml")
}
