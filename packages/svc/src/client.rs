// SPDX-License-Identifier: MIT OR Apache-2.0
//! The connection with the manager.

use crate::{Failure, Request};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

/// What the manager refuses: the exit status, and the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub status: u8,
    pub reason: String,
}

/// Sends a line and gives the reply without its last line.
///
/// # Errors
/// When there is no manager, or it refuses.
pub fn ask(request: &Request, line: &str) -> Result<String, Failure> {
    exchange(request, line)?.map_err(failure)
}

/// As [`ask`], with what is refused as data.
///
/// # Errors
/// When there is no manager.
pub fn exchange(request: &Request, line: &str) -> Result<Result<String, Vec<Refused>>, Failure> {
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
    body(&reply)
}

/// One failure of all: the status of the first, and a line for each reason.
pub fn failure(refused: Vec<Refused>) -> Failure {
    let status = refused.first().map_or(1, |refused| refused.status);
    let reasons: Vec<String> = refused.into_iter().map(|refused| refused.reason).collect();
    Failure::new(reasons.join("\n")).with_status(status)
}

/// What stands before the `ok`; or the lines `error REASON` and `error=STATUS REASON`.
fn body(reply: &str) -> Result<Result<String, Vec<Refused>>, Failure> {
    let text = reply.strip_suffix('\n').unwrap_or(reply);
    let (body, last) = text.rsplit_once('\n').map_or(("", text), |(body, last)| (body, last));
    if last == "ok" {
        return Ok(Ok(if body.is_empty() { String::new() } else { format!("{body}\n") }));
    }
    let refused: Option<Vec<Refused>> = text.lines().map(refused).collect();
    match refused.filter(|all| !all.is_empty()) {
        Some(all) => Ok(Err(all)),
        None => Err(Failure::new("the manager's reply is cut off")),
    }
}

fn refused(line: &str) -> Option<Refused> {
    let (word, reason) = line.split_once(' ')?;
    let status = match word.strip_prefix("error=") {
        Some(status) => status.parse().ok()?,
        None if word == "error" => 1,
        None => return None,
    };
    Some(Refused { status, reason: reason.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies() {
        assert_eq!(body("ok\n").unwrap(), Ok(String::new()));
        assert_eq!(body("a\nb\nok\n").unwrap(), Ok("a\nb\n".into()));
        assert_eq!(body("error a\nok\n").unwrap(), Ok("error a\n".into()));
        let failed = |text: &str| failure(body(text).unwrap().unwrap_err());
        for (reply, status, message) in [
            ("error no such unit\n", 1, "no such unit"),
            ("error=5 Unit a not found.\n", 5, "Unit a not found."),
            ("error=4 one\nerror two\n", 4, "one\ntwo"),
            ("error one\nerror=5 two\n", 1, "one\ntwo"),
        ] {
            assert_eq!(
                (failed(reply).status(), failed(reply).message()),
                (status, Some(message)),
                "{reply:?}"
            );
        }
        for reply in ["", "a\n", "a\nerror b\n", "error=x b\n", "errors b\n"] {
            assert!(body(reply).is_err(), "{reply:?}");
        }
    }
}
