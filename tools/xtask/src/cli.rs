// SPDX-License-Identifier: MIT OR Apache-2.0
//! The command line: every verb with what it is for.

use crate::dispatch::Passed;
use clap::{Parser, Subcommand};

/// Sets up, builds, boots and tests qos.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// The verbs.
#[derive(Subcommand)]
pub enum Verb {
    /// Set up, build, and boot the image in QEMU; arguments go to the runner
    Qemu(crate::qemu::Qemu),
    /// Set up, build, and run every test
    Test(crate::test::Test),
    /// Show what changed in the reviewed files, and accept it: kernel configuration, bindings, boot log, budgets
    Bless(crate::bless::Bless),
    /// Build and boot two revisions, and show what changed from one to the other
    Bootdiff(Passed),
    /// Find the commit at which a line of the boot log, the verdict or the cost changed
    Bisect(Passed),
    /// Boot one machine several times and say whether its logs agree; arguments go to the runner
    Stable(Passed),
    /// Watch the sources; on a change build what is concerned, boot, and say what became of it
    Dev(Passed),
    /// Start a kernel module or a guest program from the template
    New(Passed),
    /// Print figures: sizes, instructions of a boot, seconds, least memory
    Bench(Passed),
    /// Print a kernel log with the line of source beside each address
    Decode(Passed),
    /// Build the documentation of the kernel's Rust crates, and print where it is
    Doc(Passed),
    /// Boot the image under gdb, stopped at the start of the kernel
    Gdb(Passed),
    /// Look into an initramfs, a kernel, a module, a UKI or a disk image, of any distribution
    Inspect(Passed),
    /// Print an image's manifest with everything that it inherits
    Manifest(crate::manifest::Manifest),
    /// Write kernel/modules/rust-project.json, by which rust-analyzer resolves `kernel::…` in own modules
    RustProject(Passed),
    /// Install Nix if need be, and bring the pinned toolchain and the crates into its store
    Setup(crate::setup::Setup),
    /// Pin the newest packages in tools/toolchain/toolchain.lock
    Update(crate::update::Update),
}
