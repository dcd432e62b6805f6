// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sockets that wait for connections or datagrams, with options (socket(7), ip(7), ipv6(7), unix(7)).

use rustix::net::{self, AddressFamily, SocketAddrUnix, SocketFlags, SocketType, sockopt};
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

/// Kind of a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "socket(2) has them")]
pub enum Kind {
    Stream,
    Datagram,
    SequentialPacket,
}

/// Where a socket is.
#[derive(Debug, Clone, Copy)]
pub enum Address<'a> {
    /// A port of an address.
    Internet(SocketAddr),
    /// A file.
    Path(&'a Path),
    /// A name of unix(7) without a file.
    Abstract(&'a str),
}

/// What is set before bind(2). A buffer's size is in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the manual pages have them")]
pub struct Options {
    pub v6_only: Option<bool>,
    pub reuse_port: bool,
    pub free_bind: bool,
    pub keep_alive: bool,
    pub no_delay: bool,
    pub pass_credentials: bool,
    /// [`accept`] and reads do not wait; whoever has the socket too is concerned, since the flag is the socket's.
    pub non_blocking: bool,
    pub receive_buffer: Option<usize>,
    pub send_buffer: Option<usize>,
    /// Connections that may wait; the kernel has its own maximum, `net.core.somaxconn`.
    pub backlog: u32,
}

/// Makes a socket, and binds it; one for connections listens.
///
/// # Errors
/// As in socket(2), setsockopt(2), bind(2) and listen(2).
pub fn listen(kind: Kind, address: Address<'_>, options: &Options) -> io::Result<OwnedFd> {
    let family = match address {
        Address::Internet(SocketAddr::V4(_)) => AddressFamily::INET,
        Address::Internet(SocketAddr::V6(_)) => AddressFamily::INET6,
        Address::Path(_) | Address::Abstract(_) => AddressFamily::UNIX,
    };
    let kind = match kind {
        Kind::Stream => SocketType::STREAM,
        Kind::Datagram => SocketType::DGRAM,
        Kind::SequentialPacket => SocketType::SEQPACKET,
    };
    let flags = if options.non_blocking { SocketFlags::NONBLOCK } else { SocketFlags::empty() };
    let socket = net::socket_with(family, kind, flags | SocketFlags::CLOEXEC, None)?;
    set(&socket, family, kind, options)?;
    match address {
        Address::Internet(address) => net::bind(&socket, &address)?,
        Address::Path(path) => net::bind(&socket, &SocketAddrUnix::new(path)?)?,
        Address::Abstract(name) => net::bind(&socket, &SocketAddrUnix::new_abstract_name(name.as_bytes())?)?,
    }
    if kind != SocketType::DGRAM {
        net::listen(&socket, i32::try_from(options.backlog).unwrap_or(i32::MAX))?;
    }
    Ok(socket)
}

fn set(socket: &OwnedFd, family: AddressFamily, kind: SocketType, options: &Options) -> io::Result<()> {
    if family == AddressFamily::UNIX {
        sockopt::set_socket_passcred(socket, options.pass_credentials)?;
    } else {
        // A port whose connections are ending can be listened on again.
        sockopt::set_socket_reuseaddr(socket, true)?;
        sockopt::set_socket_reuseport(socket, options.reuse_port)?;
        sockopt::set_socket_keepalive(socket, options.keep_alive)?;
    }
    if family == AddressFamily::INET6 {
        if let Some(only) = options.v6_only {
            sockopt::set_ipv6_v6only(socket, only)?;
        }
        sockopt::set_ipv6_freebind(socket, options.free_bind)?;
    } else if family == AddressFamily::INET {
        sockopt::set_ip_freebind(socket, options.free_bind)?;
    }
    if options.no_delay && family != AddressFamily::UNIX && kind == SocketType::STREAM {
        sockopt::set_tcp_nodelay(socket, true)?;
    }
    if let Some(bytes) = options.receive_buffer {
        // Above net.core.rmem_max only CAP_NET_ADMIN may go.
        if sockopt::set_socket_recv_buffer_size_force(socket, bytes).is_err() {
            sockopt::set_socket_recv_buffer_size(socket, bytes)?;
        }
    }
    if let Some(bytes) = options.send_buffer {
        sockopt::set_socket_send_buffer_size(socket, bytes)?;
    }
    Ok(())
}

/// Takes a connection that waits. A `non_blocking` socket that was readable may have none any more: the peer has gone.
///
/// # Errors
/// As in accept(2); of a `non_blocking` socket EAGAIN if there is none.
pub fn accept(socket: impl AsFd) -> io::Result<OwnedFd> {
    Ok(net::accept_with(&socket, SocketFlags::CLOEXEC)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, Ipv6Addr, TcpListener, TcpStream};
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::UnixStream;

    #[test]
    fn both_families_on_one_port() {
        let v4 = listen(
            Kind::Stream,
            Address::Internet((Ipv4Addr::LOCALHOST, 0).into()),
            &Options { backlog: 1, non_blocking: true, ..Options::default() },
        )
        .unwrap();
        assert_eq!(accept(&v4).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        let port = TcpListener::from(v4.try_clone().unwrap()).local_addr().unwrap().port();
        let any = Address::Internet((Ipv6Addr::UNSPECIFIED, port).into());
        let options = |only| Options { v6_only: Some(only), ..Options::default() };
        assert_eq!(listen(Kind::Stream, any, &options(false)).unwrap_err().kind(), io::ErrorKind::AddrInUse);
        listen(Kind::Stream, any, &options(true)).unwrap();
        let _client = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        accept(&v4).unwrap();
    }

    #[test]
    fn options_are_set() {
        let name = format!("qos-listen-{}", std::process::id());
        let options = Options {
            pass_credentials: true,
            non_blocking: true,
            receive_buffer: Some(50_000),
            send_buffer: Some(60_000),
            backlog: 1,
            ..Options::default()
        };
        let socket = listen(Kind::Stream, Address::Abstract(&name), &options).unwrap();
        assert!(sockopt::socket_passcred(&socket).unwrap());
        // The kernel doubles them for its own use (socket(7)).
        assert_eq!(sockopt::socket_recv_buffer_size(&socket).unwrap(), 100_000);
        assert_eq!(sockopt::socket_send_buffer_size(&socket).unwrap(), 120_000);
        let address = std::os::unix::net::SocketAddr::from_abstract_name(&name).unwrap();
        let _client = UnixStream::connect_addr(&address).unwrap();
        let connection = accept(&socket).unwrap();
        let waits = |socket: &OwnedFd| {
            !rustix::fs::fcntl_getfl(socket).unwrap().contains(rustix::fs::OFlags::NONBLOCK)
        };
        assert!(!waits(&socket) && waits(&connection));
        let packets = listen(Kind::SequentialPacket, Address::Abstract(&format!("{name}-p")), &options);
        assert_eq!(sockopt::socket_type(packets.unwrap()).unwrap(), SocketType::SEQPACKET);
    }
}
