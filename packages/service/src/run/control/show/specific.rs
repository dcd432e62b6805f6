// SPDX-License-Identifier: MIT OR Apache-2.0
//! Properties from the section of a unit's kind.

use super::Lines;
use crate::manager::Entry;
use qos_unit::command::Command;
use qos_unit::{ListenKind, Mount, Service, Socket, Specific, span};
use std::fmt::Debug;

/// Adds what the unit's file says.
pub(super) fn put(entry: &Entry, lines: &mut Lines) {
    match &entry.unit.specific {
        Specific::Service(service) => put_service(service, lines),
        Specific::Socket(socket) => {
            lines.put_bool("Accept", socket.accept);
            lines.put("NConnections", entry.connections.to_string());
        }
        Specific::Timer(timer) => {
            lines.put_bool("Persistent", timer.persistent);
            lines.put("RandomizedDelayUSec", span::format(timer.randomized_delay));
            lines.put_some("Unit", entry.unit.activates());
        }
        Specific::Path(_) => lines.put_some("Unit", entry.unit.activates()),
        Specific::Mount(mount) => put_mount(mount, lines),
        Specific::Target | Specific::Other => {}
    }
}

/// Adds the addresses that a socket unit listens on: `ADDRESS (Stream)`, with blanks between them.
pub(super) fn put_listen(entry: &Entry, lines: &mut Lines) {
    let Specific::Socket(socket) = &entry.unit.specific else { return };
    lines.put("Listen", listen(socket));
}

fn listen(socket: &Socket) -> String {
    let name = |kind: ListenKind| match kind {
        ListenKind::Stream => "Stream",
        ListenKind::Datagram => "Datagram",
        ListenKind::SequentialPacket => "SequentialPacket",
        ListenKind::Fifo => "FIFO",
        ListenKind::Netlink => "Netlink",
        ListenKind::Special => "Special",
    };
    let all = socket.listen.iter().map(|listen| format!("{} ({})", listen.address, name(listen.kind)));
    all.collect::<Vec<_>>().join(" ")
}

fn put_service(service: &Service, lines: &mut Lines) {
    lines.put("Type", word(&service.kind));
    lines.put("Restart", word(&service.restart));
    lines.put("PIDFile", service.pid_file.as_deref().unwrap_or(""));
    lines.put("NotifyAccess", word(&service.notify_access));
    lines.put("RestartUSec", span::format(service.restart_delay));
    lines.put("TimeoutStartUSec", span::format(service.start_timeout));
    lines.put("TimeoutStopUSec", span::format(service.stop_timeout));
    lines.put("RuntimeMaxUSec", span::format(service.runtime_max));
    lines.put("WatchdogUSec", span::format(service.watchdog));
    lines.put_bool("RemainAfterExit", service.remain_after_exit);
    lines.put_bool("GuessMainPID", service.guess_main_pid);
    lines.put("FileDescriptorStoreMax", service.fd_store_max.to_string());
    for (key, commands) in [
        ("ExecCondition", &service.condition),
        ("ExecStartPre", &service.start_pre),
        ("ExecStart", &service.start),
        ("ExecStartPost", &service.start_post),
        ("ExecReload", &service.reload),
        ("ExecStop", &service.stop),
        ("ExecStopPost", &service.stop_post),
    ] {
        lines.put(key, commands.iter().map(command).collect::<Vec<_>>().join(" "));
    }
    let exec = &service.exec;
    let environment = exec.environment.iter().map(|(name, value)| format!("{name}={value}"));
    lines.put("Environment", environment.collect::<Vec<_>>().join(" "));
    lines.put("WorkingDirectory", &exec.working_directory);
    lines.put("RootDirectory", exec.root_directory.as_deref().unwrap_or(""));
    lines.put("User", exec.user.as_deref().unwrap_or(""));
    lines.put("Group", exec.group.as_deref().unwrap_or(""));
    lines.put("UMask", format!("{:04o}", exec.umask));
}

fn put_mount(mount: &Mount, lines: &mut Lines) {
    lines.put("Where", &mount.target);
    lines.put("What", &mount.what);
    lines.put("Options", &mount.options);
    lines.put("Type", &mount.kind);
}

/// A command line, in systemd's form.
fn command(command: &Command) -> String {
    let words = command.arguments.iter().map(|word| String::from_utf8_lossy(word));
    format!(
        "{{ path={} ; argv[]={} ; ignore_errors={} }}",
        command.program,
        words.collect::<Vec<_>>().join(" "),
        if command.ignore_failure { "yes" } else { "no" }
    )
}

/// The word of a unit file for a value: `on-failure` for `OnFailure`.
fn word(value: &impl Debug) -> String {
    let mut out = String::new();
    for c in format!("{value:?}").chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::control::show::Lines;
    use qos_unit::specifier::Facts;
    use qos_unit::{Name, Restart, Type, Unit, syntax};

    fn unit(name: &str, text: &str) -> Unit {
        let (assignments, _) = syntax::parse(name, text.as_bytes());
        Unit::new(&Name::new(name).unwrap(), &assignments, &Facts::new()).0
    }

    #[test]
    fn words() {
        for (word, expect) in [
            (word(&Type::NotifyReload), "notify-reload"),
            (word(&Type::Simple), "simple"),
            (word(&Restart::OnFailure), "on-failure"),
            (word(&Restart::No), "no"),
        ] {
            assert_eq!(word, expect);
        }
    }

    #[test]
    fn services() {
        let unit = unit(
            "a.service",
            "[Service]\nType=oneshot\nExecStart=-/bin/a b c\nExecStart=/bin/d\nUser=u\nTimeoutStopSec=5\n",
        );
        let mut lines = Lines { text: String::new(), full: false };
        put_service(unit.service().unwrap(), &mut lines);
        for line in [
            "Type=oneshot",
            "Restart=no",
            "ExecStart={ path=/bin/a ; argv[]=/bin/a b c ; ignore_errors=yes } { path=/bin/d ; argv[]=/bin/d ; ignore_errors=no }",
            "User=u",
            "TimeoutStopUSec=5s",
            "UMask=0022",
        ] {
            assert!(lines.text.lines().any(|other| other == line), "{line}:\n{}", lines.text);
        }
        assert!(!lines.text.contains("ExecStop="));
    }

    #[test]
    fn sockets() {
        let unit = unit("a.socket", "[Socket]\nListenStream=/run/a\nListenDatagram=53\nListenFIFO=/run/f\n");
        let Specific::Socket(socket) = &unit.specific else { panic!("no socket") };
        assert_eq!(listen(socket), "/run/a (Stream) 53 (Datagram) /run/f (FIFO)");
    }
}
