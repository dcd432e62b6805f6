// SPDX-License-Identifier: MIT OR Apache-2.0
//! Disks of golden runs: files that the guest has as NVDIMMs, `/dev/pmem0` and on.
//!
//! A disk completes a request at a time that depends on the host. Memory does not: the guest reads and writes an NVDIMM by
//! instructions, so a golden run stays deterministic. The guest needs the kernel's modules `nfit` and `nd_pmem`
//! (`Documentation/driver-api/nvdimm/nvdimm.rst`; docs/nvdimm.txt of QEMU).

use crate::disk::{Access, Disk};
use crate::error::{Error, Result};
use crate::options::{Arguments, escape_commas};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

/// What the size of an NVDIMM is a multiple of: the part of a memory section that the kernel can map (`SUBSECTION_SIZE`).
const ALIGNMENT: u64 = 2 << 20;

/// What a machine with an NVDIMM adds to the kernel's command line. Under `-icount` the driver of a PC's IDE controller, to which
/// nothing is attached, does not come to the end of its probe (seen with QEMU 10.0 and Linux 7.3).
pub(crate) const CMDLINE: &str = "modprobe.blacklist=ata_piix";

/// A file in memory. What the guest writes is dropped when it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemoryDisk {
    /// The file, byte for byte.
    pub file: PathBuf,
    /// Its size in bytes.
    pub size: u64,
}

impl MemoryDisk {
    /// The disk as an NVDIMM.
    ///
    /// # Errors
    /// The file is a qcow2 image, its size is no multiple of 2 MiB, or one of its sectors is to fail.
    pub fn new(disk: &Disk) -> Result<Self> {
        let path = disk.file.display();
        if let Access::BadSector(_) = disk.access {
            return Err(Error::new(format!(
                "the disk {path} has a bad sector, and in a golden run disks are memory, of which every byte can be read"
            )));
        }
        if disk.is_qcow2() {
            return Err(Error::new(format!(
                "the disk {path} is a qcow2 image; a golden run maps the file into memory, so give it a raw image"
            )));
        }
        let size = std::fs::metadata(&disk.file)
            .map_err(|error| Error::file("cannot read the size of the disk", &disk.file, &error))?
            .len();
        if size == 0 || size % ALIGNMENT != 0 {
            return Err(Error::new(format!(
                "the disk {path} has {size} bytes; in a golden run a disk is an NVDIMM, whose size is a multiple of 2 MiB: `truncate -s %2M {path}` makes it one"
            )));
        }
        Ok(Self { file: disk.file.clone(), size })
    }

    /// Defines it as disk number `index` of the machine.
    pub(crate) fn define(&self, index: usize, args: &mut Arguments) {
        // `rom=off` with a file that is only read: the guest's writes go to private pages.
        let start = format!(
            "memory-backend-file,id=disk{index},share=off,readonly=on,rom=off,size={},mem-path=",
            self.size
        );
        let value = [start.into_bytes(), escape_commas(self.file.as_os_str())].concat();
        args.option("-object", OsString::from_vec(value));
        args.option("-device", format!("nvdimm,memdev=disk{index}"));
    }
}

/// QEMU's `-m` for `mib` MiB of memory, with enough address space for the disks.
pub(crate) fn memory(mib: u32, disks: &[MemoryDisk]) -> String {
    if disks.is_empty() {
        return format!("{mib}M");
    }
    // Each device begins at a multiple of 1 GiB in the worst case.
    let room: u64 = disks.iter().map(|disk| disk.size.div_ceil(1 << 30) + 1).sum();
    format!("{mib}M,slots={},maxmem={}M", disks.len(), u64::from(mib) + (room << 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_for_disks() {
        let disk = |size| MemoryDisk { file: "f".into(), size };
        assert_eq!(memory(256, &[]), "256M");
        assert_eq!(memory(256, &[disk(2 << 20)]), "256M,slots=1,maxmem=2304M");
        assert_eq!(memory(256, &[disk(2 << 20), disk((1 << 30) + 1)]), "256M,slots=2,maxmem=5376M");
    }

    #[test]
    fn options() {
        let mut args = Arguments::default();
        MemoryDisk { file: "a,b".into(), size: 4096 }.define(0, &mut args);
        let object = "memory-backend-file,id=disk0,share=off,readonly=on,rom=off,size=4096,mem-path=a,,b";
        assert_eq!(args.list, ["-object", object, "-device", "nvdimm,memdev=disk0"]);
    }
}
