// SPDX-License-Identifier: MIT OR Apache-2.0
//! Messages of rtnetlink(7) about links, addresses and routes.
//!
//! This part is pure, but for [`kernel`]. An attribute that is unknown or of another length than expected is left out, and the rest
//! of its message counts.

pub mod address;
pub mod kernel;
pub mod link;
pub mod route;
pub mod userop;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Types of messages (`linux/rtnetlink.h`).
#[allow(missing_docs)]
pub mod kind {
    pub const ERROR: u16 = 2;
    pub const DONE: u16 = 3;
    pub const NEW_LINK: u16 = 16;
    pub const DEL_LINK: u16 = 17;
    pub const GET_LINK: u16 = 18;
    pub const NEW_ADDRESS: u16 = 20;
    pub const DEL_ADDRESS: u16 = 21;
    pub const GET_ADDRESS: u16 = 22;
    pub const NEW_ROUTE: u16 = 24;
    pub const DEL_ROUTE: u16 = 25;
    pub const GET_ROUTE: u16 = 26;
    pub const NEW_ND_USER_OPTION: u16 = 68;
}

/// Flags of requests (`linux/netlink.h`).
#[allow(missing_docs)]
pub mod flag {
    pub const REQUEST: u16 = 1;
    pub const ACK: u16 = 4;
    pub const DUMP: u16 = 0x300;
    pub const REPLACE: u16 = 0x100;
    pub const EXCLUSIVE: u16 = 0x200;
    pub const CREATE: u16 = 0x400;
    pub const APPEND: u16 = 0x800;
}

/// Address families (`linux/socket.h`).
pub const AF_INET: u8 = 2;
/// See [`AF_INET`].
pub const AF_INET6: u8 = 10;

/// A message in a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message<'a> {
    /// Its type.
    pub kind: u16,
    /// Number of the request that it answers.
    pub sequence: u32,
    /// What follows the header.
    pub body: &'a [u8],
}

/// The messages of a packet; it ends where a length is not possible.
pub fn messages(mut packet: &[u8]) -> impl Iterator<Item = Message<'_>> {
    std::iter::from_fn(move || {
        let length = read_u32(packet, 0)? as usize;
        let message = packet.get(16..length)?;
        let (kind, sequence) = (read_u16(packet, 4)?, read_u32(packet, 8)?);
        packet = packet.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some(Message { kind, sequence, body: message })
    })
}

/// The attributes of a body: type and content. The list ends where a length is not possible.
pub fn attributes(mut bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let length = usize::from(read_u16(bytes, 0)?);
        let content = bytes.get(4..length)?;
        // The two highest bits say that it has attributes in it, and the order of its bytes.
        let kind = read_u16(bytes, 2)? & 0x3fff;
        bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some((kind, content))
    })
}

fn read_u16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_ne_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn read_u32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// A number of 32 bits that is all of an attribute.
fn number(bytes: &[u8]) -> Option<u32> {
    Some(u32::from_ne_bytes(bytes.try_into().ok()?))
}

/// A text that ends with NUL.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes.split(|byte| *byte == 0).next().unwrap_or_default()).into_owned()
}

/// An address by its length.
fn ip(bytes: &[u8]) -> Option<IpAddr> {
    match bytes.len() {
        4 => Some(Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?).into()),
        16 => Some(Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?).into()),
        _ => None,
    }
}

/// A request in the making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    bytes: Vec<u8>,
}

impl Request {
    /// A request with the fixed part `header` of its body.
    #[must_use]
    pub fn new(kind: u16, flags: u16, header: &[u8]) -> Request {
        let mut bytes = vec![0; 4];
        bytes.extend(kind.to_ne_bytes());
        bytes.extend((flags | flag::REQUEST).to_ne_bytes());
        bytes.extend([0; 8]);
        bytes.extend(header);
        Request { bytes }
    }

    /// Adds an attribute.
    #[must_use]
    pub fn with(mut self, kind: u16, content: &[u8]) -> Request {
        put(&mut self.bytes, kind, content);
        self
    }

    /// Adds an attribute that is a number.
    #[must_use]
    pub fn with_number(self, kind: u16, number: u32) -> Request {
        self.with(kind, &number.to_ne_bytes())
    }

    /// Adds an attribute that is an address.
    #[must_use]
    pub fn with_ip(self, kind: u16, address: IpAddr) -> Request {
        match address {
            IpAddr::V4(v4) => self.with(kind, &v4.octets()),
            IpAddr::V6(v6) => self.with(kind, &v6.octets()),
        }
    }

    /// Its bytes, with the number `sequence`.
    #[must_use]
    pub fn finish(mut self, sequence: u32) -> Vec<u8> {
        let length = u32::try_from(self.bytes.len()).unwrap_or(0);
        self.bytes[..4].copy_from_slice(&length.to_ne_bytes());
        self.bytes[8..12].copy_from_slice(&sequence.to_ne_bytes());
        self.bytes
    }
}

/// Appends an attribute to `bytes`. What is longer than 64 KiB is of no use to the kernel, and is left out.
pub fn put(bytes: &mut Vec<u8>, kind: u16, content: &[u8]) {
    let Ok(length) = u16::try_from(content.len() + 4) else { return };
    bytes.extend(length.to_ne_bytes());
    bytes.extend(kind.to_ne_bytes());
    bytes.extend(content);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read_as_they_are_written() {
        let request = Request::new(kind::NEW_ROUTE, flag::ACK, &[1; 12])
            .with(1, b"abcde")
            .with_number(2, 7)
            .with_ip(3, "192.0.2.1".parse().unwrap());
        let mut packet = request.finish(9);
        packet.extend(Request::new(kind::DONE, 0, &[0; 4]).finish(10));
        let found: Vec<Message<'_>> = messages(&packet).collect();
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].kind, found[0].sequence, found[1].sequence), (kind::NEW_ROUTE, 9, 10));
        let attributes: Vec<_> = attributes(&found[0].body[12..]).collect();
        assert_eq!(attributes[0], (1, &b"abcde"[..]));
        assert_eq!(number(attributes[1].1), Some(7));
        assert_eq!(ip(attributes[2].1), Some("192.0.2.1".parse().unwrap()));
    }

    #[test]
    fn lengths_that_cannot_be() {
        for packet in [
            &[][..],
            &[0; 16],
            &[15, 0, 0, 0],
            &[255; 64],
            &[17, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ] {
            assert_eq!(messages(packet).count(), 0, "{packet:?}");
        }
        for body in [&[][..], &[3, 0, 1, 0], &[9, 0, 1, 0, 1, 2, 3, 4], &[0; 8]] {
            assert_eq!(attributes(body).count(), 0, "{body:?}");
        }
        assert_eq!((number(&[1; 3]), ip(&[1; 5]), text(b"a\0b")), (None, None, "a".into()));
    }
}
