// SPDX-License-Identifier: MIT OR Apache-2.0
//! Datagrams with their sender's process id and with descriptors: unix(7), SCM_CREDENTIALS and SCM_RIGHTS.

use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
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

    /// Takes a datagram that is there; `None`: there is none.
    ///
    /// # Errors
    /// As in recvmsg(2).
    pub fn take(&self) -> io::Result<Option<Datagram>> {
        let mut bytes = vec![0; 4096];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(253), ScmCredentials(1))];
        let mut ancillary = RecvAncillaryBuffer::new(&mut space);
        let mut parts = [IoSliceMut::new(&mut bytes)];
        let flags = RecvFlags::CMSG_CLOEXEC | RecvFlags::DONTWAIT;
        let received = match rustix::net::recvmsg(&self.socket, &mut parts, &mut ancillary, flags) {
            Ok(received) => received,
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let mut datagram = Datagram { bytes: Vec::new(), pid: 0, uid: u32::MAX, descriptors: Vec::new() };
        for message in ancillary.drain() {
            match message {
                RecvAncillaryMessage::ScmRights(rights) => datagram.descriptors.extend(rights),
                RecvAncillaryMessage::ScmCredentials(sender) => {
                    (datagram.pid, datagram.uid) = (sender.pid.as_raw_nonzero().get(), sender.uid.as_raw());
                }
                _ => {}
            }
        }
        bytes.truncate(received.bytes);
        datagram.bytes = bytes;
        Ok(Some(datagram))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_the_sender() {
        let path = std::env::temp_dir().join(format!("qos-sys-message-{}", std::process::id()));
        let receiver = Receiver::new(&path).unwrap();
        assert!(receiver.take().unwrap().is_none());
        let sender = std::os::unix::net::UnixDatagram::unbound().unwrap();
        sender.send_to(b"READY=1", &path).unwrap();
        let datagram = receiver.take().unwrap().unwrap();
        assert_eq!((datagram.bytes.as_slice(), datagram.pid), (&b"READY=1"[..], std::process::id() as i32));
        let null = std::fs::File::open("/dev/null").unwrap();
        send(&path, b"FDSTORE=1", &[null.as_fd(), null.as_fd()]).unwrap();
        let datagram = receiver.take().unwrap().unwrap();
        assert_eq!((datagram.bytes.as_slice(), datagram.descriptors.len()), (&b"FDSTORE=1"[..], 2));
        std::fs::remove_file(&path).unwrap();
    }
}
