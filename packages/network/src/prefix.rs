// SPDX-License-Identifier: MIT OR Apache-2.0
//! IP addresses with the length of their network's prefix, and hardware addresses, as text.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// An address, and how many of its bits are the network's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix {
    /// The address, with the bits of the host.
    pub address: IpAddr,
    /// Bits of the network: up to 32 or 128.
    pub length: u8,
}

impl Prefix {
    /// The address with all its bits.
    #[must_use]
    pub fn host(address: IpAddr) -> Prefix {
        Prefix { address, length: width(address) }
    }

    /// 0.0.0.0/0 or ::/0.
    #[must_use]
    pub fn any(v6: bool) -> Prefix {
        let address = if v6 { Ipv6Addr::UNSPECIFIED.into() } else { Ipv4Addr::UNSPECIFIED.into() };
        Prefix { address, length: 0 }
    }

    /// Whether it has all bits of the address.
    #[must_use]
    pub fn is_host(self) -> bool {
        self.length == width(self.address)
    }

    /// The same without the bits of the host.
    #[must_use]
    pub fn network(self) -> Prefix {
        let address = match self.address {
            IpAddr::V4(v4) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.length)).unwrap_or(0);
                Ipv4Addr::from_bits(v4.to_bits() & mask).into()
            }
            IpAddr::V6(v6) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.length)).unwrap_or(0);
                Ipv6Addr::from_bits(v6.to_bits() & mask).into()
            }
        };
        Prefix { address, length: self.length }
    }

    /// The broadcast address of IPv4: all bits of the host are one. Networks of one or two addresses have none.
    #[must_use]
    pub fn broadcast(self) -> Option<Ipv4Addr> {
        match self.address {
            IpAddr::V4(v4) if self.length <= 30 => Some(Ipv4Addr::from_bits(
                v4.to_bits() | u32::MAX.checked_shr(self.length.into()).unwrap_or(0),
            )),
            _ => None,
        }
    }

    /// Whether the network has `address`.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
        self.address.is_ipv6() == address.is_ipv6() && Prefix { address, ..self }.network() == self.network()
    }
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

impl FromStr for Prefix {
    type Err = String;

    /// `ADDRESS` or `ADDRESS/LENGTH`.
    fn from_str(text: &str) -> Result<Prefix, String> {
        let error = || format!("{text:?} is no address such as 192.0.2.1/24 or 2001:db8::1/64");
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| error())?;
        let length = match length {
            None => width(address),
            Some(length) if length.bytes().all(|byte| byte.is_ascii_digit()) => {
                length.parse().ok().filter(|length| *length <= width(address)).ok_or_else(error)?
            }
            Some(_) => return Err(error()),
        };
        Ok(Prefix { address, length })
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.length)
    }
}

/// A hardware address as `52:54:00:12:34:56`.
#[must_use]
pub fn hardware(bytes: &[u8]) -> String {
    let parts: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    parts.join(":")
}

/// The address of Ethernet in `52:54:00:12:34:56`, also with `-`, or `5254.0012.3456`.
///
/// # Errors
/// When `text` is none.
pub fn parse_hardware(text: &str) -> Result<[u8; 6], String> {
    let error = || format!("{text:?} is no hardware address such as 52:54:00:12:34:56");
    let (separator, digits) = if text.contains('.') { ('.', 4) } else { (':', 2) };
    let text = text.replace('-', ":");
    let parts: Vec<&str> = text.split(separator).collect();
    let whole = parts.len() * digits == 12
        && parts.iter().all(|part| part.len() == digits && part.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let bits = Some(parts.concat()).filter(|_| whole).and_then(|text| u64::from_str_radix(&text, 16).ok());
    let [_, _, bytes @ ..] = bits.ok_or_else(error)?.to_be_bytes();
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes() {
        for (text, shown, network, broadcast) in [
            ("192.0.2.7/24", "192.0.2.7/24", "192.0.2.0/24", Some("192.0.2.255")),
            ("192.0.2.7", "192.0.2.7/32", "192.0.2.7/32", None),
            ("192.0.2.6/31", "192.0.2.6/31", "192.0.2.6/31", None),
            ("10.1.2.3/0", "10.1.2.3/0", "0.0.0.0/0", Some("255.255.255.255")),
            ("2001:DB8::1/64", "2001:db8::1/64", "2001:db8::/64", None),
            ("::1", "::1/128", "::1/128", None),
            ("fe80::1/0", "fe80::1/0", "::/0", None),
        ] {
            let prefix: Prefix = text.parse().unwrap();
            assert_eq!(
                (prefix.to_string().as_str(), prefix.network().to_string().as_str()),
                (shown, network)
            );
            assert_eq!(prefix.broadcast().map(|b| b.to_string()).as_deref(), broadcast);
            assert!(prefix.network().contains(prefix.address));
        }
        for text in
            ["", "a", "192.0.2.7/33", "::/129", "192.0.2.7/", "192.0.2.7/+1", "192.0.2/24", "1.2.3.4/0x8"]
        {
            assert!(text.parse::<Prefix>().is_err(), "{text}");
        }
        let prefix: Prefix = "192.0.2.7/24".parse().unwrap();
        assert!(!prefix.contains("192.0.3.1".parse().unwrap()) && !prefix.contains("::".parse().unwrap()));
    }

    #[test]
    fn hardware_addresses() {
        for text in ["52:54:00:ab:CD:56", "52-54-00-AB-cd-56", "5254.00ab.cd56"] {
            assert_eq!(hardware(&parse_hardware(text).unwrap()), "52:54:00:ab:cd:56");
        }
        for text in [
            "",
            "52:54:00:ab:cd",
            "52:54:00:ab:cd:5",
            "52:54:00:ab:cd:5g",
            "525400abcd56",
            "+2:54:00:ab:cd:56",
        ] {
            assert!(parse_hardware(text).is_err(), "{text}");
        }
    }
}
