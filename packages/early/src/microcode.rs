// SPDX-License-Identifier: MIT OR Apache-2.0
//! Microcode in the initramfs (`Documentation/arch/x86/microcode.rst`). The kernel reads it from the uncompressed segment in front, long
//! before it unpacks all segments into the initramfs, and logs nothing if no update is for its CPU.

use std::fs;
use std::path::Path;

/// The files that the kernel looks for, and the maker of the CPUs that each is for.
const FILES: &[(&str, &str)] =
    &[("kernel/x86/microcode/GenuineIntel.bin", "Intel"), ("kernel/x86/microcode/AuthenticAMD.bin", "AMD")];

/// A line for the log about each file with microcode in the initramfs at `root`.
#[must_use]
pub fn found(root: &Path) -> Vec<String> {
    let size = |path: &str| fs::symlink_metadata(root.join(path)).ok().filter(fs::Metadata::is_file);
    let files = FILES.iter().filter_map(|(path, maker)| Some((path, maker, size(path)?.len())));
    files.map(|(path, maker, size)| format!("microcode for {maker} CPUs: {path}, {size} bytes")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(found(root.path()), [""; 0]);
        let folder = root.path().join("kernel/x86/microcode");
        fs::create_dir_all(folder.join("AuthenticAMD.bin")).unwrap();
        fs::write(folder.join("GenuineIntel.bin"), [0; 1024]).unwrap();
        fs::write(folder.join("other.bin"), "").unwrap();
        assert_eq!(
            found(root.path()),
            ["microcode for Intel CPUs: kernel/x86/microcode/GenuineIntel.bin, 1024 bytes"]
        );
    }
}
