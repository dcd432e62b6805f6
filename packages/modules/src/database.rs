// SPDX-License-Identifier: MIT OR Apache-2.0
use crate::config::Config;
use crate::{Dependencies, Error, LoadError, alias, module_name};
use qos_sys::pattern;
use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The modules of one kernel: the files of depmod(8) in its directory, and the configuration. Finds modules and the steps
/// that load them as kmod's modprobe does.
pub struct Database {
    folder: PathBuf,
    config: Config,
    dependencies: Dependencies,
    /// Patterns of `modules.symbols`, `modules.alias` and `modules.builtin.modinfo`, one list a file.
    aliases: [Vec<(String, String)>; 3],
    builtin: BTreeSet<String>,
}

/// A module that a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The module.
    pub module: String,
    /// The name that was looked for, if that is an alias.
    pub alias: Option<String>,
}

/// One step on the way to a loaded module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The module.
    pub module: String,
    /// What to do.
    pub action: Action,
    /// Its parameters, blanks between them.
    pub options: String,
    /// Whether a failure is one of the whole: soft dependencies may fail.
    pub required: bool,
}

/// How a module gets loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// From its file.
    Insert(PathBuf),
    /// By a command for the shell.
    Run(String),
    /// It has no file: an alias names it, but there is no such module.
    Missing,
}

/// As `modprobe -v` prints it.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.action {
            Action::Insert(path) => write!(f, "insmod {}", path.display())?,
            Action::Run(command) => write!(f, "install {command}")?,
            Action::Missing => write!(f, "missing {}", self.module)?,
        }
        if self.options.is_empty() { Ok(()) } else { write!(f, " {}", self.options) }
    }
}

impl Database {
    /// The modules in `folder`, which is `/lib/modules/RELEASE`. Only `modules.dep` has to be there.
    ///
    /// # Errors
    /// A file cannot be read, or `modules.dep` has a mistake.
    pub fn new(folder: PathBuf, config: Config) -> Result<Self, LoadError> {
        let read = |name: &str| match fs::read(folder.join(name)) {
            Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
            Err(error) if error.kind() == io::ErrorKind::NotFound && name != "modules.dep" => {
                Ok(String::new())
            }
            Err(error) => Err(LoadError::File(folder.join(name), error)),
        };
        Self::of(&read, &folder, config)
    }

    /// The modules of the files that `read` returns.
    pub(crate) fn of(
        read: &dyn Fn(&str) -> Result<String, LoadError>,
        folder: &Path,
        config: Config,
    ) -> Result<Self, LoadError> {
        let dependencies = Dependencies::parse(&read("modules.dep")?).map_err(LoadError::Dependencies)?;
        let aliases = [
            alias::index(&read("modules.symbols")?),
            alias::index(&read("modules.alias")?),
            alias::builtin(&read("modules.builtin.modinfo")?),
        ];
        let builtin = read("modules.builtin")?;
        let builtin = builtin.lines().filter(|line| !line.trim().is_empty()).map(module_name).collect();
        Ok(Database { folder: folder.to_owned(), config, dependencies, aliases, builtin })
    }

    /// The directory of the modules.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Patterns and modules of the index files.
    pub fn aliases(&self) -> impl Iterator<Item = &(String, String)> {
        self.aliases[..2].iter().rev().flatten()
    }

    /// Whether the kernel has the module built in.
    #[must_use]
    pub fn is_builtin(&self, module: &str) -> bool {
        self.builtin.contains(module)
    }

    /// Whether the configuration forbids the module to be loaded for a device or another alias.
    #[must_use]
    pub fn is_blacklisted(&self, module: &str) -> bool {
        self.config.blacklist.iter().any(|name| name == module)
    }

    /// The modules that `name` stands for; the first of these that has any: aliases of the configuration, modules with
    /// a file, commands, aliases in the modules, built-in modules and their aliases.
    #[must_use]
    pub fn lookup(&self, name: &str) -> Vec<Found> {
        let Some(name) = alias::normalized(name) else { return Vec::new() };
        let matching = |list: &[(String, String)]| -> Vec<Found> {
            let found = list
                .iter()
                .filter(|(alias, _)| alias::may_match(alias, &name) && pattern::matches(alias, &name));
            let mut modules: Vec<Found> = Vec::new();
            for (_, module) in found {
                if modules.iter().all(|found| found.module != *module) {
                    modules.push(Found { module: module.clone(), alias: Some(name.clone()) });
                }
            }
            modules
        };
        let itself = |there: bool| -> Vec<Found> {
            if there { vec![Found { module: name.clone(), alias: None }] } else { Vec::new() }
        };
        let stages: [&dyn Fn() -> Vec<Found>; 7] = [
            &|| matching(&self.config.aliases),
            &|| itself(self.dependencies.contains(&name)),
            &|| matching(&self.aliases[0]),
            &|| {
                itself(
                    [&self.config.install, &self.config.remove]
                        .iter()
                        .any(|list| list.iter().any(|(module, _)| *module == name)),
                )
            },
            &|| matching(&self.aliases[1]),
            &|| itself(self.is_builtin(&name)),
            &|| matching(&self.aliases[2]),
        ];
        stages.iter().map(|stage| stage()).find(|found| !found.is_empty()).unwrap_or_default()
    }

    /// Names of the modules that `module` needs, in the order of loading, without itself.
    ///
    /// # Errors
    /// `modules.dep` lists a module that it does not have, or a circle.
    pub fn needs(&self, module: &str) -> Result<Vec<String>, Error> {
        if !self.dependencies.contains(module) {
            return Ok(Vec::new());
        }
        let mut names: Vec<_> = self.dependencies.order(module)?.into_iter().map(module_name).collect();
        names.pop();
        Ok(names)
    }

    /// The steps that load `found` with the parameters `extra`, with its dependencies and soft dependencies. Built-in
    /// modules need none. `ignore_commands`: a module with an `install` line is loaded from its file.
    ///
    /// # Errors
    /// As those of [`Database::needs`].
    pub fn steps(&self, found: &Found, extra: &str, ignore_commands: bool) -> Result<Vec<Step>, Error> {
        let mut plan = Plan { database: self, visited: BTreeSet::new(), order: Vec::new() };
        let mut required = self.needs(&found.module)?;
        plan.visit(&found.module, ignore_commands)?;
        required.push(found.module.clone());
        let steps = plan.order.into_iter().filter(|(module, _)| !self.is_builtin(module));
        steps
            .map(|(module, by_file)| {
                let wanted = module == found.module;
                let alias = found.alias.as_deref().filter(|_| wanted);
                let mut options = self.config.options_of(&module, alias);
                if wanted && !extra.is_empty() {
                    options += if options.is_empty() { "" } else { " " };
                    options += extra;
                }
                let required = required.contains(&module);
                let action = self.action(&module, by_file)?;
                Ok(Step { module, action, options, required })
            })
            .collect()
    }

    fn action(&self, module: &str, by_file: bool) -> Result<Action, Error> {
        if let Some(command) = self.config.install_command(module).filter(|_| !by_file) {
            return Ok(Action::Run(command.to_owned()));
        }
        if !self.dependencies.contains(module) {
            return Ok(Action::Missing);
        }
        let order = self.dependencies.order(module)?;
        Ok(order.last().map_or(Action::Missing, |path| Action::Insert(self.folder.join(path))))
    }
}

/// The order of loading, as `kmod_module_get_probe_list()` of libkmod makes it. A module may be in it twice.
struct Plan<'a> {
    database: &'a Database,
    visited: BTreeSet<String>,
    /// Modules, and whether to load them from their file whatever command they have.
    order: Vec<(String, bool)>,
}

impl Plan<'_> {
    fn visit(&mut self, module: &str, ignore_commands: bool) -> Result<(), Error> {
        if !self.visited.insert(module.to_owned()) {
            return Ok(());
        }
        for needed in self.database.needs(module)? {
            self.with_softdeps(&needed)?;
        }
        if ignore_commands {
            self.order.push((module.to_owned(), true));
            return Ok(());
        }
        self.with_softdeps(module)
    }

    fn with_softdeps(&mut self, module: &str) -> Result<(), Error> {
        let softdep = self.database.config.softdep(module).cloned().unwrap_or_default();
        self.soft(&softdep.pre)?;
        // A command is of the time before softdep: with both, the command is left out.
        let both = !(softdep.pre.is_empty() && softdep.post.is_empty());
        self.order.push((module.to_owned(), both));
        self.soft(&softdep.post)
    }

    fn soft(&mut self, names: &[String]) -> Result<(), Error> {
        for found in names.iter().flat_map(|name| self.database.lookup(name)) {
            self.visit(&found.module, false)?;
        }
        Ok(())
    }
}
