// SPDX-License-Identifier: MIT OR Apache-2.0
//! The command line.

use crate::collect::{Inputs, collect};
use crate::{cyclonedx, licence, spdx_json};
use clap::Parser;
use std::fs;
use std::path::{Path, PathBuf};

/// Write the software bills of materials of an image: NAME.spdx.json (SPDX 2.3), NAME.cdx.json (CycloneDX 1.6), and licenses/ with the
/// texts of the copyleft licences
#[derive(Parser)]
#[command(name = "qos-sbom", disable_version_flag = true)]
pub struct Args {
    /// The manifest of the image, such as rootfs/default.toml
    #[arg(long, value_name = "FILE")]
    manifest: PathBuf,
    /// The directory of the image
    #[arg(long, value_name = "DIR")]
    image: PathBuf,
    /// Directory with the records of a build of the image's programs: tree, metadata.json, Cargo.lock (repeatable)
    #[arg(long = "graph", value_name = "DIR", required = true)]
    graphs: Vec<PathBuf>,
    /// toolchain.lock
    #[arg(long, value_name = "FILE")]
    toolchain: PathBuf,
    /// The tree of the toolchain with the kernel's source
    #[arg(long, value_name = "NAME")]
    kernel_tree: String,
    /// The archive with the kernel's source
    #[arg(long, value_name = "FILE")]
    kernel_tarball: PathBuf,
    /// Directory with the repository's patches at their paths
    #[arg(long, value_name = "DIR")]
    repository: PathBuf,
    /// A patch of the kernel, as a path from the root of the repository; in the order in which they are applied (repeatable)
    #[arg(long = "kernel-patch", value_name = "PATH")]
    kernel_patches: Vec<String>,
    /// The directory to create
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl Args {
    /// Writes the documents and the texts.
    ///
    /// # Errors
    ///
    /// One line: an input cannot be read or is damaged, a crate has no licence, or the directory exists or cannot be written. The
    /// directory is then not there.
    pub fn run(self) -> Result<(), String> {
        let Args {
            manifest,
            image,
            graphs,
            toolchain,
            kernel_tree,
            kernel_tarball,
            repository,
            kernel_patches,
            out,
        } = self;
        let tarball = kernel_tarball;
        let inputs =
            Inputs { manifest, image, graphs, toolchain, kernel_tree, tarball, repository, kernel_patches };
        let bom = collect(&inputs)?;
        let mut files = vec![
            (format!("{}.cdx.json", bom.name), cyclonedx::document(&bom)?),
            (format!("{}.spdx.json", bom.name), spdx_json::document(&bom)?),
        ];
        for (name, text) in licence::owed(bom.licences())? {
            files.push((format!("licenses/{name}.txt"), text.to_owned()));
        }
        fs::create_dir(&out).map_err(|error| format!("cannot create {}: {error}", out.display()))?;
        write(&out, &files).inspect_err(|_| {
            // The error that matters is the first.
            let _ = fs::remove_dir_all(&out);
        })
    }
}

fn write(out: &Path, files: &[(String, String)]) -> Result<(), String> {
    for (name, text) in files {
        let path = out.join(name);
        let made = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, text));
        made.map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    }
    Ok(())
}
