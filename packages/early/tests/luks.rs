// SPDX-License-Identifier: MIT OR Apache-2.0
//! Containers that cryptsetup made (data/make.sh), and what is left of them when bytes change.

use qos_early::luks::{Error, Volume, unlock};
use std::io::{Cursor, Read};

const MEMORY: u64 = 1 << 20;

fn container(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/data/{name}.zst", env!("CARGO_MANIFEST_DIR"));
    let packed = std::fs::read(path).unwrap();
    let mut bytes = Vec::new();
    ruzstd::decoding::StreamingDecoder::new(packed.as_slice()).unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

/// The key of the volume, as cryptsetup prints it.
fn key(name: &str) -> String {
    std::fs::read_to_string(format!("{}/tests/data/{name}.key", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn open(bytes: &[u8], passphrase: &str) -> Result<Volume, Error> {
    unlock(&mut Cursor::new(bytes), passphrase.as_bytes(), MEMORY)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn version_2() {
    let bytes = container("luks2");
    // The first is of argon2id, the second of pbkdf2 with SHA-512, the third of argon2i.
    for passphrase in ["one", "two", "three"] {
        let volume = open(&bytes, passphrase).unwrap();
        assert_eq!(hex(&volume.key), key("luks2"), "{passphrase}");
        assert_eq!((volume.version, volume.uuid.as_str()), (2, "11111111-2222-3333-4444-555555555555"));
        assert_eq!((volume.cipher.as_str(), volume.sector), ("aes-cbc-essiv:sha256", 4096));
        assert_eq!((volume.offset, volume.size, volume.iv_tweak), (1 << 20, None, 0));
        assert_eq!(volume.flags, [""; 0]);
    }
    for passphrase in ["", "onE", "one\n", "four"] {
        assert!(matches!(open(&bytes, passphrase), Err(Error::Passphrase)), "{passphrase:?}");
    }
}

#[test]
fn version_1() {
    let bytes = container("luks1");
    let volume = open(&bytes, "four").unwrap();
    assert_eq!(hex(&volume.key), key("luks1"));
    assert_eq!((volume.version, volume.uuid.as_str()), (1, "99999999-2222-3333-4444-555555555555"));
    assert_eq!((volume.cipher.as_str(), volume.sector), ("aes-xts-plain64", 512));
    assert!(matches!(open(&bytes, "one"), Err(Error::Passphrase)));
}

#[test]
fn the_second_header_serves() {
    let good = container("luks2");
    for at in [0, 6, 9, 300, 448, 5000] {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        assert_eq!(hex(&open(&bytes, "two").unwrap().key), key("luks2"), "first header, byte {at}");
        bytes[0x4000 + at] ^= 1;
        assert!(matches!(open(&bytes, "two"), Err(Error::Header(_))), "both headers, byte {at}");
        bytes[at] ^= 1;
        assert_eq!(hex(&open(&bytes, "two").unwrap().key), key("luks2"), "second header, byte {at}");
    }
}

#[test]
fn memory_is_asked_for_first() {
    let bytes = container("luks2");
    // The slots of argon2 need 64 and 32 KiB; that of pbkdf2 needs none.
    assert!(unlock(&mut Cursor::new(&bytes), b"two", 0).is_ok());
    assert!(matches!(unlock(&mut Cursor::new(&bytes), b"three", 31), Err(Error::Passphrase)));
    assert!(unlock(&mut Cursor::new(&bytes), b"three", 32).is_ok());
}

#[test]
fn no_bytes_make_it_panic() {
    // xorshift64: the same bytes on each run.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for name in ["luks1", "luks2"] {
        let good = container(name);
        for _ in 0..200 {
            let mut bytes = good[..0x8000].to_vec();
            for _ in 0..random() % 8 + 1 {
                let at = (random() % 1024) as usize;
                // The iterations stay as they are: a large number takes its time, and that is all.
                if name != "luks1" || !(164..168).contains(&at) && !(208..600).contains(&at) {
                    bytes[at] = random() as u8;
                }
            }
            assert!(open(&bytes, "x").is_err());
        }
    }
    for length in [0, 1, 511, 4095, 4096, 0x4000, 0x8000] {
        assert!(open(&container("luks2")[..length], "x").is_err(), "{length}");
    }
}
