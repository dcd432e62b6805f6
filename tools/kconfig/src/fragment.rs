// SPDX-License-Identifier: MIT OR Apache-2.0
//! One fragment: lines of `CONFIG_X=value`, comments, blank lines.

use std::fmt;

use crate::value::Value;

/// Where a line stands, for messages: `kernel/virt.config:41`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file as it was named by the caller.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// A request of a fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The symbol, without `CONFIG_`.
    pub symbol: String,
    /// What it shall be.
    pub value: Value,
    /// The place of the request.
    pub place: Place,
    /// It replaces the request of an earlier fragment: the line above it is [`OVERRIDE`].
    pub overrides: bool,
}

/// The line above a setting that another fragment decides otherwise, on purpose.
pub const OVERRIDE: &str = "# override";

/// Reads a fragment. `file` is its name for messages.
///
/// # Errors
/// Every line that is neither a setting nor a comment, with its place and the reason, one message each.
pub fn parse(file: &str, text: &str) -> Result<Vec<Setting>, Vec<String>> {
    let mut settings = Vec::new();
    let mut errors = Vec::new();
    let mut overrides = false;
    for (index, line) in text.lines().enumerate() {
        let place = Place { file: file.to_owned(), line: index + 1 };
        match parse_line(line) {
            Ok(None) => {}
            Ok(Some((symbol, value))) => {
                settings.push(Setting { symbol: symbol.to_owned(), value, place, overrides });
            }
            Err(why) => errors.push(format!("{place}: {why}")),
        }
        overrides = line.trim_end() == OVERRIDE;
    }
    if errors.is_empty() { Ok(settings) } else { Err(errors) }
}

/// The symbol and value that a line of a fragment or of a `.config` gives; `None` for comments and blank lines.
///
/// # Errors
/// A line that is neither, with the reason.
pub fn parse_line(line: &str) -> Result<Option<(&str, Value)>, String> {
    let line = line.trim_end();
    if let Some(symbol) = unset_symbol(line) {
        return Ok(Some((symbol, Value::No)));
    }
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let Some((name, text)) = line.split_once('=') else {
        return Err(format!("`{line}` is neither `CONFIG_NAME=value` nor a comment"));
    };
    let Some(symbol) = name.strip_prefix("CONFIG_").filter(|symbol| is_symbol(symbol)) else {
        return Err(format!(
            "`{name}` is not the name of an option: write `CONFIG_NAME=value`, without spaces"
        ));
    };
    match Value::parse(text) {
        Some(value) => Ok(Some((symbol, value))),
        None => Err(format!(
            "`{text}` is not a value for CONFIG_{symbol}: y, m, n, a number, 0x…, or text in double quotes \
             (comments have lines of their own)"
        )),
    }
}

/// The symbol of `# CONFIG_X is not set`, which is how Kconfig writes `n`.
fn unset_symbol(line: &str) -> Option<&str> {
    line.strip_prefix("# CONFIG_")?.strip_suffix(" is not set").filter(|symbol| is_symbol(symbol))
}

fn is_symbol(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &[(&str, &str, usize)]) {
        let settings = parse("f.config", text).unwrap_or_else(|errors| panic!("{errors:?}"));
        let found: Vec<_> = settings
            .iter()
            .map(|setting| (setting.symbol.as_str(), setting.value.to_string(), setting.place.line))
            .collect();
        let expect: Vec<_> =
            expect.iter().map(|(symbol, value, line)| (*symbol, (*value).to_owned(), *line)).collect();
        assert_eq!(found, expect);
    }

    #[track_caller]
    fn check_error(line: &str, part: &str) {
        let errors = parse("f.config", &format!("# first\n{line}\n")).expect_err(line);
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(errors[0].starts_with("f.config:2: "), "{errors:?}");
        assert!(errors[0].contains(part), "{errors:?} lacks {part:?}");
    }

    #[test]
    fn settings_keep_their_lines() {
        check("", &[]);
        check("# SPDX\n\nCONFIG_NET=y\n", &[("NET", "y", 3)]);
        check("CONFIG_A=m\r\nCONFIG_B=n", &[("A", "m", 1), ("B", "n", 2)]);
        check("# CONFIG_A is not set\n# CONFIG_B is not settled\n", &[("A", "n", 1)]);
        check("CONFIG_64BIT=y\nCONFIG_S=\"a=b # c\"\n", &[("64BIT", "y", 1), ("S", "\"a=b # c\"", 2)]);
        check("CONFIG_N=64\nCONFIG_X=0x10", &[("N", "64", 1), ("X", "0x10", 2)]);
    }

    #[test]
    fn other_lines_are_errors_with_their_place() {
        check_error("NET=y", "`NET` is not the name");
        check_error("CONFIG_NET", "neither");
        check_error("CONFIG_NET =y", "without spaces");
        check_error(" CONFIG_NET=y", "without spaces");
        check_error("CONFIG_=y", "not the name");
        check_error("CONFIG_NET=yes", "`yes` is not a value");
        check_error("CONFIG_NET=y # why", "lines of their own");
        check_error("CONFIG_HOST=qos", "double quotes");
    }

    #[test]
    fn all_errors_are_told() {
        let errors = parse("f", "A\nCONFIG_A=y\nB\n").expect_err("two bad lines");
        assert_eq!(errors.len(), 2);
        assert!(errors[1].starts_with("f:3: "));
    }
}
