// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether a version of a crate was yanked, from the copy of the registry's index that cargo keeps.
//!
//! Cargo writes `registry/index/REGISTRY/.cache/PREFIX/NAME` below its home when it resolves or fetches crates. The file has a
//! header and then, for each version, its number and its line of the index, which is JSON, each with a NUL at its end
//! (cargo, `src/cargo/sources/registry/index/cache.rs`). The format is cargo's own, so only what is certain is taken from it.

use serde_json::Value;

/// The path of a crate's file below `.cache`, as the Cargo Book has it ("Registry Index", "Index files"). `None` if the name is not
/// one of a crate.
pub fn path(name: &str) -> Option<String> {
    if name.is_empty()
        || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    {
        return None;
    }
    let name = name.to_ascii_lowercase();
    Some(match name.len() {
        1 => format!("1/{name}"),
        2 => format!("2/{name}"),
        3 => format!("3/{}/{name}", &name[..1]),
        _ => format!("{}/{}/{name}", &name[..2], &name[2..4]),
    })
}

/// Whether this version of the crate was yanked when cargo wrote the file. `None` if the file does not say.
pub fn is_yanked(file: &[u8], version: &str) -> Option<bool> {
    let lines = file.split(|byte| *byte == 0).filter(|part| part.first() == Some(&b'{'));
    let entries = lines.filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    entries.filter(|entry| entry["vers"] == version).find_map(|entry| entry["yanked"].as_bool())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_the_index() {
        for (name, expect) in [
            ("a", Some("1/a")),
            ("ab", Some("2/ab")),
            ("lru", Some("3/l/lru")),
            ("Serde", Some("se/rd/serde")),
            ("../x", None),
            ("é", None),
            ("", None),
        ] {
            assert_eq!(path(name).as_deref(), expect, "{name}");
        }
    }

    #[test]
    fn versions_of_a_file() {
        let file = b"\x03\x02\0\0\0etag: x\x001.0.0\0{\"vers\":\"1.0.0\",\"yanked\":true}\0\
                     1.0.1\0{\"vers\":\"1.0.1\",\"yanked\":false}\x001.0.2\0{\"vers\":\"1.0.2\"}\0";
        for (version, expect) in
            [("1.0.0", Some(true)), ("1.0.1", Some(false)), ("1.0.2", None), ("1.0.3", None)]
        {
            assert_eq!(is_yanked(file, version), expect, "{version}");
        }
        for end in 0..file.len() {
            let cut = is_yanked(&file[..end], "1.0.0");
            assert!(cut.is_none() || cut == Some(true), "{end}");
        }
        assert_eq!(is_yanked(b"\0{\"vers\":\"1\",\"yanked\":\"\xff\"}\0{}\0{[", "1"), None);
    }
}
