// SPDX-License-Identifier: MIT OR Apache-2.0
use std::collections::BTreeMap;
use std::fmt;

/// The kernel's name of the module in file `path`: without directories and `.ko`, each `-` as `_` (modprobe(8)).
#[must_use]
pub fn module_name(path: &str) -> String {
    let file = path.rsplit('/').next().unwrap_or(path);
    let stem = file.split_once(".ko").map_or(file, |(stem, _)| stem);
    stem.replace('-', "_")
}

/// Why modules cannot be put in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// `modules.dep` does not have this module.
    Unknown(String),
    /// This module needs itself, by way of others.
    Cycle(String),
    /// A line of `modules.dep` (its number, from 1) has no colon.
    Line(usize),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Unknown(name) => write!(f, "module {name} is not in modules.dep"),
            Error::Cycle(name) => write!(f, "module {name} needs itself, says modules.dep"),
            Error::Line(n) => write!(f, "modules.dep, line {n}: no `:` after the module"),
        }
    }
}

impl std::error::Error for Error {}

/// `modules.dep`: the file of each module and its dependencies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dependencies {
    modules: BTreeMap<String, Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    path: String,
    needs: Vec<String>,
}

impl Dependencies {
    /// Reads the text of a `modules.dep`: lines of `PATH: PATH…`.
    ///
    /// # Errors
    /// On a line without a colon.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut modules = BTreeMap::new();
        for (n, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let (path, needs) = line.split_once(':').ok_or(Error::Line(n + 1))?;
            let needs = needs.split_whitespace().map(module_name).collect();
            modules.insert(module_name(path), Entry { path: path.trim().to_owned(), needs });
        }
        Ok(Dependencies { modules })
    }

    /// Paths of the modules to load for `name`, in order: `name` itself comes last, each only once.
    ///
    /// # Errors
    /// When a module is not listed, or needs itself.
    pub fn order(&self, name: &str) -> Result<Vec<&str>, Error> {
        let mut order = Vec::new();
        self.visit(&module_name(name), &mut Vec::new(), &mut order)?;
        Ok(order)
    }

    /// Whether there is a module of that name, which is as [`module_name`] gives it.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.modules.contains_key(name)
    }

    fn visit<'a>(
        &'a self,
        name: &str,
        above: &mut Vec<String>,
        order: &mut Vec<&'a str>,
    ) -> Result<(), Error> {
        let entry = self.modules.get(name).ok_or_else(|| Error::Unknown(name.to_owned()))?;
        if order.contains(&entry.path.as_str()) {
            return Ok(());
        }
        if above.iter().any(|other| other == name) {
            return Err(Error::Cycle(name.to_owned()));
        }
        above.push(name.to_owned());
        // depmod(8) lists the deepest dependency last.
        for needed in entry.needs.iter().rev() {
            self.visit(needed, above, order)?;
        }
        above.pop();
        order.push(&entry.path);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEP: &str = "\
kernel/a-b.ko: kernel/c.ko.zst kernel/d.ko
kernel/c.ko.zst: kernel/d.ko
kernel/d.ko:

kernel/x.ko: kernel/y.ko
kernel/y.ko: kernel/x.ko
kernel/z.ko: kernel/gone.ko
";

    fn check(name: &str, expect: Result<&[&str], Error>) {
        let dependencies = Dependencies::parse(DEP).unwrap();
        assert_eq!(dependencies.order(name).as_deref(), expect.as_ref().map(|e| *e), "{name}");
    }

    #[test]
    fn orders() {
        check("d", Ok(&["kernel/d.ko"]));
        check("a-b", Ok(&["kernel/d.ko", "kernel/c.ko.zst", "kernel/a-b.ko"]));
        check("a_b", Ok(&["kernel/d.ko", "kernel/c.ko.zst", "kernel/a-b.ko"]));
        check("x", Err(Error::Cycle("x".into())));
        check("z", Err(Error::Unknown("gone".into())));
        check("nope", Err(Error::Unknown("nope".into())));
    }

    #[test]
    fn names() {
        assert_eq!(module_name("kernel/drivers/a-b.ko.xz"), "a_b");
        assert_eq!(module_name("a-b"), "a_b");
        assert_eq!(Dependencies::parse("a: b\nc\n"), Err(Error::Line(2)));
    }
}
