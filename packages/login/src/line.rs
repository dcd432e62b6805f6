// SPDX-License-Identifier: MIT OR Apache-2.0
//! Terminals as lines to log in at: their names, owners and modes.

use qos_accounts::{Database, Defs};
use std::io;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;

/// Name of the terminal at `path`: without `/dev/`.
pub fn name(path: &Path) -> String {
    path.strip_prefix("/dev").unwrap_or(path).display().to_string()
}

/// Whether a line of that name is a virtual console.
pub fn is_console(name: &str) -> bool {
    name.strip_prefix("tty")
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

/// Gives the terminal at `path` to user `uid` and to the group TTYGROUP (`tty`, else `gid`) with the mode TTYPERM (0600) of
/// login.defs(5).
pub fn give(path: &Path, uid: u32, gid: u32, database: &Database, defs: &Defs) -> io::Result<()> {
    let group = database.group(defs.get("TTYGROUP").unwrap_or("tty")).map_or(gid, |group| group.gid);
    let mode = u32::try_from(defs.number("TTYPERM", 0o600)).unwrap_or(0o600) & 0o666;
    chown(path, Some(uid), Some(group))?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (path, expect, console) in [
            ("/dev/ttyS0", "ttyS0", false),
            ("/dev/pts/3", "pts/3", false),
            ("/dev/tty1", "tty1", true),
            ("/x", "/x", false),
        ] {
            assert_eq!((name(Path::new(path)), is_console(expect)), (expect.to_owned(), console));
        }
    }
}
