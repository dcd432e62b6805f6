// SPDX-License-Identifier: MIT OR Apache-2.0
//! The network: `networkd` configures links, `networkctl` and `ip` show and change them, `ping` tries them. README.md has what is
//! supported, and the test of each.
//!
//! Pure: [`netlink`] (messages of the kernel), [`dhcp`] (messages, states, leases), [`config`] (files), `networkd::plan` and
//! `networkd::state`. At the edges: [`netlink::kernel`], [`config::files`], and the programs.

pub mod config;
pub mod dhcp;
#[cfg(feature = "fuzz")]
pub mod fuzz;
mod help;
mod ip;
pub mod netlink;
mod networkctl;
pub mod networkd;
mod ping;
pub mod prefix;

use qos_command::Program;
use std::ffi::OsString;

/// The programs, by name.
pub const TABLE: &[Program] = &[
    ("ip", ip::main, &help::IP),
    ("networkctl", networkctl::main, &help::NETWORKCTL),
    ("networkd", networkd::main, &help::NETWORKD),
    ("ping", ping::main, &help::PING),
];

/// Names of the programs, in order.
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|(name, ..)| *name)
}

/// Runs program `name` with `args` (its name first) and gives its exit status, or `None` when there is none of that name.
/// `systemd-networkd` is another name of `networkd`, and `systemd-networkd-wait-online` of `networkctl wait-online`.
#[must_use]
pub fn run(name: &str, mut args: Vec<OsString>) -> Option<u8> {
    let name = match name {
        "systemd-networkd" => "networkd",
        "systemd-networkd-wait-online" => {
            args.insert(1, "wait-online".into());
            "networkctl"
        }
        name => name,
    };
    qos_command::run(TABLE, name, args)
}

#[cfg(test)]
mod tests {
    #[test]
    fn table() {
        assert!(qos_command::is_well_formed(super::TABLE));
    }
}
