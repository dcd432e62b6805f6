// SPDX-License-Identifier: MIT OR Apache-2.0
//! Identifiers that depend on contents only: UUIDs of documents, and names of elements within a document.

use sha1::{Digest, Sha1};
use std::collections::BTreeSet;
use uuid::{Builder, Uuid, uuid};

/// The name space of the UUIDs of qos's bills of materials.
const NAMESPACE: Uuid = uuid!("3d1c4c4e-9b0f-4d52-8a5e-0f6f1a7c2b64");

/// The UUID of a document: version 5 (RFC 9562, section 5.5) of its bytes without the UUID.
#[must_use]
pub fn uuid_of(document: &[u8]) -> Uuid {
    let hash = Sha1::new().chain_update(NAMESPACE.as_bytes()).chain_update(document).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    Builder::from_sha1_bytes(bytes).into_uuid()
}

/// Gives out identifiers of SPDX elements: `SPDXRef-` and letters, digits, `.` and `-` (clause 7.2 of SPDX 2.3).
#[derive(Debug, Default)]
pub struct Ids {
    used: BTreeSet<String>,
}

impl Ids {
    /// An identifier for this name. Names that differ only in other characters get a number, in the order of the calls.
    pub fn next(&mut self, name: &str) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
        let first = format!("SPDXRef-{}", name.chars().map(plain).collect::<String>());
        let mut id = first.clone();
        let mut count = 1;
        while !self.used.insert(id.clone()) {
            count += 1;
            id = format!("{first}-{count}");
        }
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_are_of_version_5_and_depend_on_the_content() {
        let uuid = uuid_of(b"a");
        assert_eq!(uuid.get_version_num(), 5);
        assert_eq!(uuid, uuid_of(b"a"));
        assert_ne!(uuid, uuid_of(b"b"));
    }

    #[test]
    fn identifiers_are_valid_and_unique() {
        let mut ids = Ids::default();
        for (name, expect) in [
            ("crate-uu_cat-0.12.0", "SPDXRef-crate-uu-cat-0.12.0"),
            ("crate-uu-cat-0.12.0", "SPDXRef-crate-uu-cat-0.12.0-2"),
            ("crate-uu_cat-0.12.0-2", "SPDXRef-crate-uu-cat-0.12.0-2-2"),
            ("crate-uu+cat-0.12.0", "SPDXRef-crate-uu-cat-0.12.0-3"),
            ("file-/bin/[", "SPDXRef-file--bin--"),
            ("file-/etc/ä", "SPDXRef-file--etc--"),
        ] {
            assert_eq!(ids.next(name), expect, "{name}");
        }
    }
}
