// SPDX-License-Identifier: MIT OR Apache-2.0
//! Kernel modules: the contents of `.modinfo`.

use crate::codec::{self, Codec};
use crate::error::Error;
use crate::facts::Facts;
use crate::{elf, signature};
use qos_tree::path::show;
use qos_tree::{Content, Tree};
use std::collections::BTreeMap;

/// The fields of a module's `.modinfo`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModInfo {
    /// Its name, with `_`.
    pub name: String,
    /// The modules that it needs, with `_`.
    pub depends: Vec<String>,
    /// The kernel release that it is built for: the first word of `vermagic`.
    pub release: String,
    /// All of `vermagic`: release and options of the kernel.
    pub vermagic: String,
    /// The patterns of devices that it is loaded for.
    pub aliases: Vec<String>,
    /// Its soft dependencies: `pre: NAME… post: NAME…`.
    pub softdeps: Vec<String>,
}

/// A module's name as the kernel has it: `qos-exit.ko.zst` is `qos_exit`.
pub fn module_name(file_name: &str) -> Option<String> {
    let (name, ending) = file_name.split_once(".ko")?;
    matches!(ending, "" | ".gz" | ".xz" | ".zst").then(|| name.replace('-', "_"))
}

/// Reads the `.modinfo` of the module `file_name` with this content.
///
/// # Errors
///
/// Why it is no kernel module for x86_64.
pub fn modinfo(file_name: &str, data: &[u8]) -> Result<ModInfo, String> {
    if !elf::is_elf(data) {
        return Err("not an ELF file, so no kernel module".to_owned());
    }
    let elf = elf::read(data)?;
    let first = |key: &str| elf.modinfo.get(key).and_then(|values| values.first()).cloned();
    let Some(vermagic) = first("vermagic") else {
        return Err("has no vermagic in .modinfo, so it is no kernel module".to_owned());
    };
    let name = first("name").or_else(|| module_name(file_name)).unwrap_or_default();
    let depends = first("depends").unwrap_or_default();
    Ok(ModInfo {
        name: name.replace('-', "_"),
        depends: depends.split(',').filter(|d| !d.is_empty()).map(|d| d.replace('-', "_")).collect(),
        release: vermagic.split_whitespace().next().unwrap_or_default().to_owned(),
        vermagic: vermagic.clone(),
        aliases: elf.modinfo.get("alias").cloned().unwrap_or_default(),
        softdeps: elf.modinfo.get("softdep").cloned().unwrap_or_default(),
    })
}

/// The info of the modules in a tree, by release and path below `lib/modules/RELEASE`, wherever links put that.
#[must_use]
pub fn modules_of(tree: &Tree) -> BTreeMap<String, BTreeMap<String, Result<ModInfo, String>>> {
    let mut all: BTreeMap<String, BTreeMap<String, Result<ModInfo, String>>> = BTreeMap::new();
    let folder = tree.resolve("lib/modules").unwrap_or_else(|_| b"lib/modules".to_vec());
    let folder = show(&folder).into_owned() + "/";
    for (path, _) in tree.iter() {
        let shown = show(path);
        let below = shown.strip_prefix(&folder).or_else(|| shown.strip_prefix("usr/lib/modules/"));
        let Some((release, below)) = below.and_then(|b| b.split_once('/')) else { continue };
        let name = below.rsplit('/').next().unwrap_or(below);
        if module_name(name).is_none() {
            continue;
        }
        let info = match tree.content(path).map(Content::read).transpose() {
            Ok(bytes) => unpacked(&bytes.unwrap_or_default()).and_then(|bytes| modinfo(name, &bytes)),
            Err(error) => Err(format!("cannot be read: {error}")),
        };
        all.entry(release.to_owned()).or_default().insert(below.to_owned(), info);
    }
    all
}

/// The module in a file, which may be compressed.
///
/// # Errors
///
/// Why it cannot be decompressed.
pub fn unpacked(bytes: &[u8]) -> Result<std::borrow::Cow<'_, [u8]>, String> {
    match Codec::detect(bytes) {
        None => Ok(bytes.into()),
        Some(codec) => match codec::decompress(bytes, codec) {
            Ok((data, _)) => Ok(data.into()),
            Err(error) => Err(format!("cannot be unpacked: {error}")),
        },
    }
}

/// Adds the facts of a module, as modinfo(8) shows them: `.modinfo` as it is, then the signature.
pub(crate) fn facts(bytes: &[u8], facts: &mut Facts) -> Result<(), Error> {
    let elf = elf::read(bytes).map_err(Error::new)?;
    if elf.modinfo.is_empty() {
        return Err(Error::new("an object file without .modinfo, so no kernel module"));
    }
    const FIRST: [&str; 12] = [
        "name",
        "version",
        "description",
        "author",
        "license",
        "vermagic",
        "srcversion",
        "intree",
        "retpoline",
        "depends",
        "softdep",
        "firmware",
    ];
    let rest = elf.modinfo.keys().map(String::as_str).filter(|key| !FIRST.contains(key));
    for key in FIRST.into_iter().chain(rest) {
        let values = elf.modinfo.get(key).map(Vec::as_slice).unwrap_or_default();
        values.iter().for_each(|value| facts.add(key, value));
    }
    facts.add(
        "symbol versions",
        match elf.versions {
            0 => "none: built without CONFIG_MODVERSIONS".to_owned(),
            count => format!("{count} imported symbols have a CRC"),
        },
    );
    match signature::read(bytes).map_err(Error::new)? {
        None => facts.add("signature", "none"),
        Some(signature) => {
            facts.add("signature", format!("PKCS#7, {} bytes at byte {}", signature.len, signature.offset));
            facts.add_some("signer", signature.signer);
            facts.add_some("sig_key", signature.key);
            facts.add_some("sig_hashalgo", signature.hash);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (file, name) in [
            ("qos-exit.ko", Some("qos_exit")),
            ("ext4.ko.zst", Some("ext4")),
            ("ext4.ko.xz", Some("ext4")),
            ("ext4.kox", None),
            ("ext4", None),
        ] {
            assert_eq!(module_name(file).as_deref(), name, "{file}");
        }
    }
}
