// SPDX-License-Identifier: MIT OR Apache-2.0
//! Unlocks a container: with a key file, or with the passphrase that the user types.

use crate::coldplug::Coldplug;
use crate::devices::Block;
use crate::kmsg::{debug, info, warn};
use crate::luks::{self, Error, Volume};
use crate::options::Options;
use crate::splash::Splash;
use crate::{ask, crypt};
use qos_sys::error_text;
use std::fs::{self, File};

/// Unlocks the container on `device` as the volume `name`.
///
/// # Errors
/// Why it stays locked, for a person.
pub fn unlock(
    device: &Block,
    name: &str,
    options: &Options,
    coldplug: &mut Coldplug,
    splash: &mut Option<Splash>,
) -> Result<(), String> {
    let volume = open(device, options, splash)?;
    for module in crypt::modules(&volume.cipher) {
        coldplug.load(&module);
    }
    crypt::activate(&volume, &device.node, device.size, name, options.discards, device.read_only).map_err(
        |error| {
            let text = error_text(&error);
            format!("device-mapper: {text} (are dm-crypt and the ciphers of {} there?)", volume.cipher)
        },
    )?;
    info(&format!("the container {} is unlocked: /dev/mapper/{name}", device.node));
    Ok(())
}

fn open(device: &Block, options: &Options, splash: &mut Option<Splash>) -> Result<Volume, String> {
    if let Some(key) = options.key_of(&device.uuid) {
        match fs::read(&key.path) {
            Ok(bytes) => match try_key(device, &bytes) {
                Ok(volume) => return Ok(volume),
                Err(error) => warn(&format!("the key file {} for {}: {error}", key.path, device.node)),
            },
            Err(error) => warn(&format!("the key file {}: {}", key.path, error_text(&error))),
        }
    }
    let label = if device.label.is_empty() { String::new() } else { format!(" ({})", device.label) };
    let question = format!("Passphrase for {}{label}, {}:", device.node, device.uuid);
    let mut again = String::new();
    for left in (0..options.tries.max(1)).rev() {
        let passphrase = ask::ask(&again, &question, splash).map_err(|error| error_text(&error))?;
        if let Some(splash) = splash {
            splash.say(&format!("Unlocking {}", device.node));
        }
        match try_key(device, &passphrase) {
            Ok(volume) => return Ok(volume),
            Err(Error::Passphrase) if left != 0 => {
                // Not in the log only, which `quiet` keeps away from the console.
                again = format!("Wrong passphrase, {left} more {}.", if left == 1 { "try" } else { "tries" });
            }
            Err(Error::Passphrase) => break,
            // Another passphrase does not help.
            Err(error) => return Err(error.to_string()),
        }
    }
    Err("wrong passphrase".to_owned())
}

fn try_key(device: &Block, passphrase: &[u8]) -> Result<Volume, Error> {
    debug(|| format!("{}: the key slots are tried", device.node));
    luks::unlock(&mut File::open(&device.node)?, passphrase, available_memory())
}

/// KiB that can be used without another program's pages being lost: without that knowledge, any number.
fn available_memory() -> u64 {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or(u64::MAX)
}
