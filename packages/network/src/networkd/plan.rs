// SPDX-License-Identifier: MIT OR Apache-2.0
//! Addresses and routes that a link is to have: of its file and its lease.

use crate::config::{AddressConfig, ClientId, Gateway, Network, RouteConfig};
use crate::dhcp::lease::{FOREVER, Lease};
use crate::netlink::address::{Address, flags};
use crate::netlink::route::{self, Route};
use crate::prefix::Prefix;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

/// RTPROT_DHCP of `linux/rtnetlink.h`.
pub const DHCP: u8 = 16;

/// What a link is to have, in the order in which it is set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Addresses.
    pub addresses: Vec<Address>,
    /// Routes: those to neighbours before those through them.
    pub routes: Vec<Route>,
}

impl Plan {
    /// The plan for the link of the index `link`, at the time `now` since boot.
    #[must_use]
    pub fn new(network: &Network, link: u32, lease: Option<&Lease>, now: Duration) -> Plan {
        let mut plan = Plan::default();
        plan.addresses.extend(network.addresses.iter().map(|one| fixed(one, link)));
        if let Some(lease) = lease {
            plan.addresses.push(leased(network, lease, link, now));
            plan.routes.extend(routes_of(network, lease, link));
        }
        plan.routes.extend(network.routes.iter().filter_map(|one| configured(one, link, lease)));
        // A lower scope is nearer: a router has to be reachable before it is used.
        plan.routes.sort_by_key(|route| route.gateway.is_some());
        plan.routes.dedup_by(|one, other| one.is_same(other));
        plan
    }
}

fn fixed(config: &AddressConfig, link: u32) -> Address {
    let mut address = Address::new(link, config.local);
    address.peer = config.peer;
    address.broadcast = match config.broadcast {
        Ok(broadcast) => Some(broadcast),
        Err(true) if config.peer.is_none() => config.local.broadcast(),
        Err(_) => None,
    };
    address.label.clone_from(&config.label);
    address.scope = config.scope.unwrap_or(match config.local.address {
        IpAddr::V4(v4) if v4.is_loopback() => 254,
        IpAddr::V4(v4) if v4.is_link_local() => 253,
        _ => 0,
    });
    if config.deprecated {
        address.lifetimes.1 = 0;
    }
    address.metric = config.metric;
    if !config.prefix_route {
        address.flags |= flags::NO_PREFIX_ROUTE;
    }
    address
}

fn leased(network: &Network, lease: &Lease, link: u32, now: Duration) -> Address {
    let mut address = Address::new(link, lease.address);
    address.broadcast = lease.broadcast.or(lease.address.broadcast());
    address.metric = network.dhcp4.metric;
    if lease.times[2] != FOREVER && !network.keep.dhcp {
        let left = lease.at(2).unwrap_or(now).saturating_sub(now).as_secs();
        let left = u32::try_from(left).unwrap_or(FOREVER - 1).max(1);
        address.lifetimes = (left, left);
    }
    address
}

/// Routes of a lease: to its routers as neighbours, and through them.
fn routes_of(network: &Network, lease: &Lease, link: u32) -> Vec<Route> {
    let dhcp = &network.dhcp4;
    let mut routes = Vec::new();
    let mut add = |to: Prefix, by: Option<Ipv4Addr>| {
        let mut route = Route::new(to);
        route.link = Some(link);
        route.gateway = by.map(IpAddr::V4);
        route.source = Some(lease.address.address);
        (route.metric, route.protocol, route.table) = (dhcp.metric, DHCP, dhcp.table);
        route.scope = if by.is_some() { route::UNIVERSE } else { route::LINK };
        if !routes.contains(&route) {
            routes.push(route);
        }
    };
    let through = |add: &mut dyn FnMut(Prefix, Option<Ipv4Addr>), to: Prefix, by: Ipv4Addr| {
        if by.is_unspecified() {
            return add(to, None);
        }
        // It need not be of the address's network.
        add(Prefix::host(by.into()), None);
        add(to, Some(by));
    };
    let use_gateway = dhcp.use_gateway.unwrap_or(dhcp.use_routes);
    for (to, by) in &lease.routes {
        let wanted = if to.length == 0 { use_gateway } else { dhcp.use_routes };
        if wanted {
            through(&mut add, *to, *by);
        }
    }
    if let Some(router) = lease.routers.first().filter(|_| lease.routes.is_empty() && use_gateway) {
        through(&mut add, Prefix::any(false), *router);
    }
    routes
}

fn configured(config: &RouteConfig, link: u32, lease: Option<&Lease>) -> Option<Route> {
    let mut route = Route::new(config.destination.unwrap_or(Prefix::any(config.is_v6())));
    route.gateway = match config.gateway {
        None => None,
        Some(Gateway::Address(address)) => Some(address),
        // Without a lease there is no such route yet.
        Some(Gateway::Dhcp) => Some(lease?.routers.first().copied()?.into()),
    };
    // Routes to nowhere are of no link.
    route.link = (config.kind == 1).then_some(link);
    route.flags = u32::from(config.on_link) * route::ON_LINK;
    (route.metric, route.source, route.mtu) = (config.metric, config.source, config.mtu);
    (route.protocol, route.kind, route.table) = (config.protocol, config.kind, config.table);
    let is_near = route.gateway.is_none() && config.kind == 1 && !config.is_v6();
    route.scope = config.scope.unwrap_or(if is_near { route::LINK } else { route::UNIVERSE });
    Some(route)
}

/// Option 61 of a client.
#[must_use]
pub fn client_id(kind: ClientId, hardware: [u8; 6]) -> Vec<u8> {
    match kind {
        // The type of hardware, Ethernet, and the address.
        ClientId::Mac => [&[1][..], &hardware].concat(),
        // RFC 4361: 255, the number of the link, and the DUID of type 3, again of Ethernet.
        ClientId::Duid => [&[255][..], &hardware[2..], &[0, 3, 0, 1], &hardware].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use qos_unit::syntax::parse;

    fn plan(text: &str, lease: Option<&Lease>) -> Vec<String> {
        let (assignments, _) = parse("f", format!("[Match]\nName=*\n{text}").as_bytes());
        let (network, warnings) = Network::new("f", &assignments);
        assert_eq!(warnings, []);
        let plan = Plan::new(&network, 3, lease, Duration::from_secs(100));
        let address = |a: &Address| {
            let broadcast = a.broadcast.map(|b| format!(" brd {b}")).unwrap_or_default();
            format!("{}{broadcast} metric {} scope {} valid {}", a.local, a.metric, a.scope, a.lifetimes.0)
        };
        let route = |r: &Route| {
            let by = r.gateway.map(|by| format!(" via {by}")).unwrap_or_default();
            let dev = r.link.map(|dev| format!(" dev {dev}")).unwrap_or_default();
            let source = r.source.map(|source| format!(" src {source}")).unwrap_or_default();
            format!(
                "{}{by}{dev} proto {} scope {}{source} metric {}",
                r.destination, r.protocol, r.scope, r.metric
            )
        };
        plan.addresses.iter().map(address).chain(plan.routes.iter().map(route)).collect()
    }

    fn lease() -> Lease {
        Lease {
            address: "192.0.2.7/24".parse().unwrap(),
            server: [192, 0, 2, 1].into(),
            since: Duration::from_secs(90),
            times: [1800, 3150, 3600],
            broadcast: None,
            routers: vec![[192, 0, 2, 1].into()],
            routes: Vec::new(),
            dns: Vec::new(),
            domain: None,
            search: Vec::new(),
            host_name: None,
            mtu: None,
        }
    }

    const LEASED: &str = "192.0.2.7/24 brd 192.0.2.255 metric 1024 scope 0 valid 3590";

    #[test]
    fn files() {
        let forever = "metric 0 scope 0 valid 4294967295";
        assert_eq!(
            plan("[Network]\nAddress=192.0.2.1/24\nAddress=2001:db8::1/64\nGateway=192.0.2.254\n", None),
            [
                format!("192.0.2.1/24 brd 192.0.2.255 {forever}"),
                format!("2001:db8::1/64 {forever}"),
                "0.0.0.0/0 via 192.0.2.254 dev 3 proto 4 scope 0 metric 0".into(),
            ]
        );
        assert_eq!(
            plan(
                "[Route]\nGateway=::1\n[Route]\nDestination=10.0.0.0/8\n[Route]\nDestination=10.1.0.0/16\nType=blackhole\n",
                None
            ),
            [
                "10.0.0.0/8 dev 3 proto 4 scope 253 metric 0",
                "10.1.0.0/16 proto 4 scope 0 metric 0",
                "::/0 via ::1 dev 3 proto 4 scope 0 metric 0",
            ]
        );
        assert_eq!(plan("[Network]\nGateway=_dhcp4\n", None), [""; 0]);
    }

    #[test]
    fn leases() {
        let near = "192.0.2.1/32 dev 3 proto 16 scope 253 src 192.0.2.7 metric 1024";
        let far = "0.0.0.0/0 via 192.0.2.1 dev 3 proto 16 scope 0 src 192.0.2.7 metric 1024";
        assert_eq!(plan("", Some(&lease())), [LEASED, near, far]);
        assert_eq!(plan("[DHCPv4]\nUseRoutes=no\n", Some(&lease())), [LEASED]);
        assert_eq!(plan("[DHCPv4]\nUseGateway=no\n", Some(&lease())), [LEASED]);
        assert_eq!(
            plan("[DHCPv4]\nRouteMetric=7\nUseGateway=no\n[Network]\nGateway=_dhcp4\n", Some(&lease())),
            [&LEASED.replace("1024", "7"), "0.0.0.0/0 via 192.0.2.1 dev 3 proto 4 scope 0 metric 0"]
        );
        // Where there are routes, the router does not count.
        let mut routes = lease();
        routes.routes = vec![
            ("10.0.0.0/8".parse().unwrap(), [192, 0, 2, 2].into()),
            ("10.9.9.0/24".parse().unwrap(), Ipv4Addr::UNSPECIFIED),
        ];
        assert_eq!(
            plan("", Some(&routes)),
            [
                LEASED,
                "192.0.2.2/32 dev 3 proto 16 scope 253 src 192.0.2.7 metric 1024",
                "10.9.9.0/24 dev 3 proto 16 scope 253 src 192.0.2.7 metric 1024",
                "10.0.0.0/8 via 192.0.2.2 dev 3 proto 16 scope 0 src 192.0.2.7 metric 1024",
            ]
        );
        let mut endless = lease();
        endless.times = [FOREVER; 3];
        assert!(plan("", Some(&endless))[0].ends_with("valid 4294967295"));
        assert!(plan("[Network]\nKeepConfiguration=dhcp\n", Some(&lease()))[0].ends_with("valid 4294967295"));
    }

    #[test]
    fn client_ids() {
        let mac = [2, 3, 4, 5, 6, 7];
        assert_eq!(client_id(ClientId::Mac, mac), [1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(client_id(ClientId::Duid, mac), [255, 4, 5, 6, 7, 0, 3, 0, 1, 2, 3, 4, 5, 6, 7]);
    }
}
