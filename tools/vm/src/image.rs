// SPDX-License-Identifier: MIT OR Apache-2.0
//! The files to boot: those of an image, or the user's replacements.

use crate::error::{Error, Result};
use crate::inputs;
use crate::machine::Machine;
use clap::Args;
use std::path::PathBuf;

/// The default command line of a foreign kernel: a console on the port that the runner reads.
const DEFAULT_CMDLINE: &str = "console=ttyS0";

/// What a golden run adds: the timers of an emulated machine need no calibration and no check, and waiting for them
/// is most of what such a boot would count (Documentation/admin-guide/kernel-parameters.txt). `pmtmr=0`: without the
/// local APIC's timer the ACPI PM timer serves nothing, and to be checked it is read over 4.5 ms.
const GOLDEN_CMDLINE: &str = "nolapic_timer no_timer_check pmtmr=0";

/// What is booted; also the options that choose it.
#[derive(Clone, Debug, Default, Args)]
pub struct Files {
    /// Directory with bzImage, initramfs.cpio.zst and cmdline, as `nix build .#image` makes it.
    #[arg(long, value_name = "DIR")]
    pub image: Option<PathBuf>,

    /// Another kernel: a bzImage, or an ELF vmlinux with a PVH note.
    #[arg(long, value_name = "FILE")]
    pub kernel: Option<PathBuf>,

    /// Another initramfs; several are unpacked one after another.
    #[arg(long, value_name = "FILE")]
    pub initramfs: Vec<PathBuf>,

    /// No initramfs at all.
    #[arg(long, conflicts_with = "initramfs")]
    pub no_initramfs: bool,

    /// The image's kernel as ELF, which a golden run takes in place of bzImage: it starts at once, without a
    /// decompressor.
    #[arg(long, value_name = "FILE")]
    pub vmlinux: Option<PathBuf>,

    /// The image's initramfs as it is before it is compressed, which a golden run takes in place of
    /// initramfs.cpio.zst: unpacking that would be most of what such a boot counts.
    #[arg(long, value_name = "FILE")]
    pub cpio: Option<PathBuf>,
}

/// The files themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The kernel.
    pub kernel: PathBuf,
    /// Segments of the initramfs.
    pub initramfs: Vec<PathBuf>,
    /// The kernel's command line.
    pub cmdline: String,
}

impl Files {
    /// The files to boot on `machine`, each looked at. A `golden` run prefers `vmlinux` and `cpio`.
    ///
    /// # Errors
    /// When there is no kernel, or a file cannot be read or has another format.
    pub fn resolve(&self, golden: bool, machine: Machine) -> Result<Resolved> {
        // On microvm a vmlinux with ACPI divides by zero when it calibrates the local APIC's timer.
        let takes_vmlinux = golden && machine != Machine::Microvm;
        let of_image = |name: &str| self.image.as_ref().map(|image| image.join(name));
        let kernel = self
            .kernel
            .clone()
            .or_else(|| self.vmlinux.clone().filter(|_| takes_vmlinux))
            .or_else(|| of_image("bzImage"))
            .ok_or_else(|| Error::new("no kernel to boot: give --image DIR or --kernel FILE"))?;
        inputs::check_kernel(&kernel)?;
        let initramfs = match (&self.initramfs, self.no_initramfs) {
            (_, true) => Vec::new(),
            (given, false) if given.is_empty() => {
                let unpacked = self.cpio.clone().filter(|_| golden);
                unpacked.or_else(|| of_image("initramfs.cpio.zst")).into_iter().collect()
            }
            (given, false) => given.clone(),
        };
        for file in &initramfs {
            inputs::check_initramfs(file)?;
        }
        let mut cmdline = match of_image("cmdline") {
            Some(path) => std::fs::read_to_string(&path)
                .map_err(|error| Error::file("cannot read the image's command line", &path, &error))?
                .trim()
                .to_owned(),
            None => DEFAULT_CMDLINE.to_owned(),
        };
        if golden {
            cmdline = format!("{cmdline} {GOLDEN_CMDLINE}");
        }
        Ok(Resolved { kernel, initramfs, cmdline })
    }
}
