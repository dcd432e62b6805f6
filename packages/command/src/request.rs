// SPDX-License-Identifier: MIT OR Apache-2.0
//! A request to a daemon: a line on its socket, which it answers with a line, `ok` or the reason why not.

use std::fmt::Display;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// Sends `request` to the daemon at `socket`, and waits for its answer; `limit` of `None` is for ever.
///
/// # Errors
/// There is no daemon, it does not answer in time ([`io::ErrorKind::TimedOut`]), or it refuses.
pub fn send(socket: &Path, daemon: &str, request: &impl Display, limit: Option<Duration>) -> io::Result<()> {
    let mut stream = UnixStream::connect(socket)?;
    // Zero would be no limit.
    stream.set_read_timeout(limit.map(|limit| limit.max(Duration::from_millis(1))))?;
    writeln!(stream, "{request}")?;
    let mut answer = String::new();
    match BufReader::new(stream).read_line(&mut answer) {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Err(io::ErrorKind::TimedOut.into()),
        Err(error) => Err(error),
        Ok(_) if answer.trim_end() == "ok" => Ok(()),
        Ok(0) => Err(io::Error::other(format!("{daemon} closed the connection"))),
        Ok(_) => Err(io::Error::other(answer.trim_end().to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixListener;

    #[test]
    fn answers() {
        let check = |name: &str, answer: Option<&'static str>, expect: Result<(), &str>| {
            let path = std::env::temp_dir().join(format!("qos-request-{}-{name}", std::process::id()));
            let listener = UnixListener::bind(&path).unwrap();
            let daemon = std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                let mut line = String::new();
                BufReader::new(&stream).read_line(&mut line).unwrap();
                match answer {
                    Some(answer) => stream.write_all(answer.as_bytes()).unwrap(),
                    // Until the client is gone.
                    None => drop(BufReader::new(&stream).read_line(&mut String::new())),
                }
                line
            });
            let limit = answer.map_or(Duration::ZERO, |_| Duration::from_secs(60));
            let result = send(&path, "testd", &"a request", Some(limit)).map_err(|error| error.to_string());
            assert_eq!(result, expect.map_err(str::to_owned), "{answer:?}");
            assert_eq!(daemon.join().unwrap(), "a request\n");
            std::fs::remove_file(&path).unwrap();
        };
        check("ok", Some("ok\n"), Ok(()));
        check("reason", Some("no such link\n"), Err("no such link"));
        check("closed", Some(""), Err("testd closed the connection"));
        check("silent", None, Err("timed out"));
        let error = send(Path::new("/nonexistent"), "testd", &"x", None).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
