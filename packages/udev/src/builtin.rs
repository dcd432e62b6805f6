// SPDX-License-Identifier: MIT OR Apache-2.0
//! Parts of udevd that rules call: `IMPORT{builtin}` and `RUN{builtin}`.

mod blkid;
mod input_id;
mod net_id;
mod path_id;
mod usb_id;

use crate::device::Device;
use crate::system::System;
use qos_modules::LoadError;

/// Properties that a builtin gives.
pub type Properties = Vec<(String, String)>;

/// A builtin that gives properties, if it knows the device.
type Import = fn(&System, &Device) -> Option<Properties>;

/// Those, by name.
const IMPORT: [(&str, Import); 5] = [
    ("blkid", blkid::properties),
    ("input_id", input_id::properties),
    ("net_id", net_id::properties),
    ("path_id", path_id::properties),
    ("usb_id", usb_id::properties),
];

/// The properties that a builtin finds. `words` are its name and arguments, which none of these need.
///
/// # Errors
/// Why there are none.
pub fn properties(system: &System, device: &Device, words: &[String]) -> Result<Properties, String> {
    let name = words.first().map_or("", String::as_str);
    if name == "kmod" {
        run(system, words)?;
        return Ok(Properties::new());
    }
    let (_, find) = IMPORT.iter().find(|(known, _)| *known == name).ok_or_else(|| missing(name))?;
    find(system, device).ok_or_else(|| "it does not know this device".to_owned())
}

/// Runs a builtin with an effect: `kmod load ALIAS…`.
///
/// # Errors
/// Why it has none.
pub fn run(system: &System, words: &[String]) -> Result<(), String> {
    match words {
        [kmod, load, aliases @ ..] if kmod == "kmod" && load == "load" => {
            if system.changes_nothing() {
                return Ok(());
            }
            let Some(loader) = system.loader() else { return Ok(()) };
            for alias in aliases {
                match loader.load(alias, "") {
                    // Most devices have drivers that the kernel has, or none.
                    Ok(_) | Err(LoadError::Unknown(..)) => {}
                    Err(error) => return Err(error.to_string()),
                }
            }
            Ok(())
        }
        [name, ..] if name == "kmod" => Err("usage: kmod load ALIAS...".to_owned()),
        [name, ..] => Err(missing(name)),
        [] => Err(missing("")),
    }
}

fn missing(name: &str) -> String {
    format!("there is no builtin {name} in this udevd")
}

/// Adds a property.
fn push(properties: &mut Properties, key: &str, value: impl Into<String>) {
    properties.push((key.to_owned(), value.into()));
}

/// The device itself, and its parents.
fn chain(device: &Device) -> impl Iterator<Item = Device> + use<> {
    std::iter::successors(Some(device.clone()), Device::parent)
}
