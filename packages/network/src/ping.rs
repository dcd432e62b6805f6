// SPDX-License-Identifier: MIT OR Apache-2.0
//! `ping`: sends echo requests and shows their replies, as ping(8) of iputils.

use crate::dhcp::datagram::checksum;
use lexopt::prelude::*;
use qos_command::Failure;
use qos_sys::error_text;
use qos_sys::icmp::Socket;
use qos_sys::signal::{Blocked, SIGINT};
use std::collections::BTreeMap;
use std::io::Write;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

/// How long replies are waited for after the last request, unless one came: then it is twice the longest time.
const LINGER: Duration = Duration::from_secs(10);

struct Options {
    host: String,
    family: Option<bool>,
    count: Option<u64>,
    interval: Duration,
    size: usize,
    quiet: bool,
    linger: Option<Duration>,
    deadline: Option<Duration>,
}

/// Runs the program.
pub fn main(parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let options = parse(parser)?;
    // The status for all errors but a missing reply is 2.
    let failed = |failure: Failure| if failure.is_usage() { failure } else { failure.with_status(2) };
    match run(&options, out).map_err(failed)? {
        true => Ok(()),
        false => Err(Failure::silent(1)),
    }
}

fn parse(mut parser: lexopt::Parser) -> Result<Options, Failure> {
    let mut options = Options {
        host: String::new(),
        family: None,
        count: None,
        interval: Duration::from_secs(1),
        size: 56,
        quiet: false,
        linger: None,
        deadline: None,
    };
    while let Some(arg) = parser.next()? {
        match arg {
            Short('4') => options.family = Some(false),
            Short('6') => options.family = Some(true),
            // Names of those who reply are never looked up.
            Short('n') => {}
            Short('q') => options.quiet = true,
            Short('c') => options.count = Some(count(&parser.value()?.string()?)?),
            Short('i') => options.interval = seconds(&mut parser)?.max(Duration::from_millis(2)),
            Short('s') => options.size = parser.value()?.parse()?,
            Short('w') => options.deadline = Some(seconds(&mut parser)?),
            Short('W') => options.linger = Some(seconds(&mut parser)?),
            Value(host) if options.host.is_empty() => options.host = host.string()?,
            _ => return Err(arg.unexpected().into()),
        }
    }
    if options.host.is_empty() {
        return Err(Failure::usage("a host is missing"));
    }
    if options.size > 65_507 {
        return Err(Failure::usage("a packet has at most 65507 bytes of data"));
    }
    Ok(options)
}

/// A number of requests, with the messages of iputils.
fn count(text: &str) -> Result<u64, Failure> {
    const MOST: i128 = i64::MAX as i128;
    match text.parse::<i128>() {
        Ok(number @ 1..=MOST) => Ok(number as u64),
        Ok(_) => {
            Err(Failure::usage(format!("invalid argument: '{text}': out of range: 1 <= value <= {MOST}")))
        }
        Err(_) => Err(Failure::usage(format!("invalid argument: '{text}'"))),
    }
}

fn seconds(parser: &mut lexopt::Parser) -> Result<Duration, Failure> {
    let text = parser.value()?.string()?;
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.ok_or_else(|| Failure::usage(format!("{text}: no time in seconds")))
}

/// Whether any reply came.
fn run(options: &Options, out: &mut dyn Write) -> Result<bool, Failure> {
    let to = resolve(&options.host, options.family)?;
    let v6 = to.is_ipv6();
    let socket = Socket::new(v6).map_err(|error| not_permitted(&error))?;
    let signals = Blocked::new(&[SIGINT]).map_err(|error| Failure::of("signals", &error))?;
    let signal = signals.descriptor().map_err(|error| Failure::of("signals", &error))?;
    // Of a datagram socket the kernel chooses the identifier.
    let id = std::process::id() as u16;
    let (host, address, size) = (&options.host, shown(to), options.size);
    if v6 {
        writeln!(out, "PING {host}({address}) {size} data bytes")?;
    } else {
        writeln!(out, "PING {host} ({address}) {size}({}) bytes of data.", size + 28)?;
    }
    out.flush()?;
    let began = Instant::now();
    let end = options.deadline.map(|deadline| began + deadline);
    let mut run = Run {
        statistics: Statistics::default(),
        sent: BTreeMap::new(),
        last: began,
        id,
        raw: socket.is_raw(),
    };
    let mut next = began;
    let mut buffer = vec![0; 66_000];
    loop {
        let now = Instant::now();
        let more = options.count.is_none_or(|count| run.statistics.sent < count);
        let all = !more && run.sent.is_empty();
        if all || end.is_some_and(|end| now >= end) || (!more && now >= run.until(options)) {
            break;
        }
        if more && now >= next {
            next = now + options.interval;
            let number = run.statistics.sent + 1;
            run.statistics.sent = number;
            run.sent.insert(number as u16, now);
            run.last = now;
            if let Err(error) = socket.send(to, &request(v6, id, number as u16, size)) {
                run.sent.remove(&(number as u16));
                eprintln!("ping: sendmsg: {}", error_text(&error));
            }
        }
        let wake = if more { next } else { run.until(options) };
        let wake = end.map_or(wake, |end| wake.min(end));
        let limit = wake.saturating_duration_since(Instant::now());
        let ready = qos_sys::poll::readable([socket.as_fd(), signal.as_fd()], Some(limit))
            .map_err(|error| Failure::of("poll", &error))?;
        if ready[1] {
            break;
        }
        while let Some(received) = socket.take(&mut buffer).map_err(|error| Failure::of("receive", &error))? {
            let message = &buffer[received.range];
            if let Some((number, time)) = run.reply(v6, message)
                && !options.quiet
            {
                let from = received.from.map_or_else(|| address.clone(), |from| from.to_string());
                let ttl = received.ttl.map(|ttl| format!(" ttl={ttl}")).unwrap_or_default();
                let (bytes, time) = (message.len(), milliseconds(time));
                writeln!(out, "{bytes} bytes from {from}: icmp_seq={number}{ttl} time={time} ms")?;
                out.flush()?;
            }
        }
    }
    write!(out, "{}", run.statistics.text(host, run.last - began))?;
    Ok(run.statistics.received > 0)
}

/// The failure to make a socket. What lets all users ping, with either version of IP, is a parameter of the kernel.
fn not_permitted(error: &std::io::Error) -> Failure {
    let text = format!("socket for ICMP: {}", error_text(error));
    Failure::new(match error.kind() {
        std::io::ErrorKind::PermissionDenied => {
            text + "; for all users: sysctl net.ipv4.ping_group_range='0 2147483647', as root"
        }
        _ => text,
    })
}

struct Run {
    statistics: Statistics,
    /// Requests without a reply, and when they were sent.
    sent: BTreeMap<u16, Instant>,
    last: Instant,
    id: u16,
    raw: bool,
}

impl Run {
    /// How long to wait after the last request.
    fn until(&self, options: &Options) -> Instant {
        let usual = if self.statistics.received > 0 { self.statistics.max * 2 } else { LINGER };
        self.last + options.linger.unwrap_or(usual)
    }

    /// A reply: its number, and how long it took.
    fn reply(&mut self, v6: bool, message: &[u8]) -> Option<(u16, Duration)> {
        let [kind, 0, _, _, a, b, c, d, ..] = *message else { return None };
        let ours = !self.raw || u16::from_be_bytes([a, b]) == self.id;
        let number = u16::from_be_bytes([c, d]);
        if kind != if v6 { 129 } else { 0 } || !ours {
            return None;
        }
        let time = self.sent.remove(&number)?.elapsed();
        self.statistics.add(time);
        Some((number, time))
    }
}

fn resolve(host: &str, family: Option<bool>) -> Result<SocketAddr, Failure> {
    let found = (host, 0).to_socket_addrs().map_err(|error| Failure::of(host, &error))?;
    let fits = |address: &SocketAddr| family.is_none_or(|v6| address.is_ipv6() == v6);
    found.into_iter().find(fits).ok_or_else(|| Failure::new(format!("{host}: no address of that family")))
}

fn shown(address: SocketAddr) -> String {
    match address {
        SocketAddr::V6(v6) if v6.scope_id() > 0 => format!("{}%{}", v6.ip(), v6.scope_id()),
        address => IpAddr::to_string(&address.ip()),
    }
}

/// An echo request. Of ICMPv6 the kernel computes the checksum.
fn request(v6: bool, id: u16, number: u16, size: usize) -> Vec<u8> {
    let mut message = vec![if v6 { 128 } else { 8 }, 0, 0, 0];
    message.extend(id.to_be_bytes());
    message.extend(number.to_be_bytes());
    message.extend((0..size).map(|at| at as u8));
    if !v6 {
        let checksum = checksum(0, &message);
        message[2..4].copy_from_slice(&checksum.to_be_bytes());
    }
    message
}

#[derive(Debug, Default, PartialEq)]
struct Statistics {
    sent: u64,
    received: u64,
    min: Duration,
    max: Duration,
    /// Sums of the times in milliseconds, and of their squares.
    sums: (f64, f64),
}

impl Statistics {
    fn add(&mut self, time: Duration) {
        let number = time.as_secs_f64() * 1000.0;
        self.min = if self.received == 0 { time } else { self.min.min(time) };
        self.max = self.max.max(time);
        self.received += 1;
        self.sums = (self.sums.0 + number, self.sums.1 + number * number);
    }

    fn text(&self, host: &str, took: Duration) -> String {
        let Statistics { sent, received, .. } = self;
        let lost = 100.0 * sent.saturating_sub(*received) as f64 / (*sent).max(1) as f64;
        // As many digits as are of interest.
        let lost = format!("{lost:.4}");
        let lost = lost.trim_end_matches('0').trim_end_matches('.');
        let mut text = format!(
            "\n--- {host} ping statistics ---\n{sent} packets transmitted, {received} received, {lost}% packet loss, time {}ms\n",
            took.as_millis()
        );
        if *received > 0 {
            let mean = self.sums.0 / *received as f64;
            let deviation = (self.sums.1 / *received as f64 - mean * mean).max(0.0).sqrt();
            let (min, max) = (self.min.as_secs_f64() * 1000.0, self.max.as_secs_f64() * 1000.0);
            text += &format!("rtt min/avg/max/mdev = {min:.3}/{mean:.3}/{max:.3}/{deviation:.3} ms\n");
        }
        text
    }
}

/// Three digits that count, as iputils shows them.
fn milliseconds(time: Duration) -> String {
    let number = time.as_secs_f64() * 1000.0;
    match number {
        100.0.. => format!("{number:.0}"),
        10.0.. => format!("{number:.1}"),
        1.0.. => format!("{number:.2}"),
        _ => format!("{number:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options() {
        let parsed = |args: &[&str]| parse(lexopt::Parser::from_args(args));
        let options = parsed(&["-6", "-qc3", "-i", "0.2", "-W1", "-s", "0", "::1"]).unwrap();
        assert_eq!((options.family, options.quiet, options.count), (Some(true), true, Some(3)));
        assert_eq!((options.interval.as_millis(), options.linger), (200, Some(Duration::from_secs(1))));
        for (text, expect) in [
            ("1", Ok(1)),
            ("9223372036854775807", Ok(i64::MAX as u64)),
            ("0", Err("invalid argument: '0': out of range: 1 <= value <= 9223372036854775807")),
            ("-1", Err("invalid argument: '-1': out of range: 1 <= value <= 9223372036854775807")),
            (
                "9223372036854775808",
                Err(
                    "invalid argument: '9223372036854775808': out of range: 1 <= value <= 9223372036854775807",
                ),
            ),
            ("x", Err("invalid argument: 'x'")),
            ("", Err("invalid argument: ''")),
        ] {
            let found = count(text);
            let found = found.as_ref().map_err(|failure| failure.message().unwrap());
            assert_eq!(found.copied(), expect, "{text}");
        }
        let failure =
            |number| not_permitted(&std::io::Error::from_raw_os_error(number)).message().unwrap().to_owned();
        assert!(
            failure(1).starts_with("socket for ICMP: Operation not permitted; for all users: sysctl net.")
        );
        assert_eq!(failure(97), "socket for ICMP: Address family not supported by protocol");
        for args in [
            &[][..],
            &["-c", "x", "a"],
            &["-c", "0", "a"],
            &["-i", "-1", "a"],
            &["a", "b"],
            &["-s", "65508", "a"],
        ] {
            assert_eq!(parsed(args).err().unwrap().status(), 2, "{args:?}");
        }
    }

    #[test]
    fn messages() {
        let echo = request(false, 0x1234, 7, 3);
        assert_eq!((checksum(0, &echo), echo.len()), (0, 11));
        let now = Instant::now();
        let sent = BTreeMap::from([(7, now)]);
        let mut run = Run { statistics: Statistics::default(), sent, last: now, id: 0x1234, raw: true };
        for other in [
            &[8, 0, 0, 0, 0x12, 0x34, 0, 7][..],
            &[0, 0, 0, 0, 9, 9, 0, 7],
            &[0, 0, 0, 0, 0x12, 0x34, 0, 8],
            &[0],
        ] {
            assert_eq!(run.reply(false, other), None);
        }
        let reply = [0, 0, 0, 0, 0x12, 0x34, 0, 7];
        assert_eq!(run.reply(false, &reply).map(|(number, _)| number), Some(7));
        // A second one is none.
        assert_eq!((run.reply(false, &reply), run.statistics.received), (None, 1));
    }

    #[test]
    fn statistics() {
        let mut statistics = Statistics { sent: 3, ..Statistics::default() };
        [2, 4].into_iter().for_each(|ms| statistics.add(Duration::from_millis(ms)));
        assert_eq!(
            statistics.text("h", Duration::from_millis(2001)),
            "\n--- h ping statistics ---\n3 packets transmitted, 2 received, 33.3333% packet loss, time 2001ms\n\
             rtt min/avg/max/mdev = 2.000/3.000/4.000/1.000 ms\n"
        );
        let none = Statistics { sent: 1, ..Statistics::default() };
        assert!(none.text("h", Duration::ZERO).ends_with("0 received, 100% packet loss, time 0ms\n"));
        let shown =
            [0.0304, 1.234, 12.34, 123.4].map(|ms| milliseconds(Duration::from_secs_f64(ms / 1000.0)));
        assert_eq!(shown, ["0.030", "1.23", "12.3", "123"]);
    }
}
