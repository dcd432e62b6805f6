// SPDX-License-Identifier: MIT OR Apache-2.0
//! A program that executes its own successor in the same process: execve(2), and the descriptors that it hands on.
//!
//! A descriptor without FD_CLOEXEC was handed on: what this process opens itself has the flag. [`take`] sets it, so that each can be
//! taken once.

use crate::error::check;
use rustix::io::{FdFlags, fcntl_setfd};
use std::ffi::{CString, OsStr, OsString};
use std::fs::File;
use std::io::{self, Seek, Write};
use std::os::fd::{BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr;

unsafe extern "C" {
    /// environ(7).
    static environ: *const *const libc::c_char;
}

/// A file in memory that holds `bytes`, at its beginning (memfd_create(2)).
///
/// # Errors
/// As in memfd_create(2) and write(2).
pub fn memory(bytes: &[u8]) -> io::Result<File> {
    let mut file = File::from(rustix::fs::memfd_create("state", rustix::fs::MemfdFlags::CLOEXEC)?);
    file.write_all(bytes)?;
    file.rewind()?;
    Ok(file)
}

/// Makes this process the program at `program`, with the same environment, signal mask and pending signals, and with `descriptors` under
/// their numbers. Comes back with an error only; then everything is as before.
pub fn exec(program: &Path, arguments: &[OsString], descriptors: &[BorrowedFd<'_>]) -> io::Error {
    let prepared = || -> io::Result<_> {
        let program = c(program.as_os_str())?;
        let arguments: Vec<CString> =
            arguments.iter().map(|argument| c(argument)).collect::<Result<_, _>>()?;
        hand_on(descriptors, FdFlags::empty())?;
        Ok((program, arguments))
    };
    let error = match prepared() {
        Ok((program, arguments)) => {
            let pointers: Vec<*const libc::c_char> =
                arguments.iter().map(|argument| argument.as_ptr()).chain([ptr::null()]).collect();
            // SAFETY: C strings, and arrays of pointers to C strings with a null pointer at the end; there is one thread, so that
            // nobody changes the environment.
            unsafe { libc::execve(program.as_ptr(), pointers.as_ptr(), environ) };
            io::Error::last_os_error()
        }
        Err(error) => error,
    };
    // These are open descriptors: it does not fail.
    let _ = hand_on(descriptors, FdFlags::CLOEXEC);
    error
}

fn hand_on(descriptors: &[BorrowedFd<'_>], flags: FdFlags) -> io::Result<()> {
    descriptors.iter().try_for_each(|descriptor| Ok(fcntl_setfd(descriptor, flags)?))
}

fn c(text: &OsStr) -> io::Result<CString> {
    CString::new(text.as_bytes()).map_err(|_| io::ErrorKind::InvalidInput.into())
}

/// The descriptor `number` that the program before this one handed on.
///
/// # Errors
/// EBADF when there is none of that number, or it is this program's own.
pub fn take(number: RawFd) -> io::Result<OwnedFd> {
    let own = || io::Error::from_raw_os_error(libc::EBADF);
    if number < 3 {
        return Err(own());
    }
    // SAFETY: numbers only; the kernel refuses one that is not open.
    if check(unsafe { libc::fcntl(number, libc::F_GETFD) })? & libc::FD_CLOEXEC != 0 {
        return Err(own());
    }
    // SAFETY: numbers only, and the descriptor is nobody's.
    check(unsafe { libc::fcntl(number, libc::F_SETFD, libc::FD_CLOEXEC) })?;
    // SAFETY: it is open, and nobody's: what this process has opened or taken has FD_CLOEXEC.
    Ok(unsafe { OwnedFd::from_raw_fd(number) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::io::fcntl_getfd;
    use std::io::Read;
    use std::os::fd::{AsFd, AsRawFd, IntoRawFd};

    #[test]
    fn takes_what_was_handed_on_and_that_once() {
        let file = memory(b"state").unwrap();
        assert_eq!(take(file.as_raw_fd()).unwrap_err().raw_os_error(), Some(libc::EBADF), "it is our own");
        hand_on(&[file.as_fd()], FdFlags::empty()).unwrap();
        let number = file.into_raw_fd();
        let mut text = String::new();
        let mut taken = File::from(take(number).unwrap());
        taken.read_to_string(&mut text).unwrap();
        assert_eq!(text, "state");
        assert!(take(number).is_err() && take(1).is_err() && take(-1).is_err() && take(9999).is_err());
    }

    #[test]
    fn a_program_that_is_not_there_changes_nothing() {
        let file = memory(b"").unwrap();
        let error = exec(Path::new("/no/such/program"), &["x".into()], &[file.as_fd()]);
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert!(fcntl_getfd(&file).unwrap().contains(FdFlags::CLOEXEC));
        let error = exec(Path::new("/bin/true"), &["a\0b".into()], &[]);
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }
}
