// SPDX-License-Identifier: MIT OR Apache-2.0
//! Packets of NETLINK_KOBJECT_UEVENT: the kernel's, and those of udev, which libudev's monitors read.
//!
//! A packet of the kernel is `ACTION@DEVPATH`, a NUL, and properties `KEY=VALUE`, each with a NUL (`lib/kobject_uevent.c`). One of udev
//! is a header of 40 bytes and the same properties (`struct monitor_netlink_header` in systemd's `sd-device/device-monitor.c`).

use std::fmt;

/// The begin of a packet of udev.
const PREFIX: &[u8; 8] = b"libudev\0";
/// Marks the format of the header, in network byte order.
const MAGIC: u32 = 0xfeed_cafe;
/// Bytes of the header.
const HEADER: usize = 40;
/// What nobody has that many of: properties of a device.
const MOST: usize = 1024;

/// An event of a device.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Event {
    /// `add`, `remove`, `change`, `move`, `online`, `offline`, `bind`, `unbind`.
    pub action: String,
    /// Path of the device below `/sys`, with a slash in front.
    pub devpath: String,
    /// The kernel's number of the event; 0 if it has none.
    pub seqnum: u64,
    /// All properties in the order of the packet, ACTION, DEVPATH and SEQNUM among them.
    pub properties: Vec<(String, String)>,
}

/// Why a packet is not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// It is no event of the kernel: no `ACTION@DEVPATH`, or its properties say something else.
    Kernel,
    /// It begins as one of udev, but its header is wrong.
    Header,
    /// A property has no `=`, or there are too many.
    Properties,
    /// ACTION or DEVPATH is missing, or DEVPATH does not lead below `/sys`.
    Device,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Error::Kernel => "no ACTION@DEVPATH at its begin",
            Error::Header => "wrong header of libudev",
            Error::Properties => "a property without `=`, or too many",
            Error::Device => "no ACTION, or no DEVPATH below /sys",
        })
    }
}

impl std::error::Error for Error {}

impl Event {
    /// The value of a property.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.properties.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    /// Reads a packet of the kernel or of udev. Bytes that are no UTF-8 become replacement characters.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn parse(packet: &[u8]) -> Result<Event, Error> {
        if packet.starts_with(PREFIX) {
            return Self::of_properties(properties(packet)?);
        }
        let end = packet.iter().position(|byte| *byte == 0).ok_or(Error::Kernel)?;
        let (title, rest) = packet.split_at(end);
        let title = String::from_utf8_lossy(title);
        let (action, devpath) = title.split_once('@').ok_or(Error::Kernel)?;
        let event = Self::of_properties(&rest[1..])?;
        if event.action == action && event.devpath == devpath { Ok(event) } else { Err(Error::Kernel) }
    }

    fn of_properties(bytes: &[u8]) -> Result<Event, Error> {
        let mut event = Event::default();
        for property in bytes.split(|byte| *byte == 0).filter(|property| !property.is_empty()) {
            let text = String::from_utf8_lossy(property);
            let (key, value) =
                text.split_once('=').filter(|(key, _)| !key.is_empty()).ok_or(Error::Properties)?;
            if event.properties.len() == MOST {
                return Err(Error::Properties);
            }
            event.properties.push((key.to_owned(), value.to_owned()));
        }
        event.action = event.get("ACTION").unwrap_or_default().to_owned();
        event.devpath = event.get("DEVPATH").unwrap_or_default().to_owned();
        event.seqnum = event.get("SEQNUM").and_then(|number| number.parse().ok()).unwrap_or(0);
        let inside = event.devpath.strip_prefix('/').is_some_and(|path| {
            !path.is_empty() && path.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
        });
        if event.action.is_empty() || !inside { Err(Error::Device) } else { Ok(event) }
    }

    /// The packet that udev sends for it. `tags` are for filters of monitors.
    #[must_use]
    pub fn packet<'a>(&self, tags: impl IntoIterator<Item = &'a str>) -> Vec<u8> {
        let mut body = Vec::with_capacity(1024);
        for (key, value) in &self.properties {
            body.extend_from_slice(key.as_bytes());
            body.push(b'=');
            body.extend_from_slice(value.as_bytes());
            body.push(0);
        }
        let bloom = tags.into_iter().fold(0, |bits, tag| bits | bloom(tag));
        let hash = |key: &str| self.get(key).map_or(0, |text| hash(text.as_bytes()));
        let size = u32::try_from(body.len()).unwrap_or(u32::MAX);
        let mut packet = Vec::with_capacity(HEADER + body.len());
        packet.extend_from_slice(PREFIX);
        packet.extend_from_slice(&MAGIC.to_be_bytes());
        // Sizes are in the byte order of the machine.
        for number in [HEADER as u32, HEADER as u32, size] {
            packet.extend_from_slice(&number.to_ne_bytes());
        }
        for number in [hash("SUBSYSTEM"), hash("DEVTYPE"), (bloom >> 32) as u32, bloom as u32] {
            packet.extend_from_slice(&number.to_be_bytes());
        }
        packet.extend_from_slice(&body);
        packet
    }
}

/// The properties of a packet of udev.
fn properties(packet: &[u8]) -> Result<&[u8], Error> {
    let number = |at: usize| packet.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
    let magic = number(8).map(u32::from_be_bytes);
    let offset = number(16).map(u32::from_ne_bytes).and_then(|number| usize::try_from(number).ok());
    let size = number(20).map(u32::from_ne_bytes).and_then(|number| usize::try_from(number).ok());
    let (Some(MAGIC), Some(offset), Some(size)) = (magic, offset, size) else { return Err(Error::Header) };
    let end = offset.checked_add(size).filter(|_| offset >= HEADER).ok_or(Error::Header)?;
    packet.get(offset..end).ok_or(Error::Header)
}

/// The bits of a tag in a Bloom filter of 64 bits, as libudev sets them.
fn bloom(tag: &str) -> u64 {
    let hash = hash(tag.as_bytes());
    [0, 6, 12, 18].iter().fold(0, |bits, shift| bits | 1 << ((hash >> shift) & 63))
}

/// MurmurHash2 of 32 bits with seed 0, by which libudev filters.
fn hash(data: &[u8]) -> u32 {
    const M: u32 = 0x5bd1_e995;
    // The algorithm takes the low 32 bits of the length.
    let mut hash = data.len() as u32;
    let mut chunks = data.chunks_exact(4);
    for chunk in &mut chunks {
        let mut word = u32::from_le_bytes([chunk[0], chunk[1], chunk[2], chunk[3]]).wrapping_mul(M);
        word ^= word >> 24;
        hash = hash.wrapping_mul(M) ^ word.wrapping_mul(M);
    }
    let rest = chunks.remainder();
    if !rest.is_empty() {
        for (at, byte) in rest.iter().enumerate() {
            hash ^= u32::from(*byte) << (8 * at);
        }
        hash = hash.wrapping_mul(M);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(M);
    hash ^ (hash >> 15)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADD: &[u8] =
        b"add@/devices/pci0/vda\0ACTION=add\0DEVPATH=/devices/pci0/vda\0SUBSYSTEM=block\0SEQNUM=17\0A=b=c\0";

    #[test]
    fn of_the_kernel() {
        let event = Event::parse(ADD).unwrap();
        assert_eq!(
            (event.action.as_str(), event.devpath.as_str(), event.seqnum),
            ("add", "/devices/pci0/vda", 17)
        );
        assert_eq!((event.get("A"), event.get("NONE"), event.properties.len()), (Some("b=c"), None, 5));
    }

    #[test]
    fn of_udev() {
        let mut event = Event::parse(ADD).unwrap();
        event.properties.push(("DEVTYPE".into(), "disk".into()));
        let packet = event.packet(["systemd", "seat"]);
        assert_eq!(&packet[..16], b"libudev\0\xfe\xed\xca\xfe\x28\0\0\0");
        assert_eq!(Event::parse(&packet), Ok(event));
    }

    #[test]
    fn hashes_as_libudev_has_them() {
        // By the C code of MurmurHash2, `MurmurHash2(text, strlen(text), 0)`.
        for (text, expect) in [("", 0), ("block", 0xf003_1db7), ("net", 0xa74d_3cc8), ("disk", 0x7bcb_c5ee)] {
            assert_eq!(hash(text.as_bytes()), expect, "{text}");
        }
        assert_eq!(bloom("systemd").count_ones(), 4);
    }

    #[test]
    fn what_is_no_event() {
        for (packet, expect) in [
            (&b""[..], Error::Kernel),
            (b"add\0ACTION=add\0", Error::Kernel),
            (b"add@/a\0ACTION=remove\0DEVPATH=/a\0", Error::Kernel),
            (b"add@/a\0ACTION=add\0DEVPATH=/a\0X\0", Error::Properties),
            (b"add@/a\0ACTION=add\0", Error::Device),
            (b"add@/../a\0ACTION=add\0DEVPATH=/../a\0", Error::Device),
            (b"libudev\0", Error::Header),
            (b"libudev\0\xfe\xed\xca\xfe\x28\0\0\0\x28\0\0\0\xff\0\0\0aaaaaaaaaaaaaaaa", Error::Header),
        ] {
            assert_eq!(Event::parse(packet), Err(expect), "{}", packet.escape_ascii());
        }
    }
}
