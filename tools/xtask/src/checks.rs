// SPDX-License-Identifier: MIT OR Apache-2.0
//! Runs `tools/nix/check.sh` in the sysroot, with the results of Nix builds, and the scripts that are checks on the host.

use qos_host::table::table;
use qos_host::ui::{Result, Ui};
use qos_host::{nix, root};
use qos_table::{Check, DEBIAN_BOOT, Image};
use std::io::{IsTerminal, Read, Write};
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};

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
            ("QOS_SERVER_IMAGE", nix::build(ui, "image-server")?),
            ("QOS_SERVER_INITRAMFS", nix::build(ui, "initramfs-server")?),
            ("QOS_SERVER_BOOT_LOG", nix::build(ui, "boot-log-server")?),
            // As the sysroot sees it, with the repository at /qos.
            ("QOS_DEV", "/qos/target/qos/dev".into()),
            ("QOS_MINIMAL_DEV", "/qos/target/qos/dev-minimal".into()),
            ("QOS_SERVER_DEV", "/qos/target/qos/dev-server".into()),
            ("QOS_IMAGE", image),
        ];
        let variables = variables.into_iter().map(|(name, path)| (name.to_owned(), path)).collect();
        Ok(Built { shell: shell.join("bin/qos-shell"), variables })
    }

    /// Builds further what only this check needs: a variant of the kernel, the disks, an image on another kernel with the check of its
    /// modules' style, Debian's kernel with initramfs images, a tree of the toolchain. Trees have to be set up.
    ///
    /// # Errors
    ///
    /// The build failed; the message is the failing builder's.
    pub fn add(&mut self, ui: &Ui, check: &Check) -> Result<()> {
        let upper = |name: &str| name.to_uppercase().replace('-', "_");
        let table = table()?;
        if let Some(kernel) = check.kernel.as_deref().and_then(|name| table.find_kernel(name)) {
            for what in ["kernel", "modules"] {
                let path = nix::build(ui, &kernel.attribute(what))?;
                self.variables.push((format!("QOS_{}_{}", upper(what), upper(&kernel.name)), path));
            }
        }
        if check.needs_disks {
            for (name, attribute) in [("QOS_QEMU", "qemu"), ("QOS_DEV_TOOLS", "dev-tools")] {
                self.variables.push((name.to_owned(), nix::build(ui, attribute)?));
            }
        }
        for disk in table.disks_of_check(check) {
            let golden = disk.script.as_ref().map(|_| ("QOS_BOOT_LOG", "boot-log"));
            for (prefix, kind) in [("QOS", "image"), ("QOS_QEMU", "qemu")].into_iter().chain(golden) {
                let path = nix::build(ui, &disk.attribute(kind))?;
                self.variables.push((format!("{prefix}_{}", upper(&disk.name)), path));
            }
        }
        if let Some(image) = check.image.as_deref().and_then(|name| table.find_image(name)) {
            self.add_image(ui, &format!("QOS_{}", upper(&check.run)), image)?;
        }
        if check.needs_debian_boot {
            self.variables.push(("QOS_DEBIAN_BOOT".to_owned(), nix::build(ui, DEBIAN_BOOT)?));
        }
        if let Some(tree) = &check.tree {
            let path = nix::build(ui, &format!("tree-{tree}"))?;
            self.variables.push((format!("QOS_TREE_{}", upper(tree)), path));
        }
        Ok(())
    }

    /// Builds an image on another kernel, for the variables with this prefix in place of those that were there.
    fn add_image(&mut self, ui: &Ui, prefix: &str, image: &Image) -> Result<()> {
        let Some(kernel) = table()?.find_kernel(&image.kernel) else { return Ok(()) };
        self.variables.retain(|(name, _)| !name.starts_with(prefix));
        nix::build(ui, &kernel.attribute("modules-lint"))?;
        let built = nix::build(ui, &kernel.attribute("kernel"))?;
        let mut add = |name: &str, path| self.variables.push((format!("{prefix}{name}"), path));
        add("", PathBuf::from(&image.name));
        add("_VMLINUX", built.join("vmlinux"));
        add("_KERNEL", built);
        add("_MODULES", nix::build(ui, &kernel.attribute("modules"))?);
        add("_IMAGE", nix::build(ui, &image.attribute("image"))?);
        add("_INITRAMFS", nix::build(ui, &image.attribute("initramfs"))?);
        add("_BOOT_LOG", nix::build(ui, &image.attribute("boot-log"))?);
        Ok(())
    }

    /// A command inside the sysroot, in the repository, with the results' paths in its environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.shell);
        command.args(arguments).current_dir(root::root());
        command.envs(self.variables.iter().map(|(name, path)| (name, path)));
        command
    }

    /// Runs one check with its output on the terminal.
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

    /// Runs one check; copies its standard output and standard error to standard output at once, and
    /// returns them.
    ///
    /// # Errors
    ///
    /// The shell of the sysroot, or of the host, could not be started, or its output not be read.
    pub fn check_recorded(
        &self,
        check: &Check,
        environment: &[(&str, &str)],
    ) -> Result<(ExitStatus, Vec<u8>)> {
        // One pipe, or the order of the two would be lost.
        const MERGED: &str = "exec bash \"$@\" 2>&1";
        let mut command = match &check.script {
            Some(script) => {
                let mut command = Command::new("bash");
                command.args(["-c", MERGED, "check", script]).current_dir(root::root());
                command
            }
            None => self.command(&["bash", "-c", MERGED, "check", "tools/nix/check.sh", &check.run]),
        };
        recorded(command.envs(environment.iter().copied()))
    }
}

/// Runs a command whose output is one pipe; copies the output to standard output at once, and returns it.
fn recorded(command: &mut Command) -> Result<(ExitStatus, Vec<u8>)> {
    let mut stdout = std::io::stdout();
    if stdout.is_terminal() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    let name = command.get_program().to_string_lossy().into_owned();
    let failed = |error| format!("cannot run {name}: {error}");
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(failed)?;
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
