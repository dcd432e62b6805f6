// SPDX-License-Identifier: MIT OR Apache-2.0
//! The work tree's table of kernels, images, disks and checks.

use crate::root::root;
use crate::ui::Result;
use qos_table::{Error, Table};
use std::sync::OnceLock;

/// The table; it is read once.
///
/// # Errors
///
/// It cannot be read, or has a mistake.
pub fn table() -> Result<&'static Table> {
    static TABLE: OnceLock<std::result::Result<Table, Error>> = OnceLock::new();
    Ok(TABLE.get_or_init(|| Table::load(root())).as_ref().map_err(Error::to_string)?)
}
