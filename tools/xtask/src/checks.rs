// SPDX-License-Identifier: MIT OR Apache-2.0
//! Running `tools/nix/check.sh` in the sysroot, with the results of Nix builds at hand.

use qos_host::ui::{Result, Ui};
use qos_host::{nix, root};
use std::io::{IsTerminal, Read, Write};
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};

/// The check that boots the kernel's variant rust-drivers.
pub const IN_TREE: &str = "in-tree";

/// The check that compiles xtask by the oldest compiler that a host may have, and the tree that holds this compiler.
pub const MSRV: &str = "msrv";

/// What checks need that Nix builds: where each is in the store.
pub struct Built {
    shell: PathBuf,
    variables: Vec<(String, PathBuf)>,
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
        let initramfs = nix::build(ui, "initramfs")?;
        let variables = [
            ("QOS_VMLINUX", kernel.join("vmlinux")),
            ("QOS_KERNEL", kernel),
            ("QOS_CPIO", initramfs.join("initramfs.cpio")),
            ("QOS_INITRAMFS", initramfs),
            ("QOS_QEMU_ROOT", nix::build(ui, "qemu-sysroot")?),
            ("QOS_KERNEL_HEADERS", nix::build(ui, "headers")?.join("include")),
            ("QOS_MODULES", nix::build(ui, "modules")?),
            ("QOS_USERLAND", nix::build(ui, "userland")?),
            ("QOS_BOOT_LOG", nix::build(ui, "boot-log")?),
            ("QOS_MINIMAL_IMAGE", nix::build(ui, "image-minimal")?),
            ("QOS_MINIMAL_INITRAMFS", nix::build(ui, "initramfs-minimal")?),
            ("QOS_MINIMAL_BOOT_LOG", nix::build(ui, "boot-log-minimal")?),
            // As the sysroot sees it, with the repository at /qos.
            ("QOS_DEV", "/qos/target/qos/dev".into()),
            ("QOS_IMAGE", image),
        ];
        let variables = variables.into_iter().map(|(name, path)| (name.to_owned(), path)).collect();
        Ok(Built { shell: shell.join("bin/qos-shell"), variables })
    }

    /// Builds further what [`IN_TREE`] boots.
    ///
    /// # Errors
    ///
    /// The build failed; the message is the failing builder's.
    pub fn add_rust_drivers(&mut self, ui: &Ui) -> Result<()> {
        for (variable, attribute) in [
            ("QOS_KERNEL_RUST_DRIVERS", "kernel-rust-drivers"),
            ("QOS_MODULES_RUST_DRIVERS", "modules-rust-drivers"),
        ] {
            self.variables.push((variable.to_owned(), nix::build(ui, attribute)?));
        }
        Ok(())
    }

    /// Adds the tree of the oldest compiler that xtask has to be compiled by.
    ///
    /// # Errors
    ///
    /// The tree is not in the store.
    pub fn add_msrv(&mut self, ui: &Ui) -> Result<()> {
        self.variables.push(("QOS_RUST_MSRV".to_owned(), nix::build(ui, "rust-msrv")?));
        Ok(())
    }

    /// Builds further what the check of a kernel with long-term support boots, by the kernel's name, and checks the style of its
    /// modules. The kernel's source has to be set up.
    ///
    /// # Errors
    ///
    /// The build failed; the message is the failing builder's.
    pub fn add_long_term(&mut self, ui: &Ui, name: &str) -> Result<()> {
        let attribute = |what: &str| format!("{what}-{name}");
        let variable = |what: &str| format!("QOS_{}_{what}", name.to_uppercase().replace('-', "_"));
        let kernel = nix::build(ui, &attribute("kernel"))?;
        nix::build(ui, &attribute("modules-lint"))?;
        self.variables.push((variable("VMLINUX"), kernel.join("vmlinux")));
        self.variables.push((variable("KERNEL"), kernel));
        for what in ["modules", "image", "initramfs", "boot-log"] {
            let path = nix::build(ui, &attribute(what))?;
            self.variables.push((variable(&what.to_uppercase().replace('-', "_")), path));
        }
        Ok(())
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

    /// Runs one check; what it prints on standard output and standard error goes to standard output as it comes, and is
    /// given back.
    ///
    /// # Errors
    ///
    /// The shell of the sysroot could not be started, or its output not be read.
    pub fn check_recorded(&self, name: &str, environment: &[(&str, &str)]) -> Result<(ExitStatus, Vec<u8>)> {
        // One pipe, or the order of the two would be lost.
        let mut command =
            self.command(&["bash", "-c", "exec bash tools/nix/check.sh \"$1\" 2>&1", "check", name]);
        let mut stdout = std::io::stdout();
        if stdout.is_terminal() {
            command.env("CARGO_TERM_COLOR", "always");
        }
        let failed = |error| format!("cannot run {}: {error}", self.shell.display());
        let mut child =
            command.envs(environment.iter().copied()).stdout(Stdio::piped()).spawn().map_err(failed)?;
        let mut output = Vec::new();
        if let Some(mut from) = child.stdout.take() {
            let mut buffer = [0; 8192];
            loop {
                let length = match from.read(&mut buffer) {
                    Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                    read => read.map_err(failed)?,
                };
                if length == 0 {
                    break;
                }
                output.extend_from_slice(&buffer[..length]);
                // Nobody may be looking; the results are wanted all the same.
                let _ = stdout.write_all(&buffer[..length]).and_then(|()| stdout.flush());
            }
        }
        Ok((child.wait().map_err(failed)?, output))
    }
}
