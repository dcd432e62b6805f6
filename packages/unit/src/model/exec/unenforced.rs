// SPDX-License-Identifier: MIT OR Apache-2.0
//! Keys of a sandbox that this init does not enforce: `svc security` scores them as systemd does, and each has a warning.

use crate::model::setter::{Set, Value};

/// Keys that have no effect.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "systemd.exec(5) and systemd.resource-control(5) have them")]
pub struct Unenforced {
    pub private_users: bool,
    pub remove_ipc: bool,
    /// Empty: the default, `private`.
    pub keyring_mode: String,
    pub root_image: String,
    pub device_policy: String,
    pub device_allow: Vec<String>,
    pub address_allow: Vec<String>,
    pub address_deny: Vec<String>,
    /// Paths of BPF programs for received and sent packets.
    pub address_filters: [Vec<String>; 2],
}

/// The keys. KeyringMode is not one of them: its default is what is done here.
pub const KEYS: [&str; 9] = [
    "DeviceAllow",
    "DevicePolicy",
    "IPAddressAllow",
    "IPAddressDeny",
    "IPEgressFilterPath",
    "IPIngressFilterPath",
    "PrivateUsers",
    "RemoveIPC",
    "RootImage",
];

impl Unenforced {
    pub(in crate::model) fn set(&mut self, key: &str, value: &Value<'_>) -> Result<Set, String> {
        let choice = |choices: &[&str]| match choices.contains(&value.text) {
            true => Ok(value.text.to_owned()),
            false => Err(format!("not one of {}", choices.join(", "))),
        };
        match key {
            "PrivateUsers" => self.private_users = value.boolean()?,
            "RemoveIPC" => self.remove_ipc = value.boolean()?,
            "KeyringMode" => self.keyring_mode = choice(&["inherit", "private", "shared"])?,
            "RootImage" => self.root_image = value.path()?.unwrap_or_default(),
            "DevicePolicy" => self.device_policy = choice(&["auto", "closed", "strict"])?,
            // A device and its rights are one entry.
            "DeviceAllow" if value.text.is_empty() => self.device_allow.clear(),
            "DeviceAllow" => self.device_allow.push(value.expanded()),
            "IPAddressAllow" => value.list(&mut self.address_allow)?,
            "IPAddressDeny" => value.list(&mut self.address_deny)?,
            "IPIngressFilterPath" => value.list(&mut self.address_filters[0])?,
            "IPEgressFilterPath" => value.list(&mut self.address_filters[1])?,
            _ => return Ok(Set::Unknown),
        }
        Ok(Set::Done)
    }
}
