// SPDX-License-Identifier: MIT OR Apache-2.0
//! Archives and compressed data from memory, for tools/fuzz.

use crate::codec::{Codec, Decoder, Encoder};
use crate::options::Options;
use crate::{extract, list};
use qos_command::glob;
use std::io::{self, Cursor, Read, Write};
use std::path::Path;

/// What is read of compressed data, which may be much larger than they are.
const MOST: u64 = 1 << 20;

/// Decompresses `data`. Then compresses them in each way: they come back.
///
/// # Panics
/// When a property does not hold.
pub fn codecs(data: &[u8]) {
    let mut out = Vec::new();
    let decoder = Decoder::new(Cursor::new(data.to_vec()));
    let read = decoder.and_then(|decoder| decoder.take(MOST).read_to_end(&mut out));
    if Codec::of(data) == Codec::Plain {
        assert!(read.is_ok() && out == data);
    }
    for codec in [Codec::Gzip, Codec::Xz, Codec::Zstd] {
        let packed = packed(codec, data).unwrap_or_else(|error| panic!("{codec:?}: {error}"));
        let mut again = Vec::new();
        let read = Decoder::new(Cursor::new(packed)).and_then(|mut decoder| decoder.read_to_end(&mut again));
        assert!(read.is_ok() && again == data, "{codec:?}: {read:?}");
    }
}

fn packed(codec: Codec, data: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = Encoder::new(codec, Some(1), Vec::new())?;
    encoder.write_all(data)?;
    encoder.finish()
}

/// Lists the archive `data`. Where its members would be written is inside of the directory.
///
/// # Panics
/// When a property does not hold.
pub fn list(data: &[u8]) {
    let arguments = ["tar", "-tvf", "-"].map(Into::into).to_vec();
    let Ok(options) = Options::parse(arguments, Path::new(".")) else { panic!("the options are wrong") };
    let mut out = Vec::new();
    let _ = list::run(&options, Box::new(Cursor::new(data.to_vec())), &mut out);
    let text = String::from_utf8_lossy(data);
    for name in text.split(['\0', '\n']).filter(|name| name.len() < 256) {
        if let Some(path) = extract::inside(name, 0) {
            assert!(
                path.components().all(|part| matches!(part, std::path::Component::Normal(_))),
                "{name:?}"
            );
        }
        let _ = glob::matches(name.as_bytes(), b"usr/share/doc/a[b]/c.txt");
    }
}
