// SPDX-License-Identifier: MIT OR Apache-2.0
//! The descriptions of the programs, for `--help` and the manual.

mod files;
mod kernel;
mod system;

pub use files::*;
pub use kernel::*;
pub use system::*;
