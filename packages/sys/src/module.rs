// SPDX-License-Identifier: MIT OR Apache-2.0
//! Kernel modules: init_module(2), delete_module(2).

use std::ffi::CStr;
use std::io;
use std::os::fd::AsFd;

/// Loads the module in `file` with `parameters` (`NAME=VALUE`, blanks between them). `compressed`: the kernel is to
/// unpack it.
///
/// # Errors
/// As in init_module(2): EEXIST when it is loaded, ENOEXEC when it is not for this kernel, and so on.
pub fn load(file: impl AsFd, parameters: &CStr, compressed: bool) -> io::Result<()> {
    let flags = if compressed { qos_uapi::MODULE_INIT_COMPRESSED_FILE } else { 0 };
    Ok(rustix::system::finit_module(file, parameters, flags as libc::c_int)?)
}

/// Removes module `name`; `force` also when it is in use, where the kernel allows that.
///
/// # Errors
/// As in delete_module(2): ENOENT when it is not loaded, EWOULDBLOCK when it is in use.
pub fn unload(name: &CStr, force: bool) -> io::Result<()> {
    let flags = libc::O_NONBLOCK | if force { libc::O_TRUNC } else { 0 };
    Ok(rustix::system::delete_module(name, flags)?)
}
