// SPDX-License-Identifier: MIT OR Apache-2.0
//! Kernel modules by name, as kmod's modprobe finds and loads them: aliases, dependencies, configuration, built-in modules.
//!
//! [`Config`] reads modprobe.d(5) and the kernel's command line, [`Database`] the files of depmod(8); [`list`] reads
//! `/etc/modules`; [`Loader`] does the work. init and the programs `modprobe`, `insmod` and `lsmod` share this.

mod alias;
pub mod cmdline;
mod config;
mod database;
mod dependencies;
#[cfg(feature = "fuzz")]
pub mod fuzz;
pub mod list;
mod loader;

pub use config::{Config, FOLDERS, Softdep};
pub use database::{Action, Database, Found, Step};
pub use dependencies::{Dependencies, Error, module_name};
pub use loader::{LoadError, Loader, Outcome, is_loaded, load, load_file, run};
