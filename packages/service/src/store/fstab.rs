// SPDX-License-Identifier: MIT OR Apache-2.0
//! Mount units of fstab(5), as systemd-fstab-generator(8) makes them.

use qos_sys::mounts::{self, Line};
use qos_unit::syntax::{Place, Warning};
use qos_unit::{Kind, Name};
use std::collections::BTreeMap;

/// How a unit brings a mount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// It goes on without the mount (`nofail`).
    Wants,
    /// It needs the mount.
    Requires,
}

/// A unit made of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generated {
    /// The unit file.
    pub text: String,
    /// Which units bring it; none with `noauto`.
    pub by: Vec<(Name, Wanted)>,
    /// Options without effect.
    pub warnings: Vec<Warning>,
}

/// The mount units of a table, and what is wrong with lines that make none. The root, which is mounted, and swap have no unit.
pub fn units(table: &[u8]) -> (BTreeMap<Name, Generated>, Vec<Warning>) {
    let (mut units, mut wrong) = (BTreeMap::new(), Vec::new());
    for (number, text) in (1..).zip(table.split(|&byte| byte == b'\n')) {
        let warn = |text: String| Warning { place: Place { file: "/etc/fstab".into(), line: number }, text };
        let text = text.trim_ascii();
        if text.is_empty() || text.starts_with(b"#") {
            continue;
        }
        let Some(line) = mounts::fstab(text).pop() else {
            wrong.push(warn("a line has a source, a mount point and a type at least: ignored".into()));
            continue;
        };
        let target = line.target.to_string_lossy().into_owned();
        if line.kind == "swap" || matches!(target.as_str(), "/" | "none") {
            continue;
        }
        match Name::of_path(&target, Kind::Mount).filter(|_| target.starts_with('/')) {
            Some(name) => drop(units.insert(name, unit(&line, &target, &warn))),
            None => wrong.push(warn(format!("{target:?} is no path of a mount point: ignored"))),
        }
    }
    (units, wrong)
}

fn unit(line: &Line, target: &str, warn: &dyn Fn(String) -> Warning) -> Generated {
    let (source, kind) = (line.source.to_string_lossy(), line.kind.to_string_lossy());
    let options = line.options.to_string_lossy();
    let mut unit = format!("[Unit]\nDescription={target}\nSourcePath=/etc/fstab\n");
    let mut mount = String::new();
    let (mut rest, mut by, mut warnings) = (Vec::new(), Vec::new(), Vec::new());
    let (mut automatic, mut wanted) = (true, Wanted::Requires);
    let mut remote = matches!(&*kind, "nfs" | "nfs4" | "cifs");
    for option in options.split(',') {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        let mut key = |keys: &[&str]| match unit_name(value) {
            Some(other) => keys.iter().for_each(|key| unit.push_str(&format!("{key}={other}\n"))),
            None => warnings.push(warn(format!("{option}: not the name of a unit: ignored"))),
        };
        match name {
            "auto" => {}
            "noauto" => automatic = false,
            "nofail" => wanted = Wanted::Wants,
            "x-systemd.requires" => key(&["Requires", "After"]),
            "x-systemd.before" => key(&["Before"]),
            "x-systemd.after" => key(&["After"]),
            "x-systemd.requires-mounts-for" => unit.push_str(&format!("RequiresMountsFor={value}\n")),
            "x-systemd.wants-mounts-for" => unit.push_str(&format!("WantsMountsFor={value}\n")),
            "x-systemd.mount-timeout" => mount.push_str(&format!("TimeoutSec={value}\n")),
            "x-systemd.rw-only" => mount.push_str("ReadWriteOnly=yes\n"),
            "x-systemd.wanted-by" | "x-systemd.required-by" => match unit_name(value) {
                Some(other) if name == "x-systemd.wanted-by" => by.push((other, Wanted::Wants)),
                Some(other) => by.push((other, Wanted::Requires)),
                None => warnings.push(warn(format!("{option}: not the name of a unit: ignored"))),
            },
            // The rest of those is for systemd, and the kernel does not know them.
            _ if name.starts_with("x-systemd.") => {
                warnings.push(warn(format!("{option} has no effect: not supported by this init")))
            }
            _ => {
                remote |= name == "_netdev";
                rest.push(option);
            }
        }
    }
    if by.is_empty() && automatic {
        let target = if remote { "remote-fs.target" } else { "local-fs.target" };
        by.extend(Name::new(target).map(|target| (target, wanted)));
    }
    let percent = |text: &str| text.replace('%', "%%");
    let text = format!(
        "{unit}[Mount]\nWhat={}\nWhere={}\nType={}\nOptions={}\n{mount}",
        percent(&source),
        percent(target),
        percent(&kind),
        percent(&rest.join(","))
    );
    Generated { text, by, warnings }
}

/// The unit that an option names: by its name, or a mount point.
fn unit_name(text: &str) -> Option<Name> {
    match text.strip_prefix('/') {
        Some(_) => Name::of_path(text, Kind::Mount),
        None => Name::new(text).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(line: &str) -> (String, Vec<(String, Wanted)>, Vec<String>) {
        let (units, wrong) = units(line.as_bytes());
        assert_eq!((units.len(), wrong.len()), (1, 0), "{line}");
        let (_, unit) = units.into_iter().next().unwrap();
        let by = unit.by.into_iter().map(|(name, wanted)| (name.to_string(), wanted)).collect();
        (unit.text, by, unit.warnings.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn lines() {
        let table = b"# x\n/dev/vda / ext4 rw 0 1\n/dev/vdb /srv/a\\040b ext4 ro,nofail 0 2\nUUID=1 /var ext4\nsrv:/x /net nfs _netdev,noauto\n/dev/vdc none swap sw\n";
        let (units, wrong) = units(table);
        let names: Vec<_> = units.keys().map(Name::as_str).collect();
        assert_eq!((names, wrong.len()), (vec!["net.mount", "srv-a\\x20b.mount", "var.mount"], 0));
        let (text, by, _) = one("/dev/vdb /srv/a\\040b ext4 ro,nofail 0 2");
        assert!(text.ends_with("[Mount]\nWhat=/dev/vdb\nWhere=/srv/a b\nType=ext4\nOptions=ro\n"), "{text}");
        assert_eq!(by, [("local-fs.target".to_owned(), Wanted::Wants)]);
        for (line, expect) in [
            ("UUID=1 /var ext4", Some(("local-fs.target", Wanted::Requires))),
            ("srv:/x /net nfs nofail", Some(("remote-fs.target", Wanted::Wants))),
            ("/dev/x /x ext4 _netdev", Some(("remote-fs.target", Wanted::Requires))),
            ("/dev/x /x ext4 noauto", None),
            ("/dev/x /x ext4 x-systemd.wanted-by=a.target,noauto", Some(("a.target", Wanted::Wants))),
            ("/dev/x /x ext4 x-systemd.required-by=/srv", Some(("srv.mount", Wanted::Requires))),
        ] {
            let expect: Vec<_> = expect.into_iter().map(|(name, wanted)| (name.to_owned(), wanted)).collect();
            assert_eq!(one(line).1, expect, "{line}");
        }
    }

    #[test]
    fn options_of_systemd() {
        let (text, _, warnings) = one(
            "tmpfs /t tmpfs size=1m,x-systemd.requires=a.service,x-systemd.before=b.service,x-systemd.mount-timeout=5,x-systemd.automount,x-systemd.after=x",
        );
        assert_eq!(
            text,
            "[Unit]\nDescription=/t\nSourcePath=/etc/fstab\nRequires=a.service\nAfter=a.service\nBefore=b.service\n[Mount]\nWhat=tmpfs\nWhere=/t\nType=tmpfs\nOptions=size=1m\nTimeoutSec=5\n"
        );
        assert_eq!(
            warnings,
            [
                "/etc/fstab:1: x-systemd.automount has no effect: not supported by this init",
                "/etc/fstab:1: x-systemd.after=x: not the name of a unit: ignored"
            ]
        );
    }

    #[test]
    fn lines_that_make_no_unit() {
        let (units, wrong) = units(b"\n  # a\nbogus\n/dev/x relative ext4\n");
        let wrong: Vec<_> = wrong.iter().map(ToString::to_string).collect();
        assert!(units.is_empty());
        assert_eq!(
            wrong,
            [
                "/etc/fstab:3: a line has a source, a mount point and a type at least: ignored",
                "/etc/fstab:4: \"relative\" is no path of a mount point: ignored"
            ]
        );
    }
}
