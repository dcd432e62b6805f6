// SPDX-License-Identifier: MIT OR Apache-2.0
//! Messages: RFC 2131, section 2; options: RFC 2132, 3396 (long ones), 3397 (domains), 3442 (routes).

use super::names;
use crate::prefix::Prefix;
use std::net::{IpAddr, Ipv4Addr};

/// Numbers of options.
#[allow(missing_docs)]
pub mod option {
    pub const MASK: u8 = 1;
    pub const ROUTERS: u8 = 3;
    pub const DNS: u8 = 6;
    pub const HOST_NAME: u8 = 12;
    pub const DOMAIN: u8 = 15;
    pub const MTU: u8 = 26;
    pub const BROADCAST: u8 = 28;
    pub const ADDRESS: u8 = 50;
    pub const LIFETIME: u8 = 51;
    pub const OVERLOAD: u8 = 52;
    pub const TYPE: u8 = 53;
    pub const SERVER: u8 = 54;
    pub const WANTED: u8 = 55;
    pub const TEXT: u8 = 56;
    pub const MAX_SIZE: u8 = 57;
    pub const T1: u8 = 58;
    pub const T2: u8 = 59;
    pub const CLIENT_ID: u8 = 61;
    pub const SEARCH: u8 = 119;
    pub const ROUTES: u8 = 121;
}

/// Types of messages: option 53.
#[allow(missing_docs)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Discover = 1,
    Offer = 2,
    Request = 3,
    Decline = 4,
    Ack = 5,
    Nak = 6,
    Release = 7,
    Inform = 8,
}

const KINDS: [Kind; 8] = [
    Kind::Discover,
    Kind::Offer,
    Kind::Request,
    Kind::Decline,
    Kind::Ack,
    Kind::Nak,
    Kind::Release,
    Kind::Inform,
];

const COOKIE: [u8; 4] = [99, 130, 83, 99];
/// Where the options begin.
const OPTIONS: usize = 240;
/// Servers and relays may drop a shorter message, as BOOTP did.
const SHORTEST: usize = 300;

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Whether a server sends it.
    pub is_reply: bool,
    /// Number of the exchange.
    pub xid: u32,
    /// Seconds since the client began.
    pub seconds: u16,
    /// Whether the client can take replies as broadcast only.
    pub broadcast: bool,
    /// The client's address, if it can use it (`ciaddr`).
    pub client: Ipv4Addr,
    /// The address that a server gives (`yiaddr`).
    pub yours: Ipv4Addr,
    /// The client's hardware address.
    pub hardware: [u8; 6],
    /// Options in order; those with the same number are joined.
    pub options: Vec<(u8, Vec<u8>)>,
}

impl Message {
    /// A client's message.
    #[must_use]
    pub fn new(kind: Kind, xid: u32, hardware: [u8; 6]) -> Message {
        Message {
            is_reply: false,
            xid,
            seconds: 0,
            broadcast: false,
            client: Ipv4Addr::UNSPECIFIED,
            yours: Ipv4Addr::UNSPECIFIED,
            hardware,
            options: vec![(option::TYPE, vec![kind as u8])],
        }
    }

    /// Reads a message of Ethernet.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(bytes: &[u8]) -> Result<Message, &'static str> {
        let (fixed, options) = bytes.split_at_checked(OPTIONS).ok_or("shorter than 240 bytes")?;
        let array = |at: usize| [fixed[at], fixed[at + 1], fixed[at + 2], fixed[at + 3]];
        if array(236) != COOKIE {
            return Err("not of DHCP: another magic cookie");
        }
        if fixed[1..3] != [1, 6] {
            return Err("not of Ethernet");
        }
        let mut message = Message {
            is_reply: match fixed[0] {
                1 => false,
                2 => true,
                _ => return Err("neither a request nor a reply"),
            },
            xid: u32::from_be_bytes(array(4)),
            seconds: u16::from_be_bytes([fixed[8], fixed[9]]),
            broadcast: fixed[10] & 0x80 != 0,
            client: array(12).into(),
            yours: array(16).into(),
            hardware: [fixed[28], fixed[29], fixed[30], fixed[31], fixed[32], fixed[33]],
            options: Vec::new(),
        };
        message.read_options(options)?;
        // Options may go on in the fields of the file's and of the server's names.
        let overload =
            message.get(option::OVERLOAD).and_then(|content| content.first()).copied().unwrap_or(0);
        if overload & 1 != 0 {
            message.read_options(&fixed[108..236])?;
        }
        if overload & 2 != 0 {
            message.read_options(&fixed[44..108])?;
        }
        Ok(message)
    }

    fn read_options(&mut self, mut bytes: &[u8]) -> Result<(), &'static str> {
        while let [code, rest @ ..] = bytes {
            match code {
                0 => bytes = rest,
                255 => break,
                _ => {
                    let (length, rest) = rest.split_first().ok_or("an option without a length")?;
                    let content;
                    (content, bytes) =
                        rest.split_at_checked((*length).into()).ok_or("an option that is cut off")?;
                    match self.options.iter_mut().find(|(known, _)| known == code) {
                        Some((_, whole)) => whole.extend(content),
                        None => self.options.push((*code, content.to_vec())),
                    }
                }
            }
        }
        Ok(())
    }

    /// Its bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![0; OPTIONS];
        bytes[..4].copy_from_slice(&[1 + u8::from(self.is_reply), 1, 6, 0]);
        bytes[4..8].copy_from_slice(&self.xid.to_be_bytes());
        bytes[8..10].copy_from_slice(&self.seconds.to_be_bytes());
        bytes[10] = u8::from(self.broadcast) << 7;
        bytes[12..16].copy_from_slice(&self.client.octets());
        bytes[16..20].copy_from_slice(&self.yours.octets());
        bytes[28..34].copy_from_slice(&self.hardware);
        bytes[236..].copy_from_slice(&COOKIE);
        for (code, content) in &self.options {
            if content.is_empty() {
                bytes.extend([*code, 0]);
            }
            for part in content.chunks(255) {
                bytes.extend([*code, part.len() as u8]);
                bytes.extend(part);
            }
        }
        bytes.push(255);
        bytes.resize(bytes.len().max(SHORTEST), 0);
        bytes
    }

    /// The same with one option more.
    #[must_use]
    pub fn with(mut self, code: u8, content: &[u8]) -> Message {
        self.options.push((code, content.to_vec()));
        self
    }

    /// Content of an option.
    #[must_use]
    pub fn get(&self, code: u8) -> Option<&[u8]> {
        self.options.iter().find(|(known, _)| *known == code).map(|(_, content)| content.as_slice())
    }

    /// Its type.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        let [number] = self.get(option::TYPE)? else { return None };
        KINDS.into_iter().find(|kind| *kind as u8 == *number)
    }

    /// An option that is a number of 32 bits.
    #[must_use]
    pub fn number(&self, code: u8) -> Option<u32> {
        Some(u32::from_be_bytes(self.get(code)?.try_into().ok()?))
    }

    /// An option that is one address.
    #[must_use]
    pub fn address(&self, code: u8) -> Option<Ipv4Addr> {
        self.number(code).map(Ipv4Addr::from_bits)
    }

    /// An option that is addresses; those that no host can have are left out.
    #[must_use]
    pub fn addresses(&self, code: u8) -> Vec<Ipv4Addr> {
        let content = self.get(code).unwrap_or_default();
        content
            .as_chunks::<4>()
            .0
            .iter()
            .map(|bytes| Ipv4Addr::from(*bytes))
            .filter(|a| is_host(*a))
            .collect()
    }

    /// An option that is a host's or domain's name. `None` also if it has characters that such names have not.
    #[must_use]
    pub fn name(&self, code: u8) -> Option<String> {
        let content = self.get(code)?;
        // Some servers end it with NUL.
        let content = content.split(|byte| *byte == 0).next()?;
        names::of_labels(&[content])
    }

    /// Names of domains in option 119.
    #[must_use]
    pub fn search(&self) -> Vec<String> {
        self.get(option::SEARCH).map(names::list).unwrap_or_default()
    }

    /// Networks and their routers in option 121; the router 0.0.0.0 stands for the link itself. Empty if one cannot be.
    #[must_use]
    pub fn routes(&self) -> Vec<(Prefix, Ipv4Addr)> {
        let mut routes = Vec::new();
        let mut bytes = self.get(option::ROUTES).unwrap_or_default();
        while let [length @ 0..=32, rest @ ..] = bytes {
            let significant = usize::from(*length).div_ceil(8);
            let Some((network, after)) = rest.split_at_checked(significant) else { return Vec::new() };
            let Some((router, after)) = after.split_first_chunk::<4>() else { return Vec::new() };
            let mut octets = [0; 4];
            octets[..significant].copy_from_slice(network);
            let prefix = Prefix { address: IpAddr::from(octets), length: *length };
            routes.push((prefix.network(), Ipv4Addr::from(*router)));
            bytes = after;
        }
        if bytes.is_empty() { routes } else { Vec::new() }
    }
}

/// Whether a host can have the address.
#[must_use]
pub fn is_host(address: Ipv4Addr) -> bool {
    !(address.is_unspecified() || address.is_broadcast() || address.is_multicast() || address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAC: [u8; 6] = [2, 0, 0, 0, 0, 1];

    #[test]
    fn a_message_is_read_as_it_is_written() {
        let mut message = Message::new(Kind::Request, 0x1234_5678, MAC)
            .with(option::ADDRESS, &[192, 0, 2, 7])
            .with(200, &[])
            .with(201, &[7; 600]);
        (message.seconds, message.broadcast) = (300, true);
        (message.client, message.yours) = ([192, 0, 2, 1].into(), [192, 0, 2, 2].into());
        let bytes = message.encode();
        assert_eq!(Message::parse(&bytes), Ok(message));
        let short = Message::new(Kind::Discover, 1, MAC).encode();
        assert_eq!(short.len(), SHORTEST);
    }

    #[test]
    fn options_in_the_fields_of_names() {
        let mut bytes = Message::new(Kind::Ack, 1, MAC).with(option::OVERLOAD, &[3]).encode();
        bytes[108..115].copy_from_slice(&[6, 4, 192, 0, 2, 53, 255]);
        bytes[44..51].copy_from_slice(&[6, 4, 192, 0, 2, 54, 255]);
        let message = Message::parse(&bytes).unwrap();
        assert_eq!(message.addresses(option::DNS), [[192, 0, 2, 53], [192, 0, 2, 54]].map(Ipv4Addr::from));
    }

    #[test]
    fn bad_messages() {
        let good = Message::new(Kind::Ack, 1, MAC).encode();
        for (change, error) in [
            (&(|b: &mut Vec<u8>| b.truncate(239)) as &dyn Fn(&mut Vec<u8>), "shorter than 240 bytes"),
            (&|b| b[236] = 0, "not of DHCP: another magic cookie"),
            (&|b| b[2] = 8, "not of Ethernet"),
            (&|b| b[0] = 3, "neither a request nor a reply"),
            (&|b| b.truncate(241), "an option without a length"),
            (&|b| b.truncate(242), "an option that is cut off"),
        ] {
            let mut bytes = good.clone();
            change(&mut bytes);
            assert_eq!(Message::parse(&bytes), Err(error));
        }
    }

    #[test]
    fn typed_options() {
        let message = Message::new(Kind::Ack, 1, MAC)
            .with(option::LIFETIME, &[0, 0, 14, 16])
            .with(option::DNS, &[192, 0, 2, 53, 0, 0, 0, 0, 127, 0, 0, 1, 9])
            .with(option::DOMAIN, b"example.net\0")
            .with(option::HOST_NAME, b"a b");
        assert_eq!((message.kind(), message.number(option::LIFETIME)), (Some(Kind::Ack), Some(3600)));
        assert_eq!(message.addresses(option::DNS), [Ipv4Addr::new(192, 0, 2, 53)]);
        assert_eq!(message.name(option::DOMAIN).as_deref(), Some("example.net"));
        assert_eq!((message.name(option::HOST_NAME), message.address(option::MASK)), (None, None));
    }

    #[test]
    fn classless_routes() {
        let routes = |content: &[u8]| Message::new(Kind::Ack, 1, MAC).with(option::ROUTES, content).routes();
        let found = routes(&[24, 10, 1, 2, 192, 0, 2, 1, 0, 192, 0, 2, 254, 32, 10, 9, 9, 9, 0, 0, 0, 0]);
        let shown: Vec<_> = found.iter().map(|(to, by)| format!("{to} {by}")).collect();
        assert_eq!(shown, ["10.1.2.0/24 192.0.2.1", "0.0.0.0/0 192.0.2.254", "10.9.9.9/32 0.0.0.0"]);
        for bad in [&[33, 1, 1, 1, 1, 1, 1, 1, 1, 1][..], &[24, 10, 1], &[24, 10, 1, 2, 192, 0, 2]] {
            assert_eq!(routes(bad), [], "{bad:?}");
        }
    }
}
