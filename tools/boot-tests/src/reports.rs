// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reports in KTAP that tests write for `cargo xtask test`, which reads the results of single tests from them.

use qos_bootlog::Line;
use std::path::Path;

/// Writes a report as `NAME.ktap` into the directory that `QOS_RESULTS` names. If it is not set, no report is requested.
///
/// # Panics
/// When it cannot be written.
#[track_caller]
pub fn keep_report(name: &str, report: &[Line]) {
    let Some(folder) = std::env::var_os("QOS_RESULTS").filter(|folder| !folder.is_empty()) else { return };
    let file = Path::new(&folder).join(format!("{name}.ktap"));
    let text: String = report.iter().flat_map(|line| [line.text.as_str(), "\n"]).collect();
    std::fs::write(&file, text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
}
