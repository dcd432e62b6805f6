// SPDX-License-Identifier: MIT OR Apache-2.0
//! `usb_id`: maker, model and serial number of a USB device, as systemd's `udev-builtin-usb_id.c` names them.

use super::{Properties, chain, push};
use crate::device::Device;
use crate::system::System;
use crate::text::{replace_characters, replace_white_space};
use std::fs;

pub fn properties(_: &System, device: &Device) -> Option<Properties> {
    let chain: Vec<Device> = chain(device).collect();
    let of = |kind: &str| {
        chain.iter().find(|device| device.subsystem() == "usb" && device.get("DEVTYPE") == Some(kind))
    };
    let usb = of("usb_device")?;
    let interface = of("usb_interface").filter(|_| device.get("DEVTYPE") != Some("usb_device"));
    let code = |name: &str| interface.and_then(|i| u8::from_str_radix(i.attribute(name)?.trim(), 16).ok());
    let (class, subclass) = (code("bInterfaceClass"), code("bInterfaceSubClass"));
    let mut kind = class.map_or("", |class| kind_of(class, subclass.unwrap_or(0)));
    // Storage says who made it in the language of SCSI, where it speaks that.
    let mass = class == Some(8) && matches!(subclass, Some(2 | 6));
    let scsi = chain.iter().find(|device| device.get("DEVTYPE") == Some("scsi_device")).filter(|_| mass);
    let (id_vendor, id_product) = (usb.attribute("idVendor")?, usb.attribute("idProduct")?);
    let text = |own: &str, usb_name: &str, number: &str| {
        let own = scsi.and_then(|device| device.attribute(own));
        let raw = own.or_else(|| usb.attribute(usb_name)).filter(|text| !text.trim().is_empty());
        raw.unwrap_or_else(|| number.to_owned())
    };
    let (vendor, model) = (text("vendor", "manufacturer", &id_vendor), text("model", "product", &id_product));
    let revision = scsi
        .and_then(|device| device.attribute("rev"))
        .or_else(|| usb.attribute("bcdDevice"))
        .unwrap_or_default();
    if let Some(number) = scsi.and_then(|device| device.attribute("type")) {
        kind = match number.trim() {
            "0" | "14" => "disk",
            "1" => "tape",
            "4" | "7" | "15" => "optical",
            "5" => "cd",
            _ => "generic",
        };
    }
    let serial = usb
        .attribute("serial")
        .filter(|text| text.bytes().all(|byte| (0x20..0x80).contains(&byte) && byte != b','));
    let serial = serial.map(|text| clean(&text)).filter(|text| !text.is_empty());
    let instance = scsi.map(|device| {
        let name = device.name();
        let mut parts = name.split(':').skip(2);
        format!("{}:{}", parts.next().unwrap_or("0"), parts.next().unwrap_or("0"))
    });
    let mut whole = format!("{}_{}", clean(&vendor), clean(&model));
    for (sign, part) in [('_', &serial), ('-', &instance)] {
        if let Some(part) = part {
            whole.push(sign);
            whole.push_str(part);
        }
    }
    let encoded = |text: &str| String::from_utf8_lossy(&qos_probe::encode(text.as_bytes())).into_owned();
    let mut all = Properties::new();
    push(&mut all, "ID_BUS", "usb");
    push(&mut all, "ID_MODEL", clean(&model));
    push(&mut all, "ID_MODEL_ENC", encoded(&model));
    push(&mut all, "ID_MODEL_ID", id_product);
    push(&mut all, "ID_SERIAL", whole);
    serial.into_iter().for_each(|serial| push(&mut all, "ID_SERIAL_SHORT", serial));
    push(&mut all, "ID_VENDOR", clean(&vendor));
    push(&mut all, "ID_VENDOR_ENC", encoded(&vendor));
    push(&mut all, "ID_VENDOR_ID", id_vendor);
    push(&mut all, "ID_REVISION", clean(&revision));
    if !kind.is_empty() {
        push(&mut all, "ID_TYPE", kind);
    }
    instance.into_iter().for_each(|instance| push(&mut all, "ID_INSTANCE", instance));
    if let Some(list) = interfaces(usb) {
        push(&mut all, "ID_USB_INTERFACES", list);
    }
    if let Some(interface) = interface {
        push(&mut all, "ID_USB_INTERFACE_NUM", interface.attribute("bInterfaceNumber").unwrap_or_default());
        push(&mut all, "ID_USB_DRIVER", interface.driver());
    }
    Some(all)
}

fn clean(text: &str) -> String {
    replace_characters(&replace_white_space(text), "")
}

/// ID_TYPE by the class of the interface.
fn kind_of(class: u8, subclass: u8) -> &'static str {
    match (class, subclass) {
        (1, _) => "audio",
        (2, _) => "modem",
        (3, _) => "hid",
        (6, _) => "media",
        (7, _) => "printer",
        (8, 2) => "cd",
        (8, 3) => "tape",
        (8, 4) => "floppy",
        (8, 1 | 6) => "disk",
        (8, _) => "generic",
        (9, _) => "hub",
        (0x0e, _) => "video",
        _ => "generic",
    }
}

/// Class, subclass and protocol of each interface of the device, each kind once: `:080650:030101:`.
fn interfaces(usb: &Device) -> Option<String> {
    let descriptors = fs::read(usb.path().join("descriptors")).ok()?;
    let mut list = String::from(":");
    let mut rest = descriptors.as_slice();
    // Each begins with its length and its kind; 4 is that of an interface.
    while let Some(length) =
        rest.first().map(|length| usize::from(*length)).filter(|length| *length >= 2 && *length <= rest.len())
    {
        let (descriptor, after) = rest.split_at(length);
        if let [_, 4, _, _, _, class, subclass, protocol, ..] = descriptor {
            let kind = format!("{class:02x}{subclass:02x}{protocol:02x}:");
            if !list.contains(&format!(":{kind}")) {
                list.push_str(&kind);
            }
        }
        rest = after;
    }
    (list.len() > 1).then_some(list)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::Fake;

    #[test]
    fn a_keyboard() {
        let fake = Fake::disk();
        let found = properties(fake.system(), &fake.device("class/input/event0")).unwrap();
        let shown: Vec<String> = found.iter().map(|(key, value)| format!("{key}={value}")).collect();
        assert_eq!(
            shown,
            [
                "ID_BUS=usb",
                "ID_MODEL=QEMU_USB_Keyboard",
                "ID_MODEL_ENC=QEMU\\x20USB\\x20Keyboard",
                "ID_MODEL_ID=0001",
                "ID_SERIAL=QEMU_QEMU_USB_Keyboard_68284",
                "ID_SERIAL_SHORT=68284",
                "ID_VENDOR=QEMU",
                "ID_VENDOR_ENC=QEMU",
                "ID_VENDOR_ID=0627",
                "ID_REVISION=0000",
                "ID_TYPE=hid",
                "ID_USB_INTERFACES=:030101:",
                "ID_USB_INTERFACE_NUM=00",
                "ID_USB_DRIVER=usbhid",
            ]
        );
        assert!(properties(fake.system(), &fake.device("class/block/sda1")).is_none());
    }
}
