// SPDX-License-Identifier: MIT OR Apache-2.0
use std::io;

/// The text of `error` for a person: the system's text, without the number that Rust appends.
#[must_use]
pub fn error_text(error: &io::Error) -> String {
    let text = error.to_string();
    match text.rfind(" (os error ") {
        Some(at) if text.ends_with(')') => text[..at].to_owned(),
        _ => text,
    }
}

/// Converts -1, libc's sign of "failed, see errno", to an error.
pub(crate) fn check(returned: libc::c_int) -> io::Result<libc::c_int> {
    if returned == -1 { Err(io::Error::last_os_error()) } else { Ok(returned) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        assert_eq!(error_text(&io::Error::from_raw_os_error(libc::ENOENT)), "No such file or directory");
        assert_eq!(error_text(&io::Error::other("own text (os error")), "own text (os error");
    }

    #[test]
    fn minus_one_is_an_error() {
        assert_eq!(check(0).unwrap(), 0);
        // SAFETY: close takes any number; -1 is no descriptor, so that nothing is closed.
        let error = check(unsafe { libc::close(-1) }).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::EBADF));
    }
}
