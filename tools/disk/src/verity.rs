// SPDX-License-Identifier: MIT OR Apache-2.0
//! dm-verity's hash tree, in the format of veritysetup: SHA-256, blocks of 4096 bytes, version 1.
//!
//! Source: Documentation/admin-guide/device-mapper/verity.rst of the kernel, and cryptsetup's lib/verity/verity.c for the superblock.

use crate::error::Error;
use crate::uuid::Uuid;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

/// Bytes of a block, of data and of hashes.
pub const BLOCK: usize = 4096;
const DIGEST: usize = 32;
/// Maximum number of salt bytes in the superblock.
const SALT: usize = 256;

/// The hash of the data's only root.
pub type RootHash = [u8; DIGEST];

/// A hash tree: its levels, the lowest first.
struct Levels(Vec<Vec<u8>>);

/// Writes superblock and hash tree of the file `data` to `out`, and gives the root hash. `data` is lengthened to whole blocks.
///
/// # Errors
/// A file cannot be read or written; the salt is too long; there is no data.
pub fn write(data: &Path, uuid: Uuid, salt: &[u8], out: &Path) -> Result<RootHash, Error> {
    if salt.len() > SALT {
        return Err(Error::new(format!("verity: a salt of {} bytes; at most {SALT} fit", salt.len())));
    }
    let read = |error: &io::Error| Error::io("read", data, error);
    let file = File::options().read(true).write(true).open(data).map_err(|error| read(&error))?;
    let length = file.metadata().map_err(|error| read(&error))?.len().div_ceil(BLOCK as u64) * BLOCK as u64;
    if length == 0 {
        return Err(Error::new(format!("verity: {} is empty", data.display())));
    }
    file.set_len(length).map_err(|error| read(&error))?;
    let (levels, root) = levels(&mut BufReader::new(file), salt).map_err(|error| read(&error))?;
    let mut bytes = superblock(uuid, salt, length / BLOCK as u64);
    // On the disk the highest level comes first.
    for level in levels.0.iter().rev() {
        bytes.extend_from_slice(level);
    }
    File::create(out)
        .and_then(|mut file| file.write_all(&bytes))
        .map_err(|error| Error::io("write", out, &error))?;
    Ok(root)
}

fn levels(data: &mut impl Read, salt: &[u8]) -> io::Result<(Levels, RootHash)> {
    let mut level = Vec::new();
    let mut block = [0; BLOCK];
    loop {
        match data.read_exact(&mut block) {
            Ok(()) => level.extend_from_slice(&hash(salt, &block)),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => break,
            Err(error) => return Err(error),
        }
    }
    let mut levels = Vec::new();
    // A device of one block has no levels: the root hash is that block's.
    while level.len() > DIGEST {
        level.resize(level.len().div_ceil(BLOCK) * BLOCK, 0);
        let above = level.chunks(BLOCK).flat_map(|block| hash(salt, block)).collect();
        levels.push(std::mem::replace(&mut level, above));
    }
    let mut root = [0; DIGEST];
    root.copy_from_slice(&level[..DIGEST]);
    Ok((Levels(levels), root))
}

/// Version 1 has the salt in front.
fn hash(salt: &[u8], block: &[u8]) -> RootHash {
    Sha256::new().chain_update(salt).chain_update(block).finalize().into()
}

/// The superblock, padded to a block (`struct verity_sb`).
fn superblock(uuid: Uuid, salt: &[u8], blocks: u64) -> Vec<u8> {
    let mut bytes = b"verity\0\0".to_vec();
    bytes.extend_from_slice(&1_u32.to_le_bytes());
    // The usual type: the salt in front.
    bytes.extend_from_slice(&1_u32.to_le_bytes());
    bytes.extend_from_slice(&uuid.bytes());
    let mut algorithm = [0; 32];
    algorithm[..6].copy_from_slice(b"sha256");
    bytes.extend_from_slice(&algorithm);
    bytes.extend_from_slice(&(BLOCK as u32).to_le_bytes());
    bytes.extend_from_slice(&(BLOCK as u32).to_le_bytes());
    bytes.extend_from_slice(&blocks.to_le_bytes());
    bytes.extend_from_slice(&(salt.len() as u16).to_le_bytes());
    bytes.extend_from_slice(&[0; 6]);
    bytes.extend_from_slice(salt);
    bytes.resize(BLOCK, 0);
    bytes
}

/// The PARTUUIDs by which the root hash names the partitions with the data and with the tree: its first and its last 128 bits
/// (UAPI group, Discoverable Partitions Specification).
#[must_use]
pub fn part_uuids(hash: &RootHash) -> (Uuid, Uuid) {
    let part = |from: usize| Uuid::new(std::array::from_fn(|at| hash[from + at]));
    (part(0), part(DIGEST - 16))
}

/// The hash as the command line has it: `roothash=HEX`.
#[must_use]
pub fn hex(hash: &RootHash) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_of_a_root_hash() {
        let hash = std::array::from_fn(|at| at as u8);
        let (data, tree) = part_uuids(&hash);
        assert_eq!(data.to_string(), "00010203-0405-0607-0809-0a0b0c0d0e0f");
        assert_eq!(tree.to_string(), "10111213-1415-1617-1819-1a1b1c1d1e1f");
    }

    #[test]
    fn levels_grow_with_the_data() {
        // Blocks of data, and the bytes of each level.
        for (blocks, sizes) in [
            (1, vec![]),
            (2, vec![BLOCK]),
            (128, vec![BLOCK]),
            (129, vec![2 * BLOCK, BLOCK]),
            (300, vec![3 * BLOCK, BLOCK]),
        ] {
            let data = vec![7; blocks * BLOCK];
            let (levels, root) = levels(&mut data.as_slice(), b"salt").unwrap();
            assert_eq!(levels.0.iter().map(Vec::len).collect::<Vec<_>>(), sizes, "{blocks}");
            let top = levels.0.last().map_or(hash(b"salt", &data), |top| hash(b"salt", top));
            assert_eq!(root, top, "{blocks}");
        }
    }
}
