// SPDX-License-Identifier: MIT OR Apache-2.0
//! Options for the source of packages, of every verb that may have to run the setup.

use crate::progress::Unit;
use crate::ui::{self, Result, Ui};
use clap::Args;
use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

/// The variable in which xtask passes the path of its own program to a tool.
pub const XTASK: &str = "QOS_XTASK";

/// Variables with the same meaning as the options.
const MIRROR: &str = "QOS_DEBIAN_MIRROR";
const SECURITY_MIRROR: &str = "QOS_DEBIAN_SECURITY_MIRROR";

/// Where packages come from, and whether pins may move.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// Never change a lock file: a package that no mirror has any more is an error
    #[arg(long)]
    pub locked: bool,
    /// Debian mirror to use instead of those in the host's apt sources (the URL that ends in /debian)
    #[arg(long, value_name = "URL", env = MIRROR)]
    pub mirror: Option<String>,
    /// Mirror of the security archive; default: the mirror's URL with -security after it
    #[arg(long, value_name = "URL", env = SECURITY_MIRROR, requires = "mirror")]
    pub security_mirror: Option<String>,
}

impl Source {
    /// The options among a tool's arguments, which xtask needs before the tool exists to parse them. The tool reports
    /// invalid options.
    pub fn among(arguments: &[OsString], variable: impl Fn(&str) -> Option<String>) -> Source {
        let own = arguments.iter().take_while(|word| *word != "--");
        let words: Vec<&str> = own.map(|word| word.to_str().unwrap_or_default()).collect();
        let value = |option: &str| {
            let at = words.iter().position(|word| word.strip_prefix(option).is_some_and(is_end))?;
            let joined = words[at].strip_prefix(option)?.strip_prefix('=');
            joined.or_else(|| words.get(at + 1).copied()).map(str::to_owned)
        };
        Source {
            locked: words.contains(&"--locked"),
            mirror: value("--mirror").or_else(|| variable(MIRROR)),
            security_mirror: value("--security-mirror").or_else(|| variable(SECURITY_MIRROR)),
        }
    }

    /// The options as a command line has them.
    fn words(&self) -> Vec<&str> {
        let mut words = Vec::new();
        words.extend(self.locked.then_some("--locked"));
        words.extend(self.mirror.iter().flat_map(|url| ["--mirror", url]));
        words.extend(self.security_mirror.iter().flat_map(|url| ["--security-mirror", url]));
        words
    }

    /// Has xtask set up another work tree, by its own lock files. `trees` are those of the toolchain that are made on demand only.
    ///
    /// # Errors
    ///
    /// xtask did not start this process; or the one-line error of xtask.
    pub fn setup_in(&self, root: &Path, trees: &[String], ui: &Ui) -> Result<()> {
        let xtask = env::var_os(XTASK)
            .ok_or("only `cargo xtask` sets up other commits: run this by `cargo xtask`")?;
        self.setup_by(&xtask, root, trees, ui)
    }

    fn setup_by(&self, xtask: &OsStr, root: &Path, trees: &[String], ui: &Ui) -> Result<()> {
        let shown = ui.task("setup", 0, Unit::Items);
        let mut child = Command::new(xtask)
            .args(["setup", "--work-tree"])
            .arg(root)
            .args(self.words())
            .args(trees.iter().flat_map(|tree| ["--tree", tree.as_str()]))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("cannot run {}: {error}", Path::new(xtask).display()))?;
        let mut last = String::new();
        let lines = child.stderr.take().map(BufReader::new).into_iter().flat_map(BufRead::lines);
        for line in lines.map_while(std::io::Result::ok) {
            ui.log(&line);
            shown.detail(&line);
            shown.tick();
            last = line;
        }
        let status = child.wait().map_err(|error| format!("cannot wait for xtask: {error}"))?;
        ui::check()?;
        if status.success() { Ok(()) } else { Err(last.strip_prefix("xtask: ").unwrap_or(&last).into()) }
    }
}

/// Whether this can follow an option's name.
fn is_end(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with('=')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::Flags;

    fn check(line: &str, locked: bool, mirror: Option<&str>, security_mirror: Option<&str>) {
        let words: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        let expect = Source {
            locked,
            mirror: mirror.map(str::to_owned),
            security_mirror: security_mirror.map(str::to_owned),
        };
        assert_eq!(Source::among(&words, |_| None), expect, "{line}");
    }

    #[test]
    fn options_among_a_tools_arguments() {
        check("", false, None, None);
        check("--once --locked", true, None, None);
        check("--once -- --locked", false, None, None);
        check("--mirror http://a/debian --once", false, Some("http://a/debian"), None);
        check("--mirror=http://a --security-mirror http://b", false, Some("http://a"), Some("http://b"));
        check("--mirrors x --mirror", false, None, None);
        let named = |name: &str| (name == MIRROR).then(|| "http://c".to_owned());
        assert_eq!(Source::among(&[], named).mirror.as_deref(), Some("http://c"));
    }

    #[test]
    fn what_xtask_says_is_the_error() {
        let folder = crate::testing::Folder::temporary();
        folder.write("xtask", "#!/bin/sh\necho download >&2\n[ \"$3 $4\" = '/tree --locked' ] || { echo \"xtask: no $4\" >&2; exit 1; }\n");
        let program = folder.path("xtask");
        std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let ui = Ui::new(&Flags { quiet: true, log_file: Some(folder.path("log")) }, "x").unwrap();
        let setup = |locked| {
            let source = Source { locked, ..Source::default() };
            source
                .setup_by(program.as_os_str(), Path::new("/tree"), &[], &ui)
                .map_err(|error| error.to_string())
        };
        assert_eq!(setup(true), Ok(()));
        assert_eq!(setup(false), Err("no ".into()));
    }
}
