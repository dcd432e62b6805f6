// SPDX-License-Identifier: MIT OR Apache-2.0
//! The contents of a bill of materials, independent of a format.

use crate::debian::Pin;
use crate::files::File;
use crate::graph::CrateId;
use crate::licence;
use crate::patches::Patch;
use std::collections::{BTreeMap, BTreeSet};

/// The licence of the kernel: the file `COPYING` of its source.
pub const KERNEL_LICENCE: &str = "GPL-2.0-only WITH Linux-syscall-note";

/// Who supplies what qos builds: the image, the kernel, the crates of the repository.
pub const QOS: &str = "qos";
/// Who supplies the packages of the toolchain.
pub const DEBIAN: &str = "Debian";
/// Who supplies the other crates: cargo's name of the registry.
pub const REGISTRY: &str = "crates-io";

/// An image and everything that it was made of.
#[derive(Clone, Debug)]
pub struct Bom {
    /// Name of the image.
    pub name: String,
    /// Version of qos.
    pub version: String,
    /// Creation time: `YYYY-MM-DDThh:mm:ssZ`, the modification time of the image's files.
    pub created: String,
    /// The files of the image's directory (bzImage, initramfs, command line, …), by name.
    pub artefacts: Vec<File>,
    /// Name of the artefact with the initramfs.
    pub initramfs: String,
    /// The regular files in the initramfs, by path. A file with several names is there once for each.
    pub files: Vec<File>,
    /// The programs among these files.
    pub programs: Vec<Program>,
    /// The kernel.
    pub kernel: Kernel,
    /// The crates in the programs.
    pub crates: BTreeMap<CrateId, Crate>,
    /// Debian packages with files that the linker put into every program.
    pub in_programs: Vec<Linked>,
    /// Debian packages with sources that were compiled into the kernel.
    pub in_kernel: Vec<Linked>,
    /// Debian packages whose files are in the image.
    pub contained: Vec<Pin>,
    /// Debian packages that compiled and packed the image, except those above.
    pub tools: Vec<Pin>,
}

/// The kernel.
#[derive(Clone, Debug)]
pub struct Kernel {
    /// Its release (`uname -r`).
    pub release: String,
    /// The Debian package with its source.
    pub package: Pin,
    /// The archive with its source: name and SHA-256.
    pub tarball: (String, String),
    /// The patches, in the order in which they were applied.
    pub patches: Vec<Patch>,
}

/// A program in the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Its path in the image.
    pub path: String,
    /// The crate that it was built from.
    pub from: CrateId,
    /// All crates in it, that one included.
    pub crates: BTreeSet<CrateId>,
}

/// A crate in a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crate {
    /// SHA-256 of its archive. None for a crate of the repository.
    pub checksum: Option<String>,
    /// The licence expression of its Cargo.toml, as SPDX has it.
    pub declared: String,
    /// The licence expression of what is compiled, which covers C sources in the crate.
    pub concluded: String,
    /// The crates that it uses.
    pub uses: BTreeSet<CrateId>,
    /// The repository's patches, in the order in which they were applied.
    pub patches: Vec<Patch>,
}

/// A Debian package of which parts are linked into a program or the kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    /// The package.
    pub package: Pin,
    /// The licence expression of these parts.
    pub licence: &'static str,
}

impl Crate {
    /// Who supplies it.
    #[must_use]
    pub fn supplier(&self) -> &'static str {
        if self.checksum.is_some() { REGISTRY } else { QOS }
    }
}

impl Bom {
    /// The licences of everything in a program, as one expression.
    #[must_use]
    pub fn licence_of(&self, program: &Program) -> String {
        licence::all(self.licences_of(program))
    }

    /// The licences of everything in the kernel, as one expression.
    #[must_use]
    pub fn licence_of_kernel(&self) -> String {
        licence::all(self.licences_of_kernel())
    }

    /// Every licence expression of something in the image.
    #[must_use]
    pub fn licences(&self) -> BTreeSet<&str> {
        self.licences_of_initramfs().into_iter().chain(self.licences_of_kernel()).collect()
    }

    /// Every licence expression of something in the initramfs: for a program, those of its parts.
    #[must_use]
    pub fn licences_of_initramfs(&self) -> BTreeSet<&str> {
        let is_program = |file: &&File| self.programs.iter().any(|program| program.path == file.path);
        let others = self.files.iter().filter(|file| !is_program(file));
        let programs = self.programs.iter().flat_map(|program| self.licences_of(program));
        programs.chain(others.filter_map(|file| file.licence.as_deref())).collect()
    }

    fn licences_of<'a>(&'a self, program: &'a Program) -> impl Iterator<Item = &'a str> {
        let crates = program.crates.iter().filter_map(|id| self.crates.get(id));
        let linked = self.in_programs.iter().map(|linked| linked.licence);
        crates.map(|found| found.concluded.as_str()).chain(linked)
    }

    fn licences_of_kernel(&self) -> impl Iterator<Item = &str> {
        std::iter::once(KERNEL_LICENCE).chain(self.in_kernel.iter().map(|linked| linked.licence))
    }
}
