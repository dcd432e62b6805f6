// SPDX-License-Identifier: MIT OR Apache-2.0
//! A key slot: the key of the volume, split into stripes (the anti-forensic splitter) and encrypted.

use super::kdf::{Hash, Kdf};
use super::{Error, LONGEST_KEY, Source};
use aes::cipher::KeyInit;
use aes::{Aes128, Aes256};
use xts_mode::{Xts128, get_tweak_default};

/// Bytes of the sectors in which a slot is encrypted.
const SECTOR: usize = 512;
/// Most stripes; cryptsetup makes 4000.
const MOST_STRIPES: usize = 10_000;

/// A key slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Its number.
    pub number: u32,
    /// How its key is derived.
    pub kdf: Kdf,
    /// Its cipher: `aes-xts-plain64`.
    pub cipher: String,
    /// Length of its own key, in bytes.
    pub own_key: usize,
    /// Length of the key in it, in bytes.
    pub key: usize,
    /// How many stripes it has.
    pub stripes: usize,
    /// Hash of the splitter.
    pub hash: Hash,
    /// Where it is, in bytes.
    pub offset: u64,
}

impl Slot {
    /// The key in it, if the passphrase is the right one. What came of a wrong passphrase looks the same.
    pub fn open(&self, source: &mut dyn Source, passphrase: &[u8], memory: u64) -> Result<Vec<u8>, Error> {
        let bad = |what: &str| Err(Error::Header(format!("key slot {}: {what}", self.number)));
        if self.cipher != "aes-xts-plain64" || !matches!(self.own_key, 32 | 64) {
            return bad(&format!("{} with a key of {} bytes is not supported", self.cipher, self.own_key));
        }
        if self.key == 0 || self.key > LONGEST_KEY || self.stripes == 0 || self.stripes > MOST_STRIPES {
            return bad("the length of the key or the number of stripes is out of bounds");
        }
        let length = self.key * self.stripes;
        let mut material = source.bytes(self.offset, length.next_multiple_of(SECTOR))?;
        let key = self.kdf.derive(passphrase, self.own_key, memory)?;
        decrypt(&key, &mut material);
        Ok(merge(&material[..length], self.key, self.hash))
    }
}

/// AES in mode XTS, with the number of the sector as tweak.
fn decrypt(key: &[u8], material: &mut [u8]) {
    let (first, second) = key.split_at(key.len() / 2);
    if let (Ok(first), Ok(second)) = (Aes256::new_from_slice(first), Aes256::new_from_slice(second)) {
        Xts128::new(first, second).decrypt_area(material, SECTOR, 0, get_tweak_default);
    } else if let (Ok(first), Ok(second)) = (Aes128::new_from_slice(first), Aes128::new_from_slice(second)) {
        Xts128::new(first, second).decrypt_area(material, SECTOR, 0, get_tweak_default);
    }
}

/// The key of `length` bytes that was split into the stripes of `material` (LUKS1 specification, section 2.4).
fn merge(material: &[u8], length: usize, hash: Hash) -> Vec<u8> {
    let mut stripes = material.chunks_exact(length).peekable();
    let mut key = vec![0; length];
    while let Some(stripe) = stripes.next() {
        key.iter_mut().zip(stripe).for_each(|(key, byte)| *key ^= byte);
        if stripes.peek().is_some() {
            diffuse(&mut key, hash);
        }
    }
    key
}

/// Each part of the length of a digest becomes its digest, with the part's number before it.
fn diffuse(key: &mut [u8], hash: Hash) {
    let size = hash.digest(&[]).len();
    for (number, part) in (0_u32..).zip(key.chunks_mut(size)) {
        let digest = hash.digest(&[&number.to_be_bytes(), part]);
        part.copy_from_slice(&digest[..part.len()]);
    }
}
