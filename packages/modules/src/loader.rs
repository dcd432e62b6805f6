// SPDX-License-Identifier: MIT OR Apache-2.0
use crate::{Dependencies, Error, module_name};
use std::ffi::CString;
use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Number of EEXIST: the module is loaded already.
const EEXIST: i32 = 17;

/// Why a module is not loaded.
#[derive(Debug)]
pub enum LoadError {
    /// `modules.dep` does not say how.
    Dependencies(Error),
    /// A file cannot be read, or the kernel does not take the module in it.
    File(PathBuf, io::Error),
    /// There is a NUL in the parameters.
    Parameters,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::Dependencies(error) => error.fmt(f),
            LoadError::File(path, error) => write!(f, "{}: {}", path.display(), qos_sys::error_text(error)),
            LoadError::Parameters => f.write_str("a module's parameters cannot have a NUL in them"),
        }
    }
}

impl std::error::Error for LoadError {}

/// Loads modules of one kernel by name.
pub struct Loader {
    folder: PathBuf,
    dependencies: Dependencies,
}

impl Loader {
    /// For the modules in `folder`, which is `/lib/modules/RELEASE`.
    ///
    /// # Errors
    /// When its `modules.dep` cannot be read.
    pub fn new(folder: PathBuf) -> Result<Self, LoadError> {
        let path = folder.join("modules.dep");
        let text = fs::read_to_string(&path).map_err(|error| LoadError::File(path, error))?;
        let dependencies = Dependencies::parse(&text).map_err(LoadError::Dependencies)?;
        Ok(Loader { folder, dependencies })
    }

    /// For the modules of the kernel that runs.
    ///
    /// # Errors
    /// When their `modules.dep` cannot be read.
    pub fn of_running_kernel() -> Result<Self, LoadError> {
        Self::new(Path::new("/lib/modules").join(qos_sys::power::kernel_release()))
    }

    /// Loads module `name` with `parameters`, and before it what it needs. What is loaded already is left as it is.
    ///
    /// # Errors
    /// When a file is missing or the kernel refuses it.
    pub fn load(&self, name: &str, parameters: &str) -> Result<(), LoadError> {
        let order = self.dependencies.order(name).map_err(LoadError::Dependencies)?;
        let wanted = module_name(name);
        for path in order {
            let parameters = if module_name(path) == wanted { parameters } else { "" };
            load_file(&self.folder.join(path), parameters, true)?;
        }
        Ok(())
    }

    /// Paths of the modules that [`Loader::load`] would load, in order.
    ///
    /// # Errors
    /// When one is not listed.
    pub fn paths(&self, name: &str) -> Result<Vec<PathBuf>, LoadError> {
        let order = self.dependencies.order(name).map_err(LoadError::Dependencies)?;
        Ok(order.into_iter().map(|path| self.folder.join(path)).collect())
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
        Err(error) if again && error.raw_os_error() == Some(EEXIST) => Ok(()),
        other => other.map_err(|error| LoadError::File(path.to_owned(), error)),
    }
}
