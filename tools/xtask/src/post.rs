// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask post FORGE DIR`: the comment of a review on its pull request.
//!
//! It is a verb of xtask itself, so that the job of a CI that has the token compiles and runs nothing else.

use clap::Args;
use qos_forge::{Forge, post};
use qos_host::ui::Result;
use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `post`.
#[derive(Args)]
pub struct Post {
    /// The forge: github, gitlab or forgejo. Its CI sets the address of the API and the number of the pull request; the token is in
    /// GITHUB_TOKEN, GITLAB_TOKEN or FORGEJO_TOKEN
    #[arg(value_parser = Forge::parse)]
    forge: Forge,
    /// The directory that `cargo xtask review` wrote
    dir: PathBuf,
}

impl Post {
    /// Runs the verb.
    pub fn run(self) -> Result<ExitCode> {
        let path = self.dir.join("comment.md");
        let body =
            fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let posted = post(self.forge, &body, &|name| env::var(name).ok(), &|path| fs::read_to_string(path))?;
        println!("{}: {posted}", self.forge.name());
        Ok(ExitCode::SUCCESS)
    }
}
