// SPDX-License-Identifier: MIT OR Apache-2.0
//! `qos-image`: finishes the directory of an image.

use clap::Parser;
use std::path::PathBuf;
use std::process::ExitCode;

/// Writes `cmdline` and `manifest.json` (versions, sizes, SHA-256) into a directory that holds kernel and initramfs.
#[derive(Parser)]
#[command(name = "qos-image", disable_version_flag = true)]
struct Args {
    /// The manifest that the initramfs was built from
    #[arg(long)]
    manifest: PathBuf,
    /// The image directory: bzImage and the initramfs are in it
    #[arg(long)]
    image: PathBuf,
    /// The kernel's release (`uname -r`)
    #[arg(long, value_name = "RELEASE")]
    kernel_release: String,
    /// The version of something that the image was made with or from; can be given many times
    #[arg(long, value_name = "NAME=VERSION", value_parser = qos_image::version_argument)]
    version: Vec<(String, String)>,
}

fn main() -> ExitCode {
    match run(Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("qos-image: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: Args) -> Result<(), String> {
    let config = qos_manifest::load(&args.manifest).map_err(|e| e.to_string())?;
    let versions = qos_image::versions(args.version, args.kernel_release);
    let manifest = qos_image::finish(&args.image, &config, versions)?;
    for (name, file) in &manifest.files {
        println!("{:>12} {name}", file.size);
    }
    Ok(())
}
