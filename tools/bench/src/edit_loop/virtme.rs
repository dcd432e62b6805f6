// SPDX-License-Identifier: MIT OR Apache-2.0
//! virtme-ng as its users run it, except for the programs on PATH: make(1), depmod(8), modprobe(8) and QEMU are those of the pinned
//! sysroots. It therefore uses the same compilers and the same QEMU as qos.

use super::scratch::{Scratch, make, remove, write};
use super::{CPUS, MEMORY};
use qos_dev::{Places, child};
use qos_host::ui::{self, Result, Ui};
use qos_host::{nix, root};
use std::env;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// The release that is installed if none is present.
const RELEASE: &str = "1.42";

/// A guest that has not ended by then is stuck.
const BOOT: Duration = Duration::from_secs(300);
/// A build of a whole kernel, however slow the host.
const BUILD: Duration = Duration::from_secs(2 * 3600);
/// An installation, which downloads 1 MB.
const INSTALL: Duration = Duration::from_secs(300);

/// virtme-ng, found.
pub struct Virtme {
    program: PathBuf,
    /// The version as it prints it.
    pub version: String,
    folder: PathBuf,
}

impl Virtme {
    /// The program `given`, or `vng` on PATH, or one that pip(1) installs into `folder`, where all that it is run with is.
    ///
    /// # Errors
    ///
    /// It is not installed; the message has the remedy.
    pub fn find(ui: &Ui, given: Option<&Path>, folder: &Path) -> Result<Virtme> {
        let found = given.map(Path::to_owned).or_else(|| on_path("vng"));
        let mut virtme =
            Virtme { program: PathBuf::new(), version: String::new(), folder: folder.to_owned() };
        if let Some(program) = found {
            virtme.program = absolute(&program)?;
            virtme.version = virtme.ask_version(ui)?;
            return Ok(virtme);
        }
        virtme.program = virtme.folder.join("venv/bin/vng");
        virtme.version = match virtme.ask_version(ui) {
            Ok(version) => version,
            // Not there, or an installation that was interrupted.
            Err(_) => {
                virtme.install(ui)?;
                virtme.ask_version(ui)?
            }
        };
        Ok(virtme)
    }

    fn install(&self, ui: &Ui) -> Result<()> {
        let venv = self.folder.join("venv");
        make(&self.folder)?;
        remove(&venv)?;
        ui.say(&format!("virtme-ng is not on PATH: installing {RELEASE} from PyPI into {}", venv.display()));
        let mut make_venv = Command::new("python3");
        make_venv.args(["-m", "venv"]).arg(&venv);
        let mut pip = Command::new(venv.join("bin/pip"));
        pip.args(["install", "--quiet", "--disable-pip-version-check", &format!("virtme-ng=={RELEASE}")]);
        for mut command in [make_venv, pip] {
            let reason = match child::quiet(ui, "virtme-ng", &mut command, INSTALL) {
                Ok((status, _)) if status.success() => continue,
                Ok((_, said)) => said.last().cloned().unwrap_or_else(|| "no reason given".into()),
                Err(error) => error.to_string(),
            };
            // A half is worse than none.
            let _ = remove(&venv);
            ui::check()?;
            return Err(format!(
                "virtme-ng is not on PATH and cannot be installed: {reason}; install it (pipx install virtme-ng), name its \
                 program vng with --virtme-ng, or measure qos --alone"
            )
            .into());
        }
        Ok(())
    }

    fn ask_version(&self, ui: &Ui) -> Result<String> {
        let mut command = Command::new(&self.program);
        let (status, said) = child::quiet(ui, "vng", command.arg("--version"), BOOT)?;
        match said.first() {
            Some(version) if status.success() && version.starts_with("virtme-ng ") => Ok(version.clone()),
            _ => Err(format!(
                "{} --version does not name virtme-ng; --virtme-ng must name the program vng",
                self.program.display()
            )
            .into()),
        }
    }

    /// Prepares its directories, the programs on its PATH, and the build directory, which begins as a copy of the
    /// loop's, or with `cold` as one with a configuration alone.
    ///
    /// # Errors
    ///
    /// Files cannot be written, or the user interrupts.
    pub fn prepare(&self, ui: &Ui, places: &Places, scratch: &Scratch, cold: bool) -> Result<()> {
        // What an interrupted run has left.
        remove(&self.folder.join("tmp"))?;
        for name in ["bin", "home", "tmp"] {
            make(&self.folder.join(name))?;
        }
        let bin = self.folder.join("bin");
        program(&bin.join("make"), &make_program(places.shell(), &scratch.clone, &scratch.tree))?;
        let sysroot = nix::build_in(&scratch.clone, ui, "lib.sysroot")?;
        for name in ["depmod", "modprobe"] {
            program(&bin.join(name), &kmod_program(&sysroot, name))?;
        }
        program(&self.qemu(), &qemu_program(&places.qemu))?;
        let build = build_folder(scratch);
        if cold {
            remove(&build)?;
        } else if build.exists() {
            return Ok(());
        }
        let (from, part) = (scratch.kernel(), build.with_extension("part"));
        remove(&part)?;
        let what = if cold {
            make(&part)?;
            from.join(".config")
        } else {
            from
        };
        let mut copy = Command::new("cp");
        copy.args(["--archive", "--reflink=auto"]).arg(&what).arg(&part);
        let copied = child::quiet(ui, "cp", &mut copy, BUILD)?;
        if !copied.0.success() {
            let reason = copied.1.last().cloned().unwrap_or_default();
            return Err(format!("cannot copy {}: {reason}", what.display()).into());
        }
        fs::rename(&part, &build).map_err(|error| format!("cannot make {}: {error}", build.display()).into())
    }

    /// `vng --build`; gives how long it took.
    ///
    /// # Errors
    ///
    /// It fails, or the user interrupts.
    pub fn build(&self, ui: &Ui, scratch: &Scratch) -> Result<Duration> {
        let begin = Instant::now();
        let mut command = self.command(&scratch.tree);
        command.args(build_arguments(&build_folder(scratch)));
        let (status, said) = child::quiet(ui, "vng", &mut command, BUILD)?;
        let took = begin.elapsed();
        if status.success() {
            return Ok(took);
        }
        said.iter().rev().take(20).rev().for_each(|line| ui.show(line));
        Err("vng --build failed".into())
    }

    /// Boots the kernel that it has built and runs a shell command in the guest; gives how long that took.
    ///
    /// # Errors
    ///
    /// The command fails, or the guest does; the user interrupts.
    pub fn boot(&self, ui: &Ui, scratch: &Scratch, line: &str) -> Result<Duration> {
        let begin = Instant::now();
        let mut command = self.command(&scratch.clone);
        command.args(run_arguments(&image(scratch), &self.qemu(), line));
        let (status, said) = child::quiet(ui, "vng", &mut command, BOOT)?;
        let took = begin.elapsed();
        if status.success() {
            return Ok(took);
        }
        said.iter().rev().take(20).rev().for_each(|line| ui.show(line));
        let code = status.code().map_or("a signal".into(), |code| format!("status {code}"));
        Err(format!("`{line}` exited with {code} in virtme-ng's guest").into())
    }

    /// A command of it with separate settings, caches and temporary files, so that the user's have no effect.
    fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new(&self.program);
        let own = [self.folder.join("bin"), self.program.with_file_name("")];
        let path = env::var_os("PATH").unwrap_or_default();
        // What cannot be joined has a ':' in it, and cannot be bound in the sysroot either.
        let path = env::join_paths(own.into_iter().chain(env::split_paths(&path))).unwrap_or(path);
        command.current_dir(folder).env("PATH", path);
        command.env("HOME", self.folder.join("home")).env("TMPDIR", self.folder.join("tmp"));
        for name in ["XDG_CONFIG_HOME", "XDG_CACHE_HOME", "KBUILD_OUTPUT", "MAKEFLAGS"] {
            command.env_remove(name);
        }
        command
    }

    fn qemu(&self) -> PathBuf {
        self.folder.join("bin/qemu-system-x86_64")
    }
}

/// The directory in which virtme-ng builds the kernel: in the clone, because the clone is bound in the sysroot.
fn build_folder(scratch: &Scratch) -> PathBuf {
    root::scratch(&scratch.clone).join("virtme-ng")
}

/// The kernel that virtme-ng has built.
pub fn image(scratch: &Scratch) -> PathBuf {
    build_folder(scratch).join("arch/x86/boot/bzImage")
}

/// As kernel/build.sh compiles, with the same flags to the letter: Kbuild compiles anew what it has compiled with others. And
/// without virtme-ng's suffix to the version, so that a module fits its kernel and the loop's.
fn build_arguments(folder: &Path) -> Vec<String> {
    let maps = "-ffile-prefix-map=/src/linux/= -ffile-prefix-map=/qos/target/qos/dev/kernel/=";
    let rust = maps.replace("-ffile-prefix-map", "--remap-path-prefix");
    let words = ["--build", "ARCH=x86_64", "LLVM=1", "LOCALVERSION="].map(str::to_owned);
    let flags = [format!("KCFLAGS={maps}"), format!("KAFLAGS={maps}"), format!("KRUSTFLAGS={rust}")];
    words.into_iter().chain(flags).chain([format!("O={}", folder.display())]).collect()
}

/// The machine is qos's in what both can be told: accelerator, memory, CPUs. `cpu max` and, where there is no KVM, q35 are
/// virtme-ng's own choice.
fn run_arguments(kernel: &Path, qemu: &Path, line: &str) -> Vec<OsString> {
    let mut words: Vec<OsString> = vec!["--run".into(), kernel.into(), "--qemu".into(), qemu.into()];
    words.extend(
        ["--disable-kvm", "--force-9p", "--memory", MEMORY, "--cpus", CPUS, "--exec", line]
            .map(OsString::from),
    );
    words
}

/// make(1) of the sysroot, with the names that directories have there.
fn make_program(shell: &Path, clone: &Path, tree: &Path) -> String {
    let (shell, top, tree) = (quoted(shell), quoted(clone), quoted(tree));
    format!(
        r#"top={top}
for word; do
  shift
  case $word in O="$top"/*) word=O=/qos${{word#O="$top"}} ;; esac
  set -- "$@" "$word"
done
cd "$top"
QOS_BINDS=ro:{tree}:/src/linux
export QOS_BINDS
exec {shell} make -C /src/linux "$@""#
    )
}

/// One of the programs of kmod(8) of the sysroot. It is called many times before each boot, and therefore not through the shell that
/// enters the sysroot.
fn kmod_program(root: &Path, name: &str) -> String {
    let root = quoted(root);
    format!(
        r#"root={root}
exec "$root/usr/lib64/ld-linux-x86-64.so.2" --argv0 {name} --library-path "$root/usr/lib/x86_64-linux-gnu" \
  "$root/usr/bin/kmod" "$@""#
    )
}

/// QEMU of its sysroot, as the runner starts it (tools/vm/src/program.rs).
fn qemu_program(root: &Path) -> String {
    let root = quoted(root);
    format!(
        r#"root={root}
lib=$root/usr/lib/x86_64-linux-gnu
export QEMU_MODULE_DIR="$lib/qemu"
exec "$root/usr/lib64/ld-linux-x86-64.so.2" --library-path "$lib" "$root/usr/bin/qemu-system-x86_64" \
  -L "$root/usr/share/qemu" -L "$root/usr/share/seabios" "$@""#
    )
}

/// A path quoted for sh(1).
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}

/// Writes a program for sh(1).
fn program(path: &Path, text: &str) -> Result<()> {
    write(path, &format!("#!/bin/sh\n{text}\n"))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
        .map_err(|error| format!("cannot make {} executable: {error}", path.display()).into())
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// By its whole name, because it is started elsewhere; a link stays one, for Python finds its libraries by it.
fn absolute(program: &Path) -> Result<PathBuf> {
    if !program.is_file() {
        return Err(
            format!("{}: no such program; --virtme-ng must name the program vng", program.display()).into()
        );
    }
    std::path::absolute(program).map_err(|error| format!("{}: {error}", program.display()).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use qos_host::testing::Folder;

    #[test]
    fn words() {
        for (path, expect) in [("/a/b", "'/a/b'"), ("/a b", "'/a b'"), ("/it's", r"'/it'\''s'")] {
            assert_eq!(quoted(Path::new(path)), expect);
        }
    }

    #[test]
    fn arguments() {
        let words = run_arguments(Path::new("/k"), Path::new("/q"), "uname -r | grep -q 7");
        let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
        let expect =
            "--run /k --qemu /q --disable-kvm --force-9p --memory 512M --cpus 1 --exec uname -r | grep -q 7";
        assert_eq!(words.join(" "), expect);
        assert_eq!(words.len(), 12);
    }

    /// What the make(1) of the sysroot is called with when virtme-ng calls its own with `words`.
    fn check(words: &[&str], expect: &str) {
        let folder = Folder::temporary();
        let (shell, make) = (folder.path("shell"), folder.path("make"));
        program(&shell, r#"echo "$QOS_BINDS $PWD" "$@""#).unwrap();
        program(&make, &make_program(&shell, &folder.path(""), &folder.path("li nux"))).unwrap();
        let top = folder.path("").display().to_string();
        let words = words.iter().map(|word| word.replace("TOP", &top));
        let output = Command::new(&make).args(words).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).replace(&top, "TOP");
        assert_eq!(said.trim_end(), expect, "{}", String::from_utf8_lossy(&output.stderr));
    }

    #[test]
    fn make_gets_the_names_of_the_sysroot() {
        check(&[], "ro:TOP/li nux:/src/linux TOP make -C /src/linux");
        check(
            &["LOCALVERSION=", "LLVM=1", "O=TOP/target/x", "-j", "2"],
            "ro:TOP/li nux:/src/linux TOP make -C /src/linux LOCALVERSION= LLVM=1 O=/qos/target/x -j 2",
        );
        check(&["O=/else", "a b"], "ro:TOP/li nux:/src/linux TOP make -C /src/linux O=/else a b");
    }

    #[test]
    fn programs_that_are_not_there() {
        let error = absolute(Path::new("/no/vng")).unwrap_err().to_string();
        assert_eq!(error, "/no/vng: no such program; --virtme-ng must name the program vng");
        assert_eq!(on_path("no-program-has-this-name"), None);
        assert!(on_path("sh").is_some_and(|path| path.ends_with("sh")));
    }
}
