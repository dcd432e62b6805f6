// SPDX-License-Identifier: MIT OR Apache-2.0
//! The environment of a command (systemd.exec(5), "Environment Variables in Spawned Processes").

use super::Request;
use crate::accounts::User;
use crate::event::Role;
use qos_unit::command::Variables;
use qos_unit::{Directory, Input};
use std::path::Path;

/// Search path of programs.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The variables of the command, by name.
///
/// # Errors
/// When a file of variables cannot be read.
pub(super) fn all(request: &Request<'_>, user: Option<&User>) -> Result<Variables, String> {
    let exec = request.exec;
    let mut all = Variables::new();
    let mut set =
        |name: &str, value: &str| drop(all.insert(name.as_bytes().to_vec(), value.as_bytes().to_vec()));
    set("PATH", PATH);
    set("LANG", "C.UTF-8");
    if let Some(user) = user {
        for (name, value) in
            [("USER", &user.name), ("LOGNAME", &user.name), ("HOME", &user.home), ("SHELL", &user.shell)]
        {
            set(name, value);
        }
    }
    if matches!(exec.input, Input::Tty | Input::TtyForce | Input::TtyFail) {
        set(
            "TERM",
            if exec.tty.trim_start_matches("/dev/tty").bytes().all(|b| b.is_ascii_digit()) {
                "linux"
            } else {
                "vt220"
            },
        );
    }
    for name in &exec.pass_environment {
        if let Some((_, value)) = request.inherited.iter().find(|(other, _)| other == name) {
            set(name, value);
        }
    }
    for (at, (_, _, base, variable)) in Directory::ALL.iter().enumerate() {
        let paths: Vec<_> = exec.directories[at].names.iter().map(|name| format!("{base}/{name}")).collect();
        if !paths.is_empty() {
            set(variable, &paths.join(":"));
        }
    }
    exec.environment.iter().for_each(|(name, value)| set(name, value));
    for (path, may_miss) in &exec.environment_files {
        match qos_sys::regular::read(Path::new(path), qos_unit::syntax::MAX_SIZE) {
            Ok(content) => {
                let content = String::from_utf8_lossy(&content).into_owned();
                qos_unit::environment::parse(&content).iter().for_each(|(name, value)| set(name, value));
            }
            Err(_) if *may_miss => {}
            Err(error) => return Err(format!("EnvironmentFile={path}: {}", qos_sys::error_text(&error))),
        }
    }
    if let Some(pid) = request.main {
        set("MAINPID", &pid.to_string());
    }
    request.told.iter().for_each(|(name, value)| set(name, value));
    if let Some(path) = request.notify {
        set("NOTIFY_SOCKET", &path.to_string_lossy());
    }
    if !request.watchdog.is_zero() && request.role == Role::Start {
        set("WATCHDOG_USEC", &request.watchdog.as_micros().to_string());
    }
    if !request.descriptors.is_empty() {
        set("LISTEN_FDS", &request.descriptors.len().to_string());
        set("LISTEN_FDNAMES", &request.descriptors.join(":"));
        set("LISTEN_PID", "");
    }
    for unset in &exec.unset_environment {
        let (name, value) =
            unset.split_once('=').map_or((unset.as_str(), None), |(name, value)| (name, Some(value)));
        if value.is_none_or(|value| all.get(name.as_bytes()).is_some_and(|found| found == value.as_bytes())) {
            all.remove(name.as_bytes());
        }
    }
    Ok(all)
}
