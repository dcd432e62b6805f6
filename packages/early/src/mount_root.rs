// SPDX-License-Identifier: MIT OR Apache-2.0
//! Mounts the root file system.

use crate::devices::Block;
use crate::options::Options;
use crate::plan::Cause;
use qos_sys::mount::{MountFlags, mount};
use qos_sys::mount_options::Options as MountOptions;
use qos_sys::{Errno, error_text};
use std::ffi::CString;
use std::fs;
use std::path::Path;

/// Where the new root is mounted.
pub const NEW_ROOT: &str = "/sysroot";

/// Mounts `device` on [`NEW_ROOT`] as the first of `kinds` with which it works; that type.
///
/// # Errors
/// The failure with the last type.
pub fn mount_root<'a>(device: &Block, kinds: &[&'a str], options: &Options) -> Result<&'a str, Cause> {
    fs::create_dir_all(NEW_ROOT)
        .map_err(|error| Cause::Step(format!("mkdir {NEW_ROOT}"), error_text(&error)))?;
    let (flags, data) = arguments(options);
    let mut failure = Cause::Missing;
    for kind in kinds {
        let names = CString::new(*kind).and_then(|kind| Ok((kind, CString::new(data.as_slice())?)));
        let mounted = names.map_err(std::io::Error::from).and_then(|(kind, data)| {
            mount(Path::new(&device.node), Path::new(NEW_ROOT), &kind, flags, Some(&data))
        });
        match mounted {
            Ok(()) => return Ok(kind),
            Err(error) => {
                // Only a NUL in the arguments has no number.
                let errno = Errno::from_io_error(&error).unwrap_or(Errno::INVAL);
                failure = Cause::Mount(device.node.clone(), (*kind).to_owned(), errno, error_text(&error));
            }
        }
    }
    Err(failure)
}

/// Flags of mount(2), and the text for the file system. `ro` and `rw` of the command line win over those in
/// `rootflags=`.
fn arguments(options: &Options) -> (MountFlags, Vec<u8>) {
    let mut all = MountOptions::default();
    all.add(options.flags.as_ref());
    all.flags.0.set(MountFlags::RDONLY, !options.writable);
    (all.flags.0, all.data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags() {
        for (line, flags, data) in [
            ("", MountFlags::RDONLY, ""),
            ("rw", MountFlags::empty(), ""),
            ("ro rootflags=subvol=root", MountFlags::RDONLY, "subvol=root"),
            ("rw rootflags=noatime,subvol=/@,ro", MountFlags::NOATIME, "subvol=/@"),
            ("rootflags=data=journal,nodev", MountFlags::RDONLY | MountFlags::NODEV, "data=journal"),
        ] {
            let options = Options::new(&crate::cmdline::parse(line));
            assert_eq!(arguments(&options), (flags, data.as_bytes().to_vec()), "{line}");
        }
    }
}
