// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the log says about a server: that messages cannot be sent, and why, and that they are sent again.

use super::server::Server;
use crate::entry::Entry;
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

/// The same reason is not told twice within this time.
const QUIET: Duration = Duration::from_secs(60);

/// Characters of a reason: a server's certificate may have any number of names.
const MOST: usize = 400;

/// Hands notices about a server to the daemon, each as a datagram: the digit of a severity, then the text.
pub struct Notices {
    server: String,
    socket: UnixDatagram,
    told: Told,
}

impl Notices {
    /// Notices about `server`, through `socket`.
    pub fn new(server: &Server, socket: UnixDatagram) -> Self {
        Notices { server: server.to_string(), socket, told: Told::default() }
    }

    /// A message could not be sent for this reason. `now` is a monotonic time.
    pub fn failure(&mut self, reason: &str, now: Duration) {
        let reason: String = reason.chars().filter(|c| !c.is_control()).take(MOST).collect();
        if self.told.failure(&reason, now) {
            self.send(&format!(
                "4messages are not forwarded to {}: {reason}; logd goes on trying",
                self.server
            ));
        }
    }

    /// A message was sent.
    pub fn success(&mut self) {
        if self.told.success() {
            self.send(&format!("6messages are forwarded to {} again", self.server));
        }
    }

    fn send(&self, text: &str) {
        // At the end of the daemon nobody reads it.
        let _ = self.socket.send(text.as_bytes());
    }
}

/// The entry of a datagram of [`Notices`].
pub fn decode(datagram: &[u8]) -> Entry {
    let text = String::from_utf8_lossy(datagram);
    let mut chars = text.chars();
    let level = chars.next().and_then(|digit| digit.to_digit(8)).and_then(|level| u8::try_from(level).ok());
    Entry::own(level.unwrap_or(4), chars.as_str())
}

/// The message that tells a server how many messages it did not get.
pub fn dropped(count: u64) -> Entry {
    let mut entry = Entry::own(4, &format!("{count} messages were not forwarded: the queue was full"));
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    entry.realtime = u64::try_from(now.as_micros()).unwrap_or(0);
    entry
}

/// Which reasons were told.
#[derive(Default)]
struct Told {
    /// The reason for which nothing is sent, as the log has it.
    current: Option<String>,
    /// Reasons, and when they were told.
    recent: Vec<(String, Duration)>,
}

impl Told {
    /// Whether `reason` is to be told at `now`: another one than the current one, and not told within [`QUIET`].
    fn failure(&mut self, reason: &str, now: Duration) -> bool {
        if self.current.as_deref() == Some(reason) {
            return false;
        }
        self.recent.retain(|(_, at)| now.saturating_sub(*at) < QUIET);
        // A reason that is not told now is told later, if it is still the one.
        if self.recent.iter().any(|(known, _)| known == reason) {
            return false;
        }
        self.recent.push((reason.to_owned(), now));
        self.current = Some(reason.to_owned());
        true
    }

    /// Whether a failure was told, so that its end has to be told.
    fn success(&mut self) -> bool {
        self.current.take().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn once_per_change() {
        let mut told = Told::default();
        let at = Duration::from_secs;
        assert!(!told.success());
        assert!(told.failure("a", at(0)));
        assert!(!told.failure("a", at(1)) && !told.failure("a", at(1000)), "still the same");
        assert!(told.failure("b", at(1001)));
        assert!(told.success() && !told.success());
        assert!(!told.failure("b", at(1002)), "told a second ago");
        assert!(!told.success(), "nothing was told that has ended");
        assert!(!told.failure("b", at(1060)));
        assert!(told.failure("b", at(1061)), "told late, but told");
        assert!(told.failure("a", at(1062)));
        assert!(!told.failure("b", at(1063)), "two reasons in turn");
    }

    #[test]
    fn datagrams() {
        let (here, there) = UnixDatagram::pair().unwrap();
        let server = Server { host: "h".into(), port: 1 };
        let mut notices = Notices::new(&server, there);
        notices.failure(&format!("a\n{}", "x".repeat(10_000)), Duration::ZERO);
        notices.success();
        let mut buffer = [0; 4096];
        let count = here.recv(&mut buffer).unwrap();
        let entry = decode(&buffer[..count]);
        let expect =
            format!("messages are not forwarded to h:1: a{}; logd goes on trying", "x".repeat(MOST - 1));
        assert_eq!((entry.level(), entry.text("MESSAGE").as_deref()), (4, Some(expect.as_str())));
        let count = here.recv(&mut buffer).unwrap();
        let entry = decode(&buffer[..count]);
        let expect = "messages are forwarded to h:1 again";
        assert_eq!((entry.level(), entry.text("MESSAGE").as_deref()), (6, Some(expect)));
    }
}
