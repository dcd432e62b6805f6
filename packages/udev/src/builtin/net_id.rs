// SPDX-License-Identifier: MIT OR Apache-2.0
//! `net_id`: names of a network interface by its address, its place on a bus, and its firmware, as
//! systemd.net-naming-scheme(7) builds them; of buses PCI and USB.

use super::{Properties, chain, push};
use crate::device::Device;
use crate::system::System;

/// Types of `include/uapi/linux/if_arp.h`.
const ETHERNET: &str = "1";

pub fn properties(_: &System, device: &Device) -> Option<Properties> {
    if device.subsystem() != "net" {
        return None;
    }
    // Interfaces that stand on others have the names that their makers give them.
    let own = device.attribute("iflink") == device.attribute("ifindex");
    if !own || device.attribute("type").as_deref() != Some(ETHERNET) {
        return None;
    }
    let prefix = match device.get("DEVTYPE") {
        Some("wlan") => "wl",
        Some("wwan") => "ww",
        _ => "en",
    };
    let mut all = Properties::new();
    push(&mut all, "ID_NET_NAMING_SCHEME", "qos");
    if let Some(address) =
        device.attribute("address").filter(|_| device.attribute("addr_assign_type").as_deref() == Some("0"))
    {
        let digits = address.replace(':', "");
        if digits.len() == 12 && digits != "000000000000" {
            push(&mut all, "ID_NET_NAME_MAC", format!("{prefix}x{digits}"));
        }
    }
    let chain: Vec<Device> = chain(device).skip(1).collect();
    let pci = chain.iter().find(|device| device.subsystem() == "pci");
    let usb = chain.iter().find(|device| device.get("DEVTYPE") == Some("usb_interface"));
    let usb = usb.and_then(|interface| usb_suffix(&interface.name())).unwrap_or_default();
    if let Some(pci) = pci {
        let port = port(device);
        let index = pci
            .attribute("acpi_index")
            .or_else(|| pci.attribute("index"))
            .and_then(|text| text.parse::<u32>().ok());
        if let Some(index) = index.filter(|index| (1..=16_383).contains(index) && usb.is_empty()) {
            push(&mut all, "ID_NET_NAME_ONBOARD", format!("{prefix}o{index}{port}"));
        }
        if let Some(label) = pci.attribute("label").filter(|label| !label.is_empty()) {
            push(&mut all, "ID_NET_LABEL_ONBOARD", label);
        }
        if let Some(place) = place(pci) {
            push(&mut all, "ID_NET_NAME_PATH", format!("{prefix}{place}{port}{usb}"));
        }
    }
    Some(all)
}

/// `p0s3`, `P1p2s0f1`.
fn place(pci: &Device) -> Option<String> {
    let name = pci.name();
    let (address, function) = name.split_once('.')?;
    let mut parts = address.split(':').map(|part| u32::from_str_radix(part, 16).ok());
    let (domain, bus, slot) = (parts.next()??, parts.next()??, parts.next()??);
    let function: u32 = function.parse().ok()?;
    let domain = if domain == 0 { String::new() } else { format!("P{domain}") };
    // A device with one function needs no number of it.
    let several =
        function > 0 || pci.path().parent().is_some_and(|above| above.join(format!("{address}.1")).exists());
    let function = if several { format!("f{function}") } else { String::new() };
    Some(format!("{domain}p{bus}s{slot}{function}"))
}

/// The port of a card with several.
fn port(device: &Device) -> String {
    let number = |name: &str| {
        device.attribute(name).and_then(|text| {
            u32::from_str_radix(text.trim_start_matches("0x"), if text.starts_with("0x") { 16 } else { 10 })
                .ok()
        })
    };
    match (device.attribute("phys_port_name"), number("dev_port")) {
        (Some(name), _) if !name.is_empty() => format!("n{name}"),
        (_, Some(port)) if port > 0 => format!("d{port}"),
        _ => String::new(),
    }
}

/// `1-1.2:1.0` is port 1, 2, of configuration 1, interface 0: `u1u2`; only numbers other than these of the last two are shown.
fn usb_suffix(name: &str) -> Option<String> {
    let (_, rest) = name.split_once('-')?;
    let (ports, rest) = rest.split_once(':')?;
    let (configuration, interface) = rest.split_once('.')?;
    let mut suffix: String = ports.split('.').map(|port| format!("u{port}")).collect();
    if configuration != "1" {
        suffix.push_str(&format!("c{configuration}"));
    }
    if interface != "0" {
        suffix.push_str(&format!("i{interface}"));
    }
    Some(suffix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::Fake;

    #[test]
    fn a_card() {
        let fake = Fake::disk();
        let found = properties(fake.system(), &fake.device("class/net/eth0")).unwrap();
        let shown: Vec<String> = found.iter().map(|(key, value)| format!("{key}={value}")).collect();
        assert_eq!(
            shown,
            ["ID_NET_NAMING_SCHEME=qos", "ID_NET_NAME_MAC=enx525400123456", "ID_NET_NAME_PATH=enp0s3"]
        );
        assert!(properties(fake.system(), &fake.device("class/block/sda")).is_none());
    }

    #[test]
    fn on_usb() {
        for (name, expect) in [("1-1:1.0", Some("u1")), ("2-1.4:2.3", Some("u1u4c2i3")), ("usb1", None)] {
            assert_eq!(usb_suffix(name).as_deref(), expect, "{name}");
        }
    }
}
