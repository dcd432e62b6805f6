// SPDX-License-Identifier: MIT OR Apache-2.0
//! `path_id`: a name by the way to a device (ID_PATH), as systemd's `udev-builtin-path_id.c` builds it.

use super::{Properties, chain, push};
use crate::device::Device;
use crate::system::System;
use qos_probe::links::scsi;

pub fn properties(_: &System, device: &Device) -> Option<Properties> {
    let path = path(device)?;
    let tag = path.chars().map(|char| if char.is_ascii_alphanumeric() || char == '-' { char } else { '_' });
    let tag: String = tag.collect();
    let mut found = Properties::new();
    push(&mut found, "ID_PATH", path);
    push(&mut found, "ID_PATH_TAG", tag.trim_matches('_'));
    Some(found)
}

/// The parts, of which the nearest is the last; the part of a bus stands for all devices of that bus in a row.
fn path(device: &Device) -> Option<String> {
    let mut parts = Vec::new();
    // Whether the way leads through something that can be told apart from its sisters.
    let (mut transport, mut bus) = (false, false);
    let chain: Vec<Device> = chain(device).collect();
    let mut at = 0;
    while let Some(device) = chain.get(at) {
        let subsystem = device.subsystem();
        let name = device.name();
        let mut skip = true;
        match subsystem {
            "scsi" if device.get("DEVTYPE") == Some("scsi_device") => {
                parts.push(scsi_part(device)?);
                transport = true;
                // What is above up to the adapter belongs to it.
                while chain.get(at + 1).is_some_and(|above| ["scsi", "ata_port"].contains(&above.subsystem()))
                {
                    at += 1;
                }
                skip = false;
            }
            "usb" if matches!(device.get("DEVTYPE"), Some("usb_interface" | "usb_device")) => {
                if let Some((_, port)) = name.split_once('-') {
                    parts.push(format!("usb-0:{port}"));
                    transport = true;
                }
            }
            "nvme" => {
                // The number of the name space is an attribute of the block device below.
                if let Some(space) = at
                    .checked_sub(1)
                    .and_then(|below| chain[..=below].iter().rev().find_map(|d| d.attribute("nsid")))
                {
                    parts.push(format!("nvme-{space}"));
                }
                (transport, bus) = (true, true);
            }
            "serio" => parts.push(format!("serio-{}", device.number_in_name())),
            "pci" => {
                parts.push(format!("pci-{name}"));
                bus = true;
            }
            "platform" | "acpi" | "amba" | "xen" => {
                parts.push(format!("{subsystem}-{name}"));
                (transport, bus) = (transport || subsystem != "acpi", true);
            }
            "virtio" => transport = true,
            _ => skip = false,
        }
        if skip {
            while chain.get(at + 1).is_some_and(|above| above.subsystem() == subsystem) {
                at += 1;
            }
        }
        at += 1;
    }
    if parts.is_empty() || (device.subsystem() == "block" && !(transport && bus)) {
        return None;
    }
    parts.reverse();
    Some(parts.join("-"))
}

/// `ata-3` and `ata-3.1` (a slave), or `scsi-0:0:1:0`.
fn scsi_part(device: &Device) -> Option<String> {
    let address = device.name();
    let port = device.devpath.split('/').find_map(|part| {
        part.strip_prefix("ata")
            .filter(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()))
    });
    match port {
        Some(port) => {
            let target: u32 = address.split(':').nth(2)?.parse().ok()?;
            Some(format!("ata-{port}{}", if target == 0 { String::new() } else { format!(".{target}") }))
        }
        None => Some(format!("scsi-{}", scsi(&device.path(), &address)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::Fake;

    #[test]
    fn ways() {
        let fake = Fake::disk();
        for (device, expect) in [
            ("class/block/sda1", Some("pci-0000:00:02.0-scsi-0:0:0:0")),
            ("class/net/eth0", Some("pci-0000:00:03.0")),
            ("class/input/event0", Some("pci-0000:00:04.0-usb-0:1:1.0")),
            ("class/block/nvme0n1", Some("pci-0000:00:05.0-nvme-1")),
            ("class/block/vda", Some("pci-0000:00:06.0")),
            ("class/block/loop0", None),
            ("class/mem/null", None),
        ] {
            let found = properties(fake.system(), &fake.device(device));
            let path = found.as_ref().map(|found| found[0].1.as_str());
            assert_eq!(path, expect, "{device}");
        }
        let tag = &properties(fake.system(), &fake.device("class/input/event0")).unwrap()[1];
        assert_eq!((tag.0.as_str(), tag.1.as_str()), ("ID_PATH_TAG", "pci-0000_00_04_0-usb-0_1_1_0"));
    }
}
