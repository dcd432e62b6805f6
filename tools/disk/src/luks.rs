// SPDX-License-Identifier: MIT OR Apache-2.0
//! Makes a LUKS2 container around a file system, with cryptsetup and without the device mapper.
//!
//! `cryptsetup reencrypt --encrypt` works on a plain file: it moves the data behind the header that it makes, and encrypts it in user
//! space. Salts and the volume key are random, so the bytes differ on every run.

use crate::error::Error;
use crate::manifest::{Key, Luks, Pbkdf};
use crate::size::MIB;
use crate::tools::Tools;
use std::fs::{self, File};
use std::path::Path;

/// What a container takes: the header (16 MiB), and as much again that the data is moved by.
pub const OVERHEAD: u64 = 32 * MIB;

/// Encrypts the file system in `file`, whose last [`OVERHEAD`] bytes are added here. `scratch` gets the key for the time being.
///
/// # Errors
/// cryptsetup fails, or the key file cannot be read.
pub fn encrypt(tools: &Tools, luks: &Luks, scratch: &Path, file: &Path) -> Result<(), Error> {
    let key = scratch.join("key");
    let done = match &luks.key {
        Key::Passphrase(passphrase) => fs::write(&key, passphrase),
        Key::File(source) => fs::copy(source, &key).map(drop),
    };
    done.map_err(|error| match &luks.key {
        Key::File(source) => Error::io("read the key file", source, &error),
        Key::Passphrase(_) => Error::io("write", &key, &error),
    })?;
    let length = fs::metadata(file).map_err(|error| Error::io("read", file, &error))?.len();
    File::options()
        .write(true)
        .open(file)
        .and_then(|open| open.set_len(length + OVERHEAD))
        .map_err(|error| Error::io("write", file, &error))?;
    let reduce = OVERHEAD.to_string();
    let uuid = luks.uuid.to_string();
    let tool = tools.command("cryptsetup")?.args([
        "reencrypt",
        "--encrypt",
        "--batch-mode",
        "--disable-locks",
        "--force-offline-reencrypt",
        "--type=luks2",
        "--cipher=aes-xts-plain64",
        "--key-size=512",
        "--sector-size=512",
        "--resilience=none",
    ]);
    let tool = tool.args(["--reduce-device-size", &reduce, "--uuid", &uuid]);
    let tool = luks.label.iter().fold(tool, |tool, label| tool.args(["--label", label]));
    let tool = match luks.pbkdf {
        Pbkdf::Argon2id(passes, memory) => tool.args(["--pbkdf=argon2id", "--pbkdf-parallel=1"]).args([
            "--pbkdf-force-iterations",
            &passes.to_string(),
            "--pbkdf-memory",
            &memory.to_string(),
        ]),
        Pbkdf::Pbkdf2(iterations) => tool.args([
            "--pbkdf=pbkdf2",
            "--hash=sha256",
            "--pbkdf-force-iterations",
            &iterations.to_string(),
        ]),
    };
    let result = tool.arg("--key-file").arg(&key).arg(file).run();
    let _ = fs::remove_file(&key);
    result.map(drop)
}
