// SPDX-License-Identifier: MIT OR Apache-2.0
//! Converts a raw image to qcow2, without its zeros.
//!
//! Source: docs/interop/qcow2.rst of QEMU. Version 3, clusters of 64 KiB, no compression: the same bytes on every run.

use crate::error::Error;
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

const BITS: u32 = 16;
const CLUSTER: u64 = 1 << BITS;
/// Entries of a table that fills a cluster.
const ENTRIES: u64 = CLUSTER / 8;
/// Reference counts (16 bits each) in a cluster.
const COUNTS: u64 = CLUSTER / 2;
/// The reference count is 1: a guest's write may change the cluster.
const COPIED: u64 = 1 << 63;

/// Writes the raw image `raw` as the qcow2 image `out`.
///
/// # Errors
/// A file cannot be read or written.
pub fn write(raw: &Path, out: &Path) -> Result<(), Error> {
    let mut source = File::open(raw).map_err(|error| Error::io("read", raw, &error))?;
    let size = source.metadata().map_err(|error| Error::io("read", raw, &error))?.len();
    let used = used(&mut source, size).map_err(|error| Error::io("read", raw, &error))?;
    File::create(out)
        .and_then(|file| image(&mut source, size, &used, BufWriter::new(file)))
        .map_err(|error| Error::io("write", out, &error))
}

/// Which clusters have something else than zeros.
fn used(source: &mut File, size: u64) -> io::Result<Vec<bool>> {
    let mut used = Vec::new();
    let mut cluster = Vec::new();
    for _ in 0..size.div_ceil(CLUSTER) {
        cluster.clear();
        source.take(CLUSTER).read_to_end(&mut cluster)?;
        used.push(cluster.iter().any(|byte| *byte != 0));
    }
    Ok(used)
}

/// Header, L1 table, L2 tables, data, and the reference counts of all of them.
fn image(source: &mut File, size: u64, used: &[bool], mut out: impl Write) -> io::Result<()> {
    let tables: Vec<bool> = used.chunks(ENTRIES as usize).map(|part| part.contains(&true)).collect();
    let l1_clusters = (tables.len() as u64 * 8).div_ceil(CLUSTER).max(1);
    let l2_start = 1 + l1_clusters;
    let data_start = l2_start + count(&tables);
    let counts_start = data_start + count(used);
    // The reference counts count themselves and their table (one cluster: enough for 16 TiB).
    let mut blocks = 0;
    while blocks * COUNTS < counts_start + 1 + blocks {
        blocks += 1;
    }
    let total = counts_start + 1 + blocks;

    out.write_all(&header(size, tables.len() as u64, counts_start))?;
    let mut next = l2_start;
    let l1: Vec<u64> = tables.iter().map(|used| entry(*used, &mut next)).collect();
    write_table(&mut out, &l1, l1_clusters)?;
    let mut next = data_start;
    for part in used.chunks(ENTRIES as usize).filter(|part| part.contains(&true)) {
        let l2: Vec<u64> = part.iter().map(|used| entry(*used, &mut next)).collect();
        write_table(&mut out, &l2, 1)?;
    }
    for (index, _) in used.iter().enumerate().filter(|(_, used)| **used) {
        source.seek(SeekFrom::Start(index as u64 * CLUSTER))?;
        let mut cluster = Vec::new();
        source.take(CLUSTER).read_to_end(&mut cluster)?;
        cluster.resize(CLUSTER as usize, 0);
        out.write_all(&cluster)?;
    }
    let table: Vec<u64> = (0..blocks).map(|block| (counts_start + 1 + block) * CLUSTER).collect();
    write_table(&mut out, &table, 1)?;
    for cluster in 0..blocks * COUNTS {
        out.write_all(&u16::from(cluster < total).to_be_bytes())?;
    }
    out.flush()
}

fn count(used: &[bool]) -> u64 {
    used.iter().filter(|used| **used).count() as u64
}

/// The entry of a cluster that is there, which takes the next place; 0 for one that is not.
fn entry(used: bool, next: &mut u64) -> u64 {
    if !used {
        return 0;
    }
    *next += 1;
    ((*next - 1) * CLUSTER) | COPIED
}

fn write_table(out: &mut impl Write, entries: &[u64], clusters: u64) -> io::Result<()> {
    let mut bytes: Vec<u8> = entries.iter().flat_map(|entry| entry.to_be_bytes()).collect();
    bytes.resize((clusters * CLUSTER) as usize, 0);
    out.write_all(&bytes)
}

fn header(size: u64, l1_size: u64, counts_start: u64) -> Vec<u8> {
    let mut bytes = b"QFI\xfb".to_vec();
    let mut put = |value: u64, length: usize| bytes.extend_from_slice(&value.to_be_bytes()[8 - length..]);
    put(3, 4); // version
    put(0, 8); // backing file
    put(0, 4);
    put(BITS.into(), 4);
    put(size, 8);
    put(0, 4); // encryption
    put(l1_size, 4);
    put(CLUSTER, 8); // L1 table
    put(counts_start * CLUSTER, 8); // table of reference counts
    put(1, 4); // its clusters
    put(0, 4); // snapshots
    put(0, 8);
    put(0, 8); // features: incompatible, compatible, automatically cleared
    put(0, 8);
    put(0, 8);
    put(4, 4); // 2^4 bits of a reference count
    put(104, 4); // bytes of this header
    bytes.resize(CLUSTER as usize, 0);
    bytes
}
