// SPDX-License-Identifier: MIT OR Apache-2.0
//! Compares the boots of two revisions.
//!
//! Each revision comes as a directory ([`input`]): the log of its golden boot, the kernel's configuration, the
//! listing of the initramfs, the manifest of the image or disk, the listing of a disk's root, or the reason why there is no boot. [`compare`] makes a [`report::Report`] of two of
//! them, and [`text`], [`markdown`], [`html`] and serde write it. This crate builds and boots nothing; the same
//! directories give the same report.

pub mod cli;
pub mod compare;
pub mod escape;
pub mod help;
pub mod html;
pub mod input;
pub mod listing;
pub mod manifest;
pub mod markdown;
pub mod page;
mod partitions;
pub mod report;
mod rows;
mod services;
mod squarify;
mod summary;
pub mod text;
mod timeline;
mod treemap;
pub mod units;
