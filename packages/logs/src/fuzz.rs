// SPDX-License-Identifier: MIT OR Apache-2.0
//! The parsers, for tools/fuzz.

use crate::codec::{Found, HEADER, Header, RECORD_MAX, Scan, end_of_records};
use crate::entry::{BYTES_MAX, FIELDS_MAX, is_name};
use crate::input::{kmsg, native, stdout, syslog};

/// Reads `data` as a segment. The parts that are found are the whole, one after the other; entries are encoded again and read back.
///
/// # Panics
/// When a property does not hold.
pub fn segment(data: &[u8]) {
    let header = Header::parse(data);
    let mut at = if header.is_some() { HEADER } else { 0 };
    for found in Scan::new(data) {
        match found {
            Found::Damage(range) => {
                assert!(range.start == at && range.end > at);
                at = range.end;
            }
            Found::Entry(range, entry) => {
                assert!(range.start == at && range.end > at);
                at = range.end;
                let mut bytes = Vec::new();
                header.clone().unwrap_or_default().encode_entry(&entry, &mut bytes);
                let header = header.clone().unwrap_or_default();
                let again: Vec<_> = Scan::from(&bytes, header, 0).collect();
                assert_eq!(again, [Found::Entry(0..bytes.len(), entry)]);
            }
        }
    }
    assert!(at == data.len() || data.len() < HEADER || header.is_some());
    let end = end_of_records(data);
    assert!(end <= data.len() && end_of_records(&data[..end]) == end);
    // Any bytes as contents of a record with the right checksum.
    if data.len() <= RECORD_MAX {
        let framed = crate::codec::frame(data);
        assert_eq!(Scan::from(&framed, Header::default(), 0).count(), 1);
    }
}

/// Reads `data` as what the sockets and the kernel's log give.
///
/// # Panics
/// When a property does not hold.
pub fn inputs(data: &[u8]) {
    for fields in [false, true].into_iter().flat_map(|is_cut| native::parse(data, is_cut)) {
        assert!(!fields.is_empty() && fields.len() <= FIELDS_MAX);
        assert!(fields.iter().all(|(name, _)| is_name(name.as_bytes()) && !name.starts_with('_')));
    }
    let mut entries = vec![syslog::parse(data)];
    entries.extend(kmsg::parse(data).map(|message| message.entry));
    for mut entry in entries {
        assert!(entry.level() < 8 && entry.get("MESSAGE").is_some_and(|text| text.len() <= data.len()));
        entry.bound();
        assert!(entry.fields.iter().map(|(_, value)| value.len()).sum::<usize>() <= BYTES_MAX + 1);
        let mut bytes = Vec::new();
        Header::default().encode_entry(&entry, &mut bytes);
        assert_eq!(
            Scan::from(&bytes, Header::default(), 0).next(),
            Some(Found::Entry(0..bytes.len(), entry))
        );
    }
    // However a stream is divided, its lines are the same.
    let mut whole = stdout::Stream::default();
    let mut divided = stdout::Stream::default();
    let expect = whole.feed(data);
    let mut lines = Vec::new();
    let found = data.chunks(7).try_for_each(|part| divided.feed(part).map(|found| lines.extend(found)));
    if let (Ok(expect), Ok(())) = (expect, found) {
        assert_eq!((expect, whole.end()), (lines, divided.end()));
    }
}
