// SPDX-License-Identifier: MIT OR Apache-2.0
//! The lock of lckpwdf(3).

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

/// How long lckpwdf(3) waits.
const LIMIT: Duration = Duration::from_secs(15);

/// The lock on `etc/.pwd.lock`: as long as it lives, programs that change accounts wait. The kernel ends it with the
/// process.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of the accounts under `root`.
    ///
    /// # Errors
    /// When another process has it for 15 seconds, and as in open(2).
    pub fn take(root: &Path) -> io::Result<Self> {
        let path = root.join("etc/.pwd.lock");
        let fail = |error: io::Error| {
            let text = match error.kind() {
                io::ErrorKind::TimedOut => "another program is changing the accounts; try again".to_owned(),
                _ => qos_sys::error_text(&error),
            };
            io::Error::new(error.kind(), format!("lock {}: {text}", path.display()))
        };
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(0o600);
        let file = options.open(&path).map_err(fail)?;
        qos_sys::lock::exclusive(&file, LIMIT).map_err(fail)?;
        Ok(Lock { _file: file })
    }
}
