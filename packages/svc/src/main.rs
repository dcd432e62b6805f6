// SPDX-License-Identifier: MIT OR Apache-2.0
//! `svc`, or `systemctl` by the name that it is called with.

use std::ffi::OsString;
use std::path::Path;

fn main() -> std::process::ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    let name =
        args.first().and_then(|path| Path::new(path).file_name()?.to_str()).unwrap_or("svc").to_owned();
    qos_svc::run(&name, args.clone()).or_else(|| qos_svc::run("svc", args)).unwrap_or(1).into()
}
