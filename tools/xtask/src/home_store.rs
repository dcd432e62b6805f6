// SPDX-License-Identifier: MIT OR Apache-2.0
//! A Nix store in the home directory, for a user who may not write /nix on a host without Nix's daemon. xtask and all that it starts
//! run in a mount namespace whose /nix is a directory of the user's, so that every path in the store is what it is elsewhere.

use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{AccessFlags, access, chdir, getegid, geteuid, pivot_root};
use qos_host::root;
use qos_host::ui::Result;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirEntry, File};
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Replaces this process with xtask in such a namespace, if this user needs one. To be called while there is one thread, as
/// unshare(2) demands.
///
/// # Errors
///
/// One line for the user: the host refuses a namespace or a mount, or the directory cannot be made.
pub fn enter() -> Result<()> {
    let host = Host {
        root: geteuid().is_root(),
        store: access("/nix/store", AccessFlags::W_OK).is_ok(),
        daemon: Path::new("/nix/var/nix/daemon-socket/socket").exists(),
        remote: env::var_os("NIX_REMOTE").is_some_and(|remote| !remote.is_empty()),
        nix: program("nix").is_some_and(|file| !file.starts_with("/nix")),
    };
    if !host.needs_home_store() {
        return Ok(());
    }
    let at = directory(env::var_os("XDG_DATA_HOME"), env::var_os("HOME"))
        .ok_or("this user cannot write /nix, and a store in the home directory needs HOME; set HOME")?;
    if !at.exists() {
        eprintln!("xtask: this user cannot write /nix, so the store is {}", at.display());
    }
    let mount_point = root::scratch(root::root()).join("root");
    for directory in [&at.join("store"), &at.join("var/nix"), &mount_point] {
        fs::create_dir_all(directory)
            .map_err(|error| format!("cannot make {}: {error}", directory.display()))?;
    }
    let xtask =
        env::current_exe().map_err(|error| format!("cannot find the program file of xtask: {error}"))?;
    namespace().and_then(|()| change_root(&at, &mount_point)).map_err(|reason| {
        format!(
            "this user cannot write /nix, and a store in the home directory needs a user namespace, which this host refuses ({reason}); \
             have an administrator allow it, or install Nix's daemon: tools/nix/hosts.md"
        )
    })?;
    // The user namespace gives its capabilities up here, because the user is not root in it.
    let error = Command::new(&xtask).args(env::args_os().skip(1)).exec();
    Err(format!("cannot run {}: {error}", xtask.display()).into())
}

/// The file that a program in `PATH` is.
fn program(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).find_map(|directory| directory.join(name).canonicalize().ok())
}

/// What there is of Nix for this user.
struct Host {
    /// The user is root.
    root: bool,
    /// /nix/store can be written.
    store: bool,
    /// Nix's daemon has its socket.
    daemon: bool,
    /// The user has named a store in `NIX_REMOTE`.
    remote: bool,
    /// The program is in `PATH`, and is not itself in the store, where the new /nix would hide it. Without a program, `setup` installs
    /// one or names the remedy.
    nix: bool,
}

impl Host {
    fn needs_home_store(&self) -> bool {
        self.nix && !self.root && !self.store && !self.daemon && !self.remote
    }
}

/// The directory that becomes /nix: the one that Nix 2.10 and later take by themselves, so that their own commands have the same store.
fn directory(data: Option<OsString>, home: Option<OsString>) -> Option<PathBuf> {
    let absolute = |path: Option<OsString>| path.map(PathBuf::from).filter(|path| path.is_absolute());
    let data = absolute(data).or_else(|| Some(absolute(home)?.join(".local/share")));
    data.map(|data| data.join("nix/root/nix"))
}

/// Enters a user namespace, where the user remains who they are, and a mount namespace.
fn namespace() -> Result<()> {
    let (user, group) = (geteuid(), getegid());
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS)
        .map_err(|error| format!("unshare: {error}"))?;
    for (file, text) in [
        ("setgroups", "deny".to_owned()),
        ("uid_map", format!("{user} {user} 1")),
        ("gid_map", format!("{group} {group} 1")),
    ] {
        let path = format!("/proc/self/{file}");
        fs::write(&path, text).map_err(|error| format!("{path}: {error}"))?;
    }
    Ok(())
}

/// Makes a root directory at `mount_point` with everything of the present one, but `nix` as /nix, and changes the root to it. By
/// pivot_root(2), because a process in a chroot cannot make the user namespaces that builds need.
fn change_root(nix: &Path, mount_point: &Path) -> Result<()> {
    let here = env::current_dir().map_err(|error| format!("the current directory: {error}"))?;
    let flags = |path: &Path, flags| {
        mount(None::<&str>, path, None::<&str>, flags, None::<&str>)
            .map_err(|error| format!("mount {}: {error}", path.display()))
    };
    flags(Path::new("/"), MsFlags::MS_REC | MsFlags::MS_PRIVATE)?;
    mount(Some("none"), mount_point, Some("tmpfs"), MsFlags::empty(), Some("mode=755"))
        .map_err(|error| format!("mount a tmpfs at {}: {error}", mount_point.display()))?;
    // Not bound again as a part of the directory that it is in.
    flags(mount_point, MsFlags::MS_UNBINDABLE)?;
    for entry in fs::read_dir("/").map_err(|error| format!("/: {error}"))? {
        let entry = entry.map_err(|error| format!("/: {error}"))?;
        if entry.file_name() != OsStr::new("nix") {
            let to = mount_point.join(entry.file_name());
            copy(&entry, &to).map_err(|error| format!("{}: {error}", entry.path().display()))?;
        }
    }
    let to = mount_point.join("nix");
    fs::create_dir(&to).and_then(|()| bind(nix, &to)).map_err(|error| format!("/nix: {error}"))?;
    // pivot_root(2), "pivot_root(".", ".")": the old root is on the new one until it is unmounted.
    chdir(mount_point)
        .and_then(|()| pivot_root(".", "."))
        .and_then(|()| umount2(".", MntFlags::MNT_DETACH))
        .and_then(|()| chdir(&here))
        .map_err(|error| format!("pivot_root: {error}").into())
}

/// Has `to` be what an entry of the root directory is.
fn copy(entry: &DirEntry, to: &Path) -> std::io::Result<()> {
    let (from, kind) = (entry.path(), entry.file_type()?);
    if kind.is_symlink() {
        return symlink(fs::read_link(from)?, to);
    }
    if kind.is_dir() {
        fs::create_dir(to)?;
    } else {
        File::create(to)?;
    }
    bind(&from, to)
}

fn bind(from: &Path, to: &Path) -> std::io::Result<()> {
    Ok(mount(Some(from), to, None::<&str>, MsFlags::MS_BIND | MsFlags::MS_REC, None::<&str>)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_needs_a_store_in_the_home_directory() {
        let user = || Host { root: false, store: false, daemon: false, remote: false, nix: true };
        assert!(user().needs_home_store());
        for host in [
            Host { root: true, ..user() },
            Host { store: true, ..user() },
            Host { daemon: true, ..user() },
            Host { remote: true, ..user() },
            Host { nix: false, ..user() },
        ] {
            assert!(!host.needs_home_store());
        }
    }

    #[test]
    fn the_directory_is_the_one_that_nix_takes() {
        for (data, home, expect) in [
            (None, Some("/home/u"), Some("/home/u/.local/share/nix/root/nix")),
            (Some("/data"), Some("/home/u"), Some("/data/nix/root/nix")),
            // XDG: a path that is not absolute is invalid, and to be ignored.
            (Some("data"), Some("/home/u"), Some("/home/u/.local/share/nix/root/nix")),
            (Some(""), Some(""), None),
            (None, None, None),
        ] {
            let words = |text: Option<&str>| text.map(OsString::from);
            assert_eq!(directory(words(data), words(home)), expect.map(PathBuf::from), "{data:?} {home:?}");
        }
    }
}
