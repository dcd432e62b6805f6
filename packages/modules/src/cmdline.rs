// SPDX-License-Identifier: MIT OR Apache-2.0
//! Words of the kernel's command line, and the module parameters among them (`Documentation/admin-guide/kernel-parameters.rst`).

/// The meaning of a word of the command line for modules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting {
    /// `modprobe.blacklist=MODULE,…`, as it stands there.
    Blacklist(Vec<String>),
    /// `MODULE.PARAMETER[=VALUE]`: the module, and the parameter as the kernel is to get it.
    Parameter(String, String),
}

/// The settings in the text of `/proc/cmdline`, in order.
#[must_use]
pub fn parse(text: &str) -> Vec<Setting> {
    words(text.lines().next().unwrap_or_default()).into_iter().filter_map(setting).collect()
}

/// The words of a line, quotes and all: blanks between double quotes do not end one.
#[must_use]
pub fn words(line: &str) -> Vec<&str> {
    let mut quoted = false;
    let ends = |c: char| {
        quoted ^= c == '"';
        matches!(c, ' ' | '\t'..='\r') && !quoted
    };
    line.split(ends).filter(|word| !word.is_empty()).collect()
}

fn setting(word: &str) -> Option<Setting> {
    // The kernel takes `"NAME=A VALUE"` for `NAME="A VALUE"`.
    let (word, quoted) = match word.strip_prefix('"') {
        Some(rest) => (rest, true),
        None => (word, false),
    };
    let (name, value) = match word.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (word.trim_end_matches('"'), None),
    };
    let (module, parameter) = name.split_once('.')?;
    if module.is_empty() || parameter.is_empty() || parameter.contains('.') {
        return None;
    }
    if module == "modprobe" && parameter == "blacklist" {
        let list = value?.trim_matches('"').split(',').filter(|name| !name.is_empty());
        return Some(Setting::Blacklist(list.map(str::to_owned).collect()));
    }
    let text = match value {
        Some(value) if quoted => format!("{parameter}=\"{value}"),
        Some(value) => format!("{parameter}={value}"),
        None => parameter.to_owned(),
    };
    Some(Setting::Parameter(module.to_owned(), text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings() {
        let check = |text: &str, expect: &[(&str, &str)]| {
            let expect: Vec<_> =
                expect.iter().map(|(m, p)| Setting::Parameter((*m).into(), (*p).into())).collect();
            assert_eq!(parse(text), expect, "{text}");
        };
        check("root=/dev/vda quiet console=tty.0 x= .a=1 a.=1 a.b.c=1\n", &[]);
        check("mid-dle.y=3 base.flag", &[("mid-dle", "y=3"), ("base", "flag")]);
        check("a.b=\"c d\"  e.f=", &[("a", "b=\"c d\""), ("e", "f=")]);
        check("\"a.b=c d\" \"e.f\"", &[("a", "b=\"c d\""), ("e", "f")]);
        check("a.b=1\nc.d=1", &[("a", "b=1")]);
        assert_eq!(
            parse("modprobe.blacklist=a,b-c,, modprobe.blacklist"),
            [Setting::Blacklist(vec!["a".into(), "b-c".into()])]
        );
    }
}
