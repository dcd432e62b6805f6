// SPDX-License-Identifier: MIT OR Apache-2.0
//! Parsers of bytes from outside, for tools/fuzz.

use crate::config::{Facts, Network};
use crate::dhcp::client::{Action, Client, Identity, State};
use crate::dhcp::datagram;
use crate::dhcp::lease::Lease;
use crate::dhcp::message::Message;
use crate::netlink::{kernel, messages};
use crate::networkd::state::Report;
use std::time::Duration;

/// A packet of a DHCP server, and the same bytes as a message. What is read is the same when it is written and read again; a client
/// that is given it in each of its states does not get stuck.
///
/// # Panics
/// When that does not hold.
pub fn dhcp(bytes: &[u8]) {
    if let Some(content) = datagram::unwrap(bytes) {
        assert!(content.len() + 28 <= bytes.len());
    }
    let Ok(mut message) = Message::parse(bytes) else { return };
    assert_eq!(Message::parse(&message.encode()).as_ref(), Ok(&message));
    let (search, routes) = (message.search(), message.routes());
    assert!(search.iter().all(|name| !name.is_empty() && !name.contains(char::is_whitespace)));
    assert!(routes.iter().all(|(to, _)| *to == to.network()));
    if let Ok(lease) = Lease::of(&message, Duration::from_secs(1)) {
        assert_eq!(Lease::parse(&lease.text()), Some(lease));
    }
    let identity = Identity { hardware: message.hardware, client_id: vec![1], host_name: None };
    let mut now = Duration::from_secs(1);
    let mut client = Client::new(identity, now, None);
    for _ in 0..64 {
        let actions = client.timer(now, message.xid);
        if let Some(Action::Broadcast(sent) | Action::Unicast(sent, _)) = actions.first() {
            message.xid = sent.xid;
        }
        client.receive(now, &message);
        assert!(client.state() != State::Bound || client.lease().is_some());
        match client.deadline() {
            Some(next) => now = now.max(next),
            None => break,
        }
    }
}

/// A file `*.network`: no warning is of a line that is not there, and its conditions can be tried.
///
/// # Panics
/// When that does not hold.
pub fn network(bytes: &[u8]) {
    let (assignments, _) = qos_unit::syntax::parse("f", bytes);
    let (network, warnings) = Network::new("f", &assignments);
    let lines = 1 + bytes.iter().filter(|byte| **byte == b'\n').count();
    assert!(warnings.iter().all(|warning| (1..=lines).contains(&(warning.place.line as usize))));
    let facts = Facts { names: vec!["eth0".into()], kind: "ether".into(), ..Facts::default() };
    let _ = network.matches.holds(&facts);
    assert_eq!(Network::new("f", &assignments).0, network);
    assert!(Report::parse(&String::from_utf8_lossy(bytes)).pairs.len() <= lines);
}

/// A packet of the kernel.
///
/// # Panics
/// When one of its messages reaches beyond it.
pub fn netlink(bytes: &[u8]) {
    let found: Vec<_> = messages(bytes).collect();
    assert!(found.iter().map(|message| message.body.len() + 16).sum::<usize>() <= bytes.len());
    for message in found {
        let _ = (kernel::news(message), crate::netlink::route::Route::parse(message.body));
    }
}
