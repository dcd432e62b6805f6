// SPDX-License-Identifier: MIT OR Apache-2.0
//! `udevadm` and `udevd` in one file, chosen by the name it is called with.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    let path = args.first().map_or(Path::new(""), Path::new);
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    match qos_udev::run(&name, args) {
        Some(status) => ExitCode::from(status),
        None => {
            let names: Vec<_> = qos_udev::names().collect();
            eprintln!("{name}: no such program in this one; link it as one of: {}", names.join(" "));
            ExitCode::from(127)
        }
    }
}
