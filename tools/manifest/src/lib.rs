// SPDX-License-Identifier: MIT OR Apache-2.0
//! The contents of an image, described in TOML.
//!
//! A manifest (`rootfs/NAME.toml`) names the image, its kernel command line and compression, and every directory,
//! link, device node, file, program and module in it, with owner and mode. It may `inherit` others: they are merged
//! in the order in which they are listed, then the manifest itself; later entries override earlier ones, path by path.
//!
//! [`load`] reads a manifest and those that it inherits into a fully checked [`Config`], or returns an [`Error`] that
//! names the line. [`Config::to_toml`] prints the merged manifest, which reads back as the same one.

mod budget;
mod config;
mod edit;
mod error;
mod layer;
mod limits;
mod load;
mod merge;
mod place;
mod print;
mod raw;
mod reader;
mod suggest;
mod value;

pub use budget::{Budgets, CostLimit, SizeLimit};
pub use config::{Compression, Config, Drivers, Early, Entry, Kind, Module, NodeKind, Owner, Program};
pub use edit::{set_max_cost, set_max_memory};
pub use error::Error;
pub use limits::disk_budgets;
pub use load::{load, load_with};
pub use place::{Place, Placed};
pub use suggest::{did_you_mean, nearest};
