// SPDX-License-Identifier: MIT OR Apache-2.0
//! The configuration of modprobe: modprobe.d(5), `modules.softdep` and the kernel's command line.

use crate::alias::normalized;
use crate::cmdline::{self, Setting};
use crate::module_name;
use qos_sys::pattern;
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Directories of configuration files; of two files with the same name, that in the earlier directory counts.
pub const FOLDERS: &[&str] = &[
    "/etc/modprobe.d",
    "/run/modprobe.d",
    "/usr/local/lib/modprobe.d",
    "/usr/lib/modprobe.d",
    "/lib/modprobe.d",
];

/// The configuration, in the order of the files and lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    /// `blacklist MODULE`.
    pub blacklist: Vec<String>,
    /// `install MODULE COMMAND`: run in place of loading the module.
    pub install: Vec<(String, String)>,
    /// `remove MODULE COMMAND`: run in place of removing the module.
    pub remove: Vec<(String, String)>,
    /// `alias PATTERN MODULE`.
    pub aliases: Vec<(String, String)>,
    /// `options MODULE PARAMETER…`.
    pub options: Vec<(String, String)>,
    /// `softdep MODULE pre: … post: …`.
    pub softdeps: Vec<Softdep>,
    /// Lines that are not understood and so are ignored, each as a message.
    pub complaints: Vec<String>,
}

/// Modules to load before and after another one, if they are there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Softdep {
    /// Name of the module, or a pattern.
    pub module: String,
    /// To load before.
    pub pre: Vec<String>,
    /// To load after.
    pub post: Vec<String>,
}

impl Config {
    /// Reads the `.conf` files of `folders` and the `modules.softdep` file in `modules`, sorted by name, and the text of
    /// `/proc/cmdline`. A directory or file that is not there is no error.
    ///
    /// # Errors
    /// A file cannot be read; with its path.
    pub fn read(folders: &[PathBuf], modules: &Path, cmdline: &str) -> Result<Config, (PathBuf, io::Error)> {
        let mut files = BTreeMap::from([("modules.softdep".to_owned(), modules.join("modules.softdep"))]);
        for folder in folders {
            // A file may be given too, as by modprobe's -C.
            if folder.is_file() {
                files.insert(folder.display().to_string(), folder.clone());
            }
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                if name.ends_with(".conf") && !name.starts_with('.') {
                    files.entry(name).or_insert_with(|| entry.path());
                }
            }
        }
        let mut config = Config::default();
        for path in files.into_values() {
            match std::fs::read(&path) {
                Ok(bytes) => config.add(&path.display().to_string(), &String::from_utf8_lossy(&bytes)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err((path, error)),
            }
        }
        config.add_cmdline(cmdline);
        Ok(config)
    }

    /// Adds the text of the configuration file `name`.
    pub fn add(&mut self, name: &str, text: &str) {
        for (number, line) in joined(text) {
            let line = line.trim_start_matches([' ', '\t']);
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if self.add_line(line).is_none() {
                let word = line.split([' ', '\t']).next().unwrap_or_default();
                self.complaints.push(format!("{name}, line {number}: ignored, not understood: {word} …"));
            }
        }
    }

    fn add_line(&mut self, line: &str) -> Option<()> {
        let (command, rest) = word(line)?;
        let (module, rest) = word(rest)?;
        match command {
            "blacklist" => self.blacklist.push(normalized(module)?),
            "alias" => self.aliases.push((normalized(module)?, normalized(word(rest)?.0)?)),
            "options" => self.options.push((normalized(module)?, own(rest)?)),
            "install" => self.install.push((normalized(module)?, own(rest)?)),
            "remove" => self.remove.push((normalized(module)?, own(rest)?)),
            "softdep" => self.softdeps.push(softdep(module, rest)?),
            // A hint for programs that make an initramfs.
            "weakdep" => {}
            _ => return None,
        }
        Some(())
    }

    pub(crate) fn add_cmdline(&mut self, text: &str) {
        for setting in cmdline::parse(text) {
            match setting {
                Setting::Blacklist(names) => {
                    self.blacklist.extend(names.iter().map(|name| module_name(name)));
                }
                Setting::Parameter(module, text) => self.options.push((module.replace('-', "_"), text)),
            }
        }
    }

    /// The parameters of a module that was requested by `alias`, separated by blanks.
    pub fn options_of(&self, module: &str, alias: Option<&str>) -> String {
        let own = self.options.iter().filter(|(name, _)| name == module || Some(name.as_str()) == alias);
        own.map(|(_, text)| text.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// The command that loads a module, if it has one.
    pub fn install_command(&self, module: &str) -> Option<&str> {
        first(&self.install, module)
    }

    /// The command that removes a module, if it has one.
    pub fn remove_command(&self, module: &str) -> Option<&str> {
        first(&self.remove, module)
    }

    /// The soft dependencies of a module: the first line that matches.
    pub fn softdep(&self, module: &str) -> Option<&Softdep> {
        self.softdeps.iter().find(|softdep| pattern::matches(&softdep.module, module))
    }
}

/// As `modprobe -c` prints it.
impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.blacklist.iter().try_for_each(|module| writeln!(f, "blacklist {module}"))?;
        for (command, pairs) in [
            ("install", &self.install),
            ("remove", &self.remove),
            ("alias", &self.aliases),
            ("options", &self.options),
        ] {
            pairs.iter().try_for_each(|(name, text)| writeln!(f, "{command} {name} {text}"))?;
        }
        for Softdep { module, pre, post } in &self.softdeps {
            write!(f, "softdep {module}")?;
            for (when, names) in [("pre", pre), ("post", post)] {
                if !names.is_empty() {
                    write!(f, " {when}: {}", names.join(" "))?;
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

fn first<'a>(commands: &'a [(String, String)], module: &str) -> Option<&'a str> {
    let found = commands.iter().find(|(name, _)| pattern::matches(name, module));
    found.map(|(_, command)| command.as_str())
}

/// The lines of a file with their numbers; a backslash at the end of a line joins the next one to it.
fn joined(text: &str) -> Vec<(usize, String)> {
    let mut lines = Vec::new();
    let mut open: Option<(usize, String)> = None;
    // Not `lines()`: a carriage return at the end of a line is its own, as kmod has it.
    for (n, line) in text.split('\n').enumerate() {
        let (number, mut whole) = open.take().unwrap_or((n + 1, String::new()));
        match line.strip_suffix('\\') {
            Some(part) => {
                whole.push_str(part);
                open = Some((number, whole));
            }
            None => {
                whole.push_str(line);
                lines.push((number, whole));
            }
        }
    }
    lines.extend(open);
    lines
}

/// The first word, and the text after the blank.
fn word(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start_matches([' ', '\t']);
    let (word, rest) = text.split_once([' ', '\t']).unwrap_or((text, ""));
    (!word.is_empty()).then_some((word, rest))
}

/// The rest of a line, whose blanks are the user's; `None` if it is empty.
fn own(rest: &str) -> Option<String> {
    (!rest.is_empty()).then(|| rest.replace('\t', " "))
}

fn softdep(module: &str, rest: &str) -> Option<Softdep> {
    let mut softdep = Softdep { module: normalized(module)?, ..Softdep::default() };
    let mut list = None;
    for word in rest.split_whitespace() {
        match word {
            "pre:" => list = Some(&mut softdep.pre),
            "post:" => list = Some(&mut softdep.post),
            name => {
                // Names before the first `pre:` or `post:` belong to no list.
                if let Some(list) = &mut list {
                    list.push(name.to_owned());
                }
            }
        }
    }
    Some(softdep)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Config {
        let mut config = Config::default();
        config.add("f", text);
        config
    }

    #[test]
    fn lines_that_are_not_understood() {
        let config = parsed("nonsense here\nalias onlyone\n\n # x\nalias a] b\noptions a \\\n\nblacklist\n");
        let expect = [
            "f, line 1: ignored, not understood: nonsense …",
            "f, line 2: ignored, not understood: alias …",
            "f, line 5: ignored, not understood: alias …",
            "f, line 6: ignored, not understood: options …",
            "f, line 8: ignored, not understood: blacklist …",
        ];
        assert_eq!(config.complaints, expect);
        assert_eq!(Config { complaints: Vec::new(), ..config }, Config::default());
    }

    #[test]
    fn what_is_read_is_printed() {
        let text = "blacklist a_b\ninstall c d e\nremove c f\nalias x_[0-9] y\noptions a_b  p=1\n\
                    softdep a pre: b-c d post: e\n";
        assert_eq!(parsed(&text.replace("a_b", "a-b").replace("x_", "x-")).to_string(), text);
        for line in ["remove c f\r", "remove c f\r\n"] {
            assert_eq!(parsed(line).to_string(), "remove c f\r\n");
        }
        assert_eq!(parsed("softdep a lost post: b\nweakdep a b\n").to_string(), "softdep a post: b\n");
    }

    #[test]
    fn the_first_folder_counts() {
        let root = std::env::temp_dir().join(format!("qos-modprobe.d-{}", std::process::id()));
        let folders = ["etc", "lib"].map(|name| root.join(name));
        for (folder, file, line) in [
            (0, "b.conf", "options m from=etc-b"),
            (1, "b.conf", "options m from=lib-b"),
            (1, "a.conf", "options m from=lib-a"),
            (1, "c.txt", "options m from=txt"),
            (1, ".d.conf", "options m from=hidden"),
            (1, "modules.softdep", "softdep m pre: x"),
        ] {
            std::fs::create_dir_all(&folders[folder]).unwrap();
            std::fs::write(folders[folder].join(file), line).unwrap();
        }
        let config = Config::read(&folders, &folders[1], "m.from=cmdline modprobe.blacklist=a-b,c").unwrap();
        std::fs::remove_dir_all(&root).unwrap();
        assert_eq!(config.options_of("m", None), "from=lib-a from=etc-b from=cmdline");
        assert_eq!(config.softdep("m").unwrap().pre, ["x"]);
        assert_eq!(config.blacklist, ["a_b", "c"]);
    }
}
