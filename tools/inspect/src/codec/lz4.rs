// SPDX-License-Identifier: MIT OR Apache-2.0
//! LZ4 in its legacy frame, the only one that the kernel supports (`lib/decompress_unlz4.c`).

use super::{Output, bad};
use std::io;

/// Magic number of the legacy frame.
pub(crate) const LEGACY: [u8; 4] = [0x02, 0x21, 0x4c, 0x18];
/// Each block but the last unpacks to so many bytes.
pub(crate) const BLOCK: usize = 8 << 20;

/// Unpacks blocks up to a size of 0 or to fewer than the 4 bytes of a size. A further magic number is skipped. Gives the
/// length of the segment.
pub(super) fn legacy(bytes: &[u8], out: &mut Output) -> io::Result<usize> {
    let mut at = LEGACY.len();
    while let Some(head) = bytes.get(at..at + 4) {
        let size = u32::from_le_bytes([head[0], head[1], head[2], head[3]]) as usize;
        if size == 0 {
            return Ok(at);
        }
        at += 4;
        if head == LEGACY {
            continue;
        }
        let block = bytes.get(at..at + size).ok_or_else(|| {
            let there = bytes.len().saturating_sub(at);
            bad(format!("block of {size} bytes at {at}, of which {there} are there"))
        })?;
        let unpacked = ::lz4::block::decompress(block, Some(BLOCK as i32))
            .map_err(|e| bad(format!("block at {at}: {e}")))?;
        out.block(&unpacked)?;
        at += size;
    }
    Ok(at)
}
