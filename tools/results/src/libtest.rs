// SPDX-License-Identifier: MIT OR Apache-2.0
//! Parses the output of `cargo test` to suites.
//!
//! libtest has no stable machine-readable format (rustc 1.85), so this parses the text for people: cargo's line for each program
//! (`Running unittests src/lib.rs (target/debug/deps/qos_vm-0123456789abcdef)`, `Doc-tests qos_vm`), and between
//! them libtest's lines for each test, the output of failed tests, and the line of totals, which has to agree with the parsed
//! tests. Nothing is lost: a program that ended without its totals, or whose totals do not agree, is an error with a separate
//! case, and lines that belong to no test are the output of their suite.

mod block;
mod segment;

use crate::Suite;

/// What was read.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Read {
    /// A suite for each test program that ran, named after its crate and its file: `qos_vm src/lib.rs`.
    pub suites: Vec<Suite>,
    /// The other lines: mostly cargo's output about compiling.
    pub rest: String,
}

/// Reads the output, standard error and standard output in one, as lines without colours.
pub fn read<'a>(lines: impl IntoIterator<Item = &'a str>) -> Read {
    let mut segments = segment::Segments::default();
    for line in lines {
        segments.line(line);
    }
    segments.end()
}

/// Every name once: a second of the same gets a number.
fn unique(suites: &mut [Suite]) {
    let mut seen: std::collections::HashMap<String, u32> = std::collections::HashMap::new();
    for suite in suites {
        let count = seen.entry(suite.name.clone()).and_modify(|count| *count += 1).or_insert(1);
        if *count > 1 {
            suite.name = format!("{} ({count})", suite.name);
        }
    }
}
