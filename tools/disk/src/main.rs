// SPDX-License-Identifier: MIT OR Apache-2.0
//! `qos-disk`: builds disk images.

use clap::{Parser, Subcommand};
use qos_disk::build::{self, Inputs};
use qos_disk::pieces::Pieces;
use qos_disk::tools::Tools;
use qos_disk::{Error, load};
use qos_initramfs::assemble::{Sources, tree_argument};
use std::path::PathBuf;
use std::process::ExitCode;

/// Builds disk images from a manifest, without root.
#[derive(Parser)]
#[command(name = "qos-disk", disable_version_flag = true)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the disk of a manifest: disk.raw, cmdline, manifest.json, root.listing and, if the manifest requests it, disk.qcow2
    Build(Box<Build>),
}

#[derive(clap::Args)]
struct Build {
    /// The manifest, such as rootfs/disks/disk.toml
    #[arg(long)]
    manifest: PathBuf,
    /// Directory of built programs, for the root's manifest
    #[arg(long)]
    programs: Option<PathBuf>,
    /// Directory of a tree of the toolchain that the root's manifest names (repeatable)
    #[arg(long = "tree", value_name = "NAME=DIR", value_parser = tree_argument)]
    trees: Vec<(String, PathBuf)>,
    /// Directory of built kernel modules, at any depth
    #[arg(long)]
    modules: Option<PathBuf>,
    /// The kernel's lib/modules, of which [drivers] of the root's manifest takes modules
    #[arg(long)]
    drivers: Option<PathBuf>,
    /// The kernel: a bzImage
    #[arg(long, value_name = "FILE")]
    kernel: Option<PathBuf>,
    /// The kernel's configuration, for /boot
    #[arg(long, value_name = "FILE")]
    kernel_config: Option<PathBuf>,
    /// Release of the kernel (`uname -r`)
    #[arg(long, value_name = "RELEASE")]
    kernel_release: String,
    /// The initramfs
    #[arg(long, value_name = "FILE")]
    initramfs: Option<PathBuf>,
    /// The sysroot with mkfs programs and cryptsetup: the tree `disk` of the toolchain
    #[arg(long, value_name = "DIR")]
    tools: PathBuf,
    /// The version of something that the disk is made with or from; can be given many times
    #[arg(long, value_name = "NAME=VERSION", value_parser = qos_image::version_argument)]
    version: Vec<(String, String)>,
    /// The directory to write to
    #[arg(long)]
    out: PathBuf,
}

fn main() -> ExitCode {
    let Command::Build(arguments) = Args::parse().command;
    match run(*arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("qos-disk: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Build) -> Result<(), Error> {
    let disk = load::load(&arguments.manifest)?;
    let inputs = Inputs {
        sources: Sources {
            programs: arguments.programs,
            trees: arguments.trees.into_iter().collect(),
            modules: arguments.modules,
            kernel_modules: None,
            drivers: arguments.drivers,
            kernel_release: Some(arguments.kernel_release.clone()),
        },
        versions: qos_image::versions(arguments.version, arguments.kernel_release.clone()),
        pieces: Pieces {
            kernel: arguments.kernel,
            initramfs: arguments.initramfs,
            config: arguments.kernel_config,
            release: arguments.kernel_release,
        },
        tools: Tools::in_sysroot(&arguments.tools)?,
    };
    build::build(&disk, &inputs, &arguments.out)
}
