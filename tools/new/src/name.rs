// SPDX-License-Identifier: MIT OR Apache-2.0
//! The rules for names of modules and packages. Pure.

use qos_host::ui::Result;

/// A module's name is at most this long. `MODULE_NAME_LEN` (include/linux/moduleparam.h) is 56 bytes on x86-64, the
/// final NUL among them, and the module of its tests has `_test` behind the name.
const MODULE_MAX: usize = 56 - 1 - "_test".len();

/// A package's name is at most this long, so that its line in the table of programs stays one.
const PACKAGE_MAX: usize = 30;

/// Keywords of Rust, strict, reserved and `union` among them (the Rust reference, Keywords), which are no names of
/// crates or of KUnit suites.
const RUST: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static",
    "struct", "super", "trait", "true", "try", "type", "typeof", "union", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

/// Keywords of C (C11 6.4.1) that are not keywords of Rust: Kbuild makes C names from a module's.
const C: &[&str] = &[
    "auto", "case", "char", "default", "double", "float", "goto", "inline", "int", "long", "register",
    "restrict", "short", "signed", "sizeof", "switch", "typedef", "unsigned", "void", "volatile", "asm",
    "linux", "unix",
];

/// Crates that every module of the kernel is compiled with (rust/Makefile), and modules that tests load.
const KERNEL: &[&str] = &[
    "alloc",
    "bindings",
    "build_error",
    "compiler_builtins",
    "core",
    "ffi",
    "kernel",
    "kunit",
    "macros",
    "pin_init",
    "proc_macro",
    "proc_macro2",
    "quote",
    "std",
    "syn",
    "test",
    "tests",
    "uapi",
    "zerocopy",
    "zerocopy_derive",
];

/// Names whose type would hide one that modules are written with: `drop` would make a `struct Drop`.
const PRELUDE: &[&str] = &[
    "clone",
    "copy",
    "default",
    "drop",
    "err",
    "error",
    "fn_mut",
    "fn_once",
    "init",
    "into",
    "iterator",
    "kbox",
    "kvec",
    "module",
    "module_test",
    "none",
    "ok",
    "option",
    "pin",
    "result",
    "send",
    "some",
    "string",
    "sync",
    "this_module",
    "vec",
];

/// The name of a kernel module: an identifier in Rust and in C.
#[derive(Debug)]
pub struct ModuleName(String);

impl ModuleName {
    /// Takes a name.
    ///
    /// # Errors
    ///
    /// One line with the reason why the name is invalid, and a valid one.
    pub fn parse(name: &str) -> Result<Self> {
        let bad = |why: String| Err(format!("a module cannot be called {name:?}: {why}").into());
        if name.is_empty() {
            return bad("a name needs at least one letter".into());
        }
        if !name.starts_with(|first: char| first.is_ascii_lowercase()) {
            return bad("it must be an identifier in Rust and C, and begin with a lower-case letter".into());
        }
        if !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') {
            let fitting = fitting(name, '_');
            return bad(format!("it must consist of lower-case letters, digits and _{}", hint(&fitting)));
        }
        if name.ends_with('_') || name.contains("__") {
            return bad("a _ must stand between two words".into());
        }
        if name.len() > MODULE_MAX {
            return bad(format!(
                "it has {} bytes, but the kernel allows {MODULE_MAX} in addition to the suffix _test of its tests",
                name.len()
            ));
        }
        if name.ends_with("_test") {
            return bad("NAME_test is reserved for the module with the tests of NAME".into());
        }
        if RUST.contains(&name) || C.contains(&name) {
            return bad("it is a keyword".into());
        }
        if KERNEL.contains(&name) {
            return bad("the kernel's build has a crate or module with this name".into());
        }
        if PRELUDE.contains(&name) {
            return bad(format!("its type {} would hide a type that modules use", camel(name)));
        }
        Ok(Self(name.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name of a package and of its program.
#[derive(Debug)]
pub struct PackageName(String);

impl PackageName {
    /// Takes a name.
    ///
    /// # Errors
    ///
    /// One line with the reason why the name is invalid, and a valid one.
    pub fn parse(name: &str) -> Result<Self> {
        let bad = |why: String| Err(format!("a package cannot be called {name:?}: {why}").into());
        if name.is_empty() {
            return bad("a name needs at least one letter".into());
        }
        if !name.starts_with(|first: char| first.is_ascii_lowercase()) {
            return bad("it must begin with a lower-case letter".into());
        }
        if !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
            let fitting = fitting(name, '-');
            return bad(format!(
                "it must consist of lower-case letters, digits and hyphens{}",
                hint(&fitting)
            ));
        }
        if name.ends_with('-') || name.contains("--") {
            return bad("a hyphen must stand between two words".into());
        }
        if name.len() > PACKAGE_MAX {
            return bad(format!("it has {} bytes; at most {PACKAGE_MAX} are allowed", name.len()));
        }
        if RUST.contains(&name) {
            return bad("it is a Rust keyword".into());
        }
        Ok(Self(name.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as Rust writes it: `my-tool` is `my_tool`.
    pub fn snake(&self) -> String {
        self.0.replace('-', "_")
    }
}

/// `my_module` → `MyModule`.
pub fn camel(snake: &str) -> String {
    snake
        .split('_')
        .flat_map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters)
        })
        .collect()
}

/// The nearest thing to `name` that is of the right letters: `MyTool` → `my_tool`.
fn fitting(name: &str, separator: char) -> String {
    let mut text = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && text.ends_with(|last: char| last.is_ascii_lowercase()) {
            text.push(separator);
        }
        if c.is_ascii_alphanumeric() {
            text.push(c.to_ascii_lowercase());
        } else if !text.is_empty() && !text.ends_with(separator) {
            text.push(separator);
        }
    }
    text.trim_end_matches(separator).to_owned()
}

fn hint(fitting: &str) -> String {
    if fitting.is_empty() { String::new() } else { format!(", such as {fitting}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_module(name: &str, expect: &str) {
        let got = ModuleName::parse(name).map_or_else(|error| error.to_string(), |name| name.0);
        if expect.is_empty() {
            assert_eq!(got, name);
        } else {
            assert!(got.starts_with(&format!("a module cannot be called {name:?}: ")), "{got}");
            assert!(got.contains(expect), "{got}");
            assert_eq!(got.lines().count(), 1, "{got}");
        }
    }

    #[test]
    fn modules() {
        for name in ["hello", "a", "my_module", "x2", "virtio_net2", "templates"] {
            check_module(name, "");
        }
        for (name, expect) in [
            ("", "at least one letter"),
            ("2x", "begin with a lower-case letter"),
            ("_x", "begin with a lower-case letter"),
            ("Hello", "begin with a lower-case letter"),
            ("../x", "begin with a lower-case letter"),
            ("my-module", "such as my_module"),
            ("myModule", "such as my_module"),
            ("a/b", "such as a_b"),
            ("a b", "such as a_b"),
            ("a.ko", "such as a_ko"),
            ("straße", "such as stra_e"),
            ("x\n", "such as x"),
            ("a__b", "between two words"),
            ("a_", "between two words"),
            ("hello_test", "tests of NAME"),
            ("for", "keyword"),
            ("gen", "keyword"),
            ("int", "keyword"),
            ("kernel", "crate or module"),
            ("kunit", "crate or module"),
            ("drop", "type Drop"),
            ("this_module", "type ThisModule"),
        ] {
            check_module(name, expect);
        }
        check_module(&"a".repeat(50), "");
        check_module(&"a".repeat(51), "allows 50");
    }

    fn check_package(name: &str, expect: &str) {
        let got = PackageName::parse(name).map_or_else(|error| error.to_string(), |name| name.0);
        if expect.is_empty() {
            assert_eq!(got, name);
        } else {
            assert!(got.starts_with(&format!("a package cannot be called {name:?}: ")), "{got}");
            assert!(got.contains(expect), "{got}");
        }
    }

    #[test]
    fn packages() {
        for name in ["hello", "a", "my-tool", "x2", "sha3-512"] {
            check_package(name, "");
        }
        for (name, expect) in [
            ("", "at least one letter"),
            ("2x", "begin with a lower-case letter"),
            ("-x", "begin with a lower-case letter"),
            ("--", "begin with a lower-case letter"),
            ("my_tool", "such as my-tool"),
            ("myTool", "such as my-tool"),
            ("a/b", "such as a-b"),
            ("a--b", "between two words"),
            ("a-", "between two words"),
            ("while", "keyword"),
        ] {
            check_package(name, expect);
        }
        check_package(&"a".repeat(30), "");
        check_package(&"a".repeat(31), "at most 30");
    }

    #[test]
    fn spellings() {
        for (snake, expect) in [("hello", "Hello"), ("my_module", "MyModule"), ("x2_y", "X2Y"), ("a", "A")] {
            assert_eq!(camel(snake), expect);
        }
        let name = PackageName("my-tool".into());
        assert_eq!((name.as_str(), name.snake().as_str()), ("my-tool", "my_tool"));
    }
}
