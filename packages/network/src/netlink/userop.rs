// SPDX-License-Identifier: MIT OR Apache-2.0
//! DNS servers and search domains that routers of IPv6 announce: RFC 8106, as the kernel passes them on (RTM_NEWNDUSEROPT).

use super::read_u32;
use crate::dhcp::names;
use std::net::Ipv6Addr;
use std::time::Duration;

/// An option of a router's announcement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announced {
    /// Index of the link.
    pub link: u32,
    /// How long it holds; zero ends it.
    pub lifetime: Duration,
    /// DNS servers.
    pub servers: Vec<Ipv6Addr>,
    /// Search domains.
    pub domains: Vec<String>,
}

impl Announced {
    /// Reads the body of a message; `None` for any other option.
    #[must_use]
    pub fn parse(body: &[u8]) -> Option<Announced> {
        let length = usize::from(super::read_u16(body, 2)?);
        let option = body.get(16..16 + length)?;
        let [kind, units, _, _, a, b, c, d, ref rest @ ..] = *option else { return None };
        // Units of 8 bytes; the kernel passes on what it has checked.
        let content = rest.get(..usize::from(units).checked_mul(8)?.checked_sub(8)?)?;
        let mut announced = Announced {
            link: read_u32(body, 4)?,
            lifetime: Duration::from_secs(u32::from_be_bytes([a, b, c, d]).into()),
            servers: Vec::new(),
            domains: Vec::new(),
        };
        match kind {
            25 => {
                announced.servers =
                    content.as_chunks::<16>().0.iter().map(|bytes| Ipv6Addr::from(*bytes)).collect()
            }
            31 => announced.domains = names::list(content),
            _ => return None,
        }
        Some(announced)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(option: &[u8]) -> Vec<u8> {
        let mut body = vec![10, 0];
        body.extend(u16::try_from(option.len()).unwrap().to_ne_bytes());
        body.extend(3_u32.to_ne_bytes());
        body.extend([134, 0, 0, 0, 0, 0, 0, 0]);
        body.extend(option);
        body
    }

    #[test]
    fn options() {
        let mut servers = vec![25, 3, 0, 0, 0, 0, 2, 88];
        servers.extend("2001:db8::53".parse::<Ipv6Addr>().unwrap().octets());
        let found = Announced::parse(&body(&servers)).unwrap();
        assert_eq!((found.link, found.lifetime.as_secs()), (3, 600));
        assert_eq!(found.servers, ["2001:db8::53".parse::<Ipv6Addr>().unwrap()]);
        let domains = [&[31, 3, 0, 0, 0, 0, 0, 1][..], b"\x07example\x03net\0\0\0\0"].concat();
        assert_eq!(Announced::parse(&body(&domains)).unwrap().domains, ["example.net"]);
        for bad in
            [&[][..], &[25, 0, 0, 0, 0, 0, 0, 0], &[25, 9, 0, 0, 0, 0, 0, 0], &[24, 1, 0, 0, 0, 0, 0, 0]]
        {
            assert_eq!(Announced::parse(&body(bad)), None, "{bad:?}");
        }
    }
}
