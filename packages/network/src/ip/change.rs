// SPDX-License-Identifier: MIT OR Apache-2.0
//! What `ip … add`, `del` and `set` do.

use super::{Options, Words, all_links, named, refused};
use crate::netlink::address::{Address, flags};
use crate::netlink::kernel::Kernel;
use crate::netlink::link::{self, Change, Link};
use crate::netlink::route::{self, Route};
use crate::netlink::{Request, flag};
use crate::prefix::{Prefix, parse_hardware};
use qos_command::Failure;
use std::net::{IpAddr, Ipv4Addr};

fn act(kernel: &mut Kernel, request: Request) -> Result<(), Failure> {
    kernel.act(request).map_err(|error| refused(&error))
}

/// `ip link set|add|del`.
pub fn link(kernel: &mut Kernel, verb: &str, words: Words<'_>) -> Result<(), Failure> {
    match verb {
        "set" | "s" => set(kernel, words),
        "add" | "a" => make(kernel, words),
        _ => {
            let links = all_links(kernel)?;
            let index = only_device(words, &links)?;
            act(kernel, link::remove(index))
        }
    }
}

/// `[dev] NAME` and nothing else.
fn only_device(mut words: Words<'_>, links: &[Link]) -> Result<u32, Failure> {
    let mut name = words.value("dev")?;
    if name == "dev" {
        name = words.value("dev")?;
    }
    match words.next() {
        Some(word) => Err(Failure::usage(format!("{word}: unknown argument"))),
        None => Ok(named(links, &name)?.index),
    }
}

fn set(kernel: &mut Kernel, mut words: Words<'_>) -> Result<(), Failure> {
    let mut wanted = Change::default();
    let mut name = None;
    while let Some(word) = words.next() {
        match word.as_str() {
            "up" => wanted.up = Some(true),
            "down" => wanted.up = Some(false),
            "mtu" => wanted.mtu = Some(words.parsed("mtu")?),
            "address" => {
                let text = words.value("address")?;
                wanted.address = Some(parse_hardware(&text).map_err(Failure::usage)?.to_vec());
            }
            "name" => wanted.name = Some(words.value("name")?),
            "netns" => wanted.namespace_of = Some(words.parsed("netns")?),
            "dev" => name = Some(words.value("dev")?),
            _ if name.is_none() => name = Some(word),
            _ => return Err(Failure::usage(format!("{word}: unknown setting of a link"))),
        }
    }
    let name = name.ok_or_else(|| Failure::usage("a link is missing"))?;
    let index = named(&all_links(kernel)?, &name)?.index;
    if wanted == Change::default() {
        return Err(Failure::usage("a setting is missing"));
    }
    act(kernel, link::change(index, &wanted))
}

fn make(kernel: &mut Kernel, mut words: Words<'_>) -> Result<(), Failure> {
    let (mut name, mut kind, mut peer) = (None, None, None);
    while let Some(word) = words.next() {
        match word.as_str() {
            "type" => kind = Some(words.value("type")?),
            "peer" => {}
            // Behind `type` it is the name of the other end.
            "name" if kind.is_some() => peer = Some(words.value("name")?),
            "name" | "dev" => name = Some(words.value(&word)?),
            _ if name.is_none() => name = Some(word),
            _ if kind.is_some() && peer.is_none() => peer = Some(word),
            _ => return Err(Failure::usage(format!("{word}: unknown setting of a link"))),
        }
    }
    let name = name.ok_or_else(|| Failure::usage("a name is missing"))?;
    let kind = kind.ok_or_else(|| Failure::usage("type: a value is missing"))?;
    act(kernel, link::make(&name, &kind, peer.as_deref()))
}

/// `ip addr add|replace|del|flush`.
pub fn address(
    kernel: &mut Kernel,
    options: Options,
    verb: &str,
    mut words: Words<'_>,
) -> Result<(), Failure> {
    let links = all_links(kernel)?;
    if verb == "flush" {
        let index = only_device(words, &links)?;
        let all = kernel.addresses().map_err(|error| refused(&error))?;
        let fits = |one: &&Address| {
            one.link == index && options.family.is_none_or(|v6| one.local.address.is_ipv6() == v6)
        };
        for address in all.iter().filter(fits) {
            match kernel.act(address.remove()) {
                // It went with its primary address: EADDRNOTAVAIL.
                Err(error) if error.raw_os_error() == Some(99) => {}
                done => done.map_err(|error| refused(&error))?,
            }
        }
        return Ok(());
    }
    let (mut address, mut device) = (Address::new(0, Prefix::any(false)), None);
    let (mut local, mut broadcast, mut scope): (Option<Prefix>, Option<String>, Option<u8>) =
        (None, None, None);
    while let Some(word) = words.next() {
        match word.as_str() {
            "dev" => device = Some(words.value("dev")?),
            "local" => local = Some(words.parsed("local")?),
            "peer" => {
                let peer: Prefix = words.parsed("peer")?;
                address.peer = Some(peer.address);
                address.local.length = peer.length;
            }
            "broadcast" | "brd" => broadcast = Some(words.value("broadcast")?),
            "label" => address.label = Some(words.value("label")?),
            "scope" => scope = Some(read_scope(&words.value("scope")?)?),
            "metric" | "priority" => address.metric = words.parsed("metric")?,
            "valid_lft" => address.lifetimes.0 = lifetime(&words.value("valid_lft")?)?,
            "preferred_lft" => address.lifetimes.1 = lifetime(&words.value("preferred_lft")?)?,
            "nodad" => address.flags |= flags::NO_DAD,
            "noprefixroute" => address.flags |= flags::NO_PREFIX_ROUTE,
            text if local.is_none() => local = Some(text.parse().map_err(Failure::usage)?),
            _ => return Err(Failure::usage(format!("{word}: unknown setting of an address"))),
        }
    }
    let local = local.ok_or_else(|| Failure::usage("an address is missing"))?;
    let device = device.ok_or_else(|| Failure::usage("dev: the link is missing"))?;
    address.link = named(&links, &device)?.index;
    address.local = match address.peer {
        Some(_) => Prefix { address: local.address, length: address.local.length },
        None => local,
    };
    address.scope = scope.unwrap_or(match local.address {
        IpAddr::V4(v4) if v4.is_loopback() => 254,
        _ => 0,
    });
    address.broadcast = match broadcast.as_deref() {
        None => None,
        Some("+") => address.local.broadcast(),
        Some("-") => Some(network_of(address.local)),
        Some(text) => Some(text.parse().map_err(|_| Failure::usage(format!("broadcast: {text}")))?),
    };
    match verb {
        "del" | "delete" | "d" => act(kernel, address.remove()),
        verb => act(kernel, address.add(matches!(verb, "add" | "a"))),
    }
}

fn network_of(prefix: Prefix) -> Ipv4Addr {
    match prefix.network().address {
        IpAddr::V4(v4) => v4,
        IpAddr::V6(_) => Ipv4Addr::UNSPECIFIED,
    }
}

fn lifetime(text: &str) -> Result<u32, Failure> {
    match text {
        "forever" => Ok(u32::MAX),
        _ => text.parse().map_err(|_| Failure::usage(format!("{text}: neither seconds nor forever"))),
    }
}

fn read_scope(text: &str) -> Result<u8, Failure> {
    match text {
        "global" | "universe" => Ok(0),
        "site" => Ok(200),
        "link" => Ok(253),
        "host" => Ok(254),
        "nowhere" => Ok(255),
        _ => text.parse().map_err(|_| Failure::usage(format!("{text}: unknown scope"))),
    }
}

/// `ip route add|replace|append|del|flush`.
pub fn route(kernel: &mut Kernel, options: Options, verb: &str, mut words: Words<'_>) -> Result<(), Failure> {
    let links = all_links(kernel)?;
    let mut v6 = options.family == Some(true);
    let mut route = Route::new(Prefix::any(v6));
    let (mut destination, mut scope, mut metric, mut protocol) = (None, None, None, None);
    // 3: boot, as every route that a person makes.
    route.protocol = 3;
    while let Some(word) = words.next() {
        match word.as_str() {
            "via" => route.gateway = Some(words.parsed("via")?),
            "dev" => route.link = Some(named(&links, &words.value("dev")?)?.index),
            "metric" | "priority" | "preference" => metric = Some(words.parsed("metric")?),
            "src" => route.source = Some(words.parsed("src")?),
            "scope" => scope = Some(read_scope(&words.value("scope")?)?),
            "table" => {
                route.table = match words.value("table")?.as_str() {
                    "main" => route::MAIN,
                    "local" => 255,
                    "default" => 253,
                    number => number.parse().map_err(|_| Failure::usage(format!("table: {number}")))?,
                };
            }
            "proto" | "protocol" => {
                let text = words.value("proto")?;
                let known =
                    route::PROTOCOLS.iter().find(|(_, name)| *name == text).map(|(number, _)| *number);
                let number = known.or_else(|| text.parse().ok());
                protocol = Some(number.ok_or_else(|| Failure::usage(format!("proto: {text}")))?);
            }
            "mtu" => route.mtu = Some(words.parsed("mtu")?),
            "onlink" => route.flags |= route::ON_LINK,
            "default" => destination = Some(None),
            "to" => destination = Some(Some(words.parsed::<Prefix>("to")?)),
            "unicast" | "blackhole" | "unreachable" | "prohibit" if destination.is_none() => {
                route.kind = route::TYPES.iter().position(|name| *name == word).unwrap_or(1) as u8;
            }
            text if destination.is_none() => destination = Some(Some(text.parse().map_err(Failure::usage)?)),
            _ => return Err(Failure::usage(format!("{word}: unknown setting of a route"))),
        }
    }
    if verb == "flush" {
        return flush(kernel, v6, &route, destination.flatten());
    }
    let destination =
        destination.ok_or_else(|| Failure::usage("a destination is missing: a network or default"))?;
    v6 |= destination.map(|to| to.address).or(route.gateway).is_some_and(|address| address.is_ipv6());
    let destination = destination.unwrap_or(Prefix::any(v6));
    if destination != destination.network() && verb != "del" {
        return Err(Failure::new("Error: Invalid prefix for given prefix length.").with_status(2));
    }
    route.destination = destination.network();
    route.metric = metric.unwrap_or(0);
    route.protocol = protocol.unwrap_or(route.protocol);
    let near = route.gateway.is_none() && route.kind == 1 && !v6;
    route.scope = scope.unwrap_or(if near { route::LINK } else { route::UNIVERSE });
    if matches!(verb, "del" | "delete" | "d") {
        // What is not given fits any: 255 is nowhere, and a protocol of 0 none.
        route.scope = scope.unwrap_or(255);
        route.protocol = protocol.unwrap_or(0);
        if route.kind == 1 {
            route.kind = 0;
        }
        return act(kernel, route.remove());
    }
    let how = match verb {
        "replace" | "r" => flag::REPLACE,
        "append" => flag::APPEND,
        _ => flag::EXCLUSIVE,
    };
    act(kernel, route.add(how))
}

/// Removes the routes of a table that fit what is given.
fn flush(kernel: &mut Kernel, v6: bool, wanted: &Route, destination: Option<Prefix>) -> Result<(), Failure> {
    let routes = kernel.routes(v6).map_err(|error| refused(&error))?;
    let fits = |one: &&Route| {
        one.table == wanted.table
            && (wanted.link.is_none() || one.link == wanted.link)
            && destination.is_none_or(|to| one.destination == to.network())
    };
    for route in routes.iter().filter(fits).rev() {
        match kernel.act(route.remove()) {
            // ESRCH: it went with another one.
            Err(error) if error.raw_os_error() == Some(3) => {}
            done => done.map_err(|error| refused(&error))?,
        }
    }
    Ok(())
}
