// SPDX-License-Identifier: MIT OR Apache-2.0
//! Kernel modules: what their `.modinfo` says, and the index files of `/lib/modules/RELEASE` that modprobe reads.
//!
//! The index files are what depmod(8) writes (modules.dep(5)), made from the modules alone, so that they do not
//! depend on the host's depmod.

use crate::elf;
use crate::error::Error;
use std::collections::{BTreeMap, BTreeSet};

/// What a module's `.modinfo` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModInfo {
    /// Its name, with `_`.
    pub name: String,
    /// The modules that it needs, with `_`.
    pub depends: Vec<String>,
    /// The kernel release that it is built for: the first word of `vermagic`.
    pub release: String,
    /// The patterns of devices that it is loaded for.
    pub aliases: Vec<String>,
    /// Its soft dependencies: `pre: NAME… post: NAME…`.
    pub softdeps: Vec<String>,
}

/// A module's name as the kernel has it: `qos-exit.ko.zst` is `qos_exit`.
pub fn module_name(file_name: &str) -> Option<String> {
    let (name, ending) = file_name.split_once(".ko")?;
    matches!(ending, "" | ".gz" | ".xz" | ".zst").then(|| name.replace('-', "_"))
}

/// Reads the `.modinfo` of the module `file_name` with this content.
///
/// # Errors
///
/// Why it is no kernel module for x86_64.
pub fn modinfo(file_name: &str, data: &[u8]) -> Result<ModInfo, String> {
    if !elf::is_elf(data) {
        return Err("not an ELF file, so no kernel module".to_owned());
    }
    let elf = elf::read(data)?;
    let first = |key: &str| elf.modinfo.get(key).and_then(|values| values.first()).cloned();
    let Some(vermagic) = first("vermagic") else {
        return Err("has no vermagic in .modinfo, so it is no kernel module".to_owned());
    };
    let name = first("name").or_else(|| module_name(file_name)).unwrap_or_default();
    let depends = first("depends").unwrap_or_default();
    Ok(ModInfo {
        name: name.replace('-', "_"),
        depends: depends.split(',').filter(|d| !d.is_empty()).map(|d| d.replace('-', "_")).collect(),
        release: vermagic.split_whitespace().next().unwrap_or_default().to_owned(),
        aliases: elf.modinfo.get("alias").cloned().unwrap_or_default(),
        softdeps: elf.modinfo.get("softdep").cloned().unwrap_or_default(),
    })
}

/// The modules of one release: their info by path below `/lib/modules/RELEASE`.
pub type Modules = BTreeMap<String, ModInfo>;

/// What a module needs, in the order in which modprobe wants it: each one before what it needs itself.
///
/// # Errors
///
/// A module that needs itself in the end. What is not in `modules` is left out: [`crate::check`] tells of it.
fn closure<'a>(modules: &'a Modules, path: &'a str) -> Result<Vec<&'a str>, Error> {
    fn visit<'a>(
        by_name: &BTreeMap<&str, &'a str>,
        modules: &'a Modules,
        path: &'a str,
        way: &mut Vec<&'a str>,
        done: &mut Vec<&'a str>,
    ) -> Result<(), Error> {
        if way.contains(&path) {
            return Err(Error::new(format!(
                "kernel modules need each other in a circle: {} -> {path}",
                way.join(" -> ")
            )));
        }
        way.push(path);
        for needed in modules.get(path).iter().flat_map(|info| &info.depends) {
            if let Some(needed) = by_name.get(needed.as_str()) {
                if !done.contains(needed) {
                    visit(by_name, modules, needed, way, done)?;
                }
            }
        }
        way.pop();
        done.push(path);
        Ok(())
    }
    let by_name = modules.iter().map(|(path, info)| (info.name.as_str(), path.as_str())).collect();
    let mut done = Vec::new();
    visit(&by_name, modules, path, &mut Vec::new(), &mut done)?;
    done.pop();
    done.reverse();
    Ok(done)
}

/// The content of `modules.dep`: for each module everything that it needs, directly or not.
///
/// # Errors
///
/// Modules that need each other in a circle.
pub fn modules_dep(modules: &Modules) -> Result<String, Error> {
    let mut out = String::new();
    for path in modules.keys() {
        out.push_str(path);
        out.push(':');
        for needed in closure(modules, path)? {
            out.push(' ');
            out.push_str(needed);
        }
        out.push('\n');
    }
    Ok(out)
}

/// The content of `modules.alias`: for each device pattern the module to load.
pub fn modules_alias(modules: &Modules) -> String {
    let lines: BTreeSet<String> = modules
        .values()
        .flat_map(|info| info.aliases.iter().map(move |alias| format!("alias {alias} {}\n", info.name)))
        .collect();
    lines.into_iter().collect()
}

/// The content of `modules.softdep`: what each module wants to be loaded before and after it. Nothing if no module does.
pub fn modules_softdep(modules: &Modules) -> String {
    let lines = modules.values().flat_map(|info| {
        info.softdeps.iter().map(move |softdep| format!("softdep {} {softdep}\n", info.name))
    });
    lines.collect()
}

/// Puts `names` in the order in which they can be loaded one by one: what a module needs comes before it. Otherwise
/// the order stays.
///
/// # Errors
///
/// Modules that need each other in a circle.
pub fn load_order(modules: &Modules, names: &[String]) -> Result<Vec<String>, Error> {
    let mut order: Vec<String> = Vec::new();
    for name in names {
        let Some((path, _)) = modules.iter().find(|(_, info)| info.name == *name) else { continue };
        let needed = closure(modules, path)?;
        let needed = needed.iter().rev().filter_map(|path| modules.get(*path)).map(|info| &info.name);
        for name in needed.chain([name]) {
            if !order.contains(name) {
                order.push(name.clone());
            }
        }
    }
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn modules(list: &[(&str, &[&str])]) -> Modules {
        let info = |name: &str, depends: &[&str]| ModInfo {
            name: name.to_owned(),
            depends: depends.iter().map(|d| (*d).to_owned()).collect(),
            release: "7.3.4".to_owned(),
            aliases: vec![format!("pci:v{name}*")],
            softdeps: if depends.is_empty() {
                Vec::new()
            } else {
                vec![format!("pre: {}", depends.join(" "))]
            },
        };
        list.iter().map(|(name, depends)| (format!("extra/{name}.ko"), info(name, depends))).collect()
    }

    #[test]
    fn dep_has_the_whole_closure_nearest_first() {
        let modules = modules(&[("a", &["b", "c"]), ("b", &["c"]), ("c", &[]), ("d", &["elsewhere"])]);
        let dep = "extra/a.ko: extra/b.ko extra/c.ko\nextra/b.ko: extra/c.ko\nextra/c.ko:\nextra/d.ko:\n";
        assert_eq!(modules_dep(&modules).map_err(|e| e.to_string()), Ok(dep.to_owned()));
    }

    #[test]
    fn a_circle_is_named() {
        let modules = modules(&[("a", &["b"]), ("b", &["a"])]);
        let error = modules_dep(&modules).err().map(|e| e.to_string()).unwrap_or_default();
        assert!(error.contains("extra/a.ko -> extra/b.ko -> extra/a.ko"), "{error}");
    }

    #[test]
    fn aliases_are_sorted() {
        assert_eq!(modules_alias(&modules(&[("b", &[]), ("a", &[])])), "alias pci:va* a\nalias pci:vb* b\n");
    }

    #[test]
    fn soft_dependencies_as_depmod_writes_them() {
        assert_eq!(modules_softdep(&modules(&[("b", &["c", "d"]), ("a", &[])])), "softdep b pre: c d\n");
        assert_eq!(modules_softdep(&modules(&[("a", &[])])), "");
    }

    #[test]
    fn what_is_needed_loads_first() {
        let modules = modules(&[("a", &["b"]), ("b", &[]), ("z", &[])]);
        let order = load_order(&modules, &["z".to_owned(), "a".to_owned(), "b".to_owned()]);
        assert_eq!(
            order.map_err(|e| e.to_string()),
            Ok(vec!["z".to_owned(), "b".to_owned(), "a".to_owned()])
        );
    }

    #[test]
    fn names() {
        for (file, name) in [
            ("qos-exit.ko", Some("qos_exit")),
            ("ext4.ko.zst", Some("ext4")),
            ("ext4.ko.xz", Some("ext4")),
            ("ext4.kox", None),
            ("ext4", None),
        ] {
            assert_eq!(module_name(file).as_deref(), name, "{file}");
        }
    }
}
