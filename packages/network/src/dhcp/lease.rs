// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a server has given, and the file that keeps it over a restart of `networkd`.

use super::message::{Message, is_host, option};
use crate::prefix::Prefix;
use std::fmt::{Display, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;
use std::time::Duration;

/// Seconds of a lease without end.
pub const FOREVER: u32 = u32::MAX;

/// A lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The address and its network.
    pub address: Prefix,
    /// The server.
    pub server: Ipv4Addr,
    /// When it was asked for, as time since boot.
    pub since: Duration,
    /// Seconds from then: when to renew it at the server, when at any server, when it ends.
    pub times: [u32; 3],
    /// Broadcast address.
    pub broadcast: Option<Ipv4Addr>,
    /// Routers.
    pub routers: Vec<Ipv4Addr>,
    /// Routes; where there are any, `routers` does not count (RFC 3442).
    pub routes: Vec<(Prefix, Ipv4Addr)>,
    /// DNS servers.
    pub dns: Vec<Ipv4Addr>,
    /// The host's domain.
    pub domain: Option<String>,
    /// Search domains.
    pub search: Vec<String>,
    /// The host's name.
    pub host_name: Option<String>,
    /// MTU of the link.
    pub mtu: Option<u32>,
}

impl Lease {
    /// The lease of an OFFER or ACK for a request of the time `since`.
    ///
    /// # Errors
    /// What is missing or cannot be.
    pub fn of(message: &Message, since: Duration) -> Result<Lease, &'static str> {
        let own =
            Some(message.yours).filter(|address| is_host(*address)).ok_or("it gives no usable address")?;
        let server = message.address(option::SERVER).filter(|server| is_host(*server));
        let server = server.ok_or("it does not name its server")?;
        let lifetime = message.number(option::LIFETIME).filter(|lifetime| *lifetime > 0);
        let lifetime = lifetime.ok_or("it does not say for how long")?;
        let mask = match message.address(option::MASK).map(Ipv4Addr::to_bits) {
            Some(mask) if mask.leading_ones() + mask.trailing_zeros() == 32 => mask.leading_ones(),
            Some(_) => return Err("its network mask cannot be"),
            // The classes of RFC 791.
            None => match own.octets()[0] {
                0..128 => 8,
                128..192 => 16,
                _ => 24,
            },
        };
        let scaled = |share: u64| (u64::from(lifetime) * share / 1000) as u32;
        let times = match (message.number(option::T1), message.number(option::T2)) {
            _ if lifetime == FOREVER => [FOREVER; 3],
            (Some(t1), Some(t2)) if 0 < t1 && t1 < t2 && t2 < lifetime => [t1, t2, lifetime],
            _ => [scaled(500), scaled(875), lifetime],
        };
        let mtu = message.get(option::MTU).and_then(|bytes| Some(u16::from_be_bytes(bytes.try_into().ok()?)));
        Ok(Lease {
            address: Prefix { address: own.into(), length: mask as u8 },
            server,
            since,
            times,
            broadcast: message.address(option::BROADCAST),
            routers: message.addresses(option::ROUTERS),
            routes: message.routes(),
            dns: message.addresses(option::DNS),
            domain: message.name(option::DOMAIN),
            search: message.search(),
            host_name: message.name(option::HOST_NAME),
            // RFC 791 and 2132: every link of IPv4 takes 68 bytes.
            mtu: mtu.filter(|mtu| *mtu >= 68).map(u32::from),
        })
    }

    /// The address without its network.
    #[must_use]
    pub fn own(&self) -> Ipv4Addr {
        match self.address.address {
            IpAddr::V4(v4) => v4,
            IpAddr::V6(_) => Ipv4Addr::UNSPECIFIED,
        }
    }

    /// When one of [`Lease::times`] comes; `None`: never.
    #[must_use]
    pub fn at(&self, which: usize) -> Option<Duration> {
        (self.times[which] != FOREVER).then(|| self.since + Duration::from_secs(self.times[which].into()))
    }

    /// Whether it holds at the time `now`.
    #[must_use]
    pub fn is_valid(&self, now: Duration) -> bool {
        self.at(2).is_none_or(|end| now < end)
    }

    /// Its file, as systemd's are in `/run/systemd/netif/leases`.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = "# This is private data. Do not parse.\n".to_owned();
        let mut line = |key: &str, value: String| {
            if !value.is_empty() {
                let _ = writeln!(text, "{key}={value}");
            }
        };
        line("ADDRESS", self.own().to_string());
        line("PREFIXLEN", self.address.length.to_string());
        line("SERVER_ADDRESS", self.server.to_string());
        line("SINCE_USEC", self.since.as_micros().to_string());
        for (key, time) in ["T1", "T2", "LIFETIME"].iter().zip(self.times) {
            line(key, time.to_string());
        }
        line("BROADCAST", self.broadcast.map(|address| address.to_string()).unwrap_or_default());
        line("ROUTER", join(&self.routers));
        let routes: Vec<String> = self.routes.iter().map(|(to, by)| format!("{to},{by}")).collect();
        line("ROUTES", routes.join(" "));
        line("DNS", join(&self.dns));
        line("DOMAINNAME", self.domain.clone().unwrap_or_default());
        line("DOMAIN_SEARCH_LIST", self.search.join(" "));
        line("HOSTNAME", self.host_name.clone().unwrap_or_default());
        line("MTU", self.mtu.map(|mtu| mtu.to_string()).unwrap_or_default());
        text
    }

    /// Reads [`Lease::text`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Lease> {
        let get = |key: &str| {
            text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('=')).unwrap_or_default()
        };
        let own: Ipv4Addr = get("ADDRESS").parse().ok()?;
        let number = |key: &str| get(key).parse::<u32>().ok();
        let route = |word: &str| {
            let (to, by) = word.split_once(',')?;
            Some((to.parse().ok()?, by.parse().ok()?))
        };
        Some(Lease {
            address: format!("{own}/{}", get("PREFIXLEN")).parse().ok()?,
            server: get("SERVER_ADDRESS").parse().ok()?,
            since: Duration::from_micros(get("SINCE_USEC").parse().ok()?),
            times: [number("T1")?, number("T2")?, number("LIFETIME")?],
            broadcast: get("BROADCAST").parse().ok(),
            routers: split(get("ROUTER")),
            routes: get("ROUTES").split(' ').filter_map(route).collect(),
            dns: split(get("DNS")),
            domain: Some(get("DOMAINNAME").to_owned()).filter(|name| !name.is_empty()),
            search: split(get("DOMAIN_SEARCH_LIST")),
            host_name: Some(get("HOSTNAME").to_owned()).filter(|name| !name.is_empty()),
            mtu: number("MTU"),
        })
    }
}

fn join(all: &[impl Display]) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn split<T: FromStr>(text: &str) -> Vec<T> {
    text.split(' ').filter(|word| !word.is_empty()).filter_map(|word| word.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::message::Kind;
    use super::*;

    fn ack() -> Message {
        let mut message = Message::new(Kind::Ack, 1, [2, 0, 0, 0, 0, 1])
            .with(option::SERVER, &[192, 0, 2, 1])
            .with(option::LIFETIME, &[0, 0, 14, 16]);
        message.yours = [192, 0, 2, 7].into();
        message
    }

    #[test]
    fn leases_of_messages() {
        let lease = |message: Message| Lease::of(&message, Duration::from_secs(10));
        let plain = lease(ack()).unwrap();
        assert_eq!((plain.address.to_string().as_str(), plain.times), ("192.0.2.7/24", [1800, 3150, 3600]));
        assert_eq!(
            (plain.at(0), plain.is_valid(plain.at(2).unwrap())),
            (Some(Duration::from_secs(1810)), false)
        );
        let times = |t1: u8, t2: u8| {
            lease(ack().with(option::T1, &[0, 0, 0, t1]).with(option::T2, &[0, 0, 0, t2])).unwrap().times
        };
        assert_eq!(times(10, 20), [10, 20, 3600]);
        assert_eq!(times(20, 10), plain.times);
        let mask = |mask: [u8; 4]| lease(ack().with(option::MASK, &mask)).map(|lease| lease.address.length);
        assert_eq!((mask([255, 255, 240, 0]), mask([0; 4]), mask([255; 4])), (Ok(20), Ok(0), Ok(32)));
        assert_eq!(mask([255, 0, 255, 0]), Err("its network mask cannot be"));
        let without = |code: u8| {
            let mut message = ack();
            message.options.retain(|(known, _)| *known != code);
            lease(message).unwrap_err()
        };
        assert_eq!(without(option::SERVER), "it does not name its server");
        assert_eq!(without(option::LIFETIME), "it does not say for how long");
        let mut message = ack();
        message.yours = Ipv4Addr::BROADCAST;
        assert_eq!(lease(message), Err("it gives no usable address"));
    }

    #[test]
    fn a_file_is_read_as_it_is_written() {
        let mut lease = Lease::of(&ack(), Duration::from_secs(10)).unwrap();
        assert_eq!(Lease::parse(&lease.text()).as_ref(), Some(&lease));
        lease.times = [FOREVER; 3];
        lease.broadcast = Some([192, 0, 2, 255].into());
        lease.routers = vec![[192, 0, 2, 1].into(), [192, 0, 2, 2].into()];
        lease.routes = vec![("10.0.0.0/8".parse().unwrap(), [192, 0, 2, 1].into())];
        lease.dns = vec![[192, 0, 2, 53].into()];
        lease.domain = Some("example.net".into());
        lease.search = vec!["a".into(), "b".into()];
        lease.host_name = Some("host".into());
        lease.mtu = Some(1400);
        assert_eq!(Lease::parse(&lease.text()).as_ref(), Some(&lease));
        assert_eq!((Lease::parse(""), Lease::parse("ADDRESS=192.0.2.7\n")), (None, None));
    }
}
