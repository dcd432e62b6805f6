// SPDX-License-Identifier: MIT OR Apache-2.0
//! Space of file systems: statvfs(3).

use std::io;
use std::path::Path;

/// Bytes that the file system of `path` has, used or not.
///
/// # Errors
/// As in statvfs(3).
pub fn total(path: &Path) -> io::Result<u64> {
    let space = rustix::fs::statvfs(path)?;
    Ok(space.f_blocks.saturating_mul(space.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_file_system() {
        // A directory of files in memory or on a disk has some; /proc has none.
        assert!(total(&std::env::temp_dir()).unwrap() > 0);
        assert!(total(Path::new("/proc/nowhere")).is_err());
    }
}
