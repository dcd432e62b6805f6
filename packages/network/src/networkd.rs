// SPDX-License-Identifier: MIT OR Apache-2.0
//! `networkd`: configures links by files, and keeps them so.
//!
//! There is one loop, and no thread. A [`port`] is a link with its configuration; what it is to have is a [`plan`], and what it has is
//! told in files of [`state`].

mod apply;
mod exchange;
mod files;
mod plan;
mod port;
mod request;
pub mod state;

use crate::config::{Network, files as configuration};
use crate::netlink::kernel::{Kernel, Listener, News};
use crate::netlink::link::{Change, Link, change, flags};
pub use files::STATE;
use files::{Files, RESOLV_CONF};
use lexopt::prelude::*;
use port::Port;
use qos_command::Failure;
use qos_sys::signal::{Blocked, SIGHUP, SIGINT, SIGTERM, SIGUSR2};
use qos_sys::time::since_boot;
use qos_sys::{error_text, notify};
pub use request::{Request, send};
use state::{Report, Setup};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

/// A line of help.
/// Runs the daemon until it is told to exit.
pub fn main(mut parser: lexopt::Parser, _: &mut dyn Write) -> Result<(), Failure> {
    let mut root = PathBuf::from("/");
    while let Some(arg) = parser.next()? {
        match arg {
            Long("root") => root = parser.value()?.into(),
            _ => return Err(arg.unexpected().into()),
        }
    }
    let failed = |what: &str, error: &io::Error| Failure::new(format!("{what}: {}", error_text(error)));
    let mut daemon = Daemon::new(&root)?;
    daemon.run().map_err(|error| failed("wait", &error))
}

struct Daemon {
    kernel: Kernel,
    listener: Listener,
    files: Files,
    requests: request::Requests,
    networks: Vec<Rc<Network>>,
    ports: BTreeMap<u32, Port>,
    signals: Blocked,
    signal: OwnedFd,
    exit: Option<Exit>,
}

/// How the daemon ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Exit {
    /// Leases are given back.
    Stop,
    /// All stays for the daemon that comes next.
    Restart,
}

impl Daemon {
    fn new(root: &Path) -> Result<Daemon, Failure> {
        let failed = |what: &'static str| move |error: io::Error| Failure::of(what, &error);
        let signals = Blocked::new(&[SIGTERM, SIGINT, SIGHUP, SIGUSR2]).map_err(failed("block signals"))?;
        let signal = signals.descriptor().map_err(failed("descriptor for signals"))?;
        // Before the first list of links: nothing happens unseen in between.
        let listener = Listener::new().map_err(failed("listen to the kernel"))?;
        let kernel = Kernel::new().map_err(failed("socket of rtnetlink"))?;
        let files = Files::new(root).map_err(|(path, error)| Failure::at(path, &error))?;
        let socket = files.state("control");
        let requests = request::Requests::new(&socket).map_err(|error| Failure::at(&socket, &error))?;
        let (networks, ports) = (Vec::new(), BTreeMap::new());
        let mut daemon =
            Daemon { kernel, listener, files, requests, networks, ports, signals, signal, exit: None };
        daemon.read_networks();
        daemon.read_links().map_err(failed("read links"))?;
        Ok(daemon)
    }

    fn read_networks(&mut self) {
        let (networks, warnings) = configuration::read(self.files.root());
        warnings.iter().for_each(|warning| eprintln!("{warning}"));
        self.networks = networks.into_iter().map(Rc::new).collect();
    }

    /// Reads all links and addresses, and configures each.
    fn read_links(&mut self) -> io::Result<()> {
        let links = self.kernel.links()?;
        let addresses = self.kernel.addresses()?;
        let gone: Vec<u32> = self
            .ports
            .keys()
            .copied()
            .filter(|index| !links.iter().any(|link| link.index == *index))
            .collect();
        gone.into_iter().for_each(|index| self.forget(index));
        for link in links {
            let index = link.index;
            let port = self.ports.entry(index).or_insert_with(|| Port::new(link.clone()));
            port.link = link;
            port.addresses = addresses.iter().filter(|address| address.link == index).cloned().collect();
            self.configure(index);
        }
        Ok(())
    }

    /// Finds the file of a link, and does what it says.
    fn configure(&mut self, index: u32) {
        let Some(port) = self.ports.get_mut(&index) else { return };
        if port.link.is(flags::LOOPBACK) {
            if !port.link.is(flags::UP)
                && let Err(error) =
                    self.kernel.act(change(index, &Change { up: Some(true), ..Change::default() }))
            {
                eprintln!("{}: bring up: {}", port.link.name, error_text(&error));
            }
            return;
        }
        let facts = port.facts(&self.files);
        let fits = |network: &&Rc<Network>| network.matches.is_some() && network.matches.holds(&facts);
        let found = self.networks.iter().find(fits).filter(|network| !network.unmanaged).cloned();
        port.assign(found, &mut self.kernel, &self.files);
        port.advance(&mut self.kernel, &self.files);
    }

    fn forget(&mut self, index: u32) {
        self.ports.remove(&index);
        for kind in ["links", "leases"] {
            self.files.remove(&self.files.state(&format!("{kind}/{index}")));
        }
    }

    fn run(&mut self) -> io::Result<()> {
        let mut told = String::new();
        while self.exit.is_none() {
            let status = self.report();
            if status != told {
                let ready = if told.is_empty() { "READY=1\n" } else { "" };
                tell(&format!("{ready}STATUS={status}"));
                told = status;
            }
            self.wait()?;
        }
        tell("STOPPING=1");
        if self.exit == Some(Exit::Stop) {
            for port in self.ports.values_mut() {
                port.leave(&mut self.kernel, &self.files);
            }
            self.report();
        }
        self.files.remove(&self.files.state("control"));
        Ok(())
    }

    /// Waits for what comes next, and does it.
    fn wait(&mut self) -> io::Result<()> {
        let deadline = self.ports.values().filter_map(Port::deadline).min();
        let limit = deadline.map(|deadline| deadline.saturating_sub(since_boot()));
        let found = {
            let mut all: Vec<BorrowedFd<'_>> =
                vec![self.signal.as_fd(), self.listener.as_fd(), self.requests.as_fd()];
            all.extend(self.ports.values().filter_map(|port| port.exchange().map(AsFd::as_fd)));
            qos_sys::poll::any_readable(&all, limit)?
        };
        if found[0] {
            match self.signals.wait(Some(Duration::ZERO))? {
                Some(SIGHUP) => self.reload(),
                Some(SIGUSR2) => self.exit = Some(Exit::Restart),
                Some(_) => self.exit = Some(Exit::Stop),
                None => {}
            }
        }
        if found[1] {
            for news in self.listener.take()? {
                self.hear(news)?;
            }
        }
        if found[2] {
            while let Some((request, answer)) = self.requests.take() {
                answer.send(self.serve(&request));
            }
        }
        for port in self.ports.values_mut() {
            port.work(&mut self.kernel, &self.files);
        }
        Ok(())
    }

    fn hear(&mut self, news: News) -> io::Result<()> {
        match news {
            News::Link(link) => self.hear_link(link),
            News::LinkGone(index) => self.forget(index),
            News::Address(address) => {
                if let Some(port) = self.ports.get_mut(&address.link) {
                    port.addresses.retain(|old| !old.is_same(&address));
                    port.addresses.push(address);
                }
            }
            News::AddressGone(address) => {
                if let Some(port) = self.ports.get_mut(&address.link) {
                    port.addresses.retain(|old| !old.is_same(&address));
                }
            }
            News::Announced(announced) => {
                if let Some(port) = self.ports.get_mut(&announced.link) {
                    port.hear(announced);
                }
            }
            News::Lost => self.read_links()?,
        }
        Ok(())
    }

    fn hear_link(&mut self, link: Link) {
        let index = link.index;
        match self.ports.get_mut(&index) {
            // What else changes, such as counters of carriers, is of no effect.
            Some(port) if port.link == link => return,
            Some(port) => port.link = link,
            None => drop(self.ports.insert(index, Port::new(link))),
        }
        self.configure(index);
    }

    fn reload(&mut self) {
        tell("RELOADING=1");
        self.read_networks();
        let all: Vec<u32> = self.ports.keys().copied().collect();
        all.into_iter().for_each(|index| self.configure(index));
        tell("READY=1");
    }

    fn serve(&mut self, request: &Request) -> Result<(), String> {
        let name = match request {
            Request::Reload => {
                self.reload();
                return Ok(());
            }
            Request::Renew(name) | Request::Reconfigure(name) => name,
        };
        let port = self.ports.values_mut().find(|port| port.link.name == *name);
        let port = port.ok_or_else(|| format!("there is no link {name}"))?;
        if port.network.is_none() {
            return Err(format!("{name} is not managed: no file is for it"));
        }
        let index = port.link.index;
        match request {
            Request::Renew(_) if !port.renew() => return Err(format!("{name} has no DHCP client")),
            Request::Renew(_) => {}
            _ => {
                port.assign(None, &mut self.kernel, &self.files);
                self.configure(index);
            }
        }
        Ok(())
    }

    /// Writes the files of states; gives a line about all.
    fn report(&mut self) -> String {
        let (mut servers, mut domains) = (Vec::new(), Vec::new());
        let mut best = "off";
        let (mut managed, mut configured) = (0, 0);
        for port in self.ports.values() {
            let report = port.report(&self.files);
            self.files.write(&self.files.state(&format!("links/{}", port.link.index)), &report.text());
            let (some, others) = port.names();
            servers.extend(some);
            domains.extend(others);
            let state = state::operational(&port.link, &port.addresses);
            if !port.link.is(flags::LOOPBACK) && state::is_at_least(state, best) {
                best = state;
            }
            managed += usize::from(port.setup() != Setup::Unmanaged);
            configured += usize::from(port.setup() == Setup::Configured);
        }
        let mut report = Report::default();
        report.put("OPER_STATE", best);
        report.put("DNS", servers.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
        report.put("DOMAINS", domains.join(" "));
        self.files.write(&self.files.state("state"), &report.text());
        self.files.write(&self.files.root().join(RESOLV_CONF), &state::resolv_conf(&servers, &domains));
        format!("{configured} of {managed} links configured")
    }
}

/// Tells the manager of services.
fn tell(state: &str) {
    if let Err(error) = notify::send(state) {
        eprintln!("notify the manager of services: {}", error_text(&error));
    }
}
