// SPDX-License-Identifier: MIT OR Apache-2.0
//! Deterministic mutations of seeds, for a run without a coverage-guided fuzzer.

/// A source of inputs: the same seed gives the same ones.
#[derive(Clone, Debug)]
pub struct Mutator {
    state: u64,
}

/// Bytes and numbers at which parsers go wrong.
const INTERESTING: [&[u8]; 14] = [
    b"\0",
    b"\n",
    b"\xff",
    b"\\",
    b"\"",
    b"/",
    b"0",
    b"-1",
    b"255",
    b"65536",
    b"4294967295",
    b"9223372036854775807",
    b"18446744073709551615",
    b"\xc3\xa4",
];

/// The longest input that is made.
const LONGEST: usize = 1 << 14;

impl Mutator {
    /// A source that begins with `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Mutator { state: seed | 1 }
    }

    /// Marsaglia's xorshift64*.
    fn next(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11
    }

    /// A number below `end`, or 0.
    fn below(&mut self, end: usize) -> usize {
        (self.next() as usize).checked_rem(end).unwrap_or(0)
    }

    /// One of `seeds`, changed in one to eight places.
    #[must_use]
    pub fn input(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut data = seeds.get(self.below(seeds.len())).cloned().unwrap_or_default();
        for _ in 0..=self.below(8) {
            self.change(&mut data, seeds);
        }
        data.truncate(LONGEST);
        data
    }

    fn change(&mut self, data: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let at = self.below(data.len() + 1);
        let end = (at + self.below(32)).min(data.len());
        match self.below(8) {
            0 => drop(data.drain(at..end)),
            1 => data.truncate(at),
            2 => {
                let byte = self.next() as u8;
                data.insert(at, byte);
            }
            3 => {
                let text = INTERESTING[self.below(INTERESTING.len())];
                drop(data.splice(at..at, text.iter().copied()));
            }
            4 => {
                let text = INTERESTING[self.below(INTERESTING.len())];
                drop(data.splice(at..end, text.iter().copied()));
            }
            5 => {
                let part = data[at..end].to_vec();
                let to = self.below(data.len() + 1);
                drop(data.splice(to..to, part));
            }
            6 => {
                let other = seeds.get(self.below(seeds.len())).cloned().unwrap_or_default();
                let from = self.below(other.len());
                let length = self.below(256).min(other.len() - from);
                drop(data.splice(at..end, other[from..from + length].iter().copied()));
            }
            _ => {
                let bit = 1 << self.below(8);
                if let Some(byte) = data.get_mut(at) {
                    *byte ^= bit;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_inputs() {
        let seeds = [b"one".to_vec(), b"two\n".to_vec()];
        let inputs = |seed| {
            let mut mutator = Mutator::new(seed);
            (0..1000).map(|_| mutator.input(&seeds)).collect::<Vec<_>>()
        };
        assert_eq!(inputs(1), inputs(1));
        assert_ne!(inputs(1), inputs(4));
        assert!(inputs(1).iter().all(|input| input.len() <= LONGEST));
    }
}
