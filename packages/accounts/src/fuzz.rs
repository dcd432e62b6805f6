// SPDX-License-Identifier: MIT OR Apache-2.0
//! The parsers, for tools/fuzz.

use crate::{Defs, Entry, Group, GroupShadow, Shadow, Table, User};

/// Reads `text` as each of the files. Written again it is the same; a change touches one line; what a program can give as
/// a new entry is read back as it was.
///
/// # Panics
/// When a property does not hold.
pub fn files(text: &[u8]) {
    table::<User>(text);
    table::<Shadow>(text);
    table::<Group>(text);
    table::<GroupShadow>(text);
    for shadow in Table::<Shadow>::parse(text).entries() {
        for today in [0, 20_000, i64::MAX] {
            let _ = (shadow.aging(today), shadow.is_too_young(today));
        }
        let _ = crate::hash::is_known(&shadow.password);
        let date = crate::date::text(shadow.expires.unwrap_or(0).clamp(-1 << 40, 1 << 40));
        let _ = crate::date::parse(&date);
    }
    let mut defs = Defs::parse(text);
    assert_eq!(defs.write(), text);
    let _ = (defs.number("UID_MIN", 1), defs.is_yes("USERGROUPS_ENAB", true));
    defs.set("UID_MIN", "12");
    assert_eq!(defs.number("UID_MIN", 1), 12);
    assert!(defs.write().len() <= text.len() + 12);
}

fn table<E: Entry>(text: &[u8]) {
    let table = Table::<E>::parse(text);
    assert_eq!(table.write(), text);
    let Some(first) = table.entries().next().cloned() else { return };
    let name = first.name().to_owned();
    // A change of nothing changes no byte; removed and added again, the entry has the same fields.
    let mut same = table.clone();
    assert!(same.update(&name, |_| {}).is_ok_and(|found| found));
    assert_eq!(same.write(), text);
    let mut moved = table.clone();
    assert!(moved.remove(&name) && moved.get(&name).is_none());
    moved.add(first.clone()).unwrap();
    let again = Table::<E>::parse(&moved.write());
    assert_eq!(again.get(&name).map(Entry::fields), Some(first.fields()));
}
