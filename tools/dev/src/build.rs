// SPDX-License-Identifier: MIT OR Apache-2.0
//! Paths of the loop, and its builds in the sysroot.

use super::merged::Merged;
use super::target::Target;
use qos_host::nix;
use qos_host::ui::{Result, Ui};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Directories that a round reads and writes.
pub struct Places {
    /// The sources that are built.
    root: PathBuf,
    /// Those of the system's own repository in which the loop runs, if it runs in one.
    merged: Option<Merged>,
    /// The work tree.
    work_tree: PathBuf,
    /// The image, and the kernel that it is for.
    pub target: Target,
    /// What the loop makes of the image: target/qos/dev for the default one.
    pub dev: PathBuf,
    /// What the loop makes of the kernel, its modules among it: target/qos/dev for the default one.
    kernel_folder: PathBuf,
    /// The calls of cargo that build the image's programs, as tools/nix/dev.sh takes them.
    programs: String,
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
    /// One from a tree of the user's own, built in `kernel` of the kernel's directory.
    Own { tree: PathBuf },
}

impl Places {
    /// Lets Nix build what the loop does not: tools, shell, and, unless the user has a kernel tree, the kernel. The trees of the
    /// toolchain that only this kernel needs have to be set up.
    ///
    /// # Errors
    ///
    /// A build fails.
    pub fn new(ui: &Ui, root: &Path, target: Target, tree: Option<&Path>) -> Result<Places> {
        let merged = Merged::of(root);
        let sources = merged.as_ref().map_or(root, Merged::tree);
        let scratch = qos_host::root::scratch(sources);
        let dev = scratch.join(target.folder());
        let kernel_folder = scratch.join(target.kernel_folder());
        for folder in [&dev, &kernel_folder] {
            std::fs::create_dir_all(folder)
                .map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
        }
        let kernel = match tree {
            Some(tree) => Kernel::Own { tree: tree.to_owned() },
            None => {
                let built = target.kernel.attribute("linux");
                Kernel::Pinned {
                    out: nix::build_in(root, ui, &built)?,
                    dev: nix::build_output(root, ui, &format!("{built}.dev"), "dev")?,
                    source: nix::build_in(root, ui, &target.kernel.attribute("linux-source"))?,
                }
            }
        };
        Ok(Places {
            root: sources.to_owned(),
            work_tree: root.to_owned(),
            programs: nix::eval(root, &format!("lib.loop-programs.{}", target.image.programs))?,
            shell: nix::build_in(root, ui, "shell")?.join("bin/qos-shell"),
            tools: nix::build_in(root, ui, "tools")?.join("bin"),
            qemu: nix::build_in(root, ui, "qemu-sysroot")?,
            target,
            dev,
            kernel_folder,
            kernel,
            merged,
        })
    }

    /// The sources that are built: the work tree or, in a system's own repository, a directory into which [`Self::update`] puts them.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The work tree.
    pub fn work_tree(&self) -> &Path {
        &self.work_tree
    }

    /// Brings the sources up to date with the work tree, if they are not the same.
    ///
    /// # Errors
    ///
    /// A file cannot be read or written.
    pub fn update(&self) -> Result<()> {
        let Some(merged) = &self.merged else { return Ok(()) };
        merged
            .update()
            .map_err(|error| format!("cannot bring {} up to date: {error}", merged.tree().display()).into())
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
    ///
    /// # Errors
    ///
    /// The release of the kernel that Nix built cannot be read.
    pub fn script(&self, what: &str) -> Result<Command> {
        let mut command = Command::new(&self.shell);
        command.args(["bash", "tools/nix/dev.sh", what]).current_dir(&self.root);
        let (binds, built, release) = match &self.kernel {
            Kernel::Pinned { dev, source, .. } => (
                format!("ro:{}:/src/linux\nro:{}:/src/kdev", source.display(), dev.display()),
                dev.display().to_string(),
                Some(self.release()?),
            ),
            Kernel::Own { tree } => (format!("ro:{}:/src/linux", tree.display()), String::new(), None),
        };
        let files = self.target.files();
        let below = |folder: &Path| folder.strip_prefix(&self.root).unwrap_or(folder).to_owned();
        command
            .env("QOS_BINDS", binds)
            .env("QOS_LOOP_BUILT", built)
            .env("QOS_LOOP_IMAGE", below(&self.dev))
            .env("QOS_LOOP_KERNEL", below(&self.kernel_folder))
            .env("QOS_LOOP_PROGRAMS", self.programs.trim_end())
            .env("QOS_LOOP_CONFIG", &files.config)
            .env("QOS_LOOP_LTS", files.lts.unwrap_or_default())
            .env("QOS_LOOP_SERIES", self.target.series(release.as_deref()).unwrap_or_default());
        Ok(command)
    }

    /// The kernel as ELF, which starts without a decompressor.
    pub fn vmlinux(&self) -> PathBuf {
        match &self.kernel {
            Kernel::Pinned { out, .. } => out.join("vmlinux"),
            Kernel::Own { .. } => self.kernel_folder.join("kernel/vmlinux"),
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
            Kernel::Own { .. } => self.kernel_folder.join("kernel/include/config/kernel.release"),
        };
        let text = std::fs::read_to_string(&path);
        let text = text.map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        Ok(text.trim().to_owned())
    }

    /// The modules of this repository, with the layout of the derivation.
    pub fn modules(&self) -> PathBuf {
        self.kernel_folder.join("modules")
    }

    /// The directory that has the kernel's `modules.builtin`.
    ///
    /// # Errors
    ///
    /// The kernel is not built yet.
    pub fn kernel_modules(&self) -> Result<PathBuf> {
        Ok(match &self.kernel {
            Kernel::Pinned { out, .. } => out.join("lib/modules").join(self.release()?),
            Kernel::Own { .. } => self.kernel_folder.join("kernel"),
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
            Kernel::Own { .. } => self.kernel_folder.join("kernel/lib/kunit/kunit.ko"),
        };
        if path.is_file() {
            return Ok(path);
        }
        Err(format!("the kernel has no {}: is CONFIG_KUNIT=m in its configuration?", path.display()).into())
    }
}
