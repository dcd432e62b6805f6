// SPDX-License-Identifier: MIT OR Apache-2.0
//! `networkd`, `networkctl`, `ip` or `ping`, by the name that it is called with.

use std::ffi::OsString;
use std::path::Path;

fn main() -> std::process::ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    let path = args.first().map_or(Path::new(""), Path::new);
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    qos_network::run(&name, args)
        .unwrap_or_else(|| {
            let names: Vec<_> = qos_network::names().collect();
            eprintln!("{name}: no such program in this one; link it as one of: {}", names.join(" "));
            127
        })
        .into()
}
