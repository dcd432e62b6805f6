// SPDX-License-Identifier: MIT OR Apache-2.0
//! What rules use of the system beside devices: accounts, modules, programs, the kernel's command line.

use crate::database::Database;
use crate::program::{self, Outcome};
use crate::rules::Accounts;
use qos_accounts::{Group, Table, User};
use qos_modules::Loader;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

/// What happens to messages, and to the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mode {
    /// Debug messages are printed too.
    pub debug: bool,
    /// Nothing is changed: no node, no attribute, no module, no program of RUN.
    pub dry: bool,
}

/// The system. A program keeps one of it.
pub struct System {
    /// Its root directory.
    pub root: PathBuf,
    /// The database of devices.
    pub database: Database,
    /// How long a program may run.
    pub limit: Duration,
    mode: Mode,
    users: OnceLock<Users>,
    cmdline: OnceLock<Vec<(String, String)>>,
    virtualization: OnceLock<&'static str>,
    loader: OnceLock<Option<Loader>>,
}

impl System {
    /// The system at `root`.
    #[must_use]
    pub fn new(root: &Path, mode: Mode) -> System {
        System {
            root: root.to_owned(),
            database: Database::new(root),
            limit: Duration::from_secs(180),
            mode,
            users: OnceLock::new(),
            cmdline: OnceLock::new(),
            virtualization: OnceLock::new(),
            loader: OnceLock::new(),
        }
    }

    /// Whether only the outcome is wanted.
    #[must_use]
    pub fn changes_nothing(&self) -> bool {
        self.mode.dry
    }

    /// A message for the log.
    pub fn warn(&self, text: &str) {
        eprintln!("{text}");
    }

    /// A message for who looks for a mistake.
    pub fn debug(&self, text: impl FnOnce() -> String) {
        if self.mode.debug {
            eprintln!("debug: {}", text());
        }
    }

    /// The file of an absolute path.
    #[must_use]
    pub fn path(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    /// The file of a kernel parameter, with dots or slashes in its name.
    #[must_use]
    pub fn sysctl(&self, name: &str) -> PathBuf {
        // The first separator decides what separates (sysctl.d(5)).
        let dots = match (name.find('.'), name.find('/')) {
            (Some(dot), Some(slash)) => dot < slash,
            (dot, _) => dot.is_some(),
        };
        let swap = |char| match char {
            '.' => '/',
            '/' => '.',
            char => char,
        };
        let path: String = if dots { name.chars().map(swap).collect() } else { name.to_owned() };
        let inside = path.split('/').all(|part| part != "..");
        self.root.join("proc/sys").join(if inside { path.trim_start_matches('/') } else { "" })
    }

    /// Users and groups.
    #[must_use]
    pub fn users(&self) -> &Users {
        self.users.get_or_init(|| Users::read(&self.root))
    }

    /// A parameter of the kernel's command line; `1` if it has no value.
    #[must_use]
    pub fn cmdline(&self, key: &str) -> Option<String> {
        let all = self.cmdline.get_or_init(|| {
            let text = fs::read_to_string(self.root.join("proc/cmdline")).unwrap_or_default();
            let pair = |word: String| {
                let (key, value) = word.split_once('=').unwrap_or((&word, "1"));
                (key.to_owned(), value.to_owned())
            };
            crate::text::words(&text).into_iter().map(pair).collect()
        });
        // The last one counts.
        all.iter().rev().find(|(known, _)| known == key).map(|(_, value)| value.clone())
    }

    /// The virtual machine, by the names of systemd-detect-virt(1): `qemu`, `kvm`, `none`.
    #[must_use]
    pub fn virtualization(&self) -> &'static str {
        self.virtualization.get_or_init(|| {
            let read = |path: &str| fs::read_to_string(self.path(path)).unwrap_or_default();
            let vendor = read("/sys/class/dmi/id/sys_vendor");
            let known = [
                ("KVM", "kvm"),
                ("QEMU", "qemu"),
                ("VMware", "vmware"),
                ("innotek GmbH", "oracle"),
                ("Xen", "xen"),
                ("Amazon EC2", "amazon"),
                ("Microsoft Corporation", "microsoft"),
                ("Google", "google"),
            ];
            if read("/sys/hypervisor/type").trim() == "xen" {
                return "xen";
            }
            known.iter().find(|(begin, _)| vendor.starts_with(begin)).map_or("none", |(_, name)| name)
        })
    }

    /// What loads modules, if the kernel has any.
    #[must_use]
    pub fn loader(&self) -> Option<&Loader> {
        let new = || match Loader::of_running_kernel() {
            Ok(loader) => Some(loader),
            Err(error) => {
                self.debug(|| format!("no modules: {error}"));
                None
            }
        };
        self.loader.get_or_init(new).as_ref()
    }

    /// Runs a program with the properties of a device as its environment, and waits for its end. One without a slash in its name is
    /// in /lib/udev.
    ///
    /// # Errors
    /// It cannot be run, or takes longer than [`System::limit`].
    pub fn run_program(&self, words: &[String], properties: &[(String, String)]) -> io::Result<Outcome> {
        let (name, arguments) = words.split_first().ok_or(io::ErrorKind::InvalidInput)?;
        let path = if name.contains('/') {
            PathBuf::from(name)
        } else {
            let places = ["/usr/lib/udev", "/lib/udev"].map(|place| Path::new(place).join(name));
            places.into_iter().find(|path| path.exists()).ok_or(io::ErrorKind::NotFound)?
        };
        let environment: Vec<(OsString, OsString)> =
            properties.iter().map(|(key, value)| (key.into(), value.into())).collect();
        program::run(&path, arguments, &environment, self.limit)
    }
}

/// Users and groups by name.
#[derive(Debug, Default)]
pub struct Users {
    users: Table<User>,
    groups: Table<Group>,
}

impl Users {
    /// Reads etc/passwd and etc/group of the system at `root`.
    #[must_use]
    pub fn read(root: &Path) -> Users {
        let read = |path: &str| fs::read(root.join(path)).unwrap_or_default();
        Users { users: Table::parse(&read("etc/passwd")), groups: Table::parse(&read("etc/group")) }
    }

    /// Number of a user, by name or as a number.
    #[must_use]
    pub fn user(&self, text: &str) -> Option<u32> {
        text.parse().ok().or_else(|| self.uid(text))
    }

    /// Number of a group, by name or as a number.
    #[must_use]
    pub fn group(&self, text: &str) -> Option<u32> {
        text.parse().ok().or_else(|| self.gid(text))
    }
}

impl Accounts for Users {
    fn uid(&self, name: &str) -> Option<u32> {
        // Without a file of accounts there is root all the same.
        self.users.get(name).map(|user| user.uid).or_else(|| (name == "root").then_some(0))
    }

    fn gid(&self, name: &str) -> Option<u32> {
        self.groups.get(name).map(|group| group.gid).or_else(|| (name == "root").then_some(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_parameters() {
        let system = System::new(Path::new("/r"), Mode::default());
        for (name, path) in [
            ("kernel.hostname", "/r/proc/sys/kernel/hostname"),
            ("kernel/hostname", "/r/proc/sys/kernel/hostname"),
            ("net/ipv4/conf/eth0.1/forwarding", "/r/proc/sys/net/ipv4/conf/eth0.1/forwarding"),
            ("net.ipv4.conf.eth0/1.forwarding", "/r/proc/sys/net/ipv4/conf/eth0.1/forwarding"),
            ("a/../../b", "/r/proc/sys/"),
        ] {
            assert_eq!(system.sysctl(name), Path::new(path), "{name}");
        }
    }

    #[test]
    fn facts_of_a_root_directory() {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in [
            ("proc/cmdline", "quiet root=/dev/vda a=1 a=2 b=\"x y\"\n"),
            ("etc/group", "root:x:0:\ndisk:x:6:\n"),
            ("etc/passwd", "root:x:0:0:::\nann:x:1000:1000:::\n"),
            ("sys/class/dmi/id/sys_vendor", "QEMU\n"),
        ] {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let system = System::new(root.path(), Mode::default());
        let cmdline = ["quiet", "root", "a", "b", "c"].map(|key| system.cmdline(key));
        assert_eq!(
            cmdline.each_ref().map(Option::as_deref),
            [Some("1"), Some("/dev/vda"), Some("2"), Some("x y"), None]
        );
        assert_eq!(
            (system.users().user("ann"), system.users().user("7"), system.users().user("x")),
            (Some(1000), Some(7), None)
        );
        assert_eq!((system.users().group("disk"), system.virtualization()), (Some(6), "qemu"));
    }
}
