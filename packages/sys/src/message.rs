// SPDX-License-Identifier: MIT OR Apache-2.0
//! Datagrams with their sender's process id and with descriptors: unix(7), SCM_CREDENTIALS and SCM_RIGHTS.

use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketAddrUnix, SocketFlags, SocketType,
};
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;

/// A datagram.
#[derive(Debug)]
pub struct Datagram {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The process that sent it.
    pub pid: i32,
    /// Its user.
    pub uid: u32,
    /// Whether the datagram had more bytes than the buffer.
    pub is_cut: bool,
    /// Descriptors that came along.
    pub descriptors: Vec<OwnedFd>,
}

/// A socket in the file system that takes datagrams.
pub struct Receiver {
    socket: OwnedFd,
}

impl Receiver {
    /// Makes the socket at `path`, which anyone may write to; a file that is there is removed.
    ///
    /// # Errors
    /// As in socket(2), bind(2), chmod(2).
    pub fn new(path: &Path) -> io::Result<Self> {
        use std::os::unix::fs::PermissionsExt;
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let socket = rustix::net::socket_with(AddressFamily::UNIX, SocketType::DGRAM, flags, None)?;
        rustix::net::sockopt::set_socket_passcred(&socket, true)?;
        rustix::net::bind(&socket, &SocketAddrUnix::new(path)?)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o777))?;
        Ok(Receiver { socket })
    }

    /// Takes a datagram of up to 4096 bytes that is there; `None`: there is none.
    ///
    /// # Errors
    /// As in recvmsg(2).
    pub fn take(&self) -> io::Result<Option<Datagram>> {
        self.take_into(&mut [0; 4096])
    }

    /// Takes a datagram that is there through `buffer`. Of a longer one the rest is lost, which [`Datagram::is_cut`] tells.
    ///
    /// # Errors
    /// As in recvmsg(2).
    pub fn take_into(&self, buffer: &mut [u8]) -> io::Result<Option<Datagram>> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(253), ScmCredentials(1))];
        let mut ancillary = RecvAncillaryBuffer::new(&mut space);
        let mut parts = [IoSliceMut::new(buffer)];
        let flags = RecvFlags::CMSG_CLOEXEC | RecvFlags::DONTWAIT;
        let received = match rustix::net::recvmsg(&self.socket, &mut parts, &mut ancillary, flags) {
            Ok(received) => received,
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let is_cut = received.flags.contains(ReturnFlags::TRUNC);
        let mut datagram =
            Datagram { bytes: Vec::new(), pid: 0, uid: u32::MAX, is_cut, descriptors: Vec::new() };
        for message in ancillary.drain() {
            match message {
                RecvAncillaryMessage::ScmRights(rights) => datagram.descriptors.extend(rights),
                RecvAncillaryMessage::ScmCredentials(sender) => {
                    (datagram.pid, datagram.uid) = (sender.pid.as_raw_nonzero().get(), sender.uid.as_raw());
                }
                _ => {}
            }
        }
        datagram.bytes = buffer[..received.bytes.min(buffer.len())].to_vec();
        Ok(Some(datagram))
    }
}

impl From<OwnedFd> for Receiver {
    /// A receiver's socket that another program of this process made.
    fn from(socket: OwnedFd) -> Self {
        Receiver { socket }
    }
}

impl AsFd for Receiver {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// Sends `bytes` with `descriptors` to the socket at `path`, as sd_notify(3) does for FDSTORE=1.
///
/// # Errors
/// As in socket(2) and sendmsg(2).
pub fn send(path: &Path, bytes: &[u8], descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
    let socket =
        rustix::net::socket_with(AddressFamily::UNIX, SocketType::DGRAM, SocketFlags::CLOEXEC, None)?;
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(253))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() && !ancillary.push(SendAncillaryMessage::ScmRights(descriptors)) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let address = SocketAddrUnix::new(path)?;
    let parts = [IoSlice::new(bytes)];
    rustix::net::sendmsg_addr(&socket, &address, &parts, &mut ancillary, SendFlags::empty())?;
    Ok(())
}

/// User of the process at the other end of `stream`.
///
/// # Errors
/// As in getsockopt(2).
pub fn peer_uid(stream: &UnixStream) -> io::Result<u32> {
    Ok(rustix::net::sockopt::socket_peercred(stream)?.uid.as_raw())
}

/// Process at the other end of `stream`, and its user, at the time when the connection was made.
///
/// # Errors
/// As in getsockopt(2).
pub fn peer(stream: &UnixStream) -> io::Result<(i32, u32)> {
    let peer = rustix::net::sockopt::socket_peercred(stream)?;
    Ok((peer.pid.as_raw_nonzero().get(), peer.uid.as_raw()))
}

/// Connects to the socket at `path` without waiting, neither now nor when the stream is written to.
///
/// # Errors
/// As in connect(2); EAGAIN when the listener has too many connections waiting.
pub fn connect(path: &Path) -> io::Result<UnixStream> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    rustix::net::connect(&socket, &SocketAddrUnix::new(path)?)?;
    Ok(socket.into())
}

/// Whether a descriptor is of memory (memfd_create(2), or a file of a tmpfs), so that reading it never waits.
#[must_use]
pub fn is_memory(descriptor: BorrowedFd<'_>) -> bool {
    rustix::fs::fcntl_get_seals(descriptor).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connects_without_waiting() {
        let path = std::env::temp_dir().join(format!("qos-sys-connect-{}", std::process::id()));
        assert_eq!(connect(&path).unwrap_err().kind(), io::ErrorKind::NotFound);
        let listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
        let stream = connect(&path).unwrap();
        let (accepted, _) = listener.accept().unwrap();
        assert_eq!(peer(&accepted).unwrap().0, std::process::id() as i32);
        let mut stream = stream;
        let full = loop {
            if let Err(error) = io::Write::write(&mut stream, &[0; 4096]) {
                break error;
            }
        };
        assert_eq!(full.kind(), io::ErrorKind::WouldBlock);
        assert!(!is_memory(stream.as_fd()));
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn memory() {
        let memory = rustix::fs::memfd_create("x", rustix::fs::MemfdFlags::CLOEXEC).unwrap();
        assert!(is_memory(memory.as_fd()));
        let (pipe, _end) = crate::pipe::new().unwrap();
        assert!(!is_memory(pipe.as_fd()));
    }

    #[test]
    fn tells_the_sender() {
        let path = std::env::temp_dir().join(format!("qos-sys-message-{}", std::process::id()));
        let receiver = Receiver::new(&path).unwrap();
        assert!(receiver.take().unwrap().is_none());
        let sender = std::os::unix::net::UnixDatagram::unbound().unwrap();
        sender.send_to(b"READY=1", &path).unwrap();
        let datagram = receiver.take().unwrap().unwrap();
        assert_eq!((datagram.bytes.as_slice(), datagram.pid), (&b"READY=1"[..], std::process::id() as i32));
        for (size, is_cut) in [(8, false), (7, false), (6, true)] {
            sender.send_to(b"READY=1", &path).unwrap();
            let datagram = receiver.take_into(&mut vec![0; size]).unwrap().unwrap();
            assert_eq!((datagram.is_cut, datagram.bytes.len()), (is_cut, size.min(7)), "{size}");
        }
        let null = std::fs::File::open("/dev/null").unwrap();
        send(&path, b"FDSTORE=1", &[null.as_fd(), null.as_fd()]).unwrap();
        let datagram = receiver.take().unwrap().unwrap();
        assert_eq!((datagram.bytes.as_slice(), datagram.descriptors.len()), (&b"FDSTORE=1"[..], 2));
        std::fs::remove_file(&path).unwrap();
    }
}
