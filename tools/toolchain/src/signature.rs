// SPDX-License-Identifier: MIT OR Apache-2.0
//! The signature of a suite's `InRelease` file, checked by gpgv(1) against Debian's archive keys, which are in
//! `tools/toolchain/keys` (from the package debian-archive-keyring).

use crate::error::{Error, Result};
use data_encoding::BASE64;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// Returns the signed text of an `InRelease` file, if its signature is one of Debian's. `work` is an existing directory
/// for temporary files.
///
/// # Errors
///
/// The signature is bad or by an unknown key; gpgv is not installed.
pub fn verify(inrelease: &[u8], suite: &str, keys: &Path, work: &Path) -> Result<String> {
    let keyring = work.join("keys.gpg");
    let signed = work.join("InRelease");
    let text = work.join("Release");
    let write =
        |path: &Path, data: &[u8]| fs::write(path, data).map_err(|error| Error::io("write", path, &error));
    write(&keyring, &keyring_of(keys)?)?;
    write(&signed, inrelease)?;
    let mut command = Command::new("gpgv");
    command.args(["--status-fd", "1", "--keyring"]).arg(&keyring).arg("--output").arg(&text).arg(&signed);
    let output = command.stdin(Stdio::null()).output().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Error::new(
            "cannot verify the signature of Debian's index: gpgv is not installed; install it (Debian: apt-get install gpgv)",
        ),
        _ => Error::new(format!("cannot run gpgv: {error}")),
    })?;
    let status = String::from_utf8_lossy(&output.stdout);
    judge(&status).map_err(|reason| {
        Error::new(format!("the index of {suite} is not signed by a key in {}: {reason}", keys.display()))
    })?;
    fs::read_to_string(&text).map_err(|error| Error::io("read", &text, &error))
}

/// Reads gpgv's status lines (GnuPG, `doc/DETAILS`). An archive signs with the keys of two releases, so a signature
/// whose key is not here is no fault; a bad one is.
pub(crate) fn judge(status: &str) -> std::result::Result<(), String> {
    let words = || status.lines().filter_map(|line| line.strip_prefix("[GNUPG:] ")?.split(' ').next());
    if let Some(bad) = words().find(|word| matches!(*word, "BADSIG" | "EXPKEYSIG" | "REVKEYSIG" | "EXPSIG")) {
        return Err(format!("gpgv reports {bad}"));
    }
    if words().any(|word| word == "VALIDSIG") {
        return Ok(());
    }
    Err(match words().find(|word| matches!(*word, "NO_PUBKEY" | "NODATA" | "ERRSIG")) {
        Some(word) => format!("gpgv reports {word}"),
        None => "gpgv found no valid signature".into(),
    })
}

/// The keys of the `.asc` files in a directory, as the binary keyring that gpgv wants.
fn keyring_of(folder: &Path) -> Result<Vec<u8>> {
    let failed = |error: std::io::Error| Error::io("read the keys in", folder, &error);
    let mut files = fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>())
        .map_err(failed)?;
    files.sort();
    let mut keyring = Vec::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "asc")) {
        let text = fs::read_to_string(file).map_err(|error| Error::io("read", file, &error))?;
        let key = dearmour(&text).ok_or_else(|| {
            Error::new(format!("{} is not an armoured OpenPGP key; restore it with git", file.display()))
        })?;
        keyring.extend(key);
    }
    Ok(keyring)
}

/// The data of an ASCII armour (RFC 9580, section 6.2): base 64 between a blank line and the checksum or the tail.
pub(crate) fn dearmour(text: &str) -> Option<Vec<u8>> {
    let body = text.split_once("-----BEGIN PGP PUBLIC KEY BLOCK-----")?.1;
    let body = body.split_once("-----END PGP PUBLIC KEY BLOCK-----")?.0;
    let body = body.split_once("\n\n")?.1;
    let lines = body.lines().take_while(|line| !line.starts_with('='));
    BASE64.decode(lines.collect::<String>().as_bytes()).ok().filter(|data| !data.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_lines() {
        for (status, expect) in [
            ("[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG 1 Debian\n[GNUPG:] VALIDSIG 1 2026\n", Ok(())),
            ("[GNUPG:] ERRSIG 1\n[GNUPG:] NO_PUBKEY 1\n[GNUPG:] VALIDSIG 2 2026\n", Ok(())),
            ("[GNUPG:] VALIDSIG 2 2026\n[GNUPG:] BADSIG 1 x\n", Err("gpgv reports BADSIG")),
            ("[GNUPG:] ERRSIG 1\n[GNUPG:] NO_PUBKEY 1\n", Err("gpgv reports ERRSIG")),
            ("", Err("gpgv found no valid signature")),
        ] {
            assert_eq!(judge(status), expect.map_err(str::to_owned), "{status}");
        }
    }

    #[test]
    fn the_keys_are_readable() {
        let keys = Path::new(env!("CARGO_MANIFEST_DIR")).join("keys");
        // tag and type of the first packet of a transferable public key
        assert_eq!(keyring_of(&keys).unwrap()[0] & 0xbc, 0x98);
        assert_eq!(dearmour("no key"), None);
    }
}
