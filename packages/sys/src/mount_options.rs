// SPDX-License-Identifier: MIT OR Apache-2.0
//! Options of mount(8): flags, and the text for the file system.

use crate::mount::MountFlags;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// Options of mount(8), sorted into what the kernel takes as flags and what the file system gets as text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Flags of mount(2).
    pub flags: Flags,
    /// The file system's own, with commas between them.
    pub data: Vec<u8>,
    /// Change the mount that is there.
    pub remount: bool,
    /// Show a tree in a second place; `Some(true)`: with the mounts in it.
    pub bind: Option<bool>,
    /// Move a mount.
    pub move_to: bool,
    /// Not with `mount -a`.
    pub noauto: bool,
    /// Missing sources are no failure.
    pub nofail: bool,
}

/// [`MountFlags`], with the comparison that tests need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flags(pub MountFlags);

impl Default for Flags {
    fn default() -> Self {
        Flags(MountFlags::empty())
    }
}

/// Options that are flags: name, flag, whether it is set (or taken away).
const FLAGS: &[(&str, MountFlags, bool)] = &[
    ("ro", MountFlags::RDONLY, true),
    ("rw", MountFlags::RDONLY, false),
    ("nosuid", MountFlags::NOSUID, true),
    ("suid", MountFlags::NOSUID, false),
    ("nodev", MountFlags::NODEV, true),
    ("dev", MountFlags::NODEV, false),
    ("noexec", MountFlags::NOEXEC, true),
    ("exec", MountFlags::NOEXEC, false),
    ("sync", MountFlags::SYNCHRONOUS, true),
    ("async", MountFlags::SYNCHRONOUS, false),
    ("dirsync", MountFlags::DIRSYNC, true),
    ("noatime", MountFlags::NOATIME, true),
    ("atime", MountFlags::NOATIME, false),
    ("nodiratime", MountFlags::NODIRATIME, true),
    ("diratime", MountFlags::NODIRATIME, false),
    ("relatime", MountFlags::RELATIME, true),
    ("norelatime", MountFlags::RELATIME, false),
    ("strictatime", MountFlags::STRICTATIME, true),
    ("lazytime", MountFlags::LAZYTIME, true),
    ("silent", MountFlags::SILENT, true),
];

impl Options {
    /// Adds the options of `text`, commas between them; a later option wins over an earlier one. What is not known here
    /// is the file system's own.
    pub fn add(&mut self, text: &OsStr) {
        for option in text.as_bytes().split(|&byte| byte == b',').filter(|option| !option.is_empty()) {
            if let Some((_, flag, on)) = FLAGS.iter().find(|(name, ..)| name.as_bytes() == option) {
                self.flags.0.set(*flag, *on);
                continue;
            }
            match option {
                b"defaults" | b"auto" | b"user" | b"nouser" | b"users" | b"_netdev" => {}
                b"remount" => self.remount = true,
                b"bind" => self.bind = Some(false),
                b"rbind" => self.bind = Some(true),
                b"move" => self.move_to = true,
                b"noauto" => self.noauto = true,
                b"nofail" => self.nofail = true,
                _ if option.starts_with(b"x-") || option.starts_with(b"comment=") => {}
                own => {
                    if !self.data.is_empty() {
                        self.data.push(b',');
                    }
                    self.data.extend(own);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, flags: MountFlags, data: &str) -> Options {
        let mut options = Options::default();
        options.add(text.as_ref());
        assert_eq!(options.flags.0, flags, "{text}");
        assert_eq!(options.data, data.as_bytes(), "{text}");
        options
    }

    #[test]
    fn options() {
        check("defaults", MountFlags::empty(), "");
        check("ro,nosuid", MountFlags::RDONLY | MountFlags::NOSUID, "");
        check("ro,rw", MountFlags::empty(), "");
        check("size=1M,noexec,mode=0700", MountFlags::NOEXEC, "size=1M,mode=0700");
        assert!(check("remount,ro", MountFlags::RDONLY, "").remount);
        assert_eq!(check("rbind", MountFlags::empty(), "").bind, Some(true));
        assert!(check("noauto,x-systemd.automount,,nofail", MountFlags::empty(), "").noauto);
    }
}
