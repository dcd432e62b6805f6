// SPDX-License-Identifier: MIT OR Apache-2.0
//! LUKS1.

use super::bytes::{be32, field, text};
use super::kdf::{Hash, Kdf};
use super::slot::Slot;
use super::{Error, Source, Volume};

const SLOTS: usize = 8;
const ACTIVE: u32 = 0x00ac_71f3;

/// Unlocks the container that begins with `head`.
pub fn unlock(source: &mut dyn Source, head: &[u8], passphrase: &[u8]) -> Result<Volume, Error> {
    let cipher = format!("{}-{}", text(head, 8, 32), text(head, 40, 32));
    let hash = Hash::new(&text(head, 72, 32))?;
    let length = be32(head, 108) as usize;
    let slots: Vec<Slot> =
        (0..SLOTS).filter_map(|number| slot(head, number, &cipher, hash, length)).collect();
    if slots.is_empty() {
        return Err(Error::Header("no key slot is in use".to_owned()));
    }
    let (digest, salt, iterations) = (field(head, 112, 20), field(head, 132, 32), be32(head, 164));
    for slot in slots {
        // PBKDF2 needs no memory.
        let key = slot.open(source, passphrase, 0)?;
        if hash.pbkdf2(&key, salt, iterations, digest.len()) == digest {
            return Ok(Volume {
                version: 1,
                uuid: text(head, 168, 40),
                cipher,
                key,
                offset: u64::from(be32(head, 104)) * 512,
                size: None,
                sector: 512,
                iv_tweak: 0,
                flags: Vec::new(),
            });
        }
    }
    Err(Error::Passphrase)
}

fn slot(head: &[u8], number: usize, cipher: &str, hash: Hash, length: usize) -> Option<Slot> {
    let at = 208 + number * 48;
    (be32(head, at) == ACTIVE).then(|| Slot {
        number: number as u32,
        kdf: Kdf::Pbkdf2 { hash, iterations: be32(head, at + 4), salt: field(head, at + 8, 32).to_vec() },
        cipher: cipher.to_owned(),
        own_key: length,
        key: length,
        stripes: be32(head, at + 44) as usize,
        hash,
        offset: u64::from(be32(head, at + 40)) * 512,
    })
}
