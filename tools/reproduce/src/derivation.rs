// SPDX-License-Identifier: MIT OR Apache-2.0
//! Derivations: the text of a `.drv` file, as Nix's `src/libstore/derivations.cc` writes it. Unlike what `nix derivation show` prints,
//! it has been the same in all versions of Nix.

use qos_host::ui::Result;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A derivation.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Derivation {
    /// Store paths of the outputs by name.
    pub outputs: BTreeMap<String, PathBuf>,
    /// Whether the hash of the content is fixed, as that of a download is.
    pub is_fixed: bool,
    /// Derivations whose outputs it uses, with the names of these outputs.
    pub inputs: BTreeMap<PathBuf, Vec<String>>,
    /// Store paths that are no outputs, but were added by the evaluation.
    pub sources: Vec<PathBuf>,
    /// The program.
    pub builder: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Its environment.
    pub environment: BTreeMap<String, String>,
}

impl Derivation {
    /// Reads a `.drv` file.
    ///
    /// # Errors
    ///
    /// It cannot be read, or has another form.
    pub fn read(path: &Path) -> Result<Derivation> {
        let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        parse(&text).map_err(|reason| format!("{}: {reason}", path.display()).into())
    }

    /// Its name: the name of the output `out`'s store path, without the hash.
    pub fn name(&self) -> &str {
        self.environment.get("name").map_or("derivation", String::as_str)
    }
}

/// Parses `Derive([OUTPUTS],[INPUTS],[SOURCES],"SYSTEM","BUILDER",[ARGUMENTS],[ENVIRONMENT])`.
fn parse(text: &str) -> std::result::Result<Derivation, String> {
    let mut at = Text { rest: text };
    at.expect("Derive(")?;
    let mut derivation = Derivation::default();
    let fixed = &mut derivation.is_fixed;
    derivation.outputs = at
        .list(|at| {
            let [name, path, _how, hash] = at.tuple()?;
            *fixed |= !hash.is_empty();
            Ok((name, PathBuf::from(path)))
        })?
        .into_iter()
        .collect();
    at.expect(",")?;
    let inputs = at.list(|at| {
        at.expect("(")?;
        let path = at.string()?;
        at.expect(",")?;
        let names = at.list(Text::string)?;
        at.expect(")")?;
        Ok((PathBuf::from(path), names))
    })?;
    derivation.inputs = inputs.into_iter().collect();
    at.expect(",")?;
    derivation.sources = at.list(Text::string)?.into_iter().map(PathBuf::from).collect();
    at.expect(",")?;
    at.string()?;
    at.expect(",")?;
    derivation.builder = at.string()?;
    at.expect(",")?;
    derivation.arguments = at.list(Text::string)?;
    at.expect(",")?;
    let environment = at.list(|at| at.tuple().map(|[name, value]| (name, value)))?;
    derivation.environment = environment.into_iter().collect();
    at.expect(")")?;
    // What Nix would make files of for the builder.
    match ["__json", "passAsFile", "exportReferencesGraph"]
        .iter()
        .find(|name| derivation.environment.contains_key(**name))
    {
        Some(name) => Err(format!("the attribute {name} is not supported")),
        None => Ok(derivation),
    }
}

/// What is left to parse.
struct Text<'a> {
    rest: &'a str,
}

impl Text<'_> {
    fn expect(&mut self, what: &str) -> std::result::Result<(), String> {
        self.rest = self.rest.strip_prefix(what).ok_or_else(|| {
            let found: String = self.rest.chars().take(20).collect();
            format!("not a derivation: {what:?} expected at {found:?}")
        })?;
        Ok(())
    }

    fn string(&mut self) -> std::result::Result<String, String> {
        self.expect("\"")?;
        let mut text = String::new();
        let mut chars = self.rest.char_indices();
        while let Some((at, char)) = chars.next() {
            match char {
                '"' => {
                    self.rest = &self.rest[at + 1..];
                    return Ok(text);
                }
                '\\' => match chars.next().map(|(_, char)| char) {
                    Some('n') => text.push('\n'),
                    Some('r') => text.push('\r'),
                    Some('t') => text.push('\t'),
                    Some(other) => text.push(other),
                    None => break,
                },
                other => text.push(other),
            }
        }
        Err("not a derivation: a string does not end".to_owned())
    }

    fn list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> std::result::Result<T, String>,
    ) -> std::result::Result<Vec<T>, String> {
        self.expect("[")?;
        let mut items = Vec::new();
        while !self.rest.starts_with(']') {
            if !items.is_empty() {
                self.expect(",")?;
            }
            items.push(item(self)?);
        }
        self.expect("]")?;
        Ok(items)
    }

    /// `("…","…")` with so many strings.
    fn tuple<const N: usize>(&mut self) -> std::result::Result<[String; N], String> {
        self.expect("(")?;
        let mut strings = [const { String::new() }; N];
        for (n, string) in strings.iter_mut().enumerate() {
            if n > 0 {
                self.expect(",")?;
            }
            *string = self.string()?;
        }
        self.expect(")")?;
        Ok(strings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_derivation() {
        let text = r#"Derive([("dev","/nix/store/d-x-dev","",""),("out","/nix/store/o-x","","")],[("/nix/store/i.drv",["out","dev"])],["/nix/store/e.sh"],"x86_64-linux","/b",["-c","a\n\"b\"\\\t"],[("name","x"),("out","/nix/store/o-x")])"#;
        let path = PathBuf::from;
        assert_eq!(
            parse(text).unwrap(),
            Derivation {
                outputs: [("dev".into(), path("/nix/store/d-x-dev")), ("out".into(), path("/nix/store/o-x"))]
                    .into(),
                is_fixed: false,
                inputs: [(path("/nix/store/i.drv"), vec!["out".into(), "dev".into()])].into(),
                sources: vec![path("/nix/store/e.sh")],
                builder: "/b".into(),
                arguments: vec!["-c".into(), "a\n\"b\"\\\t".into()],
                environment: [("name".into(), "x".into()), ("out".into(), "/nix/store/o-x".into())].into(),
            }
        );
    }

    #[test]
    fn a_fixed_output() {
        let text = r#"Derive([("out","/nix/store/o-x","r:sha256","00ff")],[],[],"x86_64-linux","/b",[],[])"#;
        let derivation = parse(text).unwrap();
        assert!(derivation.is_fixed);
        assert_eq!(derivation.name(), "derivation");
    }

    #[test]
    fn what_is_none() {
        for (text, expect) in [
            ("", "\"Derive(\" expected"),
            ("Derive([(\"out\"", "\",\" expected"),
            ("Derive([(\"out", "does not end"),
            (r#"Derive([],[],[],"s","b",[],[("x","y""#, "\")\" expected"),
            (r#"Derive([],[],[],"s","b",[],[("__json","{}")])"#, "__json is not supported"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(expect), "{text}: {error}");
        }
    }
}
