// SPDX-License-Identifier: MIT OR Apache-2.0
//! In which surroundings a program runs (systemd.exec(5)).

mod sandbox;
mod unenforced;

pub use sandbox::{ALL_NAMESPACES, Filter, NAMESPACES, ProtectHome, ProtectProc, ProtectSystem, Sandbox};
pub use unenforced::{KEYS as UNENFORCED_KEYS, Unenforced};

use super::setter::{Set, Value, absolute};
use crate::command::is_name;
use crate::value::{Limit, limit, mode, number};
use crate::{span, words};

/// Where standard input comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "systemd.exec(5) has them")]
pub enum Input {
    #[default]
    Null,
    Tty,
    TtyForce,
    TtyFail,
    Socket,
    File(String),
    Data,
    Descriptor(String),
}

/// Where standard output or error goes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "systemd.exec(5) has them")]
pub enum Output {
    /// As standard input, if that is a terminal, socket or file; otherwise the log. Of standard error: as standard output.
    #[default]
    Inherit,
    Null,
    Tty,
    Journal,
    JournalConsole,
    Kmsg,
    Socket,
    File(String),
    Append(String),
    Truncate(String),
    Descriptor(String),
}

/// A resource of setrlimit(2), by its number on Linux.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Resource(pub u32);

/// Keys, numbers, and the unit of their values: `t` seconds, `u` microseconds, `b` bytes, `n` a number, `c` a nice value.
const LIMITS: &[(&str, u32, char)] = &[
    ("LimitCPU", 0, 't'),
    ("LimitFSIZE", 1, 'b'),
    ("LimitDATA", 2, 'b'),
    ("LimitSTACK", 3, 'b'),
    ("LimitCORE", 4, 'b'),
    ("LimitRSS", 5, 'b'),
    ("LimitNPROC", 6, 'n'),
    ("LimitNOFILE", 7, 'n'),
    ("LimitMEMLOCK", 8, 'b'),
    ("LimitAS", 9, 'b'),
    ("LimitLOCKS", 10, 'n'),
    ("LimitSIGPENDING", 11, 'n'),
    ("LimitMSGQUEUE", 12, 'b'),
    ("LimitNICE", 13, 'c'),
    ("LimitRTPRIO", 14, 'n'),
    ("LimitRTTIME", 15, 'u'),
];

/// Which directory the manager makes for a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "systemd.exec(5) has them")]
pub enum Directory {
    Runtime,
    State,
    Cache,
    Logs,
    Configuration,
}

impl Directory {
    /// Each with its key's beginning, the directory that it is below, and its variable.
    pub const ALL: [(Directory, &'static str, &'static str, &'static str); 5] = [
        (Directory::Runtime, "Runtime", "/run", "RUNTIME_DIRECTORY"),
        (Directory::State, "State", "/var/lib", "STATE_DIRECTORY"),
        (Directory::Cache, "Cache", "/var/cache", "CACHE_DIRECTORY"),
        (Directory::Logs, "Logs", "/var/log", "LOGS_DIRECTORY"),
        (Directory::Configuration, "Configuration", "/etc", "CONFIGURATION_DIRECTORY"),
    ];
}

/// Directories of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directories {
    /// Paths below the directory of the kind.
    pub names: Vec<String>,
    /// Links to them: the directory and the link, both below the directory of the kind.
    pub links: Vec<(String, String)>,
    /// Their mode.
    pub mode: u32,
}

impl Default for Directories {
    fn default() -> Self {
        Directories { names: Vec::new(), links: Vec::new(), mode: 0o755 }
    }
}

/// Whether runtime directories stay when the service stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "systemd.exec(5) has them")]
pub enum Preserve {
    #[default]
    No,
    Yes,
    Restart,
}

/// In which surroundings a program runs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "systemd.exec(5) has them")]
pub struct Exec {
    /// Empty: `/`. `~`: the user's home.
    pub working_directory: String,
    pub working_directory_may_miss: bool,
    pub root_directory: Option<String>,
    pub user: Option<String>,
    pub group: Option<String>,
    pub supplementary_groups: Vec<String>,
    pub nice: Option<i32>,
    pub oom_score_adjust: Option<i32>,
    pub umask: u32,
    /// `NAME=VALUE`, in order.
    pub environment: Vec<(String, String)>,
    /// Files, and whether one may be missing.
    pub environment_files: Vec<(String, bool)>,
    pub pass_environment: Vec<String>,
    pub unset_environment: Vec<String>,
    pub input: Input,
    pub input_text: Vec<u8>,
    pub output: Output,
    pub error: Output,
    pub tty: String,
    pub syslog_identifier: Option<String>,
    pub limits: Vec<(Resource, Limit)>,
    pub directories: [Directories; 5],
    pub preserve: Preserve,
    pub ignore_sigpipe: bool,
    /// An account that is there while the service runs.
    pub dynamic_user: bool,
    pub sandbox: Sandbox,
    pub unenforced: Unenforced,
}

impl Default for Exec {
    fn default() -> Self {
        Exec {
            working_directory: String::new(),
            working_directory_may_miss: false,
            root_directory: None,
            user: None,
            group: None,
            supplementary_groups: Vec::new(),
            nice: None,
            oom_score_adjust: None,
            umask: 0o022,
            environment: Vec::new(),
            environment_files: Vec::new(),
            pass_environment: Vec::new(),
            unset_environment: Vec::new(),
            input: Input::default(),
            input_text: Vec::new(),
            output: Output::default(),
            error: Output::default(),
            tty: "/dev/console".into(),
            syslog_identifier: None,
            limits: Vec::new(),
            directories: Default::default(),
            preserve: Preserve::default(),
            ignore_sigpipe: true,
            dynamic_user: false,
            sandbox: Sandbox::default(),
            unenforced: Unenforced::default(),
        }
    }
}

impl Exec {
    pub(super) fn set(&mut self, key: &str, value: &Value<'_>) -> Result<Set, String> {
        if let Some((_, resource, unit)) = LIMITS.iter().find(|(name, ..)| *name == key) {
            return self.limit(Resource(*resource), *unit, value.text);
        }
        if let Some(set) = self.directory(key, value)? {
            return Ok(set);
        }
        let optional = |text: String| Some(text).filter(|text| !text.is_empty());
        match key {
            "WorkingDirectory" => {
                let text = value.expanded();
                let (may_miss, path) = text.strip_prefix('-').map_or((false, &*text), |path| (true, path));
                self.working_directory_may_miss = may_miss;
                self.working_directory =
                    if path.is_empty() || path == "~" { path.to_owned() } else { absolute(path.to_owned())? };
            }
            "RootDirectory" => self.root_directory = value.path()?.filter(|path| path != "/"),
            "User" => self.user = optional(value.expanded()),
            "Group" => self.group = optional(value.expanded()),
            "SupplementaryGroups" => value.list(&mut self.supplementary_groups)?,
            "Nice" => {
                self.nice = match value.number()? {
                    nice @ -20..=19 => Some(nice),
                    _ => return Err("not from -20 to 19".into()),
                }
            }
            "OOMScoreAdjust" => {
                self.oom_score_adjust = match value.number()? {
                    score @ -1000..=1000 => Some(score),
                    _ => return Err("not from -1000 to 1000".into()),
                }
            }
            "UMask" => self.umask = mode(value.text)?,
            "Environment" => self.environment(value)?,
            "EnvironmentFile" => self.environment_file(value)?,
            "PassEnvironment" => value.list(&mut self.pass_environment)?,
            "UnsetEnvironment" => value.list(&mut self.unset_environment)?,
            "StandardInput" => self.input = input(value)?,
            "StandardInputText" => {
                let words = words::split(&format!("\"{}\"", value.expanded().replace('"', "\\\"")))?;
                self.input_text.extend(words.concat());
                self.input_text.push(b'\n');
                self.input = Input::Data;
            }
            "StandardOutput" => self.output = output(value)?,
            "StandardError" => self.error = output(value)?,
            "TTYPath" => self.tty = value.path()?.unwrap_or_else(|| "/dev/console".into()),
            "SyslogIdentifier" => self.syslog_identifier = optional(value.expanded()),
            "IgnoreSIGPIPE" => self.ignore_sigpipe = value.boolean()?,
            "DynamicUser" => self.dynamic_user = value.boolean()?,
            // Records of logins are not kept here.
            "UtmpIdentifier" | "UtmpMode" => {}
            // A getty does that itself.
            "TTYReset" | "TTYVHangup" | "TTYVTDisallocate" => value.boolean().map(drop)?,
            _ if self.unenforced.set(key, value)? == Set::Done => {}
            _ => return self.sandbox.set(key, value),
        }
        Ok(Set::Done)
    }

    /// What DynamicUser= implies: nothing of the user's is left when it is gone.
    pub(super) fn confine(&mut self) {
        let sandbox = &mut self.sandbox;
        sandbox.private_tmp = true;
        sandbox.protect_system = ProtectSystem::Strict;
        if sandbox.protect_home == ProtectHome::No {
            sandbox.protect_home = ProtectHome::ReadOnly;
        }
        sandbox.no_new_privileges = true;
        sandbox.restrict_suid = true;
        self.unenforced.remove_ipc = true;
    }

    fn limit(&mut self, resource: Resource, unit: char, text: &str) -> Result<Set, String> {
        let read = |text: &str| match unit {
            'b' => match crate::value::amount(text)? {
                crate::value::Amount::Count(count) => Ok(count),
                _ => Err(format!("{text:?} is no size")),
            },
            't' => Ok(span::parse(text)?.as_secs()),
            'u' => u64::try_from(if text.bytes().all(|b| b.is_ascii_digit()) {
                return number(text);
            } else {
                span::parse(text)?.as_micros()
            })
            .map_err(|_| "too long".to_owned()),
            // A nice value has a sign; the limit itself is from 1 to 40.
            'c' if text.starts_with(['+', '-']) => match number::<i64>(text)? {
                nice @ -20..=19 => Ok((20 - nice) as u64),
                _ => Err("not from -20 to 19".into()),
            },
            _ => number(text),
        };
        let limit = limit(text, &read)?;
        self.limits.retain(|(other, _)| *other != resource);
        self.limits.push((resource, limit));
        Ok(Set::Done)
    }

    /// `RuntimeDirectory=`, `StateDirectoryMode=` and their sisters.
    fn directory(&mut self, key: &str, value: &Value<'_>) -> Result<Option<Set>, String> {
        if key == "RuntimeDirectoryPreserve" {
            self.preserve = value.one_of(&[
                ("no", Preserve::No),
                ("yes", Preserve::Yes),
                ("true", Preserve::Yes),
                ("restart", Preserve::Restart),
            ])?;
            return Ok(Some(Set::Done));
        }
        for (at, (_, front, ..)) in Directory::ALL.iter().enumerate() {
            match key.strip_prefix(front) {
                Some("Directory") => {
                    let list = &mut self.directories[at];
                    if value.text.is_empty() {
                        (list.names, list.links) = (Vec::new(), Vec::new());
                    }
                    for word in value.words()? {
                        // `NAME`, or `NAME:LINK` with a link to it.
                        let mut paths = word.split(':').map(|path| path.trim_end_matches('/').to_owned());
                        let (name, link) = (paths.next().unwrap_or_default(), paths.next());
                        for path in
                            [Some(&name), link.as_ref().filter(|link| !link.is_empty())].into_iter().flatten()
                        {
                            let is_below = !path.is_empty() && !path.starts_with('/');
                            if !is_below || path.split('/').any(|part| part == ".." || part == ".") {
                                return Err(format!("{word:?} is no path below a directory"));
                            }
                        }
                        if !list.names.contains(&name) {
                            list.names.push(name.clone());
                        }
                        list.links.extend(link.filter(|link| !link.is_empty()).map(|link| (name, link)));
                    }
                }
                Some("DirectoryMode") => self.directories[at].mode = mode(value.text)?,
                _ => continue,
            }
            return Ok(Some(Set::Done));
        }
        Ok(None)
    }

    fn environment(&mut self, value: &Value<'_>) -> Result<(), String> {
        if value.text.is_empty() {
            self.environment.clear();
        }
        for word in value.words()? {
            match word.split_once('=') {
                Some((name, text)) if is_name(name.as_bytes()) => {
                    self.environment.retain(|(other, _)| other != name);
                    self.environment.push((name.to_owned(), text.to_owned()));
                }
                _ => return Err(format!("{word:?} is no NAME=VALUE")),
            }
        }
        Ok(())
    }

    fn environment_file(&mut self, value: &Value<'_>) -> Result<(), String> {
        let text = value.expanded();
        if text.is_empty() {
            self.environment_files.clear();
            return Ok(());
        }
        let (may_miss, path) = text.strip_prefix('-').map_or((false, &*text), |path| (true, path));
        self.environment_files.push((absolute(path.to_owned())?, may_miss));
        Ok(())
    }
}

fn input(value: &Value<'_>) -> Result<Input, String> {
    let text = value.expanded();
    Ok(match &*text {
        "" | "null" => Input::Null,
        "tty" => Input::Tty,
        "tty-force" => Input::TtyForce,
        "tty-fail" => Input::TtyFail,
        "socket" => Input::Socket,
        "data" => Input::Data,
        _ => match text.split_once(':') {
            Some(("file", path)) => Input::File(absolute(path.to_owned())?),
            Some(("fd", name)) => Input::Descriptor(name.to_owned()),
            _ => return Err("no such input".into()),
        },
    })
}

fn output(value: &Value<'_>) -> Result<Output, String> {
    let text = value.expanded();
    Ok(match &*text {
        "" | "inherit" => Output::Inherit,
        "null" => Output::Null,
        "tty" => Output::Tty,
        "journal" | "syslog" => Output::Journal,
        "journal+console" | "syslog+console" | "kmsg+console" => Output::JournalConsole,
        "kmsg" => Output::Kmsg,
        "socket" => Output::Socket,
        _ => match text.split_once(':') {
            Some(("file", path)) => Output::File(absolute(path.to_owned())?),
            Some(("append", path)) => Output::Append(absolute(path.to_owned())?),
            Some(("truncate", path)) => Output::Truncate(absolute(path.to_owned())?),
            Some(("fd", name)) => Output::Descriptor(name.to_owned()),
            _ => return Err("no such output".into()),
        },
    })
}
