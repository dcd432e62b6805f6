// SPDX-License-Identifier: MIT OR Apache-2.0
//! The table of the volume: a target of dm-verity (`Documentation/admin-guide/device-mapper/verity.rst`). Pure.

use super::parameters::Request;
use super::superblock::Superblock;
use super::{NAME, hex};
use crate::devices::Block;
use qos_probe::size::human;
use qos_sys::device_mapper::Target;
use std::fmt::Write;

/// The target for the data on `data` and the hash tree on `hash`.
///
/// # Errors
/// What in the superblock is not true of the devices or the root hash, for a person.
pub fn target(
    superblock: &Superblock,
    request: &Request,
    data: &Block,
    hash: &Block,
) -> Result<Target, String> {
    let Superblock { hash_type, algorithm, data_block, hash_block, data_blocks, salt, .. } = superblock;
    let digest = request.root_hash.len();
    if let Some(expect) = superblock.digest_size().filter(|expect| *expect != digest) {
        return Err(format!(
            "roothash= has {digest} bytes, but the hash tree on {} is of {algorithm}, which has {expect}",
            hash.node
        ));
    }
    let bytes = data_blocks.checked_mul(u64::from(*data_block)).filter(|bytes| *bytes <= data.size);
    let bytes = bytes.ok_or_else(|| {
        format!(
            "{} has {}, less than the {data_blocks} blocks of {data_block} bytes that the hash tree on {} is of",
            data.node,
            human(data.size),
            hash.node
        )
    })?;
    if superblock.tree_end(digest) > u128::from(hash.size) {
        return Err(format!("{} has {}, less than its hash tree takes", hash.node, human(hash.size)));
    }
    // Devices by number: a number has no blank in it, and is not another device meanwhile.
    let number = |device: &Block| format!("{}:{}", device.number.0, device.number.1);
    let salt = if salt.is_empty() { "-".to_owned() } else { hex(salt) };
    let mut arguments = format!(
        "{hash_type} {} {} {data_block} {hash_block} {data_blocks} {} {algorithm} {} {salt}",
        number(data),
        number(hash),
        superblock.start(),
        hex(&request.root_hash)
    );
    if !request.flags.is_empty() {
        let names: Vec<String> = request.flags.iter().map(|name| name.replace('-', "_")).collect();
        let _ = write!(arguments, " {} {}", names.len(), names.join(" "));
    }
    Ok(Target { kind: "verity".to_owned(), sectors: bytes / 512, arguments })
}

/// UUID of the volume, as cryptsetup names it.
#[must_use]
pub fn uuid(superblock: &Superblock) -> String {
    format!("CRYPT-VERITY-{}-{NAME}", hex(&superblock.uuid))
}

/// Names under which the kernel's modules for this algorithm can be found.
#[must_use]
pub fn modules(algorithm: &str) -> [String; 2] {
    ["dm-verity".to_owned(), format!("crypto-{algorithm}")]
}

#[cfg(test)]
mod tests {
    use super::super::superblock::tests::example;
    use super::*;
    use crate::devices::tests::block;
    use crate::root::Spec;
    use crate::verity::parameters::Device;

    fn device(name: &str, minor: u32, bytes: u64) -> Block {
        Block { number: (254, minor), size: bytes, ..block(name, "") }
    }

    fn request(hash: usize, flags: &[&'static str]) -> Request {
        let device = Device { spec: Spec::Number(0, 0), derived: false };
        Request { root_hash: vec![0xab; hash], data: device.clone(), hash: device, flags: flags.to_vec() }
    }

    fn check(superblock: &Superblock, request: &Request, expect: Result<(u64, &str), &str>) {
        let (data, hash) = (device("vda2", 2, 300 << 12), device("vda3", 3, 5 << 12));
        match (target(superblock, request, &data, &hash), expect) {
            (Ok(target), Ok((sectors, arguments))) => assert_eq!(
                (target.kind.as_str(), target.sectors, target.arguments.as_str()),
                ("verity", sectors, arguments)
            ),
            (Err(error), Err(expect)) => assert_eq!(error, expect),
            (found, expect) => panic!("{found:?}, not {expect:?}"),
        }
    }

    #[test]
    fn tables() {
        let ab = "ab".repeat(32);
        let line = format!("1 254:2 254:3 4096 4096 300 1 sha256 {ab} 00112233");
        check(&example(), &request(32, &[]), Ok((2400, &line)));
        check(
            &example(),
            &request(32, &["panic-on-corruption", "check-at-most-once"]),
            Ok((2400, &format!("{line} 2 panic_on_corruption check_at_most_once"))),
        );
        let other = Superblock {
            hash_type: 0,
            algorithm: "sha512".into(),
            data_block: 1024,
            hash_block: 512,
            data_blocks: 64,
            salt: Vec::new(),
            ..example()
        };
        let line = format!("0 254:2 254:3 1024 512 64 1 sha512 {} -", "ab".repeat(64));
        check(&other, &request(64, &[]), Ok((128, &line)));
        // The kernel knows how long its hash is.
        let unknown = Superblock { algorithm: "blake2b-512".into(), data_blocks: 1, ..example() };
        let line = format!("1 254:2 254:3 4096 4096 1 1 blake2b-512 {} 00112233", "ab".repeat(20));
        check(&unknown, &request(20, &[]), Ok((8, &line)));
    }

    #[test]
    fn devices_that_are_too_small() {
        let blocks = |data_blocks| Superblock { data_blocks, ..example() };
        for count in [301, u64::MAX, 1 << 52] {
            let text = format!(
                "/dev/vda2 has 1.2M, less than the {count} blocks of 4096 bytes that the hash tree on /dev/vda3 is of"
            );
            check(&blocks(count), &request(32, &[]), Err(&text));
        }
        // 2400 hashes, 16 in a block.
        let long = Superblock { data_block: 512, hash_block: 512, data_blocks: 2400, ..example() };
        check(&long, &request(32, &[]), Err("/dev/vda3 has 20K, less than its hash tree takes"));
    }

    #[test]
    fn root_hashes_of_another_algorithm() {
        check(
            &example(),
            &request(20, &[]),
            Err("roothash= has 20 bytes, but the hash tree on /dev/vda3 is of sha256, which has 32"),
        );
    }

    #[test]
    fn names() {
        assert_eq!(uuid(&example()), "CRYPT-VERITY-30313233343536373839616263646566-root");
        assert_eq!(modules("sha256"), ["dm-verity", "crypto-sha256"]);
    }
}
