// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask setup`: everything that a build needs, into the Nix store.

use crate::root;
use crate::ui::{Flags, Result, Ui};
use clap::Args;
use qos_toolchain::{Mirrors, Options, Toolchain, default_cache};
use std::path::Path;
use std::process::ExitCode;

/// Arguments of `setup`.
#[derive(Args)]
pub struct Setup {
    #[command(flatten)]
    source: Source,
    /// Use only what is downloaded already
    #[arg(long)]
    offline: bool,
    #[command(flatten)]
    flags: Flags,
}

/// Where packages come from, and whether pins may move.
#[derive(Args, Clone, Default)]
pub struct Source {
    /// Never change a lock file: a package that no mirror has any more is an error
    #[arg(long)]
    pub locked: bool,
    /// Debian mirror to use instead of those in the host's apt sources (the URL that ends in /debian)
    #[arg(long, value_name = "URL", env = "QOS_DEBIAN_MIRROR")]
    pub mirror: Option<String>,
    /// Mirror of the security archive; default: the mirror's URL with -security after it
    #[arg(long, value_name = "URL", env = "QOS_DEBIAN_SECURITY_MIRROR", requires = "mirror")]
    pub security_mirror: Option<String>,
}

impl Source {
    /// The options of the toolchain library.
    pub fn options(&self, offline: bool) -> Result<Options> {
        let mirrors = match &self.mirror {
            Some(url) => Mirrors::from_urls(url, self.security_mirror.as_deref()),
            None => Mirrors::from_host(Path::new("/")),
        };
        Ok(Options { locked: self.locked, offline, mirrors, cache: default_cache()? })
    }
}

impl Setup {
    /// Runs the verb.
    pub fn run(self) -> Result<ExitCode> {
        let ui = Ui::new(&self.flags, "setup.log")?;
        setup(&ui, &self.source, self.offline)?;
        ui.summary();
        Ok(ExitCode::SUCCESS)
    }
}

/// Sets everything up; quick when nothing is to be done.
pub fn setup(ui: &Ui, source: &Source, offline: bool) -> Result<()> {
    let mut toolchain = Toolchain::load(&root::toolchain())?;
    toolchain.setup(&ui.context(), &source.options(offline)?)?;
    Ok(())
}
