// SPDX-License-Identifier: MIT OR Apache-2.0
//! Requests to udevd: lines on the socket /run/udev/control. It answers each with a line, `ok`, when it is done.

use std::fmt;
use std::io;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Answers at once.
    Ping,
    /// Answers when all events up to now are processed.
    Settle,
    /// Reads the rules again.
    Reload,
    /// No event is begun until [`Request::Start`].
    Stop,
    /// Events are begun again.
    Start,
    /// Ends when the events that run are done.
    Exit,
    /// Sets or removes a property of all events from now on.
    Property(String, String),
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Request::Ping => f.write_str("ping"),
            Request::Settle => f.write_str("settle"),
            Request::Reload => f.write_str("reload"),
            Request::Stop => f.write_str("stop"),
            Request::Start => f.write_str("start"),
            Request::Exit => f.write_str("exit"),
            Request::Property(key, value) => write!(f, "property {key}={value}"),
        }
    }
}

impl FromStr for Request {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "ping" => Request::Ping,
            "settle" => Request::Settle,
            "reload" => Request::Reload,
            "stop" => Request::Stop,
            "start" => Request::Start,
            "exit" => Request::Exit,
            _ => {
                let pair = text.strip_prefix("property ").and_then(|pair| pair.split_once('='));
                let (key, value) = pair
                    .filter(|(key, _)| !key.is_empty())
                    .ok_or_else(|| format!("unknown request `{text}`"))?;
                Request::Property(key.to_owned(), value.to_owned())
            }
        })
    }
}

/// Sends a request to the daemon at `socket`, and waits for its answer; `limit` of `None` is for ever.
///
/// # Errors
/// As [`qos_command::request::send`].
pub fn send(socket: &Path, request: &Request, limit: Option<Duration>) -> io::Result<()> {
    qos_command::request::send(socket, "udevd", request, limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read_as_they_are_written() {
        let all = [
            Request::Ping,
            Request::Settle,
            Request::Reload,
            Request::Stop,
            Request::Start,
            Request::Exit,
            Request::Property("A".into(), "b=c".into()),
        ];
        for request in all {
            assert_eq!(request.to_string().parse(), Ok(request));
        }
        for text in ["", "pong", "property", "property =x"] {
            assert_eq!(text.parse::<Request>(), Err(format!("unknown request `{text}`")));
        }
    }
}
