// SPDX-License-Identifier: MIT OR Apache-2.0
//! The start of a boot: the tree that the kernel unpacks, its first program, and the modules that it loads.

use crate::check::{Finding, LINE, MAX_INTERPRETERS, Severity};
use crate::codec::Codec;
use crate::elf::{self, Elf};
use crate::error::Error;
use crate::module::modules_of;
use crate::segments::Segment;
use crate::{diff, kernel};
use qos_tree::Tree;
use qos_tree::path::show;
use std::collections::BTreeSet;

/// The properties of a kernel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kernel {
    /// `uname -r`.
    pub release: String,
    /// `vermagic` of the modules that it loads.
    pub vermagic: Option<String>,
    /// Its configuration, if that is in it.
    pub config: Option<String>,
}

impl Kernel {
    /// Reads an uncompressed kernel.
    ///
    /// # Errors
    ///
    /// It has no banner.
    pub fn read(vmlinux: &[u8]) -> Result<Kernel, Error> {
        let banner =
            kernel::banner(vmlinux).ok_or_else(|| Error::new("no kernel: there is no \"Linux version\""))?;
        Ok(Kernel {
            vermagic: kernel::vermagic(vmlinux, &banner.release),
            config: kernel::config(vmlinux).ok().map(|config| String::from_utf8_lossy(&config).into_owned()),
            release: banner.release,
        })
    }
}

/// Tells of what this kernel does not unpack, run or load. Options are looked at if its configuration is known.
#[must_use]
pub fn by_kernel(tree: &Tree, segments: &[Segment], kernel: &Kernel) -> Vec<Finding> {
    let mut messages = BTreeSet::new();
    if let Some(config) = &kernel.config {
        let set = diff::options(config);
        let mut needed: Vec<(&str, &str)> = vec![("CONFIG_BLK_DEV_INITRD", "unpack an initramfs")];
        needed.extend(
            segments.iter().filter_map(|s| Some((s.codec.kernel_option()?, "unpack a segment of the image"))),
        );
        for (option, verb) in needed {
            if set.get(option) != Some(&"y") {
                messages.insert(format!(
                    "the kernel {} cannot {verb}: it is built without {option}",
                    kernel.release
                ));
            }
        }
    }
    for (release, modules) in modules_of(tree) {
        for (path, info) in &modules {
            let (Ok(info), Some(wanted)) = (info, &kernel.vermagic) else { continue };
            if !same_magic(&info.vermagic, wanted) {
                messages.insert(format!(
                    "/lib/modules/{release}/{path}: version magic '{}' should be '{}': the kernel refuses the module",
                    info.vermagic.trim_end(),
                    wanted.trim_end()
                ));
            }
        }
    }
    messages.into_iter().map(|message| Finding { severity: Severity::Error, message }).collect()
}

/// As `same_magic()` in the kernel's `kernel/module/version.c`: with checksums of symbols the release does not count.
fn same_magic(module: &str, kernel: &str) -> bool {
    let flags = |text: &str| text.split_once(' ').map_or("", |(_, flags)| flags).trim_end().to_owned();
    match kernel.split_whitespace().any(|word| word == "modversions") {
        true => flags(module) == flags(kernel),
        false => module.trim_end() == kernel.trim_end(),
    }
}

/// Reports what no kernel unpacks: archives in formats other than newc, and unsupported compressions.
#[must_use]
pub fn formats(segments: &[Segment]) -> Vec<Finding> {
    let error = |message| Finding { severity: Severity::Error, message };
    let mut findings = Vec::new();
    for (n, segment) in segments.iter().enumerate() {
        let place = format!("segment {} at byte {}", n + 1, segment.offset);
        if segment.codec != Codec::None && segment.codec.kernel_option().is_none() {
            findings.push(error(format!("{place}: no kernel unpacks {}", segment.codec.name())));
        }
        for archive in segment.archives.iter().filter(|archive| !archive.format.is_for_kernel()) {
            let format = archive.format.name();
            findings.push(error(format!(
                "{place}: an archive in the format {format}; the kernel reads newc only: write it with cpio -H newc"
            )));
        }
    }
    findings
}

/// The way from `rdinit` to the program that runs: links, then interpreters of scripts, then the loader, a line for each.
#[must_use]
pub fn first_program(tree: &Tree, rdinit: &str) -> String {
    let mut out = String::new();
    let mut path = rdinit.to_owned();
    for _ in 0..=MAX_INTERPRETERS {
        let Ok(at) = tree.resolve(&path) else { break };
        let Some(content) = tree.content(&at) else { break };
        let link = if at == path.trim_start_matches('/').as_bytes() {
            String::new()
        } else {
            format!(" -> /{}", show(&at))
        };
        let head = content.start(LINE).unwrap_or_default();
        let (what, next) = if elf::is_elf(&head) {
            match content.read().map_err(|e| e.to_string()).and_then(|data| elf::read(&data)) {
                Ok(Elf { interpreter: Some(loader), .. }) => {
                    (format!("dynamic program, loader {loader}"), None)
                }
                Ok(_) => ("static program".to_owned(), None),
                Err(why) => (why, None),
            }
        } else if let Some(line) = head.strip_prefix(b"#!") {
            let line = line.split(|b| *b == b'\n').next().unwrap_or_default();
            let line = String::from_utf8_lossy(line).trim().to_owned();
            let next = line.split_whitespace().next().map(str::to_owned);
            (format!("script of {line}"), next)
        } else {
            ("neither a program nor a script".to_owned(), None)
        };
        let mode = tree.inode(&at).map_or(0, |node| node.mode);
        let verb = if out.is_empty() { "first program" } else { "interpreter" };
        out.push_str(&format!("{verb}: {path}{link}: mode {mode:04o}, {what}\n"));
        match next {
            Some(next) => path = next,
            None => break,
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn magic() {
        for (module, kernel, same) in [
            ("6.1 SMP mod_unload ", "6.1 SMP mod_unload ", true),
            ("6.1 SMP mod_unload ", "6.2 SMP mod_unload ", false),
            ("6.1 SMP modversions ", "6.2 SMP modversions ", true),
            ("6.1 modversions ", "6.1 SMP modversions ", false),
        ] {
            assert_eq!(same_magic(module, kernel), same, "{module} {kernel}");
        }
    }

    #[test]
    fn options() {
        let kernel = |config: &str| Kernel {
            release: "6.1".to_owned(),
            config: Some(config.to_owned()),
            vermagic: None,
        };
        let segment = Segment { offset: 0, len: 1, codec: Codec::Zstd, unpacked: 1, archives: Vec::new() };
        let check = |config: &str, expect: &[&str]| {
            let found = by_kernel(&Tree::default(), std::slice::from_ref(&segment), &kernel(config));
            let found: Vec<String> = found.into_iter().map(|finding| finding.message).collect();
            assert_eq!(found, expect, "{config}");
        };
        check("CONFIG_BLK_DEV_INITRD=y\nCONFIG_RD_ZSTD=y\n", &[]);
        check(
            "CONFIG_BLK_DEV_INITRD=y\n# CONFIG_RD_ZSTD is not set\n",
            &["the kernel 6.1 cannot unpack a segment of the image: it is built without CONFIG_RD_ZSTD"],
        );
    }
}
