// SPDX-License-Identifier: MIT OR Apache-2.0
//! Finds the program of QEMU and makes its command.

use crate::error::{Error, Result};
use std::env;
use std::ffi::OsString;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Variable that names QEMU's sysroot when no option does.
pub const ROOT_VARIABLE: &str = "QOS_QEMU_ROOT";

const NAME: &str = "qemu-system-x86_64";
const LIBRARIES: &str = "usr/lib/x86_64-linux-gnu";

/// A program with its leading arguments and environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The file that is executed.
    pub path: PathBuf,
    /// Arguments that come before all others.
    pub arguments: Vec<OsString>,
    /// Variables set for it.
    pub environment: Vec<(String, OsString)>,
    /// The QEMU binary itself, which identifies it in messages and in the cache of facts about the host.
    pub binary: PathBuf,
    /// It was built with seccomp, so that it takes `-sandbox`.
    pub can_sandbox: bool,
}

impl Program {
    /// QEMU of a sysroot (a Debian tree), which runs on any host: through the tree's own dynamic loader, with its own
    /// libraries, modules and firmware.
    ///
    /// # Errors
    /// When `root` has none.
    pub fn in_sysroot(root: &Path) -> Result<Self> {
        let binary = root.join("usr/bin").join(NAME);
        let loader = root.join("usr/lib64/ld-linux-x86-64.so.2");
        for file in [&binary, &loader] {
            if !file.is_file() {
                let root = root.display();
                let file = file.display();
                return Err(Error::new(format!(
                    "{root} is not a QEMU sysroot: it has no {file}; run `cargo xtask setup`, or leave --qemu-root and {ROOT_VARIABLE} away to use the {NAME} on PATH"
                )));
            }
        }
        let libraries = root.join(LIBRARIES);
        let mut arguments: Vec<OsString> = vec!["--library-path".into(), libraries.clone().into()];
        arguments.push(binary.clone().into());
        for firmware in ["usr/share/qemu", "usr/share/seabios"] {
            arguments.extend(["-L".into(), root.join(firmware).into_os_string()]);
        }
        let environment = vec![("QEMU_MODULE_DIR".to_owned(), libraries.join("qemu").into_os_string())];
        let can_sandbox = has_seccomp(&binary);
        Ok(Self { path: loader, arguments, environment, binary, can_sandbox })
    }

    /// QEMU from `path`, a value of `PATH`.
    ///
    /// # Errors
    /// When none of its directories has an executable of that name.
    pub fn on_path(path: Option<OsString>) -> Result<Self> {
        let path = path.unwrap_or_default();
        let found = env::split_paths(&path).map(|folder| folder.join(NAME)).find(|file| is_executable(file));
        match found {
            Some(binary) => Ok(Self {
                path: binary.clone(),
                arguments: Vec::new(),
                environment: Vec::new(),
                can_sandbox: has_seccomp(&binary),
                binary,
            }),
            None => Err(Error::new(format!(
                "{NAME} is not on PATH and no sysroot is given: run through `cargo xtask qemu`, which brings its own, or set {ROOT_VARIABLE}"
            ))),
        }
    }

    /// The sysroot's QEMU when one is named, else the one on `PATH`.
    ///
    /// # Errors
    /// When the expected path has none.
    pub fn find(root: Option<&Path>) -> Result<Self> {
        match root {
            Some(root) => Self::in_sysroot(root),
            None => Self::on_path(env::var_os("PATH")),
        }
    }
}

/// Whether QEMU was built with seccomp: it is then linked with libseccomp. One without it takes no option `-sandbox`.
fn has_seccomp(binary: &Path) -> bool {
    const LIBRARY: &[u8] = b"libseccomp.so";
    // The dynamic section's strings come early in the file, and QEMU's has 30 MB.
    let read = std::fs::File::open(binary).and_then(|file| {
        let mut start = Vec::new();
        file.take(4 << 20).read_to_end(&mut start)?;
        Ok(start)
    });
    read.is_ok_and(|start| start.windows(LIBRARY.len()).any(|part| part == LIBRARY))
}

fn is_executable(file: &Path) -> bool {
    file.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}
