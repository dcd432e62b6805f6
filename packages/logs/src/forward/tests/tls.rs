// SPDX-License-Identifier: MIT OR Apache-2.0
//! Forwarding to servers of TLS, which are rustls' own.

use super::certificate::{EXPIRED, Issued, VALID, authority};
use super::*;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion, version};
use std::fs;
use tempfile::TempDir;

const LOCAL: &[u8] = &[127, 0, 0, 1];

/// Files with PEM, and an authority.
struct Files {
    directory: TempDir,
    authority: Issued,
}

impl Files {
    fn new() -> Self {
        let files = Files { directory: tempfile::tempdir().unwrap(), authority: authority("authority") };
        files.write("ca.pem", &files.authority.pem());
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// The server as the command line has it, trusted by `ca.pem`.
    fn options(&self, server: &str) -> Options {
        Options { tls: Some(server.into()), authorities: Some(self.path("ca.pem")), ..Options::default() }
    }
}

fn start(options: &Options) -> Forwarders {
    Forwarders::new(options, "h").unwrap().unwrap()
}

const BOTH: &[&SupportedProtocolVersion] = &[&version::TLS12, &version::TLS13];

/// A server with a certificate, which demands one of clients if there is an authority for them.
fn config(
    issued: &Issued,
    versions: &[&'static SupportedProtocolVersion],
    clients: Option<&Issued>,
) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone());
    let builder = builder.with_protocol_versions(versions).unwrap();
    let builder = match clients {
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(authority.der()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            builder.with_client_cert_verifier(verifier.build().unwrap())
        }
        None => builder.with_no_client_auth(),
    };
    Arc::new(builder.with_single_cert(vec![issued.der()], issued.key()).unwrap())
}

type Session = StreamOwned<ServerConnection, TcpStream>;

fn accept_tls(listener: &TcpListener, config: &Arc<ServerConfig>) -> Session {
    StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), accept(listener))
}

/// Accepts a client whose handshake is expected to fail.
fn fail_handshake(listener: &TcpListener, config: &Arc<ServerConfig>) {
    let mut session = accept_tls(listener, config);
    // Writes the alert as well.
    assert!(session.read(&mut [0]).is_err(), "the client did not refuse");
}

#[test]
fn frames_by_both_versions() {
    let files = Files::new();
    let by_address = files.authority.issue("", LOCAL, VALID);
    let by_name = files.authority.issue("log.example", &[], VALID);
    let large = "x".repeat(300_000);
    for (versions, issued, name) in [
        (&BOTH[..1], &by_address, "127.0.0.1"),
        (&BOTH[1..], &by_address, "127.0.0.1"),
        (BOTH, &by_name, "log.example"),
    ] {
        let config = config(issued, versions, None);
        let (listener, address) = listen();
        // The name is not resolved: a host may have no resolver.
        let mut targets = files.options(&address.to_string()).targets().unwrap();
        targets[0].tls = Some(Tls::new(name, &files.path("ca.pem"), None).unwrap());
        let forwarders = Forwarders::start(targets, "h").unwrap();
        for text in ["one", &large, "last"] {
            forwarders.send(&entry(text));
        }
        let mut session = accept_tls(&listener, &config);
        let text = receive(&mut session, "last");
        let mut rest = text.as_str();
        for expect in ["one", &large, "last"] {
            let (length, after) = rest.split_once(' ').unwrap();
            let (message, after) = after.split_at(length.parse().unwrap());
            assert!(message.starts_with("<35>1 ") && message.ends_with(expect), "{message}");
            rest = after;
        }
        assert_eq!(session.conn.protocol_version(), Some(versions[versions.len() - 1].version));
        // The connection ends by close_notify: without it, rustls makes this an error.
        drop(forwarders);
        assert_eq!(session.read(&mut [0]).unwrap(), 0);
    }
}

#[test]
fn connects_again() {
    let files = Files::new();
    let config = config(&files.authority.issue("", &[127, 0, 0, 2], VALID), BOTH, None);
    let (listener, address) = listen_at(2);
    let forwarders = start(&files.options(&address.to_string()));
    forwarders.send(&entry("one"));
    let mut session = accept_tls(&listener, &config);
    receive(&mut session, "one");
    // Ends in an orderly way, then without a word.
    session.conn.send_close_notify();
    session.conn.complete_io(&mut session.sock).unwrap();
    drop(session);
    forwarders.send(&entry("two"));
    let mut session = accept_tls(&listener, &config);
    receive(&mut session, "two");
    drop((session, listener));
    forwarders.send(&entry("three"));
    forwarders.send(&entry("four"));
    let listener = TcpListener::bind(address).unwrap();
    assert!(receive(&mut accept_tls(&listener, &config), "four").contains("three"));
}

#[test]
fn the_end_is_seen_before_a_message_is_sent() {
    let files = Files::new();
    let config = config(&files.authority.issue("", LOCAL, VALID), BOTH, None);
    for is_orderly in [true, false] {
        let (listener, address) = listen();
        let target = files.options(&address.to_string()).targets().unwrap().remove(0);
        let shared = config.clone();
        let server = thread::spawn(move || {
            let mut session = accept_tls(&listener, &shared);
            receive(&mut session, "x");
            std::io::Write::write_all(&mut session, b"a server that talks").unwrap();
            if is_orderly {
                session.conn.send_close_notify();
                session.conn.complete_io(&mut session.sock).unwrap();
                // The socket stays open.
                return Some((session, listener));
            }
            None
        });
        let mut stream = Stream::connect(&target).unwrap();
        assert!(stream.is_open().unwrap());
        stream.send(b"x").unwrap();
        let kept = server.join().unwrap();
        assert_eq!(kept.is_some(), is_orderly);
        let end = Instant::now() + LONG;
        while stream.is_open().unwrap() {
            assert!(Instant::now() < end);
            thread::yield_now();
        }
    }
}

#[test]
fn servers_that_are_refused() {
    let files = Files::new();
    let good = files.authority.issue("", LOCAL, VALID);
    let ca = files.path("ca.pem");
    for (issued, expect) in [
        (
            authority("other").issue("", LOCAL, VALID),
            format!("the server's certificate is not signed by one in {}", ca.display()),
        ),
        (
            authority("authority").issue("", LOCAL, VALID),
            format!(
                "a signature of the server is wrong; an authority in {} may have another key",
                ca.display()
            ),
        ),
        (
            files.authority.issue("other.example", &[], VALID),
            "the server's certificate is not for 127.0.0.1, but for ".into(),
        ),
        (
            files.authority.issue("", LOCAL, EXPIRED),
            "the server's certificate expired at 2021-01-01T00:00:00Z".into(),
        ),
    ] {
        let wrong = config(&issued, BOTH, None);
        let (listener, address) = listen();
        let forwarders = start(&files.options(&address.to_string()));
        forwarders.send(&entry("one"));
        fail_handshake(&listener, &wrong);
        let text = notice(&forwarders);
        assert!(
            text.starts_with(&format!("messages are not forwarded to {address}: {expect}")),
            "{text}\n{expect}"
        );
        // The same again is not told; what is told next is that the right server is there.
        fail_handshake(&listener, &wrong);
        let mut session = accept_tls(&listener, &config(&good, BOTH, None));
        receive(&mut session, "one");
        assert_eq!(notice(&forwarders), format!("messages are forwarded to {address} again"));
    }
}

#[test]
fn certificates_of_clients() {
    let files = Files::new();
    let clients = authority("clients");
    let client = clients.issue("client.example", &[], VALID);
    let stranger = authority("strangers").issue("client.example", &[], VALID);
    let (cert, key) = (files.write("cert.pem", &client.pem()), files.write("key.pem", &client.key_pem()));
    let other = files.write("other.pem", &stranger.pem());
    let other_key = files.write("other-key.pem", &stranger.key_pem());
    let issued = files.authority.issue("", LOCAL, VALID);
    for versions in [&BOTH[..1], &BOTH[1..]] {
        let config = config(&issued, versions, Some(&clients));
        let given = |cert: &PathBuf, key: &PathBuf| (Some(cert.clone()), Some(key.clone()));
        for (identity, expect) in [
            (given(&cert, &key), None),
            ((None, None), Some("the server demands a client certificate")),
            (given(&other, &other_key), Some("the server sent the alert UnknownCA")),
        ] {
            let (listener, address) = listen();
            let (certificate, key) = identity;
            let forwarders = start(&Options { certificate, key, ..files.options(&address.to_string()) });
            forwarders.send(&entry("one"));
            match expect {
                Some(expect) => {
                    // The client does not send the message before it knows.
                    fail_handshake(&listener, &config);
                    let text = notice(&forwarders);
                    assert!(text.contains(expect), "{text}");
                }
                None => {
                    let mut session = accept_tls(&listener, &config);
                    receive(&mut session, "one");
                    assert_eq!(session.conn.peer_certificates().unwrap(), [client.der()]);
                }
            }
        }
    }
}

#[test]
fn a_server_that_is_silent() {
    let files = Files::new();
    let (listener, address) = listen();
    let mut target = files.options(&address.to_string()).targets().unwrap().remove(0);
    target.limit = Duration::from_millis(100);
    let forwarders = forward(target);
    // Nothing waits for the server.
    (0..QUEUE + 100).for_each(|_| forwarders.send(&entry("x")));
    let silent = accept(&listener);
    let text = notice(&forwarders);
    assert!(text.contains("the server did not complete the handshake of TLS within 100ms"), "{text}");
    drop(silent);
    // A server that is not of TLS.
    let mut plain = accept(&listener);
    std::io::Write::write_all(&mut plain, b"220 welcome\r\n").unwrap();
    let text = notice(&forwarders);
    assert!(text.contains(": TLS: "), "{text}");
    drop(plain);
    // One that closes the connection.
    drop(accept(&listener));
    let text = notice(&forwarders);
    assert!(text.contains("closed the connection") || text.contains("Connection reset"), "{text}");
}

#[test]
fn files_that_cannot_be_used() {
    let files = Files::new();
    let client = files.authority.issue("client.example", &[], VALID);
    let (cert, key) = (files.write("cert.pem", &client.pem()), files.write("key.pem", &client.key_pem()));
    let other = files.write("other.pem", &authority("other").key_pem());
    let empty = files.write("empty.pem", "# no certificate\n");
    let torn = files.write("torn.pem", &client.pem()[..200]);
    let rubbish =
        files.write("rubbish.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    for (authorities, certificate, key, expect) in [
        (&empty, &cert, &key, "empty.pem: there is no certificate in this file; give the certificates"),
        (&key, &cert, &key, "key.pem: there is no certificate in this file"),
        (&torn, &cert, &key, "torn.pem: not a PEM file: "),
        (&rubbish, &cert, &key, "rubbish.pem: no certificate in this file can be used"),
        (&cert, &empty, &key, "empty.pem: there is no certificate in this file"),
        (&cert, &cert, &cert, "cert.pem: there is no private key in this file"),
        (&cert, &cert, &other, "other.pem: not the key of "),
    ] {
        let text = refused(Options {
            authorities: Some(authorities.clone()),
            certificate: Some(certificate.clone()),
            key: Some(key.clone()),
            ..files.options("localhost")
        });
        assert!(text.contains(expect), "{text}\n{expect}");
    }
}
