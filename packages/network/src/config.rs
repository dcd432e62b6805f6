// SPDX-License-Identifier: MIT OR Apache-2.0
//! Files `*.network` in a documented subset of systemd.network(5): README.md lists the keys.
//!
//! [`files`] finds them; what they say is a [`Network`], with a warning for each line that has no effect.

pub mod files;
mod keys;
pub mod matching;

use crate::prefix::Prefix;
pub use matching::{Facts, Match};
use std::net::{IpAddr, Ipv4Addr};

/// What a file and its drop-ins say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// Path of the file.
    pub file: String,
    /// Paths of its drop-ins.
    pub drop_ins: Vec<String>,
    /// The links that it is for.
    pub matches: Match,
    /// MTU in bytes.
    pub mtu: Option<u32>,
    /// Hardware address that the link gets.
    pub hardware: Option<[u8; 6]>,
    /// Whether the link is left alone.
    pub unmanaged: bool,
    /// Whether it is brought up.
    pub activation: Activation,
    /// Whether the system counts as online without it only if this is `false`.
    pub required_for_online: bool,
    /// The state that it needs to count as online.
    pub online_state: Option<String>,
    /// Whether it has a DHCP client for IPv4.
    pub dhcp: bool,
    /// Whether it gets link-local addresses of IPv6.
    pub link_local: bool,
    /// Whether the kernel takes announcements of routers of IPv6; `None`: unless it forwards packets itself.
    pub accept_ra: Option<bool>,
    /// Whether packets of IPv4 and of IPv6 are forwarded.
    pub forward: [Option<bool>; 2],
    /// DNS servers.
    pub dns: Vec<IpAddr>,
    /// Search domains.
    pub domains: Vec<String>,
    /// Whether addresses and routes are set without a carrier.
    pub without_carrier: bool,
    /// Whether they stay when the carrier is lost; `None`: as `without_carrier`.
    pub ignore_carrier_loss: Option<bool>,
    /// What of another program is kept.
    pub keep: Keep,
    /// Addresses.
    pub addresses: Vec<AddressConfig>,
    /// Routes.
    pub routes: Vec<RouteConfig>,
    /// Settings of the DHCP client.
    pub dhcp4: Dhcp4,
    /// Whether DNS servers, and domains, that routers of IPv6 announce are used.
    pub ra: (bool, bool),
}

/// `ActivationPolicy=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Activation {
    Up,
    AlwaysUp,
    Manual,
    Down,
    AlwaysDown,
}

/// `KeepConfiguration=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Keep {
    /// Addresses and routes that are not of a DHCP client stay when the link is configured.
    pub fixed: bool,
    /// What a DHCP client has got stays when it stops.
    pub dhcp_on_stop: bool,
    /// It stays when the lease has ended, too.
    pub dhcp: bool,
}

/// A section `[Address]`, or `Address=` of `[Network]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressConfig {
    /// `Address=`
    pub local: Prefix,
    /// `Peer=`
    pub peer: Option<IpAddr>,
    /// `Broadcast=`: an address, or whether there is one at all.
    pub broadcast: Result<Ipv4Addr, bool>,
    /// `Label=`
    pub label: Option<String>,
    /// `PreferredLifetime=0`
    pub deprecated: bool,
    /// `Scope=`
    pub scope: Option<u8>,
    /// `RouteMetric=`
    pub metric: u32,
    /// `AddPrefixRoute=`
    pub prefix_route: bool,
}

/// Router of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gateway {
    /// An address.
    Address(IpAddr),
    /// `_dhcp4`: the router of the DHCP lease.
    Dhcp,
}

/// A section `[Route]`, or `Gateway=` of `[Network]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteConfig {
    /// `Destination=`; `None`: all.
    pub destination: Option<Prefix>,
    /// `Gateway=`
    pub gateway: Option<Gateway>,
    /// `GatewayOnLink=`
    pub on_link: bool,
    /// `Metric=`
    pub metric: u32,
    /// `PreferredSource=`
    pub source: Option<IpAddr>,
    /// `Scope=`
    pub scope: Option<u8>,
    /// `Protocol=`
    pub protocol: u8,
    /// `Type=`, an index of [`crate::netlink::route::TYPES`]
    pub kind: u8,
    /// `Table=`
    pub table: u32,
    /// `MTUBytes=`
    pub mtu: Option<u32>,
}

impl RouteConfig {
    /// Whether it is a route of IPv6.
    #[must_use]
    pub fn is_v6(&self) -> bool {
        let gateway = match self.gateway {
            Some(Gateway::Address(address)) => Some(address),
            _ => None,
        };
        self.destination
            .map(|to| to.address)
            .or(gateway)
            .or(self.source)
            .is_some_and(|address| address.is_ipv6())
    }
}

/// `ClientIdentifier=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientId {
    /// The hardware address.
    Mac,
    /// A DUID of the hardware address (RFC 4361, RFC 8415: DUID-LL).
    Duid,
}

/// The section `[DHCPv4]`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Dhcp4 {
    pub client_id: ClientId,
    pub metric: u32,
    pub table: u32,
    pub send_host_name: bool,
    pub host_name: Option<String>,
    pub send_release: bool,
    pub use_dns: bool,
    pub use_domains: bool,
    /// `None`: as `use_routes`.
    pub use_gateway: Option<bool>,
    pub use_host_name: bool,
    pub use_mtu: bool,
    pub use_routes: bool,
}

impl Default for Network {
    fn default() -> Network {
        Network {
            file: String::new(),
            drop_ins: Vec::new(),
            matches: Match::default(),
            mtu: None,
            hardware: None,
            unmanaged: false,
            activation: Activation::Up,
            required_for_online: true,
            online_state: None,
            dhcp: false,
            link_local: true,
            accept_ra: None,
            forward: [None; 2],
            dns: Vec::new(),
            domains: Vec::new(),
            without_carrier: false,
            ignore_carrier_loss: None,
            keep: Keep::default(),
            addresses: Vec::new(),
            routes: Vec::new(),
            dhcp4: Dhcp4 {
                client_id: ClientId::Mac,
                metric: 1024,
                table: crate::netlink::route::MAIN,
                send_host_name: true,
                host_name: None,
                send_release: true,
                use_dns: true,
                use_domains: false,
                use_gateway: None,
                use_host_name: true,
                use_mtu: false,
                use_routes: true,
            },
            ra: (true, false),
        }
    }
}

#[cfg(test)]
mod tests;
