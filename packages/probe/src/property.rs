// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tags as properties of udev: `ID_FS_…`, `ID_PART_…`, as `blkid -o udev` prints them.

use crate::{encode, safe};

/// The properties of a tag: one, or two where a value is also there with its special characters encoded.
#[must_use]
pub fn of_tag(tag: &str, value: &[u8]) -> Vec<(String, Vec<u8>)> {
    let one = |name: String, value: Vec<u8>| vec![(name, value)];
    match tag {
        "UUID" | "UUID_SUB" | "LABEL" | "LABEL_FATBOOT" | "LABEL_SUB" => {
            vec![(format!("ID_FS_{tag}"), safe(value)), (format!("ID_FS_{tag}_ENC"), encode(value))]
        }
        "PTUUID" => one("ID_PART_TABLE_UUID".to_owned(), value.to_vec()),
        "PTTYPE" => one("ID_PART_TABLE_TYPE".to_owned(), value.to_vec()),
        "PART_ENTRY_NAME" | "PART_ENTRY_TYPE" => one(format!("ID_{tag}"), encode(value)),
        _ if tag.starts_with("PART_ENTRY_") => one(format!("ID_{tag}"), value.to_vec()),
        "TYPE" | "VERSION" => one(format!("ID_FS_{tag}"), encode(value)),
        _ if tag.ends_with("_ID") => one(format!("ID_FS_{tag}"), encode(value)),
        _ => one(format!("ID_FS_{tag}"), value.to_vec()),
    }
}
