// SPDX-License-Identifier: MIT OR Apache-2.0
//! A link that is there: what it is to have, and what it has.

use super::apply::{add, keeps, remove};
use super::exchange::{Exchange, Outcome};
use super::files::{self, Files};
use super::plan::{self, Plan};
use super::state::{self, Report, Setup};
use crate::config::{Activation, Facts, Network};
use crate::dhcp::client::Identity;
use crate::dhcp::lease::Lease;
use crate::netlink::address::{Address, flags as address_flags};
use crate::netlink::kernel::Kernel;
use crate::netlink::link::{Change, Link, change, flags};
use crate::netlink::route::Route;
use crate::netlink::userop::Announced;
use qos_sys::error_text;
use qos_sys::time::since_boot;
use std::fs;
use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

/// A link, with its configuration.
pub struct Port {
    /// As the kernel shows it.
    pub link: Link,
    /// Its addresses, as the kernel shows them.
    pub addresses: Vec<Address>,
    /// The file that is for it; `None`: it is not managed.
    pub network: Option<Rc<Network>>,
    exchange: Option<Exchange>,
    /// What was set on the link: `None` before the first time.
    set: Option<Plan>,
    /// Whether the settings that need no carrier are made.
    prepared: bool,
    failed: bool,
    /// DNS servers and domains that routers announce, and until when.
    announced: Vec<(Announced, Duration)>,
}

impl Port {
    /// A link that nothing is known of but what the kernel shows.
    #[must_use]
    pub fn new(link: Link) -> Port {
        Port {
            link,
            addresses: Vec::new(),
            network: None,
            exchange: None,
            set: None,
            prepared: false,
            failed: false,
            announced: Vec::new(),
        }
    }

    /// What files can ask of the link.
    #[must_use]
    pub fn facts(&self, files: &Files) -> Facts {
        let (path, driver) = files::place(files.root(), self.link.index, &self.link.name);
        let kind = self.link.kind.clone().unwrap_or_default();
        Facts {
            names: [&[self.link.name.clone()][..], &self.link.alternatives].concat(),
            hardware: self.link.address.clone(),
            permanent: self.link.permanent.clone().unwrap_or_else(|| self.link.address.clone()),
            kind: self.link.type_name().to_owned(),
            driver: if driver.is_empty() { kind.clone() } else { driver },
            virtual_kind: kind,
            path,
        }
    }

    /// Gives the link another file, or none, and takes away what the one before has set.
    pub fn assign(&mut self, network: Option<Rc<Network>>, kernel: &mut Kernel, files: &Files) {
        if self.network == network {
            return;
        }
        if self.network.is_some() {
            self.stop(true);
            self.clear(kernel);
            files.remove(&self.lease_file(files));
        }
        (self.set, self.prepared, self.failed) = (None, false, false);
        self.network = network;
    }

    /// Brings the link to what its file says, as far as it is possible now.
    pub fn advance(&mut self, kernel: &mut Kernel, files: &Files) {
        let Some(network) = self.network.clone() else { return };
        if !self.prepared {
            self.prepared = true;
            self.prepare(&network, kernel);
        }
        let policy = match network.activation {
            Activation::AlwaysUp if !self.link.is(flags::UP) => Some(true),
            Activation::AlwaysDown if self.link.is(flags::UP) => Some(false),
            _ => None,
        };
        if policy.is_some() {
            self.change(kernel, &Change { up: policy, ..Change::default() }, "ActivationPolicy=");
        }
        let carrier = self.link.has_carrier();
        let stays = network.ignore_carrier_loss.unwrap_or(network.without_carrier);
        let is_kept = stays && self.set.is_some();
        if !(carrier || network.without_carrier || is_kept) {
            // The lease's file stays: with a carrier the client asks for the same address again.
            self.exchange = None;
            // With the next carrier it is tried again.
            self.failed = false;
            if self.set.is_some() && !stays {
                self.clear(kernel);
                self.set = Some(Plan::default());
            }
            return;
        }
        if network.dhcp && carrier && self.exchange.is_none() {
            self.start(&network, files);
        }
        self.apply(&network, kernel);
    }

    /// What needs no carrier: MTU, address, link-local addresses, settings of the kernel, up.
    fn prepare(&mut self, network: &Network, kernel: &mut Kernel) {
        let name = self.link.name.clone();
        let forwards = network.forward[1] == Some(true);
        for (family, forward) in ["ipv4", "ipv6"].into_iter().zip(network.forward) {
            if let Some(forward) = forward {
                files::set(family, &name, "forwarding", if forward { "1" } else { "0" });
            }
        }
        // 2: also while packets are forwarded (ip-sysctl.rst of the kernel).
        let accept = network.link_local && network.accept_ra.unwrap_or(!forwards);
        files::set(
            "ipv6",
            &name,
            "accept_ra",
            match (accept, forwards) {
                (false, _) => "0",
                (true, false) => "1",
                (true, true) => "2",
            },
        );
        // Without IPv6 in the kernel this is refused, and there are no addresses to make.
        let mode = Some(u8::from(!network.link_local));
        let _ = kernel.act(change(self.link.index, &Change { address_mode: mode, ..Change::default() }));
        if let Some(mtu) = network.mtu.filter(|mtu| *mtu != self.link.mtu) {
            self.change(kernel, &Change { mtu: Some(mtu), ..Change::default() }, "MTUBytes=");
        }
        if let Some(address) = network.hardware.filter(|address| address[..] != self.link.address) {
            let wanted = Change { address: Some(address.to_vec()), ..Change::default() };
            if kernel.act(change(self.link.index, &wanted)).is_err() {
                // Some drivers take another address only while the link is down.
                self.change(kernel, &Change { up: Some(false), ..wanted }, "MACAddress=");
            }
            self.link.address = address.to_vec();
        }
        let up = match network.activation {
            Activation::Up | Activation::AlwaysUp => true,
            Activation::Down | Activation::AlwaysDown => false,
            Activation::Manual => return,
        };
        self.change(kernel, &Change { up: Some(up), ..Change::default() }, "ActivationPolicy=");
    }

    fn change(&mut self, kernel: &mut Kernel, wanted: &Change, what: &str) {
        if let Err(error) = kernel.act(change(self.link.index, wanted)) {
            self.fail(what, &error);
        }
    }

    fn fail(&mut self, what: &str, error: &io::Error) {
        eprintln!("{}: {what}: {}", self.link.name, error_text(error));
        self.failed = true;
    }

    fn start(&mut self, network: &Network, files: &Files) {
        let Some(hardware) = self.link.ethernet() else {
            if !self.failed {
                self.fail("DHCP=", &io::Error::other("the link is not Ethernet"));
            }
            return;
        };
        let dhcp = &network.dhcp4;
        let host = dhcp.host_name.clone().unwrap_or_else(|| qos_sys::host::Host::of_kernel().node);
        let told = dhcp.send_host_name && !matches!(host.as_str(), "" | "(none)" | "localhost");
        let identity = Identity {
            hardware,
            client_id: plan::client_id(dhcp.client_id, hardware),
            host_name: told.then_some(host).filter(|host| host.len() <= 63),
        };
        let before = fs::read_to_string(self.lease_file(files)).ok().and_then(|text| Lease::parse(&text));
        match Exchange::new(self.link.index, &self.link.name, identity, before) {
            Ok(exchange) => self.exchange = Some(exchange),
            Err(error) => self.fail("DHCP=", &error),
        }
    }

    /// Sets what is planned and not there, and removes what was planned or is another's.
    fn apply(&mut self, network: &Network, kernel: &mut Kernel) {
        let lease = self.exchange.as_ref().and_then(Exchange::lease);
        let plan = Plan::new(network, self.link.index, lease, since_boot());
        let routes = match kernel.routes(false).and_then(|mut v4| {
            v4.extend(kernel.routes(true)?);
            Ok(v4)
        }) {
            Ok(routes) => routes,
            Err(error) => return self.fail("read routes", &error),
        };
        let before = match self.set.take() {
            Some(before) => before,
            // Of the daemon before, or of another program.
            None if network.keep.fixed => Plan::default(),
            None => self.others(&routes),
        };
        let error = remove(kernel, &before, &plan);
        self.addresses
            .retain(|one| !before.addresses.iter().any(|old| old.is_same(one)) || keeps(&plan, one));
        let added = add(kernel, &plan, &self.addresses, &routes);
        if let Err((what, error)) = error.and(added) {
            self.fail(&what, &error);
        }
        self.set = Some(plan);
    }

    /// Addresses and routes that a program has set on the link.
    fn others(&self, routes: &[Route]) -> Plan {
        let is_set = |address: &&Address| {
            let v6 = address.local.address.is_ipv6();
            // The kernel makes those of IPv6 that are of the link only, or have a lifetime.
            !(v6 && (address.scope == 253 || !address.is(address_flags::PERMANENT))) && address.scope < 254
        };
        // 4: static, 16: DHCP.
        let is_ours =
            |route: &&Route| route.link == Some(self.link.index) && [4, plan::DHCP].contains(&route.protocol);
        Plan {
            addresses: self.addresses.iter().filter(is_set).cloned().collect(),
            routes: routes.iter().filter(is_ours).cloned().collect(),
        }
    }

    /// Removes what was set.
    fn clear(&mut self, kernel: &mut Kernel) {
        let before = self.set.take().unwrap_or_default();
        if let Err((what, error)) = remove(kernel, &before, &Plan::default()) {
            eprintln!("{}: {what}: {}", self.link.name, error_text(&error));
        }
    }

    /// Ends the DHCP client; the address is given back if `release` and the file say so.
    fn stop(&mut self, release: bool) {
        let Some(mut exchange) = self.exchange.take() else { return };
        if release && self.network.as_ref().is_some_and(|network| network.dhcp4.send_release) {
            exchange.release();
        }
    }

    /// Ends it all, but for what is not of a lease.
    pub fn leave(&mut self, kernel: &mut Kernel, files: &Files) {
        let Some(network) = self.network.clone() else { return };
        if self.exchange.is_none() || network.keep.dhcp_on_stop {
            return;
        }
        self.stop(true);
        self.apply(&network, kernel);
        files.remove(&self.lease_file(files));
    }

    /// Lets the DHCP client do what is due.
    pub fn work(&mut self, kernel: &mut Kernel, files: &Files) {
        let Some(network) = self.network.clone() else { return };
        self.announced.retain(|(_, until)| *until > since_boot());
        let outcome = match self.exchange.as_mut().map(Exchange::work) {
            None => return,
            Some(Ok(outcome)) => outcome,
            Some(Err(error)) => return self.fail("DHCP", &error),
        };
        match outcome {
            Some(Outcome::Bound(lease)) => {
                files.write(&self.lease_file(files), &lease.text());
                if let Some(mtu) = lease.mtu.filter(|mtu| network.dhcp4.use_mtu && *mtu != self.link.mtu) {
                    self.change(kernel, &Change { mtu: Some(mtu), ..Change::default() }, "UseMTU=");
                }
                if let Some(name) = lease.host_name.as_ref().filter(|_| network.dhcp4.use_host_name) {
                    name_host(files, name);
                }
                self.failed = false;
                self.apply(&network, kernel);
            }
            Some(Outcome::Lost) => {
                files.remove(&self.lease_file(files));
                if !network.keep.dhcp {
                    self.apply(&network, kernel);
                }
            }
            None => {}
        }
    }

    /// What a router announces.
    pub fn hear(&mut self, announced: Announced) {
        self.announced
            .retain(|(old, _)| (&old.servers, &old.domains) != (&announced.servers, &announced.domains));
        if self.network.is_some() && !announced.lifetime.is_zero() {
            let until = since_boot() + announced.lifetime;
            self.announced.push((announced, until));
        }
    }

    /// The client, to be waited for.
    #[must_use]
    pub fn exchange(&self) -> Option<&Exchange> {
        self.exchange.as_ref()
    }

    /// Asks for more time for the lease; `false`: there is no client.
    pub fn renew(&mut self) -> bool {
        self.exchange.as_mut().map(Exchange::renew).is_some()
    }

    /// When there is something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        let client = self.exchange.as_ref().and_then(Exchange::deadline);
        client.into_iter().chain(self.announced.iter().map(|(_, until)| *until)).min()
    }

    /// How far it is.
    #[must_use]
    pub fn setup(&self) -> Setup {
        let Some(network) = &self.network else { return Setup::Unmanaged };
        let waits = network.dhcp && self.exchange.as_ref().is_none_or(|exchange| exchange.lease().is_none());
        match () {
            () if self.failed => Setup::Failed,
            () if matches!(network.activation, Activation::Down | Activation::AlwaysDown) => {
                Setup::Configured
            }
            () if self.set.is_none() || !self.link.has_carrier() || waits => Setup::Configuring,
            () => Setup::Configured,
        }
    }

    /// DNS servers and search domains.
    #[must_use]
    pub fn names(&self) -> (Vec<IpAddr>, Vec<String>) {
        let Some(network) = &self.network else { return Default::default() };
        let (mut servers, mut domains) = (network.dns.clone(), network.domains.clone());
        if let Some(lease) = self.exchange.as_ref().and_then(Exchange::lease) {
            if network.dhcp4.use_dns {
                servers.extend(lease.dns.iter().copied().map(IpAddr::V4));
            }
            if network.dhcp4.use_domains {
                domains.extend(lease.domain.iter().chain(&lease.search).cloned());
            }
        }
        for (announced, _) in &self.announced {
            if network.ra.0 {
                servers.extend(announced.servers.iter().copied().map(IpAddr::V6));
            }
            if network.ra.1 {
                domains.extend(announced.domains.iter().cloned());
            }
        }
        (servers, domains)
    }

    /// What its file in /run tells.
    #[must_use]
    pub fn report(&self, files: &Files) -> Report {
        let mut report = Report::default();
        let of = |v6: bool| self.addresses.iter().filter(move |a| a.local.address.is_ipv6() == v6);
        report.put("NAME", self.link.name.as_str());
        report.put("ADMIN_STATE", self.setup().name());
        let state = state::operational(&self.link, &self.addresses);
        report.put("OPER_STATE", state);
        report.put("CARRIER_STATE", state::carrier(&self.link));
        report.put("ADDRESS_STATE", state::addresses(&self.addresses));
        report.put("IPV4_ADDRESS_STATE", state::addresses(of(false)));
        report.put("IPV6_ADDRESS_STATE", state::addresses(of(true)));
        let Some(network) = &self.network else { return report };
        let least = network.online_state.as_deref().unwrap_or("degraded");
        let online = self.setup() == Setup::Configured && state::is_at_least(state, least);
        report.put("ONLINE_STATE", if online { "online" } else { "offline" });
        report.put("REQUIRED_FOR_ONLINE", if network.required_for_online { "yes" } else { "no" });
        report.put("REQUIRED_OPER_STATE_FOR_ONLINE", network.online_state.clone().unwrap_or_default());
        report.put("NETWORK_FILE", network.file.as_str());
        report.put("NETWORK_FILE_DROPINS", network.drop_ins.join(" "));
        let (servers, domains) = self.names();
        report.put("DNS", servers.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
        report.put("DOMAINS", domains.join(" "));
        if self.exchange.as_ref().is_some_and(|exchange| exchange.lease().is_some()) {
            let below = self.lease_file(files);
            let below = below.strip_prefix(files.root()).unwrap_or(&below);
            report.put("DHCP_LEASE", format!("/{}", below.display()));
        }
        report
    }

    fn lease_file(&self, files: &Files) -> PathBuf {
        files.state(&format!("leases/{}", self.link.index))
    }
}

/// Names the host as its server says, unless /etc/hostname does.
fn name_host(files: &Files, name: &str) {
    let own = fs::read_to_string(files.root().join("etc/hostname")).unwrap_or_default();
    if !own.trim().is_empty() || qos_sys::host::Host::of_kernel().node == name {
        return;
    }
    if let Err(error) = qos_sys::host::set_name(name) {
        eprintln!("name the host {name}: {}; without CAP_SYS_ADMIN, set UseHostname=no", error_text(&error));
    }
}
