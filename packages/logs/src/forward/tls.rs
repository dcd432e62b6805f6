// SPDX-License-Identifier: MIT OR Apache-2.0
//! TLS 1.2 and 1.3 as RFC 5425 has it: the server's certificate is verified, and the client can have one.

use super::frame;
use super::timed::{Timed, is_end};
use qos_command::Failure;
use rustls::client::{ResolvesClientCert, Resumption};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::ServerName;
use rustls::sign::CertifiedKey;
use rustls::{
    AlertDescription, CertificateError, ClientConfig, ClientConnection, Error, ProtocolVersion,
    RootCertStore, SignatureScheme,
};
use rustls_pki_types::pem::{self, PemObject};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Bytes that are encrypted at a time.
const CHUNK: usize = 16 << 10;

/// How long to wait for what a server says about the client's certificate. In TLS 1.3 the client's handshake ends before the
/// server has seen the certificate (RFC 8446, section 2): the first messages would be lost if the server refuses it.
const VERDICT: Duration = Duration::from_secs(2);

/// Who the server has to be, and who the client is.
pub struct Tls {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
    identity: Arc<Identity>,
    authorities: PathBuf,
}

impl Tls {
    /// Verifies servers as `host`, by PEM file `authorities`. `identity` has the PEM files of the client's certificate and key.
    ///
    /// # Errors
    /// When the host's name cannot be in a certificate, or a file cannot be used.
    pub fn new(host: &str, authorities: &Path, identity: Option<(&Path, &Path)>) -> Result<Self, Failure> {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| Failure::usage(format!("{host}: neither a host name nor an address")))?;
        let provider = Arc::new(ring::default_provider());
        let key = identity.map(|(certificate, key)| certified(certificate, key, &provider)).transpose()?;
        let identity = Arc::new(Identity { key, is_asked: AtomicBool::new(false) });
        let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let mut config = versions
            .map_err(|error| Failure::new(format!("TLS: {error}")))?
            .with_root_certificates(roots(authorities)?)
            .with_client_cert_resolver(identity.clone());
        // A resumed session would not verify the server's certificate.
        config.resumption = Resumption::disabled();
        Ok(Tls { config: Arc::new(config), name, identity, authorities: authorities.to_owned() })
    }

    /// Makes a connection of TLS out of one of TCP.
    ///
    /// # Errors
    /// As those of sockets, and errors of TLS, for which [`Tls::reason`] has a text.
    pub fn handshake(&self, tcp: &TcpStream, limit: Duration) -> io::Result<ClientConnection> {
        self.identity.is_asked.store(false, Ordering::Relaxed);
        let mut connection =
            ClientConnection::new(self.config.clone(), self.name.clone()).map_err(io::Error::other)?;
        let mut timed = Timed::new(tcp, limit, "the server did not complete the handshake of TLS");
        Self::greet(&mut connection, &mut timed).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => {
                io::Error::new(error.kind(), "the server closed the connection during the handshake of TLS")
            }
            _ => last_word(&mut connection, &mut timed, error),
        })?;
        let is_late = connection.protocol_version() == Some(ProtocolVersion::TLSv1_3);
        if is_late && self.identity.is_asked.load(Ordering::Relaxed) {
            let mut timed = Timed::new(tcp, limit.min(VERDICT), "no verdict");
            match receive(&mut connection, &mut timed) {
                Ok(0) => {
                    let text = match &self.identity.key {
                        Some(_) => "the server got the client's certificate, and closed the connection",
                        None => {
                            "the server asked for a client certificate, got none, and closed the connection"
                        }
                    };
                    return Err(io::Error::new(io::ErrorKind::UnexpectedEof, text));
                }
                // Sessions that can be resumed, as most servers send them, or silence: the server is content.
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::TimedOut => {}
                Err(error) => return Err(error),
            }
        }
        Ok(connection)
    }

    fn greet(connection: &mut ClientConnection, timed: &mut Timed<'_>) -> io::Result<()> {
        while connection.is_handshaking() {
            if connection.complete_io(timed)? == (0, 0) {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        flush(connection, timed)
    }

    /// Why there is no connection to `host`, for a person.
    pub fn reason(&self, error: &Error, host: &str) -> String {
        match error {
            Error::InvalidCertificate(error) => self.refusal(error, host),
            Error::AlertReceived(AlertDescription::CertificateRequired) => {
                "the server demands a client certificate; give --forward-cert and --forward-key".into()
            }
            Error::AlertReceived(alert) => match &self.identity.key {
                None if self.identity.is_asked.load(Ordering::Relaxed) => {
                    format!(
                        "the server asked for a client certificate, got none, and sent the alert {alert:?}"
                    )
                }
                _ => format!("the server sent the alert {alert:?}"),
            },
            error => format!("TLS: {error}"),
        }
    }

    fn refusal(&self, error: &CertificateError, host: &str) -> String {
        use CertificateError as E;
        match error {
            E::UnknownIssuer => {
                format!("the server's certificate is not signed by one in {}", self.authorities.display())
            }
            E::BadSignature => format!(
                "a signature of the server is wrong; an authority in {} may have another key than the one of this name that signed \
                 the server's certificate",
                self.authorities.display()
            ),
            E::ExpiredContext { not_after, .. } => {
                format!("the server's certificate expired at {}", date(*not_after))
            }
            E::NotValidYetContext { time, not_before } => format!(
                "the server's certificate is valid from {}, and it is {}",
                date(*not_before),
                date(*time)
            ),
            E::NotValidForNameContext { presented, .. } if presented.is_empty() => {
                format!("the server's certificate is not for {host}, nor for another name")
            }
            E::NotValidForNameContext { presented, .. } => {
                format!("the server's certificate is not for {host}, but for {}", presented.join(", "))
            }
            error => format!("the server's certificate is not valid: {error}"),
        }
    }
}

/// A time of RFC 3339.
fn date(time: UnixTime) -> String {
    let text = frame::time(time.as_secs().saturating_mul(1_000_000));
    format!("{}Z", text.split('.').next().unwrap_or_default())
}

/// The alert with which the server ended the connection, if a write failed before the alert was read; otherwise `error`.
fn last_word(connection: &mut ClientConnection, from: &mut Timed<'_>, error: io::Error) -> io::Error {
    if !is_end(&error) {
        return error;
    }
    match receive(connection, from) {
        Err(alert) if alert.get_ref().is_some_and(|inner| inner.is::<Error>()) => alert,
        _ => error,
    }
}

/// The client's certificate, and whether the server has asked for one.
#[derive(Debug)]
struct Identity {
    key: Option<Arc<CertifiedKey>>,
    is_asked: AtomicBool,
}

impl ResolvesClientCert for Identity {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.is_asked.store(true, Ordering::Relaxed);
        self.key.clone()
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// Reads what the server has sent. Returns 0 after the end of the connection; contents are dropped.
pub fn receive(connection: &mut ClientConnection, from: &mut dyn Read) -> io::Result<usize> {
    let count = connection.read_tls(from)?;
    let state = connection.process_new_packets().map_err(io::Error::other)?;
    if state.peer_has_closed() {
        return Ok(0);
    }
    let mut contents = connection.reader();
    while matches!(contents.read(&mut [0; 4096]), Ok(1..)) {}
    Ok(count)
}

/// Sends `message` in records of TLS.
pub fn send(connection: &mut ClientConnection, to: &mut Timed<'_>, message: &[u8]) -> io::Result<()> {
    for chunk in message.chunks(CHUNK) {
        connection.writer().write_all(chunk)?;
        flush(connection, to).map_err(|error| last_word(connection, to, error))?;
    }
    Ok(())
}

fn flush(connection: &mut ClientConnection, to: &mut Timed<'_>) -> io::Result<()> {
    while connection.wants_write() {
        if connection.write_tls(to)? == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
    }
    Ok(())
}

fn failure(path: &Path, error: pem::Error) -> Failure {
    match error {
        pem::Error::Io(error) => Failure::at(path, &error),
        error => Failure::new(format!("{}: not a PEM file: {error}", path.display())),
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    let found: Vec<_> = read.map_err(|error| failure(path, error))?;
    if found.is_empty() {
        return Err(Failure::new(format!("{}: there is no certificate in this file", path.display())));
    }
    Ok(found)
}

fn roots(path: &Path) -> Result<RootCertStore, Failure> {
    let mut roots = RootCertStore::empty();
    let found = certificates(path).map_err(|failure| explain_authorities(&failure))?;
    if roots.add_parsable_certificates(found).0 == 0 {
        return Err(Failure::new(format!("{}: no certificate in this file can be used", path.display())));
    }
    Ok(roots)
}

fn explain_authorities(failure: &Failure) -> Failure {
    let text = failure.message().unwrap_or_default();
    Failure::new(format!("{text}; give the certificates that may sign the server's with --forward-ca"))
}

fn certified(
    certificate: &Path,
    key: &Path,
    provider: &CryptoProvider,
) -> Result<Arc<CertifiedKey>, Failure> {
    let chain = certificates(certificate)?;
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| match error {
        pem::Error::NoItemsFound => {
            Failure::new(format!("{}: there is no private key in this file", key.display()))
        }
        error => failure(key, error),
    })?;
    CertifiedKey::from_der(chain, secret, provider).map(Arc::new).map_err(|error| match error {
        Error::InconsistentKeys(_) => {
            Failure::new(format!("{}: not the key of {}", key.display(), certificate.display()))
        }
        error => Failure::new(format!("{} and {}: {error}", certificate.display(), key.display())),
    })
}
