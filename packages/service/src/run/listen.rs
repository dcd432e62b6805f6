// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sockets of socket units.

use super::kept::{Kept, descriptor};
use crate::accounts::Accounts;
use crate::saved::{Record, Saved};
use qos_sys::error_text;
use qos_sys::listen::{Address, Kind, Options, accept, listen};
use qos_unit::{Listen, ListenKind, Name, Socket};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Flags of open(2).
const O_NOCTTY: i32 = 0o400;
const O_NONBLOCK: i32 = 0o4000;

/// An open socket, FIFO or special file.
struct Open {
    descriptor: OwnedFd,
    /// Connections can be accepted at it.
    connects: bool,
}

struct Unit {
    open: Vec<Open>,
    polled: bool,
    name: String,
    /// Paths to remove at the end.
    remove: Vec<String>,
}

/// The sockets of all socket units.
#[derive(Default)]
pub struct Sockets {
    units: BTreeMap<Name, Unit>,
    /// Connections on their way to their service.
    accepted: BTreeMap<Name, OwnedFd>,
    count: u64,
}

impl Sockets {
    /// Opens the sockets of a unit.
    ///
    /// # Errors
    /// Says which cannot be opened and why.
    pub fn open(&mut self, name: &Name, socket: &Socket, accounts: &Accounts) -> Result<(), String> {
        let mut open = Vec::new();
        for listen in &socket.listen {
            open.push(
                open_one(listen, socket, accounts)
                    .map_err(|error| format!("{}: {}", listen.address, error_text(&error)))?,
            );
        }
        for link in &socket.symlinks {
            let path = socket
                .listen
                .iter()
                .find(|listen| listen.address.starts_with('/'))
                .map(|listen| &listen.address);
            if let Some(path) = path {
                let _ = fs::remove_file(link);
                std::os::unix::fs::symlink(path, link)
                    .map_err(|error| format!("{link}: {}", error_text(&error)))?;
            }
        }
        let paths =
            socket.listen.iter().map(|listen| listen.address.clone()).filter(|path| path.starts_with('/'));
        let remove = paths.chain(socket.symlinks.clone()).filter(|_| socket.remove_on_stop).collect();
        self.units
            .insert(name.clone(), Unit { open, polled: false, name: socket.descriptor_name.clone(), remove });
        Ok(())
    }

    /// Adds the sockets, and the connections that are on their way.
    pub fn save<'a>(&'a self, kept: &mut Kept<'a>) {
        kept.saved.push(Record::new("sockets", "").set("count", self.count));
        for (name, unit) in &self.units {
            let record = Record::new("socket", name).set("polled", unit.polled).set("name", &unit.name);
            kept.saved.push(record.set_list("remove", &unit.remove));
            for open in &unit.open {
                let fd = kept.keep(open.descriptor.as_fd());
                kept.saved.push(Record::new("open", name).set("fd", fd).set("connects", open.connects));
            }
        }
        for (service, connection) in &self.accepted {
            let fd = kept.keep(connection.as_fd());
            kept.saved.push(Record::new("connection", service).set("fd", fd));
        }
    }

    /// The sockets that were handed on.
    pub fn restore(saved: &Saved) -> Self {
        let mut sockets =
            Sockets { count: saved.first("sockets").get("count").unwrap_or(0), ..Sockets::default() };
        for record in saved.of("socket") {
            let Ok(name) = Name::new(&record.name) else { continue };
            let unit = Unit {
                open: Vec::new(),
                polled: record.is("polled"),
                name: record.get("name").unwrap_or_default(),
                remove: record.list("remove"),
            };
            sockets.units.insert(name, unit);
        }
        for record in saved.of("open") {
            let unit = Name::new(&record.name).ok().and_then(|name| sockets.units.get_mut(&name));
            if let (Some(unit), Ok(descriptor)) = (unit, descriptor(record)) {
                unit.open.push(Open { descriptor, connects: record.is("connects") });
            }
        }
        for record in saved.of("connection") {
            if let (Ok(service), Ok(connection)) = (Name::new(&record.name), descriptor(record)) {
                sockets.accepted.insert(service, connection);
            }
        }
        sockets
    }

    /// Tells of connections, or does not.
    pub fn poll(&mut self, name: &Name, on: bool) {
        if let Some(unit) = self.units.get_mut(name) {
            unit.polled = on;
        }
    }

    /// Closes the sockets of a unit.
    pub fn close(&mut self, name: &Name) {
        for path in self.units.remove(name).into_iter().flat_map(|unit| unit.remove) {
            let _ = fs::remove_file(path);
        }
    }

    /// Descriptors that are waited for, in the order in which [`Sockets::ready`] asks for them.
    pub fn descriptors(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.units
            .values()
            .filter(|unit| unit.polled)
            .flat_map(|unit| unit.open.iter().map(|open| open.descriptor.as_fd()))
    }

    /// The units at whose sockets something waits.
    pub fn ready(&self, ready: &mut dyn FnMut() -> bool) -> Vec<Name> {
        let mut names = Vec::new();
        for (name, unit) in self.units.iter().filter(|(_, unit)| unit.polled) {
            // All have to be asked.
            if unit.open.iter().filter(|_| ready()).count() > 0 {
                names.push(name.clone());
            }
        }
        names
    }

    /// Descriptors for a service, with their names, of the socket unit `name`.
    pub fn of(&self, name: &Name) -> Vec<(String, BorrowedFd<'_>)> {
        let unit = self.units.get(name).into_iter();
        unit.flat_map(|unit| unit.open.iter().map(|open| (unit.name.clone(), open.descriptor.as_fd())))
            .collect()
    }

    /// The connection that an instance was started for.
    pub fn connection(&self, service: &Name) -> Option<BorrowedFd<'_>> {
        self.accepted.get(service).map(AsFd::as_fd)
    }

    /// Closes the connection of an instance.
    pub fn drop_connection(&mut self, service: &Name) {
        self.accepted.remove(service);
    }

    /// Accepts connections of a unit for instances of `template`; the instances' names.
    pub fn accept(&mut self, name: &Name, template: &Name) -> Vec<String> {
        let mut instances = Vec::new();
        let Some(unit) = self.units.get(name) else { return instances };
        for open in unit.open.iter().filter(|open| open.connects) {
            // There may be none at this one, or it is gone.
            let Ok(connection) = accept(&open.descriptor) else { continue };
            self.count += 1;
            let instance = self.count.to_string();
            if let Some(service) = template.instantiate(&instance) {
                self.accepted.insert(service, connection);
                instances.push(instance);
            }
        }
        instances
    }
}

fn open_one(unit: &Listen, socket: &Socket, accounts: &Accounts) -> io::Result<Open> {
    let address = unit.address.as_str();
    let open = match unit.kind {
        ListenKind::Stream => open_socket(Kind::Stream, address, socket)?,
        ListenKind::Datagram => open_socket(Kind::Datagram, address, socket)?,
        ListenKind::SequentialPacket => open_socket(Kind::SequentialPacket, address, socket)?,
        ListenKind::Fifo => {
            prepare(address, socket)?;
            match qos_sys::node::make(Path::new(address), qos_sys::node::Node::Fifo, socket.mode) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
            let file = fs::File::options().read(true).write(true).open(address)?;
            Open { descriptor: file.into(), connects: false }
        }
        // A FIFO without a writer must not wait, and a terminal not become the manager's.
        ListenKind::Special => {
            let file = fs::File::options().read(true).custom_flags(O_NONBLOCK | O_NOCTTY).open(address)?;
            Open { descriptor: file.into(), connects: false }
        }
        ListenKind::Netlink => {
            return Err(io::Error::new(io::ErrorKind::Unsupported, "sockets of this kind are not supported"));
        }
    };
    if address.starts_with('/') && unit.kind != ListenKind::Special {
        fs::set_permissions(address, fs::Permissions::from_mode(socket.mode))?;
        let unknown = |key: &str, name: &str| {
            io::Error::new(io::ErrorKind::NotFound, format!("{key}={name}: there is none of that name"))
        };
        let user = socket
            .user
            .as_deref()
            .map(|name| accounts.user(name).map(|user| user.uid).ok_or_else(|| unknown("SocketUser", name)));
        let group = socket
            .group
            .as_deref()
            .map(|name| accounts.group(name).ok_or_else(|| unknown("SocketGroup", name)));
        let (user, group) = (user.transpose()?, group.transpose()?);
        if user.is_some() || group.is_some() {
            std::os::unix::fs::chown(address, user, group)?;
        }
    }
    Ok(open)
}

/// Makes the directory of a path, and removes what an earlier socket left there.
fn prepare(path: &str, socket: &Socket) -> io::Result<()> {
    if let Some(directory) = Path::new(path).parent().filter(|directory| !directory.exists()) {
        fs::create_dir_all(directory)?;
        fs::set_permissions(directory, fs::Permissions::from_mode(socket.directory_mode))?;
    }
    Ok(())
}

/// What the unit says of its sockets.
fn options(socket: &Socket) -> Options {
    Options {
        v6_only: socket.ipv6_only,
        reuse_port: socket.reuse_port,
        free_bind: socket.free_bind,
        keep_alive: socket.keep_alive,
        no_delay: socket.no_delay,
        pass_credentials: socket.pass_credentials,
        // A service that gets the socket itself expects one that waits, unless it says otherwise.
        non_blocking: socket.accept,
        receive_buffer: socket.receive_buffer.map(|bytes| bytes as usize),
        send_buffer: socket.send_buffer.map(|bytes| bytes as usize),
        backlog: socket.backlog,
    }
}

/// A socket at a path, at `@NAME`, at a port of all addresses, or at `ADDRESS:PORT`.
fn open_socket(kind: Kind, address: &str, socket: &Socket) -> io::Result<Open> {
    let open = |at: Address<'_>| listen(kind, at, &options(socket));
    let descriptor = if let Some(name) = address.strip_prefix('@') {
        open(Address::Abstract(name))
    } else if address.starts_with('/') {
        prepare(address, socket)?;
        match fs::remove_file(address) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => open(Address::Path(Path::new(address))),
        }
    } else if let Ok(port) = address.parse::<u16>() {
        // Without IPv6 in the kernel the first fails.
        open(Address::Internet((Ipv6Addr::UNSPECIFIED, port).into()))
            .or_else(|_| open(Address::Internet((Ipv4Addr::UNSPECIFIED, port).into())))
    } else {
        // Only numbers: init asks no name server.
        let parsed: SocketAddr = address.parse().map_err(|_| {
            io::Error::new(io::ErrorKind::InvalidInput, "neither a path, nor a port, nor ADDRESS:PORT")
        })?;
        open(Address::Internet(parsed))
    }?;
    Ok(Open { descriptor, connects: kind != Kind::Datagram })
}

#[cfg(test)]
mod tests {
    use super::*;
    use qos_unit::specifier::Facts;
    use qos_unit::{Specific, Unit, syntax};

    #[test]
    fn keys_of_sockets() {
        let read = |keys: &str| {
            let (assignments, _) =
                syntax::parse("f", format!("[Socket]\nListenStream=/x\n{keys}\n").as_bytes());
            let (unit, warnings) = Unit::new(&Name::new("a.socket").unwrap(), &assignments, &Facts::new());
            assert!(warnings.is_empty(), "{warnings:?}");
            let Specific::Socket(socket) = unit.specific else { panic!("a socket") };
            options(&socket)
        };
        let plain = read("");
        assert_eq!(plain, Options { backlog: 4096, ..Options::default() });
        for (keys, expect) in [
            ("PassCredentials=yes", Options { pass_credentials: true, ..plain }),
            ("ReceiveBuffer=8K", Options { receive_buffer: Some(8192), ..plain }),
            ("SendBuffer=1M", Options { send_buffer: Some(1 << 20), ..plain }),
        ] {
            assert_eq!(read(keys), expect, "{keys}");
        }
    }
}
