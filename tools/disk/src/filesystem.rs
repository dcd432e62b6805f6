// SPDX-License-Identifier: MIT OR Apache-2.0
//! Makes file systems in files with the mkfs programs.
//!
//! ext4, erofs and squashfs have the same bytes on every run: their UUIDs, hash seeds and times are given. btrfs does not, because
//! mkfs.btrfs has no option for its times and the UUIDs of its trees.

use crate::content;
use crate::error::Error;
use crate::manifest::{Filesystem, Kind, Size};
use crate::size::{MIB, round_up};
use crate::tools::Tools;
use crate::uuid::Uuid;
use qos_tree::Tree;
use std::fs::File;
use std::path::Path;

/// What a file system is made with.
#[derive(Clone, Copy, Debug)]
pub struct Maker<'a> {
    /// The programs.
    pub tools: &'a Tools,
    /// A directory for files that are not the result.
    pub scratch: &'a Path,
    /// The time of files without one of their own.
    pub mtime: u32,
}

/// The default size of a file system of this kind with `content` bytes: a quarter more, and free space.
#[must_use]
pub fn fitting(content: u64) -> u64 {
    round_up(content + content / 4 + 32 * MIB, MIB)
}

impl Maker<'_> {
    /// Makes `filesystem` with `tree` in the file `out`.
    ///
    /// # Errors
    /// A program fails, for instance because the tree does not fit; a size that has to be given is not.
    pub fn make(&self, filesystem: &Filesystem, tree: &Tree, size: Size, out: &Path) -> Result<(), Error> {
        let file = File::create(out).map_err(|error| Error::io("write", out, &error))?;
        let fixed = match (&filesystem.kind, size) {
            (_, Size::Bytes(size)) => size,
            (Kind::Erofs(..) | Kind::Squashfs(_), Size::Fit) => 0,
            (Kind::Ext4(_), Size::Fit) => fitting(content::bytes(tree)),
            (_, Size::Fit) => {
                return Err(Error::new("this kind of file system needs a size in MiB, not \"fit\""));
            }
        };
        match &filesystem.kind {
            // An image that is only read is as long as it has to be.
            Kind::Erofs(uuid, compression) => self.erofs(*uuid, compression.as_deref(), tree, out),
            Kind::Squashfs(compression) => self.squashfs(compression.as_deref(), tree, out),
            kind => {
                file.set_len(fixed).map_err(|error| Error::io("write", out, &error))?;
                match kind {
                    Kind::Ext4(uuid) => self.ext4(*uuid, filesystem.label.as_deref(), tree, out),
                    Kind::Btrfs { uuid, device_uuid, subvolumes, root_subvolume } => {
                        let label = filesystem.label.as_deref();
                        let top = root_subvolume.as_deref();
                        self.btrfs(*uuid, *device_uuid, label, subvolumes, top, tree, out)
                    }
                    _ => Err(Error::new("vfat is made without a program")),
                }
            }
        }
    }

    fn tar(&self, tree: &Tree) -> Result<std::path::PathBuf, Error> {
        let archive = self.scratch.join("tree.tar");
        content::write_tar(tree, self.mtime, &archive)?;
        Ok(archive)
    }

    fn ext4(&self, uuid: Uuid, label: Option<&str>, tree: &Tree, out: &Path) -> Result<(), Error> {
        let archive = self.tar(tree)?;
        let uuid = uuid.to_string();
        let extended =
            format!("hash_seed={uuid},root_owner=0:0,lazy_itable_init=0,lazy_journal_init=0,nodiscard");
        let tool = self
            .tools
            .command("mke2fs")?
            .args(["-q", "-t", "ext4", "-b", "4096", "-U", &uuid, "-E", &extended]);
        let tool = label.iter().fold(tool, |tool, label| tool.args(["-L", label]));
        tool.arg("-d").arg(&archive).arg(out).run().map(drop)
    }

    #[allow(clippy::too_many_arguments)]
    fn btrfs(
        &self,
        uuid: Uuid,
        device_uuid: Option<Uuid>,
        label: Option<&str>,
        subvolumes: &[String],
        top: Option<&str>,
        tree: &Tree,
        out: &Path,
    ) -> Result<(), Error> {
        let directory = self.scratch.join("tree");
        let _ = std::fs::remove_dir_all(&directory);
        for subvolume in subvolumes {
            let path = directory.join(subvolume);
            std::fs::create_dir_all(&path).map_err(|error| Error::io("make", &path, &error))?;
        }
        let files = top.map_or(directory.clone(), |top| directory.join(top));
        std::fs::create_dir_all(&files).map_err(|error| Error::io("make", &files, &error))?;
        content::write_directory(tree, self.mtime, &files)?;
        let mut tool = self.tools.command("mkfs.btrfs")?.args(["-q", "-K", "-U", &uuid.to_string()]);
        if let Some(device) = device_uuid {
            tool = tool.args(["--device-uuid", &device.to_string()]);
        }
        if let Some(label) = label {
            tool = tool.args(["-L", label]);
        }
        for subvolume in subvolumes {
            tool = tool.args(["--subvol", subvolume]);
        }
        tool.arg("--rootdir").arg(&directory).arg(out).run().map(drop)
    }

    fn erofs(&self, uuid: Uuid, compression: Option<&str>, tree: &Tree, out: &Path) -> Result<(), Error> {
        let archive = self.tar(tree)?;
        let time = format!("-T{}", self.mtime);
        let tool =
            self.tools.command("mkfs.erofs")?.args(["--quiet", &time, "-U", &uuid.to_string(), "--tar=f"]);
        let tool = compression.iter().fold(tool, |tool, compression| tool.arg(format!("-z{compression}")));
        tool.arg(out).arg(&archive).run().map(drop)
    }

    fn squashfs(&self, compression: Option<&str>, tree: &Tree, out: &Path) -> Result<(), Error> {
        // It rejects an entry for the root; the options below give its owner and mode.
        let mut below = tree.clone();
        below.remove("");
        let archive = self.tar(&below)?;
        let input = File::open(&archive).map_err(|error| Error::io("read", &archive, &error))?;
        let root = tree.get("").map_or(0o755, |node| node.mode);
        let tool = self.tools.command("mksquashfs")?.arg("-").arg(out).args([
            "-tar",
            "-noappend",
            "-quiet",
            "-no-progress",
        ]);
        let tool = tool.args(["-root-mode", &format!("{root:o}"), "-root-uid", "0", "-root-gid", "0"]);
        let tool = tool.args(["-root-time", &self.mtime.to_string(), "-comp", compression.unwrap_or("zstd")]);
        tool.stdin(input).run().map(drop)
    }
}
