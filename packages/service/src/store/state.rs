// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether units are enabled (systemctl(1), "is-enabled").

use super::{DIRECTORIES, Scope, Store, alias};
use qos_unit::Name;
use std::fs;
use std::io;
use std::path::Path;

/// Whether a unit is enabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "systemctl(1), is-enabled")]
pub enum Enabled {
    Enabled,
    EnabledRuntime,
    Disabled,
    /// It has no `[Install]` section: others bring it.
    Static,
    /// Its `[Install]` section only names other units.
    Indirect,
    Masked,
    MaskedRuntime,
    /// Its file is in none of the directories of unit files: a link leads there.
    Linked,
    LinkedRuntime,
    /// Another name of a unit.
    Alias,
    /// Made of fstab(5).
    Generated,
}

impl Enabled {
    /// The name for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Enabled::Enabled => "enabled",
            Enabled::EnabledRuntime => "enabled-runtime",
            Enabled::Disabled => "disabled",
            Enabled::Static => "static",
            Enabled::Indirect => "indirect",
            Enabled::Masked => "masked",
            Enabled::MaskedRuntime => "masked-runtime",
            Enabled::Linked => "linked",
            Enabled::LinkedRuntime => "linked-runtime",
            Enabled::Alias => "alias",
            Enabled::Generated => "generated",
        }
    }

    /// The name of a state that was looked for: `bad` where the file cannot be found out about, and empty where there is none.
    #[must_use]
    pub fn name_of(found: &io::Result<Option<Enabled>>) -> &'static str {
        match found {
            Ok(Some(state)) => state.name(),
            Ok(None) => "",
            Err(_) => "bad",
        }
    }

    /// Whether `is-enabled` is a success.
    #[must_use]
    pub fn is_enabled(self) -> bool {
        use Enabled::{Alias, EnabledRuntime, Generated, Indirect, Static};
        matches!(self, Enabled::Enabled | EnabledRuntime | Static | Indirect | Alias | Generated)
    }
}

impl Store {
    /// Whether the unit is enabled; `None`: there is no such unit.
    ///
    /// # Errors
    /// When its file is a link that leads nowhere, or in a circle.
    pub fn enabled(&self, name: &Name) -> io::Result<Option<Enabled>> {
        let Some(path) = self.find(name) else {
            let generated = self.generated.get(name).map(|_| Enabled::Generated);
            return Ok(generated.or_else(|| self.text_without_file(name).map(|_| Enabled::Static)));
        };
        let is_runtime = path.starts_with(self.root.join(Scope::Runtime.directory()));
        let either = |state, runtime| Ok(Some(if is_runtime { runtime } else { state }));
        let file = match self.follow(&path) {
            Ok(Some(file)) if self.built_in(&path).is_none() => file,
            Ok(None) => return either(Enabled::Masked, Enabled::MaskedRuntime),
            Err(error) if self.built_in(&path).is_none() => return Err(error),
            _ => return Ok(Some(Enabled::Alias)),
        };
        if fs::metadata(&file)?.len() == 0 {
            return either(Enabled::Masked, Enabled::MaskedRuntime);
        }
        if alias(name, &path, &file) != *name {
            return Ok(Some(Enabled::Alias));
        }
        let links = DIRECTORIES.map(|directory| self.wanted_links(name, directory));
        let found =
            links.iter().position(|links| links.iter().any(|link| fs::symlink_metadata(link).is_ok()));
        let is_outside = !self.directories().iter().any(|directory| file.starts_with(directory));
        Ok(Some(match found {
            Some(at) if DIRECTORIES[at] == Scope::Runtime.directory() => Enabled::EnabledRuntime,
            Some(_) => Enabled::Enabled,
            None if is_outside => return either(Enabled::Linked, Enabled::LinkedRuntime),
            None if !links[0].is_empty() => Enabled::Disabled,
            None if self.source(name).unit.common.install.also.is_empty() => Enabled::Static,
            None => Enabled::Indirect,
        }))
    }

    /// The unit without a file that a link leads to, as `default.target` can lead to a target that is built in.
    pub(super) fn built_in(&self, link: &Path) -> Option<Name> {
        let target = fs::read_link(link).ok()?;
        let name = Name::new(target.file_name()?.to_str()?).ok()?;
        (self.find(&name).is_none() && self.text_without_file(&name).is_some()).then_some(name)
    }
}
