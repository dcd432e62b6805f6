// SPDX-License-Identifier: MIT OR Apache-2.0
use super::*;

fn header() -> Header {
    Header { boot: 7, realtime: 1_000_000, monotonic: 500, number: 3, host: "host".into() }
}

fn entry(text: &str) -> Entry {
    let mut entry = Entry::own(5, text);
    (entry.realtime, entry.monotonic) = (1_000_000 + text.len() as u64, 400);
    entry.fields.push((Cow::Owned("OTHER_1".into()), vec![0, 0xfe, 0x51, b'\n']));
    entry
}

/// A segment of three entries, and where their records begin and end.
fn segment() -> (Vec<u8>, Vec<Entry>, Vec<usize>) {
    let entries = vec![entry("one"), entry(""), entry(&"three".repeat(50))];
    let mut data = header().encode();
    let mut ends = vec![data.len()];
    for entry in &entries {
        header().encode_entry(entry, &mut data);
        ends.push(data.len());
    }
    (data, entries, ends)
}

fn entries(data: &[u8]) -> Vec<Entry> {
    Scan::new(data)
        .filter_map(|found| if let Found::Entry(_, entry) = found { Some(entry) } else { None })
        .collect()
}

#[test]
fn what_is_written_is_read() {
    let (data, expect, ends) = segment();
    assert_eq!(Header::parse(&data), Some(header()));
    assert_eq!(entries(&data), expect);
    assert_eq!(end_of_records(&data), ends[3]);
    let long = Header { host: "h".repeat(80), ..header() };
    assert_eq!(Header::parse(&long.encode()).unwrap().host.len(), 64);
}

#[test]
fn a_record_of_a_later_version_at_the_end_is_kept() {
    let (mut data, _, ends) = segment();
    data.extend(frame(&[0xff; 20]));
    let whole = data.len();
    assert_eq!(end_of_records(&data), whole);
    // What is in front of it is damage, and what follows is torn.
    data[ends[2]] ^= 1;
    data.extend(&frame(b"torn")[..8]);
    assert_eq!(end_of_records(&data), whole);
    assert_eq!(end_of_records(&data[..whole - 1]), ends[2]);
}

#[test]
fn numbers() {
    for number in [0, 1, 127, 128, 300, u64::MAX - 1, u64::MAX] {
        let mut out = Vec::new();
        put(&mut out, number);
        assert_eq!(take(&mut out.as_slice()), Some(number));
        for base in [0, 5, u64::MAX] {
            let mut out = Vec::new();
            put_difference(&mut out, number, base);
            assert_eq!(take_difference(&mut out.as_slice(), base), Some(number), "{number} {base}");
        }
    }
    assert_eq!(take(&mut [0xff; 11].as_slice()), None);
    assert_eq!(take(&mut [].as_slice()), None);
}

#[test]
fn a_tail_torn_at_every_byte() {
    let (data, expect, ends) = segment();
    for length in 0..=data.len() {
        let whole = ends.iter().filter(|end| **end <= length).count().saturating_sub(1);
        let torn = &data[..length];
        if length >= HEADER {
            assert_eq!(entries(torn), expect[..whole], "{length}");
        }
        assert_eq!(end_of_records(torn), ends[whole].min(length), "{length}");
    }
}

#[test]
fn a_changed_byte_loses_one_record() {
    let (data, expect, ends) = segment();
    for at in HEADER..data.len() {
        let mut damaged = data.clone();
        damaged[at] ^= 0x10;
        let lost = ends.iter().filter(|end| **end <= at).count() - 1;
        let mut left = expect.clone();
        left.remove(lost);
        assert_eq!(entries(&damaged), left, "{at}");
        // Nothing behind the damage is cut.
        let end = if lost == 2 { ends[2] } else { ends[3] };
        assert_eq!(end_of_records(&damaged), end, "{at}");
    }
}

#[test]
fn a_damaged_header_keeps_the_messages() {
    let (mut data, expect, _) = segment();
    data[9] ^= 1;
    let found = entries(&data);
    assert_eq!(found.len(), 3);
    assert_eq!(found[2].get("MESSAGE"), expect[2].get("MESSAGE"));
}

#[test]
fn hostile_data_takes_bounded_time() {
    // Each pair of bytes looks like the beginning of a long record.
    let mut data = header().encode();
    while data.len() < 2 << 20 {
        data.extend([0xfe, 0x51, 0xfe, 0x51, 0x08, 0x00]);
    }
    let start = std::time::Instant::now();
    assert!(entries(&data).is_empty());
    assert!(start.elapsed().as_secs() < 10);
}

#[test]
fn a_record_that_is_not_understood_is_skipped() {
    let (mut data, expect, ends) = segment();
    // A code that no field has yet, with the right checksum.
    let contents = [0, 0, 1, 255, 0];
    data.extend(SYNC);
    data.extend(5_u32.to_le_bytes());
    data.extend(checksum(5, &contents).to_le_bytes());
    data.extend(contents);
    header().encode_entry(&expect[0], &mut data);
    assert_eq!(entries(&data).len(), 4);
    assert!(Scan::new(&data).any(|found| found == Found::Damage(ends[3]..ends[3] + 15)));
}
