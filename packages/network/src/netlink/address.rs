// SPDX-License-Identifier: MIT OR Apache-2.0
//! Addresses of links.

use super::{AF_INET, AF_INET6, Request, attributes, flag, ip, kind, number, read_u32, text};
use crate::prefix::Prefix;
use std::net::{IpAddr, Ipv4Addr};

/// Flags of addresses (`linux/if_addr.h`).
#[allow(missing_docs)]
pub mod flags {
    pub const SECONDARY: u32 = 1;
    pub const NO_DAD: u32 = 2;
    pub const DAD_FAILED: u32 = 8;
    pub const DEPRECATED: u32 = 0x20;
    pub const TENTATIVE: u32 = 0x40;
    pub const PERMANENT: u32 = 0x80;
    pub const MANAGE_TEMPORARY: u32 = 0x100;
    pub const NO_PREFIX_ROUTE: u32 = 0x200;
    pub const STABLE_PRIVACY: u32 = 0x800;
}

/// A lifetime without end.
pub const FOREVER: u32 = u32::MAX;

/// An address of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Index of the link.
    pub link: u32,
    /// The address and its network.
    pub local: Prefix,
    /// The other end of a point-to-point link.
    pub peer: Option<IpAddr>,
    /// Broadcast address.
    pub broadcast: Option<Ipv4Addr>,
    /// Scope: 0 global, 253 link, 254 host.
    pub scope: u8,
    /// Flags.
    pub flags: u32,
    /// A label of IPv4 that begins with the link's name.
    pub label: Option<String>,
    /// Seconds that it may be used, and that it is preferred.
    pub lifetimes: (u32, u32),
    /// Metric of the route to its network.
    pub metric: u32,
}

impl Address {
    /// An address that stays.
    #[must_use]
    pub fn new(link: u32, local: Prefix) -> Address {
        Address {
            link,
            local,
            peer: None,
            broadcast: None,
            scope: 0,
            flags: 0,
            label: None,
            lifetimes: (FOREVER, FOREVER),
            metric: 0,
        }
    }

    /// Reads the body of a message.
    #[must_use]
    pub fn parse(body: &[u8]) -> Option<Address> {
        let [family, length, flags, scope, ..] = *body else { return None };
        let (mut first, mut local) = (None, None);
        let mut address = Address::new(read_u32(body, 4)?, Prefix::any(family == AF_INET6));
        (address.flags, address.scope) = (flags.into(), scope);
        for (kind, content) in attributes(body.get(8..)?) {
            match kind {
                1 => first = ip(content),
                2 => local = ip(content),
                3 => address.label = Some(text(content)),
                4 => address.broadcast = ip(content).and_then(v4),
                6 => {
                    let both = (read_u32(content, 4), read_u32(content, 0));
                    address.lifetimes = (both.0.unwrap_or(FOREVER), both.1.unwrap_or(FOREVER));
                }
                8 => address.flags = number(content).unwrap_or(address.flags),
                9 => address.metric = number(content).unwrap_or(0),
                _ => {}
            }
        }
        let (first, own) = (first?, local.unwrap_or(first?));
        let fits = (family == AF_INET6) == own.is_ipv6() && length <= Prefix::host(own).length;
        address.local = Prefix { address: own, length };
        address.peer = (first != own).then_some(first);
        fits.then_some(address)
    }

    /// Whether it has all of `flags`.
    #[must_use]
    pub fn is(&self, flags: u32) -> bool {
        self.flags & flags == flags
    }

    /// Whether both are the same address of the same link, to the kernel.
    #[must_use]
    pub fn is_same(&self, other: &Address) -> bool {
        let address = |one: &Address| (one.link, one.local, one.peer);
        address(self) == address(other)
    }

    /// A request to add it; an address that is there gets its lifetimes.
    #[must_use]
    pub fn add(&self, exclusive: bool) -> Request {
        let how = if exclusive { flag::EXCLUSIVE } else { flag::REPLACE };
        let mut request = self.request(kind::NEW_ADDRESS, flag::ACK | flag::CREATE | how);
        if let Some(broadcast) = self.broadcast {
            request = request.with(4, &broadcast.octets());
        }
        if let Some(label) = &self.label {
            request = request.with(3, &[label.as_bytes(), &[0]].concat());
        }
        if self.lifetimes != (FOREVER, FOREVER) {
            let (valid, preferred) = self.lifetimes;
            let numbers = [preferred.min(valid), valid, 0, 0].map(u32::to_ne_bytes);
            request = request.with(6, numbers.as_flattened());
        }
        if self.metric > 0 {
            request = request.with_number(9, self.metric);
        }
        request.with_number(8, self.flags)
    }

    /// A request to remove it.
    #[must_use]
    pub fn remove(&self) -> Request {
        self.request(kind::DEL_ADDRESS, flag::ACK)
    }

    fn request(&self, kind: u16, flags: u16) -> Request {
        let Prefix { address, length } = self.local;
        let family = if address.is_ipv4() { AF_INET } else { AF_INET6 };
        let mut header = [family, length, 0, self.scope, 0, 0, 0, 0];
        header[4..].copy_from_slice(&self.link.to_ne_bytes());
        Request::new(kind, flags, &header).with_ip(2, address).with_ip(1, self.peer.unwrap_or(address))
    }
}

fn v4(address: IpAddr) -> Option<Ipv4Addr> {
    match address {
        IpAddr::V4(v4) => Some(v4),
        IpAddr::V6(_) => None,
    }
}

/// A request for all addresses.
#[must_use]
pub fn list() -> Request {
    Request::new(kind::GET_ADDRESS, flag::DUMP, &[0; 8])
}

#[cfg(test)]
mod tests {
    use super::super::messages;
    use super::*;

    #[test]
    fn an_address_is_read_as_it_is_written() {
        let mut address = Address::new(3, "192.0.2.7/24".parse().unwrap());
        for change in [
            |_: &mut Address| {},
            |a: &mut Address| a.peer = Some("192.0.2.9".parse().unwrap()),
            |a: &mut Address| a.broadcast = Some("192.0.2.255".parse().unwrap()),
            |a: &mut Address| a.lifetimes = (600, 300),
            |a: &mut Address| (a.metric, a.flags, a.scope) = (1024, flags::NO_PREFIX_ROUTE, 253),
            |a: &mut Address| a.label = Some("eth0:1".into()),
            |a: &mut Address| *a = Address::new(4, "2001:db8::1/64".parse().unwrap()),
        ] {
            change(&mut address);
            let packet = address.add(false).finish(1);
            assert_eq!(Address::parse(messages(&packet).next().unwrap().body), Some(address.clone()));
        }
        for body in [&[][..], &[2, 24, 0, 0, 1, 0, 0, 0], &[2, 33, 0, 0, 1, 0, 0, 0, 8, 0, 1, 0, 1, 2, 3, 4]]
        {
            assert_eq!(Address::parse(body), None);
        }
    }
}
