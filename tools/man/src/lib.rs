// SPDX-License-Identifier: MIT OR Apache-2.0
//! Pages of the manual, from the descriptions that the guest's programs print for `--help`, and those of programs without it.

mod roff;
pub mod started;

pub use roff::{page, page_without_help};

use qos_command::Program;
use std::path::Path;
use std::{fs, io};

/// The tables of programs, each with the directory of its crate in `packages/`.
pub const TABLES: &[(&str, &[Program])] = &[
    ("block", qos_block::TABLE),
    ("editor", qos_editor::TABLE),
    ("grep", qos_grep::TABLE),
    ("login", qos_login::TABLE),
    ("logs", qos_logs::TABLE),
    ("network", qos_network::TABLE),
    ("pager", qos_pager::TABLE),
    ("patch", qos_patch::TABLE),
    ("procps", qos_procps::TABLE),
    ("sessions", qos_sessions::TABLE),
    ("svc", qos_svc::TABLE),
    ("tar", qos_tar::TABLE),
    ("udev", qos_udev::TABLE),
    ("users", qos_users::TABLE),
    ("util", qos_util::TABLE),
];

/// Writes a page for each program to `directory`: `man1/NAME.1`, `man8/NAME.8`. The bytes depend on the descriptions only.
///
/// # Errors
/// A directory or a file cannot be written.
pub fn write(directory: &Path) -> io::Result<()> {
    let with =
        TABLES.iter().flat_map(|(_, table)| *table).map(|(name, _, help)| (name, help, page(name, help)));
    let without = started::TABLE.iter().map(|(name, help)| (name, help, page_without_help(name, help)));
    for (name, help, text) in with.chain(without) {
        let section = directory.join(format!("man{}", help.section));
        fs::create_dir_all(&section)?;
        fs::write(section.join(format!("{name}.{}", help.section)), text)?;
    }
    Ok(())
}
