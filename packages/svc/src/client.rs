// SPDX-License-Identifier: MIT OR Apache-2.0
//! The connection with the manager.

use crate::{Failure, Request};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

/// Sends a line and gives the reply without its last line.
///
/// # Errors
/// When there is no manager, or it refuses.
pub fn ask(request: &Request, line: &str) -> Result<String, Failure> {
    let socket = request.socket.display();
    let failed = |error: std::io::Error| {
        Failure::new(format!(
            "{socket}: {}: the manager of services does not run",
            qos_sys::error_text(&error)
        ))
    };
    let mut stream = UnixStream::connect(&request.socket).map_err(failed)?;
    stream.write_all(format!("{line}\n").as_bytes()).map_err(|error| Failure::of(&socket, &error))?;
    let mut reply = String::new();
    stream.read_to_string(&mut reply).map_err(|error| Failure::of(&socket, &error))?;
    body(reply)
}

/// What stands before the `ok` or `error REASON` at the end.
fn body(reply: String) -> Result<String, Failure> {
    let text = reply.strip_suffix('\n').unwrap_or(&reply);
    let (body, last) = text.rsplit_once('\n').map_or(("", text), |(body, last)| (body, last));
    match last.split_once(' ').unwrap_or((last, "")) {
        ("ok", _) if body.is_empty() => Ok(String::new()),
        ("ok", _) => Ok(format!("{body}\n")),
        ("error", reason) => Err(Failure::new(reason)),
        _ => Err(Failure::new("the manager's reply is cut off")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies() {
        assert_eq!(body("ok\n".into()), Ok(String::new()));
        assert_eq!(body("a\nb\nok\n".into()), Ok("a\nb\n".into()));
        assert_eq!(body("error no such unit\n".into()).unwrap_err().message(), Some("no such unit"));
        assert!(body(String::new()).is_err() && body("a\n".into()).is_err());
    }
}
