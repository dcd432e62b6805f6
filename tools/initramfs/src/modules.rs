// SPDX-License-Identifier: MIT OR Apache-2.0
//! Kernel modules: the index files of `/lib/modules/RELEASE` that modprobe reads.
//!
//! The index files are those of depmod(8) (modules.dep(5)), made by this crate from the modules alone, so that they do
//! not depend on the host's depmod.

pub use qos_inspect::module::{ModInfo, modinfo, module_name, unpacked};

use qos_inspect::Error;
use qos_tree::{Node, Tree};
use std::collections::{BTreeMap, BTreeSet};

/// Puts a file below `/lib/modules`: in `/usr/lib/modules`, if `/lib` is a link there.
pub(crate) fn insert(tree: &mut Tree, below: &str, node: Node) -> Result<(), Error> {
    let path = tree.place(format!("lib/modules/{below}"));
    tree.insert(path.map_err(|reason| Error::new(reason.to_string()))?, node);
    Ok(())
}

/// The modules of one release: their info by path below `/lib/modules/RELEASE`.
pub type Modules = BTreeMap<String, ModInfo>;

/// The dependencies of a module, in the order of modules.dep: each one before its own dependencies.
///
/// # Errors
///
/// A module that depends on itself in the end. Modules that are not in `modules` are omitted; [`qos_inspect::check`] reports them.
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

/// The content of `modules.softdep`: the modules to be loaded before and after each module. Nothing if no module has any.
pub fn modules_softdep(modules: &Modules) -> String {
    let lines = modules.values().flat_map(|info| {
        info.softdeps.iter().map(move |softdep| format!("softdep {} {softdep}\n", info.name))
    });
    lines.collect()
}

/// Sorts `names` into an order in which they can be loaded one by one: dependencies of a module come before it. Otherwise
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
            vermagic: "7.3.4 SMP".to_owned(),
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
}
