// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask post FORGE DIR`: the comment of a review on its pull request.
//!
//! xtask has the host's cargo compile and run it, so that the job of a CI that has the token compiles and runs nothing else.

use clap::Parser;
use qos_forge::{Forge, post};
use qos_host::ui::Result;
use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

/// Creates or updates the comment of a review on its pull request.
#[derive(Parser)]
#[command(name = "cargo xtask post", bin_name = "cargo xtask post")]
struct Post {
    /// The forge: github, gitlab or forgejo. Its CI sets the address of the API and the number of the pull request; the token is in
    /// GITHUB_TOKEN, GITLAB_TOKEN or FORGEJO_TOKEN
    #[arg(value_parser = Forge::parse)]
    forge: Forge,
    /// The directory that `cargo xtask review` wrote
    dir: PathBuf,
}

fn main() -> ExitCode {
    qos_host::main("xtask", 1, run(&Post::parse()))
}

fn run(args: &Post) -> Result<ExitCode> {
    let path = args.dir.join("comment.md");
    let body =
        fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let posted = post(args.forge, &body, &|name| env::var(name).ok(), &|path| fs::read_to_string(path))?;
    println!("{}: {posted}", args.forge.name());
    Ok(ExitCode::SUCCESS)
}
