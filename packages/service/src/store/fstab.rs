// SPDX-License-Identifier: MIT OR Apache-2.0
//! Mount units of fstab(5), as systemd-fstab-generator(8) makes them.

use qos_sys::mounts;
use qos_unit::{Kind, Name};
use std::collections::BTreeMap;

/// Which target brings a mount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// None (`noauto`).
    Not,
    /// It goes on without the mount (`nofail`).
    By(&'static str),
    /// It needs the mount.
    Required(&'static str),
}

/// A unit made of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generated {
    /// The unit file.
    pub text: String,
    /// Who brings it.
    pub wanted: Wanted,
}

/// The mount units of a table. The root, which is mounted, and swap have none.
pub fn units(table: &[u8]) -> BTreeMap<Name, Generated> {
    let mut units = BTreeMap::new();
    for line in mounts::fstab(table) {
        let target = line.target.to_string_lossy().into_owned();
        let (source, kind) = (line.source.to_string_lossy(), line.kind.to_string_lossy());
        let options = line.options.to_string_lossy();
        if kind == "swap" || !target.starts_with('/') || target == "/" {
            continue;
        }
        let Some(name) = Name::of_path(&target, Kind::Mount) else { continue };
        let has = |name: &str| options.split(',').any(|option| option == name);
        let remote = has("_netdev") || matches!(&*kind, "nfs" | "nfs4" | "cifs");
        let by = if remote { "remote-fs.target" } else { "local-fs.target" };
        let wanted = match (has("noauto"), has("nofail")) {
            (true, _) => Wanted::Not,
            (_, true) => Wanted::By(by),
            _ => Wanted::Required(by),
        };
        // Those are for the generator, and the kernel does not know them.
        let rest: Vec<_> = options
            .split(',')
            .filter(|option| {
                !matches!(*option, "auto" | "noauto" | "nofail") && !option.starts_with("x-systemd.")
            })
            .collect();
        let percent = |text: &str| text.replace('%', "%%");
        let mut text = format!(
            "[Unit]\nDescription={target}\nSourcePath=/etc/fstab\n[Mount]\nWhat={}\nWhere={}\nType={}\nOptions={}\n",
            percent(&source),
            percent(&target),
            percent(&kind),
            percent(&rest.join(","))
        );
        if wanted == Wanted::By(by) {
            text = text.replace("[Mount]\n", "DefaultDependencies=yes\n[Mount]\n");
        }
        units.insert(name, Generated { text, wanted });
    }
    units
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let table = b"# x\n/dev/vda / ext4 rw 0 1\n/dev/vdb /srv/a\\040b ext4 ro,nofail 0 2\nUUID=1 /var ext4\nsrv:/x /net nfs _netdev,noauto\n/dev/vdc none swap sw\n";
        let units = units(table);
        let shown: Vec<_> = units.iter().map(|(name, unit)| (name.as_str(), unit.wanted)).collect();
        assert_eq!(
            shown,
            [
                ("net.mount", Wanted::Not),
                ("srv-a\\x20b.mount", Wanted::By("local-fs.target")),
                ("var.mount", Wanted::Required("local-fs.target"))
            ]
        );
        let text = &units[&Name::new("srv-a\\x20b.mount").unwrap()].text;
        assert!(text.contains("What=/dev/vdb\nWhere=/srv/a b\nType=ext4\nOptions=ro\n"), "{text}");
    }
}
