// SPDX-License-Identifier: MIT OR Apache-2.0
//! `qos-initramfs`: builds, lists, extracts and checks initramfs archives.

use clap::{Parser, Subcommand};
use qos_initramfs::assemble::Sources;
use qos_initramfs::check::{self, Severity};
use qos_initramfs::{build, extract, list, segments};
use qos_manifest::{Compression, SizeLimit};
use qos_tree::path::show;
use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Builds, lists, extracts and checks initramfs archives.
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
        /// Folder of built programs: bin/qos and applets
        #[arg(long)]
        programs: Option<PathBuf>,
        /// Folder of built kernel modules, at any depth
        #[arg(long)]
        modules: Option<PathBuf>,
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
        /// File to write, or a folder in which it gets its usual name
        #[arg(long)]
        out: PathBuf,
    },
    /// List what is in initramfs files, of any origin
    List {
        /// The files
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Start each line with the SHA-256 of the content
        #[arg(long)]
        hash: bool,
    },
    /// Look for what would fail in the boot: the files together are one image, as a boot loader passes them
    Check {
        /// The files
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Release of the kernel that boots it
        #[arg(long, value_name = "RELEASE")]
        kernel_release: Option<String>,
        /// Fail on warnings too
        #[arg(long)]
        deny_warnings: bool,
    },
    /// Write the files of an image into a folder (without root; nodes are left out)
    Extract {
        /// The files
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// The folder, new or empty
        #[arg(long)]
        to: PathBuf,
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
        Ok(code) => code,
        Err(error) => {
            eprintln!("qos-initramfs: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode, Box<dyn Error>> {
    match command {
        Command::Build { manifest, programs, modules, drivers, kernel_release, compression, out } => {
            let mut config = qos_manifest::load(&manifest)?;
            if let Some(compression) = compression {
                config.compression = compression;
                config.max_sizes.remove(&SizeLimit::Initramfs);
            }
            let built = build::build(&config, &Sources { programs, modules, drivers, kernel_release })?;
            let out = if out.is_dir() { out.join(config.compression.file_name()) } else { out };
            write(&out, &built.bytes)?;
            println!(
                "{}: {} bytes ({}), {} unpacked, {} entries",
                out.display(),
                built.bytes.len(),
                config.compression.method(),
                built.unpacked,
                built.entries
            );
        }
        Command::List { files, hash } => {
            let mut text = String::new();
            for file in &files {
                if files.len() > 1 {
                    text.push_str(&format!("# {}\n", file.display()));
                }
                text.push_str(&list::list(&read(file)?, hash));
            }
            // A reader that has seen enough (`| head`) is no error.
            let _ = std::io::stdout().write_all(text.as_bytes());
        }
        Command::Check { files, kernel_release, deny_warnings } => {
            let rootfs = rootfs(&files)?;
            let mut findings = check::lost(&rootfs);
            findings.extend(check::check(&rootfs.tree, kernel_release.as_deref()));
            findings.sort();
            for finding in &findings {
                println!("{finding}");
            }
            let bad = |severity| deny_warnings || severity == Severity::Error;
            if findings.iter().any(|finding| bad(finding.severity)) {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Extract { files, to } => {
            let rootfs = rootfs(&files)?;
            let skipped = extract::extract(&rootfs.tree, &to)?;
            for (path, why) in &rootfs.lost {
                eprintln!("qos-initramfs: left out, as the kernel does: /{}: {why}", show(path));
            }
            if !skipped.is_empty() {
                eprintln!("qos-initramfs: left out, as they need root: {}", skipped.join(" "));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
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

fn read(file: &Path) -> Result<Vec<segments::Segment>, Box<dyn Error>> {
    let bytes = fs::read(file).map_err(|e| format!("cannot read {}: {e}", file.display()))?;
    Ok(segments::read(&bytes).map_err(|e| format!("{}: {e}", file.display()))?)
}

fn rootfs(files: &[PathBuf]) -> Result<qos_initramfs::rootfs::Rootfs, Box<dyn Error>> {
    let mut all = Vec::new();
    for file in files {
        all.extend(read(file)?);
    }
    Ok(segments::rootfs(&all)?)
}
