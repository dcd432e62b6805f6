// SPDX-License-Identifier: MIT OR Apache-2.0
//! Images and disks, which share their names.

use crate::{Disk, Image, Table};

/// An image or a disk.
#[derive(Clone, Copy, Debug)]
pub enum Bootable<'a> {
    /// An image.
    Image(&'a Image),
    /// A disk.
    Disk(&'a Disk),
}

impl Table {
    /// The images, then the disks.
    pub fn bootables(&self) -> impl Iterator<Item = Bootable<'_>> {
        self.images.iter().map(Bootable::Image).chain(self.disks.iter().map(Bootable::Disk))
    }

    /// The image or disk of that name.
    ///
    /// # Errors
    /// The name is unknown; the message lists the images and disks.
    pub fn bootable(&self, name: &str) -> Result<Bootable<'_>, String> {
        self.bootables().find(|one| one.name() == name).ok_or_else(|| {
            let names: Vec<_> = self.bootables().map(Bootable::name).collect();
            format!("unknown image or disk {name}; the images and disks are {}", names.join(", "))
        })
    }

    /// The trees of the toolchain that only this image or disk needs.
    #[must_use]
    pub fn trees_of(&self, bootable: Bootable<'_>) -> Vec<String> {
        match bootable {
            Bootable::Image(image) => self.trees_of_image(image),
            Bootable::Disk(disk) => self.trees_of_disk(disk),
        }
    }
}

impl<'a> Bootable<'a> {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'a str {
        match self {
            Self::Image(image) => &image.name,
            Self::Disk(disk) => &disk.name,
        }
    }

    /// The flake's attribute for a build result: `image`, `initramfs`, `qemu` or `boot-log`.
    #[must_use]
    pub fn attribute(self, kind: &str) -> String {
        match self {
            Self::Image(image) => image.attribute(kind),
            Self::Disk(disk) => disk.attribute(kind),
        }
    }

    /// The script of its golden boot, as a path from the root of the repository, if it has a golden boot.
    #[must_use]
    pub fn script(self) -> Option<&'a str> {
        match self {
            Self::Image(image) => Some(&image.script),
            Self::Disk(disk) => disk.script.as_deref(),
        }
    }
}
