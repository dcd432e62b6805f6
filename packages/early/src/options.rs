// SPDX-License-Identifier: MIT OR Apache-2.0
//! The options on the kernel's command line (`Documentation/admin-guide/kernel-parameters.rst`, dracut.cmdline(7),
//! systemd-cryptsetup-generator(8), systemd-veritysetup-generator(8), systemd-fsck@.service(8)).

use crate::cmdline::{Parameter, is_on};
use crate::root::Spec;
use crate::verity::{NAME, NODE, parameters};
use std::time::Duration;

/// How long the root device may take, since the last device appeared, if there is neither `rootwait` nor
/// `rootdelay=`: controllers and USB disks are found within seconds, and a person waits for the diagnosis.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Where `rd.break` stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Before the root file system is mounted; no container is unlocked.
    PreMount,
    /// When the root file system is mounted.
    Mount,
    /// Right before the change to the new root.
    Switch,
}

/// A LUKS container to unlock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// Its UUID, or how that begins.
    pub uuid: String,
    /// Name of the volume in `/dev/mapper`; `luks-UUID` if there is none.
    pub name: Option<String>,
}

/// A key file in the initramfs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFile {
    /// The container's UUID, or its first digits; every container if there is none.
    pub uuid: Option<String>,
    /// The file.
    pub path: String,
}

/// When the root file system is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Check {
    /// When its checker finds that it is due.
    #[default]
    Auto,
    /// Always.
    Force,
    /// Never.
    Skip,
}

/// What the check of the root file system repairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Repair {
    /// What can be repaired without a question.
    #[default]
    Preen,
    /// Everything.
    Yes,
    /// Nothing.
    No,
}

/// The parameters that early userspace acts on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// `root=`; the error is the reason why its value names no device. With `roothash=` alone, the volume that it is of.
    pub root: Option<Result<Spec, String>>,
    /// `ro` (the default) or `rw`.
    pub writable: bool,
    /// `rootflags=`.
    pub flags: String,
    /// `rootfstype=`, in the order of trying.
    pub kinds: Vec<String>,
    /// Time limit of waiting for a device; none means forever (`rootwait`).
    pub patience: Option<Duration>,
    /// `rootdelay=`: no root file system is mounted before.
    pub delay: Duration,
    /// `init=`.
    pub init: Option<String>,
    /// `rd.break`.
    pub stops: Vec<Stop>,
    /// `rd.shell`: a shell after a failure.
    pub shell: bool,
    /// `rd.debug`: each step is logged.
    pub debug: bool,
    /// `rd.luks.uuid=`, `rd.luks.name=`.
    pub containers: Vec<Container>,
    /// `rd.luks.key=`.
    pub keys: Vec<KeyFile>,
    /// `rd.luks.allow-discards`, `rd.luks.options=discard`.
    pub discards: bool,
    /// `rd.luks.options=tries=N`: the number of prompts for the passphrase.
    pub tries: u32,
    /// `roothash=` and the other parameters of dm-verity; the error is the reason why they cannot be obeyed.
    pub verity: Option<Result<parameters::Request, String>>,
    /// `fsck.mode=`.
    pub check: Check,
    /// `fsck.repair=`.
    pub repair: Repair,
    /// `resume=` without `noresume`.
    pub resume: Option<String>,
    /// A boot screen is wanted: `rhgb`, `splash`.
    pub splash: bool,
    /// Parameters that are refused or not understood, a sentence for each.
    pub complaints: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            root: None,
            writable: false,
            flags: String::new(),
            kinds: Vec::new(),
            patience: Some(PATIENCE),
            delay: Duration::ZERO,
            init: None,
            stops: Vec::new(),
            shell: true,
            debug: false,
            containers: Vec::new(),
            keys: Vec::new(),
            discards: false,
            tries: 3,
            verity: None,
            check: Check::Auto,
            repair: Repair::Preen,
            resume: None,
            splash: false,
            complaints: Vec::new(),
        }
    }
}

impl Options {
    /// The options that `parameters` give. A later parameter overrides an earlier one; unknown ones belong to other programs.
    #[must_use]
    pub fn new(parameters: &[Parameter]) -> Options {
        let mut options = Options::default();
        let (mut luks, mut noresume) = (true, false);
        let mut verity = parameters::Parameters::default();
        for Parameter { name, value } in parameters {
            let text = value.as_deref().unwrap_or_default();
            match (name.as_str(), value) {
                ("root", Some(_)) => options.root = Some(Spec::parse(text)),
                ("ro", None) => options.writable = false,
                ("rw", None) => options.writable = true,
                ("rootflags", Some(_)) => options.flags = text.to_owned(),
                ("rootfstype", Some(_)) => {
                    let kinds = text.split(',').filter(|kind| !kind.is_empty() && *kind != "auto");
                    options.kinds = kinds.map(str::to_owned).collect();
                }
                ("rootwait", None) => options.patience = None,
                ("rootwait", Some(_)) => {
                    options.seconds(name, text, |options, seconds| options.patience = Some(seconds));
                }
                ("rootdelay", Some(_)) => {
                    options.seconds(name, text, |options, seconds| options.delay = seconds);
                }
                ("init", Some(_)) => options.init = Some(text.to_owned()),
                ("rd.break", _) => options.stop(text),
                ("rd.shell", _) => options.shell = is_on(text),
                ("rd.debug", _) => options.debug = is_on(text),
                ("rd.luks", _) => luks = is_on(text),
                ("rd.luks.uuid" | "rd_LUKS_UUID", Some(_)) => options.container(text, None),
                ("rd.luks.name", Some(_)) => match text.split_once('=') {
                    Some((uuid, volume)) if is_volume_name(volume) => options.container(uuid, Some(volume)),
                    _ => options.complain(format!(
                        "rd.luks.name={text}: ignored: the form is rd.luks.name=UUID=NAME"
                    )),
                },
                ("rd.luks.key", Some(_)) => options.key(text),
                ("rd.luks.allow-discards", _) => options.discards = true,
                ("rd.luks.options", Some(_)) => options.luks_options(text),
                ("fastboot", None) => options.check = Check::Skip,
                ("forcefsck", None) => options.check = Check::Force,
                ("fsck.mode", Some(_)) => {
                    options.check = match text {
                        "force" => Check::Force,
                        "skip" => Check::Skip,
                        _ => Check::Auto,
                    }
                }
                ("fsck.repair", Some(_)) => {
                    options.repair = match text {
                        "yes" | "1" | "on" | "true" => Repair::Yes,
                        "no" | "0" | "off" | "false" => Repair::No,
                        _ => Repair::Preen,
                    }
                }
                ("resume", Some(_)) => options.resume = Some(text.to_owned()),
                ("noresume", None) => noresume = true,
                ("rhgb" | "splash", None) => options.splash = true,
                _ if verity.take(name, value.as_deref()) => {}
                _ if name.starts_with("rd.lvm.") => {
                    let all = value.as_ref().map_or_else(|| name.clone(), |value| format!("{name}={value}"));
                    options.complain(format!("{all}: ignored: volumes of LVM are not supported"));
                }
                _ => {}
            }
        }
        if !luks {
            options.containers.clear();
        }
        options.verity = verity.request(&mut options.complaints);
        if options.verity.is_some() {
            options.root.get_or_insert_with(|| Ok(Spec::Path(NODE.to_owned())));
            if options.containers.iter().any(|container| container.name.as_deref() == Some(NAME)) {
                let text =
                    format!("rd.luks.name=…={NAME}: with roothash= that is the name of dm-verity's volume");
                options.verity = Some(Err(text));
            }
        }
        if noresume {
            options.resume = None;
        }
        if let Some(resume) = &options.resume {
            let text = format!("resume={resume}: ignored: resuming from hibernation is not supported");
            options.complain(text);
        }
        options
    }

    fn complain(&mut self, text: String) {
        self.complaints.push(text);
    }

    fn seconds(&mut self, name: &str, text: &str, set: impl FnOnce(&mut Options, Duration)) {
        match text.parse::<u32>() {
            Ok(seconds) => set(self, Duration::from_secs(seconds.into())),
            Err(_) => self.complain(format!("{name}={text}: ignored: not a number of seconds")),
        }
    }

    /// The points of dracut, and those here.
    fn stop(&mut self, text: &str) {
        let stop = match text {
            "" | "switch" | "pre-pivot" | "cleanup" => Stop::Switch,
            "mount" => Stop::Mount,
            "cmdline" | "pre-udev" | "pre-trigger" | "initqueue" | "pre-mount" => Stop::PreMount,
            _ => {
                return self.complain(format!("rd.break={text}: ignored: use pre-mount, mount or switch"));
            }
        };
        if !self.stops.contains(&stop) {
            self.stops.push(stop);
        }
    }

    fn container(&mut self, uuid: &str, name: Option<&str>) {
        let uuid = bare(uuid);
        if uuid.is_empty() {
            return self.complain("rd.luks.uuid=: ignored: there is no UUID".to_owned());
        }
        let name = name.map(str::to_owned);
        // One UUID that begins as the other one does is the same container.
        let same = |known: &&mut Container| begins(&known.uuid, uuid) || begins(uuid, &known.uuid);
        match self.containers.iter_mut().find(same) {
            Some(known) => {
                known.name = name.or(known.name.take());
                if uuid.len() > known.uuid.len() {
                    known.uuid = uuid.to_owned();
                }
            }
            None => self.containers.push(Container { uuid: uuid.to_owned(), name }),
        }
    }

    /// `PATH` or `PATH:KEYDEVICE:CONTAINER` of dracut, `UUID=PATH` of systemd.
    fn key(&mut self, text: &str) {
        let (uuid, path) = match text.split_once('=') {
            Some((uuid, path)) if !uuid.starts_with('/') => (Some(bare(uuid).to_owned()), path),
            _ => (None, text),
        };
        let mut parts = path.split(':');
        let path = parts.next().unwrap_or_default();
        let (device, container) = (parts.next().unwrap_or_default(), parts.next());
        if !device.is_empty() || !path.starts_with('/') {
            return self.complain(format!(
                "rd.luks.key={text}: ignored: a key is a file of the initramfs, given by its absolute path"
            ));
        }
        let container = container.map(|text| bare(text.strip_prefix("UUID=").unwrap_or(text)).to_owned());
        let uuid = uuid.or(container).filter(|uuid| !uuid.is_empty());
        self.keys.push(KeyFile { uuid, path: path.to_owned() });
    }

    /// `OPTION,…` or `UUID=OPTION,…` of systemd. Those that change nothing here are left alone.
    fn luks_options(&mut self, text: &str) {
        // `UUID=` stands before the first option; `tries=5` is an option with a value.
        for word in text.split(',') {
            let (name, value) = word.rsplit_once('=').unwrap_or((word, ""));
            let last = |name: &str| name.rsplit('=').next().unwrap_or_default().to_owned();
            if ["discard", "allow-discards"].contains(&last(word).as_str()) {
                self.discards = true;
            } else if last(name) == "tries" {
                self.tries = value.parse().unwrap_or(self.tries);
            }
        }
    }

    /// The key file of a container.
    #[must_use]
    pub fn key_of(&self, uuid: &str) -> Option<&KeyFile> {
        let own = |key: &&KeyFile| key.uuid.as_ref().is_some_and(|own| begins(uuid, own));
        self.keys.iter().find(own).or_else(|| self.keys.iter().find(|key| key.uuid.is_none()))
    }
}

/// Whether `uuid` begins with `start`, without regard to case.
#[must_use]
pub fn begins(uuid: &str, start: &str) -> bool {
    uuid.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

/// A container's UUID without the `luks-` of its volume's name.
fn bare(uuid: &str) -> &str {
    uuid.strip_prefix("luks-").unwrap_or(uuid)
}

/// Whether a volume of device-mapper can have this name.
fn is_volume_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() < 128
        && !name.contains('/')
        && name != "."
        && name != ".."
        && name != "control"
}

#[cfg(test)]
mod tests;
