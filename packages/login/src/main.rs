// SPDX-License-Identifier: MIT OR Apache-2.0
//! The programs about accounts in one, chosen by the name it is called with, without the rest of the system's.
//!
//! With the set-user-ID bit on its file, users other than root can call `su`, `passwd` and `chage`. For every other name
//! the program gives root's permissions up before it does anything.

use qos_sys::user;
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

/// The names that keep root's permissions for whoever calls them. Each checks what the caller may do.
const SET_USER_ID: [&str; 3] = ["chage", "passwd", "su"];

fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    let path = args.first().map_or(Path::new(""), Path::new);
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if user::real_uid() != 0
        && !SET_USER_ID.contains(&name.as_str())
        && let Err(error) = user::drop_set_user_id()
    {
        eprintln!("{name}: give root's permissions up: {}", qos_sys::error_text(&error));
        return ExitCode::FAILURE;
    }
    if let Err(error) = qos_sys::startup::restore_sigpipe() {
        eprintln!("{name}: restore SIGPIPE: {}", qos_sys::error_text(&error));
    }
    let status = qos_login::run(&name, args.clone())
        .or_else(|| qos_users::run(&name, args.clone()))
        .or_else(|| qos_sessions::run(&name, args));
    status.map_or_else(|| unknown(&name), ExitCode::from)
}

fn unknown(name: &str) -> ExitCode {
    let names: Vec<_> = qos_login::names().chain(qos_users::names()).chain(qos_sessions::names()).collect();
    eprintln!("{name}: no such program in this one; link it as one of: {}", names.join(" "));
    ExitCode::from(127)
}
