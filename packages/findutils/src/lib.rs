// SPDX-License-Identifier: MIT OR Apache-2.0
//! `find` and `xargs` of uutils findutils, behind a table as the core utilities are.

use std::ffi::OsString;

/// Names of the utilities, in order.
pub const NAMES: &[&str] = &["find", "xargs"];

/// Runs utility `name` with `args` (its name first) and gives its exit status, or `None` for any other name.
///
/// Upstream takes arguments as UTF-8; others are an error with status 1.
#[must_use]
pub fn run(name: &str, args: Vec<OsString>) -> Option<i32> {
    if !NAMES.contains(&name) {
        return None;
    }
    let args: Vec<String> = match args.into_iter().map(OsString::into_string).collect() {
        Ok(args) => args,
        Err(other) => {
            eprintln!("{name}: argument is not valid UTF-8: {}", other.to_string_lossy());
            return Some(1);
        }
    };
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    Some(match name {
        "find" => findutils::find::find_main(&args, &findutils::find::StandardDependencies::new()),
        _ => findutils::xargs::xargs_main(&args),
    })
}
