// SPDX-License-Identifier: MIT OR Apache-2.0
//! Keys that the kernel keeps: add_key(2), keyrings(7).

use std::ffi::CStr;
use std::io;

/// Adds a key of type `logon`, which no program can read back, to this thread's keyring. It goes when the thread ends or
/// runs another program; who has used it by then keeps it.
///
/// # Errors
/// As in add_key(2): ENOSYS if the kernel has no keys.
pub fn add_logon(description: &CStr, secret: &[u8]) -> io::Result<()> {
    // SAFETY: the two texts end with a NUL, the secret's pointer and length are those of one slice, and all of them outlive
    // the call, which only reads them.
    let returned = unsafe {
        libc::syscall(
            libc::SYS_add_key,
            c"logon".as_ptr(),
            description.as_ptr(),
            secret.as_ptr(),
            secret.len(),
            qos_uapi::KEY_SPEC_THREAD_KEYRING,
        )
    };
    if returned == -1 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key() {
        // A sandbox may refuse it; the boots with a container use it for real.
        match add_logon(c"qos:test", b"secret") {
            Ok(()) => {
                // The part before the colon has to be there (`key_type_logon`).
                let error = add_logon(c"qos", b"secret").unwrap_err();
                assert_eq!(error.raw_os_error(), Some(libc::EINVAL));
            }
            Err(error) => {
                let codes = [libc::ENOSYS, libc::EPERM, libc::EACCES, libc::EDQUOT];
                assert!(error.raw_os_error().is_some_and(|code| codes.contains(&code)), "{error}");
            }
        }
    }
}
