// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether a kernel is loaded that the running one can start in its place (kexec_load(2)).

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// The file that tells, below the root: `1` if one is loaded (`Documentation/ABI/testing/sysfs-kernel-kexec` of Linux).
const LOADED: &str = "sys/kernel/kexec_loaded";

/// Checks that the system below `root` can end by starting another kernel.
///
/// # Errors
/// Says why not, in one line.
pub fn check(root: &Path) -> Result<(), String> {
    let path = root.join(LOADED);
    match fs::read_to_string(&path) {
        Ok(text) if text.trim() == "1" => Ok(()),
        Ok(_) => Err("kexec: no kernel is loaded: load one, as with `kexec --load`".into()),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err("kexec: the running kernel is compiled without CONFIG_KEXEC and CONFIG_KEXEC_FILE".into())
        }
        Err(error) => Err(format!("kexec: {}: {}", path.display(), qos_sys::error_text(&error))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loaded_or_not() {
        let root = std::env::temp_dir().join(format!("qos-kexec-{}", std::process::id()));
        let file = root.join(LOADED);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        assert!(check(&root).unwrap_err().contains("without CONFIG_KEXEC"));
        fs::write(&file, "0\n").unwrap();
        assert!(check(&root).unwrap_err().contains("no kernel is loaded"));
        fs::write(&file, "1\n").unwrap();
        assert_eq!(check(&root), Ok(()));
        fs::remove_dir_all(&root).unwrap();
    }
}
