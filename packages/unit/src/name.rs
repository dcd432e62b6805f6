// SPDX-License-Identifier: MIT OR Apache-2.0
//! Names of units: kinds, templates and instances, and the escape of paths in names (systemd.unit(5)).

use std::fmt;

/// What a unit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "systemd.unit(5) has them")]
pub enum Kind {
    Service,
    Socket,
    Target,
    Device,
    Mount,
    Automount,
    Swap,
    Timer,
    Path,
    Slice,
    Scope,
}

impl Kind {
    /// All kinds and their suffixes.
    pub const ALL: [(Kind, &'static str); 11] = [
        (Kind::Service, "service"),
        (Kind::Socket, "socket"),
        (Kind::Target, "target"),
        (Kind::Device, "device"),
        (Kind::Mount, "mount"),
        (Kind::Automount, "automount"),
        (Kind::Swap, "swap"),
        (Kind::Timer, "timer"),
        (Kind::Path, "path"),
        (Kind::Slice, "slice"),
        (Kind::Scope, "scope"),
    ];

    /// The suffix of names, which is also the section without its capital.
    #[must_use]
    pub fn suffix(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, suffix)| suffix)
    }
}

/// The name of a unit, valid and with a kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    text: String,
    kind: Kind,
}

/// Longest name, as systemd has it.
const MAX: usize = 255;

impl Name {
    /// Checks `text`.
    ///
    /// # Errors
    /// Says why it is no name of a unit.
    pub fn new(text: &str) -> Result<Self, String> {
        let error = |reason: &str| Err(format!("{text:?} is no name of a unit: {reason}"));
        if text.len() > MAX {
            return error("longer than 255 bytes");
        }
        let Some((prefix, suffix)) = text.rsplit_once('.') else {
            return error("no suffix such as .service");
        };
        let Some((kind, _)) = Kind::ALL.iter().find(|(_, known)| *known == suffix) else {
            return error("unknown suffix");
        };
        if prefix.is_empty() || prefix.starts_with('@') {
            return error("nothing before the suffix");
        }
        let is_valid = |byte: u8| byte.is_ascii_alphanumeric() || b":-_.\\@".contains(&byte);
        if !prefix.bytes().all(is_valid) {
            return error("only letters, digits and :-_.\\@ are allowed");
        }
        Ok(Name { text: text.to_owned(), kind: *kind })
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What the unit is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The name without its suffix (`%N`, escaped).
    #[must_use]
    pub fn stem(&self) -> &str {
        &self.text[..self.text.len() - self.kind.suffix().len() - 1]
    }

    /// What is before `@`, or the whole stem (`%p`).
    #[must_use]
    pub fn prefix(&self) -> &str {
        self.stem().split_once('@').map_or(self.stem(), |(prefix, _)| prefix)
    }

    /// What is between `@` and the suffix (`%i`): empty for a template, `None` for other units.
    #[must_use]
    pub fn instance(&self) -> Option<&str> {
        self.stem().split_once('@').map(|(_, instance)| instance)
    }

    /// Whether this is a template, of which only instances can be started.
    #[must_use]
    pub fn is_template(&self) -> bool {
        self.instance() == Some("")
    }

    /// The template of an instance: `a@.service` for `a@b.service`.
    #[must_use]
    pub fn template(&self) -> Option<Name> {
        let instance = self.instance()?;
        (!instance.is_empty()).then(|| self.rebuilt(&format!("{}@", self.prefix())))
    }

    /// The instance of this template; `None` if this is no template, or the name is not valid.
    #[must_use]
    pub fn instantiate(&self, instance: &str) -> Option<Name> {
        let text = format!("{}@{instance}.{}", self.prefix(), self.kind.suffix());
        if self.is_template() { Name::new(&text).ok() } else { None }
    }

    /// The unit of the same name and another kind: `a.service` of `a.socket`.
    #[must_use]
    pub fn with_kind(&self, kind: Kind) -> Name {
        Name { text: format!("{}.{}", self.stem(), kind.suffix()), kind }
    }

    fn rebuilt(&self, stem: &str) -> Name {
        Name { text: format!("{stem}.{}", self.kind.suffix()), kind: self.kind }
    }

    /// The unit of kind `kind` that stands for `path`: `/a/b` is `a-b.mount`.
    #[must_use]
    pub fn of_path(path: &str, kind: Kind) -> Option<Name> {
        Name::new(&format!("{}.{}", escape_path(path), kind.suffix())).ok()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// `systemd-escape`: `/` becomes `-`, and what a name cannot have becomes `\xHH`.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::new();
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'/' => out.push('-'),
            b'.' if at == 0 => out.push_str("\\x2e"),
            b':' | b'_' | b'.' => out.push(byte.into()),
            _ if byte.is_ascii_alphanumeric() => out.push(byte.into()),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out
}

/// Undoes [`escape`]; `None` when that does not give text.
#[must_use]
pub fn unescape(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'-' => out.push(b'/'),
            b'\\' => {
                let digits = std::str::from_utf8(bytes.get(at + 1..at + 4)?).ok()?.strip_prefix('x')?;
                if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                    return None;
                }
                out.push(u8::from_str_radix(digits, 16).ok()?);
                at += 3;
            }
            _ => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8(out).ok()
}

/// `systemd-escape --path`: without slashes at the ends; the root is `-`.
#[must_use]
pub fn escape_path(path: &str) -> String {
    let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if parts.is_empty() { "-".into() } else { escape(&parts.join("/")) }
}

/// Undoes [`escape_path`].
#[must_use]
pub fn unescape_path(text: &str) -> Option<String> {
    if text == "-" { Some("/".into()) } else { unescape(text).map(|path| format!("/{path}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let check = |text: &str, kind, prefix: &str, instance: Option<&str>, template: Option<&str>| {
            let name = Name::new(text).unwrap();
            assert_eq!((name.kind(), name.prefix(), name.instance()), (kind, prefix, instance), "{text}");
            assert_eq!(name.template().as_ref().map(Name::as_str), template, "{text}");
        };
        check("a.service", Kind::Service, "a", None, None);
        check("a.b.socket", Kind::Socket, "a.b", None, None);
        check("getty@tty1.service", Kind::Service, "getty", Some("tty1"), Some("getty@.service"));
        check("getty@.service", Kind::Service, "getty", Some(""), None);
        check("a@b@c.timer", Kind::Timer, "a", Some("b@c"), Some("a@.timer"));
        check("-.mount", Kind::Mount, "-", None, None);
        check("dev-disk-by\\x2dlabel-x.mount", Kind::Mount, "dev-disk-by\\x2dlabel-x", None, None);
        let name = Name::new("getty@.service").unwrap();
        assert_eq!(name.instantiate("x").unwrap().as_str(), "getty@x.service");
        assert_eq!(name.with_kind(Kind::Socket).as_str(), "getty@.socket");
        assert!(
            name.instantiate("a b").is_none() && Name::new("a.service").unwrap().instantiate("x").is_none()
        );
    }

    #[test]
    fn no_names() {
        let long = "a".repeat(250) + ".service";
        for text in [
            "",
            "a",
            "a.",
            ".service",
            "a.services",
            "a/b.service",
            "a b.service",
            "@x.service",
            "é.service",
            &long,
        ] {
            assert!(Name::new(text).is_err(), "{text}");
        }
    }

    #[test]
    fn escapes() {
        // Pairs that systemd-escape prints.
        for (plain, escaped) in [
            ("Hallöchen, Meister", "Hall\\xc3\\xb6chen\\x2c\\x20Meister"),
            (".a", "\\x2ea"),
            ("a/b-c", "a-b\\x2dc"),
            ("a:b_c.d", "a:b_c.d"),
        ] {
            assert_eq!(escape(plain), escaped);
            assert_eq!(unescape(escaped).as_deref(), Some(plain));
        }
        for (path, escaped) in [("/", "-"), ("//a//b/", "a-b"), ("/dev/sda", "dev-sda"), ("/a-b", "a\\x2db")]
        {
            assert_eq!(escape_path(path), escaped);
        }
        assert_eq!(unescape_path("-").as_deref(), Some("/"));
        assert_eq!(unescape_path("a-b").as_deref(), Some("/a/b"));
        for bad in ["\\", "\\x", "\\x4", "\\xzz", "\\x+1", "\\xff"] {
            assert_eq!(unescape(bad), None, "{bad}");
        }
        assert_eq!(Name::of_path("/var/log", Kind::Mount).unwrap().as_str(), "var-log.mount");
    }
}
