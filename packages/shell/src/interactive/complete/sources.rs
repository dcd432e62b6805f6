// SPDX-License-Identifier: GPL-3.0-or-later
//! The sources of names: directories and `PATH`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// The reserved words that a person types in full.
pub const KEYWORDS: &[&str] =
    &["case", "do", "done", "elif", "else", "esac", "fi", "for", "if", "then", "until", "while"];

/// Which entries of a directory are wanted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Filter {
    All,
    /// Directories, and files that can be executed.
    Executable,
    Directory,
}

/// The entries of a directory that begin with `prefix`, and whether each is a directory. Hidden ones are shown only if
/// `prefix` asks for them. An empty path is the working directory.
pub fn entries(directory: &str, prefix: &str, filter: Filter) -> Vec<(String, bool)> {
    let directory = if directory.is_empty() { "." } else { directory };
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let mut found = Vec::new();
    for entry in entries.flatten() {
        // Names that are not UTF-8 cannot be typed at this prompt.
        let Ok(name) = entry.file_name().into_string() else { continue };
        if !name.starts_with(prefix) || (name.starts_with('.') && !prefix.starts_with('.')) {
            continue;
        }
        let metadata = fs::metadata(entry.path());
        let is_directory = metadata.as_ref().is_ok_and(fs::Metadata::is_dir);
        let is_executable = metadata.is_ok_and(|metadata| metadata.permissions().mode() & 0o111 != 0);
        let wanted = match filter {
            Filter::All => true,
            Filter::Executable => is_directory || is_executable,
            Filter::Directory => is_directory,
        };
        if wanted {
            found.push((name, is_directory));
        }
    }
    found
}

/// The programs in the directories of `path` that begin with `prefix`.
pub fn programs(path: &str, prefix: &str) -> Vec<String> {
    let directories =
        path.split(':').filter(|directory| !directory.is_empty() && Path::new(directory).is_absolute());
    directories
        .flat_map(|directory| entries(directory, prefix, Filter::Executable))
        .filter(|(_, is_directory)| !is_directory)
        .map(|(name, _)| name)
        .collect()
}

/// A directory with `~` and variables expanded, as far as that needs no command.
pub fn expand(directory: &str, tilde: bool, variable: &dyn Fn(&str) -> Option<String>) -> String {
    let mut text = directory.to_owned();
    if tilde {
        let (name, rest) = directory[1..].split_once('/').unwrap_or((&directory[1..], ""));
        let home = if name.is_empty() { variable("HOME") } else { home(name) };
        text = format!("{}/{rest}", home.unwrap_or_else(|| format!("~{name}")));
    }
    let mut expanded = String::new();
    let mut rest = &*text;
    while let Some((before, after)) = rest.split_once('$') {
        expanded.push_str(before);
        let (name, behind) = match after.strip_prefix('{') {
            Some(braced) => braced.split_once('}').unwrap_or((braced, "")),
            None => after.split_at(
                after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len()),
            ),
        };
        match variable(name) {
            Some(value) => expanded.push_str(&value),
            None => {
                expanded.push('$');
                expanded.push_str(name);
            }
        }
        rest = behind;
    }
    expanded + rest
}

/// The home directory of a user.
fn home(name: &str) -> Option<String> {
    let passwd = fs::read_to_string("/etc/passwd").ok()?;
    let line = passwd.lines().find(|line| line.split(':').next() == Some(name))?;
    line.split(':').nth(5).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_are_expanded() {
        let variable = |name: &str| match name {
            "HOME" => Some("/root".to_owned()),
            "A" => Some("x y".to_owned()),
            _ => None,
        };
        for (directory, tilde, wanted) in [
            ("", false, ""),
            ("/etc/", false, "/etc/"),
            ("~/", true, "/root/"),
            ("~/a/b/", true, "/root/a/b/"),
            ("~/", false, "~/"),
            ("$HOME/a/", false, "/root/a/"),
            ("/${A}b/$A/", false, "/x yb/x y/"),
            ("$NONE/", false, "$NONE/"),
            ("~nobody-of-this-name/", true, "~nobody-of-this-name/"),
        ] {
            assert_eq!(expand(directory, tilde, &variable), wanted, "{directory:?}");
        }
    }

    #[test]
    fn entries_of_a_directory() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        fs::create_dir(path.join("sub")).unwrap();
        for name in ["a b", ".hidden", "run"] {
            fs::write(path.join(name), "").unwrap();
        }
        fs::set_permissions(path.join("run"), fs::Permissions::from_mode(0o755)).unwrap();
        let path = path.to_str().unwrap();
        let names = |prefix, filter| {
            let mut names: Vec<_> = entries(path, prefix, filter).into_iter().map(|(name, _)| name).collect();
            names.sort();
            names.join(" ")
        };
        assert_eq!(names("", Filter::All), "a b run sub");
        assert_eq!(names(".", Filter::All), ".hidden");
        assert_eq!(names("", Filter::Executable), "run sub");
        assert_eq!(names("", Filter::Directory), "sub");
        assert_eq!(names("x", Filter::All), "");
        assert_eq!(programs(&format!("relative::{path}:/nonexistent"), "r"), ["run"]);
    }
}
