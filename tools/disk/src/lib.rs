// SPDX-License-Identifier: MIT OR Apache-2.0
//! Builds disk images from a manifest, without root.
//!
//! [`load`] reads a [`manifest`], the contents of a disk: a GPT, partitions, their file systems, LUKS2, dm-verity, a unified kernel image.
//! [`build`] makes each partition in a file of its own, with the mkfs programs of a sysroot ([`tools`]), and [`image`] writes
//! them and the partition table into one sparse file. [`about`] describes the result as an image is described.
//!
//! The tree of the root file system is that of an image's manifest (`qos-initramfs`), so owners and modes do not depend on the host.
//! UUIDs and times are those of the manifest. Two formats differ on every run: btrfs (mkfs.btrfs uses the clock and random
//! numbers) and LUKS2 (salts and the volume key have to be random).

pub mod about;
pub mod build;
mod check;
pub mod content;
mod error;
pub mod fat;
pub mod filesystem;
pub mod image;
pub mod layout;
pub mod load;
pub mod luks;
pub mod manifest;
pub mod pieces;
pub mod qcow2;
mod raw;
pub mod size;
pub mod tools;
pub mod uki;
pub mod uuid;
pub mod verity;

pub use error::Error;
