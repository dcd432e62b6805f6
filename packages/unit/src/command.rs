// SPDX-License-Identifier: MIT OR Apache-2.0
//! Command lines of `ExecStart=` and its sisters (systemd.service(5), "Command Lines").

use crate::name::Name;
use crate::specifier::{Facts, expand};
use crate::words::{Word, split, split_marked};
use std::collections::BTreeMap;

/// With which rights a command runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Privilege {
    /// As the unit says.
    #[default]
    Unit,
    /// `+`: as the manager: no user, capabilities, mount namespace or system call filter of the unit.
    Full,
    /// `!` and `!!`: without the unit's user, groups and capabilities.
    KeepUser,
}

/// A command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The program: an absolute path, or a name that is looked up.
    pub program: String,
    /// Arguments, the name of the program first, before variables are put in.
    pub arguments: Vec<Word>,
    /// `-`: that it fails does not count.
    pub ignore_failure: bool,
    /// `:`: variables stay as they are.
    pub verbatim: bool,
    /// Its rights.
    pub privilege: Privilege,
}

/// Directories in which a program without a path is looked up.
pub const SEARCH: [&str; 6] = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/// Reads the commands of one value: there can be several, with ` ; ` between them.
///
/// # Errors
/// Says why it is no command line.
pub fn parse(value: &str, name: &Name, facts: &Facts) -> Result<Vec<Command>, String> {
    let words = split_marked(value)?;
    let separates = |(word, plain): &(Word, bool)| *plain && word == b";";
    words
        .split(separates)
        .filter(|words| !words.is_empty())
        .map(|words| command(words, name, facts))
        .collect()
}

fn command(words: &[(Word, bool)], name: &Name, facts: &Facts) -> Result<Command, String> {
    let (first, rest) = words.split_first().ok_or("empty command")?;
    let first = std::str::from_utf8(&first.0).map_err(|_| "the program's path is not UTF-8")?;
    let mut found = Command {
        program: String::new(),
        arguments: Vec::new(),
        ignore_failure: false,
        verbatim: false,
        privilege: Privilege::Unit,
    };
    let mut own_name = false;
    let mut path = first;
    loop {
        let Some(prefix) = path.chars().next() else { return Err(format!("{first:?} has no program")) };
        match prefix {
            '-' if !found.ignore_failure => found.ignore_failure = true,
            '@' if !own_name => own_name = true,
            ':' if !found.verbatim => found.verbatim = true,
            '+' if found.privilege == Privilege::Unit => found.privilege = Privilege::Full,
            '!' if found.privilege != Privilege::Full => found.privilege = Privilege::KeepUser,
            _ => break,
        }
        path = &path[1..];
    }
    let path = expand(path.as_bytes(), name, facts);
    found.program = String::from_utf8_lossy(&path).into_owned();
    let program = &found.program;
    if program.ends_with('/') {
        return Err(format!("{program:?} is a directory"));
    }
    if program.contains('/') && !program.starts_with('/') {
        return Err(format!("{program:?}: a relative path: give an absolute one, or a name without a slash"));
    }
    // An escaped `;` is an argument; specifiers are put in after the words are split.
    let mut rest =
        rest.iter().map(|(word, _)| if word == b"\\;" { b";".to_vec() } else { expand(word, name, facts) });
    found.arguments.push(match own_name {
        false => path,
        true => rest.next().ok_or("@ needs a name for argv[0]")?,
    });
    found.arguments.extend(rest);
    if found.arguments.iter().any(|argument| argument.contains(&0)) {
        return Err("NUL in an argument".into());
    }
    Ok(found)
}

/// Variables and their values.
pub type Variables = BTreeMap<Word, Word>;

impl Command {
    /// The arguments with `$NAME` and `${NAME}` replaced: `$NAME` as a word of its own becomes any number of words, `${NAME}`
    /// stays within its word; a variable that is not set is empty; `$$` is `$`.
    #[must_use]
    pub fn arguments(&self, variables: &Variables) -> Vec<Word> {
        if self.verbatim {
            return self.arguments.clone();
        }
        let mut out = Vec::new();
        for argument in &self.arguments {
            match argument.strip_prefix(b"$").filter(|name| is_name(name)) {
                Some(name) => {
                    let value = variables.get(name).map(|value| String::from_utf8_lossy(value));
                    let value = value.unwrap_or_default();
                    // A value that cannot be split stays in one piece.
                    out.extend(split(&value).unwrap_or_else(|_| vec![value.as_bytes().to_vec()]));
                }
                None => out.push(replace(argument, variables)),
            }
        }
        out
    }

    /// The command line for messages.
    #[must_use]
    pub fn describe(&self) -> String {
        let words: Vec<_> = self.arguments.iter().map(|word| String::from_utf8_lossy(word)).collect();
        words.join(" ")
    }
}

/// `${NAME}` and `$$` within `word`.
pub fn replace(word: &[u8], variables: &Variables) -> Word {
    let mut out = Vec::new();
    let mut at = 0;
    while at < word.len() {
        let rest = &word[at..];
        if rest.starts_with(b"$$") {
            out.push(b'$');
            at += 2;
        } else if let Some(name) = braced(rest) {
            out.extend(variables.get(name).into_iter().flatten());
            at += name.len() + 3;
        } else {
            out.push(word[at]);
            at += 1;
        }
    }
    out
}

/// The name in `${NAME}` at the beginning of `text`.
fn braced(text: &[u8]) -> Option<&[u8]> {
    let rest = text.strip_prefix(b"${")?;
    let end = rest.iter().position(|&byte| byte == b'}')?;
    is_name(&rest[..end]).then(|| &rest[..end])
}

/// Whether `text` is a name of a variable.
#[must_use]
pub fn is_name(text: &[u8]) -> bool {
    let is_valid = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    text.first().is_some_and(|first| !first.is_ascii_digit()) && text.iter().all(is_valid)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Result<Vec<Command>, String> {
        parse(value, &Name::new("a@b.service").unwrap(), &Facts::new())
    }

    fn check(value: &str, expect: &str) {
        let shown: Vec<_> = read(value)
            .unwrap()
            .iter()
            .map(|c| {
                let flags = [(c.ignore_failure, "-"), (c.verbatim, ":")];
                let flags: String = flags.iter().filter(|(on, _)| *on).map(|(_, text)| *text).collect();
                let privilege = ["", "+", "!"][c.privilege as usize];
                format!(
                    "{flags}{privilege}{}{:?}",
                    c.program,
                    c.arguments.iter().map(|w| w.escape_ascii().to_string()).collect::<Vec<_>>()
                )
            })
            .collect();
        assert_eq!(shown.join(" "), expect, "{value}");
    }

    #[test]
    fn commands() {
        check("/bin/a", "/bin/a[\"/bin/a\"]");
        check("a \"b c\" 'd'", "a[\"a\", \"b c\", \"d\"]");
        check("-/bin/a x", "-/bin/a[\"/bin/a\", \"x\"]");
        check("@/bin/a sh x", "/bin/a[\"sh\", \"x\"]");
        check("-@:+/bin/a sh", "-:+/bin/a[\"sh\"]");
        check("!!/bin/a", "!/bin/a[\"/bin/a\"]");
        check("/bin/a ; /bin/b x", "/bin/a[\"/bin/a\"] /bin/b[\"/bin/b\", \"x\"]");
        check("/bin/a \\; ';'", "/bin/a[\"/bin/a\", \";\", \";\"]");
        check("/bin/%i %i %%", "/bin/b[\"/bin/b\", \"b\", \"%\"]");
        check("", "");
        for bad in ["-", "@/bin/a", "a/b", "/a/", "/a 'b", "+"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn variables() {
        let variables: Variables =
            [("A", "x y"), ("Q", "'a b' c"), ("E", "")].map(|(n, v)| (n.into(), v.into())).into();
        let check = |value: &str, expect: &[&str]| {
            let words = read(value).unwrap()[0].arguments(&variables);
            let words: Vec<_> = words[1..].iter().map(|word| String::from_utf8_lossy(word)).collect();
            assert_eq!(words, expect, "{value}");
        };
        check("/a $A ${A}", &["x", "y", "x y"]);
        check("/a -$A -${A}- $$A $${A}", &["-$A", "-x y-", "$A", "${A}"]);
        check("/a $Q", &["a b", "c"]);
        check("/a $E ${E} $NONE ${NONE}", &["", ""]);
        check("/a $1 $ ${ ${x", &["$1", "$", "${", "${x"]);
        check(":/a $A", &["$A"]);
    }
}
