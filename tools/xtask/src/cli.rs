// SPDX-License-Identifier: MIT OR Apache-2.0
//! The command line: every verb and its purpose.

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
    /// Set up, build, and boot the image in QEMU; further arguments go to the runner
    Qemu(crate::qemu::Qemu),
    /// Set up, build, and run every test
    Test(crate::test::Test),
    /// Show changes of reviewed files and accept them: kernel configuration, bindings, boot log, budgets
    Bless(crate::bless::Bless),
    /// Build and boot two revisions, and show the differences
    Bootdiff(Passed),
    /// Build and boot the two revisions of a change, judge it by review.toml, and write the files for a forge
    Review(Passed),
    /// Create or update the comment of a review on its pull request
    Post(Passed),
    /// Keep cost, size and memory of the images in a file, and plot them over commits
    History(Passed),
    /// Find the commit at which a line of the boot log, the verdict or the cost changed
    Bisect(Passed),
    /// Boot one machine several times and report whether its logs agree; further arguments go to the runner
    Stable(Passed),
    /// Watch the sources; on a change, build what it affects, boot, and report the result
    Dev(Passed),
    /// Start a kernel module or a guest program from the template
    New(Passed),
    /// Measure sizes, instructions of a boot, seconds, and least memory
    Bench(Passed),
    /// Fill a binary cache of Nix, from which other machines take what is built
    Cache(Passed),
    /// Print a kernel log with the source line beside each address
    Decode(Passed),
    /// Build the documentation of the kernel's Rust crates, and print its path
    Doc(Passed),
    /// Boot the image under gdb, stopped at the start of the kernel
    Gdb(Passed),
    /// Look into an initramfs, a kernel, a module, a UKI or a disk image, of any distribution
    Inspect(Passed),
    /// Print an image's manifest, including everything that it inherits
    Manifest(crate::manifest::Manifest),
    /// Write kernel/modules/rust-project.json, so that rust-analyzer resolves `kernel::…` in modules
    RustProject(Passed),
    /// Build derivations a second time under other circumstances and compare, byte for byte; or check published hashes
    Reproduce(Passed),
    /// Write the bills of materials of an image (SPDX and CycloneDX), and print their paths
    Sbom(crate::sbom::Sbom),
    /// Install Nix if necessary, and add the pinned toolchain and the crates to its store; or have Nix use a binary cache, or AppArmor allow builds
    Setup(xtask::setup::Setup),
    /// Pin the newest packages in tools/toolchain/toolchain.lock, and report changelogs and advisories
    Update(Passed),
}

impl Verb {
    /// The name of a verb that does not work in a system's own repository.
    pub fn of_qos_only(&self) -> Option<&'static str> {
        match self {
            Verb::New(_) => Some("new"),
            Verb::RustProject(_) => Some("rust-project"),
            Verb::Update(_) => Some("update"),
            _ => None,
        }
    }
}
