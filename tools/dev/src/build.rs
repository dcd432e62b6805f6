// SPDX-License-Identifier: MIT OR Apache-2.0
//! Paths of the loop, and its builds in the sysroot.

use qos_host::nix;
use qos_host::ui::{Result, Ui};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Directories that a round reads and writes.
pub struct Places {
    root: PathBuf,
    /// What the loop makes: target/qos/dev.
    pub dev: PathBuf,
    shell: PathBuf,
    /// The host's tools, which Nix has built.
    tools: PathBuf,
    /// The sysroot with QEMU.
    pub qemu: PathBuf,
    kernel: Kernel,
}

/// The kernel that is booted, and that modules are built against.
enum Kernel {
    /// The flake's: its outputs `out` and `dev`, and its source.
    Pinned { out: PathBuf, dev: PathBuf, source: PathBuf },
    /// One from a tree of the user's own, built in target/qos/dev/kernel.
    Own { tree: PathBuf },
}

impl Places {
    /// Lets Nix build what the loop does not: tools, shell, and, unless the user has a kernel tree, the kernel.
    ///
    /// # Errors
    ///
    /// A build fails.
    pub fn new(ui: &Ui, root: &Path, tree: Option<&Path>) -> Result<Places> {
        let dev = qos_host::root::scratch(root).join("dev");
        std::fs::create_dir_all(&dev).map_err(|error| format!("cannot make {}: {error}", dev.display()))?;
        let kernel = match tree {
            Some(tree) => Kernel::Own { tree: tree.to_owned() },
            None => Kernel::Pinned {
                out: nix::build_in(root, ui, "linux")?,
                dev: nix::build_output(root, ui, "linux.dev", "dev")?,
                source: nix::build_in(root, ui, "linux-source")?,
            },
        };
        Ok(Places {
            root: root.to_owned(),
            shell: nix::build_in(root, ui, "shell")?.join("bin/qos-shell"),
            tools: nix::build_in(root, ui, "tools")?.join("bin"),
            qemu: nix::build_in(root, ui, "qemu-sysroot")?,
            dev,
            kernel,
        })
    }

    /// The work tree.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The program that runs a command in the sysroot.
    pub fn shell(&self) -> &Path {
        &self.shell
    }

    /// A tool.
    pub fn tool(&self, name: &str) -> Command {
        Command::new(self.tools.join(name))
    }

    /// `tools/nix/dev.sh WHAT` in the sysroot.
    pub fn script(&self, what: &str) -> Command {
        let mut command = Command::new(&self.shell);
        command.args(["bash", "tools/nix/dev.sh", what]).current_dir(&self.root);
        let binds = match &self.kernel {
            Kernel::Pinned { dev, source, .. } => {
                command.env("QOS_KDEV", "/src/kdev");
                format!("ro:{}:/src/linux\nro:{}:/src/kdev", source.display(), dev.display())
            }
            Kernel::Own { tree } => format!("ro:{}:/src/linux", tree.display()),
        };
        command.env("QOS_BINDS", binds);
        command
    }

    /// The kernel as ELF, which starts without a decompressor.
    pub fn vmlinux(&self) -> PathBuf {
        match &self.kernel {
            Kernel::Pinned { out, .. } => out.join("vmlinux"),
            Kernel::Own { .. } => self.dev.join("kernel/vmlinux"),
        }
    }

    /// The kernel's release, which modules have to fit.
    ///
    /// # Errors
    ///
    /// There is no kernel.
    pub fn release(&self) -> Result<String> {
        let path = match &self.kernel {
            Kernel::Pinned { out, .. } => out.join("kernel.release"),
            Kernel::Own { .. } => self.dev.join("kernel/include/config/kernel.release"),
        };
        let text = std::fs::read_to_string(&path);
        let text = text.map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        Ok(text.trim().to_owned())
    }

    /// The directory that has the kernel's `modules.builtin`.
    ///
    /// # Errors
    ///
    /// The kernel is not built yet.
    pub fn kernel_modules(&self) -> Result<PathBuf> {
        Ok(match &self.kernel {
            Kernel::Pinned { out, .. } => out.join("lib/modules").join(self.release()?),
            Kernel::Own { .. } => self.dev.join("kernel"),
        })
    }

    /// The file of the kernel's own module KUnit.
    ///
    /// # Errors
    ///
    /// The kernel has none.
    pub fn kunit(&self) -> Result<PathBuf> {
        let path = match &self.kernel {
            Kernel::Pinned { out, .. } => {
                out.join("lib/modules").join(self.release()?).join("kernel/lib/kunit/kunit.ko")
            }
            Kernel::Own { .. } => self.dev.join("kernel/lib/kunit/kunit.ko"),
        };
        if path.is_file() {
            return Ok(path);
        }
        Err(format!("the kernel has no {}: is CONFIG_KUNIT=m in its configuration?", path.display()).into())
    }
}
