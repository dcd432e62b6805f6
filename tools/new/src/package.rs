// SPDX-License-Identifier: MIT OR Apache-2.0
//! Adds a new package to the multi-call binary: a dependency and a line of its table. All other places find the package by
//! its directory.

use super::name::PackageName;
use qos_host::ui::Result;
use std::fs;
use std::path::{Path, PathBuf};

const MANIFEST: &str = "packages/qos/Cargo.toml";
const TABLE: &str = "packages/qos/src/lib.rs";
/// The table's first line.
const TABLE_HEAD: &str = "const OWN: &[(&str, Main)] = &[";

/// Lines to be put into files.
pub struct Edits(Vec<Edit>);

struct Edit {
    /// Its path from the repository's root, for messages.
    name: &'static str,
    path: PathBuf,
    before: String,
    after: String,
    line: String,
}

/// The edits for the package `name`.
///
/// # Errors
///
/// A file cannot be read, or does not look as it did when this was written.
pub fn edits(root: &Path, name: &PackageName) -> Result<Edits> {
    let of = |file: &'static str, change: fn(&str, &PackageName) -> Option<(String, String)>| {
        let path = root.join(file);
        let before =
            fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let (after, line) = change(&before, name).ok_or_else(|| {
            format!("{file} has an unknown structure; cannot find the place for the new program")
        })?;
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>(Edit { name: file, path, before, after, line })
    };
    Ok(Edits(vec![of(MANIFEST, with_dependency)?, of(TABLE, with_line)?]))
}

impl Edits {
    /// Writes all files, or none.
    ///
    /// # Errors
    ///
    /// One cannot be written; those that were are as they have been.
    pub fn apply(&self) -> Result<()> {
        for (at, edit) in self.0.iter().enumerate() {
            if let Err(error) = fs::write(&edit.path, &edit.after) {
                for done in &self.0[..=at] {
                    let _ = fs::write(&done.path, &done.before);
                }
                return Err(format!("cannot write {}: {error}", edit.path.display()).into());
            }
        }
        Ok(())
    }

    /// A line for each edit: the place and the inserted text.
    pub fn summary(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|edit| format!("{}: + {}", edit.name, edit.line.trim()))
    }
}

/// The file, from the repository's root, whose table of programs has one of this name.
///
/// # Errors
///
/// A package cannot be read.
pub fn holder_of(root: &Path, name: &str) -> Result<Option<String>> {
    let folder = root.join("packages");
    let cannot = |error| format!("cannot read {}: {error}", folder.display());
    let entries =
        fs::read_dir(&folder).and_then(Iterator::collect::<std::io::Result<Vec<_>>>).map_err(cannot)?;
    let tables = entries.iter().map(|entry| entry.path().join("src/lib.rs"));
    let holds = |table: &PathBuf| fs::read_to_string(table).is_ok_and(|source| has_program(&source, name));
    let mut holders: Vec<_> = tables.filter(holds).collect();
    holders.sort();
    Ok(holders.first().map(|table| table.strip_prefix(root).unwrap_or(table).display().to_string()))
}

/// Whether a table in this source has the program: as the first part of an entry (`("NAME", …)`), or in a list of names.
fn has_program(source: &str, name: &str) -> bool {
    let quoted = format!("\"{name}\"");
    source.lines().map(str::trim_start).any(|line| {
        line.starts_with(&quoted)
            || line.contains(&format!("({quoted},"))
            || line.starts_with("pub const NAMES:") && line.contains(&quoted)
    })
}

/// The manifest with the package among the dependencies, and the new line.
fn with_dependency(manifest: &str, name: &PackageName) -> Option<(String, String)> {
    let name = name.as_str();
    let line = format!("qos-{name} = {{ path = \"../{name}\" }}");
    insert(manifest, &line, |line| line == "[dependencies]", |line| line.is_empty() || line.starts_with('['))
}

/// The table of programs with one more, and the new line.
fn with_line(source: &str, name: &PackageName) -> Option<(String, String)> {
    let (program, library) = (name.as_str(), name.snake());
    let line = format!("    (\"{program}\", |args| qos_{library}::run(args).into()),");
    insert(source, &line, |line| line == TABLE_HEAD, |line| line == "];")
}

/// Puts `line` at its alphabetical place between the line that is a `head` and the next that is an `end`; comments
/// stay where they are.
fn insert(
    text: &str,
    line: &str,
    head: impl Fn(&str) -> bool,
    end: impl Fn(&str) -> bool,
) -> Option<(String, String)> {
    let mut lines: Vec<&str> = text.lines().collect();
    let first = lines.iter().position(|line| head(line))? + 1;
    let length = lines[first..].iter().position(|line| end(line))?;
    let is_comment = |line: &str| line.trim_start().starts_with(['#', '/']);
    let before = |other: &&str| !is_comment(other) && key(other) > key(line);
    let at = lines[first..first + length].iter().position(before).unwrap_or(length);
    lines.insert(first + at, line);
    Some((lines.join("\n") + "\n", line.to_owned()))
}

/// What lines are sorted by: a name, without the quotes and what comes behind it.
fn key(line: &str) -> &str {
    let line = line.trim_start().trim_start_matches(['(', '"']);
    line.split(['"', ' ']).next().unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use qos_host::root;

    fn name(name: &str) -> PackageName {
        PackageName::parse(name).unwrap()
    }

    fn check(package: &str, table: &str, expect: &str) {
        let around = |inside: &str| format!("use x;\n\n{TABLE_HEAD}\n{inside}];\n\nfn f() {{}}\n");
        let (after, _) = with_line(&around(table), &name(package)).unwrap();
        assert_eq!(after, around(expect), "{package}");
    }

    #[test]
    fn the_table_stays_in_order() {
        let (a, m, z) = (
            "    (\"a\", |args| qos_a::run(args).into()),\n",
            "    (\"m-2\", |args| qos_m_2::run(args).into()),\n",
            "    (\"z\", |_| qos_z::run()),\n",
        );
        check("m-2", "", m);
        check("m-2", z, &format!("{m}{z}"));
        check("m-2", a, &format!("{a}{m}"));
        check("m-2", &format!("{a}{z}"), &format!("{a}{m}{z}"));
        let comment = "    // zz: a comment\n";
        check("a", &format!("{comment}{z}"), &format!("{comment}{a}{z}"));
    }

    #[test]
    fn the_dependency_stays_in_order() {
        let manifest = "[package]\nname = \"x\"\n\n[dependencies]\nqos-init = {}\nqos-util = {}\n\n[lints]\n";
        let (after, line) = with_dependency(manifest, &name("my-tool")).unwrap();
        assert_eq!(line, "qos-my-tool = { path = \"../my-tool\" }");
        assert_eq!(after, manifest.replace("qos-util", &format!("{line}\nqos-util")));
        assert_eq!(with_dependency("[package]\n", &name("x")), None);
    }

    #[test]
    fn known_programs() {
        for (source, name, expect) in [
            ("    (\"mount\", mount::main, \"mount [-a]\"),", "mount", true),
            ("    \"ls\" => uu_ls,", "ls", true),
            ("    \"ls\" => uu_ls,", "l", false),
            ("// \"ls\" is a program", "ls", false),
            ("", "ls", false),
        ] {
            assert_eq!(has_program(source, name), expect, "{source}");
        }
    }

    #[test]
    fn the_repositorys_own_files_have_the_places() {
        let longest = name(&"n".repeat(30));
        let edits = edits(root::root(), &longest).unwrap();
        let lines: Vec<&str> = edits.0.iter().map(|edit| edit.line.as_str()).collect();
        // rustfmt.toml's max_width
        assert!(lines.iter().all(|line| line.len() <= 110), "{lines:?}");
    }

    #[test]
    fn programs_that_the_guest_has() {
        let check = |name: &str, expect: Option<&str>| {
            assert_eq!(holder_of(root::root(), name).unwrap().as_deref(), expect, "{name}");
        };
        check("mount", Some("packages/util/src/lib.rs"));
        check("ls", Some("packages/coreutils/src/lib.rs"));
        check("diff", Some("packages/diffutils/src/lib.rs"));
        check("grep", Some("packages/grep/src/lib.rs"));
        check("less", Some("packages/pager/src/lib.rs"));
        check("kibi", Some("packages/editor/src/lib.rs"));
        check("pgrep", Some("packages/procps/src/lib.rs"));
        check("my-tool", None);
    }
}
