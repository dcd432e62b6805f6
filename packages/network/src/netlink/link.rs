// SPDX-License-Identifier: MIT OR Apache-2.0
//! Links: network interfaces.

use super::{Request, attributes, flag, kind, number, put, read_u16, read_u32, text};

/// Flags of links (netdevice(7), `linux/if.h`).
#[allow(missing_docs)]
pub mod flags {
    pub const UP: u32 = 1;
    pub const BROADCAST: u32 = 1 << 1;
    pub const LOOPBACK: u32 = 1 << 3;
    pub const POINT_TO_POINT: u32 = 1 << 4;
    pub const RUNNING: u32 = 1 << 6;
    pub const LOWER_UP: u32 = 1 << 16;
    pub const DORMANT: u32 = 1 << 17;
}

/// States of RFC 2863, by number, as ip(8) writes them.
pub const STATES: [&str; 7] = ["UNKNOWN", "NOTPRESENT", "DOWN", "LOWERLAYERDOWN", "TESTING", "DORMANT", "UP"];

/// A link, as the kernel shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Link {
    /// Its index.
    pub index: u32,
    /// Its name.
    pub name: String,
    /// Other names.
    pub alternatives: Vec<String>,
    /// Type of its hardware: ARPHRD_… of `linux/if_arp.h`.
    pub hardware: u16,
    /// Flags.
    pub flags: u32,
    /// Longest packet, in bytes.
    pub mtu: u32,
    /// Its address; empty if it has none.
    pub address: Vec<u8>,
    /// Its broadcast address.
    pub broadcast: Vec<u8>,
    /// The address that it was made with.
    pub permanent: Option<Vec<u8>>,
    /// Its state, an index of [`STATES`].
    pub state: u8,
    /// 0: the default; 1: dormant until a program says otherwise.
    pub mode: u8,
    /// The discipline of its queue.
    pub queue: Option<String>,
    /// Packets that can wait.
    pub queue_length: u32,
    /// Its group.
    pub group: u32,
    /// The link that it is a part of.
    pub master: Option<u32>,
    /// The link below, or at the other end.
    pub below: Option<u32>,
    /// Number of the namespace that has it, if that is another one.
    pub namespace: Option<u32>,
    /// Kind of a virtual link: `veth`, `bridge`.
    pub kind: Option<String>,
}

impl Link {
    /// Reads the body of a message; `None` if it is none of a link with a name.
    #[must_use]
    pub fn parse(body: &[u8]) -> Option<Link> {
        // A port of a bridge is shown again under its family, 7.
        if body.first() != Some(&0) {
            return None;
        }
        let mut link = Link {
            hardware: read_u16(body, 2)?,
            index: read_u32(body, 4)?,
            flags: read_u32(body, 8)?,
            ..Link::default()
        };
        for (kind, content) in attributes(body.get(16..)?) {
            let byte = content.first().copied().unwrap_or(0);
            match kind {
                1 => link.address = content.to_vec(),
                2 => link.broadcast = content.to_vec(),
                3 => link.name = text(content),
                4 => link.mtu = number(content).unwrap_or(0),
                5 => link.below = number(content),
                6 => link.queue = Some(text(content)),
                10 => link.master = number(content),
                13 => link.queue_length = number(content).unwrap_or(0),
                16 => link.state = byte,
                17 => link.mode = byte,
                // IFLA_INFO_KIND in IFLA_LINKINFO
                18 => {
                    link.kind = attributes(content).find(|(kind, _)| *kind == 1).map(|(_, name)| text(name))
                }
                27 => link.group = number(content).unwrap_or(0),
                37 => link.namespace = number(content),
                52 => link.alternatives = attributes(content).map(|(_, name)| text(name)).collect(),
                54 => link.permanent = Some(content.to_vec()),
                _ => {}
            }
        }
        (!link.name.is_empty() && link.index > 0).then_some(link)
    }

    /// Whether it has all of `flags`.
    #[must_use]
    pub fn is(&self, flags: u32) -> bool {
        self.flags & flags == flags
    }

    /// Whether packets can go out: a cable, an access point.
    #[must_use]
    pub fn has_carrier(&self) -> bool {
        self.is(flags::LOWER_UP) && !self.is(flags::DORMANT)
    }

    /// Its address of Ethernet, if it has one.
    #[must_use]
    pub fn ethernet(&self) -> Option<[u8; 6]> {
        self.address.as_slice().try_into().ok().filter(|_| self.hardware == 1)
    }

    /// Type as in networkctl(1) and `Type=`: `ether`, `loopback`, `bridge`.
    #[must_use]
    pub fn type_name(&self) -> &str {
        match (self.hardware, self.kind.as_deref()) {
            (772, _) => "loopback",
            // systemd calls these by the type of their hardware.
            (1, None | Some("veth" | "dummy" | "macvlan" | "vlan" | "tun" | "virt_wifi")) => "ether",
            (1, Some(kind)) => kind,
            (512, _) => "ppp",
            (768, _) => "tunnel",
            (769, _) => "tunnel6",
            (776, _) => "sit",
            (778, _) => "gre",
            (801..=803, _) => "wlan",
            (32, _) => "infiniband",
            (280, _) => "can",
            (_, Some(kind)) => kind,
            _ => "none",
        }
    }
}

/// What can be changed of a link.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Up or down.
    pub up: Option<bool>,
    /// MTU in bytes.
    pub mtu: Option<u32>,
    /// Hardware address.
    pub address: Option<Vec<u8>>,
    /// Name.
    pub name: Option<String>,
    /// How link-local addresses of IPv6 are made: 0 by the hardware address, 1 not at all.
    pub address_mode: Option<u8>,
    /// The process whose network namespace it moves to.
    pub namespace_of: Option<u32>,
}

/// A request to change the link of that index.
#[must_use]
pub fn change(index: u32, change: &Change) -> Request {
    let up = u32::from(change.up == Some(true)) * flags::UP;
    let mask = u32::from(change.up.is_some()) * flags::UP;
    let mut request = Request::new(kind::NEW_LINK, flag::ACK, &header(index, up, mask));
    if let Some(address) = &change.address {
        request = request.with(1, address);
    }
    if let Some(name) = &change.name {
        request = request.with(3, &with_nul(name));
    }
    if let Some(mtu) = change.mtu {
        request = request.with_number(4, mtu);
    }
    if let Some(pid) = change.namespace_of {
        request = request.with_number(19, pid);
    }
    if let Some(mode) = change.address_mode {
        // IFLA_INET6_ADDR_GEN_MODE in AF_INET6 in IFLA_AF_SPEC
        let (mut inner, mut family) = (Vec::new(), Vec::new());
        put(&mut inner, 8, &[mode]);
        put(&mut family, super::AF_INET6.into(), &inner);
        request = request.with(26, &family);
    }
    request
}

/// A request to make a virtual link; `peer` is the name of the other end of a `veth`.
#[must_use]
pub fn make(name: &str, of_kind: &str, peer: Option<&str>) -> Request {
    let flags = flag::ACK | flag::CREATE | flag::EXCLUSIVE;
    let mut info = Vec::new();
    put(&mut info, 1, of_kind.as_bytes());
    if let Some(peer) = peer {
        let (mut data, mut inner) = (header(0, 0, 0).to_vec(), Vec::new());
        put(&mut data, 3, &with_nul(peer));
        put(&mut inner, 1, &data);
        put(&mut info, 2, &inner);
    }
    Request::new(kind::NEW_LINK, flags, &header(0, 0, 0)).with(3, &with_nul(name)).with(18, &info)
}

/// A request to remove the virtual link of that index.
#[must_use]
pub fn remove(index: u32) -> Request {
    Request::new(kind::DEL_LINK, flag::ACK, &header(index, 0, 0))
}

/// A request for all links.
#[must_use]
pub fn list() -> Request {
    // IFLA_EXT_MASK: without counters.
    Request::new(kind::GET_LINK, flag::DUMP, &header(0, 0, 0)).with_number(29, 1 << 3)
}

fn header(index: u32, flags: u32, mask: u32) -> [u8; 16] {
    let mut header = [0; 16];
    header[4..8].copy_from_slice(&index.to_ne_bytes());
    header[8..12].copy_from_slice(&flags.to_ne_bytes());
    header[12..].copy_from_slice(&mask.to_ne_bytes());
    header
}

fn with_nul(text: &str) -> Vec<u8> {
    [text.as_bytes(), &[0]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_read() {
        let mut body = header(3, flags::UP | flags::LOWER_UP, 0).to_vec();
        body[2] = 1;
        put(&mut body, 3, b"eth0\0");
        put(&mut body, 4, &1500_u32.to_ne_bytes());
        put(&mut body, 1, &[2, 0, 0, 0, 0, 1]);
        put(&mut body, 16, &[6]);
        let mut info = Vec::new();
        put(&mut info, 1, b"veth\0");
        put(&mut body, 18, &info);
        // Of another length than expected: left out.
        put(&mut body, 13, &[1]);
        let link = Link::parse(&body).unwrap();
        assert_eq!((link.index, link.name.as_str(), link.mtu, link.queue_length), (3, "eth0", 1500, 0));
        assert_eq!((link.type_name(), link.kind.as_deref(), link.state), ("ether", Some("veth"), 6));
        assert!(link.has_carrier() && link.ethernet() == Some([2, 0, 0, 0, 0, 1]));
        body[0] = 7;
        assert_eq!(Link::parse(&body), None);
        assert_eq!(Link::parse(&[0; 16]), None);
    }
}
