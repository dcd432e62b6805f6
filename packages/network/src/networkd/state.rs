// SPDX-License-Identifier: MIT OR Apache-2.0
//! States of links, and the files that tell them: those of systemd-networkd, which sd-network of libsystemd reads.

use crate::netlink::address::{Address, flags as address_flags};
use crate::netlink::link::{Link, flags};
use std::fmt::Write;
use std::net::IpAddr;

/// Operational states, from the least to the most (networkctl(1)).
pub const OPERATIONAL: [&str; 9] = [
    "missing",
    "off",
    "no-carrier",
    "dormant",
    "degraded-carrier",
    "carrier",
    "degraded",
    "enslaved",
    "routable",
];

/// How far the configuration of a link is (networkctl(1)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setup {
    /// No file is for it, or its file says so.
    Unmanaged,
    /// It waits for a carrier or a lease.
    Configuring,
    /// All is set.
    Configured,
    /// The kernel refused something.
    Failed,
}

impl Setup {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Setup::Unmanaged => "unmanaged",
            Setup::Configuring => "configuring",
            Setup::Configured => "configured",
            Setup::Failed => "failed",
        }
    }
}

/// State of a link below its addresses.
#[must_use]
pub fn carrier(link: &Link) -> &'static str {
    match () {
        () if !link.is(flags::UP) => "off",
        () if !link.is(flags::LOWER_UP) => "no-carrier",
        () if link.is(flags::DORMANT) => "dormant",
        () if link.master.is_some() => "enslaved",
        () => "carrier",
    }
}

/// State of addresses: `off`, `degraded` (of the link only), `routable`.
#[must_use]
pub fn addresses<'a>(addresses: impl IntoIterator<Item = &'a Address>) -> &'static str {
    let ready = |a: &&Address| a.flags & (address_flags::TENTATIVE | address_flags::DAD_FAILED) == 0;
    let scopes = addresses.into_iter().filter(ready).map(|address| address.scope);
    match scopes.filter(|scope| *scope < 254).min() {
        None => "off",
        Some(253) => "degraded",
        Some(_) => "routable",
    }
}

/// State of a link with its addresses.
#[must_use]
pub fn operational(link: &Link, all: &[Address]) -> &'static str {
    match (carrier(link), addresses(all)) {
        ("carrier", "off") => "carrier",
        ("carrier", state) => state,
        (state, _) => state,
    }
}

/// Whether an operational state is at least another one. States that do not exist are the least.
#[must_use]
pub fn is_at_least(state: &str, least: &str) -> bool {
    let rank = |name: &str| OPERATIONAL.iter().position(|known| *known == name);
    rank(state) >= rank(least)
}

/// What the file of a link tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Keys and values in order.
    pub pairs: Vec<(String, String)>,
}

impl Report {
    /// Adds a pair; one without a value is left out.
    pub fn put(&mut self, key: &str, value: impl Into<String>) {
        let value = value.into();
        if !value.is_empty() {
            self.pairs.push((key.to_owned(), value));
        }
    }

    /// Its text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = "# This is private data. Do not parse.\n".to_owned();
        for (key, value) in &self.pairs {
            let _ = writeln!(text, "{key}={value}");
        }
        text
    }

    /// Reads a text.
    #[must_use]
    pub fn parse(text: &str) -> Report {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let pairs = lines.filter_map(|line| line.split_once('='));
        Report { pairs: pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect() }
    }

    /// A value; empty if there is none.
    #[must_use]
    pub fn get(&self, key: &str) -> &str {
        self.pairs.iter().find(|(known, _)| known == key).map_or("", |(_, value)| value)
    }
}

/// resolv.conf(5) of DNS servers and search domains, each once.
#[must_use]
pub fn resolv_conf(servers: &[IpAddr], domains: &[String]) -> String {
    let mut text =
        "# Written by networkd; changes are lost. `networkctl status` shows where this comes from.\n"
            .to_owned();
    for (at, server) in servers.iter().enumerate() {
        if !servers[..at].contains(server) {
            let _ = writeln!(text, "nameserver {server}");
        }
    }
    let mut once: Vec<&str> = Vec::new();
    for domain in domains.iter().map(String::as_str).filter(|domain| !domain.is_empty()) {
        if !once.contains(&domain) {
            once.push(domain);
        }
    }
    if !once.is_empty() {
        let _ = writeln!(text, "search {}", once.join(" "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operational_states() {
        let up = flags::UP | flags::LOWER_UP;
        let address = |text: &str, scope: u8, flags: u32| {
            let local = text.parse().unwrap();
            Address { scope, flags, ..Address::new(1, local) }
        };
        let near = address("fe80::1/64", 253, 0);
        let tentative = address("2001:db8::1/64", 0, address_flags::TENTATIVE);
        let far = address("192.0.2.1/24", 0, 0);
        for (flags, master, addresses, expect) in [
            (0, None, &[][..], "off"),
            (flags::UP, None, &[], "no-carrier"),
            (up | flags::DORMANT, None, &[], "dormant"),
            (up, None, &[], "carrier"),
            (up, None, &[near.clone(), tentative.clone()], "degraded"),
            (up, None, &[near.clone(), far.clone()], "routable"),
            (up, Some(2), &[], "enslaved"),
            (flags::UP, None, &[far], "no-carrier"),
            (up, None, &[address("127.0.0.1/8", 254, 0)], "carrier"),
        ] {
            let link = Link { flags, master, ..Link::default() };
            assert_eq!(operational(&link, addresses), expect);
        }
        assert!(is_at_least("routable", "degraded") && is_at_least("carrier", "carrier"));
        assert!(!is_at_least("no-carrier", "carrier") && !is_at_least("", "missing"));
    }

    #[test]
    fn files_are_read_as_they_are_written() {
        let mut report = Report::default();
        report.put("OPER_STATE", "routable");
        report.put("DNS", "");
        report.put("NETWORK_FILE", "/a=b");
        let again = Report::parse(&report.text());
        assert_eq!(again, report);
        assert_eq!((again.get("NETWORK_FILE"), again.get("DNS")), ("/a=b", ""));
    }

    #[test]
    fn servers_and_domains() {
        let servers = ["192.0.2.1", "2001:db8::1", "192.0.2.1"].map(|text| text.parse().unwrap());
        let text = resolv_conf(&servers, &["b".into(), "a".into(), "b".into(), String::new()]);
        let lines: Vec<_> = text.lines().skip(1).collect();
        assert_eq!(lines, ["nameserver 192.0.2.1", "nameserver 2001:db8::1", "search b a"]);
        assert_eq!(resolv_conf(&[], &[]).lines().count(), 1);
    }
}
