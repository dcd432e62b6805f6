// SPDX-License-Identifier: MIT OR Apache-2.0
//! Datagrams of UDP in packets of IPv4, for an interface that has no address yet.

use qos_sys::packet::Instruction;
use std::net::Ipv4Addr;

/// The client's port.
pub const CLIENT: u16 = 68;
/// The server's port.
pub const SERVER: u16 = 67;

/// A packet with `content`, from the client's to the server's port.
#[must_use]
pub fn wrap(from: Ipv4Addr, to: Ipv4Addr, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(28 + content.len()).unwrap_or(u16::MAX);
    let mut packet = vec![0x45, 0];
    packet.extend(length.to_be_bytes());
    // No number, not to be cut; 64 hops, UDP, room for the checksum.
    packet.extend([0, 0, 0x40, 0, 64, 17, 0, 0]);
    packet.extend(from.octets());
    packet.extend(to.octets());
    let checksum = checksum(0, &packet);
    packet[10..12].copy_from_slice(&checksum.to_be_bytes());
    packet.extend([CLIENT, SERVER, length - 20, 0].iter().flat_map(|number| number.to_be_bytes()));
    packet.extend(content);
    // The pseudo header: addresses, protocol, length.
    let start = 17 + u32::from(length - 20) + sum(&packet[12..20]);
    let checksum = match self::checksum(start, &packet[20..]) {
        // Zero would be "none".
        0 => u16::MAX,
        sum => sum,
    };
    packet[26..28].copy_from_slice(&checksum.to_be_bytes());
    packet
}

/// The content of a packet to the client's port. The checksum of UDP is not compared: where the sender is a virtual machine of the same
/// host, there may be none yet.
#[must_use]
pub fn unwrap(packet: &[u8]) -> Option<&[u8]> {
    let header = usize::from(packet.first()? & 15) * 4;
    if packet[0] >> 4 != 4 || header < 20 || checksum(0, packet.get(..header)?) != 0 {
        return None;
    }
    let total = usize::from(u16::from_be_bytes([packet[2], packet[3]]));
    let is_fragment = u16::from_be_bytes([packet[6], packet[7]]) & 0x3fff != 0;
    let datagram = packet.get(header..total)?;
    let [_, _, a, b, c, d, _, _, ..] = *datagram else { return None };
    let length = usize::from(u16::from_be_bytes([c, d]));
    let fits = packet[9] == 17 && !is_fragment && u16::from_be_bytes([a, b]) == CLIENT;
    datagram.get(8..length).filter(|_| fits)
}

fn sum(bytes: &[u8]) -> u32 {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let rest = rest.first().map_or(0, |last| u32::from(*last) << 8);
    pairs.iter().map(|pair| u32::from(u16::from_be_bytes(*pair))).fold(rest, u32::wrapping_add)
}

/// The checksum of the Internet (RFC 1071), after a sum of what came before.
#[must_use]
pub fn checksum(start: u32, bytes: &[u8]) -> u16 {
    let mut total = start.wrapping_add(sum(bytes));
    while total > 0xffff {
        total = (total & 0xffff) + (total >> 16);
    }
    !(total as u16)
}

/// Lets pass whole datagrams to the client's port.
pub const FILTER: [Instruction; 9] = {
    const fn load(code: u16, operand: u32) -> Instruction {
        Instruction { code, yes: 0, no: 0, operand }
    }
    const fn jump(code: u16, operand: u32, yes: u8, no: u8) -> Instruction {
        Instruction { code, yes, no, operand }
    }
    [
        // The protocol: UDP.
        load(0x30, 9),
        jump(0x15, 17, 0, 6),
        // No later fragment.
        load(0x28, 6),
        jump(0x45, 0x1fff, 4, 0),
        // The port behind a header of any length.
        load(0xb1, 0),
        load(0x48, 2),
        jump(0x15, CLIENT as u32, 0, 1),
        load(0x06, u32::MAX),
        load(0x06, 0),
    ]
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets() {
        let mut packet = wrap(Ipv4Addr::UNSPECIFIED, Ipv4Addr::BROADCAST, b"abc");
        assert_eq!((packet.len(), checksum(0, &packet[..20])), (31, 0));
        let pseudo = 17 + 11 + sum(&packet[12..20]);
        assert_eq!(checksum(pseudo, &packet[20..]), 0);
        // As an answer: to the client's port.
        packet[22..24].copy_from_slice(&CLIENT.to_be_bytes());
        assert_eq!(unwrap(&packet), Some(&b"abc"[..]));
        // What Ethernet fills up is no content.
        packet.extend([0; 15]);
        assert_eq!(unwrap(&packet), Some(&b"abc"[..]));
        for (at, value) in
            [(0, 0x65), (0, 0x44), (0, 0x4f), (2, 1), (6, 0x60), (8, 63), (9, 6), (23, 67), (25, 4), (25, 90)]
        {
            let mut other = packet.clone();
            other[at] = value;
            assert_eq!(unwrap(&other), None, "{at}");
        }
        assert_eq!((unwrap(&[]), unwrap(&[0x45; 20])), (None, None));
    }
}
