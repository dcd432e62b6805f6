// SPDX-License-Identifier: MIT OR Apache-2.0
//! Checks that a guest's files fit into its memory. If they do not, QEMU's firmware hangs without a message.

use crate::error::{Error, Result};
use crate::inputs;
use crate::machine::Config;
use std::path::Path;

const MIB: u64 = 1 << 20;

/// Checks that kernel and initramfs fit into the guest's memory as files. If the unpacked initramfs does not fit, the guest itself
/// reports it.
///
/// # Errors
/// When they do not, or a file cannot be looked at.
pub(crate) fn check(config: &Config) -> Result<()> {
    let size = |path: &Path| match std::fs::metadata(path) {
        Ok(metadata) => Ok(metadata.len()),
        Err(error) => Err(Error::file("cannot look at", path, &error)),
    };
    // Most of an ELF file can be symbols, which are not loaded.
    let kernel = if inputs::is_bzimage(&config.kernel)? { size(&config.kernel)? } else { 0 };
    let initramfs = config.initramfs.iter().map(|file| size(file)).sum::<Result<u64>>()?;
    fits(kernel, initramfs, config.memory_mib).map_err(Error::new)
}

/// Sizes in bytes, memory in MiB.
fn fits(kernel: u64, initramfs: u64, memory_mib: u32) -> std::result::Result<(), String> {
    let files = kernel + initramfs;
    if files < u64::from(memory_mib) * MIB {
        return Ok(());
    }
    Err(format!(
        "{memory_mib} MiB of memory do not hold the kernel ({} MiB) and the initramfs ({} MiB), which is then unpacked into \
         memory too: give it more with --memory",
        kernel.div_ceil(MIB),
        initramfs.div_ceil(MIB)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_must_fit() {
        let check = |kernel, initramfs, memory, fit| {
            assert_eq!(
                fits(kernel, initramfs, memory).is_ok(),
                fit,
                "{kernel} + {initramfs} in {memory} MiB"
            );
        };
        check(0, 0, 1, true);
        check(4 * MIB, 5 * MIB, 512, true);
        check(4 * MIB, 5 * MIB, 10, true);
        check(4 * MIB, 5 * MIB, 9, false);
        check(4 * MIB, 4 * MIB + MIB - 1, 9, true);
        check(0, 3 << 30, 2048, false);
        check(0, 3 << 30, 4096, true);
    }

    #[test]
    fn it_says_what_is_how_large() {
        let said = fits(4 * MIB + 1, 40 * MIB, 32).err().unwrap_or_default();
        assert!(
            said.starts_with("32 MiB of memory do not hold the kernel (5 MiB) and the initramfs (40 MiB)"),
            "{said}"
        );
    }
}
