// SPDX-License-Identifier: MIT OR Apache-2.0
//! The superblock of a hash tree, and the shape of the tree (cryptsetup's `lib/verity/verity.c`; `verity_ctr()` in the kernel's
//! `drivers/md/dm-verity-target.c`). Pure.
//!
//! Nothing in it is trusted: the root hash protects the data, but not the superblock.

use crate::luks::kdf::Hash;

/// Bytes of a superblock (`struct verity_sb`).
pub const SIZE: usize = 512;
const MAGIC: &[u8; 8] = b"verity\0\0";
/// Sizes of a block that cryptsetup accepts. The kernel's limit is a page.
const BLOCKS: std::ops::RangeInclusive<u32> = 512..=512 << 10;
/// Maximum length of the salt.
const SALT: usize = 256;

/// What the superblock says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Superblock {
    /// 0: the salt is hashed after a block (Chrome OS); 1: before it.
    pub hash_type: u32,
    /// UUID of the tree.
    pub uuid: [u8; 16],
    /// Hash algorithm by the kernel's name.
    pub algorithm: String,
    /// Bytes of a block of data.
    pub data_block: u32,
    /// Bytes of a block of hashes.
    pub hash_block: u32,
    /// Number of blocks of data, at least one.
    pub data_blocks: u64,
    /// The salt.
    pub salt: Vec<u8>,
}

/// The block whose hash is the root hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Top {
    /// Of the hash device.
    Hashes {
        /// Where it begins, in bytes.
        offset: u64,
        /// Its bytes.
        length: usize,
    },
    /// The only block of the data device.
    Data {
        /// Its bytes.
        length: usize,
    },
}

impl Superblock {
    /// The superblock in `bytes`, which begin where it does.
    ///
    /// # Errors
    /// What is wrong with it, as half a sentence.
    pub fn parse(bytes: &[u8]) -> Result<Superblock, String> {
        let bytes: &[u8; SIZE] =
            bytes.get(..SIZE).and_then(|bytes| bytes.try_into().ok()).ok_or("it is not complete")?;
        let le32 = |at: usize| u32::from_le_bytes(field(bytes, at));
        if bytes[..8] != *MAGIC {
            return Err("there is none (veritysetup format makes one)".to_owned());
        }
        let (version, hash_type) = (le32(8), le32(12));
        if version != 1 {
            return Err(format!("its version is {version}; only 1 is known"));
        }
        if hash_type > 1 {
            return Err(format!("its hash type is {hash_type}; only 0 and 1 are known"));
        }
        let (data_block, hash_block) = (le32(64), le32(68));
        for (what, size) in [("data", data_block), ("hash", hash_block)] {
            if !size.is_power_of_two() || !BLOCKS.contains(&size) {
                return Err(format!("its {what} blocks have {size} bytes"));
            }
        }
        let data_blocks = u64::from_le_bytes(field(bytes, 72));
        if data_blocks == 0 {
            return Err("it is of no data: the number of blocks is 0".to_owned());
        }
        let salt = usize::from(u16::from_le_bytes(field(bytes, 80)));
        if salt > SALT {
            return Err(format!("its salt has {salt} bytes; at most {SALT} fit"));
        }
        Ok(Superblock {
            hash_type,
            uuid: field(bytes, 16),
            algorithm: algorithm(&bytes[32..64])?,
            data_block,
            hash_block,
            data_blocks,
            salt: bytes[88..88 + salt].to_vec(),
        })
    }

    /// The hash function, if this program has it too. The kernel has others.
    fn hash(&self) -> Option<Hash> {
        Hash::new(&self.algorithm).ok()
    }

    /// Bytes of a hash, if the algorithm is known here.
    #[must_use]
    pub fn digest_size(&self) -> Option<usize> {
        self.hash().map(|hash| hash.digest(&[]).len())
    }

    /// The first block of the tree, in blocks of hashes: the superblock is in front of it.
    #[must_use]
    pub fn start(&self) -> u64 {
        (SIZE as u64).div_ceil(u64::from(self.hash_block))
    }

    /// Bytes that superblock and tree take, if a hash has `digest` bytes.
    #[must_use]
    pub fn tree_end(&self, digest: usize) -> u128 {
        // The kernel rounds the number of hashes in a block down to a power of two. Two is the least that makes a tree.
        let hashes = (self.hash_block as usize / digest.max(1)).max(2);
        let each = 1_u64 << hashes.ilog2();
        let (mut level, mut blocks) = (self.data_blocks, u128::from(self.start()));
        while level > 1 {
            level = level.div_ceil(each);
            blocks += u128::from(level);
        }
        blocks * u128::from(self.hash_block)
    }

    /// The block whose hash is the root hash: the highest level of the tree comes first.
    #[must_use]
    pub fn top(&self) -> Top {
        if self.data_blocks == 1 {
            Top::Data { length: self.data_block as usize }
        } else {
            let block = u64::from(self.hash_block);
            Top::Hashes { offset: self.start() * block, length: self.hash_block as usize }
        }
    }

    /// Whether the block [`Superblock::top`] has the root hash; unknown if the algorithm is not known here.
    #[must_use]
    pub fn has_root_hash(&self, top: &[u8], root_hash: &[u8]) -> Option<bool> {
        let parts: [&[u8]; 2] = if self.hash_type == 0 { [top, &self.salt] } else { [&self.salt, top] };
        self.hash().map(|hash| hash.digest(&parts) == root_hash)
    }
}

fn field<const N: usize>(bytes: &[u8; SIZE], at: usize) -> [u8; N] {
    bytes[at..].first_chunk().copied().unwrap_or([0; N])
}

/// A name of the kernel's crypto API. It goes into the table, in which a blank would begin the next argument: the root hash.
fn algorithm(field: &[u8]) -> Result<String, String> {
    let name = field.split(|byte| *byte == 0).next().unwrap_or_default();
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_()".contains(byte);
    match std::str::from_utf8(name) {
        Ok(name) if !name.is_empty() && name.len() < field.len() && name.bytes().all(|it| allowed(&it)) => {
            Ok(name.to_owned())
        }
        _ => Err("its hash algorithm is not a name".to_owned()),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The superblock of [`example`], in bytes.
    pub fn bytes() -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend([1, 0, 0, 0, 1, 0, 0, 0]);
        bytes.extend(*b"0123456789abcdef");
        bytes.extend(*b"sha256");
        bytes.resize(64, 0);
        bytes.extend([0, 16, 0, 0, 0, 16, 0, 0]);
        bytes.extend(300_u64.to_le_bytes());
        bytes.extend([4, 0, 0, 0, 0, 0, 0, 0, 0, 0x11, 0x22, 0x33]);
        bytes.resize(SIZE, 0);
        bytes
    }

    pub fn example() -> Superblock {
        Superblock {
            hash_type: 1,
            uuid: *b"0123456789abcdef",
            algorithm: "sha256".into(),
            data_block: 4096,
            hash_block: 4096,
            data_blocks: 300,
            salt: vec![0, 0x11, 0x22, 0x33],
        }
    }

    #[test]
    fn fields() {
        assert_eq!(Superblock::parse(&bytes()).unwrap(), example());
        let mut long = bytes();
        long.extend([7; 100]);
        assert_eq!(Superblock::parse(&long).unwrap(), example());
    }

    #[test]
    fn what_is_not_allowed() {
        let cases: &[(usize, &[u8], &str)] = &[
            (0, b"V", "there is none"),
            (0, b"LUKS\xba\xbe", "there is none"),
            (8, &[2], "its version is 2"),
            (8, &[0], "its version is 0"),
            (12, &[2], "its hash type is 2"),
            (12, &[255; 4], "its hash type is 4294967295"),
            (64, &[0; 4], "its data blocks have 0 bytes"),
            (64, &[1, 16], "its data blocks have 4097 bytes"),
            (64, &[0, 1], "its data blocks have 256 bytes"),
            (64, &[255; 4], "its data blocks have 4294967295 bytes"),
            (68, &[0, 0, 16, 0], "its hash blocks have 1048576 bytes"),
            (68, &[0, 0, 0, 128], "its hash blocks have 2147483648 bytes"),
            (72, &[0; 8], "the number of blocks is 0"),
            (80, &[1, 1], "its salt has 257 bytes"),
            (80, &[255; 2], "its salt has 65535 bytes"),
            (32, &[0; 32], "its hash algorithm is not a name"),
            (32, &[b'a'; 32], "its hash algorithm is not a name"),
            // A root hash of the superblock's own in the table.
            (32, b"sha256 00 - ", "its hash algorithm is not a name"),
            (32, b"sha256\n", "its hash algorithm is not a name"),
            (32, b"sha\\256", "its hash algorithm is not a name"),
            (32, b"sha\xff", "its hash algorithm is not a name"),
        ];
        for (at, change, expect) in cases {
            let mut bytes = bytes();
            bytes[*at..at + change.len()].copy_from_slice(change);
            let error = Superblock::parse(&bytes).unwrap_err();
            assert!(error.contains(expect), "{at} {change:?}: {error}");
        }
        for length in [0, 7, 8, 100, SIZE - 1] {
            assert_eq!(Superblock::parse(&bytes()[..length]).unwrap_err(), "it is not complete");
        }
    }

    /// Every byte of a superblock with every kind of damage: no panic, and bounded answers.
    #[test]
    fn hostile_bytes() {
        let mut accepted = 0;
        for at in 0..SIZE {
            for value in [0, 1, 0x20, 0x7f, 0x80, 0xff] {
                let mut bytes = bytes();
                bytes[at] = value;
                let Ok(found) = Superblock::parse(&bytes) else { continue };
                accepted += 1;
                assert!(found.salt.len() <= SALT && found.algorithm.len() < 32, "{at} {value}");
                assert!(found.tree_end(32) > 0);
                assert!(found.tree_end(0) >= found.tree_end(1));
                let length = match found.top() {
                    Top::Hashes { offset, length } => {
                        assert!(offset >= SIZE as u64 && offset < 1 << 20, "{at} {value}: {offset}");
                        length
                    }
                    Top::Data { length } => length,
                };
                assert!(length <= 512 << 10, "{at} {value}: {length}");
                assert!(found.has_root_hash(&[], &[]).is_none_or(|same| !same));
            }
        }
        // Most bytes are of the UUID, the salt and the padding.
        assert!(accepted > 2000, "{accepted}");
        assert!(Superblock::parse(&[0xff; SIZE]).is_err());
    }

    #[test]
    fn algorithms() {
        for name in ["sha1", "sha512", "sha256-generic", "blake2b-512", "hmac(sha256)", "sha3_256"] {
            let mut bytes = bytes();
            bytes[32..64].fill(0);
            bytes[32..32 + name.len()].copy_from_slice(name.as_bytes());
            assert_eq!(Superblock::parse(&bytes).unwrap().algorithm, name);
        }
        let size = |algorithm: &str| Superblock { algorithm: algorithm.into(), ..example() }.digest_size();
        assert_eq!(
            ["sha1", "sha224", "sha256", "sha384", "sha512", "blake2b-512"].map(size),
            [Some(20), Some(28), Some(32), Some(48), Some(64), None]
        );
    }

    /// Blocks of the tree, without the superblock's.
    fn check_tree(hash_block: u32, digest: usize, data_blocks: u64, expect: u128) {
        let superblock = Superblock { hash_block, data_blocks, ..example() };
        let blocks = superblock.tree_end(digest) / u128::from(hash_block) - u128::from(superblock.start());
        assert_eq!(blocks, expect, "{hash_block} {digest} {data_blocks}");
    }

    #[test]
    fn trees() {
        // The levels that `tools/disk` writes: 128 hashes in a block.
        check_tree(4096, 32, 1, 0);
        check_tree(4096, 32, 2, 1);
        check_tree(4096, 32, 128, 1);
        check_tree(4096, 32, 129, 3);
        check_tree(4096, 32, 300, 4);
        check_tree(4096, 32, 128 * 128 + 1, 129 + 2 + 1);
        // 204 hashes of SHA-1 fit, 128 are used.
        check_tree(4096, 20, 129, 3);
        check_tree(512, 64, 9, 3);
        // No data device is that large; the sum stays bounded all the same.
        check_tree(512, 64, u64::MAX, 1 + (0..21).map(|level| 2_u128 << (3 * level)).sum::<u128>());
    }

    #[test]
    fn where_the_top_is() {
        assert_eq!(example().top(), Top::Hashes { offset: 4096, length: 4096 });
        let small = Superblock { hash_block: 512, ..example() };
        assert_eq!((small.start(), small.top()), (1, Top::Hashes { offset: 512, length: 512 }));
        let one = Superblock { data_blocks: 1, data_block: 1024, ..example() };
        assert_eq!(one.top(), Top::Data { length: 1024 });
    }

    #[test]
    fn root_hashes() {
        let [salted, bare] = [example(), Superblock { salt: Vec::new(), ..example() }];
        // SHA-256 of "abc" (FIPS 180-2, appendix B.1).
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let abc: Vec<u8> =
            (0..32).map(|at| u8::from_str_radix(&abc[2 * at..2 * at + 2], 16).unwrap()).collect();
        assert_eq!(bare.has_root_hash(b"abc", &abc), Some(true));
        assert_eq!(bare.has_root_hash(b"abd", &abc), Some(false));
        assert_eq!(bare.has_root_hash(b"abc", &abc[..31]), Some(false));
        assert_eq!(salted.has_root_hash(b"abc", &abc), Some(false));
        let split = |hash_type, salt: &[u8]| Superblock { hash_type, salt: salt.to_vec(), ..example() };
        assert_eq!(split(1, b"a").has_root_hash(b"bc", &abc), Some(true));
        assert_eq!(split(0, b"a").has_root_hash(b"bc", &abc), Some(false));
        assert_eq!(split(0, b"c").has_root_hash(b"ab", &abc), Some(true));
        let other = Superblock { algorithm: "blake2b-512".into(), ..example() };
        assert_eq!(other.has_root_hash(b"abc", &abc), None);
    }
}
