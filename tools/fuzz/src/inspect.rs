// SPDX-License-Identifier: MIT OR Apache-2.0
//! Input files of `qos-inspect`.

use crate::lossy;
use qos_inspect::describe;
use qos_inspect::facts::Facts;
use qos_inspect::image::Image;
use qos_inspect::{kernel, repack, segments, signature, symbols, symvers, table};
use qos_volume::{Kind, Options, Window, partitions, probe};
use serde_json::Value;

/// What a stream may unpack to: below the bound of [`crate::Target::check`].
const LIMIT: u64 = 64 << 20;

/// A file of any kind. What is shown is well-formed.
pub fn image(data: &[u8]) {
    let Ok(image) = Image::of(data.to_vec()) else { return };
    let mut facts = Facts::new("x");
    let _ = describe::of_image(&image, &mut facts);
    let json: Result<Value, _> = serde_json::from_str(&facts.json().to_string());
    assert!(json.is_ok(), "{json:?}");
    assert!(facts.text().chars().all(|c| c == '\n' || !c.is_control()), "{:?}", facts.text());
    if let Ok(bytes) = image.initramfs() {
        archive(&bytes);
    }
}

/// Archives of every format. Written again, they have the same entries.
fn archive(data: &[u8]) {
    let (segments, _) = segments::read_part(data, LIMIT);
    let _ = (table::segments(&segments), table::long(&segments), table::json(&segments).to_string());
    let changes = repack::Changes { compression: Some(none()), ..repack::Changes::default() };
    let entries = |segments: &[segments::Segment]| -> Vec<_> {
        segments.iter().flat_map(|s| &s.archives).flat_map(|a| a.entries.clone()).collect()
    };
    let before = entries(&segments);
    let Ok(bytes) = repack::repack(segments, &changes) else { return };
    let (again, error) = segments::read_part(&bytes, LIMIT);
    assert_eq!(entries(&again), before, "{error:?}");
}

fn none() -> qos_manifest::Compression {
    qos_manifest::Compression::None
}

/// The version information of a kernel; a module's signature.
pub fn vmlinux(data: &[u8]) {
    let release = kernel::banner(data).map(|banner| banner.release).unwrap_or_default();
    let _ = (kernel::vermagic(data, &release), kernel::config(data), kernel::built_in_initramfs(data));
    if let Ok(Some(signature)) = signature::read(data) {
        assert!(signature.offset + signature.len < data.len(), "{signature:?}");
    }
}

/// System.map and Module.symvers. A symbol is found at its own address.
pub fn symbols(data: &[u8]) {
    let text = lossy(data);
    if let Ok(map) = symbols::Map::parse(&text) {
        for word in text.split_whitespace() {
            for symbol in map.named(word) {
                let found = map.at(symbol.address);
                assert!(found.is_some_and(|(_, offset, _)| offset == 0), "{found:?}");
            }
        }
    }
    for export in symvers::parse(&text).unwrap_or_default() {
        let _ = export.explain();
    }
}

/// A disk or a partition.
pub fn volume(data: &[u8]) {
    let image = data.to_vec();
    for kind in [Kind::File, Kind::Disk, Kind::Partition] {
        for sector in [512, 4096] {
            let options = Options { kind, sector, ..Options::default() };
            let _ = probe(&image, &options);
            for partition in partitions(&image, &options).map(|table| table.partitions).unwrap_or_default() {
                let (start, size) = (partition.start.saturating_mul(512), partition.size.saturating_mul(512));
                if let Some(window) = Window::new(&image, start, Some(size)) {
                    let _ = probe(&window, &options);
                }
            }
        }
    }
}
