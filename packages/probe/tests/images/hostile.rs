// SPDX-License-Identifier: MIT OR Apache-2.0
//! Hostile bytes: the images of `data/` with random bytes written over, and random bytes alone. No panic, no read
//! beyond the end, and no answer that takes ten seconds.
//!
//! PROBE_FUZZ_SECONDS makes it run so long; without it, it does a fixed number of executions.

use crate::support::{Sparse, images};
use qos_probe::{Options, partitions, probe};
use std::time::{Duration, Instant};

/// xorshift64*: the same numbers each time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
}

/// Values at which arithmetic goes wrong.
const EDGES: [u64; 8] = [0, 1, 0x7f, 0xff, 0xffff, 0x7fff_ffff, 0xffff_ffff, u64::MAX];

fn spoil(sparse: &mut Sparse, random: &mut Random) {
    let numbers: Vec<u64> = sparse.sectors.keys().copied().collect();
    for _ in 0..1 + random.below(8) {
        // Most of the sectors that matter are the first ones.
        let most = if random.below(2) == 0 { numbers.len().min(4) } else { numbers.len() };
        let sector = sparse.sectors.get_mut(&numbers[random.below(most)]).unwrap();
        let at = random.below(512);
        let value = if random.below(3) == 0 { random.next() } else { EDGES[random.below(EDGES.len())] };
        let length = [1, 2, 4, 8][random.below(4)].min(512 - at);
        let bytes = if random.below(2) == 0 { value.to_le_bytes() } else { value.to_be_bytes() };
        sector[at..at + length].copy_from_slice(&bytes[..length]);
    }
    if random.below(8) == 0 {
        sparse.size = random.next() % (sparse.size + 1);
    }
}

/// Probes `sparse` in each kind of way.
fn run(sparse: &Sparse, what: &str) {
    let start = Instant::now();
    for sector in [512, 4096] {
        let options = Options { sector, ..Options::default() };
        // Whatever is found: that it is found, and when, matters here.
        let _ = probe(sparse, &options);
        let _ = partitions(sparse, &options);
    }
    let limit = Duration::from_secs(10);
    assert!(start.elapsed() < limit, "{what}: {:?}", start.elapsed());
}

#[test]
fn spoiled_images() {
    let limit =
        std::env::var("PROBE_FUZZ_SECONDS").ok().map(|seconds| Duration::from_secs(seconds.parse().unwrap()));
    let seed = std::env::var("PROBE_FUZZ_SEED").map_or(1, |seed| seed.parse().unwrap());
    let mut random = Random(seed);
    let images = images();
    let start = Instant::now();
    let mut executions = 0u64;
    while limit.map_or(executions < 1000, |limit| start.elapsed() < limit) {
        let image = &images[random.below(images.len())];
        let state = random.0;
        let mut sparse = image.sparse.clone();
        spoil(&mut sparse, &mut random);
        run(&sparse, &format!("{} with PROBE_FUZZ_SEED={state}", image.name));
        executions += 1;
    }
    println!("{executions} executions");
}

#[test]
fn random_bytes() {
    let mut random = Random(7);
    for _ in 0..200 {
        let sectors = (0..8 + random.below(300) as u64)
            .map(|number| (number, (0..512).map(|_| random.next() as u8).collect::<Vec<u8>>()));
        let sectors: std::collections::BTreeMap<_, _> = sectors.collect();
        run(&Sparse { size: sectors.len() as u64 * 512, sectors }, "random bytes");
    }
}
