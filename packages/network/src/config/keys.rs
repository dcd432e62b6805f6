// SPDX-License-Identifier: MIT OR Apache-2.0
//! Keys and their values.

use super::{Activation, AddressConfig, ClientId, Gateway, Keep, Network, RouteConfig};
use crate::netlink::route;
use crate::prefix::{Prefix, parse_hardware};
use qos_unit::syntax::{Assignment, Place, Warning};
use qos_unit::value::{Amount, amount, boolean, number};
use std::rc::Rc;

/// Whether a key is known, or what is wrong with its value.
type Set = Result<bool, String>;
/// Takes an assignment and what became of it.
type Tell<'a> = dyn FnMut(&Assignment, Set) + 'a;

impl Network {
    /// What the assignments of a file and its drop-ins say, and warnings about those without effect.
    #[must_use]
    pub fn new(file: &str, assignments: &[Assignment]) -> (Network, Vec<Warning>) {
        let mut network = Network { file: file.to_owned(), ..Network::default() };
        let mut warnings = Vec::new();
        // Each section of these two is one address or route.
        let mut rest = assignments;
        while let Some(first) = rest.first() {
            let length = rest.iter().take_while(|other| Rc::ptr_eq(&other.section, &first.section)).count();
            let (section, after) = rest.split_at(length);
            rest = after;
            match &*first.section {
                "Address" => section_of(section, &mut warnings, &mut network.addresses, address_of),
                "Route" => section_of(section, &mut warnings, &mut network.routes, route_of),
                name => {
                    for one in section {
                        if let Some(text) = told(one, network.set(name, &one.key, &one.value)) {
                            warnings.push(Warning { place: one.place.clone(), text });
                        }
                    }
                }
            }
        }
        if !network.matches.is_some() {
            let place = Place { file: file.into(), line: 1 };
            let text = "no condition in [Match]: the file is not used (Name=* matches all links)".to_owned();
            warnings.push(Warning { place, text });
        }
        (network, warnings)
    }

    fn set(&mut self, section: &str, key: &str, text: &str) -> Set {
        match section {
            "Match" => self.matches.set(key, text),
            "Link" => self.set_link(key, text),
            "Network" => self.set_network(key, text),
            "DHCPv4" | "DHCP" => self.set_dhcp(key, text),
            "IPv6AcceptRA" => {
                match key {
                    "UseDNS" => self.ra.0 = boolean(text)?,
                    "UseDomains" => self.ra.1 = boolean(text)?,
                    _ => return Ok(false),
                }
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn set_link(&mut self, key: &str, text: &str) -> Set {
        match key {
            "MTUBytes" => self.mtu = Some(mtu(text)?),
            "MACAddress" => self.hardware = Some(parse_hardware(text)?),
            "Unmanaged" => self.unmanaged = boolean(text)?,
            "ActivationPolicy" => {
                self.activation = match text {
                    "up" => Activation::Up,
                    "always-up" => Activation::AlwaysUp,
                    "manual" => Activation::Manual,
                    "down" => Activation::Down,
                    "always-down" => Activation::AlwaysDown,
                    _ => {
                        return Err(format!(
                            "{text:?} is not one of up, always-up, manual, down, always-down"
                        ));
                    }
                };
            }
            "RequiredForOnline" => match boolean(text) {
                Ok(required) => self.required_for_online = required,
                Err(_) => {
                    let least = text.split(':').next().unwrap_or(text);
                    if !crate::networkd::state::OPERATIONAL.contains(&least) {
                        return Err(format!("{text:?} is neither yes, no nor an operational state"));
                    }
                    self.online_state = Some(least.to_owned());
                }
            },
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn set_network(&mut self, key: &str, text: &str) -> Set {
        match key {
            "Description" => {}
            "DHCP" => {
                self.dhcp = match text {
                    "ipv4" => true,
                    "ipv6" => return Err("there is no client of DHCPv6; IPv6AcceptRA= gets addresses".into()),
                    _ => boolean(text)?,
                };
            }
            "LinkLocalAddressing" => {
                self.link_local = match text {
                    "ipv6" => true,
                    "ipv4" => return Err("link-local addresses of IPv4 are not supported".into()),
                    _ => boolean(text)?,
                };
            }
            "IPv6AcceptRA" => self.accept_ra = Some(boolean(text)?),
            "IPForward" => {
                self.forward = match text {
                    "ipv4" => [Some(true), None],
                    "ipv6" => [None, Some(true)],
                    _ => [Some(boolean(text)?); 2],
                };
            }
            "IPv4Forwarding" => self.forward[0] = Some(boolean(text)?),
            "IPv6Forwarding" => self.forward[1] = Some(boolean(text)?),
            "DNS" => list(&mut self.dns, text, |word| {
                // A port, a link and a name of TLS have no place in resolv.conf.
                word.parse().map_err(|_| format!("{word:?} is no IP address"))
            })?,
            "Domains" => list(&mut self.domains, text, |word| match word.strip_prefix('~') {
                Some(_) => Err(format!("{word}: domains that only choose a DNS server are not supported")),
                None => Ok(word.trim_end_matches('.').to_owned()),
            })?,
            "ConfigureWithoutCarrier" => self.without_carrier = boolean(text)?,
            "IgnoreCarrierLoss" => self.ignore_carrier_loss = Some(boolean(text)?),
            "KeepConfiguration" => {
                self.keep = match text {
                    "static" => Keep { fixed: true, ..Keep::default() },
                    "dhcp-on-stop" | "dynamic-on-stop" => Keep { dhcp_on_stop: true, ..Keep::default() },
                    "dhcp" | "dynamic" => Keep { fixed: false, dhcp_on_stop: true, dhcp: true },
                    _ if boolean(text)? => Keep { fixed: true, dhcp_on_stop: true, dhcp: true },
                    _ => Keep::default(),
                };
            }
            // Without a value it takes back those before.
            "Address" if text.is_empty() => self.addresses.clear(),
            "Address" => self.addresses.push(AddressConfig::of(text.parse()?)),
            "Gateway" if text.is_empty() => self.routes.clear(),
            "Gateway" => {
                let gateway = Some(gateway(text)?);
                self.routes.push(RouteConfig { gateway, ..RouteConfig::default() });
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn set_dhcp(&mut self, key: &str, text: &str) -> Set {
        let dhcp = &mut self.dhcp4;
        match key {
            "ClientIdentifier" => {
                dhcp.client_id = match text {
                    "mac" => ClientId::Mac,
                    "duid" => ClientId::Duid,
                    _ => return Err(format!("{text:?} is not one of mac, duid")),
                };
            }
            "RouteMetric" => dhcp.metric = number(text)?,
            "RouteTable" => dhcp.table = table(text)?,
            "SendHostname" => dhcp.send_host_name = boolean(text)?,
            "Hostname" => dhcp.host_name = Some(text.to_owned()).filter(|name| !name.is_empty()),
            "SendRelease" => dhcp.send_release = boolean(text)?,
            "UseDNS" => dhcp.use_dns = boolean(text)?,
            "UseDomains" => dhcp.use_domains = boolean(text)?,
            "UseGateway" => dhcp.use_gateway = Some(boolean(text)?),
            "UseHostname" => dhcp.use_host_name = boolean(text)?,
            "UseMTU" => dhcp.use_mtu = boolean(text)?,
            "UseRoutes" => dhcp.use_routes = boolean(text)?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// The warning about an assignment, if it has no effect.
fn told(one: &Assignment, set: Set) -> Option<String> {
    match set {
        Ok(true) => None,
        Ok(false) if &*one.section == "Match" => {
            Some(format!("[Match] {}= is not supported: the file matches no link", one.key))
        }
        Ok(false) => Some(format!("[{}] {}= is not supported: ignored", one.section, one.key)),
        Err(error) => Some(format!("{}=: {error}: ignored", one.key)),
    }
}

/// Reads a section that is one address or route. If it is not complete, that is a warning.
fn section_of<T>(
    section: &[Assignment],
    warnings: &mut Vec<Warning>,
    all: &mut Vec<T>,
    read: fn(&[Assignment], &mut Tell<'_>) -> Result<T, String>,
) {
    let mut inner = Vec::new();
    let made = read(section, &mut |one, set| {
        inner.extend(told(one, set).map(|text| Warning { place: one.place.clone(), text }));
    });
    warnings.extend(inner);
    match made {
        Ok(one) => all.push(one),
        Err(text) => {
            let place = section[0].place.clone();
            warnings.push(Warning { place, text: format!("[{}] {text}: ignored", section[0].section) });
        }
    }
}

impl AddressConfig {
    pub(super) fn of(local: Prefix) -> AddressConfig {
        AddressConfig {
            local,
            peer: None,
            broadcast: Err(true),
            label: None,
            deprecated: false,
            scope: None,
            metric: 0,
            prefix_route: true,
        }
    }
}

fn address_of(section: &[Assignment], tell: &mut Tell<'_>) -> Result<AddressConfig, String> {
    let mut local = None;
    let mut address = AddressConfig::of(Prefix::any(false));
    for one in section {
        let text = one.value.as_str();
        let mut set = || -> Set {
            match one.key.as_str() {
                "Address" => local = Some(text.parse()?),
                "Peer" => address.peer = Some(text.parse::<Prefix>()?.address),
                "Broadcast" => {
                    address.broadcast = match text.parse() {
                        Ok(broadcast) => Ok(broadcast),
                        Err(_) => Err(boolean(text)?),
                    };
                }
                // The kernel's limit, and what it begins with is the kernel's to check.
                "Label" if text.len() < 16 => address.label = Some(text.to_owned()),
                "Label" => return Err("longer than 15 bytes".into()),
                "PreferredLifetime" => {
                    address.deprecated = match text {
                        "forever" | "infinity" | "" => false,
                        "0" => true,
                        _ => return Err(format!("{text:?} is neither forever nor 0")),
                    };
                }
                "Scope" => address.scope = Some(scope(text)?),
                "RouteMetric" => address.metric = number(text)?,
                "AddPrefixRoute" => address.prefix_route = boolean(text)?,
                _ => return Ok(false),
            }
            Ok(true)
        };
        let set = set();
        tell(one, set);
    }
    address.local = local.ok_or("without a usable Address=")?;
    if address.peer.is_some_and(|peer| peer.is_ipv6() != address.local.address.is_ipv6()) {
        return Err("Address= and Peer= are of two kinds".into());
    }
    Ok(address)
}

impl Default for RouteConfig {
    fn default() -> RouteConfig {
        RouteConfig {
            destination: None,
            gateway: None,
            on_link: false,
            metric: 0,
            source: None,
            scope: None,
            protocol: 4,
            kind: 1,
            table: route::MAIN,
            mtu: None,
        }
    }
}

fn route_of(section: &[Assignment], tell: &mut Tell<'_>) -> Result<RouteConfig, String> {
    let mut route = RouteConfig::default();
    let mut bad = false;
    for one in section {
        let text = one.value.as_str();
        let mut set = || -> Set {
            match one.key.as_str() {
                "Destination" => route.destination = Some(text.parse::<Prefix>()?.network()),
                "Gateway" => route.gateway = Some(gateway(text)?),
                "GatewayOnLink" | "GatewayOnlink" => route.on_link = boolean(text)?,
                "Metric" => route.metric = number(text)?,
                "PreferredSource" => {
                    route.source = Some(text.parse().map_err(|_| format!("{text:?} is no address"))?)
                }
                "Scope" => route.scope = Some(scope(text)?),
                "Protocol" => {
                    let known = route::PROTOCOLS.iter().find(|(_, name)| *name == text);
                    route.protocol = known.map_or_else(|| number(text), |(number, _)| Ok(*number))?;
                }
                "Type" => {
                    let known = ["unicast", "blackhole", "unreachable", "prohibit"];
                    let found = route::TYPES.iter().position(|name| *name == text && known.contains(name));
                    let found =
                        found.ok_or_else(|| format!("{text:?} is not one of {}", known.join(", ")))?;
                    route.kind = found as u8;
                }
                "Table" => route.table = table(text)?,
                "MTUBytes" => route.mtu = Some(mtu(text)?),
                _ => return Ok(false),
            }
            Ok(true)
        };
        let set = set();
        bad |= set.is_err();
        tell(one, set);
    }
    // Half of a route would be another route.
    if bad {
        return Err("has a line that cannot be used".into());
    }
    if route.destination.is_none() && route.gateway.is_none() && route.source.is_none() {
        return Err("without Destination=, Gateway= and PreferredSource=".into());
    }
    let mut families = vec![route.destination.map(|to| to.address), route.source];
    if let Some(Gateway::Address(address)) = route.gateway {
        families.push(Some(address));
    }
    if families.into_iter().flatten().any(|address| address.is_ipv6() != route.is_v6()) {
        return Err("has addresses of IPv4 and of IPv6".into());
    }
    Ok(route)
}

fn gateway(text: &str) -> Result<Gateway, String> {
    match text {
        "_dhcp4" => Ok(Gateway::Dhcp),
        _ => text
            .parse()
            .map(Gateway::Address)
            .map_err(|_| format!("{text:?} is neither an address nor _dhcp4")),
    }
}

fn scope(text: &str) -> Result<u8, String> {
    match text {
        "global" => Ok(0),
        "site" => Ok(200),
        "link" => Ok(253),
        "host" => Ok(254),
        "nowhere" => Ok(255),
        _ => number(text),
    }
}

fn table(text: &str) -> Result<u32, String> {
    match text {
        "default" => Ok(253),
        "main" => Ok(route::MAIN),
        "local" => Ok(255),
        _ => number(text),
    }
}

/// Bytes, from the least that a link of IPv4 takes on.
fn mtu(text: &str) -> Result<u32, String> {
    match amount(text)? {
        Amount::Count(bytes) => u32::try_from(bytes).ok().filter(|bytes| *bytes >= 68),
        _ => None,
    }
    .ok_or_else(|| format!("{text:?} is no size from 68 on"))
}

/// Adds words to a list; without any it takes back those before. Good words count even if others are bad.
fn list<T>(all: &mut Vec<T>, text: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<(), String> {
    if text.is_empty() {
        all.clear();
    }
    let mut error = None;
    for word in text.split_whitespace() {
        match read(word) {
            Ok(one) => all.push(one),
            Err(text) => error = error.or(Some(text)),
        }
    }
    error.map_or(Ok(()), Err)
}
