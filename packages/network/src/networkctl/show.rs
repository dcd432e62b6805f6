// SPDX-License-Identifier: MIT OR Apache-2.0
//! What `list` and `status` print.

use super::json::Json;
use super::report;
use crate::netlink::address::Address;
use crate::netlink::kernel::Kernel;
use crate::netlink::link::Link;
use crate::netlink::route::Route;
use crate::networkd::state::{Report, carrier, operational};
use crate::prefix::hardware;
use qos_command::Failure;
use std::fmt::Write;
use std::net::IpAddr;
use std::path::Path;

/// A link in the table.
pub fn row(link: &Link, report: &Report) -> [String; 5] {
    // Without networkd the kernel knows at least the carrier.
    let state = Some(report.get("OPER_STATE")).filter(|state| !state.is_empty());
    let setup = Some(report.get("ADMIN_STATE")).filter(|state| !state.is_empty());
    [
        link.index.to_string(),
        link.name.clone(),
        link.type_name().to_owned(),
        state.unwrap_or(carrier(link)).to_owned(),
        setup.unwrap_or("unmanaged").to_owned(),
    ]
}

/// The table.
pub fn table(rows: &[[String; 5]], legend: bool) -> String {
    let head = ["IDX", "LINK", "TYPE", "OPERATIONAL", "SETUP"].map(str::to_owned);
    let all: Vec<&[String; 5]> = legend.then_some(&head).into_iter().chain(rows).collect();
    let width = |column: usize| all.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths = [0, 1, 2, 3].map(width);
    let mut text = String::new();
    for row in &all {
        let [index, name, kind, state, setup] = row;
        let [a, b, c, d] = widths;
        let _ = writeln!(text, "{index:>a$} {name:<b$} {kind:<c$} {state:<d$} {setup}");
    }
    if legend {
        let _ = writeln!(text, "\n{} links listed.", rows.len());
    }
    text
}

fn addresses(kernel: &mut Kernel) -> Result<Vec<Address>, Failure> {
    kernel.addresses().map_err(|error| Failure::of("list addresses", &error))
}

/// Routers of default routes.
fn gateways(kernel: &mut Kernel) -> Result<Vec<Route>, Failure> {
    let mut routes = Vec::new();
    for v6 in [false, true] {
        routes.extend(kernel.routes(v6).map_err(|error| Failure::of("list routes", &error))?);
    }
    routes.retain(|route| route.destination.length == 0 && route.gateway.is_some());
    Ok(routes)
}

/// Labels to the left of their values; a label is there once.
fn labelled(text: &mut String, label: &str, values: &[String]) {
    for (at, value) in values.iter().enumerate() {
        let label = if at == 0 { format!("{label}:") } else { String::new() };
        let _ = writeln!(text, "{label:>24} {value}");
    }
}

fn words(value: &str) -> Vec<String> {
    value.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// All of the system.
pub fn system(kernel: &mut Kernel, state: &Report, links: &[Link]) -> Result<String, Failure> {
    let name =
        |index: u32| links.iter().find(|link| link.index == index).map_or("?", |link| link.name.as_str());
    let mut text = String::new();
    labelled(&mut text, "State", &words(state.get("OPER_STATE")));
    let own = addresses(kernel)?;
    let own = own.iter().filter(|address| address.scope < 254);
    let own: Vec<_> = own.map(|a| format!("{} on {}", a.local.address, name(a.link))).collect();
    labelled(&mut text, "Address", &own);
    let routers = gateways(kernel)?;
    let via = |route: &Route| {
        format!(
            "{} on {}",
            route.gateway.map(|ip| ip.to_string()).unwrap_or_default(),
            name(route.link.unwrap_or(0))
        )
    };
    labelled(&mut text, "Gateway", &routers.iter().map(via).collect::<Vec<_>>());
    labelled(&mut text, "DNS", &words(state.get("DNS")));
    labelled(&mut text, "Search Domains", &words(state.get("DOMAINS")));
    Ok(text)
}

/// A link.
pub fn link(kernel: &mut Kernel, link: &Link, report: &Report) -> Result<String, Failure> {
    let mut text = format!("{}: {}\n", link.index, link.name);
    let own: Vec<Address> =
        addresses(kernel)?.into_iter().filter(|address| address.link == link.index).collect();
    let [.., setup] = row(link, report);
    labelled(
        &mut text,
        "Network File",
        &[Some(report.get("NETWORK_FILE")).filter(|f| !f.is_empty()).unwrap_or("n/a").into()],
    );
    labelled(&mut text, "Drop-Ins", &words(report.get("NETWORK_FILE_DROPINS")));
    labelled(&mut text, "State", &[format!("{} ({setup})", operational(link, &own))]);
    labelled(&mut text, "Online state", &words(report.get("ONLINE_STATE")));
    labelled(&mut text, "Type", &[link.type_name().to_owned()]);
    labelled(&mut text, "Kind", link.kind.as_slice());
    if !link.address.is_empty() {
        labelled(&mut text, "Hardware Address", &[hardware(&link.address)]);
    }
    labelled(&mut text, "MTU", &[link.mtu.to_string()]);
    labelled(
        &mut text,
        "Address",
        &own.iter().map(|address| address.local.address.to_string()).collect::<Vec<_>>(),
    );
    let routers = gateways(kernel)?.into_iter().filter(|route| route.link == Some(link.index));
    labelled(
        &mut text,
        "Gateway",
        &routers.filter_map(|route| Some(route.gateway?.to_string())).collect::<Vec<_>>(),
    );
    labelled(&mut text, "DNS", &words(report.get("DNS")));
    labelled(&mut text, "Search Domains", &words(report.get("DOMAINS")));
    labelled(&mut text, "DHCP Lease", &words(report.get("DHCP_LEASE")));
    Ok(text)
}

/// Links as systemd describes them: a member of each is left out if it has no value.
pub fn json(kernel: &mut Kernel, root: &Path, links: &[Link]) -> Result<Json, Failure> {
    let addresses = addresses(kernel)?;
    let describe = |link: &Link| {
        let report = report(root, link.index);
        let [.., state, setup] = row(link, &report);
        let own: Vec<Json> = addresses.iter().filter(|one| one.link == link.index).map(address).collect();
        let dns: Vec<Json> =
            words(report.get("DNS")).iter().filter_map(|one| Some(ip(one.parse().ok()?))).collect();
        let domain = |one: &String| Json::Object(vec![("Domain", Json::of(one))]);
        let mut members = vec![
            ("Index", Json::Number(link.index.into())),
            ("Name", Json::of(&link.name)),
            ("AlternativeNames", Json::List(link.alternatives.iter().map(Json::of).collect())),
            ("Type", Json::of(link.type_name())),
            ("Kind", Json::of(link.kind.clone().unwrap_or_default())),
            ("Flags", Json::Number(link.flags.into())),
            ("MTU", Json::Number(link.mtu.into())),
            ("HardwareAddress", Json::bytes(&link.address)),
            ("AdministrativeState", Json::of(setup)),
            ("OperationalState", Json::of(state)),
            ("CarrierState", Json::of(carrier(link))),
            ("AddressState", Json::of(report.get("ADDRESS_STATE"))),
            ("IPv4AddressState", Json::of(report.get("IPV4_ADDRESS_STATE"))),
            ("IPv6AddressState", Json::of(report.get("IPV6_ADDRESS_STATE"))),
            ("OnlineState", Json::of(report.get("ONLINE_STATE"))),
            ("NetworkFile", Json::of(report.get("NETWORK_FILE"))),
            (
                "NetworkFileDropins",
                Json::List(words(report.get("NETWORK_FILE_DROPINS")).iter().map(Json::of).collect()),
            ),
            ("DNS", Json::List(dns)),
            ("SearchDomains", Json::List(words(report.get("DOMAINS")).iter().map(domain).collect())),
            ("Addresses", Json::List(own)),
        ];
        members.retain(|(_, value)| !value.is_empty());
        Json::Object(members)
    };
    Ok(Json::Object(vec![("Interfaces", Json::List(links.iter().map(describe).collect()))]))
}

fn ip(address: IpAddr) -> Json {
    let (family, bytes) = match address {
        IpAddr::V4(v4) => (2, v4.octets().to_vec()),
        IpAddr::V6(v6) => (10, v6.octets().to_vec()),
    };
    Json::Object(vec![
        ("Family", Json::Number(family)),
        ("Address", Json::bytes(&bytes)),
        ("AddressString", Json::of(address)),
    ])
}

fn address(address: &Address) -> Json {
    let Json::Object(mut members) = ip(address.local.address) else { return Json::List(Vec::new()) };
    members.push(("PrefixLength", Json::Number(address.local.length.into())));
    members.push(("Scope", Json::Number(address.scope.into())));
    members.push(("Flags", Json::Number(address.flags.into())));
    Json::Object(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table() {
        let link = |index: u32, name: &str| Link { index, name: name.into(), hardware: 1, ..Link::default() };
        let mut told = Report::default();
        told.put("OPER_STATE", "routable");
        told.put("ADMIN_STATE", "configured");
        let rows = [row(&link(1, "lo"), &Report::default()), row(&link(10, "enp0s3"), &told)];
        assert_eq!(
            table(&rows, true),
            "IDX LINK   TYPE  OPERATIONAL SETUP\n  1 lo     ether off         unmanaged\n 10 enp0s3 ether routable    configured\n\n2 links listed.\n"
        );
        assert_eq!(table(&rows[..1], false), "1 lo ether off unmanaged\n");
    }
}
