// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a program may do and see (systemd.exec(5), "Security", "Sandboxing", "System Call Filtering").

use crate::capability;
use crate::family;
use crate::model::setter::{Set, Value, absolute};
use crate::syscall::{Refusal, SystemCalls};

/// `ProtectSystem=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "systemd.exec(5) has them")]
pub enum ProtectSystem {
    #[default]
    No,
    Yes,
    Full,
    Strict,
}

/// `ProtectHome=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "systemd.exec(5) has them")]
pub enum ProtectHome {
    #[default]
    No,
    Yes,
    ReadOnly,
    Tmpfs,
}

/// `ProtectProc=`: which processes of others are in /proc.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "systemd.exec(5) has them")]
pub enum ProtectProc {
    #[default]
    Default,
    NoAccess,
    Invisible,
    Ptraceable,
}

/// A list of names that is either what is allowed or what is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// The names are all that is allowed; otherwise all else is.
    pub allow: bool,
    /// Names, and groups that begin with `@`.
    pub names: Vec<String>,
}

/// What a program may do and see.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "systemd.exec(5) has them")]
pub struct Sandbox {
    pub no_new_privileges: bool,
    /// `None`: all capabilities.
    pub bounding_set: Option<Filter>,
    pub ambient: Option<Filter>,
    pub protect_system: ProtectSystem,
    pub protect_home: ProtectHome,
    pub private_tmp: bool,
    pub private_devices: bool,
    pub private_network: bool,
    pub private_mounts: bool,
    pub protect_tunables: bool,
    pub protect_modules: bool,
    pub protect_kernel_logs: bool,
    pub protect_clock: bool,
    pub protect_control_groups: bool,
    pub protect_hostname: bool,
    pub protect_proc: ProtectProc,
    /// /proc has processes only.
    pub proc_subset: bool,
    /// Paths; `-` in front: may be missing.
    pub read_write: Vec<String>,
    pub read_only: Vec<String>,
    pub inaccessible: Vec<String>,
    /// Source, target, read-only, may be missing.
    pub binds: Vec<(String, String, bool, bool)>,
    /// Paths and options of tmpfs.
    pub tmpfs: Vec<(String, String)>,
    pub system_calls: Option<SystemCalls>,
    /// What `SystemCallErrorNumber=` says of refused calls; `None`: SIGSYS ends the process.
    pub system_call_error: Option<u16>,
    /// `native` and names of architectures.
    pub architectures: Vec<String>,
    pub address_families: Option<Filter>,
    pub restrict_realtime: bool,
    pub restrict_suid: bool,
    /// Kinds of namespaces that may be made, as flags of clone(2); `None`: all.
    pub namespaces: Option<u32>,
    pub lock_personality: bool,
    pub memory_deny_write_execute: bool,
}

impl Sandbox {
    pub(in crate::model) fn set(&mut self, key: &str, value: &Value<'_>) -> Result<Set, String> {
        if let Some(flag) = self.flag(key) {
            *flag = value.boolean()?;
            return Ok(Set::Done);
        }
        match key {
            "CapabilityBoundingSet" => capabilities(&mut self.bounding_set, value)?,
            "AmbientCapabilities" => capabilities(&mut self.ambient, value)?,
            "SystemCallFilter" if value.text.is_empty() => self.system_calls = None,
            "SystemCallFilter" => {
                let (inverted, text) = inverted(value.text);
                SystemCalls::assign(&mut self.system_calls, inverted, &Value { text, ..*value }.words()?)?;
            }
            "SystemCallErrorNumber" => {
                self.system_call_error = match value.text {
                    "" => None,
                    text => match Refusal::parse(text)? {
                        Refusal::Kill => None,
                        Refusal::Errno(error) => Some(error),
                    },
                };
            }
            "SystemCallArchitectures" => value.list(&mut self.architectures)?,
            "RestrictAddressFamilies" => self.families(value)?,
            "RestrictNamespaces" => self.namespaces(value)?,
            "ProtectSystem" => {
                self.protect_system = match value.text {
                    "full" => ProtectSystem::Full,
                    "strict" => ProtectSystem::Strict,
                    _ if value.boolean()? => ProtectSystem::Yes,
                    _ => ProtectSystem::No,
                }
            }
            "ProtectHome" => {
                self.protect_home = match value.text {
                    "read-only" => ProtectHome::ReadOnly,
                    "tmpfs" => ProtectHome::Tmpfs,
                    _ if value.boolean()? => ProtectHome::Yes,
                    _ => ProtectHome::No,
                }
            }
            "ProtectProc" => {
                self.protect_proc = value.one_of(&[
                    ("default", ProtectProc::Default),
                    ("noaccess", ProtectProc::NoAccess),
                    ("invisible", ProtectProc::Invisible),
                    ("ptraceable", ProtectProc::Ptraceable),
                ])?;
            }
            "ProcSubset" => self.proc_subset = value.one_of(&[("all", false), ("pid", true)])?,
            "ReadWritePaths" | "ReadWriteDirectories" => paths(&mut self.read_write, value)?,
            "ReadOnlyPaths" | "ReadOnlyDirectories" => paths(&mut self.read_only, value)?,
            "InaccessiblePaths" | "InaccessibleDirectories" => paths(&mut self.inaccessible, value)?,
            "BindPaths" => self.bind(value, false)?,
            "BindReadOnlyPaths" => self.bind(value, true)?,
            "TemporaryFileSystem" => {
                if value.text.is_empty() {
                    self.tmpfs.clear();
                }
                for word in value.words()? {
                    let (path, options) = word.split_once(':').unwrap_or((&word, ""));
                    self.tmpfs.push((absolute(path.to_owned())?, options.to_owned()));
                }
            }
            _ => return Ok(Set::Unknown),
        }
        Ok(Set::Done)
    }

    fn flag(&mut self, key: &str) -> Option<&mut bool> {
        Some(match key {
            "NoNewPrivileges" => &mut self.no_new_privileges,
            "PrivateTmp" => &mut self.private_tmp,
            "PrivateDevices" => &mut self.private_devices,
            "PrivateNetwork" => &mut self.private_network,
            "PrivateMounts" => &mut self.private_mounts,
            "ProtectKernelTunables" => &mut self.protect_tunables,
            "ProtectKernelModules" => &mut self.protect_modules,
            "ProtectKernelLogs" => &mut self.protect_kernel_logs,
            "ProtectClock" => &mut self.protect_clock,
            "ProtectControlGroups" => &mut self.protect_control_groups,
            "ProtectHostname" => &mut self.protect_hostname,
            "RestrictRealtime" => &mut self.restrict_realtime,
            "RestrictSUIDSGID" => &mut self.restrict_suid,
            "LockPersonality" => &mut self.lock_personality,
            "MemoryDenyWriteExecute" => &mut self.memory_deny_write_execute,
            _ => return None,
        })
    }

    fn families(&mut self, value: &Value<'_>) -> Result<(), String> {
        match value.text {
            "" => self.address_families = None,
            "none" => self.address_families = Some(Filter { allow: true, names: Vec::new() }),
            _ => {
                let known = |name: &str| family::number(name).is_some();
                known_names(&mut self.address_families, value, known, "address family such as AF_INET")?;
            }
        }
        Ok(())
    }

    /// Kinds of namespaces: what is listed may be made, with `~` all else.
    fn namespaces(&mut self, value: &Value<'_>) -> Result<(), String> {
        if value.text.is_empty() {
            self.namespaces = None;
            return Ok(());
        }
        if let Ok(refuse_all) = value.boolean() {
            self.namespaces = Some(if refuse_all { 0 } else { ALL_NAMESPACES });
            return Ok(());
        }
        let (inverted, text) = inverted(value.text);
        let mut flags = 0;
        for word in (Value { text, ..*value }).words()? {
            let kind = NAMESPACES.iter().find(|(name, _)| *name == word);
            flags |= kind.ok_or_else(|| format!("{word:?} is no kind of namespaces such as net"))?.1;
        }
        self.namespaces = Some(match (self.namespaces, inverted) {
            (None, false) => flags,
            (None, true) => ALL_NAMESPACES & !flags,
            (Some(known), false) => known | flags,
            (Some(known), true) => known & !flags,
        });
        Ok(())
    }

    fn bind(&mut self, value: &Value<'_>, read_only: bool) -> Result<(), String> {
        if value.text.is_empty() {
            self.binds.retain(|(_, _, other, _)| *other != read_only);
        }
        for word in value.words()? {
            let (may_miss, rest) = word.strip_prefix('-').map_or((false, &*word), |rest| (true, rest));
            let mut parts = rest.split(':');
            let source = absolute(parts.next().unwrap_or("").to_owned())?;
            let target = parts
                .next()
                .filter(|part| !part.is_empty())
                .map_or(Ok(source.clone()), |p| absolute(p.to_owned()))?;
            self.binds.push((source, target, read_only, may_miss));
        }
        Ok(())
    }
}

/// Kinds of namespaces, with their flags of clone(2).
pub const NAMESPACES: [(&str, u32); 7] = [
    ("cgroup", 0x0200_0000),
    ("ipc", 0x0800_0000),
    ("mnt", 0x0002_0000),
    ("net", 0x4000_0000),
    ("pid", 0x2000_0000),
    ("user", 0x1000_0000),
    ("uts", 0x0400_0000),
];

/// The flags of all of [`NAMESPACES`].
pub const ALL_NAMESPACES: u32 = 0x7e02_0000;

/// Whether the text has `~` in front, and the rest of it.
fn inverted(text: &str) -> (bool, &str) {
    text.strip_prefix('~').map_or((false, text), |rest| (true, rest))
}

/// A list of names: `~` in front inverts it. The first value decides what the list is; values of the other sense take names
/// away. An empty value begins anew.
fn filter(filter: &mut Option<Filter>, value: &Value<'_>) -> Result<(), String> {
    let (inverted, text) = inverted(value.text);
    if text.is_empty() {
        // `~` alone: all; an empty value: nothing of what was set, which for capabilities is the empty set.
        *filter = Some(Filter { allow: !inverted, names: Vec::new() });
        return Ok(());
    }
    let names = Value { text, ..*value }.words()?;
    match filter {
        Some(known) if known.allow == inverted && !(known.names.is_empty() && known.allow) => {
            known.names.retain(|name| !names.contains(name));
        }
        Some(known) if known.allow != inverted => known.names.extend(names),
        _ => *filter = Some(Filter { allow: !inverted, names }),
    }
    Ok(())
}

/// As [`filter`], of names that are known; the others are left out.
fn known_names(
    list: &mut Option<Filter>,
    value: &Value<'_>,
    is_known: impl Fn(&str) -> bool,
    what: &str,
) -> Result<(), String> {
    let (_, text) = inverted(value.text);
    let words = Value { text, ..*value }.words()?;
    filter(list, value)?;
    let Some(wrong) = words.iter().find(|word| !is_known(word)) else { return Ok(()) };
    list.iter_mut().for_each(|list| list.names.retain(|name| is_known(name)));
    Err(format!("{wrong:?} is no {what}"))
}

fn capabilities(list: &mut Option<Filter>, value: &Value<'_>) -> Result<(), String> {
    known_names(list, value, |name| capability::number(name).is_some(), "capability such as CAP_CHOWN")
}

/// Adds paths, each perhaps with `-` (may be missing) or `+` (below the root directory, which is where they are) in front.
fn paths(list: &mut Vec<String>, value: &Value<'_>) -> Result<(), String> {
    if value.text.is_empty() {
        list.clear();
    }
    for word in value.words()? {
        let (mark, path) = word.strip_prefix('-').map_or(("", &*word), |path| ("-", path));
        let path = path.strip_prefix('+').unwrap_or(path);
        list.push(format!("{mark}{}", absolute(path.to_owned())?));
    }
    Ok(())
}
