// SPDX-License-Identifier: MIT OR Apache-2.0
//! The keys of a TOML file, from the structs that serde reads it into: names and types as serde takes them, text, default and example
//! from the comments. Whatever this does not know in a struct is a panic, so that the reference has no gaps.

use std::collections::BTreeMap;
use syn::{Attribute, Expr, Fields, GenericArgument, Item, Lit, Meta, PathArguments, Type};

/// A key of a table.
#[derive(Clone, Debug)]
pub struct Key {
    /// Its name in the file.
    pub name: String,
    /// Its type in words.
    pub kind: String,
    /// What it means.
    pub text: String,
    /// Its value if it is not there, as TOML; `none` if that is as good as no value.
    pub default: Option<String>,
    /// Keys that have to be there too.
    pub needs: Vec<String>,
    /// Keys with which the default is this one.
    pub with: Vec<String>,
    /// A value as TOML.
    pub example: String,
}

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its header: empty at the top of the file, `[image]`, `[[kernels]]`.
    pub header: String,
    /// What it holds.
    pub text: String,
    /// Of a table whose keys are paths or names: one of its lines.
    pub line: Option<String>,
    /// The keys of the table, or of the values in its lines. Without keys the values are no tables.
    pub keys: Vec<Key>,
}

/// The structs and enums of a source file.
struct Source {
    structs: BTreeMap<String, syn::ItemStruct>,
    enums: BTreeMap<String, syn::ItemEnum>,
}

/// The tables of the file that is read into the struct `root` of a source text: its top first, then in the order of the fields.
pub fn tables(source: &str, root: &str) -> Vec<Table> {
    let file = syn::parse_file(source).expect("Rust");
    let mut source = Source { structs: BTreeMap::new(), enums: BTreeMap::new() };
    for item in file.items {
        match item {
            Item::Struct(item) => drop(source.structs.insert(item.ident.to_string(), item)),
            Item::Enum(item) => drop(source.enums.insert(item.ident.to_string(), item)),
            _ => {}
        }
    }
    source.tables(root)
}

impl Source {
    fn tables(&self, root: &str) -> Vec<Table> {
        let mut top = Table { header: String::new(), text: String::new(), line: None, keys: Vec::new() };
        let mut tables = Vec::new();
        for field in self.fields(root) {
            let comment = &field.comment;
            let of = |header: String, line: Option<String>, keys: Vec<Key>| Table {
                header,
                text: comment.text.clone(),
                line,
                keys,
            };
            let line = || Some(comment.example.clone().expect("an example"));
            let keys = |name: &str| self.fields(name).iter().map(|field| self.key(field)).collect();
            match shape(&field.kind).as_slice() {
                ["Vec", name] if name.starts_with("Raw") => {
                    tables.push(of(format!("[[{}]]", field.name), None, keys(name)));
                }
                ["ByName", name] if self.is_table(name) => {
                    tables.push(of(format!("[{}]", field.name), line(), keys(name)));
                }
                ["ByName", _] => tables.push(of(format!("[{}]", field.name), line(), Vec::new())),
                [.., name] if name.starts_with("Raw") => {
                    tables.push(of(format!("[{}]", field.name), None, keys(name)));
                }
                _ => top.keys.push(self.key(&field)),
            }
        }
        if !top.keys.is_empty() {
            tables.insert(0, top);
        }
        tables
    }

    fn is_table(&self, name: &str) -> bool {
        self.structs.get(name).is_some_and(|item| matches!(item.fields, Fields::Named(_)))
    }

    fn fields(&self, name: &str) -> Vec<Field> {
        let item = self.structs.get(name).unwrap_or_else(|| panic!("no struct {name}"));
        let of_all = serde(&item.attrs);
        assert!(of_all.rename.is_none(), "{name}: rename");
        let field = |field: &syn::Field| {
            let ident = field.ident.as_ref().expect("a named field").to_string();
            let own = serde(&field.attrs);
            let kebab = if of_all.kebab { ident.replace('_', "-") } else { ident };
            Field {
                name: own.rename.unwrap_or(kebab),
                may_lack: of_all.default || own.default || shape(&field.ty).first() == Some(&"Option"),
                kind: field.ty.clone(),
                comment: comment(&field.attrs),
            }
        };
        item.fields.iter().map(field).collect()
    }

    fn key(&self, field: &Field) -> Key {
        let Field { name, comment, .. } = field;
        let missing = |what: &str| panic!("the key {name} has no line `{what}` in its comment");
        assert!(!comment.text.is_empty(), "the key {name} has no comment");
        assert_eq!(
            comment.default.is_some(),
            field.may_lack,
            "{name}: the line `Default` and serde disagree"
        );
        Key {
            name: name.clone(),
            kind: self.words(&field.kind),
            text: comment.text.clone(),
            default: comment.default.clone(),
            needs: comment.needs.clone(),
            with: comment.with.clone(),
            example: comment.example.clone().unwrap_or_else(|| missing("Example")),
        }
    }

    /// A type in the words of TOML.
    fn words(&self, kind: &Type) -> String {
        let one = |name: &str| match name {
            "String" => "string".to_owned(),
            "bool" => "boolean".to_owned(),
            "u32" | "i64" => "integer".to_owned(),
            name => {
                let item = self.enums.get(name).unwrap_or_else(|| panic!("no words for the type {name}"));
                assert!(serde(&item.attrs).kebab, "{name}: variants are in kebab case");
                let names = item
                    .variants
                    .iter()
                    .map(|variant| format!("`\"{}\"`", kebab(&variant.ident.to_string())));
                names.collect::<Vec<_>>().join(", ")
            }
        };
        match shape(kind).as_slice() {
            ["Vec", "String"] => "list of strings".to_owned(),
            ["Vec", name] => format!("list of {}", one(name)),
            ["Option", "Vec", "String"] => "list of strings".to_owned(),
            [name] | ["Option", name] => one(name),
            other => panic!("no words for the type {other:?}"),
        }
    }
}

struct Field {
    name: String,
    may_lack: bool,
    kind: Type,
    comment: Comment,
}

/// The names of a type from outside to inside, without positions: `Option<Spanned<String>>` is `Option`, `String`.
fn shape(kind: &Type) -> Vec<&'static str> {
    let Type::Path(path) = kind else { panic!("a type that is no path") };
    let last = path.path.segments.last().expect("a name");
    let name: &'static str = last.ident.to_string().leak();
    let mut names = if name == "Spanned" { Vec::new() } else { vec![name] };
    if let PathArguments::AngleBracketed(arguments) = &last.arguments {
        for argument in &arguments.args {
            let GenericArgument::Type(inner) = argument else {
                panic!("{name}: an argument that is no type")
            };
            names.extend(shape(inner));
        }
    }
    names
}

/// What serde is told about a struct or a field.
#[derive(Default)]
struct Serde {
    kebab: bool,
    default: bool,
    rename: Option<String>,
}

fn serde(attributes: &[Attribute]) -> Serde {
    let mut told = Serde::default();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        let parsed = attribute.parse_nested_meta(|meta| {
            let text = || Ok::<_, syn::Error>(meta.value()?.parse::<syn::LitStr>()?.value());
            match meta.path.require_ident()?.to_string().as_str() {
                "deny_unknown_fields" => {}
                "expecting" => drop(text()?),
                "default" => told.default = true,
                "rename_all" => {
                    assert_eq!(text()?, "kebab-case");
                    told.kebab = true;
                }
                "rename" => told.rename = Some(text()?),
                other => panic!("serde's attribute {other} is not known here"),
            }
            Ok(())
        });
        parsed.expect("attributes of serde");
    }
    told
}

#[derive(Default)]
struct Comment {
    text: String,
    default: Option<String>,
    needs: Vec<String>,
    with: Vec<String>,
    example: Option<String>,
}

fn comment(attributes: &[Attribute]) -> Comment {
    let mut comment = Comment::default();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("doc")) {
        let Meta::NameValue(pair) = &attribute.meta else { continue };
        let Expr::Lit(literal) = &pair.value else { continue };
        let Lit::Str(line) = &literal.lit else { continue };
        let line = line.value().trim().to_owned();
        let code = |text: &str| text.trim_matches('`').to_owned();
        if let Some(value) = line.strip_prefix("Default: ") {
            comment.default = Some(code(value));
        } else if let Some(value) = line.strip_prefix("Needs: ") {
            comment.needs = value.split(", ").map(code).collect();
        } else if let Some(value) = line.strip_prefix("With: ") {
            comment.with = value.split(", ").map(code).collect();
        } else if let Some(value) = line.strip_prefix("Example: ") {
            comment.example = Some(code(value));
        } else if !line.is_empty() {
            comment.text = format!("{} {line}", comment.text).trim().to_owned();
        }
    }
    comment
}

fn kebab(camel: &str) -> String {
    let mut name = String::new();
    for letter in camel.chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}
