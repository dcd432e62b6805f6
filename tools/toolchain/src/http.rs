// SPDX-License-Identifier: MIT OR Apache-2.0
//! Downloads one file by HTTP: resumes an earlier attempt, and verifies size and SHA-256 before the file gets its name.

use crate::context::Context;
use crate::error::{Error, Result};
use crate::hash::Sum;
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

/// How often a server may fail in a row, without sending a byte, before it is given up.
const TRIES: u32 = 3;

/// An HTTP client. It honours `http_proxy`, `https_proxy` and `no_proxy`, and trusts the host's certificates.
pub struct Client {
    agent: ureq::Agent,
    pause: Duration,
}

/// A file to fetch.
pub struct Wanted<'a> {
    /// What it is called in messages.
    pub name: &'a str,
    /// Where it is to be had; the first that has it will do.
    pub urls: Vec<String>,
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256.
    pub sum: Sum,
    /// The path of the file.
    pub path: &'a Path,
}

/// How one try ended.
enum Failure {
    /// The server does not have it (404, 410).
    Absent,
    /// Worth another try at the same server; how much of the file is there now.
    Again(String, u64),
    /// Not worth another try at the same server.
    NotHere(String),
    /// Not worth another try anywhere.
    Fatal(Error),
}

impl Client {
    /// A client which waits `pause` after the first failure of a server, and twice as long after each further one.
    ///
    /// # Errors
    ///
    /// `SSL_CERT_FILE` names a file that cannot be read.
    pub fn new(pause: Duration) -> Result<Client> {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(Duration::from_secs(20)))
            .timeout_recv_response(Some(Duration::from_secs(30)))
            .timeout_per_read(Some(Duration::from_secs(30)))
            .user_agent("qos-toolchain")
            .tls_config(TlsConfig::builder().root_certs(certificates()?).build())
            .build();
        Ok(Client { agent: config.new_agent(), pause })
    }

    /// Gets a small file whole, whose sum is not known beforehand, from the first of `urls` that has it.
    ///
    /// # Errors
    ///
    /// None of them has it.
    pub fn text(&self, context: &Context<'_>, urls: &[String]) -> Result<Vec<u8>> {
        let mut last = Error::new("no mirror is configured");
        for url in urls {
            let mut pause = self.pause;
            for _ in 0..TRIES {
                context.check()?;
                let again = match self.agent.get(url).call() {
                    Ok(mut response) if response.status() == 200 => match response.body_mut().read_to_vec() {
                        Ok(data) => return Ok(data),
                        Err(error) => error.to_string(),
                    },
                    Ok(response) => {
                        last = Error::new(format!("{url}: the server answered {}", response.status()));
                        break;
                    }
                    Err(error) => reason(&error),
                };
                last = Error::new(format!("{url}: {again}"));
                std::thread::sleep(pause);
                pause *= 2;
            }
        }
        Err(last)
    }

    /// Downloads a file. Data goes to `PATH.part`, which is kept when the transfer fails, so that the next call
    /// resumes it; `position` receives the number of bytes so far.
    ///
    /// # Errors
    ///
    /// No URL has the file; of kind `Gone` if each server answered 404. The disk is full.
    pub fn fetch(&self, context: &Context<'_>, wanted: &Wanted<'_>, position: &dyn Fn(u64)) -> Result<()> {
        let mut last = None;
        for url in &wanted.urls {
            match self.one_server(context, wanted, url, position) {
                Ok(()) => return Ok(()),
                Err(Failure::Fatal(error)) => return Err(error),
                Err(Failure::Absent) => {
                    last.get_or_insert_with(|| Error::gone(format!("no mirror has {}", wanted.name)));
                }
                Err(Failure::Again(reason, _) | Failure::NotHere(reason)) => {
                    last = Some(Error::new(format!("cannot download {}: {reason} ({url})", wanted.name)));
                }
            }
        }
        Err(last.unwrap_or_else(|| {
            Error::new(format!("cannot download {}: no mirror is configured", wanted.name))
        }))
    }

    fn one_server(
        &self,
        context: &Context<'_>,
        wanted: &Wanted<'_>,
        url: &str,
        position: &dyn Fn(u64),
    ) -> std::result::Result<(), Failure> {
        let (mut failures, mut pause, mut best) = (0, self.pause, 0);
        loop {
            context.check().map_err(Failure::Fatal)?;
            match self.once(context, wanted, url, position) {
                Err(Failure::Again(reason, length)) => {
                    // Only bytes beyond all former attempts count as progress. Otherwise a server that starts from the beginning each time
                    // and fails at the same position would be retried forever.
                    failures = if length > best { 1 } else { failures + 1 };
                    best = best.max(length);
                    if failures >= TRIES {
                        return Err(Failure::NotHere(format!("{reason}, {TRIES} times")));
                    }
                    std::thread::sleep(pause);
                    pause *= 2;
                }
                other => return other,
            }
        }
    }

    /// One request: the rest of the file, to the end of the `.part` file.
    fn once(
        &self,
        context: &Context<'_>,
        wanted: &Wanted<'_>,
        url: &str,
        position: &dyn Fn(u64),
    ) -> std::result::Result<(), Failure> {
        let mut part = Part::open(wanted).map_err(Failure::Fatal)?;
        position(part.length);
        let from = part.length;
        if from < wanted.size {
            let mut request = self.agent.get(url);
            if from > 0 {
                request = request.header("Range", format!("bytes={from}-"));
            }
            let mut response = request.call().map_err(|error| Failure::Again(reason(&error), from))?;
            match response.status().as_u16() {
                206 if from > 0 => {}
                200 => part.restart().map_err(Failure::Fatal)?,
                404 | 410 => {
                    if from == 0 {
                        part.remove();
                    }
                    return Err(Failure::Absent);
                }
                416 => {
                    part.remove();
                    return Err(Failure::Again("the server refused to resume the download".into(), 0));
                }
                status @ (429 | 500..) => {
                    return Err(Failure::Again(format!("the server answered {status}"), from));
                }
                status => return Err(Failure::NotHere(format!("the server answered {status}"))),
            }
            let mut body = response.body_mut().as_reader();
            let mut buffer = vec![0; 1 << 16];
            loop {
                context.check().map_err(Failure::Fatal)?;
                match body.read(&mut buffer) {
                    Ok(0) => break,
                    Ok(n) => {
                        part.write(&buffer[..n]).map_err(Failure::Fatal)?;
                        position(part.length);
                    }
                    Err(error) => {
                        return Err(Failure::Again(format!("the connection failed: {error}"), part.length));
                    }
                }
                if part.length > wanted.size {
                    break;
                }
            }
            if part.length < wanted.size {
                let reason = format!("the file ends after {} of {} bytes", part.length, wanted.size);
                return Err(Failure::Again(reason, part.length));
            }
        }
        match part.finish(wanted) {
            Ok(()) => Ok(()),
            // What was resumed may have been bad from the start: from the beginning once more.
            Err(Failure::NotHere(reason)) if from > 0 => Err(Failure::Again(reason, 0)),
            Err(failure) => Err(failure),
        }
    }
}

/// The `.part` file beside the requested file, with the sum of its content.
struct Part {
    path: PathBuf,
    file: File,
    hasher: Sha256,
    length: u64,
}

impl Part {
    fn open(wanted: &Wanted<'_>) -> Result<Part> {
        let mut path = wanted.path.as_os_str().to_owned();
        path.push(".part");
        let path = PathBuf::from(path);
        let opened = OpenOptions::new().read(true).append(true).create(true).open(&path);
        let file = opened.map_err(|error| Error::io("write", &path, &error))?;
        let mut part = Part { path, file, hasher: Sha256::new(), length: 0 };
        let length = io::copy(&mut part.file, &mut part.hasher);
        part.length = length.map_err(|error| Error::io("read", &part.path, &error))?;
        Ok(part)
    }

    /// Empties it.
    fn restart(&mut self) -> Result<()> {
        self.file.set_len(0).map_err(|error| Error::io("write", &self.path, &error))?;
        self.hasher = Sha256::new();
        self.length = 0;
        Ok(())
    }

    fn write(&mut self, data: &[u8]) -> Result<()> {
        self.file.write_all(data).map_err(|error| Error::io("write", &self.path, &error))?;
        self.hasher.update(data);
        self.length += data.len() as u64;
        Ok(())
    }

    fn remove(&self) {
        let _ = fs::remove_file(&self.path);
    }

    /// Verifies size and sum, and gives the file its name; an invalid file is removed.
    fn finish(self, wanted: &Wanted<'_>) -> std::result::Result<(), Failure> {
        if self.length != wanted.size {
            self.remove();
            return Err(Failure::NotHere(format!("the file is longer than {} bytes", wanted.size)));
        }
        let sum = Sum(self.hasher.clone().finalize().into());
        if sum != wanted.sum {
            self.remove();
            return Err(Failure::NotHere(format!(
                "the SHA-256 of the file is {}, not {} as expected",
                sum.hex(),
                wanted.sum.hex()
            )));
        }
        let named = self.file.sync_data().and_then(|()| fs::rename(&self.path, wanted.path));
        named.map_err(|error| Failure::Fatal(Error::io("write", wanted.path, &error)))
    }
}

/// What went wrong, without the name of the library's error variant.
fn reason(error: &ureq::Error) -> String {
    match error {
        ureq::Error::HostNotFound => "cannot resolve the server's name (is the network down?)".into(),
        ureq::Error::Io(error) => {
            let text = error.to_string();
            let plain = text.split(" (os error").next().unwrap_or(&text);
            // glibc's resolver: `failed to lookup address information: …`
            let hint = if text.starts_with("failed to lookup") { " (is the network down?)" } else { "" };
            format!("{plain}{hint}")
        }
        other => other.to_string(),
    }
}

/// The host's certificates: `SSL_CERT_FILE`, else where the distributions keep them, else those built in.
fn certificates() -> Result<RootCerts> {
    const PLACES: [&str; 4] = [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
    ];
    let pem = match std::env::var_os("SSL_CERT_FILE").filter(|file| !file.is_empty()) {
        Some(file) => {
            let path = PathBuf::from(file);
            fs::read(&path)
                .map_err(|error| Error::io("read the certificates of SSL_CERT_FILE,", &path, &error))?
        }
        None => match PLACES.iter().find_map(|place| fs::read(place).ok()) {
            Some(pem) => pem,
            None => return Ok(RootCerts::WebPki),
        },
    };
    let certificates = parse_pem(&pem).filter_map(|item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    });
    Ok(RootCerts::Specific(Arc::new(certificates.collect())))
}

#[cfg(test)]
#[path = "http_tests.rs"]
mod tests;
