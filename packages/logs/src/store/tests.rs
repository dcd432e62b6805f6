// SPDX-License-Identifier: MIT OR Apache-2.0
use super::*;
use crate::codec::{Found, Scan};

const SMALL: Limits = Limits { total: 256 << 10, segment: 16 << 10 };

fn origin(boot: u128) -> Origin {
    Origin { boot, host: "h".into() }
}

fn entry(number: u64) -> Entry {
    let mut entry = Entry::own(6, &format!("message {number}"));
    (entry.realtime, entry.monotonic) = (1000 + number, number);
    entry
}

/// The messages of all segments.
fn messages(directory: &Path) -> Vec<String> {
    let mut all = Vec::new();
    for segment in list(directory).unwrap() {
        let loaded = segment.load().unwrap();
        assert_eq!(loaded.error, None);
        all.extend(Scan::new(&loaded.data).filter_map(|found| match found {
            Found::Entry(_, entry) => entry.text("MESSAGE").map(|text| text.into_owned()),
            Found::Damage(_) => None,
        }));
    }
    all
}

fn expected(numbers: std::ops::Range<u64>) -> Vec<String> {
    numbers.map(|number| format!("message {number}")).collect()
}

#[test]
fn stays_over_restarts_and_boots() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a/b");
    for (boot, numbers) in [(1, 0..10), (1, 10..20), (2, 20..30)] {
        let mut store = Store::open(&path, SMALL, origin(boot)).unwrap();
        numbers.for_each(|number| store.append(entry(number)));
    }
    assert_eq!(messages(&path), expected(0..30));
    // A segment for each boot; that of the first is compressed.
    let segments = list(&path).unwrap();
    assert_eq!(
        segments.iter().map(|segment| (segment.number, segment.compressed)).collect::<Vec<_>>(),
        [(1, true), (2, false)]
    );
    assert_eq!(head(&segments[0]).unwrap().boot, 1);
    assert_eq!((head(&segments[1]).unwrap().boot, head(&segments[1]).unwrap().host), (2, "h".into()));
}

#[test]
fn rotates_and_stays_below_the_cap() {
    let directory = tempfile::tempdir().unwrap();
    let mut store = Store::open(directory.path(), SMALL, origin(1)).unwrap();
    let count = 60_000;
    for number in 0..count {
        store.append(entry(number));
        if number % 1000 == 0 {
            store.flush();
            assert!(usage(directory.path()).unwrap() <= SMALL.total);
        }
    }
    drop(store);
    let left = messages(directory.path());
    assert!(list(directory.path()).unwrap().len() > 8);
    assert!(left.len() < count as usize);
    // The newest ones are there, without a gap.
    assert_eq!(left, expected(count - left.len() as u64..count));
}

#[test]
fn a_torn_tail_is_cut() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    drop_all(path, 0..3);
    let file = path.join(segment::name(1));
    let whole = fs::read(&file).unwrap();
    let last = Scan::new(&whole).last();
    let Some(Found::Entry(range, _)) = last else { panic!("{last:?}") };
    for length in range.start..range.end {
        fs::write(&file, &whole[..length]).unwrap();
        drop_all(path, 3..4);
        assert_eq!(messages(path), ["message 0", "message 1", "message 3"], "{length}");
    }
    // Garbage of a crashed file system behind whole records.
    fs::write(&file, [&whole[..], &[0; 5000]].concat()).unwrap();
    drop_all(path, 3..4);
    assert_eq!(messages(path), expected(0..4));
    // A segment whose header is torn has nothing in it.
    for length in 0..codec::HEADER {
        fs::write(path.join(segment::name(9)), &whole[..length]).unwrap();
        drop_all(path, 4..5);
        assert_eq!(messages(path).last().unwrap(), "message 4");
        fs::remove_file(path.join(segment::name(10))).unwrap();
    }
}

/// Opens the log, adds entries and closes it.
fn drop_all(path: &Path, numbers: std::ops::Range<u64>) {
    let mut store = Store::open(path, SMALL, origin(1)).unwrap();
    numbers.for_each(|number| store.append(entry(number)));
}

#[test]
fn an_interrupted_compression_is_put_in_order() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    drop_all(path, 0..100);
    let segment = list(path).unwrap().remove(0);
    let data = fs::read(&segment.path).unwrap();
    compress(&segment).unwrap();
    assert_eq!(messages(path), expected(0..100));
    // Before the removal of the first file, and in the middle of writing the second one.
    fs::write(&segment.path, &data).unwrap();
    fs::write(path.join("0000000000000002.log.gz.part"), "x").unwrap();
    assert_eq!(messages(path), expected(0..100));
    drop_all(path, 100..101);
    assert_eq!(messages(path), expected(0..101));
    assert!(!segment.path.exists() && !path.join("0000000000000002.log.gz.part").exists());
}

#[test]
fn damage_in_a_compressed_segment() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    drop_all(path, 0..1000);
    compress(&list(path).unwrap()[0]).unwrap();
    let segment = list(path).unwrap().remove(0);
    let mut data = fs::read(&segment.path).unwrap();
    let half = data.len() / 2;
    data.truncate(half);
    fs::write(&segment.path, &data).unwrap();
    let loaded = segment.load().unwrap();
    assert!(loaded.error.is_some());
    assert!(Scan::new(&loaded.data).count() > 100);
}

#[test]
fn kernel_messages_are_continued() {
    let directory = tempfile::tempdir().unwrap();
    let mut store = Store::open(directory.path(), SMALL, origin(1)).unwrap();
    assert_eq!(store.last_kernel_message(), None);
    for number in [5_u64, 7] {
        let mut entry = entry(number);
        entry.set("_KMSG_SEQ", number.to_string());
        store.append(entry);
    }
    store.append(entry(8));
    store.rotate();
    store.append(entry(9));
    store.flush();
    assert_eq!(store.last_kernel_message(), Some(7));
    drop(store);
    let store = Store::open(directory.path(), SMALL, origin(2)).unwrap();
    assert_eq!(store.last_kernel_message(), None);
}

#[test]
fn limits() {
    assert_eq!(Limits::of(0), Limits { total: 256 << 10, segment: 32 << 10 });
    assert_eq!(Limits::of(1 << 40), Limits { total: 1 << 40, segment: 4 << 20 });
    assert!(Limits::by_space(Path::new("/")).total <= 64 << 20);
}
