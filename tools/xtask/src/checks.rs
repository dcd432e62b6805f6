// SPDX-License-Identifier: MIT OR Apache-2.0
//! Running `tools/nix/check.sh` in the sysroot, with the results of Nix builds at hand.

use crate::ui::{Result, Ui};
use crate::{nix, root};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

/// What checks need that Nix builds: where each is in the store.
pub struct Built {
    shell: PathBuf,
    boot_log: PathBuf,
    variables: Vec<(&'static str, PathBuf)>,
}

impl Built {
    /// Builds it.
    ///
    /// # Errors
    ///
    /// The build failed; the message is the failing builder's.
    pub fn new(ui: &Ui) -> Result<Built> {
        let shell = nix::build(ui, "shell")?;
        let image = nix::build(ui, "image")?;
        let kernel = nix::build(ui, "kernel")?;
        let boot_log = nix::build(ui, "boot-log")?;
        let initramfs = nix::build(ui, "initramfs")?;
        let variables = vec![
            ("QOS_VMLINUX", kernel.join("vmlinux")),
            ("QOS_KERNEL", kernel),
            ("QOS_CPIO", initramfs.join("initramfs.cpio")),
            ("QOS_INITRAMFS", initramfs),
            ("QOS_QEMU_ROOT", nix::build(ui, "qemu-sysroot")?),
            ("QOS_KERNEL_HEADERS", nix::build(ui, "headers")?.join("include")),
            ("QOS_MODULES", nix::build(ui, "modules")?),
            ("QOS_USERLAND", nix::build(ui, "userland")?),
            ("QOS_BOOT_LOG", boot_log.clone()),
            ("QOS_IMAGE", image),
        ];
        Ok(Built { shell: shell.join("bin/qos-shell"), boot_log, variables })
    }

    /// The folder of the golden boot's logs.
    pub fn boot_log(&self) -> &Path {
        &self.boot_log
    }

    /// A command inside the sysroot, in the repository, with the results' paths in its environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.shell);
        command.args(arguments).current_dir(root::root());
        command.envs(self.variables.iter().map(|(name, path)| (name, path)));
        command
    }

    /// Runs one check; what it prints goes to the terminal.
    ///
    /// # Errors
    ///
    /// The shell of the sysroot could not be started.
    pub fn check(&self, name: &str, environment: &[(&str, &str)]) -> Result<ExitStatus> {
        self.command(&["bash", "tools/nix/check.sh", name])
            .envs(environment.iter().copied())
            .status()
            .map_err(|error| format!("cannot run {}: {error}", self.shell.display()).into())
    }
}
