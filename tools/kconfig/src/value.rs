// SPDX-License-Identifier: MIT OR Apache-2.0
//! The value of a symbol, as it is written in a `.config` file.

use std::fmt;

/// The value of a configuration symbol (Documentation/kbuild/kconfig-language.rst).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// Off: `=n`, or `# CONFIG_X is not set`, or no line at all.
    No,
    /// Built as a module: `=m`.
    Module,
    /// Built in: `=y`.
    Yes,
    /// A decimal number (type int), possibly negative.
    Int(i64),
    /// A number with `0x` (type hex).
    Hex(u64),
    /// A string, as written: with its quotes and backslashes.
    Text(String),
}

impl Value {
    /// Reads what stands after `CONFIG_X=`; `None` if it is no value that Kconfig writes or reads.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "y" => return Some(Self::Yes),
            "m" => return Some(Self::Module),
            "n" => return Some(Self::No),
            _ => {}
        }
        if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
            return u64::from_str_radix(digits, 16).ok().map(Self::Hex);
        }
        if let Ok(number) = text.parse() {
            return Some(Self::Int(number));
        }
        is_quoted(text).then(|| Self::Text(text.to_owned()))
    }

    /// The line of a `.config` that gives `symbol` (without `CONFIG_`) this value.
    pub fn line(&self, symbol: &str) -> String {
        match self {
            Self::No => format!("# CONFIG_{symbol} is not set"),
            other => format!("CONFIG_{symbol}={other}"),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::No => f.write_str("n"),
            Self::Module => f.write_str("m"),
            Self::Yes => f.write_str("y"),
            Self::Int(number) => write!(f, "{number}"),
            Self::Hex(number) => write!(f, "{number:#x}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// Whether `text` is one string in double quotes, where a quote inside is written `\"`.
fn is_quoted(text: &str) -> bool {
    let Some(inner) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return false;
    };
    let mut escaped = false;
    for c in inner.chars() {
        match c {
            '"' if !escaped => return false,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    !escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Option<Value>) {
        assert_eq!(Value::parse(text), expect, "{text:?}");
    }

    #[test]
    fn values_of_each_type() {
        check("y", Some(Value::Yes));
        check("m", Some(Value::Module));
        check("n", Some(Value::No));
        check("64", Some(Value::Int(64)));
        check("-1", Some(Value::Int(-1)));
        check("0x1000", Some(Value::Hex(0x1000)));
        check("0X1f", Some(Value::Hex(0x1f)));
        check(r#""""#, Some(Value::Text(r#""""#.into())));
        check(r#""qos""#, Some(Value::Text(r#""qos""#.into())));
        check(r#""a \"b\"""#, Some(Value::Text(r#""a \"b\"""#.into())));
    }

    #[test]
    fn what_is_no_value() {
        for text in
            ["", "yes", "Y", "0x", "0xzz", "qos", "\"", "\"a", "a\"", r#""a"b""#, r#""a\""#, "y # on", " y"]
        {
            check(text, None);
        }
    }

    #[test]
    fn lines_are_what_kconfig_writes() {
        for (value, line) in [
            (Value::No, "# CONFIG_A is not set"),
            (Value::Yes, "CONFIG_A=y"),
            (Value::Int(7), "CONFIG_A=7"),
            (Value::Hex(255), "CONFIG_A=0xff"),
            (Value::Text("\"s\"".into()), "CONFIG_A=\"s\""),
        ] {
            assert_eq!(value.line("A"), line);
        }
    }
}
