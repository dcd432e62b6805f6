// SPDX-License-Identifier: MIT OR Apache-2.0
//! What `mount` and `umount` share: options as flags, and tables in the format of fstab(5).

use qos_sys::mount::MountFlags;

/// Options of mount(8), sorted into what the kernel takes as flags and what the file system gets as text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Flags of mount(2).
    pub flags: Flags,
    /// The file system's own, with commas between them.
    pub data: String,
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

/// [`MountFlags`], with the comparison that tests want.
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
    /// Adds the options of `text`, commas between them. What is not known here is the file system's own.
    pub fn add(&mut self, text: &str) {
        for option in text.split(',').filter(|option| !option.is_empty()) {
            if let Some((_, flag, on)) = FLAGS.iter().find(|(name, ..)| *name == option) {
                self.flags.0.set(*flag, *on);
                continue;
            }
            match option {
                "defaults" | "auto" | "user" | "nouser" | "users" | "_netdev" => {}
                "remount" => self.remount = true,
                "bind" => self.bind = Some(false),
                "rbind" => self.bind = Some(true),
                "move" => self.move_to = true,
                "noauto" => self.noauto = true,
                "nofail" => self.nofail = true,
                _ if option.starts_with("x-") || option.starts_with("comment=") => {}
                own => {
                    if !self.data.is_empty() {
                        self.data.push(',');
                    }
                    self.data.push_str(own);
                }
            }
        }
    }
}

/// A line of `/etc/fstab` or `/proc/self/mounts`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What is mounted.
    pub source: String,
    /// Where.
    pub target: String,
    /// Type of the file system.
    pub kind: String,
    /// Options, with commas between them.
    pub options: String,
}

/// The lines of `table`; those with fewer than three fields, and comments, are left out.
pub fn lines(table: &str) -> Vec<Line> {
    let parse = |line: &str| {
        let mut fields = line.split_whitespace().map(unescape);
        Some(Line {
            source: fields.next().filter(|source| !source.starts_with('#'))?,
            target: fields.next()?,
            kind: fields.next()?,
            options: fields.next().unwrap_or_else(|| "defaults".to_owned()),
        })
    };
    table.lines().filter_map(parse).collect()
}

/// Undoes the octal escapes of blanks (getmntent(3)).
fn unescape(field: &str) -> String {
    [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")]
        .iter()
        .fold(field.to_owned(), |text, (escape, character)| text.replace(escape, character))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, flags: MountFlags, data: &str) -> Options {
        let mut options = Options::default();
        options.add(text);
        assert_eq!(options.flags.0, flags, "{text}");
        assert_eq!(options.data, data, "{text}");
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

    #[test]
    fn tables() {
        let table = "# comment\n\n/dev/vda\t/mnt/a\\040b  ext4 ro,noatime 0 2\nnone /tmp tmpfs\nshort\n";
        let line = |source: &str, target: &str, kind: &str, options: &str| Line {
            source: source.into(),
            target: target.into(),
            kind: kind.into(),
            options: options.into(),
        };
        let expect =
            [line("/dev/vda", "/mnt/a b", "ext4", "ro,noatime"), line("none", "/tmp", "tmpfs", "defaults")];
        assert_eq!(lines(table), expect);
    }
}
