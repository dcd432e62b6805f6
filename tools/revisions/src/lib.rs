// SPDX-License-Identifier: MIT OR Apache-2.0
//! Builds and boots commits of this repository, each with its own pins.

pub mod boots;
pub mod image;
pub mod revision;
pub mod slot;
