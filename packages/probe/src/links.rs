// SPDX-License-Identifier: MIT OR Apache-2.0
//! Names in `/dev/disk`, as udev's rules for storage make them (60-persistent-storage.rules).

use crate::device::Device;
use crate::{Tags, encode, safe};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The links in `/dev/disk` that lead to a device, as paths relative to `/dev`, in order.
///
/// `tags` is what [`Device::probe`] gave. Names by path are made for devices on PCI, with virtio, NVMe, ATA, and SCSI
/// below it; names by identity for virtio, NVMe, and MMC devices, and volumes of device-mapper and md.
#[must_use]
pub fn links(device: &Device, tags: &Tags) -> Vec<PathBuf> {
    let mut names = Vec::new();
    let mut add = |directory: &str, name: &[u8]| {
        if !name.is_empty() && name != b"." && name != b".." {
            names.push(Path::new("disk").join(directory).join(OsStr::from_bytes(name)));
        }
    };
    // A member of an array has the identity of the array.
    if [b"filesystem".as_slice(), b"other", b"crypto"].contains(&tags.get("USAGE").unwrap_or_default()) {
        for (directory, tag) in [("by-uuid", "UUID"), ("by-label", "LABEL")] {
            add(directory, &encode(tags.get(tag).unwrap_or_default()));
        }
    }
    add("by-partuuid", &encode(tags.get("PART_ENTRY_UUID").unwrap_or_default()));
    if tags.get("PART_ENTRY_SCHEME") == Some(b"gpt") {
        add("by-partlabel", &encode(tags.get("PART_ENTRY_NAME").unwrap_or_default()));
    }
    let suffix = match device.attribute("partition") {
        Some(number) => format!("-part{number}"),
        None => String::new(),
    };
    for identity in identities(device) {
        add("by-id", format!("{identity}{suffix}").as_bytes());
    }
    if let Some(path) = by_path(device.path()) {
        add("by-path", format!("{path}{suffix}").as_bytes());
        if device.name.starts_with("vd") {
            add("by-path", format!("virtio-{path}{suffix}").as_bytes());
        }
    }
    names.sort();
    names.dedup();
    names
}

/// Names in by-id, without the suffix of a partition.
fn identities(device: &Device) -> Vec<String> {
    let disk = device.disk();
    let disk = disk.as_ref().unwrap_or(device);
    let get = |name: &str| disk.attribute(name).map(|text| name_of(&text));
    if disk.name.starts_with("vd") {
        return get("serial").map(|serial| format!("virtio-{serial}")).into_iter().collect();
    }
    if disk.name.starts_with("nvme") {
        let mut names: Vec<String> = get("wwid").map(|wwid| format!("nvme-{wwid}")).into_iter().collect();
        if let (Some(model), Some(serial)) = (get("device/model"), get("device/serial")) {
            let space = disk.number("nsid");
            if space == Some(1) {
                names.push(format!("nvme-{model}_{serial}"));
            }
            names.extend(space.map(|space| format!("nvme-{model}_{serial}_{space}")));
        }
        return names;
    }
    if disk.name.starts_with("mmcblk") {
        let both = get("device/name").zip(get("device/serial"));
        return both.map(|(name, serial)| format!("mmc-{name}_{serial}")).into_iter().collect();
    }
    if let Some(name) = disk.attribute("dm/name") {
        let encoded = |text: &str| String::from_utf8_lossy(&encode(text.as_bytes())).into_owned();
        let uuid = disk.attribute("dm/uuid").map(|uuid| format!("dm-uuid-{}", encoded(&uuid)));
        return [format!("dm-name-{}", encoded(&name))].into_iter().chain(uuid).collect();
    }
    get("md/uuid").map(|uuid| format!("md-uuid-{uuid}")).into_iter().collect()
}

/// A text of a device in a name: what may not be in one becomes `_`.
fn name_of(text: &str) -> String {
    let safe = safe(text.as_bytes());
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"#+-.:=@_".contains(&byte) || byte >= 0x80;
    let bytes: Vec<u8> = safe.into_iter().map(|byte| if allowed(byte) { byte } else { b'_' }).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The name in by-path of a device by its directory in `/sys`, without the suffix of a partition.
fn by_path(path: &Path) -> Option<String> {
    let mut parts = Vec::new();
    let mut names = path.iter().filter_map(OsStr::to_str).peekable();
    let mut pci = None;
    while let Some(name) = names.next() {
        if is_pci(name) {
            pci = Some(name);
        } else if name == "nvme" {
            // nvme/nvme0/nvme0n1: the name ends in the number of the namespace.
            let space =
                names.find_map(|name| name.strip_prefix("nvme")?.split_once('n').map(|(_, space)| space));
            parts.push(format!("nvme-{}", space?.split('p').next()?));
            break;
        } else if let Some(port) = name.strip_prefix("ata").filter(|port| is_number(port)) {
            let target = names.find(|name| name.split(':').count() == 4)?;
            let mut address = target.split(':').skip(1);
            // libata numbers from 1; a port has one disk unless there is a master and a slave.
            let id: u32 = address.nth(1)?.parse().ok()?;
            parts.push(format!("ata-{port}{}", if id == 0 { String::new() } else { format!(".{id}") }));
            break;
        } else if name.split(':').count() == 4 && name.split(':').all(is_number) {
            parts.push(format!("scsi-{}", scsi(path, name)?));
            break;
        }
    }
    let mut all = vec![format!("pci-{}", pci?)];
    all.extend(parts);
    Some(all.join("-"))
}

/// Host, channel, target, and unit of the SCSI address in a path of /sys: hosts are counted from the lowest of their adapter.
#[must_use]
pub fn scsi(path: &Path, address: &str) -> Option<String> {
    let (host, rest) = address.split_once(':')?;
    let own = format!("host{host}");
    let parent =
        path.ancestors().find(|path| path.file_name().is_some_and(|name| name == own.as_str()))?.parent()?;
    let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
    let hosts =
        entries.filter_map(|entry| entry.file_name().to_str()?.strip_prefix("host")?.parse::<u32>().ok());
    let host: u32 = host.parse().ok()?;
    Some(format!("{}:{rest}", host - hosts.min().filter(|lowest| *lowest <= host).unwrap_or(host)))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `0000:00:1f.2`.
fn is_pci(name: &str) -> bool {
    let hex = |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let parts: Vec<&str> = name.split([':', '.']).collect();
    matches!(parts.as_slice(), [domain, bus, slot, function]
        if hex(domain, 4) && hex(bus, 2) && hex(slot, 2) && hex(function, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        for (path, expect) in [
            ("/sys/devices/pci0000:00/0000:00:02.0/virtio1/block/vda/vda1", Some("pci-0000:00:02.0")),
            (
                "/sys/devices/pci0000:00/0000:00:1d.0/0000:3d:00.0/nvme/nvme0/nvme0n1/nvme0n1p2",
                Some("pci-0000:3d:00.0-nvme-1"),
            ),
            (
                "/sys/devices/pci0000:00/0000:00:1f.2/ata3/host2/target2:0:0/2:0:0:0/block/sda",
                Some("pci-0000:00:1f.2-ata-3"),
            ),
            (
                "/sys/devices/pci0000:00/0000:00:05.0/virtio2/host6/target6:0:1/6:0:1:0/block/sdb",
                Some("pci-0000:00:05.0-scsi-0:0:1:0"),
            ),
            ("/sys/devices/virtual/block/loop0", None),
        ] {
            assert_eq!(by_path(Path::new(path)).as_deref(), expect, "{path}");
        }
    }

    #[test]
    fn texts() {
        assert_eq!(name_of("QEMU NVMe Ctrl"), "QEMU_NVMe_Ctrl");
        assert_eq!(name_of("a/b  c"), "a_b_c");
    }
}
