// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the assessments ask about a unit.

use qos_service::exec::capabilities;
use qos_unit::{ALL_NAMESPACES, Exec, NAMESPACES, Sandbox, Service, Unenforced, Unit, family};

/// Numbers of the address families that have an assessment of their own.
pub const UNIX: &[u32] = &[1];
pub const INTERNET: &[u32] = &[2, 10];
pub const NETLINK: &[u32] = &[16];
pub const PACKET: &[u32] = &[17];

/// A service's unit, and what follows from it.
pub struct Facts<'a> {
    pub unit: &'a Unit,
    pub service: &'a Service,
    pub exec: &'a Exec,
    pub sandbox: &'a Sandbox,
    pub unenforced: &'a Unenforced,
    /// The capability bounding set.
    pub bounding: u64,
}

/// To whom a service can send packets, and from whom it can get them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peers {
    /// BPF programs of the unit decide.
    Programs,
    All,
    Listed,
    Local,
    Nobody,
}

/// Which devices a service can open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Devices {
    All,
    /// The usual ones, such as /dev/null, and others that are listed.
    Listed,
    Usual,
}

impl<'a> Facts<'a> {
    /// Those of a service.
    pub fn new(unit: &'a Unit) -> Option<Self> {
        let service = unit.service()?;
        let exec = &service.exec;
        let sandbox = &exec.sandbox;
        // A set with a name that is none cannot be started, and has all capabilities in the score.
        let bounding = capabilities::bounding(sandbox);
        Some(Facts { unit, service, exec, sandbox, unenforced: &exec.unenforced, bounding })
    }

    /// Whether it runs as root.
    pub fn is_root(&self) -> bool {
        match self.exec.user.as_deref() {
            Some("0" | "root") => true,
            user => user.is_none() && !self.exec.dynamic_user,
        }
    }

    /// Whether it cannot make sockets of these families; some of each kind is enough, as in systemd.
    pub fn lacks_families(&self, is_of_kind: impl Fn(u32) -> bool) -> bool {
        let Some(list) = &self.sandbox.address_families else { return false };
        let listed = list.names.iter().filter_map(|name| family::number(name)).any(is_of_kind);
        listed != list.allow
    }

    /// Whether it cannot make namespaces of the kind.
    pub fn lacks_namespace(&self, kind: &str) -> bool {
        let flag = NAMESPACES.iter().find(|(name, _)| *name == kind).map_or(0, |(_, flag)| *flag);
        self.sandbox.namespaces.unwrap_or(ALL_NAMESPACES) & flag == 0
    }

    pub fn peers(&self) -> Peers {
        let keys = self.unenforced;
        let all = |family: char| {
            let range = if family == ':' { "::/0" } else { "0.0.0.0/0" };
            keys.address_deny.iter().any(|word| word == "any" || word == range)
        };
        let is_local = |word: &String| {
            word == "localhost" || word.starts_with("127.") || word == "::1" || word == "::1/128"
        };
        if keys.address_filters.iter().any(|list| !list.is_empty()) {
            Peers::Programs
        } else if !all('.') || !all(':') {
            Peers::All
        } else if keys.address_allow.iter().any(|word| !is_local(word)) {
            Peers::Listed
        } else if keys.address_allow.is_empty() {
            Peers::Nobody
        } else {
            Peers::Local
        }
    }

    pub fn devices(&self) -> Devices {
        let closed = match self.unenforced.device_policy.as_str() {
            "closed" | "strict" => true,
            _ => self.sandbox.private_devices,
        };
        // The clock may be read.
        let listed = !self.unenforced.device_allow.is_empty()
            || self.sandbox.protect_clock
            || !self.unenforced.root_image.is_empty();
        match (closed, listed) {
            (false, _) => Devices::All,
            (true, true) => Devices::Listed,
            (true, false) => Devices::Usual,
        }
    }

    /// Keys that make the score better and have no effect under this init.
    pub fn unenforced_keys(&self) -> Vec<&'static str> {
        let keys = self.unenforced;
        let restricts = |text: &str, default: &str| !text.is_empty() && text != default;
        let all = [
            ("PrivateUsers", keys.private_users),
            ("RemoveIPC", keys.remove_ipc),
            ("RootImage", !keys.root_image.is_empty()),
            ("DevicePolicy", restricts(&keys.device_policy, "auto")),
            ("IPAddressDeny", !keys.address_deny.is_empty()),
            ("IPIngressFilterPath", !keys.address_filters[0].is_empty()),
            ("IPEgressFilterPath", !keys.address_filters[1].is_empty()),
        ];
        all.into_iter().filter(|(_, set)| *set).map(|(key, _)| key).collect()
    }
}
