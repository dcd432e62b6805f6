// SPDX-License-Identifier: MIT OR Apache-2.0
//! The checksums of superblocks, where no crate has them with a starting value of the caller's.

const fn table(polynomial: u32) -> [u32; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut value = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 { value >> 1 ^ polynomial } else { value >> 1 };
            bit += 1;
        }
        table[byte] = value;
        byte += 1;
    }
    table
}

const IEEE: [u32; 256] = table(0xedb8_8320);
const CASTAGNOLI: [u32; 256] = table(0x82f6_3b78);

fn run(table: &[u32; 256], start: u32, data: &[u8]) -> u32 {
    data.iter().fold(start, |crc, byte| crc >> 8 ^ table[usize::from(crc as u8 ^ byte)])
}

/// CRC-32 of IEEE 802.3 from a state to a state, without inversions.
pub(crate) fn crc32(start: u32, data: &[u8]) -> u32 {
    run(&IEEE, start, data)
}

/// CRC-32C from a state to a state, without inversions.
pub(crate) fn crc32c(start: u32, data: &[u8]) -> u32 {
    run(&CASTAGNOLI, start, data)
}

/// A checksum over `data`, with the `length` bytes `at` taken as zeros: they hold the checksum itself.
pub(crate) fn without(sum: fn(u32, &[u8]) -> u32, start: u32, data: &[u8], at: usize, length: usize) -> u32 {
    let (before, rest) = data.split_at_checked(at).unwrap_or((data, &[]));
    let (hole, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
    let state = hole.iter().fold(sum(start, before), |state, _| sum(state, &[0]));
    sum(state, after)
}

/// CRC-64/WE, that of bcache.
pub(crate) fn crc64_we(data: &[u8]) -> u64 {
    const POLYNOMIAL: u64 = 0x42f0_e1eb_a9ea_3693;
    !data.iter().fold(u64::MAX, |crc, byte| {
        (0..8).fold(crc ^ u64::from(*byte) << 56, |crc, _| {
            if crc >> 63 == 1 { crc << 1 ^ POLYNOMIAL } else { crc << 1 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check values of the catalogue of parametrised CRC algorithms.
    #[test]
    fn check_values() {
        let data = b"123456789";
        assert_eq!(!crc32(!0, data), 0xcbf4_3926);
        assert_eq!(!crc32c(!0, data), 0xe306_9283);
        assert_eq!(crc64_we(data), 0x62ec_59e3_f1a4_f00a);
        assert_eq!(without(crc32, !0, b"12345", 1, 2), crc32(!0, b"1\0\x0045"));
        assert_eq!(without(crc32, !0, b"12", 1, 2), crc32(!0, b"1\0"));
    }
}
