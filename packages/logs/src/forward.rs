// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sends entries to a syslog server by TCP: RFC 5424 messages, each after its length (RFC 6587, "Octet Counting").

use crate::entry::Entry;
use std::io::{self, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

/// Messages that wait for the server; later ones are dropped.
const QUEUE: usize = 4096;

/// How long a connection or a write may take.
const LIMIT: Duration = Duration::from_secs(10);

/// Pauses between attempts to connect: from the first to the second, twice as long each time.
const PAUSES: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));

/// The sender, a thread of its own: a server that does not answer holds nothing up.
pub struct Forwarder {
    queue: SyncSender<Vec<u8>>,
    dropped: Arc<AtomicU64>,
    host: String,
}

impl Forwarder {
    /// Sends to `server`, `HOST:PORT`.
    ///
    /// # Errors
    /// When there can be no more threads.
    pub fn new(server: &str, host: &str) -> io::Result<Self> {
        let (queue, messages) = sync_channel(QUEUE);
        let dropped = Arc::new(AtomicU64::new(0));
        let (server, shared, name) = (server.to_owned(), dropped.clone(), host.to_owned());
        thread::Builder::new()
            .name("forward".into())
            .spawn(move || send_all(&server, &messages, &shared, &name))?;
        Ok(Forwarder { queue, dropped, host: host.to_owned() })
    }

    /// Puts an entry into the queue.
    pub fn send(&self, entry: &Entry) {
        if self.queue.try_send(frame(entry, &self.host)).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn send_all(server: &str, messages: &Receiver<Vec<u8>>, dropped: &AtomicU64, host: &str) {
    let mut stream: Option<TcpStream> = None;
    // The end of the channel is the end of the thread.
    for message in messages {
        let mut pause = PAUSES.0;
        loop {
            if stream.is_none() {
                stream = connect(server).ok();
            }
            if let Some(open) = &mut stream {
                let sent = report(open, dropped, host).and_then(|()| open.write_all(&message));
                if sent.is_ok() {
                    break;
                }
                stream = None;
            }
            thread::sleep(pause);
            pause = (pause * 2).min(PAUSES.1);
        }
    }
}

/// Tells the server how many messages it did not get.
fn report(stream: &mut TcpStream, dropped: &AtomicU64, host: &str) -> io::Result<()> {
    // A server that has closed the connection is noticed before a message is given to it.
    stream.set_nonblocking(true)?;
    let state = stream.peek(&mut [0]);
    stream.set_nonblocking(false)?;
    match state {
        Ok(0) => return Err(io::ErrorKind::ConnectionAborted.into()),
        Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
        _ => {}
    }
    let count = dropped.swap(0, Ordering::Relaxed);
    if count == 0 {
        return Ok(());
    }
    let mut entry = Entry::own(4, &format!("{count} messages were not forwarded: the queue was full"));
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    entry.realtime = u64::try_from(now.as_micros()).unwrap_or(0);
    let sent = stream.write_all(&frame(&entry, host));
    if sent.is_err() {
        dropped.fetch_add(count, Ordering::Relaxed);
    }
    sent
}

fn connect(server: &str) -> io::Result<TcpStream> {
    let mut last = io::ErrorKind::NotFound.into();
    for address in server.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, LIMIT) {
            Ok(stream) => {
                stream.set_write_timeout(Some(LIMIT))?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// `LENGTH <PRI>1 TIME HOST APP PROCID MSGID DATA TEXT`.
fn frame(entry: &Entry, host: &str) -> Vec<u8> {
    let facility: u16 = entry.text("SYSLOG_FACILITY").and_then(|text| text.parse().ok()).unwrap_or(0);
    // Without a facility only the kernel's messages are the kernel's: the others are a daemon's.
    let is_kernel = entry.get("_TRANSPORT") == Some(b"kernel");
    let facility = if facility == 0 && !is_kernel { 3 } else { facility.min(127) };
    let pid = entry.text("SYSLOG_PID").or_else(|| entry.text("_PID"));
    let mut message = format!(
        "<{}>1 {} {} {} {} {} {} ",
        facility * 8 + u16::from(entry.level()),
        time(entry.realtime),
        word(Some(host), 255),
        word(entry.identifier().as_deref(), 48),
        word(pid.as_deref(), 128),
        word(entry.text("SYSLOG_MSGID").as_deref(), 32),
        data(entry),
    )
    .into_bytes();
    message.extend(entry.get("MESSAGE").unwrap_or_default());
    let mut frame = format!("{} ", message.len()).into_bytes();
    frame.extend(message);
    frame
}

/// The unit as structured data, with the enterprise number that RFC 5612 reserves for examples.
fn data(entry: &Entry) -> String {
    let Some(unit) = entry.text("_SYSTEMD_UNIT") else { return "-".into() };
    let mut value = String::new();
    for c in unit.chars() {
        if matches!(c, '"' | '\\' | ']') {
            value.push('\\');
        }
        value.push(c);
    }
    format!("[unit@32473 name=\"{value}\"]")
}

/// A field of a header: printable ASCII without spaces, or `-`.
fn word(text: Option<&str>, most: usize) -> String {
    let text: String = text.unwrap_or("").chars().filter(char::is_ascii_graphic).take(most).collect();
    if text.is_empty() { "-".into() } else { text }
}

/// A time of RFC 3339 in UTC, of microseconds since 1970.
fn time(micros: u64) -> String {
    let seconds = micros / 1_000_000;
    let (year, month, day) = crate::logctl::when::date(i64::try_from(seconds / 86_400).unwrap_or(0));
    let of_day = seconds % 86_400;
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:06}Z",
        of_day / 3600,
        of_day / 60 % 60,
        of_day % 60,
        micros % 1_000_000
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use std::net::TcpListener;

    fn entry(text: &str) -> Entry {
        let mut entry = Entry::new("syslog", 3);
        entry.realtime = 1_795_824_000_000_001;
        entry.set("SYSLOG_FACILITY", "4");
        entry.set("SYSLOG_IDENTIFIER", "su do");
        entry.set("_PID", "7");
        entry.set("_SYSTEMD_UNIT", "a]\".service");
        entry.set("MESSAGE", text);
        entry
    }

    #[test]
    fn frames() {
        let text = "<35>1 2026-11-28T00:00:00.000001Z h sudo 7 - [unit@32473 name=\"a\\]\\\".service\"] text";
        assert_eq!(String::from_utf8(frame(&entry("text"), "h")).unwrap(), format!("{} {text}", text.len()));
        let own = String::from_utf8(frame(&Entry::own(6, "x"), "")).unwrap();
        assert_eq!(
            own,
            "46 <30>1 1970-01-01T00:00:00.000000Z - logd - - - x".replace("46", &(own.len() - 3).to_string())
        );
    }

    /// What comes until the text ends with `end`.
    fn receive(stream: &mut TcpStream, end: &str) -> String {
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let mut text = Vec::new();
        while !text.ends_with(end.as_bytes()) {
            let mut byte = [0];
            assert_eq!(stream.read(&mut byte).unwrap(), 1, "{}", text.escape_ascii());
            text.push(byte[0]);
        }
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn connects_again() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let forwarder = Forwarder::new(&address.to_string(), "h").unwrap();
        forwarder.send(&entry("one"));
        let (mut stream, _) = listener.accept().unwrap();
        assert!(receive(&mut stream, "one").contains("<35>1 "));
        // The server ends and comes back.
        drop((stream, listener));
        forwarder.send(&entry("two"));
        forwarder.send(&entry("three"));
        let listener = TcpListener::bind(address).unwrap();
        let (mut stream, _) = listener.accept().unwrap();
        assert!(receive(&mut stream, "three").contains("two"));
    }

    #[test]
    fn a_full_queue_is_told() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let forwarder = Forwarder::new(&address.to_string(), "h").unwrap();
        (0..QUEUE + 100).for_each(|_| forwarder.send(&entry("x")));
        let dropped = forwarder.dropped.load(Ordering::Relaxed);
        assert!(dropped >= 99);
        let listener = TcpListener::bind(address).unwrap();
        let (mut stream, _) = listener.accept().unwrap();
        let text = receive(&mut stream, "the queue was full");
        assert!(text.contains(&format!("{dropped} messages were not forwarded")), "{text}");
    }
}
