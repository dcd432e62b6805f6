// SPDX-License-Identifier: MIT OR Apache-2.0
//! The command line: every verb and its purpose.

mod files;
mod lookup;
mod show;

use clap::{Parser, Subcommand};
use qos_inspect::Error;
use qos_manifest::Compression;
use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// Looks into initramfs images, kernels, modules, UKIs and disk images.
#[derive(Parser)]
#[command(
    name = "qos-inspect",
    version,
    args_conflicts_with_subcommands = true,
    arg_required_else_help = true
)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// Show what these files are (as the verb `show`)
    files: Vec<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Describe a file: segments, version and build of a kernel, fields of a module, sections, partitions
    Show {
        /// The files
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// List the entries of an initramfs, in their order, as `ls -l` does; times are in UTC
    List {
        /// The files
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Print a line with the SHA-256 of the content for each entry, without times: made to be compared
        #[arg(long)]
        hash: bool,
        /// Print names only
        #[arg(long, conflicts_with = "hash")]
        names: bool,
        /// Print JSON
        #[arg(long, conflicts_with_all = ["hash", "names"])]
        json: bool,
    },
    /// Draw the directories that the kernel makes of an initramfs
    Tree {
        /// The files together are one image, as a boot loader passes them
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Write the content of one file of an initramfs to the standard output; symbolic links are followed in the image
    Cat {
        /// The image
        file: PathBuf,
        /// Path in the image
        path: OsString,
    },
    /// Write the files of an image into a directory, without root: nodes are left out, owners are the caller's
    Extract {
        /// The files together are one image
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// The directory, new or empty
        #[arg(long)]
        to: PathBuf,
        /// Only this path of the image, with everything below it; may be repeated
        #[arg(long, value_name = "PATH")]
        path: Vec<OsString>,
    },
    /// Look for what would fail in the boot: what runs first, and why it would not
    Check {
        /// The files together are one image, as a boot loader passes them
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Release of the kernel that boots it
        #[arg(long, value_name = "RELEASE")]
        kernel_release: Option<String>,
        /// The kernel that boots it, as bzImage, vmlinux or UKI: release, vermagic and configuration are compared
        #[arg(long, value_name = "FILE")]
        kernel: Option<PathBuf>,
        /// Program that runs first, as `rdinit=` on the command line
        #[arg(long, value_name = "PATH", default_value = "/init")]
        rdinit: String,
        /// Fail on warnings too
        #[arg(long)]
        deny_warnings: bool,
    },
    /// Compare two images, as the kernel unpacks them, or the configurations of two kernels; the status is 1 if they differ
    Diff {
        /// The old one
        a: PathBuf,
        /// The new one
        b: PathBuf,
    },
    /// Write an image again, changed or compressed in another way
    Repack {
        /// The image
        file: PathBuf,
        /// File to write
        #[arg(long)]
        out: PathBuf,
        /// Compress with none, gzip, lz4 or zstd, `:LEVEL` behind it if wanted; each segment's own way if not given
        #[arg(long, value_name = "METHOD[:LEVEL]", value_parser = compression)]
        compression: Option<Compression>,
        /// Remove this path, with everything below it
        #[arg(long, value_name = "PATH")]
        remove: Vec<OsString>,
        /// Put the content of a file of the host at this path
        #[arg(long, value_name = "PATH=FILE")]
        put: Vec<OsString>,
    },
    /// Print the configuration in a kernel (IKCONFIG), or these options of it; the status is 1 if one is not set
    Config {
        /// bzImage, vmlinux, UKI, the module `configs`, or a configuration
        file: PathBuf,
        /// Options, with or without CONFIG_
        options: Vec<String>,
    },
    /// Explain lines of Module.symvers: CRC, symbol, module, export
    Symvers {
        /// Module.symvers
        file: PathBuf,
        /// Symbols; all if none is given
        symbols: Vec<String>,
    },
    /// Look up symbols (`start_kernel`), addresses (`0xffffffff81000000`) and places (`start_kernel+0x10`) in System.map
    Symbol {
        /// System.map
        file: PathBuf,
        /// What to look up
        #[arg(required = true)]
        wanted: Vec<String>,
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

impl Args {
    /// Executes the verb.
    ///
    /// # Errors
    ///
    /// A file cannot be read, or is not of the kind that the verb needs.
    pub fn run(self) -> Result<ExitCode, Error> {
        match self.command {
            None => show::show(&self.files, false),
            Some(Command::Show { files, json }) => show::show(&files, json),
            Some(Command::List { files, hash, names, json }) => files::list(&files, hash, names, json),
            Some(Command::Tree { files }) => files::tree(&files),
            Some(Command::Cat { file, path }) => files::cat(&file, &path),
            Some(Command::Extract { files, to, path }) => files::extract(&files, &to, &path),
            Some(Command::Check { files, kernel_release, kernel, rdinit, deny_warnings }) => {
                let kernel = files::ForKernel { release: kernel_release, file: kernel };
                files::check(&files, &kernel, &rdinit, deny_warnings)
            }
            Some(Command::Diff { a, b }) => files::diff(&a, &b),
            Some(Command::Repack { file, out, compression, remove, put }) => {
                files::repack(&file, &out, compression, &remove, &put)
            }
            Some(Command::Config { file, options }) => lookup::config(&file, &options),
            Some(Command::Symvers { file, symbols }) => lookup::explain_symvers(&file, &symbols),
            Some(Command::Symbol { file, wanted }) => lookup::look_up(&file, &wanted),
        }
    }
}

/// Prints text. A reader that has seen enough (`| head`) is no error.
fn print(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}
