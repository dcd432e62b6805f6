// SPDX-License-Identifier: MIT OR Apache-2.0
//! The figures of an image: their names, units, and where they come from.

use qos_bootdiff::listing::Listing;
use qos_bootdiff::manifest::Manifest;
use qos_bootdiff::units::Unit;
use qos_bootlog::cost::Cost;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::Path;

/// The figures of an image at a commit. What is not known is left out of the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Figures {
    /// Instructions of the golden boot to the start of `/init`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_init: Option<u64>,
    /// To the first line of the main program: the prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_session: Option<u64>,
    /// To the end of the boot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_power_off: Option<u64>,
    /// Bytes of the kernel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kernel: Option<u64>,
    /// Bytes of the initramfs, compressed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initramfs: Option<u64>,
    /// Bytes of the initramfs without compression.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unpacked: Option<u64>,
    /// The least memory with which the golden machine boots, in MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<u64>,
}

/// One of the figures.
pub struct Figure {
    /// Its title.
    pub title: &'static str,
    /// What it is counted in.
    pub unit: Unit,
    /// Its value.
    pub of: fn(&Figures) -> Option<u64>,
}

/// All of them, in the order of the page.
pub const ALL: [Figure; 7] = [
    Figure { title: "cost to /init", unit: Unit::Instructions, of: |figures| figures.to_init },
    Figure { title: "cost to the session", unit: Unit::Instructions, of: |figures| figures.to_session },
    Figure { title: "cost to power-off", unit: Unit::Instructions, of: |figures| figures.to_power_off },
    Figure { title: "size of the kernel", unit: Unit::Bytes, of: |figures| figures.kernel },
    Figure { title: "size of the initramfs", unit: Unit::Bytes, of: |figures| figures.initramfs },
    Figure { title: "size of the initramfs, unpacked", unit: Unit::Bytes, of: |figures| figures.unpacked },
    Figure { title: "least memory", unit: Unit::Mebibytes, of: |figures| figures.memory },
];

impl Figures {
    /// The figures from a directory as `qos-bootdiff` reads them: `boot.log`, `manifest.json` and `listing`. Which of them are missing is
    /// left out; all must not be.
    ///
    /// # Errors
    ///
    /// One line: the file that cannot be read or is invalid, and why.
    pub fn of(folder: &Path) -> Result<Self, String> {
        let log = read(folder, "boot.log")?;
        let manifest = parsed(folder, "manifest.json", Manifest::parse)?;
        let listing = parsed(folder, "listing", Listing::parse)?;
        if log.is_none() && manifest.is_none() && listing.is_none() {
            return Err(format!("{} has none of boot.log, manifest.json and listing", folder.display()));
        }
        let cost = log.map(|log| Cost::of(&qos_bootlog::parse(&log))).unwrap_or_default();
        if cost.phases.is_empty() && folder.join("boot.log").exists() {
            return Err(format!("{} has no time stamp of a kernel", folder.join("boot.log").display()));
        }
        let size = |is: fn(&str) -> bool| {
            let files = &manifest.as_ref()?.files;
            files.iter().find(|(name, _)| is(name)).map(|(_, file)| file.size)
        };
        Ok(Self {
            to_init: cost.to_init,
            to_session: cost.to_session,
            to_power_off: cost.to_power_off,
            kernel: size(|name| name == "bzImage"),
            initramfs: size(|name| name.starts_with("initramfs")),
            unpacked: listing.map(|listing| listing.unpacked),
            memory: None,
        })
    }

    /// These, and of `older` those that are not known here.
    #[must_use]
    pub fn or(self, older: Self) -> Self {
        Self {
            to_init: self.to_init.or(older.to_init),
            to_session: self.to_session.or(older.to_session),
            to_power_off: self.to_power_off.or(older.to_power_off),
            kernel: self.kernel.or(older.kernel),
            initramfs: self.initramfs.or(older.initramfs),
            unpacked: self.unpacked.or(older.unpacked),
            memory: self.memory.or(older.memory),
        }
    }
}

fn read(folder: &Path, name: &str) -> Result<Option<Vec<u8>>, String> {
    let path = folder.join(name);
    match fs::read(&path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("cannot read {}: {error}", path.display())),
    }
}

fn parsed<T>(folder: &Path, name: &str, parse: fn(&str) -> Result<T, String>) -> Result<Option<T>, String> {
    let Some(bytes) = read(folder, name)? else { return Ok(None) };
    let text = String::from_utf8_lossy(&bytes);
    parse(&text).map(Some).map_err(|why| format!("{}: {why}", folder.join(name).display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_the_results_of_a_build() {
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../bootdiff/tests/data");
        let figures = Figures::of(&data.join("base")).expect("figures");
        assert_eq!(
            figures,
            Figures {
                to_init: Some(328_614_000),
                to_session: Some(336_364_000),
                to_power_off: Some(366_154_000),
                kernel: Some(4_014_080),
                initramfs: Some(4_788_224),
                unpacked: Some(14_802_944),
                memory: None,
            }
        );
        // A boot without an image.
        let folder = qos_host::testing::Folder::temporary();
        folder.write("boot.log", &std::fs::read_to_string(data.join("base/boot.log")).expect("a boot log"));
        let boot = Figures::of(&folder.path("")).expect("figures");
        assert_eq!((boot.to_session, boot.kernel), (Some(336_364_000), None));
        let none = Figures::of(&data.join("linux")).expect_err("none");
        assert!(none.ends_with("has none of boot.log, manifest.json and listing"), "{none}");
    }

    #[test]
    fn invalid_files_are_named() {
        let folder = qos_host::testing::Folder::temporary();
        for (name, text, why) in [
            ("boot.log", "", "boot.log has no time stamp of a kernel"),
            ("manifest.json", "{", "manifest.json: EOF while parsing"),
            ("listing", "x", "listing: line 1: "),
        ] {
            folder.write(name, text);
            let error = Figures::of(&folder.path("")).expect_err(name);
            assert!(error.contains(why), "{error}");
            fs::remove_file(folder.path(name)).expect("removed");
        }
    }
}
