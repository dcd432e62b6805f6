// SPDX-License-Identifier: MIT OR Apache-2.0
//! The volume of an unlocked container: a target of dm-crypt (`Documentation/admin-guide/device-mapper/dm-crypt.rst`).

use crate::luks::Volume;
use qos_sys::device_mapper::{Control, Target};
use qos_sys::keyring;
use std::ffi::CString;
use std::fmt::Write;
use std::io;

/// Where dm-crypt has the key from.
enum Key {
    /// From a key of the kernel, by its description.
    Kernel(String),
    /// From the table, which programs of root can read.
    Table,
}

/// Makes the volume `name` on the container `device` of `size` bytes.
///
/// # Errors
/// The error of device-mapper; the kernel's log has the details.
pub fn activate(
    volume: &Volume,
    device: &str,
    size: u64,
    name: &str,
    discards: bool,
    read_only: bool,
) -> io::Result<()> {
    let control = Control::open()?;
    let uuid = format!("CRYPT-LUKS{}-{}-{name}", volume.version, volume.uuid.replace('-', ""));
    let create = |key: &Key| {
        let target = target(volume, device, size, key, discards)?;
        control.create(name, &uuid, &target, read_only)
    };
    // As cryptsetup names it.
    let description = format!("cryptsetup:{}-d0", volume.uuid);
    let added =
        CString::new(description.as_str()).is_ok_and(|it| keyring::add_logon(&it, &volume.key).is_ok());
    if volume.version == 2 && added && create(&Key::Kernel(description)).is_ok() {
        return Ok(());
    }
    create(&Key::Table)
}

fn target(volume: &Volume, device: &str, size: u64, key: &Key, discards: bool) -> io::Result<Target> {
    let available = size.saturating_sub(volume.offset);
    let length = volume.size.unwrap_or(available);
    let sector = u64::from(volume.sector);
    if length > available || length < sector {
        return Err(io::Error::other("the container's data are not on the device: it is too short"));
    }
    let key = match key {
        Key::Kernel(description) => format!(":{}:logon:{description}", volume.key.len()),
        Key::Table => volume.key.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        }),
    };
    let options = options(volume, discards);
    let mut arguments =
        format!("{} {key} {} {device} {}", volume.cipher, volume.iv_tweak, volume.offset / 512);
    if !options.is_empty() {
        let _ = write!(arguments, " {} {}", options.len(), options.join(" "));
    }
    Ok(Target { kind: "crypt".to_owned(), sectors: length / sector * sector / 512, arguments })
}

/// Options of the target: those of the header by cryptsetup's names, and those of the command line.
fn options(volume: &Volume, discards: bool) -> Vec<String> {
    let known = [
        "allow-discards",
        "same-cpu-crypt",
        "submit-from-crypt-cpus",
        "no-read-workqueue",
        "no-write-workqueue",
    ];
    let wanted =
        |name: &&str| volume.flags.iter().any(|flag| flag == name) || (discards && *name == "allow-discards");
    let mut options: Vec<String> =
        known.iter().copied().filter(|name| wanted(name)).map(|name| name.replace('-', "_")).collect();
    if volume.sector != 512 {
        options.push(format!("sector_size:{}", volume.sector));
    }
    options
}

/// Names under which the kernel's modules for a cipher can be found: the parts of `aes-xts-plain64` and
/// `capi:xts(aes)-plain64`.
#[must_use]
pub fn modules(cipher: &str) -> Vec<String> {
    let cipher = cipher.strip_prefix("capi:").unwrap_or(cipher);
    let parts =
        cipher.split(['-', '(', ')', ',', ':']).filter(|part| !part.is_empty() && !part.starts_with("plain"));
    let mut names = vec!["dm-crypt".to_owned()];
    names.extend(parts.map(|part| format!("crypto-{part}")));
    if let [name, mode, ..] = cipher.split('-').collect::<Vec<_>>().as_slice()
        && !mode.starts_with("plain")
    {
        names.push(format!("crypto-{mode}({name})"));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn volume() -> Volume {
        Volume {
            version: 2,
            uuid: "f44121b1-5be9-47d8-a206-72c52309e7dd".into(),
            cipher: "aes-xts-plain64".into(),
            key: vec![0x0a; 4],
            offset: 16 << 20,
            size: None,
            sector: 512,
            iv_tweak: 0,
            flags: Vec::new(),
        }
    }

    fn check(volume: &Volume, key: &Key, discards: bool, sectors: u64, expect: &str) {
        let target = target(volume, "/dev/vda3", (20 << 20) + 512, key, discards).unwrap();
        assert_eq!(
            (target.kind.as_str(), target.sectors, target.arguments.as_str()),
            ("crypt", sectors, expect)
        );
    }

    #[test]
    fn tables() {
        check(&volume(), &Key::Table, false, 8193, "aes-xts-plain64 0a0a0a0a 0 /dev/vda3 32768");
        check(
            &volume(),
            &Key::Kernel("cryptsetup:u-d0".into()),
            true,
            8193,
            "aes-xts-plain64 :4:logon:cryptsetup:u-d0 0 /dev/vda3 32768 1 allow_discards",
        );
        let large = Volume {
            sector: 4096,
            iv_tweak: 8,
            flags: vec!["no-read-workqueue".into(), "allow-discards".into(), "unknown".into()],
            ..volume()
        };
        check(
            &large,
            &Key::Table,
            false,
            8192,
            "aes-xts-plain64 0a0a0a0a 8 /dev/vda3 32768 3 allow_discards no_read_workqueue sector_size:4096",
        );
        check(
            &Volume { size: Some(1 << 20), ..volume() },
            &Key::Table,
            false,
            2048,
            "aes-xts-plain64 0a0a0a0a 0 /dev/vda3 32768",
        );
    }

    #[test]
    fn data_have_to_be_there() {
        assert!(target(&volume(), "/dev/vda3", 16 << 20, &Key::Table, false).is_err());
        let long = Volume { size: Some(5 << 20), ..volume() };
        assert!(target(&long, "/dev/vda3", 20 << 20, &Key::Table, false).is_err());
    }

    #[test]
    fn names_of_modules() {
        assert_eq!(modules("aes-xts-plain64"), ["dm-crypt", "crypto-aes", "crypto-xts", "crypto-xts(aes)"]);
        assert_eq!(
            modules("aes-cbc-essiv:sha256"),
            ["dm-crypt", "crypto-aes", "crypto-cbc", "crypto-essiv", "crypto-sha256", "crypto-cbc(aes)"]
        );
        assert_eq!(modules("capi:xts(aes)-plain64"), ["dm-crypt", "crypto-xts", "crypto-aes"]);
    }
}
