// SPDX-License-Identifier: MIT OR Apache-2.0
//! Copies a template's directory, with another name in its files and file names.

use qos_host::ui::Result;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A way in which the template's name is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// `qos_template`: a package's library, which may differ from the program's name in its hyphens.
    Library,
    /// `template`.
    Snake,
    /// `Template`: types.
    Camel,
    /// `TEMPLATE`: constants.
    Upper,
}

impl Spelling {
    fn of_template(self) -> &'static str {
        match self {
            Spelling::Library => "qos_template",
            Spelling::Snake => "template",
            Spelling::Camel => "Template",
            Spelling::Upper => "TEMPLATE",
        }
    }
}

/// Puts the new name for the template's, in every spelling; the first that fits is taken, so the longer come first.
pub fn renamed(text: &str, words: &[(Spelling, String)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        match words.iter().find_map(|(spelling, new)| Some((rest.strip_prefix(spelling.of_template())?, new)))
        {
            Some((behind, new)) => {
                out.push_str(new);
                rest = behind;
            }
            None => {
                out.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    out
}

/// A directory that is complete, but not at its place yet. Unless it is published it leaves nothing.
pub struct Draft {
    /// Where it is: beside its place, under a name that neither cargo nor Kbuild takes for one of theirs.
    at: PathBuf,
    to: PathBuf,
    files: Vec<String>,
}

impl Draft {
    /// Copies the directory `template` for `name`, which becomes a directory beside it; `without` are files to leave out.
    ///
    /// # Errors
    ///
    /// There is such a directory, two files would get one name, or files cannot be read or written.
    pub fn of(template: &Path, name: &str, words: &[(Spelling, String)], without: &[&str]) -> Result<Draft> {
        Draft::to(template, &template.with_file_name(name), words, without)
    }

    /// Copies the directory `template`, which becomes the directory `to`; its parent has to exist.
    ///
    /// # Errors
    ///
    /// As [`Draft::of`].
    pub fn to(template: &Path, to: &Path, words: &[(Spelling, String)], without: &[&str]) -> Result<Draft> {
        let to = to.to_owned();
        if to.symlink_metadata().is_ok() {
            return Err(format!("{} exists already; choose another name", to.display()).into());
        }
        let name = to.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let at = to.with_file_name(format!(".new-{name}-{}", std::process::id()));
        let mut draft = Draft { at: at.clone(), to, files: Vec::new() };
        draft.copy(template, &at, "", words, without)?;
        draft.files.sort();
        Ok(draft)
    }

    /// The new files, relative to the directory, in order.
    pub fn files(&self) -> &[String] {
        &self.files
    }

    /// Puts `new` in the place of `old` in one of its files.
    ///
    /// # Errors
    ///
    /// The file does not have `old`, or cannot be read or written.
    pub fn replace(&self, file: &str, old: &str, new: &str) -> Result<()> {
        let path = self.at.join(file);
        let cannot = |error: io::Error| format!("cannot change {}: {error}", path.display());
        let text = fs::read_to_string(&path).map_err(cannot)?;
        if !text.contains(old) {
            return Err(format!("the template's {file} does not have {old}").into());
        }
        fs::write(&path, text.replace(old, new)).map_err(cannot)?;
        Ok(())
    }

    /// Moves the directory to its place, and returns its path.
    ///
    /// # Errors
    ///
    /// It cannot be renamed; there is nothing of it then.
    pub fn publish(self) -> Result<PathBuf> {
        match fs::rename(&self.at, &self.to) {
            Ok(()) => Ok(self.to.clone()),
            Err(error) => Err(format!("cannot make {}: {error}", self.to.display()).into()),
        }
    }

    fn copy(
        &mut self,
        from: &Path,
        to: &Path,
        below: &str,
        words: &[(Spelling, String)],
        without: &[&str],
    ) -> Result<()> {
        let cannot =
            |what: &str, path: &Path, error: io::Error| format!("cannot {what} {}: {error}", path.display());
        fs::create_dir(to).map_err(|error| cannot("make", to, error))?;
        for entry in fs::read_dir(from).map_err(|error| cannot("read", from, error))? {
            let path = entry.map_err(|error| cannot("read", from, error))?.path();
            let old = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if without.contains(&old) || old == "target" {
                continue;
            }
            let new = renamed(old, words);
            let file = format!("{below}{new}");
            if path.is_dir() {
                self.copy(&path, &to.join(&new), &format!("{file}/"), words, without)?;
                continue;
            }
            if self.files.contains(&file) || to.join(&new).exists() {
                return Err(format!("the template has a file {file} already; choose another name").into());
            }
            let text = fs::read_to_string(&path).map_err(|error| cannot("read", &path, error))?;
            fs::write(to.join(&new), renamed(&text, words))
                .and_then(|()| fs::set_permissions(to.join(&new), fs::metadata(&path)?.permissions()))
                .map_err(|error| cannot("write", &to.join(&new), error))?;
            self.files.push(file);
        }
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // After it was published there is nothing here.
        let _ = fs::remove_dir_all(&self.at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use qos_host::testing::Folder;

    fn words() -> Vec<(Spelling, String)> {
        vec![
            (Spelling::Library, "qos_my_tool".into()),
            (Spelling::Snake, "my-tool".into()),
            (Spelling::Camel, "MyTool".into()),
            (Spelling::Upper, "MY_TOOL".into()),
        ]
    }

    fn check(text: &str, expect: &str) {
        assert_eq!(renamed(text, &words()), expect, "{text}");
    }

    #[test]
    fn every_spelling() {
        check("", "");
        check("nothing of it, ü", "nothing of it, ü");
        check("template", "my-tool");
        check("qos_template::run", "qos_my_tool::run");
        check("qos-template", "qos-my-tool");
        check("struct TemplateTest;", "struct MyToolTest;");
        check("TEMPLATE_MAX", "MY_TOOL_MAX");
        check("template_test.rs", "my-tool_test.rs");
        check("üTemplateütemplate", "üMyToolümy-tool");
    }

    #[test]
    fn a_copy_is_whole_or_not_there() {
        let folder = Folder::temporary();
        folder.write("template/template.rs", "mod greeting; struct Template;");
        folder.write("template/greeting.rs", "");
        folder.write("template/sub/Kbuild", "template.o");
        folder.write("template/README.md", "template");
        let template = folder.path("template");

        let draft = Draft::of(&template, "my-tool", &words(), &["README.md"]).unwrap();
        assert_eq!(draft.files(), ["greeting.rs", "my-tool.rs", "sub/Kbuild"]);
        assert!(!folder.path("my-tool").exists());
        drop(draft);
        assert_eq!(folder.names(), ["template"]);

        Draft::of(&template, "my-tool", &words(), &["README.md"]).unwrap().publish().unwrap();
        assert_eq!(folder.names(), ["my-tool", "template"]);
        assert_eq!(folder.read("my-tool/my-tool.rs"), "mod greeting; struct MyTool;");
        assert_eq!(folder.read("my-tool/sub/Kbuild"), "my-tool.o");

        let again = Draft::of(&template, "my-tool", &words(), &[]).err().unwrap().to_string();
        assert!(again.ends_with("my-tool exists already; choose another name"), "{again}");
        let twice = [(Spelling::Snake, "greeting".to_owned())];
        let twice = Draft::of(&template, "greeting", &twice, &[]).err().unwrap().to_string();
        assert!(twice.contains("greeting.rs already; choose another name"), "{twice}");
        assert_eq!(folder.names(), ["my-tool", "template"]);
    }
}
