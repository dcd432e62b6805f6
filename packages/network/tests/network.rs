// SPDX-License-Identifier: MIT OR Apache-2.0
//! The programs in a network of their own: a user and a network namespace, and a DHCP server in another one.

use qos_network::dhcp::message::{Kind, Message, option};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, UdpSocket};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// What this process is to be: nothing, the test in its namespaces, or the server of that test.
const ROLE: &str = "QOS_NETWORK_ROLE";
const LIMIT: Duration = Duration::from_secs(60);

/// Runs `test` with this test's name in new namespaces.
fn inside(name: &str, test: fn()) {
    match std::env::var(ROLE).as_deref() {
        Ok("server") => return serve(),
        Ok(_) => return test(),
        Err(_) => {}
    }
    // Root needs no user namespace, and gets none in a chroot (`create_user_ns()` in `kernel/user_namespace.c`).
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    let namespaces: &[&str] = if is_root { &["--net"] } else { &["--user", "--map-root-user", "--net"] };
    let output = again(Command::new("unshare").args(namespaces), name, "test")
        .output()
        .expect("the test needs unshare of util-linux");
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(
        !text.contains("unshare failed"),
        "the test needs network namespaces, which are refused here: {text}"
    );
    assert!(output.status.success(), "{text}");
    assert!(text.contains("1 passed"), "{text}");
}

fn again<'a>(command: &'a mut Command, name: &str, role: &str) -> &'a mut Command {
    let own = std::env::current_exe().unwrap();
    command.arg(own).args(["--exact", name, "--nocapture"]).env(ROLE, role)
}

fn program(name: &str, args: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_networkd"));
    command.arg0(name).args(args.split(' ').filter(|word| !word.is_empty()));
    command
}

/// Output of a program that succeeds.
fn run(name: &str, args: &str) -> String {
    let output = program(name, args).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{name} {args}: {text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

fn wait_for(what: &str, mut condition: impl FnMut() -> bool) {
    let end = Instant::now() + LIMIT;
    while !condition() {
        assert!(Instant::now() < end, "not within {LIMIT:?}: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

struct Daemon {
    child: Child,
}

impl Daemon {
    fn start(root: &Path) -> Daemon {
        let child = program("networkd", &format!("--root {}", root.display())).spawn().unwrap();
        Daemon { child }
    }

    fn end(mut self, signal: i32) {
        let pid = i32::try_from(self.child.id()).unwrap();
        qos_sys::process::kill(pid, signal).unwrap();
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn write(root: &Path, name: &str, text: &str) {
    let path = root.join("etc/systemd/network").join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn online(root: &Path, args: &str) {
    run("networkctl", &format!("--root {} wait-online --timeout 60 {args}", root.display()));
}

/// A DHCP server in a namespace of its own, at the other end of `eth0`.
struct Server {
    child: Child,
    lines: Receiver<String>,
}

impl Server {
    fn start(name: &str) -> Server {
        let mut child = again(Command::new("unshare").arg("--net"), name, "server")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = channel();
        let output = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        let server = Server { child, lines };
        server.expect("in its namespace");
        run("ip", "link add eth0 type veth peer name srv0");
        run("ip", &format!("link set srv0 netns {}", server.child.id()));
        server.child.stdin.as_ref().unwrap().write_all(b"\n").unwrap();
        server.expect("ready");
        server
    }

    /// Waits for a line of the server.
    fn expect(&self, wanted: &str) {
        loop {
            let line =
                self.lines.recv_timeout(LIMIT).unwrap_or_else(|_| panic!("the server never said {wanted}"));
            if line.ends_with(wanted) {
                return;
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The server: it says what it receives, and gives one address for ten seconds.
fn serve() {
    println!("in its namespace");
    std::io::stdin().read_exact(&mut [0]).unwrap();
    for args in ["link set srv0 up", "addr add 10.9.0.1/24 brd + dev srv0", "route add default dev srv0"] {
        run("ip", args);
    }
    let socket = UdpSocket::bind("0.0.0.0:67").unwrap();
    socket.set_broadcast(true).unwrap();
    println!("ready");
    let mut buffer = [0; 2048];
    loop {
        let (length, _) = socket.recv_from(&mut buffer).unwrap();
        let message = Message::parse(&buffer[..length]).unwrap();
        let kind = message.kind().unwrap();
        println!("{kind:?} {}", message.client);
        let kind = match kind {
            Kind::Discover => Kind::Offer,
            Kind::Request => Kind::Ack,
            _ => continue,
        };
        let mut reply = Message::new(kind, message.xid, message.hardware)
            .with(option::SERVER, &[10, 9, 0, 1])
            .with(option::LIFETIME, &[0, 0, 0, 10])
            .with(option::MASK, &[255, 255, 255, 0])
            .with(option::ROUTERS, &[10, 9, 0, 1])
            .with(option::DNS, &[10, 9, 0, 53])
            .with(option::DOMAIN, b"example.net");
        (reply.is_reply, reply.yours) = (true, [10, 9, 0, 50].into());
        let to = if message.client.is_unspecified() { Ipv4Addr::BROADCAST } else { message.client };
        socket.send_to(&reply.encode(), (to, 68)).unwrap();
    }
}

const ADDRESS: &str = "inet 10.9.0.50/24 metric 1024 brd 10.9.0.255 scope global dynamic eth0";
const ROUTES: &str = "default via 10.9.0.1 dev eth0 proto dhcp src 10.9.0.50 metric 1024 \n\
    10.9.0.0/24 dev eth0 proto kernel scope link src 10.9.0.50 metric 1024 \n\
    10.9.0.1 dev eth0 proto dhcp scope link src 10.9.0.50 metric 1024 \n";

#[test]
fn a_lease_from_its_request_to_its_release() {
    let name = "a_lease_from_its_request_to_its_release";
    inside(name, || {
        let name = "a_lease_from_its_request_to_its_release";
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        let addresses = || run("ip", "-4 addr show dev eth0");
        write(root, "80-dhcp.network", "[Match]\nName=eth*\n[Network]\nDHCP=yes\n[DHCPv4]\nUseDomains=yes\n");
        let server = Server::start(name);
        let daemon = Daemon::start(root);
        server.expect("Discover 0.0.0.0");
        server.expect("Request 0.0.0.0");
        online(root, "");
        online(root, "-4 -i eth0:routable");
        assert!(addresses().contains(ADDRESS), "{}", addresses());
        assert_eq!(run("ip", "route"), ROUTES);
        let resolv_conf = || fs::read_to_string(root.join("run/systemd/resolve/resolv.conf")).unwrap();
        assert!(resolv_conf().ends_with("\nnameserver 10.9.0.53\nsearch example.net\n"), "{}", resolv_conf());
        assert!(
            run("ping", "-c1 -W60 -q 10.9.0.1").contains("1 packets transmitted, 1 received, 0% packet loss")
        );
        // Half of ten seconds, and on request.
        server.expect("Request 10.9.0.50");
        run("networkctl", &format!("--root {} renew eth0", root.display()));
        server.expect("Request 10.9.0.50");
        // A restart keeps all, and asks for the same again.
        daemon.end(qos_sys::signal::SIGUSR2);
        assert!(addresses().contains(ADDRESS));
        assert_eq!(run("ip", "route"), ROUTES);
        let daemon = Daemon::start(root);
        server.expect("Request 0.0.0.0");
        online(root, "");
        assert_eq!(run("ip", "route"), ROUTES);
        // Without a carrier there is no address.
        run("ip", "link set eth0 down");
        wait_for("the address goes", || addresses().is_empty());
        run("ip", "link set eth0 up");
        online(root, "");
        assert_eq!(run("ip", "route"), ROUTES);
        // The end gives the address back.
        daemon.end(qos_sys::signal::SIGTERM);
        server.expect("Release 10.9.0.50");
        assert_eq!((addresses().as_str(), run("ip", "route").as_str()), ("", ""));
        assert!(!resolv_conf().contains("nameserver"));
    });
}

#[test]
fn files_and_links_that_come_and_go() {
    inside("files_and_links_that_come_and_go", || {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        let control = |args: &str| run("networkctl", &format!("--root {} {args}", root.display()));
        write(
            root,
            "10-a.network",
            "[Match]\nName=a0\n[Link]\nMTUBytes=1400\nMACAddress=02:00:00:00:00:77\n[Network]\nAddress=192.0.2.1/24\n\
             Address=2001:db8::1/64\nGateway=192.0.2.254\nLinkLocalAddressing=no\nDNS=192.0.2.53\nIPv4Forwarding=yes\n\
             [Route]\nDestination=198.51.100.0/24\nGateway=192.0.2.9\nMetric=5\n[Address]\nAddress=10.0.0.1\nPeer=10.0.0.2\n",
        );
        write(root, "20-b.network", "[Match]\nName=b0\n[Link]\nUnmanaged=yes\n");
        let daemon = Daemon::start(root);
        wait_for("lo is up", || run("ip", "-br link show lo").contains("LOOPBACK,UP"));
        run("ip", "link add a0 type veth peer name b0");
        run("ip", "link set b0 up");
        online(root, "");
        let addresses = || run("ip", "-br addr show a0");
        let first =
            "a0@b0            UP             192.0.2.1/24 10.0.0.1 peer 10.0.0.2/32 2001:db8::1/64 \n";
        wait_for(first, || addresses() == first);
        assert!(run("ip", "link show a0").contains("mtu 1400"));
        assert!(run("ip", "link show a0").contains("link/ether 02:00:00:00:00:77"));
        assert_eq!(
            run("ip", "route show dev a0"),
            "default via 192.0.2.254 proto static \n10.0.0.2 proto kernel scope link src 10.0.0.1 \n\
             192.0.2.0/24 proto kernel scope link src 192.0.2.1 \n198.51.100.0/24 via 192.0.2.9 proto static metric 5 \n"
        );
        assert_eq!(fs::read_to_string("/proc/sys/net/ipv4/conf/a0/forwarding").unwrap(), "1\n");
        let list = || control("list --no-legend");
        assert!(list().contains("a0 ether    routable configured\n"), "{}", list());
        // When no other host has its link-local address.
        wait_for("b0 has an address", || list().contains("b0 ether    degraded unmanaged\n"));
        // Another file: what the first has set goes.
        write(
            root,
            "10-a.network",
            "[Match]\nName=a0\n[Network]\nAddress=192.0.2.2/24\nLinkLocalAddressing=no\n",
        );
        control("reload");
        assert_eq!(addresses(), "a0@b0            UP             192.0.2.2/24 \n");
        assert_eq!(run("ip", "route show dev a0"), "192.0.2.0/24 proto kernel scope link src 192.0.2.2 \n");
        // Another name: another file, or none.
        run("ip", "link set a0 down");
        run("ip", "link set a0 name c0");
        wait_for("c0 is not managed", || control("list --no-legend c0").ends_with("unmanaged\n"));
        assert!(!run("ip", "-br addr show c0").contains("192.0.2.2"));
        let refused = program("networkctl", &format!("--root {} renew c0", root.display())).output().unwrap();
        assert_eq!(
            String::from_utf8_lossy(&refused.stderr),
            "networkctl: renew c0: c0 is not managed: no file is for it\n"
        );
        let links = root.join("run/systemd/netif/links");
        run("ip", "link del c0");
        wait_for("the files of links go", || fs::read_dir(&links).unwrap().count() == 1);
        daemon.end(qos_sys::signal::SIGTERM);
    });
}

#[test]
fn changes_by_ip() {
    inside("changes_by_ip", || {
        run("ip", "link add a0 type veth peer name b0");
        run("ip", "link set dev a0 up mtu 1300");
        run("ip", "link set b0 up");
        run("ip", "addr add 192.0.2.1/24 brd + dev a0");
        run("ip", "-6 addr add 2001:db8::1/64 dev a0 nodad");
        run("ip", "route add 198.51.100.0/24 via 192.0.2.9");
        run("ip", "route add default via 192.0.2.254 dev a0 metric 7");
        run("ip", "route replace default via 192.0.2.253 dev a0 metric 7");
        run("ip", "route add blackhole 203.0.113.0/24");
        assert_eq!(
            run("ip", "r"),
            "default via 192.0.2.253 dev a0 metric 7 \n192.0.2.0/24 dev a0 proto kernel scope link src 192.0.2.1 \n\
             198.51.100.0/24 via 192.0.2.9 dev a0 \nblackhole 203.0.113.0/24 \n"
        );
        assert!(run("ip", "-o -4 a s a0").ends_with(
            "inet 192.0.2.1/24 brd 192.0.2.255 scope global a0\\       valid_lft forever preferred_lft forever\n"
        ));
        for (args, error) in [
            ("addr add 192.0.2.1/24 dev a0", "ip: RTNETLINK answers: File exists\n"),
            ("addr del 192.0.2.7/24 dev a0", "ip: RTNETLINK answers: Cannot assign requested address\n"),
            ("route add 10.0.0.0/8 via 203.0.114.1", "ip: RTNETLINK answers: Network is unreachable\n"),
            ("route del 10.0.0.0/8", "ip: RTNETLINK answers: No such process\n"),
            ("link set x0 up", "ip: Device \"x0\" does not exist.\n"),
        ] {
            let output = program("ip", args).output().unwrap();
            assert_eq!(String::from_utf8_lossy(&output.stderr), error, "{args}");
            assert!(!output.status.success());
        }
        run("ip", "route del default");
        run("ip", "route del 198.51.100.0/24 via 192.0.2.9");
        run("ip", "addr del 192.0.2.1/24 dev a0");
        assert_eq!(run("ip", "route"), "blackhole 203.0.113.0/24 \n");
        run("ip", "addr flush dev a0");
        assert_eq!(run("ip", "-6 -br addr show a0"), "");
        run("ip", "link del a0");
        assert_eq!(run("ip", "-br link").lines().count(), 1);
    });
}
