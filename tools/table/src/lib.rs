// SPDX-License-Identifier: MIT OR Apache-2.0
//! The table of what is built, booted and checked: `qos.toml` in the root of the repository.
//!
//! `tools/nix/table.nix` reads the same file for Nix, and checks it in the same way.

mod bootable;
mod raw;

pub use bootable::Bootable;
use raw::{RawTable, check, disk, image, kernel};
use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

/// The table's file in the root of the repository.
pub const FILE: &str = "qos.toml";

/// The name of the default kernel and the default image; attributes of the flake omit it.
pub const DEFAULT: &str = "default";

/// The tree of the toolchain with the programs that make disks.
pub const DISK_TREE: &str = "disk";

/// The tree of the toolchain with Debian's kernel and the programs that make an initramfs for it; the flake's attribute of the result has
/// the same name.
pub const DEBIAN_BOOT: &str = "debian-boot";

/// The entries of the table, in the order of the file.
#[derive(Clone, Debug)]
pub struct Table {
    /// Whether it is the table of a system's own repository, whose images are all usual.
    system: bool,
    /// Kernels.
    pub kernels: Vec<Kernel>,
    /// Images.
    pub images: Vec<Image>,
    /// Disks.
    pub disks: Vec<Disk>,
    /// Checks.
    pub checks: Vec<Check>,
}

/// A kernel.
#[derive(Clone, Debug)]
pub struct Kernel {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: Kind,
    /// Whether it is a kernel of a system's own repository.
    own: bool,
}

/// The kind of a kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The default kernel.
    Default,
    /// The default kernel with one more fragment.
    Variant,
    /// An LTS kernel.
    Lts(Lts),
}

/// The properties of an LTS kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lts {
    /// Its upstream series: `6.18`.
    pub series: String,
    /// The tree of the toolchain that has its source.
    pub tree: String,
    /// The patches of `kernel/patches` that it takes.
    pub patches: Vec<String>,
    /// Whether its modules have KUnit tests.
    pub kunit: bool,
}

/// An image.
#[derive(Clone, Debug)]
pub struct Image {
    /// Its name.
    pub name: String,
    /// The kernel that it boots, by name.
    pub kernel: String,
    /// The guest's programs: an attribute of `packages/default.nix`.
    pub programs: String,
    /// Its manifest, as a path from the root of the repository.
    pub manifest: String,
    /// The script of its golden boot, as a path from the root of the repository.
    pub script: String,
}

/// A disk.
#[derive(Clone, Debug)]
pub struct Disk {
    /// Its name, which is also the flake's attribute.
    pub name: String,
    /// The kernel that it boots, by name.
    pub kernel: String,
    /// Its manifest, from the root of the repository.
    pub manifest: String,
    /// The manifest of its initramfs, if it has one.
    pub initramfs: Option<String>,
    /// The tree of the toolchain that is in its root, if one is.
    pub tree: Option<String>,
    /// The script of its golden boot, as a path from the root of the repository, if it has a golden boot.
    pub script: Option<String>,
}

/// A check of `cargo xtask test`.
#[derive(Clone, Debug)]
pub struct Check {
    /// Its name.
    pub name: String,
    /// Whether it runs if no check is named.
    pub usual: bool,
    /// The case of `tools/nix/check.sh` that it is.
    pub run: String,
    /// Whether it compares the results of `cargo xtask dev`, which has to run first.
    pub needs_loop: bool,
    /// Whether it boots or examines the disks without a tree in their root, and calls the verbs that are tools.
    pub needs_disks: bool,
    /// Whether it boots Debian's kernel.
    pub needs_debian_boot: bool,
    /// A variant of the kernel that it boots, by name.
    pub kernel: Option<String>,
    /// An image on another kernel than the default one that it boots, by name.
    pub image: Option<String>,
    /// A tree of the toolchain that it needs.
    pub tree: Option<String>,
    /// Whether it compares snapshots that only this check has: the case `RUN-snapshots` of `tools/nix/check.sh`.
    pub snapshots: bool,
    /// The script that it is instead of a case of `tools/nix/check.sh`, as a path from the root of the repository. It runs on the host.
    pub script: Option<String>,
}

/// The reason why the table is invalid: one line that names the file and the entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(String);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

fn error(text: impl fmt::Display) -> Error {
    Error(format!("{FILE}: {text}"))
}

impl Table {
    /// The table of the repository at `root`.
    ///
    /// # Errors
    /// The file cannot be read or is not TOML, or it has an unknown key, an invalid value, a duplicate name, or a reference to an unknown name.
    pub fn load(root: &Path) -> Result<Self, Error> {
        let path = root.join(FILE);
        let text = std::fs::read_to_string(&path)
            .map_err(|why| Error(format!("cannot read {}: {why}", path.display())))?;
        Self::parse(&text)
    }

    /// The table of a system's own repository at `system`, whose file is added to that of `qos`. It has the images, disks and checks of
    /// the system, and the kernels of both.
    ///
    /// # Errors
    /// As [`Self::load`]; or the system has no image.
    pub fn load_system(qos: &Path, system: &Path) -> Result<Self, Error> {
        let [base, own] = [qos, system].map(|folder| {
            let path = folder.join(FILE);
            std::fs::read_to_string(&path)
                .map_err(|why| Error(format!("cannot read {}: {why}", path.display())))
        });
        let base = base?;
        let mut table = Self::parse(&format!("{base}\n{}", own?))?;
        let base = Self::parse(&base)?;
        for kernel in &mut table.kernels {
            kernel.own = base.find_kernel(&kernel.name).is_none();
        }
        table.images.retain(|image| base.find_image(&image.name).is_none());
        table.disks.retain(|disk| base.find_disk(&disk.name).is_none());
        table.checks.retain(|check| base.checks.iter().all(|other| other.name != check.name));
        if table.images.is_empty() {
            return Err(error("a system has at least one image of its own"));
        }
        Ok(Table { system: true, ..table })
    }

    /// Parses the text of a table.
    ///
    /// # Errors
    /// As [`Self::load`], except for reading the file.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let raw: RawTable = toml::from_str(text).map_err(|why| {
            let line = why.span().map_or(0, |span| text[..span.start].matches('\n').count() + 1);
            Error(format!("{FILE}:{line}: {}", why.message().trim_end().replace('\n', " ")))
        })?;
        once("kernels", raw.kernels.iter().map(|kernel| &kernel.name))?;
        once("images", raw.images.iter().map(|image| &image.name))?;
        once(
            "images and disks",
            raw.images.iter().map(|image| &image.name).chain(raw.disks.iter().map(|disk| &disk.name)),
        )?;
        once("checks", raw.checks.iter().map(|check| &check.name))?;
        let table = Table {
            system: false,
            kernels: raw.kernels.into_iter().map(kernel).collect::<Result<_, _>>()?,
            images: raw.images.into_iter().map(image).collect(),
            disks: raw.disks.into_iter().map(disk).collect(),
            checks: raw.checks.into_iter().map(check).collect(),
        };
        table.check_references()?;
        Ok(table)
    }

    fn check_references(&self) -> Result<(), Error> {
        let unknown = |from: &str, key: &str, name: &str, kind: &str| {
            error(format_args!("{from}: {key} = \"{name}\": unknown {kind}"))
        };
        if self.find_kernel(DEFAULT).is_none() || self.find_image(DEFAULT).is_none() {
            return Err(error("the kernel default or the image default is missing"));
        }
        for image in &self.images {
            let from = format!("images: {}", image.name);
            self.find_kernel(&image.kernel)
                .ok_or_else(|| unknown(&from, "kernel", &image.kernel, "kernel"))?;
        }
        for disk in &self.disks {
            let from = format!("disks: {}", disk.name);
            self.find_kernel(&disk.kernel).ok_or_else(|| unknown(&from, "kernel", &disk.kernel, "kernel"))?;
        }
        for check in &self.checks {
            let from = format!("checks: {}", check.name);
            if let Some(name) = &check.kernel {
                let found = self.find_kernel(name).ok_or_else(|| unknown(&from, "kernel", name, "kernel"))?;
                if found.kind != Kind::Variant {
                    return Err(error(format_args!("{from}: the kernel {name} is not a variant")));
                }
            }
            if let Some(name) = &check.image {
                let found = self.find_image(name).ok_or_else(|| unknown(&from, "image", name, "image"))?;
                if found.kernel == DEFAULT {
                    return Err(error(format_args!(
                        "{from}: the image {name} is on the default kernel; such images are in needs = [\"images\"]"
                    )));
                }
            }
        }
        Ok(())
    }

    /// The kernel of that name.
    #[must_use]
    pub fn find_kernel(&self, name: &str) -> Option<&Kernel> {
        self.kernels.iter().find(|kernel| kernel.name == name)
    }

    /// The kernel of that name.
    ///
    /// # Errors
    /// The name is unknown; the message lists the kernels.
    pub fn kernel(&self, name: &str) -> Result<&Kernel, String> {
        self.find_kernel(name).ok_or_else(|| {
            let names: Vec<_> = self.kernels.iter().map(|kernel| kernel.name.as_str()).collect();
            format!("unknown kernel {name}; the kernels are {}", names.join(", "))
        })
    }

    /// The image of that name.
    #[must_use]
    pub fn find_image(&self, name: &str) -> Option<&Image> {
        self.images.iter().find(|image| image.name == name)
    }

    /// The image of that name.
    ///
    /// # Errors
    /// The name is unknown; the message lists the images.
    pub fn image(&self, name: &str) -> Result<&Image, String> {
        self.find_image(name).ok_or_else(|| {
            let names: Vec<_> = self.images.iter().map(|image| image.name.as_str()).collect();
            format!("unknown image {name}; the images are {}", names.join(", "))
        })
    }

    /// The disk of that name.
    #[must_use]
    pub fn find_disk(&self, name: &str) -> Option<&Disk> {
        self.disks.iter().find(|disk| disk.name == name)
    }

    /// The LTS kernel that an image is on, if it is on one.
    #[must_use]
    pub fn lts_of(&self, image: &Image) -> Option<(&Kernel, &Lts)> {
        let kernel = self.find_kernel(&image.kernel)?;
        Some((kernel, kernel.lts()?))
    }

    /// The images that verbs take if none is named: those on the default kernel, in a system's own repository all.
    pub fn usual_images(&self) -> impl Iterator<Item = &Image> {
        self.images.iter().filter(|image| self.system || image.kernel == DEFAULT)
    }

    /// The trees of the toolchain that only this image needs.
    #[must_use]
    pub fn trees_of_image(&self, image: &Image) -> Vec<String> {
        self.find_kernel(&image.kernel).map(Kernel::trees).unwrap_or_default()
    }

    /// The trees of the toolchain that only this disk needs: the programs that make it, its kernel's source, and what is in its root.
    #[must_use]
    pub fn trees_of_disk(&self, disk: &Disk) -> Vec<String> {
        let source = self.find_kernel(&disk.kernel).map(Kernel::trees).unwrap_or_default();
        std::iter::once(DISK_TREE.to_owned()).chain(source).chain(disk.tree.clone()).collect()
    }

    /// The disks that a check boots or examines: those with the check's tree of the toolchain in their root, and if it needs disks, those
    /// without a tree.
    pub fn disks_of_check(&self, check: &Check) -> impl Iterator<Item = &Disk> {
        self.disks.iter().filter(|disk| match disk.tree {
            Some(_) => disk.tree == check.tree,
            None => check.needs_disks,
        })
    }

    /// The trees of the toolchain that only this check needs.
    #[must_use]
    pub fn trees_of_check(&self, check: &Check) -> Vec<String> {
        let image = check.image.as_deref().and_then(|name| self.find_image(name));
        let trees = image.map(|image| self.trees_of_image(image)).unwrap_or_default();
        let of_disks = self.disks_of_check(check).next().map(|_| DISK_TREE.to_owned());
        let of_kernel = check.needs_debian_boot.then(|| DEBIAN_BOOT.to_owned());
        trees.into_iter().chain(check.tree.clone()).chain(of_disks).chain(of_kernel).collect()
    }
}

impl Kernel {
    /// Its properties as an LTS kernel, if it is one.
    #[must_use]
    pub fn lts(&self) -> Option<&Lts> {
        match &self.kind {
            Kind::Lts(lts) => Some(lts),
            Kind::Default | Kind::Variant => None,
        }
    }

    /// The trees of the toolchain that only this kernel needs.
    #[must_use]
    pub fn trees(&self) -> Vec<String> {
        self.lts().map(|lts| lts.tree.clone()).into_iter().collect()
    }

    /// The flake's attribute for a build result of the kernel: for `kernel`, `kernel`, or `kernel-debug` of `debug`.
    #[must_use]
    pub fn attribute(&self, kind: &str) -> String {
        attribute(kind, &self.name)
    }

    /// Its reviewed configuration, from the root of the repository.
    #[must_use]
    pub fn reviewed(&self) -> PathBuf {
        match &self.kind {
            Kind::Default => "kernel/resolved.config".into(),
            Kind::Variant => self.fragment("resolved.config"),
            Kind::Lts(lts) => lts.directory().join("resolved.config"),
        }
    }

    /// The files of which its configuration is resolved beside those that all kernels share, from the root of the repository.
    #[must_use]
    pub fn own_fragments(&self) -> Vec<PathBuf> {
        match &self.kind {
            Kind::Default => Vec::new(),
            Kind::Variant => vec![self.fragment("config")],
            Kind::Lts(lts) => ["fragment.config", "absent"].map(|file| lts.directory().join(file)).into(),
        }
    }

    /// A file of a variant: in `kernel/variants`, in a system's own repository in `kernel`.
    fn fragment(&self, extension: &str) -> PathBuf {
        let directory = if self.own { "kernel" } else { "kernel/variants" };
        Path::new(directory).join(format!("{}.{extension}", self.name))
    }
}

impl Lts {
    /// The directory of its own files, from the root of the repository.
    #[must_use]
    pub fn directory(&self) -> PathBuf {
        Path::new("kernel/lts").join(&self.series)
    }
}

impl Image {
    /// The flake's attribute for a build result of the image: for `qemu`, `qemu`, or `qemu-minimal` of `minimal`.
    #[must_use]
    pub fn attribute(&self, kind: &str) -> String {
        attribute(kind, &self.name)
    }
}

impl Disk {
    /// The flake's attribute for a build result of the disk: for `image`, the name of the disk itself, for `qemu`, `qemu-disk` of `disk`.
    #[must_use]
    pub fn attribute(&self, kind: &str) -> String {
        if kind == "image" { self.name.clone() } else { attribute(kind, &self.name) }
    }
}

fn attribute(kind: &str, name: &str) -> String {
    if name == DEFAULT { kind.to_owned() } else { format!("{kind}-{name}") }
}

/// Rejects duplicate names.
fn once<'a>(kind: &str, names: impl Iterator<Item = &'a String>) -> Result<(), Error> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(error(format_args!("{kind}: duplicate name {name}")));
        }
    }
    Ok(())
}
