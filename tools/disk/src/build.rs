// SPDX-License-Identifier: MIT OR Apache-2.0
//! From a manifest to a disk image, the files that boot it, and their description.

use crate::about::{self, Built};
use crate::error::Error;
use crate::fat;
use crate::filesystem::Maker;
use crate::image;
use crate::layout;
use crate::luks;
use crate::manifest::{Content, Disk, Filesystem, Holds, Kind, Partition, Size};
use crate::pieces::Pieces;
use crate::qcow2;
use crate::size::{MIB, round_up};
use crate::tools::Tools;
use crate::uki;
use crate::uuid::Uuid;
use crate::verity;
use qos_initramfs::assemble::{self, Sources};
use qos_initramfs::build::file_budgets;
use qos_tree::Tree;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The stub of a unified kernel image, in the sysroot.
const STUB: &str = "usr/lib/systemd/boot/efi/linuxx64.efi.stub";
/// The path of the program that firmware starts from a disk without a boot entry (UEFI 2.10, 3.5.1.1).
const REMOVABLE: &str = "EFI/BOOT/BOOTX64.EFI";
/// The name of the raw image in the result.
pub const RAW: &str = "disk.raw";
/// The name of the qcow2 image in the result.
pub const QCOW2: &str = "disk.qcow2";
/// The name of the kernel's command line in the result.
pub const CMDLINE: &str = "cmdline";

/// What a disk is made of, beside its manifest.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// Programs and modules of the root's manifest.
    pub sources: Sources,
    /// Kernel and initramfs.
    pub pieces: Pieces,
    /// The mkfs programs.
    pub tools: Tools,
    /// Versions of what it is made with and from, by name.
    pub versions: BTreeMap<String, String>,
}

/// Makes the disk in the directory `out`: `disk.raw`, `disk.qcow2` if it is requested, `cmdline`, and what [`about`] writes.
///
/// # Errors
/// What fails, with the partition that it is about; a size over its budget.
pub fn build(disk: &Disk, inputs: &Inputs, out: &Path) -> Result<(), Error> {
    let scratch = out.join(".work");
    fs::create_dir_all(&scratch).map_err(|error| Error::io("make", &scratch, &error))?;
    let result = Builder { disk, inputs, scratch: &scratch }.build(out);
    let removed = fs::remove_dir_all(&scratch).map_err(|error| Error::io("remove", &scratch, &error));
    let built = result?;
    removed?;
    about::write(disk, &inputs.pieces, inputs.versions.clone(), built, out)
}

struct Builder<'a> {
    disk: &'a Disk,
    inputs: &'a Inputs,
    scratch: &'a Path,
}

impl Builder<'_> {
    fn build(&self, out: &Path) -> Result<Built, Error> {
        let config = qos_manifest::load(&self.disk.root).map_err(|error| Error::new(error.to_string()))?;
        let root = assemble::assemble(&config, &self.inputs.sources)
            .map_err(|error| Error::new(error.to_string()))?;
        file_budgets(&config.budgets, &root).map_err(|error| Error::new(error.to_string()))?;
        // First the inputs of the command line: data, then its hash trees. Last the files that contain the command line.
        for partition in
            self.in_turn(|content| matches!(content, Content::Filesystem(fs) if fs.holds != Holds::Uki))
        {
            self.filesystem(partition, &root, config.mtime)?;
        }
        let mut hashes = String::new();
        let mut uuids: Vec<Option<Uuid>> =
            self.disk.partitions.iter().map(|partition| partition.uuid).collect();
        for (index, partition) in self.disk.partitions.iter().enumerate() {
            let Content::Verity(tree) = &partition.content else { continue };
            let data = self.file(tree.of);
            let hash = verity::write(&data, tree.uuid, &tree.salt, &self.file(index))?;
            let (first, last) = verity::part_uuids(&hash);
            uuids[tree.of].get_or_insert(first);
            uuids[index].get_or_insert(last);
            hashes = format!(" roothash={}", verity::hex(&hash));
        }
        for (index, partition) in self.disk.partitions.iter().enumerate() {
            if let Content::Filesystem(filesystem @ Filesystem { holds: Holds::Uki, .. }) = &partition.content
            {
                let cmdline = format!("{}{hashes}", self.disk.uki_cmdline);
                self.esp(partition, filesystem, &cmdline, &self.file(index))
                    .map_err(|e| self.named(partition, e))?;
            }
        }
        let sizes = self.disk.partitions.iter().enumerate().map(|(index, one)| self.size(index, one));
        let (places, size) = layout::places(&sizes.collect::<Result<Vec<_>, _>>()?);
        let parts: Vec<PathBuf> = (0..places.len()).map(|index| self.file(index)).collect();
        let raw = out.join(RAW);
        image::write(self.disk, &uuids, &parts, &places, size, &raw)?;
        if self.disk.qcow2 {
            qcow2::write(&raw, &out.join(QCOW2))?;
        }
        let (file, cmdline) = (out.join(CMDLINE), format!("{}{hashes}", self.disk.cmdline));
        fs::write(&file, format!("{cmdline}\n")).map_err(|error| Error::io("write", &file, &error))?;
        let partitions = about::partitions(self.disk, &uuids, &parts, &places)?;
        Ok(Built { root, cmdline, partitions, raw })
    }

    /// The file that becomes partition `index`.
    fn file(&self, index: usize) -> PathBuf {
        self.scratch.join(format!("{index}.part"))
    }

    fn in_turn(&self, wanted: impl Fn(&Content) -> bool) -> Vec<&Partition> {
        self.disk.partitions.iter().filter(|partition| wanted(&partition.content)).collect()
    }

    fn named(&self, partition: &Partition, error: Error) -> Error {
        error.of(format!("the partition {}", partition.name))
    }

    fn filesystem(&self, partition: &Partition, root: &Tree, mtime: u32) -> Result<(), Error> {
        let Content::Filesystem(filesystem) = &partition.content else { return Ok(()) };
        let index = self.disk.partitions.iter().position(|one| one == partition).unwrap_or_default();
        let out = self.file(index);
        let named = |error| self.named(partition, error);
        let boot = match filesystem.holds {
            Holds::Boot => self.inputs.pieces.boot()?,
            _ => Tree::default(),
        };
        let tree = if filesystem.holds == Holds::Root { root } else { &boot };
        let size = match (partition.size, &partition.luks) {
            (Size::Bytes(size), Some(_)) => {
                Size::Bytes(size.checked_sub(luks::OVERHEAD).ok_or_else(|| {
                    let least = luks::OVERHEAD / MIB;
                    named(Error::new(format!("is smaller than the {least} MiB that LUKS2 takes of it")))
                })?)
            }
            (size, _) => size,
        };
        if let Kind::Vfat(id) = filesystem.kind {
            return self.fat(size, id, filesystem, tree, &out).map_err(named);
        }
        let maker = Maker { tools: &self.inputs.tools, scratch: self.scratch, mtime };
        maker.make(filesystem, tree, size, &out).map_err(named)?;
        match &partition.luks {
            Some(luks) => luks::encrypt(&self.inputs.tools, luks, self.scratch, &out).map_err(named),
            None => Ok(()),
        }
    }

    /// A FAT file system with the files of a tree.
    fn fat(
        &self,
        size: Size,
        id: u32,
        filesystem: &Filesystem,
        tree: &Tree,
        out: &Path,
    ) -> Result<(), Error> {
        let mut files = Vec::new();
        for (path, _) in tree.iter() {
            let Some(content) = tree.content(path) else { continue };
            let bytes = content
                .read()
                .map_err(|error| Error::new(format!("cannot read a file of the tree: {error}")))?;
            files.push((qos_tree::path::show(path).into_owned(), bytes.into_owned()));
        }
        fat::make(fat_size(size)?, id, filesystem.label.as_deref(), &files, out)
    }

    fn esp(
        &self,
        partition: &Partition,
        filesystem: &Filesystem,
        cmdline: &str,
        out: &Path,
    ) -> Result<(), Error> {
        let Kind::Vfat(id) = filesystem.kind else { return Err(Error::new("the UKI is on vfat")) };
        let files = match self.unified(cmdline)? {
            Some(uki) => vec![(REMOVABLE.to_owned(), uki)],
            None => Vec::new(),
        };
        fat::make(fat_size(partition.size)?, id, filesystem.label.as_deref(), &files, out)
    }

    /// The unified kernel image, if there is a kernel.
    fn unified(&self, cmdline: &str) -> Result<Option<Vec<u8>>, Error> {
        let Pieces { kernel: Some(kernel), initramfs, release, .. } = &self.inputs.pieces else {
            return Ok(None);
        };
        let read = |path: &Path| fs::read(path).map_err(|error| Error::io("read", path, &error));
        let (stub, kernel) = (read(&self.inputs.tools.file(STUB))?, read(kernel)?);
        let initramfs = initramfs.as_deref().map(read).transpose()?;
        let osrel = "ID=qos\nNAME=qos\nPRETTY_NAME=qos\n";
        let mut sections: Vec<(&str, &[u8])> = vec![
            (".osrel", osrel.as_bytes()),
            (".cmdline", cmdline.as_bytes()),
            (".uname", release.as_bytes()),
        ];
        if let Some(initramfs) = &initramfs {
            sections.push((".initrd", initramfs));
        }
        sections.push((".linux", &kernel));
        uki::append(&stub, &sections).map(Some)
    }

    /// How large the partition is, now that its content is there.
    fn size(&self, index: usize, partition: &Partition) -> Result<u64, Error> {
        let file = self.file(index);
        if !file.exists() {
            fs::write(&file, "").map_err(|error| Error::io("write", &file, &error))?;
        }
        let content = fs::metadata(&file).map_err(|error| Error::io("read", &file, &error))?.len();
        match partition.size {
            Size::Fit => Ok(round_up(content.max(1), MIB)),
            Size::Bytes(size) if content > size => {
                let message =
                    format!("has {size} bytes, but its content {content}; give it more, or \"fit\"");
                Err(self.named(partition, Error::new(message)))
            }
            Size::Bytes(size) => Ok(size),
        }
    }
}

fn fat_size(size: Size) -> Result<u64, Error> {
    match size {
        Size::Bytes(size) => Ok(size),
        Size::Fit => Err(Error::new("vfat needs a size in MiB, not \"fit\"")),
    }
}
