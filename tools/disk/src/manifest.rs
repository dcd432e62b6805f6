// SPDX-License-Identifier: MIT OR Apache-2.0
//! A disk as its manifest describes it.

use crate::uuid::Uuid;
use qos_manifest::Budgets;
use std::path::PathBuf;

/// A disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disk {
    /// Its name: that of the manifest without `.toml`.
    pub name: String,
    /// GUID of the partition table.
    pub uuid: Uuid,
    /// The manifest of the image whose tree is the root file system.
    pub root: PathBuf,
    /// The kernel's command line, for booting with `-kernel`.
    pub cmdline: String,
    /// The command line in the unified kernel image; `cmdline` if the manifest has none.
    pub uki_cmdline: String,
    /// Whether a qcow2 image is made beside the raw one.
    pub qcow2: bool,
    /// The partitions, in the order of the table.
    pub partitions: Vec<Partition>,
    /// Sizes of the files that boot it, and costs of its golden boot.
    pub budgets: Budgets,
}

/// A partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    /// Its name: PARTLABEL.
    pub name: String,
    /// The GUID of its type.
    pub kind: Uuid,
    /// Its own GUID: PARTUUID. Without one it is of the root hash (Discoverable Partitions Specification): the first 128 bits for the
    /// data, the last for the hash tree.
    pub uuid: Option<Uuid>,
    /// How large it is.
    pub size: Size,
    /// What is in it.
    pub content: Content,
    /// The LUKS2 container around the content.
    pub luks: Option<Luks>,
}

/// How large a partition is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// So many bytes.
    Bytes(u64),
    /// As its content needs.
    Fit,
}

/// What is in a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Zeros.
    Empty,
    /// A file system.
    Filesystem(Filesystem),
    /// The hash tree of another partition.
    Verity(Verity),
}

/// A file system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filesystem {
    /// Which one, with its own settings.
    pub kind: Kind,
    /// Its label.
    pub label: Option<String>,
    /// The files in it.
    pub holds: Holds,
}

/// Kinds of file systems.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// FAT with this volume id, as the ESP has it.
    Vfat(u32),
    /// ext4.
    Ext4(Uuid),
    /// btrfs.
    Btrfs {
        /// Its UUID.
        uuid: Uuid,
        /// The UUID of its device.
        device_uuid: Option<Uuid>,
        /// The subvolumes at its top.
        subvolumes: Vec<String>,
        /// The subvolume that has the files.
        root_subvolume: Option<String>,
    },
    /// erofs, with a compression of mkfs.erofs(1).
    Erofs(Uuid, Option<String>),
    /// squashfs, with a compression of mksquashfs(1).
    Squashfs(Option<String>),
}

/// The files in a file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// None.
    Nothing,
    /// The tree of the root.
    Root,
    /// `vmlinuz-RELEASE`, `initramfs-RELEASE.img` and `config-RELEASE`.
    Boot,
    /// The unified kernel image as `EFI/BOOT/BOOTX64.EFI`, which firmware starts by itself.
    Uki,
}

/// A LUKS2 container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Luks {
    /// Its UUID.
    pub uuid: Uuid,
    /// Its label.
    pub label: Option<String>,
    /// What opens it.
    pub key: Key,
    /// How a key is made of that.
    pub pbkdf: Pbkdf,
}

/// What opens a container. Neither is a secret: it is in the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// A passphrase.
    Passphrase(String),
    /// The content of this file.
    File(PathBuf),
}

/// A key derivation function with its cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pbkdf {
    /// argon2id: passes, and memory in KiB.
    Argon2id(u32, u64),
    /// PBKDF2 with SHA-256: iterations.
    Pbkdf2(u32),
}

/// A hash tree of dm-verity (SHA-256, blocks of 4096 bytes).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verity {
    /// The partition that it is of, by its place in the table.
    pub of: usize,
    /// The UUID in its superblock.
    pub uuid: Uuid,
    /// The salt.
    pub salt: Vec<u8>,
}
