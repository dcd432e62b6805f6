// SPDX-License-Identifier: MIT OR Apache-2.0
//! Numbers for new users and groups: the ranges of login.defs(5).

use qos_accounts::{Database, Defs, id};
use qos_command::Failure;
use std::collections::BTreeSet;

/// Where a number is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A person's, from UID_MIN (1000) to UID_MAX (60000), or GID_MIN and GID_MAX.
    Person,
    /// A service's, from SYS_UID_MIN (100) to SYS_UID_MAX (999), or SYS_GID_MIN and SYS_GID_MAX.
    System,
}

/// A number for a new user that no user has, and no group where `also_group`.
pub fn new_uid(database: &Database, defs: &Defs, kind: Kind, also_group: bool) -> Result<u32, Failure> {
    let mut used: BTreeSet<u32> = database.users.entries().map(|user| user.uid).collect();
    if also_group {
        used.extend(database.groups.entries().map(|group| group.gid));
    }
    let range = range(defs, kind, "UID");
    free(&used, range, kind).ok_or_else(|| none_left("user", range))
}

/// A number for a new group.
pub fn new_gid(database: &Database, defs: &Defs, kind: Kind) -> Result<u32, Failure> {
    let used = database.groups.entries().map(|group| group.gid).collect();
    let range = range(defs, kind, "GID");
    free(&used, range, kind).ok_or_else(|| none_left("group", range))
}

fn range(defs: &Defs, kind: Kind, which: &str) -> (u32, u32) {
    let (low, high) = match kind {
        Kind::Person => (defs.id(&format!("{which}_MIN"), 1000), defs.id(&format!("{which}_MAX"), 60_000)),
        Kind::System => {
            let below = defs.id(&format!("{which}_MIN"), 1000).saturating_sub(1);
            (defs.id(&format!("SYS_{which}_MIN"), 100), defs.id(&format!("SYS_{which}_MAX"), below))
        }
    };
    (low, high.min(id::NONE - 1))
}

/// One more than the highest number used, so that one which was given up is not used at once; if there is none, the
/// lowest free one. Services go downwards from the highest.
fn free(used: &BTreeSet<u32>, (low, high): (u32, u32), kind: Kind) -> Option<u32> {
    if low > high {
        return None;
    }
    if kind == Kind::System {
        return (low..=high).rev().find(|id| !used.contains(id));
    }
    let next = used.range(low..=high).next_back().map_or(Some(low), |highest| highest.checked_add(1));
    next.filter(|next| *next <= high).or_else(|| (low..=high).find(|id| !used.contains(id)))
}

fn none_left(kind: &str, (low, high): (u32, u32)) -> Failure {
    Failure::new(format!("no number is free for a {kind} from {low} to {high}; see login.defs(5)"))
        .with_status(4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        for (used, range, kind, expect) in [
            (&[0, 1][..], (1000, 1002), Kind::Person, Some(1000)),
            (&[1000, 5000], (1000, 60_000), Kind::Person, Some(5001)),
            (&[1000, 1002], (1000, 1002), Kind::Person, Some(1001)),
            (&[1000, 1001], (1000, 1001), Kind::Person, None),
            (&[999], (100, 999), Kind::System, Some(998)),
            (&[], (5, 4), Kind::System, None),
            (&[u32::MAX], (u32::MAX, u32::MAX), Kind::Person, None),
        ] {
            assert_eq!(free(&used.iter().copied().collect(), range, kind), expect, "{used:?} {range:?}");
        }
        let defs = Defs::parse(b"UID_MIN 2000\nSYS_GID_MAX 500\n");
        assert_eq!(range(&defs, Kind::Person, "UID"), (2000, 60_000));
        assert_eq!(range(&defs, Kind::System, "UID"), (100, 1999));
        assert_eq!(range(&defs, Kind::System, "GID"), (100, 500));
        let endless = Defs::parse(b"UID_MIN 4294967295\nUID_MAX 4294967295\nGID_MAX 4294967295\n");
        assert_eq!(range(&endless, Kind::Person, "UID"), (u32::MAX, u32::MAX - 1));
        assert_eq!(range(&endless, Kind::Person, "GID"), (1000, u32::MAX - 1));
    }
}
