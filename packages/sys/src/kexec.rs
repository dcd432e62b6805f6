// SPDX-License-Identifier: MIT OR Apache-2.0
//! A kernel that takes over without the firmware: kexec_file_load(2). [`crate::power::Action::Kexec`] starts it.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::path::Path;

/// Whether a kernel is loaded: `1` (`Documentation/ABI/testing/sysfs-kernel-kexec-loaded`). Absent without CONFIG_KEXEC_CORE.
pub const LOADED: &str = "/sys/kernel/kexec_loaded";

/// The flags of `include/uapi/linux/kexec.h`.
const UNLOAD: libc::c_ulong = 1;
const NO_INITRAMFS: libc::c_ulong = 4;

/// Loads `kernel` with its initramfs and command line, in the place of a kernel that was loaded before. The files may not be open for
/// writing.
///
/// # Errors
/// As in kexec_file_load(2): ENOSYS when the running kernel has no CONFIG_KEXEC_FILE, ENOEXEC when `kernel` is not a kernel that it can
/// start, EINVAL when a file is empty or `cmdline` has more than 2,047 bytes, EPERM without CAP_SYS_BOOT or when
/// `/proc/sys/kernel/kexec_load_disabled` is 1, ETXTBSY when a file is open for writing.
pub fn load(kernel: BorrowedFd<'_>, initramfs: Option<BorrowedFd<'_>>, cmdline: &CStr) -> io::Result<()> {
    let (initramfs, flags) = initramfs.map_or((-1, NO_INITRAMFS), |file| (file.as_raw_fd(), 0));
    call(kernel.as_raw_fd(), initramfs, cmdline, flags)
}

/// Unloads the kernel that is loaded, if there is one.
///
/// # Errors
/// As in [`load`]: ENOSYS, EPERM.
pub fn unload() -> io::Result<()> {
    call(-1, -1, c"", UNLOAD)
}

/// Whether a kernel is loaded, by [`LOADED`] below `root`, which is `/` but in tests.
///
/// # Errors
/// That of reading the file.
pub fn is_loaded(root: &Path) -> io::Result<bool> {
    let text = std::fs::read(root.join(LOADED.trim_start_matches('/')))?;
    Ok(text.trim_ascii() == b"1")
}

fn call(kernel: i32, initramfs: i32, cmdline: &CStr, flags: libc::c_ulong) -> io::Result<()> {
    // SAFETY: numbers, and a C string with its length, NUL included, which outlives the call.
    let returned = unsafe {
        libc::syscall(
            libc::SYS_kexec_file_load,
            kernel,
            initramfs,
            cmdline.to_bytes_with_nul().len(),
            cmdline.as_ptr(),
            flags,
        )
    };
    if returned == -1 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::os::fd::AsFd;

    /// Nothing can be loaded from a directory, whoever asks and whatever the kernel has.
    #[test]
    fn a_directory_is_no_kernel() {
        let folder = File::open("/").unwrap();
        let error = load(folder.as_fd(), None, c"quiet").unwrap_err().raw_os_error();
        assert!(
            [libc::EPERM, libc::ENOSYS, libc::EINVAL, libc::EISDIR].map(Some).contains(&error),
            "{error:?}"
        );
    }
}
