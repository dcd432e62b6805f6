// SPDX-License-Identifier: MIT OR Apache-2.0
//! The steps that a change requires. Pure: paths in, steps out.

use super::target::KernelFiles;
use std::path::{Path, PathBuf};

/// Steps of a round that are to be done; booting follows whatever was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Steps {
    /// The kernel of `--kernel`.
    pub kernel: bool,
    /// Out-of-tree modules of qos.
    pub modules: bool,
    /// The guest's programs.
    pub programs: bool,
    /// The initramfs.
    pub pack: bool,
    /// The boot.
    pub boot: bool,
}

impl Steps {
    /// All there is.
    pub fn everything(with_kernel: bool) -> Self {
        Steps { kernel: with_kernel, modules: true, programs: true, pack: true, boot: true }
    }

    fn kernel() -> Self {
        Steps { kernel: true, ..Self::modules() }
    }

    fn modules() -> Self {
        Steps { modules: true, ..Self::pack() }
    }

    fn programs() -> Self {
        Steps { programs: true, ..Self::pack() }
    }

    fn pack() -> Self {
        Steps { pack: true, ..Self::boot() }
    }

    fn boot() -> Self {
        Steps { boot: true, ..Self::default() }
    }

    /// These too.
    pub fn add(&mut self, other: Steps) {
        self.kernel |= other.kernel;
        self.modules |= other.modules;
        self.programs |= other.programs;
        self.pack |= other.pack;
        self.boot |= other.boot;
    }

    /// Whether there is anything to do.
    pub fn any(self) -> bool {
        self != Self::default()
    }
}

/// What a changed file means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing that a guest would see.
    Nothing,
    /// These steps.
    Steps(Steps),
    /// Something that the loop does not build; and who does.
    Elsewhere(&'static str),
}

/// Where things are.
pub struct Roots {
    /// The repository.
    pub repository: PathBuf,
    /// The files in the repository that belong to the kernel.
    pub files: KernelFiles,
    /// The kernel's source tree, with `--kernel`.
    pub kernel: Option<PathBuf>,
    /// The script, with `--script`.
    pub script: Option<PathBuf>,
}

impl Roots {
    /// The directories to watch with all that is below them, and single files.
    pub fn watched(&self) -> Vec<PathBuf> {
        let own = ["packages", "kernel", "rootfs", "Cargo.toml", "Cargo.lock", ".cargo/config.toml"];
        let own = own.iter().map(|name| self.repository.join(name));
        own.chain(self.kernel.iter().cloned()).chain(self.script.iter().cloned()).collect()
    }

    /// Whether a file's mode counts as well as its content: the overlay's files keep whether they are executable.
    pub fn modes_count(&self, path: &Path) -> bool {
        path.starts_with(self.repository.join("rootfs"))
    }

    /// A path as users write it.
    pub fn short(&self, path: &Path) -> String {
        path.strip_prefix(&self.repository).unwrap_or(path).display().to_string()
    }
}

/// What a change of `path` means. A directory stands for all that may be in it.
pub fn plan(roots: &Roots, path: &Path) -> Change {
    if is_editors(path) {
        return Change::Nothing;
    }
    if roots.script.as_deref() == Some(path) {
        return Change::Steps(Steps::boot());
    }
    // The tree may be inside the repository, as target/linux.
    if let Some(below) = roots.kernel.as_ref().and_then(|tree| path.strip_prefix(tree).ok()) {
        return in_kernel(below);
    }
    path.strip_prefix(&roots.repository).map_or(Change::Nothing, |below| in_repository(below, roots))
}

/// A file of the kernel's source.
fn in_kernel(below: &Path) -> Change {
    let first = below.components().next().and_then(|first| first.as_os_str().to_str()).unwrap_or_default();
    match first {
        ".git" | "Documentation" | "LICENSES" | "MAINTAINERS" | "CREDITS" | "COPYING" => Change::Nothing,
        _ => Change::Steps(Steps::kernel()),
    }
}

fn in_repository(below: &Path, roots: &Roots) -> Change {
    let words: Vec<&str> = below.iter().filter_map(|word| word.to_str()).collect();
    let is_text = below.extension().is_some_and(|ending| ending == "md");
    match words.as_slice() {
        // Literal files of the image, whatever they are called.
        ["rootfs", "overlay", ..] => Change::Steps(Steps::pack()),
        _ if is_text => Change::Nothing,
        // Expressions of Nix, and scripts of golden boots, are not in an image.
        ["rootfs", name] if name.ends_with(".nix") || name.ends_with(".sh") => Change::Nothing,
        ["packages", "default.nix"] | ["rootfs", "disks", ..] => Change::Nothing,
        ["rootfs", ..] => Change::Steps(Steps::pack()),
        // A template is copied, bad guests and tests run on the host.
        ["packages", "template" | "bad-guests", ..] | ["packages", _, "tests", ..] => Change::Nothing,
        ["packages", ..] => Change::Steps(Steps::programs()),
        ["Cargo.toml" | "Cargo.lock"] | [".cargo", "config.toml"] => Change::Steps(Steps::programs()),
        ["kernel", rest @ ..] => in_kernel_files(below, rest, roots),
        _ => Change::Nothing,
    }
}

/// A file of the repository's directory `kernel`; `rest` are the parts of its path after that.
fn in_kernel_files(below: &Path, rest: &[&str], roots: &Roots) -> Change {
    const BUILT: &str =
        "the loop boots the kernel that Nix built; start the loop again to rebuild it, or use --kernel";
    const RESOLVED: &str =
        "the kernel is built from its resolved configuration; run cargo xtask bless to update that";
    let files = &roots.files;
    let own_kernel = roots.kernel.is_some();
    let lts = files.lts.as_deref();
    let in_lts = lts.and_then(|lts| below.strip_prefix(lts).ok());
    match rest {
        ["modules", "rustfmt.toml"] => Change::Nothing,
        ["build.sh"] | [] if own_kernel => Change::Steps(Steps::kernel()),
        _ if below == files.config && own_kernel => Change::Steps(Steps::kernel()),
        [] | ["modules", ..] => Change::Steps(Steps::modules()),
        // Directories that contain the LTS kernel's modules, and the modules.
        ["lts", ..] if lts.is_some_and(|lts| lts.starts_with(below)) => Change::Steps(Steps::modules()),
        ["lts", ..] if in_lts.is_some_and(|file| file.starts_with("modules")) => {
            Change::Steps(Steps::modules())
        }
        ["build.sh"] | ["patches", ..] => Change::Elsewhere(BUILT),
        _ if below == files.config || in_lts.is_some_and(|file| file.starts_with("patches")) => {
            Change::Elsewhere(BUILT)
        }
        ["resolved.config"] => Change::Nothing,
        [name] if name.ends_with(".config") => Change::Elsewhere(RESOLVED),
        _ if files.fragments.iter().any(|file| file == below) => Change::Elsewhere(RESOLVED),
        _ => Change::Nothing,
    }
}

/// Files that editors keep for themselves beside the one that is edited: vim's swap files, backups and its probe 4913,
/// Lock files and autosaves of emacs, and files that are written first and then renamed.
fn is_editors(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let swap = name.starts_with('.')
        && [".swp", ".swo", ".swx", ".swpx", ".kate-swp"].iter().any(|end| name.ends_with(end));
    swap || name.ends_with('~')
        || name.ends_with("___jb_tmp___")
        || name == "4913"
        || name.starts_with(".#")
        || name.starts_with(".new-")
        || (name.starts_with('#') && name.ends_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::Target;
    use qos_host::table::table;

    const NOTHING: &str = "";

    fn check(path: &str, kernel: Option<&str>, expect: &str) {
        check_on("default", path, kernel, expect);
    }

    /// `on` is a kernel of qos.toml. `expect` names the steps in their order; `-` is "elsewhere".
    fn check_on(on: &str, path: &str, kernel: Option<&str>, expect: &str) {
        let roots = Roots {
            repository: "/r".into(),
            files: Target::of(table().unwrap(), "default", Some(on)).unwrap().files(),
            kernel: kernel.map(PathBuf::from),
            script: Some("/elsewhere/s.sh".into()),
        };
        let got = match plan(&roots, Path::new(path)) {
            Change::Nothing => String::new(),
            Change::Elsewhere(_) => "-".into(),
            Change::Steps(steps) => [
                (steps.kernel, "kernel "),
                (steps.modules, "modules "),
                (steps.programs, "programs "),
                (steps.pack, "pack "),
                (steps.boot, "boot "),
            ]
            .iter()
            .filter(|(is, _)| *is)
            .map(|(_, name)| *name)
            .collect(),
        };
        assert_eq!(got.trim_end(), expect, "{path} on {on}");
    }

    const PROGRAMS: &str = "programs pack boot";
    const MODULES: &str = "modules pack boot";
    const KERNEL: &str = "kernel modules pack boot";
    const PACK: &str = "pack boot";

    #[test]
    fn in_the_repository() {
        for (path, expect) in [
            ("/r/packages/util/src/uptime.rs", PROGRAMS),
            ("/r/packages/util/src", PROGRAMS),
            ("/r/packages/util/Cargo.toml", PROGRAMS),
            ("/r/packages/uapi/src/bindings.rs", PROGRAMS),
            ("/r/packages/hello", PROGRAMS),
            ("/r/Cargo.toml", PROGRAMS),
            ("/r/Cargo.lock", PROGRAMS),
            ("/r/.cargo/config.toml", PROGRAMS),
            ("/r/packages/shell/tests/posix.rs", NOTHING),
            ("/r/packages/template/src/lib.rs", NOTHING),
            ("/r/packages/bad-guests/guests/exits.c", NOTHING),
            ("/r/packages/default.nix", NOTHING),
            ("/r/packages/x/README.md", NOTHING),
            ("/r/kernel/modules/qos_exit/port.rs", MODULES),
            ("/r/kernel/modules/template/template_test.ktap", MODULES),
            ("/r/kernel/modules/new/Kbuild", MODULES),
            ("/r/kernel/modules/build.sh", MODULES),
            ("/r/kernel/modules/README.md", NOTHING),
            ("/r/kernel/modules/rustfmt.toml", NOTHING),
            ("/r/kernel/resolved.config", "-"),
            ("/r/kernel/patches/a.patch", "-"),
            ("/r/kernel/virt.config", "-"),
            ("/r/kernel/objects", NOTHING),
            ("/r/rootfs/default.toml", PACK),
            ("/r/rootfs/overlay/etc/profile", PACK),
            ("/r/rootfs/overlay/root/.profile", PACK),
            ("/r/rootfs/overlay/srv/README.md", PACK),
            ("/r/rootfs/overlay", PACK),
            ("/r/rootfs/README.md", NOTHING),
            ("/r/rootfs/golden.sh", NOTHING),
            ("/r/rootfs/server.sh", NOTHING),
            ("/r/rootfs/sbom.nix", NOTHING),
            ("/r/rootfs/server/etc/hosts", PACK),
            ("/r/rootfs/disks/disk.toml", NOTHING),
            ("/r/README.md", NOTHING),
            ("/r/tools/vm/src/run.rs", NOTHING),
            ("/elsewhere/s.sh", "boot"),
            ("/elsewhere/t.sh", NOTHING),
        ] {
            check(path, None, expect);
        }
    }

    #[test]
    fn in_a_kernel_tree() {
        for (path, expect) in [
            ("/k/init/main.c", KERNEL),
            ("/k/rust/kernel/pci.rs", KERNEL),
            ("/k/include/linux/fs.h", KERNEL),
            ("/k/Makefile", KERNEL),
            ("/k/Documentation/x.rst", NOTHING),
            ("/k/.git/index", NOTHING),
            ("/r/kernel/resolved.config", KERNEL),
            ("/r/kernel/build.sh", KERNEL),
            ("/r/kernel/patches/a.patch", "-"),
            ("/r/packages/util/src/uptime.rs", PROGRAMS),
        ] {
            check(path, Some("/k"), expect);
        }
        check("/r/target/linux/init/main.c", Some("/r/target/linux"), KERNEL);
        check("/r/target/linux/init/main.c", None, NOTHING);
    }

    #[test]
    fn of_other_kernels() {
        for (on, path, expect) in [
            ("default", "/r/kernel/variants/disk.config", NOTHING),
            ("default", "/r/kernel/variants/disk.resolved.config", NOTHING),
            ("default", "/r/kernel/lts/6.18/modules/qos_exit/qos_exit.rs", NOTHING),
            ("disk", "/r/kernel/variants/disk.config", "-"),
            ("disk", "/r/kernel/variants/disk.resolved.config", "-"),
            ("disk", "/r/kernel/variants/debug.config", NOTHING),
            ("disk", "/r/kernel/resolved.config", NOTHING),
            ("disk", "/r/kernel/virt.config", "-"),
            ("disk", "/r/kernel/modules/qos_exit/port.rs", MODULES),
            ("lts", "/r/kernel/modules/qos_exit/port.rs", MODULES),
            ("lts", "/r/kernel/lts/6.18/modules/qos_exit/qos_exit.rs", MODULES),
            ("lts", "/r/kernel/lts/6.18/modules", MODULES),
            ("lts", "/r/kernel/lts/6.18", MODULES),
            ("lts", "/r/kernel/lts", MODULES),
            ("lts", "/r/kernel/lts/6.12/modules/qos_exit/qos_exit.rs", NOTHING),
            ("lts", "/r/kernel/lts/6.12", NOTHING),
            ("lts", "/r/kernel/lts/6.18/patches/0002-a.patch", "-"),
            ("lts", "/r/kernel/lts/6.18/resolved.config", "-"),
            ("lts", "/r/kernel/lts/6.18/fragment.config", "-"),
            ("lts", "/r/kernel/lts/6.18/absent", "-"),
            ("lts", "/r/kernel/lts/6.18/README.md", NOTHING),
            ("lts", "/r/kernel/lts/kernel.nix", NOTHING),
            ("lts", "/r/kernel/resolved.config", NOTHING),
        ] {
            check_on(on, path, None, expect);
        }
        for (on, path, expect) in [
            ("lts", "/r/kernel/lts/6.18/resolved.config", KERNEL),
            ("lts", "/r/kernel/resolved.config", NOTHING),
            ("lts", "/r/kernel/build.sh", KERNEL),
            ("disk", "/r/kernel/variants/disk.resolved.config", KERNEL),
            ("disk", "/r/kernel/variants/debug.resolved.config", NOTHING),
        ] {
            check_on(on, path, Some("/k"), expect);
        }
    }

    #[test]
    fn what_editors_leave() {
        for name in
            [".lib.rs.swp", ".lib.rs.swx", "lib.rs~", "4913", ".#lib.rs", "#lib.rs#", "lib.rs___jb_tmp___"]
        {
            check(&format!("/r/packages/util/src/{name}"), None, NOTHING);
            check(&format!("/r/rootfs/overlay/etc/{name}"), None, NOTHING);
            check(&format!("/k/init/{name}"), Some("/k"), NOTHING);
        }
        check("/r/packages/.new-hello-12/Cargo.toml", None, PROGRAMS);
        check("/r/packages/.new-hello-12", None, NOTHING);
    }

    #[test]
    fn steps_add_up() {
        let mut all = Steps::default();
        assert!(!all.any());
        all.add(Steps::pack());
        all.add(Steps::programs());
        assert_eq!(all, Steps { programs: true, pack: true, boot: true, ..Steps::default() });
        all.add(Steps::kernel());
        assert_eq!(all, Steps::everything(true));
    }
}
