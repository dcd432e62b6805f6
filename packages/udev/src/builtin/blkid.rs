// SPDX-License-Identifier: MIT OR Apache-2.0
//! `blkid`: what is on a block device, and its entry in a partition table.

use super::Properties;
use crate::device::Device;
use crate::system::System;

pub fn properties(system: &System, device: &Device) -> Option<Properties> {
    if device.subsystem() != "block" {
        return None;
    }
    let name = device.name().replace('/', "!");
    let tags = qos_probe::device::Device::new(&system.root, &name)?.probe().ok()?;
    let all = tags.iter().flat_map(|(tag, value)| qos_probe::property::of_tag(tag, value));
    let text = |(key, value): (String, Vec<u8>)| (key, String::from_utf8_lossy(&value).into_owned());
    Some(all.map(text).filter(|(_, value)| !value.is_empty()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::Fake;

    #[test]
    fn a_file_system() {
        let fake = Fake::disk();
        // The superblock of swap space is the smallest: a page with a signature at its end, a UUID, and a label.
        let mut page = vec![0; 1 << 20];
        page[4086..4096].copy_from_slice(b"SWAPSPACE2");
        page[1024] = 1;
        page[1028..1032].copy_from_slice(&255_u32.to_le_bytes());
        page[1036..1052].copy_from_slice(&[0x11; 16]);
        page[1052..1056].copy_from_slice(b"my s");
        fake.file("dev/sda1", &page);
        let found = properties(fake.system(), &fake.device("class/block/sda1")).unwrap();
        let get = |key: &str| found.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str());
        assert_eq!(
            (get("ID_FS_TYPE"), get("ID_FS_USAGE"), get("ID_FS_LABEL")),
            (Some("swap"), Some("other"), Some("my_s"))
        );
        assert_eq!(get("ID_FS_LABEL_ENC"), Some("my\\x20s"));
        assert_eq!(get("ID_FS_UUID"), Some("11111111-1111-1111-1111-111111111111"));
        assert!(properties(fake.system(), &fake.device("class/net/eth0")).is_none());
    }
}
