// SPDX-License-Identifier: MIT OR Apache-2.0
//! Keys from passphrases.

use super::Error;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use sha1::Sha1;
use sha2::digest::Digest;
use sha2::{Sha224, Sha256, Sha384, Sha512};

/// A hash function by cryptsetup's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    pub fn new(name: &str) -> Result<Hash, Error> {
        match name {
            "sha1" => Ok(Hash::Sha1),
            "sha224" => Ok(Hash::Sha224),
            "sha256" => Ok(Hash::Sha256),
            "sha384" => Ok(Hash::Sha384),
            "sha512" => Ok(Hash::Sha512),
            _ => Err(Error::Header(format!("the hash function {name} is not supported"))),
        }
    }

    /// The digest of `parts`, one after the other.
    pub fn digest(self, parts: &[&[u8]]) -> Vec<u8> {
        fn of<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
            let mut hash = D::new();
            parts.iter().for_each(|part| hash.update(part));
            hash.finalize().to_vec()
        }
        match self {
            Hash::Sha1 => of::<Sha1>(parts),
            Hash::Sha224 => of::<Sha224>(parts),
            Hash::Sha256 => of::<Sha256>(parts),
            Hash::Sha384 => of::<Sha384>(parts),
            Hash::Sha512 => of::<Sha512>(parts),
        }
    }

    /// PBKDF2 (RFC 8018) with HMAC of this hash.
    pub fn pbkdf2(self, passphrase: &[u8], salt: &[u8], iterations: u32, length: usize) -> Vec<u8> {
        let mut key = vec![0; length];
        let rounds = iterations.max(1);
        match self {
            Hash::Sha1 => pbkdf2::pbkdf2_hmac::<Sha1>(passphrase, salt, rounds, &mut key),
            Hash::Sha224 => pbkdf2::pbkdf2_hmac::<Sha224>(passphrase, salt, rounds, &mut key),
            Hash::Sha256 => pbkdf2::pbkdf2_hmac::<Sha256>(passphrase, salt, rounds, &mut key),
            Hash::Sha384 => pbkdf2::pbkdf2_hmac::<Sha384>(passphrase, salt, rounds, &mut key),
            Hash::Sha512 => pbkdf2::pbkdf2_hmac::<Sha512>(passphrase, salt, rounds, &mut key),
        }
        key
    }
}

/// How a key slot's key comes from the passphrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kdf {
    Pbkdf2 {
        hash: Hash,
        iterations: u32,
        salt: Vec<u8>,
    },
    /// Memory in KiB.
    Argon2 {
        id: bool,
        time: u32,
        memory: u32,
        lanes: u32,
        salt: Vec<u8>,
    },
}

impl Kdf {
    /// The key of `length` bytes. `memory`: KiB that may be used.
    pub fn derive(&self, passphrase: &[u8], length: usize, memory: u64) -> Result<Vec<u8>, Error> {
        match self {
            Kdf::Pbkdf2 { hash, iterations, salt } => Ok(hash.pbkdf2(passphrase, salt, *iterations, length)),
            Kdf::Argon2 { id, time, memory: needed, lanes, salt } => {
                if u64::from(*needed) > memory {
                    return Err(Error::Memory((*needed).into(), memory));
                }
                let algorithm = if *id { Algorithm::Argon2id } else { Algorithm::Argon2i };
                let wrong = |error: argon2::Error| Error::Header(format!("a key slot's argon2: {error}"));
                let params = Params::new(*needed, *time, *lanes, Some(length)).map_err(wrong)?;
                let mut blocks = Vec::new();
                let count = params.block_count();
                blocks.try_reserve_exact(count).map_err(|_| Error::Memory((*needed).into(), memory))?;
                blocks.resize(count, Block::default());
                let mut key = vec![0; length];
                Argon2::new(algorithm, Version::V0x13, params)
                    .hash_password_into_with_memory(passphrase, salt, &mut key, &mut blocks)
                    .map_err(wrong)?;
                Ok(key)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn pbkdf2() {
        // RFC 6070, and the vectors for SHA-256 of RFC 7914.
        let key = Hash::Sha1.pbkdf2(b"password", b"salt", 4096, 20);
        assert_eq!(hex(&key), "4b007901b765489abead49d926f721d065a429c1");
        let key = Hash::Sha256.pbkdf2(b"passwd", b"salt", 1, 64);
        assert_eq!(
            hex(&key),
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc\
             49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783"
        );
    }

    #[test]
    fn memory_is_bounded() {
        let kdf = Kdf::Argon2 { id: true, time: 1, memory: 1 << 20, lanes: 1, salt: vec![0; 16] };
        let error = kdf.derive(b"x", 64, 1000).unwrap_err();
        assert_eq!(error.to_string(), "its key derivation needs 1024 MiB of memory, and 0 MiB are available");
        let kdf = Kdf::Argon2 { id: true, time: 0, memory: 8, lanes: 1, salt: vec![0; 16] };
        assert!(matches!(kdf.derive(b"x", 64, 1000), Err(Error::Header(_))));
    }
}
