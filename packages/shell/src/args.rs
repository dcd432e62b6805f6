// SPDX-License-Identifier: MIT OR Apache-2.0
//! The command line of `sh` (POSIX, sh, OPTIONS and OPERANDS).

use std::ffi::OsString;
use std::fmt;

/// Where the commands come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// `-c TEXT`.
    Command(String),
    /// A script's path.
    File(String),
    /// Standard input.
    Stdin,
}

/// What a command line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// `$0`.
    pub name: String,
    /// Where the commands come from.
    pub source: Source,
    /// `$1` and on.
    pub parameters: Vec<String>,
    /// Options turned on, by the name that `set -o` has for them.
    pub enabled: Vec<String>,
    /// Options turned off, in the same way.
    pub disabled: Vec<String>,
    /// Read /etc/profile and ~/.profile first.
    pub login: bool,
    /// Prompt, line editing, job control.
    pub interactive: bool,
}

/// A command line that `sh` does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageError(String);

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UsageError {}

/// Letters of `set` that `sh` takes as well, and their names.
const LETTERS: [(char, &str); 12] = [
    ('a', "allexport"),
    ('b', "notify"),
    ('C', "noclobber"),
    ('e', "errexit"),
    ('f', "noglob"),
    ('h', "hashall"),
    ('m', "monitor"),
    ('n', "noexec"),
    ('u', "nounset"),
    ('v', "verbose"),
    ('x', "xtrace"),
    ('E', "errtrace"),
];

/// Other names that `-o` takes.
const LONG_ONLY: [&str; 6] = ["emacs", "vi", "ignoreeof", "pipefail", "nolog", "posix"];

impl Invocation {
    /// Reads `args`, the shell's name first. `terminal`: standard input and standard error are terminals.
    ///
    /// # Errors
    /// On an unknown option, a missing option argument, or text that is not UTF-8.
    pub fn parse(args: Vec<OsString>, terminal: bool) -> Result<Self, UsageError> {
        let mut args = args.into_iter().map(|arg| {
            arg.into_string()
                .map_err(|arg| UsageError(format!("{}: argument is not UTF-8", arg.to_string_lossy())))
        });
        let name = args.next().transpose()?.unwrap_or_else(|| "sh".into());
        let rest = args.collect::<Result<Vec<_>, _>>()?;
        let mut parsed = Invocation {
            login: name.starts_with('-'),
            name,
            source: Source::Stdin,
            parameters: Vec::new(),
            enabled: Vec::new(),
            disabled: Vec::new(),
            interactive: false,
        };
        let mut rest = rest.into_iter().peekable();
        let (mut command, mut stdin, mut interactive) = (false, false, None);
        while let Some(arg) = rest.next_if(|arg| arg.len() > 1 && arg.starts_with(['-', '+'])) {
            let on = arg.starts_with('-');
            match arg.as_str() {
                "--" => break,
                "--login" => parsed.login = true,
                _ if arg.starts_with("--") => return Err(UsageError(format!("{arg}: unknown option"))),
                _ => {
                    for letter in arg.chars().skip(1) {
                        match letter {
                            'c' if on => command = true,
                            's' if on => stdin = true,
                            'l' if on => parsed.login = true,
                            'i' => interactive = Some(on),
                            'o' => {
                                let option = rest.next().ok_or_else(|| {
                                    UsageError(format!("{arg}: name of an option expected after it"))
                                })?;
                                parsed.set(&option, on)?;
                            }
                            _ => {
                                let known = LETTERS.iter().find(|(l, _)| *l == letter);
                                let (_, option) = known.ok_or_else(|| {
                                    UsageError(format!(
                                        "{}{letter}: unknown option",
                                        if on { '-' } else { '+' }
                                    ))
                                })?;
                                parsed.set(option, on)?;
                            }
                        }
                    }
                }
            }
        }
        if command {
            let text = rest.next().ok_or_else(|| UsageError("-c: command expected after it".into()))?;
            parsed.source = Source::Command(text);
            if let Some(name) = rest.next() {
                parsed.name = name;
            }
        } else if !stdin {
            // A lone `-` ends the options, as in other shells.
            rest.next_if(|arg| arg == "-");
            if let Some(path) = rest.next() {
                parsed.source = Source::File(path);
            }
        }
        parsed.parameters = rest.collect();
        parsed.interactive = interactive.unwrap_or(terminal && parsed.source == Source::Stdin);
        Ok(parsed)
    }

    fn set(&mut self, option: &str, on: bool) -> Result<(), UsageError> {
        if !LETTERS.iter().any(|(_, name)| *name == option) && !LONG_ONLY.contains(&option) {
            return Err(UsageError(format!("{option}: unknown option name")));
        }
        if on { &mut self.enabled } else { &mut self.disabled }.push(option.to_owned());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str, terminal: bool) -> Result<Invocation, String> {
        let args = line.split(' ').map(OsString::from).collect();
        Invocation::parse(args, terminal).map_err(|e| e.to_string())
    }

    fn check(line: &str, source: Source, name: &str, parameters: &[&str], interactive: bool) {
        let got = parse(line, true).unwrap();
        assert_eq!(got.source, source, "{line}");
        assert_eq!(got.name, name, "{line}");
        assert_eq!(got.parameters, parameters, "{line}");
        assert_eq!(got.interactive, interactive, "{line}");
    }

    #[test]
    fn sources() {
        let command = |text: &str| Source::Command(text.into());
        let file = |path: &str| Source::File(path.into());
        check("sh", Source::Stdin, "sh", &[], true);
        check("sh -", Source::Stdin, "sh", &[], true);
        check("sh -c x", command("x"), "sh", &[], false);
        check("sh -ec x n a b", command("x"), "n", &["a", "b"], false);
        check("sh -c -- x", command("x"), "sh", &[], false);
        check("sh -s a b", Source::Stdin, "sh", &["a", "b"], true);
        check("sh f -x a", file("f"), "sh", &["-x", "a"], false);
        check("sh -- -f", file("-f"), "sh", &[], false);
        check("sh - f", file("f"), "sh", &[], false);
        check("sh -i f", file("f"), "sh", &[], true);
    }

    #[test]
    fn options() {
        let got = parse("-sh -eu -o pipefail +x", false).unwrap();
        assert_eq!(got.enabled, ["errexit", "nounset", "pipefail"]);
        assert_eq!(got.disabled, ["xtrace"]);
        assert!(got.login);
        assert!(!got.interactive);
    }

    #[test]
    fn refused() {
        for (line, expect) in [
            ("sh -c", "-c: command expected after it"),
            ("sh -Z", "-Z: unknown option"),
            ("sh --nope", "--nope: unknown option"),
            ("sh -o", "-o: name of an option expected after it"),
            ("sh -o nope", "nope: unknown option name"),
        ] {
            assert_eq!(parse(line, true), Err(expect.to_owned()), "{line}");
        }
    }
}
