// SPDX-License-Identifier: MIT OR Apache-2.0
//! The directory with a revision's results.
//!
//! | file | contents |
//! | --- | --- |
//! | `boot.log` | the serial console of the golden boot, raw |
//! | `initcalls.log` | the kernel's log of a golden boot with `initcall_debug`; may be missing |
//! | `config` | the kernel's configuration |
//! | `listing` | the output of `qos-inspect list --hash` for the initramfs |
//! | `manifest.json` | the manifest of the image or disk |
//! | `root.listing` | of a disk: the same as `listing` for its root file system |
//! | `failure` | the reason why the revision did not build or boot; the other files that exist are compared |

use crate::listing::Listing;
use crate::manifest::Manifest;
use qos_bootlog::{Line, escape};
use qos_kconfig::resolved::Resolved;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// The result of building and booting one revision.
#[derive(Clone, Debug, Default)]
pub struct BootResult {
    /// What the revision is called.
    pub name: String,
    /// Why it did not build or boot: lines of text, with no control characters but the ends of lines.
    pub failure: Option<String>,
    /// The golden boot.
    pub log: Option<Vec<Line>>,
    /// The golden boot with `initcall_debug`.
    pub initcalls: Option<Vec<Line>>,
    /// The kernel's configuration.
    pub config: Option<Resolved>,
    /// What is in the initramfs.
    pub listing: Option<Listing>,
    /// What is in the root file system of a disk.
    pub root: Option<Listing>,
    /// The manifest of the image or disk.
    pub manifest: Option<Manifest>,
}

/// Reads a revision's directory.
///
/// # Errors
/// One line: the file that is missing, cannot be read or is invalid, and the reason.
pub fn read(folder: &Path, name: String) -> Result<BootResult, String> {
    if !folder.is_dir() {
        return Err(format!("{} is not a directory with the results of a boot", folder.display()));
    }
    let failure = text(folder, "failure")?.map(|text| {
        let lines = qos_bootlog::parse(text.as_bytes());
        lines.iter().map(|line| line.text.trim_end()).collect::<Vec<_>>().join("\n").trim().to_owned()
    });
    let mut result = BootResult {
        name: escape::escape(name.as_bytes()),
        log: log(folder, "boot.log")?,
        initcalls: log(folder, "initcalls.log")?,
        config: parsed(folder, "config", |text| Resolved::parse("", text))?,
        listing: parsed(folder, "listing", Listing::parse)?,
        root: parsed(folder, "root.listing", Listing::parse)?,
        manifest: parsed(folder, "manifest.json", Manifest::parse)?,
        failure,
    };
    // A disk whose kernel mounts the root has no initramfs.
    let manifest = result.manifest.as_ref();
    let has_initramfs = manifest.is_none_or(|manifest| {
        manifest.partitions.is_empty() || manifest.files.keys().any(|name| name.starts_with("initramfs"))
    });
    let is_disk = manifest.is_some_and(|manifest| !manifest.partitions.is_empty());
    let missing = [
        (result.log.is_none(), "boot.log"),
        (result.config.is_none(), "config"),
        (result.listing.is_none() && has_initramfs, "listing"),
        (result.manifest.is_none(), "manifest.json"),
        (result.root.is_none() && is_disk, "root.listing"),
    ];
    match missing.into_iter().find(|(missing, _)| *missing) {
        Some((_, file)) if result.failure.is_none() => {
            return Err(format!(
                "{} is missing; if the revision did not build or boot, a file `failure` must give the reason",
                folder.join(file).display()
            ));
        }
        _ => {}
    }
    if let Some(failure) = result.failure.as_mut().filter(|failure| failure.is_empty()) {
        *failure = "it did not build or boot; no reason was given".to_owned();
    }
    Ok(result)
}

/// The log with a line for each text that a later one overwrites on a terminal, because it begins with a carriage return: a comparison sees
/// both. A carriage return at the end of a line, as the serial console writes it, is left.
fn unhidden(log: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(log.len());
    let mut has_text = false;
    for (at, byte) in log.iter().enumerate() {
        out.push(*byte);
        match byte {
            b'\n' => has_text = false,
            b'\r' => {
                let begins_text = log.get(at + 1).is_some_and(|next| !matches!(next, b'\r' | b'\n'));
                if has_text && begins_text {
                    out.push(b'\n');
                    has_text = false;
                }
            }
            _ => has_text = true,
        }
    }
    out
}

fn log(folder: &Path, name: &str) -> Result<Option<Vec<Line>>, String> {
    let Some(bytes) = bytes(folder, name)? else { return Ok(None) };
    let lines = qos_bootlog::parse(&unhidden(&bytes));
    if lines.is_empty() {
        return Err(format!("{} is empty, but a boot prints lines", folder.join(name).display()));
    }
    Ok(Some(lines))
}

fn parsed<T>(
    folder: &Path,
    name: &str,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<Option<T>, String> {
    let Some(text) = text(folder, name)? else { return Ok(None) };
    let wrong = |why: String| {
        // Some messages begin with the place in the file: `:12: …`.
        let colon = if why.starts_with(':') { "" } else { ": " };
        format!("{}{colon}{why}", folder.join(name).display())
    };
    parse(&text).map(Some).map_err(wrong)
}

fn text(folder: &Path, name: &str) -> Result<Option<String>, String> {
    let Some(bytes) = bytes(folder, name)? else { return Ok(None) };
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(text)),
        Err(error) if name == "failure" => Ok(Some(escape_lines(error.as_bytes()))),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            Err(format!("{} is not text: byte {at} is not UTF-8", folder.join(name).display()))
        }
    }
}

/// The output of a build may hold anything.
fn escape_lines(bytes: &[u8]) -> String {
    bytes.split(|&byte| byte == b'\n').map(escape::escape).collect::<Vec<_>>().join("\n")
}

fn bytes(folder: &Path, name: &str) -> Result<Option<Vec<u8>>, String> {
    let path = folder.join(name);
    match fs::read(&path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("cannot read {}: {error}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_carriage_return_hides_nothing() {
        let check = |log: &str, expect: &[&str]| {
            let lines = qos_bootlog::parse(&unhidden(log.as_bytes()));
            let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
            assert_eq!(texts, expect, "{log:?}");
        };
        check("a\r\nb\r\r\nc\n", &["a", "b", "c"]);
        check("error: lone\rCR\n", &["error: lone", "CR"]);
        check("error\rfine \rok\r\n", &["error", "fine ", "ok"]);
        check("\rprompt\n", &["prompt"]);
        check("\r\rx", &["x"]);
    }
}
