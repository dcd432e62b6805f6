// SPDX-License-Identifier: MIT OR Apache-2.0
//! Files of Debian mirrors, and the lock file of the repository.

use crate::{lossy, two};
use qos_toolchain::fuzz;

/// An index of packages or sources.
pub fn index(data: &[u8]) {
    fuzz::index(&lossy(data));
}

/// A Release file, the status of gpgv, a key.
pub fn release(data: &[u8]) {
    fuzz::release(&lossy(data));
}

/// Versions, one a line; the first two texts are a pattern of `toolchain.toml` and a path, too.
pub fn version(data: &[u8]) {
    let text = lossy(data);
    let versions: Vec<&str> = text.lines().take(4).collect();
    fuzz::version(&versions);
    let (pattern, path) = two(data);
    fuzz::glob(&lossy(pattern), &lossy(path));
}

/// toolchain.lock and toolchain.toml.
pub fn lock(data: &[u8]) {
    fuzz::lock(&lossy(data));
}
