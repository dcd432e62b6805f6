// SPDX-License-Identifier: MIT OR Apache-2.0
//! No two files of a crate need each other. What a file names is read from its tokens: each path that begins with `crate` or `super`,
//! outside of tests. That a module and the modules in it name each other is no cycle.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// A module's path in its crate; that of the crate's root is empty.
type Module = Vec<String>;
/// The modules that each module names.
type Arrows = BTreeMap<Module, BTreeSet<Module>>;

/// Cycles that are meant. In the shell's editor the keymaps and the search act on the line, and the line hands them its keys: one state
/// machine in four files.
const MEANT: [(&str, &[&str]); 1] = [(
    "packages/shell",
    &[
        "interactive::edit::emacs",
        "interactive::edit::search",
        "interactive::edit::session",
        "interactive::edit::vi",
    ],
)];

/// Adds each path in `tokens` that begins with `crate` or `super`, as written.
fn paths(tokens: TokenStream, found: &mut Vec<Module>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at..] {
            [TokenTree::Punct(hash), TokenTree::Group(attribute), rest @ ..]
                if hash.as_char() == '#' && attribute.to_string() == "[cfg (test)]" =>
            {
                // Without the item: up to its body or its semicolon.
                let body = |token: &TokenTree| match token {
                    TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                    TokenTree::Punct(punct) => punct.as_char() == ';',
                    _ => false,
                };
                at += 2 + rest.iter().position(body).map_or(rest.len(), |end| end + 1);
            }
            [TokenTree::Ident(first), ..] if *first == "crate" || *first == "super" => {
                at += path(&tokens[at..], &Module::new(), found);
            }
            [TokenTree::Group(group), ..] => {
                paths(group.stream(), found);
                at += 1;
            }
            _ => at += 1,
        }
    }
}

/// Adds the path at the start of `tokens`, behind `before`, or all paths of a group of `use`. Returns how many tokens it has.
fn path(tokens: &[TokenTree], before: &Module, found: &mut Vec<Module>) -> usize {
    let mut path = before.clone();
    let mut at = 0;
    loop {
        match tokens.get(at) {
            Some(TokenTree::Ident(name)) => path.push(name.to_string()),
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                let is_comma =
                    |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
                for part in inner.split(is_comma) {
                    self::path(part, &path, found);
                }
                return at + 1;
            }
            _ => break,
        }
        at += 1;
        let is_colon = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':');
        if !tokens.get(at..at + 2).is_some_and(|two| two.iter().all(is_colon)) {
            break;
        }
        at += 2;
    }
    found.push(path);
    at.max(1)
}

/// The module of `modules` that the path, written in `module`, leads to.
fn target(path: &[String], module: &Module, modules: &Arrows) -> Option<Module> {
    let ups = path.iter().take_while(|name| *name == "super").count();
    let base = if ups == 0 { &[] } else { module.get(..module.len() - ups)? };
    let rest = &path[ups.max(1)..];
    let longest = (0..=rest.len()).rev().map(|length| [base, &rest[..length]].concat());
    longest.into_iter().find(|module| modules.contains_key(module))
}

fn files(directory: &Path, module: &Module, files: &mut BTreeMap<Module, String>) {
    for entry in fs::read_dir(directory).expect("a directory").flatten() {
        let (path, name) = (entry.path(), entry.file_name().into_string().expect("a name in UTF-8"));
        let inner = |name: &str| [&module[..], &[name.to_owned()]].concat();
        if path.is_dir() && !(module.is_empty() && name == "bin") {
            self::files(&path, &inner(&name), files);
        } else if let Some(name) = name.strip_suffix(".rs") {
            let is_test = name == "tests" || name.ends_with("_tests") || name == "testing";
            let module = if ["lib", "main", "mod"].contains(&name) { module.clone() } else { inner(name) };
            if !is_test {
                files.entry(module).or_default().push_str(&fs::read_to_string(&path).expect("text"));
            }
        }
    }
}

fn arrows(sources: &BTreeMap<Module, String>) -> Arrows {
    let mut arrows: Arrows = sources.keys().map(|module| (module.clone(), BTreeSet::new())).collect();
    for (module, text) in sources {
        let mut found = Vec::new();
        paths(text.parse().unwrap_or_else(|error| panic!("{module:?}: {error}")), &mut found);
        let targets = found.iter().filter_map(|path| target(path, module, &arrows));
        let others = targets.filter(|target| !target.starts_with(module) && !module.starts_with(target));
        let others: BTreeSet<Module> = others.collect();
        arrows.insert(module.clone(), others);
    }
    arrows
}

/// The modules that can be come to from `module`.
fn reached(module: &Module, arrows: &Arrows) -> BTreeSet<Module> {
    let (mut reached, mut open) = (BTreeSet::new(), vec![module]);
    while let Some(module) = open.pop() {
        open.extend(arrows[module].iter().filter(|target| reached.insert((*target).clone())));
    }
    reached
}

/// The modules that can be come to from themselves.
fn cycles(sources: &BTreeMap<Module, String>) -> Vec<String> {
    let arrows = arrows(sources);
    let modules = arrows.keys().filter(|module| reached(module, &arrows).contains(*module));
    modules.map(|module| module.join("::")).collect()
}

#[test]
fn no_file_is_needed_by_one_that_it_needs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the repository");
    let mut seen = 0;
    for room in ["packages", "tools"] {
        for entry in fs::read_dir(root.join(room)).expect("a directory").flatten() {
            let source = entry.path().join("src");
            if source.exists() {
                let mut sources = BTreeMap::new();
                files(&source, &Module::new(), &mut sources);
                let name = format!("{room}/{}", entry.file_name().display());
                let meant = MEANT.iter().find(|(of, _)| *of == name).map_or(&[][..], |(_, meant)| meant);
                assert_eq!(cycles(&sources), meant, "{name}: these files need each other");
                seen += sources.len();
            }
        }
    }
    assert!(seen > 800, "{seen} files");
}

#[test]
fn cycles_are_found() {
    let check = |a: &str, b: &str, expect: &[&str]| {
        let sources = [("", "mod a; mod b; use crate::a::A;"), ("a", a), ("b", b), ("b::c", "use super::B;")];
        let module =
            |name: &str| name.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect();
        let sources = sources.map(|(name, text)| (module(name), text.to_owned()));
        assert_eq!(cycles(&BTreeMap::from(sources)), expect, "{a} {b}");
    };
    check("use crate::b::B;", "", &[]);
    check("use crate::b::B;", "use super::a::A;", &["a", "b"]);
    check("use crate::{b::{B, D}, x};", "fn f() { crate::a::f(vec![1]) }", &["a", "b"]);
    check("use super::b;", "fn f() { vec![super::a::f()] }", &["a", "b"]);
    check("use super::b::c::C;", "use crate::{x, a};", &[]);
    check("use crate::b::B;", "// crate::a\n const A: &str = \"crate::a\";", &[]);
    check("use crate::b::B;", "#[cfg(test)] use crate::a::A; #[cfg(test)] mod t { use crate::a::A; }", &[]);
    check("use crate::b::B;", "#[cfg(test)] mod t; use crate::a::A;", &["a", "b"]);
}
