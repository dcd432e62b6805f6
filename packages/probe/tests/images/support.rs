// SPDX-License-Identifier: MIT OR Apache-2.0
//! Images of `data/`: their sectors that are not zero.

use qos_probe::Source;
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::Path;

/// An image of mostly zeros.
#[derive(Clone)]
pub struct Sparse {
    pub size: u64,
    pub sectors: BTreeMap<u64, Vec<u8>>,
}

impl Source for Sparse {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        assert!(offset + buffer.len() as u64 <= self.size, "a read beyond the end");
        buffer.fill(0);
        let end = offset + buffer.len() as u64;
        for (number, sector) in self.sectors.range(offset / 512..end.div_ceil(512)) {
            for (at, byte) in (number * 512..).zip(sector) {
                if (offset..end).contains(&at) {
                    buffer[(at - offset) as usize] = *byte;
                }
            }
        }
        Ok(())
    }
}

/// An image, and what blkid said of it.
pub struct Image {
    pub name: String,
    pub sparse: Sparse,
    pub expect: String,
}

/// All images of `data/images.zst`. For each, there is a line `NAME SIZE SECTORS LINES`, the numbers of the sectors that
/// are not zero, as many lines of blkid's, and then those sectors.
pub fn images() -> Vec<Image> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/images.zst");
    let packed = fs::read(path).unwrap();
    let mut data = Vec::new();
    ruzstd::decoding::StreamingDecoder::new(packed.as_slice()).unwrap().read_to_end(&mut data).unwrap();
    let mut rest = data.as_slice();
    let mut images = Vec::new();
    while !rest.is_empty() {
        let head: Vec<&str> = line(&mut rest).split(' ').collect();
        let [name, size, count, lines] = head.as_slice() else { panic!("{head:?}") };
        let numbers: Vec<u64> =
            line(&mut rest).split_whitespace().map(|number| number.parse().unwrap()).collect();
        assert_eq!(numbers.len(), count.parse().unwrap());
        let expect = (0..lines.parse().unwrap()).map(|_| line(&mut rest).to_owned() + "\n").collect();
        let sectors = numbers.into_iter().map(|number| {
            let (sector, after) = rest.split_at(512);
            rest = after;
            (number, sector.to_vec())
        });
        let sectors = sectors.collect();
        let sparse = Sparse { size: size.parse().unwrap(), sectors };
        images.push(Image { name: (*name).to_owned(), sparse, expect });
    }
    images
}

fn line<'a>(rest: &mut &'a [u8]) -> &'a str {
    let end = rest.iter().position(|byte| *byte == b'\n').unwrap();
    let (line, after) = rest.split_at(end);
    *rest = &after[1..];
    std::str::from_utf8(line).unwrap()
}
