// SPDX-License-Identifier: MIT OR Apache-2.0
//! Files of QEMU's fw_cfg device (`-fw_cfg name=NAME,…`; QEMU's `docs/specs/fw_cfg.rst`). The guest's kernel shows
//! them through its `qemu_fw_cfg` driver.

/// The main program and its arguments, as [`crate::argv`] encodes them.
pub const COMMAND: &str = "opt/org.qos/command";

/// Text of a script that the shell runs as the main program, without a terminal.
pub const SCRIPT: &str = "opt/org.qos/script";

/// Size of the host's terminal, as [`crate::Winsize`] prints it.
pub const WINSIZE: &str = "opt/org.qos/winsize";

/// Where the guest's kernel shows the files.
pub const GUEST_ROOT: &str = "/sys/firmware/qemu_fw_cfg/by_name";

/// Path in the guest of the contents of file `name`.
#[must_use]
pub fn guest_path(name: &str) -> String {
    format!("{GUEST_ROOT}/{name}/raw")
}

#[cfg(test)]
mod tests {
    #[test]
    fn guest_path_is_the_raw_file() {
        assert_eq!(
            super::guest_path(super::COMMAND),
            "/sys/firmware/qemu_fw_cfg/by_name/opt/org.qos/command/raw"
        );
    }

    #[test]
    fn names_fit_fw_cfg() {
        // FW_CFG_MAX_FILE_PATH of QEMU is 56, the final NUL included.
        for name in [super::COMMAND, super::SCRIPT, super::WINSIZE] {
            assert!(name.len() < 56, "{name}");
            assert!(name.starts_with("opt/org.qos/"), "{name}");
        }
    }
}
