// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether `Condition…=` and `Assert…=` hold (systemd.unit(5), "Conditions and Asserts").

use qos_unit::Condition;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

/// Whether the condition holds, without its `!`, in the system whose root is `root`.
#[must_use]
pub fn holds(root: &Path, condition: &Condition) -> bool {
    let argument = condition.argument.as_str();
    let path = root.join(argument.trim_start_matches('/'));
    match condition.what.as_str() {
        "PathExists" => path.exists(),
        "PathExistsGlob" => glob(root, argument),
        "PathIsDirectory" => path.is_dir(),
        "PathIsSymbolicLink" => path.is_symlink(),
        "PathIsMountPoint" => is_mount_point(&path),
        "PathIsReadWrite" => path.exists() && !is_read_only(&path),
        "DirectoryNotEmpty" => fs::read_dir(&path).is_ok_and(|mut entries| entries.next().is_some()),
        "FileNotEmpty" => fs::metadata(&path).is_ok_and(|found| found.is_file() && found.len() > 0),
        "FileIsExecutable" => {
            fs::metadata(&path).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
        }
        "KernelCommandLine" => command_line(&read("/proc/cmdline"), argument),
        "KernelVersion" => kernel_version(&qos_sys::power::kernel_release(), argument),
        "Host" => {
            argument == read("/proc/sys/kernel/hostname").trim() || argument == read("/etc/machine-id").trim()
        }
        "Architecture" => architecture(argument),
        "Virtualization" => virtualization(argument),
        "User" => matches!(argument, "root" | "0" | "@system"),
        "Group" => matches!(argument, "root" | "0" | "@system"),
        "Environment" => match argument.split_once('=') {
            Some((name, value)) => std::env::var(name).is_ok_and(|found| found == value),
            None => std::env::var_os(argument).is_some(),
        },
        "FirstBoot" => qos_unit::value::boolean(argument)
            .is_ok_and(|wanted| wanted != root.join("etc/machine-id").exists()),
        "ControlGroupController" => {
            let found = read("/sys/fs/cgroup/cgroup.controllers");
            argument == "v2"
                || argument.split_whitespace().all(|name| found.split_whitespace().any(|other| other == name))
        }
        // Init is root with all capabilities; of security modules there is none.
        "Capability" => true,
        "Security" => matches!(argument, "uefi-secureboot") && Path::new("/sys/firmware/efi").exists(),
        _ => true,
    }
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

fn is_mount_point(path: &Path) -> bool {
    let Some(parent) = path.parent() else { return true };
    match (fs::metadata(path), fs::metadata(parent)) {
        (Ok(one), Ok(other)) => one.dev() != other.dev(),
        _ => false,
    }
}

fn is_read_only(path: &Path) -> bool {
    let table = fs::read("/proc/self/mounts").unwrap_or_default();
    let found = qos_sys::mounts::mounts(&table);
    let best = found
        .iter()
        .filter(|mount| path.starts_with(&mount.target))
        .max_by_key(|mount| mount.target.as_os_str().len());
    best.is_some_and(|mount| mount.options.to_string_lossy().split(',').any(|option| option == "ro"))
}

/// A pattern of paths: `*` and `?` within one part.
pub(crate) fn glob(root: &Path, pattern: &str) -> bool {
    let mut found = vec![root.to_owned()];
    for part in pattern.split('/').filter(|part| !part.is_empty()) {
        let mut next = Vec::new();
        for directory in &found {
            if !part.contains(['*', '?']) {
                next.push(directory.join(part));
                continue;
            }
            let entries = fs::read_dir(directory).into_iter().flatten().flatten();
            next.extend(
                entries
                    .filter(|entry| matches(part, &entry.file_name().to_string_lossy()))
                    .map(|entry| entry.path()),
            );
        }
        next.retain(|path| path.exists());
        found = next;
    }
    !found.is_empty()
}

fn matches(pattern: &str, text: &str) -> bool {
    match pattern.chars().next() {
        None => text.is_empty(),
        Some('*') => {
            let rest = &pattern[1..];
            matches(rest, text)
                || text.chars().next().is_some_and(|first| matches(pattern, &text[first.len_utf8()..]))
        }
        Some(wanted) => text.chars().next().is_some_and(|first| {
            (wanted == '?' || wanted == first)
                && matches(&pattern[wanted.len_utf8()..], &text[first.len_utf8()..])
        }),
    }
}

/// A word of the command line, with its value or whatever its value.
fn command_line(line: &str, wanted: &str) -> bool {
    line.split_whitespace()
        .any(|word| word == wanted || (!wanted.contains('=') && word.split('=').next() == Some(wanted)))
}

/// A version with `<`, `>=` and so on in front, or a pattern.
fn kernel_version(release: &str, wanted: &str) -> bool {
    let numbers = |text: &str| -> Vec<u64> {
        let digits = text.split(|c: char| !c.is_ascii_digit());
        digits.take(3).map_while(|part| part.parse().ok()).collect()
    };
    wanted.split_whitespace().all(|word| {
        let end = word.find(|c: char| !"<>=!".contains(c)).unwrap_or(word.len());
        let (operator, version) = word.split_at(end);
        let order = numbers(release).cmp(&numbers(version));
        match operator {
            "" => matches(version, release),
            "<" => order.is_lt(),
            "<=" => order.is_le(),
            ">" => order.is_gt(),
            ">=" => order.is_ge(),
            "=" | "==" => order.is_eq(),
            "!=" | "<>" => order.is_ne(),
            _ => false,
        }
    })
}

fn architecture(wanted: &str) -> bool {
    let own = match std::env::consts::ARCH {
        "x86_64" => "x86-64",
        "aarch64" => "arm64",
        other => other,
    };
    wanted == own || wanted == "native"
}

fn virtualization(wanted: &str) -> bool {
    let cpu = read("/proc/cpuinfo");
    let is_vm =
        cpu.lines().any(|line| line.starts_with("flags") && line.split(' ').any(|flag| flag == "hypervisor"));
    match wanted {
        "vm" => is_vm,
        "container" | "private-users" => false,
        _ => {
            qos_unit::value::boolean(wanted).is_ok_and(|wanted| wanted == is_vm)
                || is_vm && matches!(wanted, "qemu" | "kvm")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(what: &str, argument: &str, expect: bool) {
        let condition = Condition {
            what: what.into(),
            argument: argument.into(),
            negated: false,
            trigger: false,
            assert: false,
        };
        assert_eq!(holds(Path::new("/"), &condition), expect, "{what}={argument}");
    }

    #[test]
    fn of_this_host() {
        check("PathExists", "/etc", true);
        check("PathExists", "/no/such", false);
        check("PathExistsGlob", "/etc/host.con*", true);
        check("PathExistsGlob", "/etc/no-such-*", false);
        check("PathIsDirectory", "/etc/host.conf", false);
        check("PathIsMountPoint", "/proc", true);
        check("FileNotEmpty", "/etc/host.conf", true);
        check("FileIsExecutable", "/bin/sh", true);
        check("FileIsExecutable", "/etc/host.conf", false);
        check("DirectoryNotEmpty", "/etc", true);
        check("KernelVersion", ">=2.6", true);
        check("KernelVersion", "<2.6", false);
        check("User", "root", true);
        check("Virtualization", "container", false);
    }

    #[test]
    fn command_lines() {
        for (line, wanted, expect) in [
            ("quiet a=b", "quiet", true),
            ("quiet a=b", "a", true),
            ("quiet a=b", "a=b", true),
            ("quiet a=b", "a=c", false),
            ("aa", "a", false),
        ] {
            assert_eq!(command_line(line, wanted), expect, "{line} {wanted}");
        }
    }
}
