// SPDX-License-Identifier: MIT OR Apache-2.0
//! `qos-manifest`: shows and checks image manifests.

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Shows and checks image manifests (rootfs/NAME.toml).
#[derive(Parser)]
#[command(name = "qos-manifest", version)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Print the manifest with everything that it inherits, merged, as TOML
    Expand {
        /// The manifest
        manifest: PathBuf,
    },
    /// Print one value, for scripts
    Get {
        /// The manifest
        manifest: PathBuf,
        /// Which value
        what: Value,
    },
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Value {
    /// The image's name
    Name,
    /// The kernel command line
    Cmdline,
    /// The usual file name of an initramfs with the compression of the manifest
    InitramfsName,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let (Command::Expand { manifest } | Command::Get { manifest, .. }) = &args.command;
    let config = match qos_manifest::load(manifest) {
        Ok(config) => config,
        Err(error) => {
            eprintln!("qos-manifest: {error}");
            return ExitCode::FAILURE;
        }
    };
    match args.command {
        Command::Expand { .. } => print!("{}", config.to_toml()),
        Command::Get { what: Value::Name, .. } => println!("{}", config.name),
        Command::Get { what: Value::Cmdline, .. } => println!("{}", config.cmdline),
        Command::Get { what: Value::InitramfsName, .. } => println!("{}", config.compression.file_name()),
    }
    ExitCode::SUCCESS
}
