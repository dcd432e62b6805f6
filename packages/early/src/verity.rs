// SPDX-License-Identifier: MIT OR Apache-2.0
//! A root that dm-verity protects: every block that is read is compared with a tree of hashes, whose top is the root hash of the
//! kernel's command line (`Documentation/admin-guide/device-mapper/verity.rst`, systemd-veritysetup-generator(8)).
//!
//! [`parameters`] reads the command line, [`superblock`] the header of the hash tree, and [`target`] makes the table of device-mapper.

pub mod parameters;
pub mod superblock;
pub mod target;

use crate::coldplug::Coldplug;
use crate::devices::Block;
use crate::kmsg::{info, warn};
use parameters::Request;
use qos_probe::device;
use qos_sys::device_mapper::Control;
use qos_sys::error_text;
use std::fmt::Write;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use superblock::Superblock;

/// Name of the volume, as systemd-veritysetup-generator(8) has it.
pub const NAME: &str = "root";
/// Its node.
pub const NODE: &str = "/dev/mapper/root";

/// Bytes as the table and the command line have them.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Makes the volume [`NAME`] of the data on `data` and the hash tree on `hash`.
///
/// # Errors
/// Why there is no volume, or why its first block cannot be read, for a person.
pub fn map(request: &Request, data: &Block, hash: &Block, coldplug: &mut Coldplug) -> Result<(), String> {
    let superblock = Superblock::parse(&read(hash, 0, superblock::SIZE)?)
        .map_err(|reason| format!("the superblock on {}: {reason}", hash.node))?;
    let target = target::target(&superblock, request, data, hash)?;
    verify_top(&superblock, request, data, hash)?;
    for module in target::modules(&superblock.algorithm) {
        coldplug.load(&module);
    }
    let control = Control::open().map_err(|error| failed(&error, &superblock))?;
    // The target refuses a volume that can be written.
    let made = control.create(NAME, &target::uuid(&superblock), &target, true);
    made.map_err(|error| failed(&error, &superblock))?;
    if let Err(error) = read_first(superblock.data_block) {
        let _ = control.remove(NAME);
        return Err(format!(
            "the first block cannot be read: {}: the data on {} or the hash tree on {} is damaged",
            error_text(&error),
            data.node,
            hash.node
        ));
    }
    info(&format!("dm-verity protects {NODE}: data on {}, hash tree on {}", data.node, hash.node));
    Ok(())
}

fn failed(error: &io::Error, superblock: &Superblock) -> String {
    let text = error_text(error);
    format!(
        "device-mapper: {text} (the kernel's log has the reason; are dm-verity and {} there?)",
        superblock.algorithm
    )
}

fn read(device: &Block, offset: u64, length: usize) -> Result<Vec<u8>, String> {
    let mut bytes = vec![0; length];
    let file = File::open(&device.node).and_then(|file| file.read_exact_at(&mut bytes, offset));
    file.map(|()| bytes).map_err(|error| format!("read {}: {}", device.node, error_text(&error)))
}

/// Compares the top of the tree with the root hash. The kernel does so at the first read, but cannot say which of the two is wrong.
fn verify_top(superblock: &Superblock, request: &Request, data: &Block, hash: &Block) -> Result<(), String> {
    let (device, top) = match superblock.top() {
        superblock::Top::Hashes { offset, length } => (hash, read(hash, offset, length)?),
        superblock::Top::Data { length } => (data, read(data, 0, length)?),
    };
    if superblock.has_root_hash(&top, &request.root_hash) != Some(false) {
        return Ok(());
    }
    let reason =
        format!("roothash= does not match {}: the hash of its top block is another one", device.node);
    // That is what the option asks for.
    if request.ignores_corruption() {
        warn(&format!("dm-verity: {reason}"));
        return Ok(());
    }
    Err(reason)
}

/// Reads the first block of the volume, whose node is not in `/dev/mapper` yet.
fn read_first(block: u32) -> io::Result<()> {
    let devices = device::all(Path::new("/"))?;
    let volume =
        devices.iter().find(|device| device.node() == Path::new(NODE)).ok_or(io::ErrorKind::NotFound)?;
    let mut bytes = vec![0; block as usize];
    File::open(Path::new("/dev").join(&volume.name))?.read_exact_at(&mut bytes, 0)
}
