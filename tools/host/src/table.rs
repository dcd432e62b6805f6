// SPDX-License-Identifier: MIT OR Apache-2.0
//! The work tree's table of kernels, images, disks and checks.

use crate::root::{is_qos, qos, root};
use crate::ui::Result;
use qos_table::{DEFAULT, Error, Table};
use std::path::Path;
use std::sync::OnceLock;

/// The table; it is read once.
///
/// # Errors
///
/// It cannot be read, or has a mistake.
pub fn table() -> Result<&'static Table> {
    static TABLE: OnceLock<std::result::Result<Table, Error>> = OnceLock::new();
    Ok(TABLE.get_or_init(|| of(root())).as_ref().map_err(Error::to_string)?)
}

/// The table of the work tree at `tree`.
///
/// # Errors
///
/// As [`table`].
pub fn of(tree: &Path) -> std::result::Result<Table, Error> {
    if is_qos(tree) { Table::load(tree) } else { Table::load_system(qos(), tree) }
}

/// The name of the image that a verb takes if none is named.
pub fn default_image() -> String {
    // A mistake in the table is reported when the verb runs.
    let image = table().ok().and_then(|table| table.usual_images().next());
    image.map_or_else(|| DEFAULT.to_owned(), |image| image.name.clone())
}
