// SPDX-License-Identifier: MIT OR Apache-2.0
//! Software bills of materials (SBOM) of an image, as SPDX 2.3 and CycloneDX 1.6 in JSON.
//!
//! [`collect`] reads the image and the records of its build into a [`bom::Bom`]: [`graph`] selects the crates that are compiled into the
//! image's programs, [`debian`] the packages of the toolchain, [`files`] hashes the contents of the initramfs, [`licence`] checks licence
//! expressions. [`spdx_json`] and [`cyclonedx`] make a document of it.
//!
//! The same inputs give the same bytes: lists are sorted, the creation time is the modification time of the image's files, and the
//! documents' UUIDs are derived from their contents.

pub mod bom;
pub mod cli;
pub mod collect;
pub mod cyclonedx;
pub mod debian;
pub mod files;
pub mod graph;
pub mod identity;
pub mod licence;
pub mod linked;
pub mod patches;
pub mod purl;
pub mod spdx_json;
