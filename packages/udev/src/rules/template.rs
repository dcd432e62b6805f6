// SPDX-License-Identifier: MIT OR Apache-2.0
//! Values with substitutions: `%k`, `$kernel`, `$attr{size}` …

/// A part of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Text as it is.
    Text(String),
    /// `%N`, `$devnode`, `$tempnode`: path of the node.
    Node,
    /// `%s{FILE}`, `$attr{FILE}`, `$sysfs{FILE}`: an attribute of the device, or else of the parent that matched.
    Attribute(String),
    /// `%E{KEY}`, `$env{KEY}`: a property.
    Property(String),
    /// `%k`, `$kernel`: the kernel's name.
    Kernel,
    /// `%n`, `$number`: the digits at the end of the kernel's name.
    Number,
    /// `%d`, `$driver`: driver of the parent that matched.
    Driver,
    /// `%p`, `$devpath`: path below /sys.
    Devpath,
    /// `%b`, `$id`: kernel's name of the parent that matched.
    Id,
    /// `%M`, `$major`.
    Major,
    /// `%m`, `$minor`.
    Minor,
    /// `%c`, `$result`: the output of PROGRAM, or word N of it, or all words from N on.
    Result(Option<(usize, bool)>),
    /// `%P`, `$parent`: node of the parent.
    Parent,
    /// `%D`, `$name`: name that the device has now.
    Name,
    /// `%L`, `$links`: all links, with blanks between.
    Links,
    /// `%r`, `$root`: /dev.
    Root,
    /// `%S`, `$sys`: /sys.
    Sys,
}

/// Long names, in the order in which they are tried, and short ones.
const NAMES: [(&str, char); 18] = [
    ("devnode", 'N'),
    ("tempnode", 'N'),
    ("attr", 's'),
    ("sysfs", 's'),
    ("env", 'E'),
    ("kernel", 'k'),
    ("number", 'n'),
    ("driver", 'd'),
    ("devpath", 'p'),
    ("id", 'b'),
    ("major", 'M'),
    ("minor", 'm'),
    ("result", 'c'),
    ("parent", 'P'),
    ("name", 'D'),
    ("links", 'L'),
    ("root", 'r'),
    ("sys", 'S'),
];

/// A value with its substitutions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Template {
    /// The parts, in order.
    pub parts: Vec<Part>,
}

impl Template {
    /// Reads a value.
    ///
    /// # Errors
    /// A `$` or `%` that begins no substitution, as words for a warning.
    pub fn new(value: &str) -> Result<Template, String> {
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut rest = value;
        while let Some(at) = rest.find(['$', '%']) {
            text.push_str(&rest[..at]);
            let (sign, after) = rest[at..].split_at(1);
            if let Some(after) = after.strip_prefix(sign) {
                text.push_str(sign);
                rest = after;
                continue;
            }
            let found = NAMES.iter().find_map(|(long, short)| {
                let behind = if sign == "$" { after.strip_prefix(long) } else { after.strip_prefix(*short) };
                Some((*short, behind?))
            });
            let unknown =
                || format!("`{}` is no substitution; write {sign}{sign} for one {sign}", &rest[at..]);
            let (kind, after) = found.ok_or_else(unknown)?;
            let (argument, after) = match after.strip_prefix('{') {
                Some(inside) => {
                    let (argument, after) = inside.split_once('}').ok_or("no `}` behind a substitution")?;
                    (argument, after)
                }
                None => ("", after),
            };
            if !text.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut text)));
            }
            parts.push(part(kind, argument)?);
            rest = after;
        }
        text.push_str(rest);
        if !text.is_empty() {
            parts.push(Part::Text(text));
        }
        Ok(Template { parts })
    }

    /// The value, if it has no substitutions.
    #[must_use]
    pub fn constant(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }
}

fn part(kind: char, argument: &str) -> Result<Part, String> {
    let needed = |make: fn(String) -> Part| {
        if argument.is_empty() {
            Err(format!("`{kind}` needs a name between braces"))
        } else {
            Ok(make(argument.to_owned()))
        }
    };
    Ok(match kind {
        'N' => Part::Node,
        's' => needed(Part::Attribute)?,
        'E' => needed(Part::Property)?,
        'k' => Part::Kernel,
        'n' => Part::Number,
        'd' => Part::Driver,
        'p' => Part::Devpath,
        'b' => Part::Id,
        'M' => Part::Major,
        'm' => Part::Minor,
        'c' if argument.is_empty() => Part::Result(None),
        'c' => {
            let (number, rest) = match argument.strip_suffix('+') {
                Some(number) => (number, true),
                None => (argument, false),
            };
            let number = number.parse().ok().filter(|number| *number > 0);
            Part::Result(Some((number.ok_or_else(|| format!("`{argument}` is no number of a word"))?, rest)))
        }
        'P' => Part::Parent,
        'D' => Part::Name,
        'L' => Part::Links,
        'r' => Part::Root,
        _ => Part::Sys,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: &str, expect: Result<&[Part], &str>) {
        let found = Template::new(value).map(|template| template.parts);
        assert_eq!(found.as_deref().map_err(String::as_str), expect, "{value}");
    }

    #[test]
    fn short_and_long() {
        let text = |text: &str| Part::Text(text.into());
        check("", Ok(&[]));
        check("a b", Ok(&[text("a b")]));
        check("%k-$kernel", Ok(&[Part::Kernel, text("-"), Part::Kernel]));
        check("100%%$$", Ok(&[text("100%$")]));
        check("$attr{a/b}%s{c}$sysfs{d}", Ok(&["a/b", "c", "d"].map(|name| Part::Attribute(name.into()))));
        check("%E{A}$env{B}", Ok(&["A", "B"].map(|name| Part::Property(name.into()))));
        check("%c%c{2}$result{3+}", Ok(&[None, Some((2, false)), Some((3, true))].map(Part::Result)));
        check(
            "%n%p%b%M%m%N%r%S%P",
            Ok(&[
                Part::Number,
                Part::Devpath,
                Part::Id,
                Part::Major,
                Part::Minor,
                Part::Node,
                Part::Root,
                Part::Sys,
                Part::Parent,
            ]),
        );
        check(
            "$number$devpath$id$driver$major$minor$devnode$tempnode$root$sys$parent$name$links",
            Ok(&[
                Part::Number,
                Part::Devpath,
                Part::Id,
                Part::Driver,
                Part::Major,
                Part::Minor,
                Part::Node,
                Part::Node,
                Part::Root,
                Part::Sys,
                Part::Parent,
                Part::Name,
                Part::Links,
            ]),
        );
    }

    #[test]
    fn what_is_none() {
        check("a$x", Err("`$x` is no substitution; write $$ for one $"));
        check("50%", Err("`%` is no substitution; write %% for one %"));
        check("%E", Err("`E` needs a name between braces"));
        check("%E{A", Err("no `}` behind a substitution"));
        check("%c{0}", Err("`0` is no number of a word"));
    }
}
