// SPDX-License-Identifier: MIT OR Apache-2.0
//! UEFI firmware (OVMF), which boots a disk in place of QEMU's own loader.
//!
//! Source: README of edk2's OvmfPkg; systemd-stub(7) for the string that adds to the command line of a unified kernel image.

use crate::error::{Error, Result};
use crate::options::{Arguments, escape_commas};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// systemd-stub adds the text after this to the command line of its image.
const EXTRA: &str = "io.systemd.stub.kernel-cmdline-extra";

/// The two parts of OVMF. The guest's changes to the variables are dropped when it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Firmware {
    code: PathBuf,
    variables: PathBuf,
}

impl Firmware {
    /// The firmware of a sysroot, or of the host (`/`).
    ///
    /// # Errors
    /// The firmware is not there.
    pub fn find(root: Option<&Path>) -> Result<Self> {
        let directory = root.unwrap_or(Path::new("/")).join("usr/share/OVMF");
        let firmware =
            Self { code: directory.join("OVMF_CODE_4M.fd"), variables: directory.join("OVMF_VARS_4M.fd") };
        match firmware.code.is_file() && firmware.variables.is_file() {
            true => Ok(firmware),
            false => Err(Error::new(format!(
                "no UEFI firmware: {} has no OVMF_CODE_4M.fd and OVMF_VARS_4M.fd (Debian's package ovmf)",
                directory.display()
            ))),
        }
    }

    /// Defines it, with `cmdline` added to that of the unified kernel image.
    pub(crate) fn define(&self, cmdline: &str, args: &mut Arguments) {
        let parts = [("0,readonly=on", &self.code), ("1,snapshot=on", &self.variables)];
        for (unit, file) in parts {
            let start = format!("if=pflash,format=raw,unit={unit},file=");
            let value = [start.into_bytes(), escape_commas(file.as_os_str())].concat();
            args.option("-drive", OsString::from_vec(value));
        }
        if !cmdline.is_empty() {
            let value = escape_commas(format!("{EXTRA}={cmdline}").as_ref());
            args.option("-smbios", OsString::from_vec([b"type=11,value=".to_vec(), value].concat()));
        }
    }
}
