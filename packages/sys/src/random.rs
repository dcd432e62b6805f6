// SPDX-License-Identifier: MIT OR Apache-2.0
//! Random bytes of the kernel: getrandom(2).

use std::io;

/// Fills `bytes` with random bytes that are fit for keys. Waits until the kernel has enough entropy.
///
/// # Errors
/// As in getrandom(2).
pub fn fill(bytes: &mut [u8]) -> io::Result<()> {
    let mut filled = 0;
    while filled < bytes.len() {
        let rest = &mut bytes[filled..];
        // SAFETY: the pointer and the length are those of a slice that outlives the call.
        let count = unsafe { libc::getrandom(rest.as_mut_ptr().cast(), rest.len(), 0) };
        match usize::try_from(count) {
            Ok(count) => filled += count,
            Err(_) => {
                let error = io::Error::last_os_error();
                if error.kind() != io::ErrorKind::Interrupted {
                    return Err(error);
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn two_are_not_alike() {
        let (mut one, mut two) = ([0; 32], [0; 32]);
        super::fill(&mut one).unwrap();
        super::fill(&mut two).unwrap();
        assert!(one != two && one != [0; 32]);
    }
}
