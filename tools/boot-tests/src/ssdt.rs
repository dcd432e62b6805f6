// SPDX-License-Identifier: MIT OR Apache-2.0
//! ACPI tables that describe a device, for drivers that match a device by its ID. A table is a header and AML, which the kernel
//! interprets like the tables of the firmware.
//!
//! ACPI specification 6.5: 5.2.6 (header), 19.6 (the language), 20.2 (its encoding), 6.4.3.8.2 (serial bus resources).

/// `_SB.T432`, whose hardware identifier the samples in samples/rust match: LNUXBEEF.
#[derive(Clone, Debug, Default)]
pub struct Device {
    more: Vec<u8>,
}

/// The UUID of the first package of `_DSD`: properties (UEFI's Device Properties UUID, daffd814-6eba-4d8c-8a91-bc9bbf4aa301).
const PROPERTIES: [u8; 16] =
    [0x14, 0xd8, 0xff, 0xda, 0xba, 0x6e, 0x8c, 0x4d, 0x8a, 0x91, 0xbc, 0x9b, 0xbf, 0x4a, 0xa3, 0x01];

/// Baud rate of a device on a serial port.
const BAUD: u32 = 115_200;

impl Device {
    /// Adds the property `compatible` with this text.
    #[must_use]
    pub fn compatible(mut self, text: &str) -> Self {
        let property = package(2, &[string("compatible"), string(text)].concat());
        let contents = [buffer(&PROPERTIES), package(1, &property)].concat();
        self.more.extend(name("_DSD", &package(2, &contents)));
        self
    }

    /// Puts it at the end of a serial port: `port` is its path in ACPI's namespace.
    #[must_use]
    pub fn on_serial_port(mut self, port: &str) -> Self {
        /// Revision 1, source 0, type UART; the device uses the bus; 8 data bits, 1 stop bit, no flow control (0b11 << 4).
        const KIND: [u8; 7] = [1, 0, 3, 0b10, 0x30, 0, 1];
        let own = [&BAUD.to_le_bytes()[..], &[16, 0, 16, 0, 0, 0]].concat();
        let own_length = u16::try_from(own.len()).unwrap_or(u16::MAX).to_le_bytes();
        let body = [&KIND[..], &own_length, &own, port.as_bytes(), &[0]].concat();
        let length = u16::try_from(body.len()).unwrap_or(u16::MAX).to_le_bytes();
        // A serial bus descriptor, and the end tag without a checksum.
        let resources = [&[0x8e][..], &length, &body, &[0x79, 0]].concat();
        self.more.extend(name("_CRS", &buffer(&resources)));
        self
    }

    /// The table.
    #[must_use]
    pub fn table(&self) -> Vec<u8> {
        let own = [
            name("_HID", &string("LNUXBEEF")),
            name("_UID", &[0x01]),
            // Present, enabled, shown, works.
            name("_STA", &[0x0a, 0x0f]),
            self.more.clone(),
        ];
        let device = sized(&[0x5b, 0x82], &[b"T432", own.concat().as_slice()].concat());
        let scope = sized(&[0x10], &[b"\\_SB_".as_slice(), &device].concat());
        let length = u32::try_from(HEADER + scope.len()).unwrap_or(u32::MAX).to_le_bytes();
        let start = [b"SSDT".as_slice(), &length, &[2, 0], b"TEST\0\0", b"VIRTACPI"].concat();
        let mut table = [&start[..], &1_u32.to_le_bytes(), b"QOS ", &1_u32.to_le_bytes(), &scope].concat();
        table[CHECKSUM] = sum(&table).wrapping_neg();
        table
    }
}

const HEADER: usize = 36;
const CHECKSUM: usize = 9;

/// All bytes of a table add up to 0.
fn sum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum.wrapping_add(*byte))
}

fn name(segment: &str, value: &[u8]) -> Vec<u8> {
    [&[0x08], segment.as_bytes(), value].concat()
}

fn string(text: &str) -> Vec<u8> {
    [&[0x0d], text.as_bytes(), &[0]].concat()
}

fn buffer(bytes: &[u8]) -> Vec<u8> {
    let size = u8::try_from(bytes.len()).unwrap_or(u8::MAX);
    sized(&[0x11], &[&[0x0a, size], bytes].concat())
}

fn package(count: u8, contents: &[u8]) -> Vec<u8> {
    sized(&[0x12], &[&[count], contents].concat())
}

/// An operator, the length of what follows (PkgLength, which counts itself), and that.
fn sized(operator: &[u8], contents: &[u8]) -> Vec<u8> {
    let one = contents.len() + 1;
    let two = contents.len() + 2;
    let length = match (u8::try_from(one), u8::try_from(two & 0xf), u8::try_from(two >> 4)) {
        (Ok(length @ 0..=0x3f), ..) => vec![length],
        (_, Ok(low), Ok(high)) => vec![0x40 | low, high],
        _ => panic!("an AML object of {one} bytes: this encoder ends at 4095"),
    };
    [operator, &length, contents].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_count_themselves() {
        let check = |length: usize, expect: &[u8]| {
            assert_eq!(sized(&[0x10], &vec![0xaa; length])[1..=expect.len()], *expect, "{length}");
        };
        check(0, &[1]);
        check(0x3e, &[0x3f]);
        check(0x3f, &[0x41, 0x04]);
        check(0xffd, &[0x4f, 0xff]);
    }

    #[test]
    fn a_table_says_its_length_and_adds_up() {
        for device in [
            Device::default(),
            Device::default().compatible("x"),
            Device::default().on_serial_port("\\_SB.PCI0.COM2"),
        ] {
            let table = device.table();
            assert_eq!(table[4..8], u32::try_from(table.len()).expect("a short table").to_le_bytes());
            assert_eq!(sum(&table), 0);
        }
    }
}
