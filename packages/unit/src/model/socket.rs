// SPDX-License-Identifier: MIT OR Apache-2.0
//! `[Socket]` (systemd.socket(5)).

use super::setter::{Set, Value};
use crate::name::Name;
use crate::value::mode;
use std::time::Duration;

/// What kind of socket is listened on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "systemd.socket(5) has them")]
pub enum ListenKind {
    Stream,
    Datagram,
    SequentialPacket,
    Fifo,
    Netlink,
    Special,
}

/// A socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// Its kind.
    pub kind: ListenKind,
    /// A path, `@NAME`, `PORT`, `ADDRESS:PORT`; of netlink a family and groups.
    pub address: String,
}

/// `[Socket]`.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "systemd.socket(5) has them")]
pub struct Socket {
    pub listen: Vec<Listen>,
    pub accept: bool,
    pub service: Option<Name>,
    pub user: Option<String>,
    pub group: Option<String>,
    pub mode: u32,
    pub directory_mode: u32,
    pub backlog: u32,
    pub max_connections: u32,
    pub remove_on_stop: bool,
    pub symlinks: Vec<String>,
    pub descriptor_name: String,
    pub keep_alive: bool,
    pub no_delay: bool,
    pub reuse_port: bool,
    pub free_bind: bool,
    pub pass_credentials: bool,
    pub ipv6_only: Option<bool>,
    pub receive_buffer: Option<u32>,
    pub send_buffer: Option<u32>,
    pub trigger_interval: Duration,
    pub trigger_burst: u32,
}

impl Default for Socket {
    fn default() -> Self {
        Socket {
            listen: Vec::new(),
            accept: false,
            service: None,
            user: None,
            group: None,
            mode: 0o666,
            directory_mode: 0o755,
            backlog: 4096,
            max_connections: 64,
            remove_on_stop: false,
            symlinks: Vec::new(),
            descriptor_name: String::new(),
            keep_alive: false,
            no_delay: false,
            reuse_port: false,
            free_bind: false,
            pass_credentials: false,
            ipv6_only: None,
            receive_buffer: None,
            send_buffer: None,
            trigger_interval: Duration::from_secs(2),
            trigger_burst: 20,
        }
    }
}

const KINDS: &[(&str, ListenKind)] = &[
    ("ListenStream", ListenKind::Stream),
    ("ListenDatagram", ListenKind::Datagram),
    ("ListenSequentialPacket", ListenKind::SequentialPacket),
    ("ListenFIFO", ListenKind::Fifo),
    ("ListenNetlink", ListenKind::Netlink),
    ("ListenSpecial", ListenKind::Special),
];

impl Socket {
    pub(super) fn set(&mut self, key: &str, value: &Value<'_>) -> Result<Set, String> {
        if let Some((_, kind)) = KINDS.iter().find(|(name, _)| *name == key) {
            let address = value.expanded();
            if address.is_empty() {
                // As systemd: an empty value of any of them clears all.
                self.listen.clear();
                return Ok(Set::Done);
            }
            let address =
                address.strip_prefix("/var/run/").map_or(address.clone(), |rest| format!("/run/{rest}"));
            self.listen.push(Listen { kind: *kind, address });
            return Ok(Set::Done);
        }
        let optional = |text: String| Some(text).filter(|text| !text.is_empty());
        let size = || match crate::value::amount(value.text)? {
            crate::value::Amount::Count(count) => {
                u32::try_from(count).map(Some).map_err(|_| "too large".to_owned())
            }
            _ => Err("not a size".to_owned()),
        };
        match key {
            "Accept" => self.accept = value.boolean()?,
            "Service" => {
                let mut names = Vec::new();
                value.units(&mut names)?;
                self.service = names.pop();
            }
            "SocketUser" => self.user = optional(value.expanded()),
            "SocketGroup" => self.group = optional(value.expanded()),
            "SocketMode" => self.mode = mode(value.text)?,
            "DirectoryMode" => self.directory_mode = mode(value.text)?,
            "Backlog" => self.backlog = value.number()?,
            "MaxConnections" => self.max_connections = value.number()?,
            "RemoveOnStop" => self.remove_on_stop = value.boolean()?,
            "Symlinks" => value.list(&mut self.symlinks)?,
            "FileDescriptorName" => self.descriptor_name = value.expanded(),
            "KeepAlive" => self.keep_alive = value.boolean()?,
            "NoDelay" => self.no_delay = value.boolean()?,
            "ReusePort" => self.reuse_port = value.boolean()?,
            "FreeBind" => self.free_bind = value.boolean()?,
            "PassCredentials" => self.pass_credentials = value.boolean()?,
            "BindIPv6Only" => {
                self.ipv6_only =
                    value.one_of(&[("default", None), ("both", Some(false)), ("ipv6-only", Some(true))])?;
            }
            "ReceiveBuffer" => self.receive_buffer = size()?,
            "SendBuffer" => self.send_buffer = size()?,
            "TriggerLimitIntervalSec" => self.trigger_interval = value.span()?,
            "TriggerLimitBurst" => self.trigger_burst = value.number()?,
            _ => return Ok(Set::Unknown),
        }
        Ok(Set::Done)
    }

    pub(super) fn finish(&mut self, name: &Name) {
        if self.descriptor_name.is_empty() {
            self.descriptor_name = name.as_str().to_owned();
        }
    }

    pub(super) fn check(&self) -> Result<(), String> {
        if self.listen.is_empty() {
            return Err("has no ListenStream= or other address".into());
        }
        if self.accept && self.service.is_some() {
            return Err("has both Accept=yes and Service=".into());
        }
        Ok(())
    }
}
