// SPDX-License-Identifier: MIT OR Apache-2.0
//! Volumes of device-mapper: the ioctls of `/dev/mapper/control` (`include/uapi/linux/dm-ioctl.h`).

use crate::error::check;
use qos_uapi::{dm_ioctl, dm_target_spec};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;
use std::path::Path;

const CONTROL: &str = "/dev/mapper/control";

/// What a volume is made of. It has one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Type: `crypt`, `verity`, `linear` …
    pub kind: String,
    /// Length, in sectors of 512 bytes.
    pub sectors: u64,
    /// Its arguments (`Documentation/admin-guide/device-mapper/`).
    pub arguments: String,
}

/// The driver.
pub struct Control(File);

impl Control {
    /// Opens the driver.
    ///
    /// # Errors
    /// As in open(2): ENOENT if the kernel has no device-mapper, or its module is not loaded.
    pub fn open() -> io::Result<Control> {
        Self::open_at(Path::new(CONTROL))
    }

    fn open_at(path: &Path) -> io::Result<Control> {
        Ok(Control(OpenOptions::new().read(true).write(true).open(path)?))
    }

    /// Major, minor and patch version of the interface.
    ///
    /// # Errors
    /// ENOTTY or EINVAL if this is another device, or its interface another one.
    pub fn version(&self) -> io::Result<[u32; 3]> {
        let mut request = Request::new("", 0)?;
        self.call(qos_uapi::DM_VERSION_CMD, &mut request)?;
        Ok(request.header().version)
    }

    /// Makes a volume that consists of `target`. If a step fails there is none.
    ///
    /// # Errors
    /// EINVAL if the name is too long or the target's arguments are refused (the kernel's log says why), EBUSY if there is
    /// a volume of this name or the device below is in use.
    pub fn create(&self, name: &str, uuid: &str, target: &Target, read_only: bool) -> io::Result<()> {
        let mut request = Request::new(name, 0)?;
        request.set_uuid(uuid)?;
        self.call(qos_uapi::DM_DEV_CREATE_CMD, &mut request)?;
        let made = self.load(name, target, read_only).and_then(|()| self.resume(name));
        if made.is_err() {
            // What failed is what a person has to hear of.
            let _ = self.remove(name);
        }
        made
    }

    /// Removes a volume.
    ///
    /// # Errors
    /// ENXIO if there is none of this name, EBUSY if it is in use.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        self.call(qos_uapi::DM_DEV_REMOVE_CMD, &mut Request::new(name, 0)?)
    }

    fn load(&self, name: &str, target: &Target, read_only: bool) -> io::Result<()> {
        // The table may have a key in it.
        let flags = qos_uapi::DM_SECURE_DATA_FLAG | if read_only { qos_uapi::DM_READONLY_FLAG } else { 0 };
        let mut request = Request::new(name, flags)?;
        request.set_target(target)?;
        self.call(qos_uapi::DM_TABLE_LOAD_CMD, &mut request)
    }

    /// Without the flag for suspension, this resumes.
    fn resume(&self, name: &str) -> io::Result<()> {
        self.call(qos_uapi::DM_DEV_SUSPEND_CMD, &mut Request::new(name, 0)?)
    }

    fn call(&self, command: u32, request: &mut Request) -> io::Result<()> {
        // _IOWR(DM_IOCTL, command, struct dm_ioctl)
        let size = size_of::<dm_ioctl>() as libc::c_ulong;
        let number = 3 << 30
            | size << 16
            | libc::c_ulong::from(qos_uapi::DM_IOCTL) << 8
            | libc::c_ulong::from(command);
        request.header_mut().data_size =
            u32::try_from(request.0.len() * 8).map_err(|_| io::ErrorKind::InvalidInput)?;
        // SAFETY: the buffer begins with a dm_ioctl whose data_size is the buffer's length, and the kernel reads and
        // writes no more than that.
        check(unsafe { libc::ioctl(self.0.as_raw_fd(), number as _, request.0.as_mut_ptr()) }).map(drop)
    }
}

/// A buffer for the kernel: `struct dm_ioctl`, and what comes after it. Words of 64 bits have its alignment.
struct Request(Vec<u64>);

/// The buffer is wiped: the arguments of a target may have a key in them.
impl Drop for Request {
    fn drop(&mut self) {
        self.0.fill(0);
        std::hint::black_box(&self.0);
    }
}

impl Request {
    fn new(name: &str, flags: u32) -> io::Result<Request> {
        let size = size_of::<dm_ioctl>();
        let mut request = Request(vec![0; size.div_ceil(8)]);
        let header = request.header_mut();
        // The kernel takes any minor version up to its own: nothing newer is used here.
        header.version = [qos_uapi::DM_VERSION_MAJOR, 0, 0];
        header.data_start = size as u32;
        header.flags = flags;
        put(&mut header.name, name)?;
        Ok(request)
    }

    fn header(&self) -> &dm_ioctl {
        // SAFETY: the buffer is initialized, as long as a dm_ioctl, and aligned for it; every pattern of bits is one.
        unsafe { &*self.0.as_ptr().cast() }
    }

    fn header_mut(&mut self) -> &mut dm_ioctl {
        // SAFETY: as in header(), and the buffer is borrowed for as long as the header is.
        unsafe { &mut *self.0.as_mut_ptr().cast() }
    }

    fn set_uuid(&mut self, uuid: &str) -> io::Result<()> {
        put(&mut self.header_mut().uuid, uuid)
    }

    /// Puts a target after the header: its specification, its arguments, a NUL, up to a multiple of 8 bytes.
    fn set_target(&mut self, target: &Target) -> io::Result<()> {
        let (start, spec_size) = (self.0.len(), size_of::<dm_target_spec>());
        let length = spec_size + target.arguments.len() + 1;
        self.0.resize(start + length.div_ceil(8), 0);
        self.header_mut().target_count = 1;
        self.header_mut().data_start = (start * 8) as u32;
        let mut spec = dm_target_spec {
            length: target.sectors,
            next: (length.div_ceil(8) * 8) as u32,
            ..dm_target_spec::default()
        };
        put(&mut spec.target_type, &target.kind)?;
        if target.arguments.contains('\0') {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        // SAFETY: the buffer was made long enough for the specification and the arguments after it; word `start` is
        // aligned for the specification; the two copies are of memory that does not overlap with the buffer.
        unsafe {
            let at = self.0.as_mut_ptr().add(start);
            at.cast::<dm_target_spec>().write(spec);
            let text = at.cast::<u8>().add(spec_size);
            text.copy_from_nonoverlapping(target.arguments.as_ptr(), target.arguments.len());
        }
        Ok(())
    }
}

/// A text in a field, with a NUL after it.
fn put(field: &mut [libc::c_char], text: &str) -> io::Result<()> {
    if text.len() >= field.len() || text.contains('\0') {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    for (place, byte) in field.iter_mut().zip(text.bytes()) {
        *place = byte as libc::c_char;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers() {
        let mut request = Request::new("name", qos_uapi::DM_READONLY_FLAG).unwrap();
        assert_eq!(request.0.len() * 8, 312);
        let target = Target { kind: "linear".into(), sectors: 5, arguments: "/dev/vda 0".into() };
        request.set_target(&target).unwrap();
        let header = request.header();
        assert_eq!((header.target_count, header.data_start, header.flags), (1, 312, 1));
        assert_eq!(
            header.name[..5],
            b"name\0"[..].iter().map(|byte| *byte as libc::c_char).collect::<Vec<_>>()
        );
        let bytes: Vec<u8> = request.0.iter().flat_map(|word| word.to_ne_bytes()).collect();
        // sector_start, length, status, next, type; 40 bytes in all
        assert_eq!(bytes[312..320], [0; 8]);
        assert_eq!(bytes[320..328], 5_u64.to_ne_bytes());
        assert_eq!(bytes[332..336], 56_u32.to_ne_bytes());
        assert_eq!(&bytes[336..343], b"linear\0");
        assert_eq!(&bytes[352..363], b"/dev/vda 0\0");
        assert_eq!(bytes.len(), 368);
    }

    #[test]
    fn texts_have_to_fit() {
        assert!(Request::new(&"n".repeat(127), 0).is_ok());
        assert!(Request::new(&"n".repeat(128), 0).is_err());
        assert!(Request::new("a\0b", 0).is_err());
        let mut request = Request::new("n", 0).unwrap();
        assert!(request.set_uuid(&"u".repeat(129)).is_err());
        let target = |kind: &str, arguments: &str| Target {
            kind: kind.into(),
            sectors: 1,
            arguments: arguments.into(),
        };
        assert!(request.set_target(&target(&"k".repeat(16), "")).is_err());
        assert!(request.set_target(&target("k", "a\0")).is_err());
    }

    #[test]
    fn another_device_is_refused() {
        let control = Control::open_at(Path::new("/dev/null")).unwrap();
        assert_eq!(control.version().unwrap_err().raw_os_error(), Some(libc::ENOTTY));
    }
}
