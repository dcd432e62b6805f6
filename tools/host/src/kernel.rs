// SPDX-License-Identifier: MIT OR Apache-2.0
//! The configurations of the kernel: the image's, those of its variants (`kernel/variants/NAME.config`), and those of the kernels
//! with long-term support.

use crate::root;
use crate::ui::Result;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The kernels with long-term support, by name: `kernel/NAME` has what differs, and the image, the check, and the tree of the
/// toolchain with the source go by the name too.
pub const LONG_TERM: [&str; 2] = ["lts", "lts-6_12"];

/// The tree of the toolchain with the source of a kernel with long-term support.
pub fn tree(name: &str) -> String {
    format!("linux-{name}")
}

/// One configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Configuration {
    /// The image's.
    Image,
    /// A variant's, by its name.
    Variant(String),
    /// That of one of [`LONG_TERM`].
    LongTerm(&'static str),
}

impl Configuration {
    /// The image's first, then the variants by name: those of the source that is there anyway.
    ///
    /// # Errors
    ///
    /// The folder of variants cannot be read.
    pub fn all() -> Result<Vec<Self>> {
        let folder = root::root().join("kernel/variants");
        let cannot = |error| format!("cannot read {}: {error}", folder.display());
        let files = match fs::read_dir(&folder) {
            Ok(entries) => entries
                .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
                .collect::<std::io::Result<Vec<_>>>()
                .map_err(cannot)?,
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(cannot(error).into()),
        };
        Ok(of(&files))
    }

    /// `NAME` of the image's kernel, `NAME-VARIANT` of a variant, `NAME-lts` and so on: how the flake calls what belongs to it.
    pub fn attribute(&self, name: &str) -> String {
        match self {
            Configuration::Image => name.to_owned(),
            Configuration::Variant(variant) => format!("{name}-{variant}"),
            Configuration::LongTerm(kernel) => format!("{name}-{kernel}"),
        }
    }

    /// The reviewed file, from the repository's root.
    pub fn reviewed(&self) -> PathBuf {
        match self {
            Configuration::Image => Path::new("kernel/resolved.config").into(),
            Configuration::LongTerm(kernel) => Path::new("kernel").join(kernel).join("resolved.config"),
            Configuration::Variant(variant) => {
                Path::new("kernel/variants").join(format!("{variant}.resolved.config"))
            }
        }
    }
}

/// The configurations, given the names of the files in the folder of variants.
fn of(files: &[String]) -> Vec<Configuration> {
    let variant = |file: &String| Some(file.strip_suffix(".config")?.to_owned());
    let mut variants: Vec<_> =
        files.iter().filter_map(variant).filter(|name| !name.ends_with(".resolved")).collect();
    variants.sort();
    std::iter::once(Configuration::Image).chain(variants.into_iter().map(Configuration::Variant)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variant_is_a_fragment() {
        let check = |files: &[&str], expect: &[&str]| {
            let files: Vec<_> = files.iter().map(|&file| file.to_owned()).collect();
            let found: Vec<_> = of(&files).iter().map(|one| one.attribute("kernel")).collect();
            assert_eq!(found, expect, "{files:?}");
        };
        check(&[], &["kernel"]);
        check(&["README.md"], &["kernel"]);
        check(&["debug.resolved.config", "debug.config"], &["kernel", "kernel-debug"]);
        check(&["b.config", "a.config"], &["kernel", "kernel-a", "kernel-b"]);
    }

    #[test]
    fn each_has_a_reviewed_file() {
        let files = ["debug.config".to_owned()];
        let reviewed: Vec<_> = of(&files).iter().map(Configuration::reviewed).collect();
        assert_eq!(
            reviewed,
            ["kernel/resolved.config", "kernel/variants/debug.resolved.config"].map(PathBuf::from)
        );
        let long_term = Configuration::LongTerm("lts-6_12");
        assert_eq!(long_term.reviewed(), Path::new("kernel/lts-6_12/resolved.config"));
        assert_eq!(long_term.attribute("resolved-config"), "resolved-config-lts-6_12");
    }
}
