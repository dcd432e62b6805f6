// SPDX-License-Identifier: MIT OR Apache-2.0
mod certificate;
mod tls;

use super::frame::tests::entry;
use super::*;
use std::io::Read;
use std::net::{SocketAddr, TcpListener, TcpStream};

/// Far more than anything here takes.
const LONG: Duration = Duration::from_secs(60);

/// A server that has no TLS.
fn tcp(address: SocketAddr) -> Target {
    Target { server: Server::parse(&address.to_string(), None).unwrap(), tls: None, limit: LIMIT }
}

fn forward(target: Target) -> Forwarders {
    Forwarders::start(vec![target], "h").unwrap()
}

fn listen() -> (TcpListener, SocketAddr) {
    listen_at(1)
}

/// At 127.0.0.`host`. A test whose server goes away has a host of its own: another test could get its port.
fn listen_at(host: u8) -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind((std::net::Ipv4Addr::new(127, 0, 0, host), 0)).unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// What comes until the text ends with `end`.
fn receive(stream: &mut impl Read, end: &str) -> String {
    let mut text = Vec::new();
    while !text.ends_with(end.as_bytes()) {
        let mut byte = [0];
        assert_eq!(stream.read(&mut byte).unwrap(), 1, "{}", text.escape_ascii());
        text.push(byte[0]);
    }
    String::from_utf8(text).unwrap()
}

fn accept(listener: &TcpListener) -> TcpStream {
    let ready = qos_sys::poll::any_readable(&[listener.as_fd()], Some(LONG)).unwrap();
    assert_eq!(ready, [true], "there is no connection");
    let (stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(LONG)).unwrap();
    stream
}

/// The next notice.
fn notice(forwarders: &Forwarders) -> String {
    let ready = qos_sys::poll::any_readable(&[forwarders.descriptor()], Some(LONG)).unwrap();
    assert_eq!(ready, [true], "there is no notice");
    let mut buffer = [0; 4096];
    let count = forwarders.notices.recv(&mut buffer).unwrap();
    notice::decode(&buffer[..count]).text("MESSAGE").unwrap().into_owned()
}

#[test]
fn connects_again() {
    let (listener, address) = listen_at(3);
    let forwarders = forward(tcp(address));
    forwarders.send(&entry("one"));
    let mut stream = accept(&listener);
    assert!(receive(&mut stream, "one").contains("<35>1 "));
    // The server ends and comes back.
    drop((stream, listener));
    forwarders.send(&entry("two"));
    forwarders.send(&entry("three"));
    let listener = TcpListener::bind(address).unwrap();
    let mut stream = accept(&listener);
    assert!(receive(&mut stream, "three").contains("two"));
}

#[test]
fn a_full_queue_is_told() {
    let (listener, address) = listen_at(4);
    drop(listener);
    let forwarders = forward(tcp(address));
    (0..QUEUE + 100).for_each(|_| forwarders.send(&entry("x")));
    let dropped = forwarders.senders[0].dropped.load(Ordering::Relaxed);
    assert!(dropped >= 99);
    let listener = TcpListener::bind(address).unwrap();
    let text = receive(&mut accept(&listener), "the queue was full");
    assert!(text.contains(&format!("{dropped} messages were not forwarded")), "{text}");
}

#[test]
fn a_refused_connection_is_told_once() {
    let (listener, address) = listen_at(5);
    drop(listener);
    let forwarders = forward(tcp(address));
    forwarders.send(&entry("one"));
    let expect = format!("messages are not forwarded to {address}: Connection refused; logd goes on trying");
    assert_eq!(notice(&forwarders), expect);
    let listener = TcpListener::bind(address).unwrap();
    receive(&mut accept(&listener), "one");
    // The next one, however many attempts there were.
    assert_eq!(notice(&forwarders), format!("messages are forwarded to {address} again"));
    assert!(forwarders.notices().is_empty());
}

#[test]
fn the_queue_is_emptied_at_the_end() {
    let (listener, address) = listen();
    let forwarders = forward(tcp(address));
    (0..100).for_each(|_| forwarders.send(&entry("one")));
    forwarders.send(&entry("last"));
    drop(forwarders);
    let mut text = String::new();
    accept(&listener).read_to_string(&mut text).unwrap();
    assert!(text.ends_with(" last"), "{text}");
}

/// The message of the failure that the options are.
fn refused(options: Options) -> String {
    options.targets().err().unwrap().message().unwrap().to_owned()
}

#[test]
fn options() {
    let text = |text: &str| Some(text.to_owned());
    let path = |text: &str| Some(PathBuf::from(text));
    let none = Options::default;
    assert!(none().targets().unwrap().is_empty());
    for (options, expect) in [
        (Options { tcp: text("h"), ..none() }, "--forward h: the port is missing: HOST:PORT"),
        (Options { tls: text("::1"), ..none() }, "--forward-tls ::1: an IPv6 address is written in brackets"),
        (
            Options { tls: text("h"), key: path("k"), ..none() },
            "--forward-cert and --forward-key need each other",
        ),
        (
            Options { tcp: text("h:1"), authorities: path("a"), ..none() },
            "--forward-ca, --forward-cert and --forward-key need --forward-tls",
        ),
        (Options { tls: text("a b"), ..none() }, "a b: neither a host name nor an address"),
        (
            Options { tls: text("h"), authorities: path("/none/ca.pem"), ..none() },
            "/none/ca.pem: No such file or directory; give the certificates that may sign the server's with --forward-ca",
        ),
    ] {
        assert_eq!(refused(options), expect);
    }
}
