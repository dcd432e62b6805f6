// SPDX-License-Identifier: MIT OR Apache-2.0
//! Splits the output of cargo into the outputs of the test programs.

use super::block;
use super::{Read, unique};
use crate::Suite;

/// What has been read.
#[derive(Default)]
pub(super) struct Segments<'a> {
    read: Read,
    /// The crate of the last `unittests`: cargo runs a package's other tests behind them.
    krate: String,
    current: Option<(String, Vec<&'a str>)>,
}

impl<'a> Segments<'a> {
    pub(super) fn line(&mut self, line: &'a str) {
        if let Some(program) = Program::parse(line) {
            self.close();
            if program.unit {
                self.krate = program.krate.to_owned();
            }
            self.current = Some((format!("{} {}", self.krate_of(&program), program.file), Vec::new()));
        } else if is_cargos(line) {
            self.close();
            self.rest(line);
        } else if let Some((_, lines)) = &mut self.current {
            lines.push(line);
        } else {
            self.rest(line);
        }
    }

    pub(super) fn end(mut self) -> Read {
        self.close();
        unique(&mut self.read.suites);
        self.read
    }

    fn krate_of<'b>(&'b self, program: &Program<'b>) -> &'b str {
        // An integration test's own program is named after its file, not after the crate.
        let integration = !program.unit && program.file != "doc-tests" && !self.krate.is_empty();
        if integration { &self.krate } else { program.krate }
    }

    fn close(&mut self) {
        if let Some((name, lines)) = self.current.take() {
            self.read.suites.push(Suite { name, ..block::suite(&lines) });
        }
    }

    fn rest(&mut self, line: &str) {
        self.read.rest.push_str(line);
        self.read.rest.push('\n');
    }
}

/// A test program that cargo announces.
struct Program<'a> {
    krate: &'a str,
    file: &'a str,
    unit: bool,
}

impl<'a> Program<'a> {
    /// `     Running unittests src/lib.rs (target/debug/deps/qos_vm-0123456789abcdef)`, or `   Doc-tests qos_vm`.
    fn parse(line: &'a str) -> Option<Self> {
        if let Some(krate) = line.strip_prefix("   Doc-tests ") {
            return is_name(krate).then_some(Self { krate, file: "doc-tests", unit: false });
        }
        let (what, path) = line.strip_prefix("     Running ")?.strip_suffix(')')?.rsplit_once(" (")?;
        let (krate, hash) = path.rsplit('/').next()?.rsplit_once('-')?;
        if hash.len() != 16 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let unit = what.strip_prefix("unittests ");
        Some(Self { krate, file: unit.unwrap_or(what), unit: unit.is_some() })
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

/// Lines of cargo between or behind the programs, of which none can be a test's.
fn is_cargos(line: &str) -> bool {
    line.starts_with("error: test failed, to rerun pass `")
        || line.starts_with("error: doctest failed, to rerun pass `")
}
