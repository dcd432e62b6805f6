// SPDX-License-Identifier: MIT OR Apache-2.0
//! The verb `show`: identifies a file and describes it.

use super::print;
use qos_inspect::{Error, describe};
use std::path::PathBuf;
use std::process::ExitCode;

/// Every file is shown, in text or as an array of JSON; the first error comes at the end.
pub fn show(files: &[PathBuf], json: bool) -> Result<ExitCode, Error> {
    let mut first_error = None;
    let mut values = Vec::new();
    for (n, file) in files.iter().enumerate() {
        let (facts, error) = describe::of_file(file);
        if json {
            values.push(facts.json());
        } else {
            let gap = if n > 0 { "\n" } else { "" };
            print(&format!("{gap}{}", facts.text()));
        }
        first_error = first_error.or(error);
    }
    if json {
        print(&format!("{:#}\n", serde_json::Value::Array(values)));
    }
    first_error.map_or(Ok(ExitCode::SUCCESS), Err)
}
