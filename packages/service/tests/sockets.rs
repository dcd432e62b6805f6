// SPDX-License-Identifier: MIT OR Apache-2.0
//! Socket units: each kind of socket, and its options.

mod common;

use common::{Manager, manager};
use std::fs;
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;

#[test]
fn sockets_of_every_kind() {
    let m = manager(
        "sockets",
        &[
            ("default.target", "[Unit]\nWants=d.socket f.socket p.socket\n"),
            (
                "d.socket",
                "[Socket]\nListenDatagram=@/in/datagram\nSocketMode=0620\nDirectoryMode=0750\nSymlinks=@/link\nRemoveOnStop=yes\nFileDescriptorName=d\n",
            ),
            (
                "d.service",
                "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo $LISTEN_FDS $LISTEN_FDNAMES $(dd bs=100 count=1 <&3 2>@/dd) >> @/d'\n",
            ),
            ("f.socket", "[Socket]\nListenFIFO=@/fifo\nSocketMode=0600\n"),
            (
                "f.service",
                "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'read line <&3; echo $line > @/f'\n",
            ),
            // A FIFO that is there, without a writer.
            (
                "p.socket",
                "[Unit]\nRequires=make.service\nAfter=make.service\n[Socket]\nListenSpecial=@/special\n",
            ),
            ("make.service", "[Service]\nType=oneshot\nExecStart=mkfifo @/special\n"),
            (
                "p.service",
                "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'read line <&3; echo $line > @/p'\n",
            ),
        ],
    );
    for socket in ["d.socket", "f.socket", "p.socket"] {
        m.until(socket, || m.value(socket, "SubState") == "listening");
    }
    let at = |name: &str| m.directory.join(name);
    let mode = |name: &str| fs::metadata(at(name)).unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode("in/datagram"), mode("in"), mode("fifo")), (0o620, 0o750, 0o600));
    assert_eq!(fs::read_link(at("link")).unwrap(), at("in/datagram"));
    UnixDatagram::unbound().unwrap().send_to(b"one", at("link")).unwrap();
    m.until("the datagram", || m.file("d") == "1 d one\n");
    // A FIFO whose last writer is gone is readable all the time.
    let mut writers = Vec::new();
    for (path, text, result) in [("fifo", "two\n", "f"), ("special", "three\n", "p")] {
        let mut writer = fs::File::options().write(true).open(at(path)).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
        writers.push(writer);
        m.until(path, || m.file(result) == text);
    }
    m.until("the service has ended", || m.value("d", "ActiveState") == "inactive");
    assert_eq!(m.ask("stop d.socket f.socket"), "ok\n");
    assert!(!at("in/datagram").exists() && fs::symlink_metadata(at("link")).is_err() && at("fifo").exists());
    m.end();
}

/// As in rpcbind.socket of Debian: both families at one port, connections and datagrams.
#[test]
fn sockets_of_both_families() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let text = format!(
        "[Socket]\nBindIPv6Only=ipv6-only\nListenStream=0.0.0.0:{port}\nListenDatagram=0.0.0.0:{port}\n\
         ListenStream=[::]:{port}\nListenDatagram=[::]:{port}\nListenSequentialPacket=@/packets\n"
    );
    let service = "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo $LISTEN_FDS > @/count; dd bs=1 count=1 <&6 of=@/got'\n";
    let m = manager(
        "families",
        &[("default.target", "[Unit]\nWants=a.socket\n"), ("a.socket", &text), ("a.service", service)],
    );
    m.until("both", || m.value("a.socket", "SubState") == "listening");
    assert!(m.directory.join("packets").exists());
    UdpSocket::bind("[::1]:0").unwrap().send_to(b"x", ("::1", port)).unwrap();
    m.until("the datagram of the fourth socket", || m.file("got") == "x");
    assert_eq!(m.file("count"), "5\n");
    m.end();
}

/// A port of TCP that nobody has.
fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

/// No test of its own: the service of a connection, which tells whether small pieces are sent at once.
#[test]
fn helper() {
    let Some(path) = std::env::var_os("QOS_NO_DELAY") else { return };
    let connection: OwnedFd = std::io::stdin().as_fd().try_clone_to_owned().unwrap();
    let connection = TcpStream::from(connection);
    fs::write(path, format!("{}\n", connection.nodelay().unwrap())).unwrap();
    // The connection is there until the other side closes it.
    let _ = std::io::copy(&mut &connection, &mut std::io::sink());
}

/// Whether a timer of keep-alive runs (proc(5), /proc/net/tcp) for the connection that was accepted at `port`.
fn is_kept_alive(port: u16) -> bool {
    let table = fs::read_to_string("/proc/net/tcp").unwrap();
    let timer = table.lines().find_map(|line| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let established = columns[1].ends_with(&format!(":{port:04X}")) && columns[3] == "01";
        established.then(|| columns[5].starts_with("02:"))
    });
    timer.expect("a connection")
}

#[test]
fn options_of_internet_sockets() {
    let (set, plain, shared, far) = (free_port(), free_port(), free_port(), free_port());
    let socket = |address: &str, keys: &str| format!("[Socket]\nListenStream={address}\n{keys}\n");
    let local = |port: u16, keys: &str| socket(&format!("127.0.0.1:{port}"), keys);
    let run =
        format!("ExecStart={} --exact helper --nocapture\n", std::env::current_exe().unwrap().display());
    let service =
        |name: &str| format!("[Service]\nStandardInput=socket\nEnvironment=QOS_NO_DELAY=@/{name}\n{run}");
    let idle = "[Service]\nExecStart=/bin/true\n";
    let m = manager(
        "options",
        &[
            ("default.target", "[Unit]\nWants=set.socket plain.socket\n"),
            ("set.socket", &local(set, "Accept=yes\nKeepAlive=yes\nNoDelay=yes")),
            ("set@.service", &service("set")),
            ("plain.socket", &local(plain, "Accept=yes")),
            ("plain@.service", &service("plain")),
            ("shared1.socket", &local(shared, "ReusePort=yes")),
            ("shared2.socket", &local(shared, "ReusePort=yes")),
            ("alone.socket", &local(shared, "")),
            ("far.socket", &socket(&format!("192.0.2.77:{far}"), "FreeBind=yes")),
            ("strict.socket", &socket(&format!("192.0.2.77:{far}"), "")),
            ("user.socket", &socket("@/user", "SocketUser=no-such-user")),
            ("group.socket", &socket("@/group", "SocketGroup=no-such-group")),
            ("shared1.service", idle),
            ("shared2.service", idle),
            ("alone.service", idle),
            ("far.service", idle),
            ("strict.service", idle),
            ("user.service", idle),
            ("group.service", idle),
        ],
    );
    for (name, port, expect) in [("set", set, true), ("plain", plain, false)] {
        m.until(name, || m.value(&format!("{name}.socket"), "SubState") == "listening");
        let _client = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        m.until("the service of the connection", || m.file(name).ends_with('\n'));
        assert_eq!((m.file(name).trim() == "true", is_kept_alive(port)), (expect, expect), "{name}");
    }
    assert_eq!(m.ask("start shared1.socket shared2.socket far.socket"), "ok\n");
    for (name, reason) in [
        ("alone", "Address already in use"),
        ("strict", "Cannot assign requested address"),
        ("user", "SocketUser=no-such-user: there is none of that name"),
        ("group", "SocketGroup=no-such-group: there is none of that name"),
    ] {
        assert!(m.ask(&format!("start {name}.socket")).starts_with("error "));
        let log = m.log();
        assert!(
            log.lines().any(|line| line.contains(&format!("{name}.socket: ")) && line.ends_with(reason)),
            "{log}"
        );
    }
    m.end();
}

/// Connections that wait: Backlog= and one more, as the kernel counts them.
#[test]
fn connections_that_wait() {
    let m = manager(
        "backlog",
        &[
            ("default.target", "[Unit]\nWants=a.socket\n"),
            ("a.socket", "[Socket]\nListenStream=@/socket\nBacklog=3\n"),
            ("a.service", "[Service]\nExecStart=/bin/sh -c 'exec sleep 1000'\n"),
        ],
    );
    m.until("the socket", || m.value("a.socket", "SubState") == "listening");
    let connect = |m: &Manager| qos_sys::message::connect(&m.directory.join("socket"));
    let waiting: Vec<_> = (0..4).map(|_| connect(&m).unwrap()).collect();
    assert_eq!(connect(&m).unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    drop(waiting);
    m.end();
}
