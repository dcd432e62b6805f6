// SPDX-License-Identifier: MIT OR Apache-2.0
//! What `ip … show` prints.

use super::{Options, Words, all_links, named};
use crate::netlink::address::{Address, FOREVER, flags as of_address};
use crate::netlink::kernel::Kernel;
use crate::netlink::link::{Link, STATES, flags};
use crate::netlink::route::{MAIN, ON_LINK, PROTOCOLS, Route, TYPES};
use crate::prefix::{Prefix, hardware};
use qos_command::Failure;
use std::fmt::Write as _;
use std::io::Write;
use std::net::IpAddr;

/// Names of the flags of links, in the order in which they are shown. The kernel's RUNNING is NO-CARRIER if it is not set.
const FLAGS: [(u32, &str); 18] = [
    (1 << 3, "LOOPBACK"),
    (1 << 1, "BROADCAST"),
    (1 << 4, "POINTOPOINT"),
    (1 << 12, "MULTICAST"),
    (1 << 7, "NOARP"),
    (1 << 9, "ALLMULTI"),
    (1 << 8, "PROMISC"),
    (1 << 10, "MASTER"),
    (1 << 11, "SLAVE"),
    (1 << 2, "DEBUG"),
    (1 << 15, "DYNAMIC"),
    (1 << 14, "AUTOMEDIA"),
    (1 << 13, "PORTSEL"),
    (1 << 5, "NOTRAILERS"),
    (1, "UP"),
    (1 << 16, "LOWER_UP"),
    (1 << 17, "DORMANT"),
    (1 << 18, "ECHO"),
];

/// Flags of addresses, in the order in which they are shown.
const ADDRESS_FLAGS: [(u32, &str); 9] = [
    (of_address::SECONDARY, "secondary"),
    (of_address::NO_DAD, "nodad"),
    (4, "optimistic"),
    (of_address::DAD_FAILED, "dadfailed"),
    (of_address::DEPRECATED, "deprecated"),
    (of_address::TENTATIVE, "tentative"),
    (of_address::MANAGE_TEMPORARY, "mngtmpaddr"),
    (of_address::NO_PREFIX_ROUTE, "noprefixroute"),
    (of_address::STABLE_PRIVACY, "stable-privacy"),
];

/// Which links are shown.
#[derive(Default)]
struct Filter {
    name: Option<String>,
    up: bool,
}

impl Filter {
    fn parse(mut words: Words<'_>) -> Result<Filter, Failure> {
        let mut filter = Filter::default();
        while let Some(word) = words.next() {
            match word.as_str() {
                "up" => filter.up = true,
                "dev" => filter.name = Some(words.value("dev")?),
                _ if filter.name.is_none() => filter.name = Some(word),
                _ => return Err(Failure::usage(format!("{word}: unknown filter"))),
            }
        }
        Ok(filter)
    }

    fn apply<'a>(&self, links: &'a [Link]) -> Result<Vec<&'a Link>, Failure> {
        let chosen = match &self.name {
            Some(name) => vec![named(links, name)?],
            None => links.iter().collect(),
        };
        Ok(chosen.into_iter().filter(|link| !self.up || link.is(flags::UP)).collect())
    }
}

/// `ip link show`.
pub fn links(
    kernel: &mut Kernel,
    options: Options,
    words: Words<'_>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let links = all_links(kernel)?;
    for link in Filter::parse(words)?.apply(&links)? {
        if options.brief {
            let (name, state, address) = (title(link, &links), state(link), hardware(&link.address));
            writeln!(out, "{name:<16} {state:<14} {address} <{}> ", names(link, &links))?;
            continue;
        }
        let text = head(link, &links, true, None) + &layer(link) + &alternatives(link);
        write!(out, "{}", lines(&text, options))?;
    }
    Ok(())
}

/// `ip addr show`.
pub fn addresses(
    kernel: &mut Kernel,
    options: Options,
    words: Words<'_>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let links = all_links(kernel)?;
    let addresses = kernel.addresses().map_err(|error| Failure::of("list addresses", &error))?;
    for link in Filter::parse(words)?.apply(&links)? {
        let wanted = |a: &&Address| {
            a.link == link.index && options.family.is_none_or(|v6| a.local.address.is_ipv6() == v6)
        };
        let own: Vec<&Address> = addresses.iter().filter(wanted).collect();
        if options.family.is_some() && own.is_empty() {
            continue;
        }
        if options.brief {
            write!(out, "{:<16} {:<14} ", title(link, &links), state(link))?;
            for address in own {
                write!(out, "{}{} ", place(address), metric(address))?;
            }
            writeln!(out)?;
            continue;
        }
        if options.one_line {
            for address in own {
                write!(out, "{}: {}{}", link.index, link.name, lines(&one(address, link), options))?;
            }
            continue;
        }
        let mut text = head(link, &links, false, options.family);
        if options.family.is_none() {
            text += &layer(link);
        }
        text += &alternatives(link);
        own.iter().for_each(|address| text += &one(address, link));
        write!(out, "{text}")?;
    }
    Ok(())
}

/// In one line, ends of lines are backslashes.
fn lines(text: &str, options: Options) -> String {
    if !options.one_line {
        return text.to_owned();
    }
    text.trim_end_matches('\n').replace('\n', "\\") + "\n"
}

/// The first line. `family`: of a list of addresses of one family; of IPv6 the kernel shows no more of the link than IPv6 needs.
fn head(link: &Link, links: &[Link], mode: bool, family: Option<bool>) -> String {
    let all = family != Some(true);
    let mut text =
        format!("{}: {}: <{}> mtu {}", link.index, title(link, links), names(link, links), link.mtu);
    if let Some(queue) = link.queue.as_ref().filter(|_| all) {
        let _ = write!(text, " qdisc {queue}");
    }
    if let Some(master) = link.master {
        let _ = write!(text, " master {}", name_of(links, master));
    }
    let _ = write!(text, " state {}", state(link));
    if mode {
        text += if link.mode == 0 { " mode DEFAULT" } else { " mode DORMANT" };
    }
    match link.group {
        _ if !all => {}
        0 => text += " group default",
        group => text += &format!(" group {group}"),
    }
    if link.queue_length > 0 {
        let _ = write!(text, " qlen {}", link.queue_length);
    }
    // iproute2 ends the line of a link without a queue with a space.
    text += if link.queue_length > 0 { "" } else { " " };
    if family == Some(false) {
        text += &namespace(link);
    }
    text + "\n"
}

fn layer(link: &Link) -> String {
    let kind = match link.hardware {
        1 => "ether",
        772 => "loopback",
        512 => "ppp",
        768 => "ipip",
        769 => "tunnel6",
        776 => "sit",
        778 => "gre",
        280 => "can",
        32 => "infiniband",
        65534 => "none",
        _ => "generic",
    };
    let mut text = format!("    link/{kind} {}", hardware(&link.address));
    if !link.broadcast.is_empty() {
        let word = if link.is(flags::POINT_TO_POINT) { "peer" } else { "brd" };
        let _ = write!(text, " {word} {}", hardware(&link.broadcast));
    }
    if let Some(permanent) = link.permanent.as_ref().filter(|permanent| **permanent != link.address) {
        let _ = write!(text, " permaddr {}", hardware(permanent));
    }
    text + &namespace(link) + "\n"
}

fn namespace(link: &Link) -> String {
    link.namespace.map(|number| format!(" link-netnsid {number}")).unwrap_or_default()
}

fn alternatives(link: &Link) -> String {
    link.alternatives.iter().map(|name| format!("    altname {name}\n")).collect()
}

/// The name, and that of the link below.
fn title(link: &Link, links: &[Link]) -> String {
    match link.below {
        None => link.name.clone(),
        Some(0) => format!("{}@NONE", link.name),
        Some(below) if link.namespace.is_some() => format!("{}@if{below}", link.name),
        Some(below) => format!("{}@{}", link.name, name_of(links, below)),
    }
}

fn name_of(links: &[Link], index: u32) -> String {
    let found = links.iter().find(|link| link.index == index);
    found.map_or_else(|| format!("if{index}"), |link| link.name.clone())
}

fn state(link: &Link) -> &'static str {
    STATES.get(usize::from(link.state)).unwrap_or(&"UNKNOWN")
}

fn names(link: &Link, links: &[Link]) -> String {
    let mut names = Vec::new();
    if link.is(flags::UP) && !link.is(flags::RUNNING) {
        names.push("NO-CARRIER");
    }
    names.extend(FLAGS.iter().filter(|(flag, _)| link.is(*flag)).map(|(_, name)| *name));
    let below = links.iter().find(|other| link.below == Some(other.index) && link.namespace.is_none());
    if below.is_some_and(|other| !other.is(flags::UP)) {
        names.push("M-DOWN");
    }
    names.join(",")
}

fn place(address: &Address) -> String {
    match address.peer {
        Some(peer) => format!("{} peer {peer}/{}", address.local.address, address.local.length),
        None => address.local.to_string(),
    }
}

fn metric(address: &Address) -> String {
    if address.metric > 0 { format!(" metric {}", address.metric) } else { String::new() }
}

fn one(address: &Address, link: &Link) -> String {
    let v6 = address.local.address.is_ipv6();
    let mut text = format!("    inet{} {}{}", if v6 { "6" } else { "" }, place(address), metric(address));
    if let Some(broadcast) = address.broadcast {
        let _ = write!(text, " brd {broadcast}");
    }
    let _ = write!(text, " scope {} ", scope(address.scope));
    for (flag, name) in ADDRESS_FLAGS {
        // The flag that an address stays is not shown, but that it does not.
        if flag == of_address::MANAGE_TEMPORARY && !address.is(of_address::PERMANENT) {
            text += "dynamic ";
        }
        if address.is(flag) {
            text += if v6 && flag == of_address::SECONDARY { "temporary" } else { name };
            text += " ";
        }
    }
    // Addresses of IPv4 have a label, which is the link's name if nothing else.
    match (&address.label, v6) {
        (Some(label), _) => text += label,
        (None, false) => text += &link.name,
        (None, true) => {}
    }
    let time = |seconds: u32| if seconds == FOREVER { "forever".to_owned() } else { format!("{seconds}sec") };
    let (valid, preferred) = address.lifetimes;
    let deprecated =
        if preferred == 0 && address.is(of_address::DEPRECATED) { "0sec".into() } else { time(preferred) };
    text + &format!("\n       valid_lft {} preferred_lft {deprecated}\n", time(valid))
}

fn scope(scope: u8) -> String {
    match scope {
        0 => "global".into(),
        200 => "site".into(),
        253 => "link".into(),
        254 => "host".into(),
        255 => "nowhere".into(),
        other => other.to_string(),
    }
}

/// `ip route show`.
pub fn routes(
    kernel: &mut Kernel,
    options: Options,
    mut words: Words<'_>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let v6 = options.family == Some(true);
    let (mut table, mut device, mut destination) = (Some(MAIN), None, None);
    while let Some(word) = words.next() {
        match word.as_str() {
            "dev" => device = Some(words.value("dev")?),
            "table" => {
                table = match words.value("table")?.as_str() {
                    "all" => None,
                    "main" => Some(MAIN),
                    "local" => Some(255),
                    "default" => Some(253),
                    number => Some(number.parse().map_err(|_| Failure::usage(format!("table: {number}")))?),
                };
            }
            "exact" => {}
            "default" => destination = Some(Prefix::any(v6)),
            text => destination = Some(text.parse().map_err(Failure::usage)?),
        }
    }
    let links = all_links(kernel)?;
    let device = device.map(|name| named(&links, &name).map(|link| link.index)).transpose()?;
    let v6 = v6 || destination.is_some_and(|to| to.address.is_ipv6());
    // All tables are those of both families, unless one is asked for.
    let both = table.is_none() && options.family.is_none() && destination.is_none();
    let mut routes = kernel.routes(v6).map_err(|error| Failure::of("list routes", &error))?;
    if both {
        routes.extend(kernel.routes(true).map_err(|error| Failure::of("list routes", &error))?);
    }
    for route in routes {
        let fits = table.is_none_or(|table| route.table == table)
            && device.is_none_or(|device| route.link == Some(device))
            && destination.is_none_or(|to| route.destination == to);
        if fits {
            writeln!(out, "{}", line(&route, &links, table.is_none(), device.is_some()))?;
        }
    }
    Ok(())
}

/// A route. The table is shown with all tables, the link unless it was asked for.
fn line(route: &Route, links: &[Link], table: bool, device: bool) -> String {
    let mut text = String::new();
    if route.kind != 1 {
        text += TYPES.get(usize::from(route.kind)).unwrap_or(&"none");
        text += " ";
    }
    text += &match route.destination {
        Prefix { length: 0, .. } => "default".to_owned(),
        to if to.is_host() => to.address.to_string(),
        to => to.to_string(),
    };
    text += " ";
    if let Some(gateway) = route.gateway {
        let other = gateway.is_ipv6() != route.destination.address.is_ipv6();
        let _ = write!(text, "via {}{gateway} ", if other { "inet6 " } else { "" });
    }
    if let Some(link) = route.link.filter(|_| !device) {
        let _ = write!(text, "dev {} ", name_of(links, link));
    }
    if table && route.table != MAIN {
        let _ = match route.table {
            255 => write!(text, "table local "),
            253 => write!(text, "table default "),
            number => write!(text, "table {number} "),
        };
    }
    // 3: boot, of which nothing is said.
    if route.protocol != 3 {
        match PROTOCOLS.iter().find(|(number, _)| *number == route.protocol) {
            Some((_, name)) => text += &format!("proto {name} "),
            None => text += &format!("proto {} ", route.protocol),
        }
    }
    if route.scope != 0 {
        let _ = write!(text, "scope {} ", scope(route.scope));
    }
    if let Some(source) = route.source {
        let _ = write!(text, "src {source} ");
    }
    if route.metric > 0 || route.destination.address.is_ipv6() {
        let _ = write!(text, "metric {} ", route.metric);
    }
    for (flag, name) in [(1, "dead"), (ON_LINK, "onlink"), (2, "pervasive"), (16, "linkdown")] {
        if route.flags & flag != 0 {
            text += name;
            text += " ";
        }
    }
    if let Some(seconds) = route.expires.filter(|_| route.destination.address.is_ipv6()) {
        let _ = write!(text, "expires {seconds}sec ");
    }
    if let Some(mtu) = route.mtu {
        let _ = write!(text, "mtu {mtu} ");
    }
    if let Some(limit) = route.hop_limit {
        let _ = write!(text, "hoplimit {limit} ");
    }
    for (gateway, link, weight) in &route.hops {
        let via = gateway.map(|gateway: IpAddr| format!("via {gateway} ")).unwrap_or_default();
        let _ = write!(text, "\n\tnexthop {via}dev {} weight {weight} ", name_of(links, *link));
    }
    match route.preference {
        Some(0) => text += "pref medium",
        Some(1) => text += "pref high",
        Some(3) => text += "pref low",
        _ => {}
    }
    text
}
