// SPDX-License-Identifier: MIT OR Apache-2.0
//! The subject of a configuration option: the first line of its help text in the kernel's source.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The architecture whose options are looked up; others have options of the same names.
const ARCH: &str = "x86";

/// The first line of the help text of each of `options` (names without `CONFIG_`); of one without help its prompt,
/// without a prompt nothing: it is only selected by others. The source is the kernel's at `linux`.
///
/// # Errors
/// `linux` is not a kernel's source, or a file in it cannot be read.
pub fn first_lines(linux: &Path, options: &BTreeSet<&str>) -> Result<BTreeMap<String, String>, String> {
    if !linux.join("Kconfig").is_file() {
        return Err(format!("{} is not a kernel source tree: it has no Kconfig", linux.display()));
    }
    let mut found = Found::default();
    if !options.is_empty() {
        walk(linux, linux, options, &mut found)?;
    }
    for (option, prompt) in found.prompts {
        found.helps.entry(option).or_insert(prompt);
    }
    Ok(found.helps)
}

#[derive(Default)]
struct Found {
    helps: BTreeMap<String, String>,
    prompts: BTreeMap<String, String>,
}

fn walk(linux: &Path, folder: &Path, options: &BTreeSet<&str>, found: &mut Found) -> Result<(), String> {
    let cannot = |error| format!("cannot read {}: {error}", folder.display());
    let mut entries: Vec<(PathBuf, String, bool)> = Vec::new();
    for entry in fs::read_dir(folder).map_err(cannot)? {
        let entry = entry.map_err(cannot)?;
        let kind = entry.file_type().map_err(cannot)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_folder = kind.is_dir() && !name.starts_with('.');
        if is_folder || kind.is_file() && (name == "Kconfig" || name.starts_with("Kconfig.")) {
            entries.push((entry.path(), name, is_folder));
        }
    }
    // Files before directories, each by name: the order of a directory must not decide which of two texts is taken.
    entries.sort_by(|(_, one, one_is_folder), (_, other, other_is_folder)| {
        (one_is_folder, one).cmp(&(other_is_folder, other))
    });
    let unrelated = |name: &str| match folder.strip_prefix(linux) {
        Ok(inside) if inside.as_os_str().is_empty() => matches!(name, "Documentation" | "tools"),
        Ok(inside) if inside.as_os_str() == "arch" => name != ARCH,
        _ => false,
    };
    for (path, name, is_folder) in entries {
        if is_folder && !unrelated(&name) {
            walk(linux, &path, options, found)?;
        } else if !is_folder {
            let bytes =
                fs::read(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
            scan(&String::from_utf8_lossy(&bytes), options, found);
        }
    }
    Ok(())
}

/// Takes help texts and prompts from one file; what was found before stays. The language is described in
/// Documentation/kbuild/kconfig-language.rst.
fn scan(text: &str, options: &BTreeSet<&str>, found: &mut Found) {
    let mut option: Option<&str> = None;
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let mut words = line.split_whitespace();
        let Some(keyword) = words.next() else { continue };
        match keyword {
            "config" | "menuconfig" => option = words.next().filter(|name| options.contains(name)),
            "choice" | "endchoice" | "menu" | "endmenu" | "if" | "endif" | "source" | "comment" => {
                option = None
            }
            "bool" | "tristate" | "string" | "int" | "hex" | "prompt" => {
                if let Some((option, prompt)) = option.zip(quoted(line)) {
                    found.prompts.entry(option.to_owned()).or_insert(prompt.to_owned());
                }
            }
            "help" | "---help---" => {
                while lines.next_if(|line| line.trim().is_empty()).is_some() {}
                let depth = lines.peek().map_or(0, |line| indentation(line));
                if depth == 0 {
                    continue;
                }
                let first = lines.next().map(str::trim);
                if let Some((option, first)) = option.zip(first) {
                    found.helps.entry(option.to_owned()).or_insert(first.to_owned());
                }
                // A help text ends with the first line that is indented less: it may hold any words.
                while lines.next_if(|line| line.trim().is_empty() || indentation(line) >= depth).is_some() {}
            }
            _ => {}
        }
    }
}

/// Columns of white space at the beginning of a line; a tab extends to the next multiple of eight.
fn indentation(line: &str) -> usize {
    let blanks = line.chars().take_while(|c| c.is_whitespace());
    blanks.fold(0, |column, c| if c == '\t' { (column / 8 + 1) * 8 } else { column + 1 })
}

fn quoted(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once('"')?;
    rest.split_once('"').map(|(prompt, _)| prompt)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &[(&str, &str)], prompts: &[(&str, &str)]) {
        let mut found = Found::default();
        scan(text, &BTreeSet::from(["A", "B", "C"]), &mut found);
        let list = |map: &BTreeMap<String, String>| -> Vec<(String, String)> {
            map.iter().map(|(option, text)| (option.clone(), text.clone())).collect()
        };
        let owned = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(option, text)| ((*option).to_owned(), (*text).to_owned())).collect()
        };
        assert_eq!(list(&found.helps), owned(expect), "{text}");
        assert_eq!(list(&found.prompts), owned(prompts), "{text}");
    }

    #[test]
    fn help_texts() {
        check("", &[], &[]);
        check("config A\n\tbool\n\thelp\n\t  One.\n\t  Two.\n", &[("A", "One.")], &[]);
        check("config A\n\tbool \"P\"\n\thelp\n\n\t  One.\n", &[("A", "One.")], &[("A", "P")]);
        check(
            "menuconfig B\n\ttristate \"P\" if X\n\t---help---\n\t  One.\n",
            &[("B", "One.")],
            &[("B", "P")],
        );
        check("config X\n\thelp\n\t  Not asked for.\nconfig A\n\tprompt \"P\"\n", &[], &[("A", "P")]);
        // Words of a help text are not the language's.
        check(
            "config A\n\thelp\n\t  One.\n\n\t  config B\n\t  help\n\t    No.\nconfig C\n\thelp\n\t  Three.\n",
            &[("A", "One."), ("C", "Three.")],
            &[],
        );
        check("config A\n\thelp\nconfig B\n\thelp\n\t  Two.\n", &[("B", "Two.")], &[]);
        check("config A\n\tbool\nchoice\n\thelp\n\t  Of the choice.\n", &[], &[]);
        check("config A\n\thelp\n\t  One.\nconfig A\n\thelp\n\t  Again.\n", &[("A", "One.")], &[]);
        check("config A\n        bool\n        help\n          Blanks.\n", &[("A", "Blanks.")], &[]);
    }
}
