// SPDX-License-Identifier: MIT OR Apache-2.0
//! The report of `cargo xtask update`: what an update of the pins brings, and which advisories exist for what is pinned.
//!
//! [`changelog`] reads Debian changelogs, [`rustsec`] a copy of the RustSec advisory database, [`tracker`] the data of Debian's
//! security tracker. [`report`] combines them with the old and the new lock; [`render`] writes the report as text or Markdown. All
//! of them are pure; only [`files`] reads files.

pub mod changelog;
pub mod files;
pub mod findings;
pub mod lockfile;
pub mod render;
pub mod report;
pub mod rustsec;
pub mod table;
pub mod tracker;
pub mod yanked;
