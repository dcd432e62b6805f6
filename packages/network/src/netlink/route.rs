// SPDX-License-Identifier: MIT OR Apache-2.0
//! Routes.

use super::{AF_INET, AF_INET6, Request, attributes, flag, ip, kind, number, put, read_u32};
use crate::prefix::Prefix;
use std::net::IpAddr;

/// The main table.
pub const MAIN: u32 = 254;
/// Scope of routes through a gateway.
pub const UNIVERSE: u8 = 0;
/// Scope of routes to neighbours.
pub const LINK: u8 = 253;

/// Who made a route, by number (`/etc/iproute2/rt_protos`).
pub const PROTOCOLS: [(u8, &str); 13] = [
    (0, "unspec"),
    (1, "redirect"),
    (2, "kernel"),
    (3, "boot"),
    (4, "static"),
    (8, "gated"),
    (9, "ra"),
    (10, "mrt"),
    (11, "zebra"),
    (12, "bird"),
    (16, "dhcp"),
    (186, "bgp"),
    (188, "ospf"),
];

/// Types of routes, by number.
pub const TYPES: [&str; 9] =
    ["none", "unicast", "local", "broadcast", "anycast", "multicast", "blackhole", "unreachable", "prohibit"];

/// A route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The network that it leads to.
    pub destination: Prefix,
    /// The router.
    pub gateway: Option<IpAddr>,
    /// Index of the link.
    pub link: Option<u32>,
    /// The smaller, the better.
    pub metric: u32,
    /// Address that packets come from if their program gave none.
    pub source: Option<IpAddr>,
    /// How far the destination is.
    pub scope: u8,
    /// Who made it: a number of [`PROTOCOLS`].
    pub protocol: u8,
    /// Index of [`TYPES`].
    pub kind: u8,
    /// Its table.
    pub table: u32,
    /// Flags: 1 dead, 4 the gateway is on the link whatever the addresses are, 16 no carrier.
    pub flags: u32,
    /// MTU, if it is not the link's.
    pub mtu: Option<u32>,
    /// Hop limit of packets, if a router announced it.
    pub hop_limit: Option<u32>,
    /// Seconds until it ends.
    pub expires: Option<u32>,
    /// Preference of a router of IPv6: 0 medium, 1 high, 3 low.
    pub preference: Option<u8>,
    /// Further gateways, each with its link and weight.
    pub hops: Vec<(Option<IpAddr>, u32, u8)>,
}

/// In [`Route::flags`]: `onlink`.
pub const ON_LINK: u32 = 4;

impl Route {
    /// A unicast route of the main table.
    #[must_use]
    pub fn new(destination: Prefix) -> Route {
        Route {
            destination: destination.network(),
            gateway: None,
            link: None,
            metric: 0,
            source: None,
            scope: UNIVERSE,
            protocol: 4,
            kind: 1,
            table: MAIN,
            flags: 0,
            mtu: None,
            hop_limit: None,
            expires: None,
            preference: None,
            hops: Vec::new(),
        }
    }

    /// Reads the body of a message; `None` also for a route of the kernel's cache.
    #[must_use]
    pub fn parse(body: &[u8]) -> Option<Route> {
        let [family, length, _, _, table, protocol, scope, kind, ..] = *body else { return None };
        let mut route = Route::new(Prefix::any(family == AF_INET6));
        (route.protocol, route.scope, route.kind, route.table) = (protocol, scope, kind, table.into());
        route.flags = read_u32(body, 8)?;
        for (kind, content) in attributes(body.get(12..)?) {
            match kind {
                1 => route.destination.address = ip(content)?,
                4 => route.link = number(content),
                5 => route.gateway = ip(content),
                6 => route.metric = number(content).unwrap_or(0),
                7 => route.source = ip(content),
                8 => {
                    // RTAX_MTU and RTAX_HOPLIMIT in RTA_METRICS
                    let of = |wanted: u16| {
                        let found = attributes(content).find(|(kind, _)| *kind == wanted);
                        found.and_then(|(_, content)| number(content))
                    };
                    (route.mtu, route.hop_limit) = (of(2), of(10));
                }
                9 => route.hops = hops(content),
                // The rest of the cache's facts: seconds until it ends, in hundredths.
                12 => route.expires = read_u32(content, 8).filter(|time| *time > 0).map(|time| time / 100),
                15 => route.table = number(content).unwrap_or(route.table),
                18 => route.gateway = route.gateway.or_else(|| ip(content.get(2..)?)),
                20 => route.preference = content.first().copied(),
                _ => {}
            }
        }
        let fits = matches!(family, AF_INET | AF_INET6)
            && route.destination.address.is_ipv6() == (family == AF_INET6)
            && length <= Prefix::host(route.destination.address).length;
        route.destination.length = length;
        // RTM_F_CLONED
        (fits && route.flags & 0x200 == 0).then_some(route)
    }

    /// Whether both are the same route, to the kernel.
    #[must_use]
    pub fn is_same(&self, other: &Route) -> bool {
        let key = |one: &Route| {
            (one.destination, one.table, metric(one), one.gateway, one.link, one.kind, one.source, one.scope)
        };
        key(self) == key(other)
    }

    /// A request to add it, in the place of the same one.
    #[must_use]
    pub fn add(&self, how: u16) -> Request {
        let mut request = self.request(kind::NEW_ROUTE, flag::ACK | flag::CREATE | how);
        if let Some(mtu) = self.mtu {
            let mut metrics = Vec::new();
            put(&mut metrics, 2, &mtu.to_ne_bytes());
            request = request.with(8, &metrics);
        }
        request
    }

    /// A request to remove it.
    #[must_use]
    pub fn remove(&self) -> Request {
        self.request(kind::DEL_ROUTE, flag::ACK)
    }

    fn request(&self, kind: u16, flags: u16) -> Request {
        let Prefix { address, length } = self.destination;
        let family = if address.is_ipv4() { AF_INET } else { AF_INET6 };
        let table = u8::try_from(self.table).unwrap_or(0);
        let mut header = [family, length, 0, 0, table, self.protocol, self.scope, self.kind, 0, 0, 0, 0];
        header[8..].copy_from_slice(&self.flags.to_ne_bytes());
        let mut request = Request::new(kind, flags, &header).with_number(15, self.table);
        if length > 0 {
            request = request.with_ip(1, address);
        }
        let numbers = [(4, self.link), (6, Some(self.metric).filter(|metric| *metric > 0))];
        let addresses = [(5, self.gateway), (7, self.source)];
        for (kind, number) in numbers.into_iter().filter_map(|(kind, number)| Some((kind, number?))) {
            request = request.with_number(kind, number);
        }
        for (kind, address) in addresses.into_iter().filter_map(|(kind, address)| Some((kind, address?))) {
            request = request.with_ip(kind, address);
        }
        request
    }
}

/// The metric: of IPv6 it is 1024 where none is given.
fn metric(route: &Route) -> u32 {
    if route.metric == 0 && route.destination.address.is_ipv6() { 1024 } else { route.metric }
}

/// The gateways of RTA_MULTIPATH.
fn hops(mut bytes: &[u8]) -> Vec<(Option<IpAddr>, u32, u8)> {
    let mut hops = Vec::new();
    while let Some(length) = super::read_u16(bytes, 0).map(usize::from) {
        let (Some(link), Some(inner)) = (read_u32(bytes, 4), bytes.get(8..length)) else { break };
        let gateway = attributes(inner).find(|(kind, _)| *kind == 5).and_then(|(_, address)| ip(address));
        hops.push((gateway, link, bytes[3].saturating_add(1)));
        bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    hops
}

/// A request for all routes of IPv4 or IPv6.
#[must_use]
pub fn list(v6: bool) -> Request {
    let mut header = [0; 12];
    header[0] = if v6 { AF_INET6 } else { AF_INET };
    Request::new(kind::GET_ROUTE, flag::DUMP, &header)
}

#[cfg(test)]
mod tests {
    use super::super::messages;
    use super::*;

    #[test]
    fn a_route_is_read_as_it_is_written() {
        let mut route = Route::new("192.0.2.7/24".parse().unwrap());
        assert_eq!(route.destination.to_string(), "192.0.2.0/24");
        for change in [
            |_: &mut Route| {},
            |r: &mut Route| r.gateway = Some("198.51.100.1".parse().unwrap()),
            |r: &mut Route| (r.link, r.metric, r.protocol, r.scope) = (Some(3), 1024, 16, LINK),
            |r: &mut Route| r.source = Some("192.0.2.7".parse().unwrap()),
            |r: &mut Route| (r.table, r.flags, r.mtu) = (1000, ON_LINK, Some(1400)),
            |r: &mut Route| *r = Route::new(Prefix::any(true)),
        ] {
            change(&mut route);
            let packet = route.add(flag::REPLACE).finish(1);
            let again = Route::parse(messages(&packet).next().unwrap().body).unwrap();
            assert_eq!(again, route);
            assert!(again.is_same(&route));
        }
        let mut other = route.clone();
        other.metric = 1024;
        assert!(route.is_same(&other));
        for body in [&[][..], &[7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], &[2, 33, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]] {
            assert_eq!(Route::parse(body), None);
        }
    }
}
