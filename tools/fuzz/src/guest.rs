// SPDX-License-Identifier: MIT OR Apache-2.0
//! Input of the guest's programs.

use crate::{lossy, two};
use qos_protocol::{Winsize, argv, mark};
use qos_service::event::Message;
use qos_service::saved::Saved;
use qos_sys::mounts;
use std::os::unix::ffi::OsStrExt;

/// The files of accounts.
pub fn accounts(data: &[u8]) {
    qos_accounts::fuzz::files(data);
}

/// A session, a log, and the text before a prompt.
pub fn logins(data: &[u8]) {
    qos_sessions::fuzz::records(data);
    qos_login::fuzz::issue(data);
}

/// A segment of the log.
pub fn log(data: &[u8]) {
    qos_logs::fuzz::segment(data);
}

/// Messages of each protocol.
pub fn messages(data: &[u8]) {
    qos_logs::fuzz::inputs(data);
}

/// A message of a service to its manager, and a manager's state for its successor, which is written as it was read.
pub fn manager(data: &[u8]) {
    let message = Message::parse(data);
    for text in message.status.iter().chain(&message.descriptor_name) {
        assert!(text.chars().count() <= 1024 && !text.contains(char::is_control), "{text:?}");
    }
    assert!(message.main_pid.is_none_or(|pid| pid > 1), "{message:?}");
    if let Ok(saved) = Saved::parse(data) {
        assert_eq!(Saved::parse(saved.text().as_bytes()), Ok(saved));
    }
}

/// A packet of a DHCP server.
pub fn dhcp(data: &[u8]) {
    qos_network::fuzz::dhcp(data);
}

/// A packet of the kernel about links, addresses and routes.
pub fn netlink(data: &[u8]) {
    qos_network::fuzz::netlink(data);
}

/// A file that configures links.
pub fn network(data: &[u8]) {
    qos_network::fuzz::network(data);
}

/// Encoded and decoded, arguments are the same.
pub fn argv(data: &[u8]) {
    if let Ok(args) = argv::decode(data) {
        assert_eq!(argv::encode(&args).as_deref(), Ok(data));
    }
    let text = lossy(data);
    let record = mark::record(mark::Level::Info, mark::INIT, &text);
    assert!(record.len() < 1024 && record.matches('\n').count() == 1, "{record:?}");
    assert!(record.starts_with("<6>qos-init: "));
}

/// A size that is read prints as it was written, but for zeros in front.
pub fn winsize(data: &[u8]) {
    let text = lossy(data);
    if let Ok(size) = text.parse::<Winsize>() {
        assert_eq!(size.to_string().parse(), Ok(size));
        assert!(size.rows > 0 && size.cols > 0);
    }
}

/// Four texts in one.
pub fn modules(data: &[u8]) {
    let (dep, rest) = two(data);
    let (alias, rest) = two(rest);
    let (conf, cmdline) = two(rest);
    qos_modules::fuzz::modules(&lossy(dep), &lossy(alias), &lossy(conf), &lossy(cmdline));
}

/// Escapes, as the kernel writes them, are undone; no table has more mounts than lines.
pub fn mounts(data: &[u8]) {
    let lines = data.split(|byte| *byte == b'\n').count();
    assert!(mounts::mountinfo(data).len() <= lines);
    assert!(mounts::mounts(data).len() <= lines && mounts::fstab(data).len() <= lines);
    let escaped: String = data.iter().map(|byte| format!("\\{byte:03o}")).collect();
    assert_eq!(mounts::unescape(escaped.as_bytes()).as_bytes(), data);
    assert!(mounts::unescape(data).len() <= data.len());
    qos_util::fuzz::mount_options(data);
}

/// Three files of a process.
pub fn process(data: &[u8]) {
    let (stat, rest) = two(data);
    let (status, cmdline) = two(rest);
    qos_procps::fuzz::process(&lossy(stat), &lossy(status), cmdline);
}

/// A file of rules, applied to a device.
pub fn rules(data: &[u8]) {
    qos_udev::fuzz::rules(&lossy(data));
}

/// A packet of the kernel or of udev.
pub fn uevent(data: &[u8]) {
    qos_udev::fuzz::packet(data);
}

/// A file of udev's database.
pub fn udevdb(data: &[u8]) {
    qos_udev::fuzz::record(&lossy(data));
}

/// A unit file, read as each kind of unit.
pub fn unit(data: &[u8]) {
    qos_unit::fuzz::unit(data);
}

/// A dump, and bytes to be dumped.
pub fn xxd(data: &[u8]) {
    qos_util::fuzz::xxd(data);
}

/// The headers of a unified kernel image.
pub fn unified(data: &[u8]) {
    qos_util::fuzz::unified(data);
}
