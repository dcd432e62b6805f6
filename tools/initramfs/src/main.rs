// SPDX-License-Identifier: MIT OR Apache-2.0
//! `qos-initramfs`: builds initramfs archives.

use clap::{Parser, Subcommand};
use qos_initramfs::assemble::{Sources, tree_argument};
use qos_initramfs::build;
use qos_inspect::{list, segments};
use qos_manifest::{Compression, SizeLimit};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Builds initramfs archives. `qos-inspect` lists, checks and extracts them.
#[derive(Parser)]
#[command(name = "qos-initramfs", version)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the initramfs of a manifest; nothing is written unless it passes every check
    Build {
        /// The manifest, such as rootfs/default.toml
        #[arg(long)]
        manifest: PathBuf,
        /// Directory of built programs: bin/qos and applets
        #[arg(long)]
        programs: Option<PathBuf>,
        /// Directory of a tree of the toolchain that the manifest names (repeatable)
        #[arg(long = "tree", value_name = "NAME=DIR", value_parser = tree_argument)]
        trees: Vec<(String, PathBuf)>,
        /// Directory of built kernel modules, at any depth
        #[arg(long)]
        modules: Option<PathBuf>,
        /// The kernel's lib/modules/RELEASE: an image with modules gets its list of those that are built in
        #[arg(long, value_name = "FOLDER")]
        kernel_modules: Option<PathBuf>,
        /// The kernel's lib/modules, of which [drivers] takes modules
        #[arg(long)]
        drivers: Option<PathBuf>,
        /// Release of the kernel that boots it (`uname -r`); modules have to be built for it
        #[arg(long, value_name = "RELEASE")]
        kernel_release: Option<String>,
        /// Compress in this way instead of the manifest's: none, gzip, lz4 or zstd, `:LEVEL` behind it if wanted. The
        /// budget for the compressed size is not looked at then.
        #[arg(long, value_name = "METHOD[:LEVEL]", value_parser = compression)]
        compression: Option<Compression>,
        /// File to write, or a directory in which it gets its usual name
        #[arg(long)]
        out: PathBuf,
        /// File for the listing of the image with the SHA-256 of each content, as of `qos-inspect list --hash`
        #[arg(long)]
        listing: Option<PathBuf>,
    },
}

fn compression(text: &str) -> Result<Compression, String> {
    match text.split_once(':') {
        None => Compression::new(text, None),
        Some((method, level)) => {
            let level = level.parse().map_err(|_| format!("level `{level}` is not a number"))?;
            Compression::new(method, Some(level))
        }
    }
}

fn main() -> ExitCode {
    match run(Args::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("qos-initramfs: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<(), Box<dyn Error>> {
    match command {
        Command::Build {
            manifest,
            programs,
            trees,
            modules,
            drivers,
            kernel_modules,
            kernel_release,
            compression,
            out,
            listing,
        } => {
            let mut config = qos_manifest::load(&manifest)?;
            if let Some(compression) = compression {
                config.compression = compression;
                config.budgets.sizes.remove(&SizeLimit::Initramfs);
            }
            let trees = trees.into_iter().collect();
            let built = build::build(
                &config,
                &Sources { programs, trees, modules, kernel_modules, drivers, kernel_release },
            )?;
            let out = if out.is_dir() { out.join(config.compression.file_name()) } else { out };
            write(&out, &built.bytes)?;
            if let Some(listing) = listing {
                let segments = segments::read(&built.bytes)?;
                write(&listing, list::list(&segments, true).as_bytes())?;
            }
            println!(
                "{}: {} bytes ({}), {} unpacked, {} entries",
                out.display(),
                built.bytes.len(),
                config.compression.method(),
                built.unpacked,
                built.entries
            );
        }
    }
    Ok(())
}

/// Writes a file that is there whole or not at all.
fn write(file: &Path, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    let mut part = file.to_owned().into_os_string();
    part.push(".part");
    let done = fs::write(&part, bytes).and_then(|()| fs::rename(&part, file));
    if done.is_err() {
        let _ = fs::remove_file(&part);
    }
    Ok(done.map_err(|e| format!("cannot write {}: {e}", file.display()))?)
}
