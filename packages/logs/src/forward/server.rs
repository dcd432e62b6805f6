// SPDX-License-Identifier: MIT OR Apache-2.0
//! The address of a server: `HOST:PORT`, with an IPv6 address in brackets.

use std::fmt::{self, Display};
use std::net::Ipv6Addr;

/// A host and a port.
#[derive(Debug, PartialEq, Eq)]
pub struct Server {
    /// A name or an address, without brackets.
    pub host: String,
    /// The port, not 0.
    pub port: u16,
}

impl Server {
    /// Reads an address; where it has no port, `default` is the port.
    ///
    /// # Errors
    /// The reason, for the user.
    pub fn parse(text: &str, default: Option<u16>) -> Result<Self, String> {
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (host, rest) = rest.split_once(']').ok_or("there is no ] after the IPv6 address")?;
                host.parse::<Ipv6Addr>().map_err(|_| format!("{host} is not an IPv6 address"))?;
                match rest {
                    "" => (host, None),
                    _ => (host, Some(rest.strip_prefix(':').ok_or("the port comes after ]:")?)),
                }
            }
            None => match text.split_once(':') {
                Some((host, port)) if !port.contains(':') => (host, Some(port)),
                Some(_) => return Err("an IPv6 address is written in brackets".into()),
                None => (text, None),
            },
        };
        if host.is_empty() {
            return Err("the host is missing".into());
        }
        let port = match port {
            Some(port) => match port.parse() {
                Ok(0) | Err(_) => return Err("a port is a number from 1 to 65535".into()),
                Ok(port) => port,
            },
            None => default.ok_or("the port is missing: HOST:PORT")?,
        };
        Ok(Server { host: host.into(), port })
    }
}

impl Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, default, expect) in [
            ("loghost:514", None, Ok("loghost:514")),
            ("loghost", Some(6514), Ok("loghost:6514")),
            ("10.0.0.1", Some(6514), Ok("10.0.0.1:6514")),
            ("[fd00::1]", Some(6514), Ok("[fd00::1]:6514")),
            ("[fd00::1]:1", Some(6514), Ok("[fd00::1]:1")),
            ("loghost", None, Err("the port is missing: HOST:PORT")),
            ("", Some(1), Err("the host is missing")),
            (":514", None, Err("the host is missing")),
            ("fd00::1", Some(1), Err("an IPv6 address is written in brackets")),
            ("[fd00::1", Some(1), Err("there is no ] after the IPv6 address")),
            ("[fd00::1]514", Some(1), Err("the port comes after ]:")),
            ("[loghost]:514", None, Err("loghost is not an IPv6 address")),
            ("loghost:0", None, Err("a port is a number from 1 to 65535")),
            ("loghost:70000", None, Err("a port is a number from 1 to 65535")),
            ("loghost:", Some(1), Err("a port is a number from 1 to 65535")),
        ] {
            let parsed = Server::parse(text, default).map(|server| server.to_string());
            assert_eq!(parsed, expect.map(str::to_owned).map_err(str::to_owned), "{text}");
        }
    }
}
