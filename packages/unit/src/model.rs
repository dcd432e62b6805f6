// SPDX-License-Identifier: MIT OR Apache-2.0
//! A unit as its files describe it: typed, with the defaults of systemd.

mod common;
mod exec;
mod kill;
mod mount;
mod path;
mod service;
mod setter;
mod socket;
mod timer;

pub use common::{Common, Condition, Dependency, FailureAction, Install};
pub use exec::{
    ALL_NAMESPACES, Directories, Directory, Exec, Filter, Input, NAMESPACES, Output, Preserve, ProtectHome,
    ProtectProc, ProtectSystem, Resource, Sandbox, Unenforced,
};
pub use kill::{Kill, KillMode, Resources};
pub use mount::Mount;
pub use path::{Path, PathKind, Watch};
pub use service::{NotifyAccess, Restart, Service, Type};
pub use socket::{Listen, ListenKind, Socket};
pub use timer::{Timer, Trigger};

use crate::keys;
use crate::name::{Kind, Name};
use crate::specifier::Facts;
use crate::syntax::{Assignment, Warning};
use setter::{Set, Value};

/// A unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    /// Its name.
    pub name: Name,
    /// `[Unit]` and `[Install]`.
    pub common: Common,
    /// The section of its kind.
    pub specific: Specific,
}

/// What the section of a unit's kind says.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the kinds of systemd.unit(5)")]
pub enum Specific {
    Service(Box<Service>),
    Socket(Box<Socket>),
    Timer(Timer),
    Path(Path),
    Mount(Box<Mount>),
    Target,
    /// Slices, scopes, devices, swap and automount units: they have no section that is read.
    Other,
}

impl Unit {
    /// The unit that `assignments`, those of its file and then of its drop-ins, describe; warnings about what is ignored.
    #[must_use]
    pub fn new(name: &Name, assignments: &[Assignment], facts: &Facts) -> (Self, Vec<Warning>) {
        let mut unit = Unit { name: name.clone(), common: Common::default(), specific: Specific::of(name) };
        let mut warnings = Vec::new();
        for assignment in assignments {
            let value = Value { text: &assignment.value, name, facts };
            if let Err(text) = unit.set(assignment, &value) {
                warnings.push(Warning { place: assignment.place.clone(), text });
            }
        }
        unit.finish(facts);
        (unit, warnings)
    }

    fn set(&mut self, assignment: &Assignment, value: &Value<'_>) -> Result<(), String> {
        let (section, key) = (&*assignment.section, &*assignment.key);
        if section.starts_with("X-") || key.starts_with("X-") {
            return Ok(());
        }
        let own = self.name.kind().suffix();
        let set = match section {
            "Unit" => self.common.set(key, value),
            "Install" => self.common.install.set(key, value),
            _ if section.to_ascii_lowercase() == own
                && section.starts_with(|c: char| c.is_ascii_uppercase()) =>
            {
                match &mut self.specific {
                    Specific::Service(service) => service.set(key, value),
                    Specific::Socket(socket) => socket.set(key, value),
                    Specific::Timer(timer) => timer.set(key, value),
                    Specific::Path(path) => path.set(key, value),
                    Specific::Mount(mount) => mount.set(key, value),
                    Specific::Target | Specific::Other => Ok(Set::Unknown),
                }
            }
            _ => return Err(format!("unknown section [{section}] in a {own} unit: {key}= is ignored")),
        };
        match set {
            Ok(Set::Done) if exec::UNENFORCED_KEYS.contains(&key) => Err(no_effect(section, key)),
            Ok(Set::Done) => Ok(()),
            Ok(Set::Unknown) if keys::is_of_systemd(section, key) => Err(no_effect(section, key)),
            Ok(Set::Unknown) => Err(format!("unknown key {key}= in [{section}]: ignored")),
            Err(reason) => Err(format!("{key}={}: {reason}: ignored", value.text)),
        }
    }

    /// Sets what depends on several keys.
    fn finish(&mut self, facts: &Facts) {
        let name = &self.name;
        match &mut self.specific {
            Specific::Service(service) => {
                service.finish();
                if service.legacy_limits.0.is_some() || service.legacy_limits.1.is_some() {
                    self.common.start_limit_interval =
                        service.legacy_limits.0.unwrap_or(self.common.start_limit_interval);
                    self.common.start_limit_burst =
                        service.legacy_limits.1.unwrap_or(self.common.start_limit_burst);
                }
            }
            Specific::Mount(mount) => mount.finish(name),
            Specific::Socket(socket) => socket.finish(name),
            _ => {}
        }
        if self.common.description.is_empty() {
            self.common.description = name.as_str().to_owned();
        }
        let _ = facts;
    }

    /// Whether the unit can be started at all.
    ///
    /// # Errors
    /// Says why it cannot, as a sentence without the unit's name.
    pub fn check(&self) -> Result<(), String> {
        match &self.specific {
            Specific::Service(service) => service.check(self.common.success_action != FailureAction::None),
            Specific::Socket(socket) => socket.check(),
            Specific::Timer(timer) if timer.triggers.is_empty() => {
                Err("has no OnCalendar= or other time".into())
            }
            Specific::Path(path) if path.watches.is_empty() => Err("has no PathExists= or other path".into()),
            Specific::Mount(mount) => mount.check(&self.name),
            _ => Ok(()),
        }
    }

    /// The service's part, of a service.
    #[must_use]
    pub fn service(&self) -> Option<&Service> {
        match &self.specific {
            Specific::Service(service) => Some(service),
            _ => None,
        }
    }

    /// What the unit activates: of a socket, timer or path unit, by default the service of the same name.
    #[must_use]
    pub fn activates(&self) -> Option<Name> {
        let own = |named: &Option<Name>| named.clone().unwrap_or_else(|| self.name.with_kind(Kind::Service));
        match &self.specific {
            Specific::Timer(timer) => Some(own(&timer.unit)),
            Specific::Path(path) => Some(own(&path.unit)),
            Specific::Socket(socket) if socket.accept => self.socket_template(),
            Specific::Socket(socket) => Some(own(&socket.service)),
            _ => None,
        }
    }

    /// `a@.service` of `a.socket`.
    fn socket_template(&self) -> Option<Name> {
        Name::new(&format!("{}@.service", self.name.prefix())).ok()
    }
}

fn no_effect(section: &str, key: &str) -> String {
    format!("{key}= of [{section}] has no effect: not supported by this init")
}

impl Specific {
    fn of(name: &Name) -> Self {
        match name.kind() {
            Kind::Service => Specific::Service(Box::default()),
            Kind::Socket => Specific::Socket(Box::default()),
            Kind::Timer => Specific::Timer(Timer::default()),
            Kind::Path => Specific::Path(Path::default()),
            Kind::Mount => Specific::Mount(Box::default()),
            Kind::Target => Specific::Target,
            _ => Specific::Other,
        }
    }
}

#[cfg(test)]
mod tests;
