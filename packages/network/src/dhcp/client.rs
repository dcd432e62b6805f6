// SPDX-License-Identifier: MIT OR Apache-2.0
//! The states of a client: RFC 2131, section 4.4 and figure 5.
//!
//! Times are those since boot. The caller sends what [`Action`] says, brings in what is received, and calls [`Client::timer`] at
//! [`Client::deadline`].

use super::lease::Lease;
use super::message::{Kind, Message, option};
use std::net::Ipv4Addr;
use std::time::Duration;

/// Who the client is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Its address of Ethernet.
    pub hardware: [u8; 6],
    /// Option 61.
    pub client_id: Vec<u8>,
    /// The host's name, if servers are told.
    pub host_name: Option<String>,
}

/// States. INIT takes no time, and INIT-REBOOT is `Rebooting` before the first try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Looks for servers.
    Selecting,
    /// Has asked a server for what it offered.
    Requesting,
    /// Asks any server whether the address of before may be used on.
    Rebooting,
    /// Has an address.
    Bound,
    /// Asks its server for more time.
    Renewing,
    /// Asks any server for more time.
    Rebinding,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Send it to all.
    Broadcast(Message),
    /// Send it from the client's own address to a server.
    Unicast(Message, Ipv4Addr),
    /// The lease is new, or has new times.
    Bound(Lease),
    /// The address may not be used any more.
    Lost(&'static str),
    /// A message was not used, for this reason.
    Unused(&'static str),
}

/// Options that servers are asked for. Routes come before routers (RFC 3442).
const WANTED: [u8; 10] = [
    option::MASK,
    option::ROUTES,
    option::ROUTERS,
    option::DNS,
    option::HOST_NAME,
    option::DOMAIN,
    option::MTU,
    option::BROADCAST,
    option::SEARCH,
    option::LIFETIME,
];
/// Bytes of the largest message that is taken: the least MTU that is in use, without its headers.
const MAX_SIZE: u16 = 1472;
/// Shortest time between two tries to renew.
const RENEW: Duration = Duration::from_secs(60);
/// How often a server is asked for what it offered.
const REQUESTS: u32 = 4;
/// How often servers are asked about the address of before.
const REBOOTS: u32 = 2;

/// A client.
#[derive(Debug, Clone)]
pub struct Client {
    identity: Identity,
    state: State,
    xid: u32,
    /// When it began to ask.
    began: Duration,
    /// When the last message was sent.
    sent: Duration,
    tries: u32,
    refusals: u32,
    next: Option<Duration>,
    offer: Option<Lease>,
    lease: Option<Lease>,
}

impl Client {
    /// A client that begins at the time `now`, with the lease of an earlier one if that still holds.
    #[must_use]
    pub fn new(identity: Identity, now: Duration, before: Option<Lease>) -> Client {
        let lease = before.filter(|lease| lease.is_valid(now));
        let state = if lease.is_some() { State::Rebooting } else { State::Selecting };
        Client {
            identity,
            state,
            xid: 0,
            began: now,
            sent: now,
            tries: 0,
            refusals: 0,
            next: Some(now),
            offer: None,
            lease,
        }
    }

    /// Its state.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// The lease that it uses.
    #[must_use]
    pub fn lease(&self) -> Option<&Lease> {
        self.lease.as_ref()
    }

    /// When [`Client::timer`] has something to do; `None`: never.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        self.next
    }

    /// Goes on if the time has come. `random` is a new random number in each call.
    pub fn timer(&mut self, now: Duration, random: u32) -> Vec<Action> {
        if self.next.is_none_or(|next| now < next) {
            return Vec::new();
        }
        match (self.state, self.lease.clone()) {
            (State::Requesting, _) if self.tries >= REQUESTS => self.start_over(now),
            // RFC 2131, 3.2: without an answer the address may be used as long as it was given for.
            (State::Rebooting, Some(lease)) if self.tries >= REBOOTS => self.bind(lease),
            (State::Bound, _) => self.enter(State::Renewing, now),
            _ => {}
        }
        let Some(lease) = self.lease.clone() else { return self.ask(now, random) };
        if !lease.is_valid(now) {
            self.lease = None;
            self.start_over(now);
            let mut actions = vec![Action::Lost("the lease has ended")];
            actions.extend(self.ask(now, random));
            return actions;
        }
        if self.state == State::Renewing && lease.at(1).is_some_and(|time| now >= time) {
            self.enter(State::Rebinding, now);
        }
        if self.state == State::Bound {
            return Vec::new();
        }
        self.ask(now, random)
    }

    /// Sends the message of the state, and says when the next one is due.
    fn ask(&mut self, now: Duration, random: u32) -> Vec<Action> {
        if self.tries == 0 && self.state != State::Requesting {
            self.xid = random;
        }
        self.tries += 1;
        self.sent = now;
        let kind = if self.state == State::Selecting { Kind::Discover } else { Kind::Request };
        let mut message = self.message(kind);
        message.seconds = u16::try_from((now - self.began).as_secs()).unwrap_or(u16::MAX);
        let lease = self.lease.clone();
        match (self.state, &self.offer, lease) {
            (State::Requesting, Some(offer), _) => {
                let (own, server) = (offer.own().octets(), offer.server.octets());
                message = message.with(option::ADDRESS, &own).with(option::SERVER, &server);
                self.retry(now, random);
            }
            (State::Rebooting, _, Some(lease)) => {
                message = message.with(option::ADDRESS, &lease.own().octets());
                self.retry(now, random);
            }
            (State::Renewing | State::Rebinding, _, Some(lease)) => {
                message.client = lease.own();
                let end =
                    lease.at(if self.state == State::Renewing { 1 } else { 2 }).unwrap_or(Duration::MAX);
                let wait = (end.saturating_sub(now) / 2).max(RENEW);
                self.next = Some(now.saturating_add(wait).min(end));
                if self.state == State::Renewing {
                    return vec![Action::Unicast(message, lease.server)];
                }
            }
            _ => self.retry(now, random),
        }
        vec![Action::Broadcast(message)]
    }

    /// RFC 2131, 4.1: after 4, 8, 16, 32, and then always 64 seconds, give or take one.
    fn retry(&mut self, now: Duration, random: u32) {
        let seconds = 4 << (self.tries - 1).min(4);
        self.next = Some(now + Duration::from_millis(seconds * 1000 - 1000 + u64::from(random % 2001)));
    }

    fn message(&self, kind: Kind) -> Message {
        let mut message = Message::new(kind, self.xid, self.identity.hardware)
            .with(option::CLIENT_ID, &self.identity.client_id);
        if !matches!(kind, Kind::Release) {
            message = message.with(option::WANTED, &WANTED).with(option::MAX_SIZE, &MAX_SIZE.to_be_bytes());
            if let Some(name) = &self.identity.host_name {
                message = message.with(option::HOST_NAME, name.as_bytes());
            }
        }
        message
    }

    /// Takes a message.
    pub fn receive(&mut self, now: Duration, message: &Message) -> Vec<Action> {
        if !message.is_reply || message.xid != self.xid || message.hardware != self.identity.hardware {
            // Others on the link have messages too.
            return Vec::new();
        }
        let waits = !matches!(self.state, State::Selecting | State::Bound);
        match message.kind() {
            Some(Kind::Offer) if self.state == State::Selecting && self.tries > 0 => {
                match Lease::of(message, self.sent) {
                    Ok(offer) => {
                        self.offer = Some(offer);
                        self.enter(State::Requesting, now);
                        // The number of the exchange serves for the time between two tries: it is random as well.
                        self.ask(now, self.xid)
                    }
                    Err(reason) => vec![Action::Unused(reason)],
                }
            }
            Some(Kind::Ack) if waits => match Lease::of(message, self.sent) {
                Ok(lease) => {
                    self.bind(lease.clone());
                    vec![Action::Bound(lease)]
                }
                Err(reason) => vec![Action::Unused(reason)],
            },
            Some(Kind::Nak) if waits && self.is_from_our_server(message) => {
                let had = self.lease.take().is_some();
                self.start_over(now);
                // A server that offers what it refuses is not asked without a pause.
                let pause = 1 << self.refusals.min(6);
                self.next = Some(now + if had { Duration::ZERO } else { Duration::from_secs(pause) });
                self.refusals += 1;
                if had { vec![Action::Lost("a server refuses the address")] } else { Vec::new() }
            }
            _ => Vec::new(),
        }
    }

    /// While one server is asked, only that one may refuse.
    fn is_from_our_server(&self, message: &Message) -> bool {
        let asked = match self.state {
            State::Requesting => self.offer.as_ref(),
            State::Renewing => self.lease.as_ref(),
            _ => None,
        };
        asked.is_none_or(|lease| message.address(option::SERVER) == Some(lease.server))
    }

    fn bind(&mut self, lease: Lease) {
        self.next = lease.at(0);
        (self.state, self.offer, self.refusals) = (State::Bound, None, 0);
        self.lease = Some(lease);
    }

    fn enter(&mut self, state: State, now: Duration) {
        (self.state, self.tries, self.next) = (state, 0, Some(now));
        if matches!(state, State::Renewing) {
            self.began = now;
        }
    }

    fn start_over(&mut self, now: Duration) {
        self.offer = None;
        self.began = now;
        self.enter(State::Selecting, now);
    }

    /// Asks for more time now.
    pub fn renew(&mut self, now: Duration) {
        match self.state {
            State::Bound | State::Renewing => self.enter(State::Renewing, now),
            State::Rebinding => self.enter(State::Rebinding, now),
            // It is asking for its first lease: now once more.
            _ => self.next = Some(now),
        }
    }

    /// Gives the address back. `random` is a new random number.
    pub fn release(&mut self, random: u32) -> Option<Action> {
        let lease = self.lease.take()?;
        self.xid = random;
        let mut message = self.message(Kind::Release).with(option::SERVER, &lease.server.octets());
        message.client = lease.own();
        self.next = None;
        Some(Action::Unicast(message, lease.server))
    }
}

#[cfg(test)]
mod tests;
