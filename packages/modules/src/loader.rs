// SPDX-License-Identifier: MIT OR Apache-2.0
use crate::Error;
use crate::config::{Config, FOLDERS};
use crate::database::{Action, Database, Found, Step};
use qos_sys::Errno;
use std::ffi::CString;
use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

/// Why a module is not loaded.
#[derive(Debug)]
pub enum LoadError {
    /// `modules.dep` does not say how.
    Dependencies(Error),
    /// No file of the modules in this directory, and no alias, has this name.
    Unknown(String, PathBuf),
    /// An alias stands for a module that does not exist.
    Missing(String),
    /// A file cannot be read, or the kernel does not take the module in it.
    File(PathBuf, io::Error),
    /// The command of an `install` or `remove` line cannot be run.
    Command(String, io::Error),
    /// It ended so.
    Status(String, ExitStatus),
    /// There is a NUL in the parameters.
    Parameters,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::Dependencies(error) => error.fmt(f),
            LoadError::Unknown(name, folder) => write!(f, "module {name} not found in {}", folder.display()),
            LoadError::Missing(name) => write!(f, "module {name}, which an alias names, does not exist"),
            LoadError::File(path, error) => write!(f, "{}: {}", path.display(), qos_sys::error_text(error)),
            LoadError::Command(command, error) => {
                write!(f, "cannot run `{command}` by /bin/sh: {}", qos_sys::error_text(error))
            }
            LoadError::Status(command, status) => write!(f, "`{command}` failed: {status}"),
            LoadError::Parameters => f.write_str("a module's parameters cannot have a NUL in them"),
        }
    }
}

impl std::error::Error for LoadError {}

impl LoadError {
    /// Whether the machine does not have what the module is for: ENODEV of its start, as of a cipher that needs instructions of
    /// another CPU.
    #[must_use]
    pub fn is_no_device(&self) -> bool {
        matches!(self, LoadError::File(_, error) if Errno::from_io_error(error) == Some(Errno::NODEV))
    }
}

/// Loads modules of one kernel by name.
pub struct Loader {
    database: Database,
}

/// The outcome for a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is loaded or built in.
    Loaded,
    /// The configuration has it on the blacklist.
    Blacklisted,
}

impl Loader {
    /// For the modules of the kernel that runs, with the system's configuration.
    ///
    /// # Errors
    /// When their `modules.dep` cannot be read.
    pub fn of_running_kernel() -> Result<Self, LoadError> {
        let folder = Path::new("/lib/modules").join(qos_sys::power::kernel_release());
        let folders: Vec<_> = FOLDERS.iter().map(PathBuf::from).collect();
        // Without /proc there is no command line to see.
        let cmdline = fs::read("/proc/cmdline").unwrap_or_default();
        let config = Config::read(&folders, &folder, &String::from_utf8_lossy(&cmdline))
            .map_err(|(path, error)| LoadError::File(path, error))?;
        Ok(Loader { database: Database::new(folder, config)? })
    }

    /// What is in a configuration file and is not understood.
    #[must_use]
    pub fn complaints(&self) -> &[String] {
        &self.database.config().complaints
    }

    /// What it finds modules in.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Loads the modules that match `name` with `parameters`, and their dependencies. A loaded module is left as
    /// it is; nothing on the blacklist is loaded. A module that fails keeps no other one from being loaded. That the machine does
    /// not have what a module is for is no failure if another one is loaded: some implementations of a cipher need a certain CPU.
    ///
    /// # Errors
    /// There is no such module, a file is missing, the kernel refuses it, or a command fails: the last failure.
    pub fn load(&self, name: &str, parameters: &str) -> Result<Outcome, LoadError> {
        let found = self.database.lookup(name);
        if found.is_empty() {
            return Err(LoadError::Unknown(name.to_owned(), self.database.folder().to_owned()));
        }
        let allowed = found.iter().filter(|found| !self.database.is_blacklisted(&found.module));
        outcome(allowed.map(|found| load(&self.database, found, parameters, false)))
    }
}

/// The outcome for a name from those of its modules.
fn outcome(results: impl Iterator<Item = Result<(), LoadError>>) -> Result<Outcome, LoadError> {
    let (mut outcome, mut no_device) = (Ok(Outcome::Blacklisted), None);
    for result in results {
        match result {
            Ok(()) => outcome = outcome.and(Ok(Outcome::Loaded)),
            Err(error) if error.is_no_device() => no_device = Some(error),
            Err(error) => outcome = Err(error),
        }
    }
    match (outcome, no_device) {
        (Ok(Outcome::Blacklisted), Some(error)) => Err(error),
        (outcome, _) => outcome,
    }
}

/// Loads `found` by the steps that the database gives.
///
/// # Errors
/// As those of [`Loader::load`].
pub fn load(
    database: &Database,
    found: &Found,
    parameters: &str,
    ignore_commands: bool,
) -> Result<(), LoadError> {
    if is_loaded(&found.module) {
        return Ok(());
    }
    let steps = database.steps(found, parameters, ignore_commands).map_err(LoadError::Dependencies)?;
    for step in steps.iter().filter(|step| !is_loaded(&step.module)) {
        match perform(step) {
            Err(error) if step.required => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Whether the kernel has loaded the module.
#[must_use]
pub fn is_loaded(module: &str) -> bool {
    Path::new("/sys/module").join(module).join("initstate").exists()
}

fn perform(step: &Step) -> Result<(), LoadError> {
    match &step.action {
        Action::Insert(path) => load_file(path, &step.options, true),
        Action::Run(command) => run(command, &step.module, &step.options),
        Action::Missing => Err(LoadError::Missing(step.module.clone())),
    }
}

/// Runs the command of an `install` or `remove` line as modprobe.d(5) defines it: by the shell, with the parameters in place
/// of `$CMDLINE_OPTS` and the module's name in `$MODPROBE_MODULE`.
///
/// # Errors
/// There is no shell, or the command fails.
pub fn run(command: &str, module: &str, options: &str) -> Result<(), LoadError> {
    let text = command.replace("$CMDLINE_OPTS", options);
    let mut shell = Command::new("/bin/sh");
    shell.arg("-c").arg(&text).env("MODPROBE_MODULE", module);
    match shell.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(LoadError::Status(text, status)),
        Err(error) => Err(LoadError::Command(text, error)),
    }
}

/// Loads the module in the file at `path`. `again`: it is no error that it is loaded already.
///
/// # Errors
/// When the file cannot be read, or the kernel refuses it.
pub fn load_file(path: &Path, parameters: &str, again: bool) -> Result<(), LoadError> {
    let parameters = CString::new(parameters).map_err(|_| LoadError::Parameters)?;
    let compressed = path.extension().is_none_or(|extension| extension != "ko");
    let loaded = File::open(path).and_then(|file| qos_sys::module::load(file, &parameters, compressed));
    match loaded {
        Err(error) if again && Errno::from_io_error(&error) == Some(Errno::EXIST) => Ok(()),
        other => other.map_err(|error| LoadError::File(path.to_owned(), error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_of_one_name() {
        const OK: Option<Errno> = None;
        const NODEV: Option<Errno> = Some(Errno::NODEV);
        const NOEXEC: Option<Errno> = Some(Errno::NOEXEC);
        for (modules, expect) in [
            (&[][..], Ok(Outcome::Blacklisted)),
            (&[OK], Ok(Outcome::Loaded)),
            (&[NODEV, OK], Ok(Outcome::Loaded)),
            (&[OK, NODEV], Ok(Outcome::Loaded)),
            (&[NODEV], Err(Errno::NODEV)),
            (&[NOEXEC, OK], Err(Errno::NOEXEC)),
            (&[OK, NOEXEC], Err(Errno::NOEXEC)),
            (&[NOEXEC, NODEV, OK], Err(Errno::NOEXEC)),
            (&[NODEV, NOEXEC], Err(Errno::NOEXEC)),
        ] {
            let failure = |errno: Errno| LoadError::File("m.ko".into(), errno.into());
            let found =
                outcome(modules.iter().map(|errno| errno.map_or(Ok(()), |errno| Err(failure(errno)))));
            let found = found.map_err(|error| match error {
                LoadError::File(_, error) => Errno::from_io_error(&error).unwrap(),
                other => panic!("{other}"),
            });
            assert_eq!(found, expect, "{modules:?}");
        }
    }
}
