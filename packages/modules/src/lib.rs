// SPDX-License-Identifier: MIT OR Apache-2.0
//! Kernel modules by name: what a module needs, in which order it all is loaded, and loading it.
//!
//! [`Dependencies`] reads `modules.dep` as depmod(8) makes it; [`list`] reads `/etc/modules`; [`Loader`] does the
//! work. init and the programs `modprobe`, `insmod` and `lsmod` share this.

mod dependencies;
pub mod list;
mod loader;

pub use dependencies::{Dependencies, Error, module_name};
pub use loader::{LoadError, Loader, load_file};
