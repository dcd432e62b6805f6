// SPDX-License-Identifier: MIT OR Apache-2.0
//! Archives in each format and compressions of each kind, made by GNU cpio 2.13, lzop, xz, lz4 and bzip2 from one directory:
//! the seeds of the fuzz targets.

use qos_inspect::archive::Format;
use qos_inspect::codec::{self, Codec};
use qos_inspect::describe::of_image;
use qos_inspect::facts::Facts;
use qos_inspect::image::{Image, What};
use qos_inspect::repack::{Changes, repack};
use qos_inspect::{segments, start, table};
use std::path::PathBuf;

fn seed(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds/image").join(name);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

#[test]
fn formats_and_compressions() {
    for (name, format, codec) in [
        ("odc", Format::Odc, Codec::None),
        ("bin", Format::BinaryLittle, Codec::None),
        ("crc", Format::Crc, Codec::None),
        ("lzo", Format::Newc, Codec::Lzo),
        ("xz", Format::Newc, Codec::Xz),
        ("lzma", Format::Newc, Codec::Lzma),
        ("bz2", Format::Newc, Codec::Bzip2),
        ("lz4f", Format::Newc, Codec::Lz4Frame),
    ] {
        // What follows a segment is the next one: where the first ends has to be known to the byte.
        let mut twice = seed(name);
        twice.resize(twice.len().next_multiple_of(4), 0);
        twice.extend(twice.clone());
        let read = segments::read(&twice).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(read.len(), 2, "{name}");
        for segment in &read {
            assert_eq!((segment.codec, segment.archives[0].format), (codec, format), "{name}");
            let entries = &segment.archives[0].entries;
            let names: Vec<&[u8]> = entries.iter().map(|e| e.name.as_slice()).collect();
            assert_eq!(names, [&b"d"[..], b"d/f", b"d/l"], "{name}");
            assert_eq!((&entries[1].data[..], entries[2].target()), (&b"hello\n"[..], &b"f"[..]), "{name}");
        }
        let for_kernel = format.is_for_kernel() && codec != Codec::Lz4Frame;
        assert_eq!(start::formats(&read).is_empty(), for_kernel, "{name}");
    }
}

#[test]
fn another_byte_order_is_the_same_archive() {
    let little = seed("bin");
    let read = segments::read(&little).unwrap();
    let mut big = Vec::new();
    let mut at = 0;
    // Headers of 26 bytes are swapped, names and contents are not.
    for (name, data) in [("d", 0), ("d/f", 6), ("d/l", 1), ("TRAILER!!!", 0)] {
        big.extend(little[at..at + 26].chunks(2).flat_map(|word| [word[1], word[0]]));
        let rest = (name.len() + 1).next_multiple_of(2) + usize::next_multiple_of(data, 2);
        big.extend(&little[at + 26..at + 26 + rest]);
        at += 26 + rest;
    }
    let swapped = segments::read(&big).unwrap();
    assert_eq!(swapped[0].archives[0].format, Format::BinaryBig);
    assert_eq!(swapped[0].archives[0].entries, read[0].archives[0].entries);
}

/// Nodes as GNU cpio's hpodc and hpbin have them: the device number is in the place of the size.
#[test]
fn nodes_of_hp_ux() {
    let octal = "0707070000016002360606440000000000000000010000011530264727700000500000004021hp/b\0";
    let trailer = "0707070000000000000000000000000000000000010000000000000000000001300000000000TRAILER!!!\0";
    let odc = [octal, trailer].concat().into_bytes();
    let words = |words: &[u16], name: &[u8]| {
        let header: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        [header.as_slice(), name].concat()
    };
    let bin = [
        words(&[0o70707, 1, 0o236, 0o60644, 0, 0, 1, 1, 0x6b0b, 0x4ebf, 5, 0, 0o4021], b"hp/b\0\0"),
        words(&[0o70707, 0, 0, 0, 0, 0, 1, 0, 0, 0, 11, 0, 0], b"TRAILER!!!\0\0"),
    ];
    for (format, bytes) in [(Format::Odc, odc), (Format::BinaryLittle, bin.concat())] {
        let read = segments::read(&bytes).unwrap_or_else(|e| panic!("{format:?}: {e}"));
        let archive = &read[0].archives[0];
        assert_eq!((archive.format, archive.trailer, archive.entries.len()), (format, true, 1));
        assert_eq!((archive.entries[0].rdev, archive.entries[0].data.len()), ((8, 17), 0), "{format:?}");
    }
}

/// The kernel knows LZMA by two bytes: the third one is of the dictionary's size, here 4 KiB (`xz --format=lzma --lzma1=dict=4KiB`).
#[test]
fn lzma_with_a_small_dictionary() {
    let bytes = b"\x5d\x00\x10\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\x00\x21\x93\
                  \xc5\xf7\x03\xc2\x2c\xc7\x08\x85\x78\x13\xb1\xf9\xb7\xd0\x7f\xff\xfe\xad\x38\x00";
    assert_eq!(Codec::detect(bytes), Some(Codec::Lzma));
    let (data, len) = codec::decompress(bytes, Codec::Lzma).unwrap();
    assert_eq!((data.as_slice(), len), (&b"CONFIG small\n"[..], bytes.len()));
}

/// Two streams in a row are one file for gzip(1), as pbzip2 and pzstd write files, but two segments for the kernel.
#[test]
fn an_archive_in_two_streams() {
    let archive = seed("crc");
    let (first, second) = archive.split_at(120);
    let pack = |data| qos_inspect::compress::compress(data, qos_manifest::Compression::Gzip(9)).unwrap();
    let error = segments::read(&[pack(first), pack(second)].concat()).unwrap_err().to_string();
    let expect = format!("another gzip stream starts at byte {}", pack(first).len());
    assert!(error.contains(&expect), "{error}");
}

#[test]
fn a_uki_holds_an_initramfs() {
    let image = Image::of(seed("uki")).unwrap();
    assert_eq!(image.what, What::Uki);
    let inside = segments::read(&image.initramfs().unwrap()).unwrap();
    assert!(!table::names(&inside).is_empty());
}

#[test]
fn a_section_that_is_the_whole_file() {
    let mut bytes = seed("uki");
    let at = bytes.windows(6).position(|name| name == b".linux").unwrap();
    let len = (bytes.len() as u32).to_le_bytes();
    bytes[at + 8..at + 12].copy_from_slice(&len);
    bytes[at + 16..at + 20].copy_from_slice(&len);
    bytes[at + 20..at + 24].fill(0);
    let mut facts = Facts::new("x");
    let error = of_image(&Image::of(bytes).unwrap(), &mut facts).map(|e| e.to_string());
    assert_eq!(error.as_deref(), Some("section .linux: holds a unified kernel image again"));
}

#[test]
fn repacking() {
    let read = segments::read(&seed("xz")).unwrap();
    let without = |changes: &Changes| repack(read.clone(), changes);
    assert_eq!(
        without(&Changes::default()).unwrap_err().to_string(),
        "xz cannot be written: give --compression none, gzip, lz4 or zstd"
    );
    let changes = Changes {
        compression: Some(qos_manifest::Compression::Gzip(9)),
        remove: vec![b"/d/l".to_vec()],
        put: vec![(b"d/f".to_vec(), b"new".to_vec()), (b"d/added".to_vec(), b"x".to_vec())],
    };
    let again = segments::read(&without(&changes).unwrap()).unwrap();
    assert_eq!((again[0].codec, table::names(&again).as_str()), (Codec::Gzip, "d\nd/f\nd/added\n"));
    assert_eq!(again[0].archives[0].entries[1].data, b"new");
    let gone = Changes { remove: vec![b"x".to_vec()], ..Changes::default() };
    assert_eq!(without(&gone).unwrap_err().to_string(), "/x is not in the image");
}
