// SPDX-License-Identifier: MIT OR Apache-2.0
//! The loop's arguments.

use clap::Args;
use qos_host::source::Source;
use qos_host::ui::Flags;
use std::ffi::OsString;
use std::path::PathBuf;

/// Arguments of `dev`.
#[derive(Args, Default)]
pub struct Dev {
    /// The image to build and boot, one of qos.toml
    #[arg(long, value_name = "NAME", default_value_t = qos_host::table::default_image())]
    pub(crate) image: String,
    /// Boot it on this kernel of qos.toml instead of its own
    #[arg(long, value_name = "KERNEL")]
    pub(crate) on: Option<String>,
    /// Shell command for the guest; without a command, a script or a module's tests, the guest only boots
    #[arg(long, value_name = "COMMAND", conflicts_with_all = ["script", "kunit"])]
    pub(crate) run: Option<String>,
    /// Script for the guest's shell; watched too
    #[arg(long, value_name = "FILE", conflicts_with = "kunit")]
    pub(crate) script: Option<PathBuf>,
    /// Run the KUnit tests of this module of kernel/modules
    #[arg(long, value_name = "MODULE")]
    pub(crate) kunit: Option<String>,
    /// Build the kernel from this source tree, with its configuration of qos, and watch the tree; the first build takes minutes
    #[arg(long, value_name = "DIR")]
    pub(crate) kernel: Option<PathBuf>,
    /// Create DIR of --kernel as a copy of the kernel's pinned source (1.7 GB)
    #[arg(long, requires = "kernel")]
    pub(crate) create: bool,
    /// Another manifest than the image's, as a path from the repository's root
    #[arg(long, value_name = "FILE")]
    pub(crate) manifest: Option<PathBuf>,
    /// Run one round, then exit with the guest's status
    #[arg(long)]
    pub(crate) once: bool,
    /// Build and pack without booting
    #[arg(long)]
    pub(crate) no_boot: bool,
    // xtask has run the setup with these options before it started this program, without the trees of single kernels.
    #[command(flatten)]
    pub(crate) source: Source,
    #[command(flatten)]
    pub(crate) flags: Flags,
    /// Arguments of the runner after --, such as --memory 1G (cargo xtask qemu --memory 1G --help lists them)
    #[arg(last = true, value_name = "ARGUMENT")]
    pub(crate) runner: Vec<OsString>,
}
