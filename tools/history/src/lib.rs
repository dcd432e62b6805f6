// SPDX-License-Identifier: MIT OR Apache-2.0
//! Cost, size and memory of images over commits.
//!
//! CI keeps a [`file`](mod@file) with a line for each commit and image. [`record`] adds lines to it, [`page`] makes a page of it, with a
//! [`chart`] of each figure and the largest [`steps`]. Only [`record`] builds and boots.

pub mod chart;
pub mod figure;
pub mod file;
pub mod page;
pub mod record;
pub mod steps;
