// SPDX-License-Identifier: MIT OR Apache-2.0

use super::*;
use crate::dhcp::lease::FOREVER;

const MAC: [u8; 6] = [2, 0, 0, 0, 0, 1];
const SERVER: [u8; 4] = [192, 0, 2, 1];

/// A client in a time of its own, and what it did.
struct Scene {
    client: Client,
    now: u64,
    random: u32,
}

impl Scene {
    fn new(before: Option<Lease>) -> Scene {
        let identity = Identity { hardware: MAC, client_id: vec![1, 2], host_name: Some("host".into()) };
        Scene { client: Client::new(identity, Duration::from_secs(100), before), now: 100, random: 1000 }
    }

    /// Goes to the next deadline, and does what is due: the seconds that went by, and what was done.
    fn next(&mut self) -> (u64, Vec<Action>) {
        let Some(deadline) = self.client.deadline() else { return (0, Vec::new()) };
        let wait = deadline.as_secs().saturating_sub(self.now);
        self.now = self.now.max(deadline.as_secs() + u64::from(deadline.subsec_nanos() > 0));
        self.random += 1000;
        (wait, self.client.timer(Duration::from_secs(self.now), self.random))
    }

    /// The server's message of that kind, for the client's exchange.
    fn reply(&mut self, kind: Kind, change: impl Fn(&mut Message)) -> Vec<Action> {
        let mut message = Message::new(kind, self.client.xid, MAC)
            .with(option::SERVER, &SERVER)
            .with(option::LIFETIME, &[0, 0, 14, 16]);
        message.is_reply = true;
        message.yours = [192, 0, 2, 7].into();
        change(&mut message);
        self.client.receive(Duration::from_secs(self.now), &message)
    }

    fn bound() -> Scene {
        let mut scene = Scene::new(None);
        scene.next();
        scene.reply(Kind::Offer, |_| {});
        scene.reply(Kind::Ack, |_| {});
        assert_eq!(scene.client.state(), State::Bound);
        scene
    }
}

/// What is sent: how, its type, `ciaddr`, and options 50 and 54.
fn sent(actions: &[Action]) -> Vec<String> {
    let one = |action: &Action| match action {
        Action::Broadcast(message) => format!("all: {}", shown(message)),
        Action::Unicast(message, to) => format!("{to}: {}", shown(message)),
        Action::Bound(lease) => format!("bound {}", lease.address),
        Action::Lost(reason) => format!("lost: {reason}"),
        Action::Unused(reason) => format!("unused: {reason}"),
    };
    actions.iter().map(one).collect()
}

fn shown(message: &Message) -> String {
    let kind = message.kind().unwrap();
    let option =
        |code: u8, name: &str| message.address(code).map(|a| format!(" {name} {a}")).unwrap_or_default();
    let (wanted, server) = (option(option::ADDRESS, "wants"), option(option::SERVER, "of"));
    format!("{kind:?} {}{wanted}{server}", message.client)
}

const DISCOVER: &str = "all: Discover 0.0.0.0";
const REQUEST: &str = "all: Request 0.0.0.0 wants 192.0.2.7 of 192.0.2.1";

#[test]
fn a_new_lease() {
    let mut scene = Scene::new(None);
    let (wait, actions) = scene.next();
    assert_eq!((wait, sent(&actions)), (0, vec![DISCOVER.into()]));
    let Action::Broadcast(discover) = &actions[0] else { panic!() };
    assert_eq!(discover.get(option::HOST_NAME), Some(&b"host"[..]));
    assert_eq!(discover.get(option::CLIENT_ID), Some(&[1, 2][..]));
    assert!(discover.get(option::WANTED).unwrap().starts_with(&[
        option::MASK,
        option::ROUTES,
        option::ROUTERS
    ]));
    assert_eq!(sent(&scene.reply(Kind::Offer, |_| {})), [REQUEST]);
    assert_eq!(sent(&scene.reply(Kind::Ack, |_| {})), ["bound 192.0.2.7/24"]);
    assert_eq!(scene.client.lease().unwrap().since, Duration::from_secs(100));
    // A second answer is of no effect.
    assert_eq!(scene.reply(Kind::Ack, |_| {}), []);
}

#[test]
fn times_between_tries() {
    let mut scene = Scene::new(None);
    let waits: Vec<u64> = (0..8).map(|_| scene.next().0).collect();
    for (wait, expect) in waits.iter().zip([0, 4, 8, 16, 32, 64, 64, 64]) {
        assert!(wait.abs_diff(expect) <= 1, "{waits:?}");
    }
    // A server that offers and then says nothing is given up.
    scene.reply(Kind::Offer, |_| {});
    let all: Vec<String> = (0..4).flat_map(|_| sent(&scene.next().1)).collect();
    assert_eq!(all, [REQUEST, REQUEST, REQUEST, DISCOVER]);
}

#[test]
fn messages_that_are_not_used() {
    let mut scene = Scene::new(None);
    // Before anything was asked for.
    assert_eq!(scene.reply(Kind::Offer, |message| message.xid = 0), []);
    scene.next();
    for change in [
        |message: &mut Message| message.xid += 1,
        |message: &mut Message| message.hardware[5] += 1,
        |message: &mut Message| message.is_reply = false,
        |message: &mut Message| message.options.clear(),
    ] {
        assert_eq!(scene.reply(Kind::Offer, change), []);
    }
    assert_eq!(scene.reply(Kind::Ack, |_| {}), []);
    let no_address = |message: &mut Message| message.yours = Ipv4Addr::UNSPECIFIED;
    assert_eq!(sent(&scene.reply(Kind::Offer, no_address)), ["unused: it gives no usable address"]);
    assert_eq!(scene.client.state(), State::Selecting);
}

#[test]
fn refusals() {
    let mut scene = Scene::new(None);
    let mut pauses = Vec::new();
    for _ in 0..3 {
        pauses.push(scene.next().0);
        scene.reply(Kind::Offer, |_| {});
        // Another server cannot refuse for this one.
        let other = |message: &mut Message| message.options[1].1 = vec![192, 0, 2, 9];
        assert_eq!((scene.reply(Kind::Nak, other), scene.client.state()), (Vec::new(), State::Requesting));
        assert_eq!((scene.reply(Kind::Nak, |_| {}), scene.client.state()), (Vec::new(), State::Selecting));
    }
    assert_eq!(pauses, [0, 1, 2]);
}

#[test]
fn more_time_and_the_end() {
    let mut scene = Scene::bound();
    let (wait, actions) = scene.next();
    assert_eq!((wait, sent(&actions)), (1800, vec!["192.0.2.1: Request 192.0.2.7".into()]));
    assert_eq!(scene.client.state(), State::Renewing);
    assert_eq!(sent(&scene.reply(Kind::Ack, |_| {})), ["bound 192.0.2.7/24"]);
    assert_eq!(scene.client.deadline(), Some(Duration::from_secs(1900 + 1800)));
    // Without answers: half of the time that is left, at least a minute; then any server; then it is over.
    let mut all = Vec::new();
    loop {
        let (wait, actions) = scene.next();
        all.extend(sent(&actions).into_iter().map(|action| format!("{wait} {action}")));
        if scene.client.state() == State::Selecting {
            break;
        }
    }
    let unicast = "192.0.2.1: Request 192.0.2.7";
    let broadcast = "all: Request 192.0.2.7";
    let expect = [
        format!("1800 {unicast}"),
        format!("675 {unicast}"),
        format!("337 {unicast}"),
        format!("169 {unicast}"),
        format!("84 {unicast}"),
        format!("60 {unicast}"),
        format!("25 {broadcast}"),
        format!("225 {broadcast}"),
        format!("112 {broadcast}"),
        format!("60 {broadcast}"),
        "53 lost: the lease has ended".into(),
        "53 all: Discover 0.0.0.0".into(),
    ];
    let seconds = |line: &String| line.split(' ').next().unwrap().parse::<u64>().unwrap();
    assert_eq!(all.len(), expect.len(), "{all:?}");
    for (found, expect) in all.iter().zip(&expect) {
        assert_eq!(found.split_once(' ').unwrap().1, expect.split_once(' ').unwrap().1, "{all:?}");
        assert!(seconds(found).abs_diff(seconds(expect)) <= 2, "{found}, {expect}");
    }
    assert_eq!(scene.client.lease(), None);
}

#[test]
fn a_refusal_takes_the_address() {
    let mut scene = Scene::bound();
    scene.next();
    assert_eq!(sent(&scene.reply(Kind::Nak, |_| {})), ["lost: a server refuses the address"]);
    assert_eq!((scene.client.state(), scene.client.lease()), (State::Selecting, None));
    assert_eq!(sent(&scene.next().1), [DISCOVER]);
}

#[test]
fn after_a_restart() {
    let lease = Scene::bound().client.lease().unwrap().clone();
    let again = "all: Request 0.0.0.0 wants 192.0.2.7";
    let mut scene = Scene::new(Some(lease.clone()));
    assert_eq!(scene.client.lease(), Some(&lease));
    assert_eq!(sent(&scene.next().1), [again]);
    assert_eq!(sent(&scene.reply(Kind::Ack, |_| {})), ["bound 192.0.2.7/24"]);
    // Any server may refuse.
    let mut scene = Scene::new(Some(lease.clone()));
    scene.next();
    let other = |message: &mut Message| message.options[1].1 = vec![192, 0, 2, 9];
    assert_eq!(sent(&scene.reply(Kind::Nak, other)), ["lost: a server refuses the address"]);
    // Without an answer the address is used on, and its server asked at the time of before.
    let mut scene = Scene::new(Some(lease.clone()));
    let all: Vec<String> = (0..3).flat_map(|_| sent(&scene.next().1)).collect();
    assert_eq!((all, scene.client.state()), (vec![again.to_owned(); 2], State::Bound));
    assert_eq!(scene.client.deadline(), lease.at(0));
    // One that has ended is not asked for.
    let mut old = lease;
    old.times = [1, 2, 3];
    old.since = Duration::from_secs(90);
    assert_eq!(sent(&Scene::new(Some(old)).next().1), [DISCOVER]);
}

#[test]
fn on_demand_and_back() {
    let mut scene = Scene::bound();
    scene.client.renew(Duration::from_secs(scene.now));
    assert_eq!(sent(&scene.next().1), ["192.0.2.1: Request 192.0.2.7"]);
    let action = scene.client.release(7).unwrap();
    assert_eq!(sent(&[action]), ["192.0.2.1: Release 192.0.2.7 of 192.0.2.1"]);
    assert_eq!((scene.client.release(7), scene.client.deadline()), (None, None));
}

#[test]
fn a_lease_without_end() {
    let mut scene = Scene::new(None);
    scene.next();
    let endless = |message: &mut Message| message.options[2].1 = vec![255; 4];
    scene.reply(Kind::Offer, endless);
    scene.reply(Kind::Ack, endless);
    assert_eq!((scene.client.lease().unwrap().times, scene.client.deadline()), ([FOREVER; 3], None));
}
