// SPDX-License-Identifier: MIT OR Apache-2.0
//! The images of `data/`, reduced to their sectors that are not zero, give what util-linux' blkid gave for them.
//! `data/make.sh` makes both again.

use crate::support::{Sparse, images};
use qos_probe::{Options, Partition, Source, partitions, probe};
use std::fmt::Write;

/// What `blkid -p -o export` writes, without the name of the device and without its escapes.
fn tags(source: &dyn Source) -> String {
    match probe(source, &Options::default()) {
        Ok(tags) => tags.iter().fold(String::new(), |mut text, (name, value)| {
            writeln!(text, "{name}={}", value.escape_ascii()).unwrap();
            text
        }),
        Err(error) => format!("{error}\n"),
    }
}

#[test]
fn images_are_what_blkid_says() {
    let images = images();
    assert!(images.len() > 30, "{} images", images.len());
    for image in images {
        assert_eq!(tags(&image.sparse), image.expect, "{}", image.name);
    }
}

/// What the kernel's and sfdisk's numbers are for the tables in `data/`.
#[test]
fn partition_tables() {
    let find = |name: &str| images().into_iter().find(|image| image.name == name).unwrap().sparse;
    let table = partitions(&find("gpt"), &Options::default()).unwrap();
    let [esp, root] = table.partitions.as_slice() else { panic!("{table:?}") };
    assert_eq!((table.scheme, table.id.as_deref()), ("gpt", Some("aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee")));
    assert_eq!((esp.number, esp.start, esp.size), (1, 2048, 2048));
    assert_eq!(esp.kind, "c12a7328-f81f-11d2-ba4b-00a0c93ec93b");
    assert_eq!(esp.label.as_deref(), Some(&b"EFI System"[..]));
    assert_eq!(root.uuid.as_deref(), Some("11111111-2222-4333-8444-000000000002"));
    assert_eq!((root.label.as_deref(), root.flags), (Some("root/größe €".as_bytes()), 1));
    // The header in the last sector tells the same.
    let backup = partitions(&find("gpt-backup"), &Options::default()).unwrap();
    assert_eq!(backup.partitions, table.partitions);
    assert_eq!(partitions(&find("gpt-broken"), &Options::default()).unwrap().partitions, []);

    let table = partitions(&find("dos"), &Options::default()).unwrap();
    let short =
        |partition: &Partition| (partition.number, partition.start, partition.size, partition.kind.clone());
    assert_eq!(
        table.partitions.iter().map(short).collect::<Vec<_>>(),
        [
            (1, 2048, 2048, "0x83".to_owned()),
            (2, 4096, 2048, "0x82".to_owned()),
            (3, 6144, 10240, "0x5".to_owned()),
            (4, 16384, 2048, "0x83".to_owned()),
            (5, 8192, 4096, "0x83".to_owned()),
            (6, 14336, 2048, "0x83".to_owned()),
        ]
    );
    assert_eq!(table.partitions[5].uuid.as_deref(), Some("cafe1234-06"));
    assert_eq!(table.partitions[0].flags, 0x80);
}

/// Zeros, and images that end early: nothing is found, or what is whole.
#[test]
fn nothing_is_nothing() {
    for size in [0, 1, 511, 512, 1024, 4096, 1 << 20] {
        assert_eq!(tags(&vec![0; size]), "");
    }
    let cut = |sparse: &Sparse, size: u64| Sparse { size, ..sparse.clone() };
    for image in images() {
        // A file that ends early is no error.
        for power in 0..=image.sparse.size.ilog2() {
            let result = probe(&cut(&image.sparse, 1 << power), &Options::default());
            let ok = result.is_ok() || image.expect.starts_with("ambivalent");
            assert!(ok, "{} of {} bytes: {result:?}", image.name, 1u64 << power);
        }
    }
}
