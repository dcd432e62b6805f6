// SPDX-License-Identifier: MIT OR Apache-2.0
//! Input of early userspace: the command line, and what disks begin with.

use crate::{lossy, two};
use qos_early::options::Options;
use qos_early::verity::superblock::{Superblock, Top};
use qos_early::{cmdline, luks};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::io::Cursor;

/// The most rounds of PBKDF2: a header may request 2^32, and one input is to take little time.
const ROUNDS: u64 = 255;
/// Bytes of the shortest LUKS2 header, and of its binary part (LUKS2 On-Disk Format Specification 1.1.3, section 2).
const HEADER: usize = 0x4000;
const BINARY: usize = 4096;

/// A command line, and the superblock of a hash tree.
pub fn early(data: &[u8]) {
    let (line, superblock) = two(data);
    let options = Options::new(&cmdline::parse(&lossy(line)));
    if let Some(Ok(verity)) = options.verity {
        assert!((16..=64).contains(&verity.root_hash.len()));
    }
    if let Ok(superblock) = Superblock::parse(superblock) {
        let (Top::Hashes { length, .. } | Top::Data { length }) = superblock.top();
        assert!(length.is_power_of_two() && length <= 512 << 10);
        assert!(superblock.digest_size().is_none_or(|size| superblock.tree_end(size) > 0));
    }
}

/// A container of LUKS1, or the metadata of one of LUKS2. No passphrase opens it.
pub fn luks(data: &[u8]) {
    let container = if data.starts_with(b"LUKS\xba\xbe\0\x01") { version_1(data) } else { version_2(data) };
    assert!(luks::unlock(&mut Cursor::new(container), b"not the passphrase", 0).is_err());
}

/// The container with few rounds in its digest and its eight slots.
fn version_1(data: &[u8]) -> Vec<u8> {
    let mut container = data.to_vec();
    container.resize(container.len().max(BINARY), 0);
    for rounds in [164].into_iter().chain((0..8).map(|slot| 208 + slot * 48 + 4)) {
        container[rounds..rounds + 3].fill(0);
    }
    container
}

/// A container with this metadata, in a header whose checksum is right.
fn version_2(metadata: &[u8]) -> Vec<u8> {
    let metadata = match serde_json::from_slice::<Value>(metadata) {
        Ok(mut value) => {
            bound(&mut value);
            value.to_string().into_bytes()
        }
        Err(_) => metadata.to_vec(),
    };
    let mut header = vec![0; HEADER];
    header[..8].copy_from_slice(b"LUKS\xba\xbe\0\x02");
    header[8..16].copy_from_slice(&(HEADER as u64).to_be_bytes());
    header[72..78].copy_from_slice(b"sha256");
    let length = metadata.len().min(HEADER - BINARY);
    header[BINARY..BINARY + length].copy_from_slice(&metadata[..length]);
    let checksum = Sha256::digest(&header);
    header[448..448 + checksum.len()].copy_from_slice(&checksum);
    // Key slots are behind it.
    header.resize(2 * HEADER, 0x5a);
    header
}

/// Makes the rounds in `value` few; LUKS2 writes a number as a text where it may be large.
fn bound(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(bound),
        Value::Object(object) => {
            for (name, value) in object {
                let number = value.as_u64().or_else(|| value.as_str()?.parse().ok());
                match number {
                    Some(rounds) if name == "iterations" => *value = rounds.min(ROUNDS).into(),
                    _ => bound(value),
                }
            }
        }
        _ => {}
    }
}
