// SPDX-License-Identifier: MIT OR Apache-2.0
//! The description of `svc`, for `--help` and the manual.

use qos_command::Help;

pub const SVC: Help = Help {
    purpose: "show and direct services and other units",
    usage: "[OPTION]... [COMMAND] [UNIT]...",
    text: "A UNIT without a suffix is a service. Without a COMMAND, units are listed.",
    commands: "\
State:
list, list-units, list-unit-files
                           units that are loaded, or with -a those that have a file too
status [UNIT]...           state, processes and last output of units, or of the system
show [UNIT]...             properties of units
jobs, list-jobs            jobs that wait or run
is-active UNIT...          whether one of the units is active
is-failed UNIT...          whether one of the units has failed
is-system-running          the state of the system
log UNIT...                what a unit printed last
Jobs, which are waited for:
start, stop, restart, reload, isolate UNIT...
                           start or stop units, stop and start them, have them read their settings; stop all other units
cancel [UNIT]...           cancel jobs
reset-failed [UNIT]...     forget failures
daemon-reload              read unit files again
daemon-reexec              the manager goes on as the program that is installed now; no service is restarted
kill UNIT...               send a signal to the processes of units
poweroff, reboot, halt     end the system
kexec                      the same, and start the kernel that kexec(8) has loaded
Unit files:
enable, disable UNIT...    make or remove the links that [Install] tells
mask, unmask UNIT...       make it impossible to start a unit, or possible again
is-enabled UNIT...         whether the units are enabled
cat UNIT...                print the files of units
edit UNIT                  write a drop-in with $EDITOR
verify [UNIT | FILE]...    print what is wrong in unit files
Analysis:
security [UNIT]...         how much of the system services can reach, from 0.0 to 10.0
blame                      times that units took to start
critical-chain [UNIT]...   units that others waited for
plot                       the boot as SVG
help                       print this help
",
    options: "\
-a, --all                  with list, units that have a file too
-n, --lines LINES          with status, lines of output (default: 10)
-s, --signal SIGNAL        with kill, the signal (default: SIGTERM)
--kill-who, --kill-whom WHO
                           with kill, the processes: main, control or all (default)
--now                      with enable, start the units too; with disable and mask, stop them
--no-block                 do not wait for jobs
--json[=off]               with security, print JSON
--threshold N              with security, fail if a unit is above N, from 0 to 100
--root DIR                 unit files of the system under DIR
--socket PATH              socket of the manager (default: /run/qos/init.sock)
-l, -q, --full, --no-legend, --no-pager, --plain, --quiet, --system
                           accepted and ignored: nothing is paged or coloured, and there is one manager
",
    status: "\
0  success
1  failure
2  usage error
3  status and is-active: a unit is not active
4  status: there is no such unit
",
    files: "\
/etc/systemd/system      unit files of the administrator
/run/systemd/system      unit files until the next boot
/usr/lib/systemd/system  unit files of the system
/run/qos/init.sock       the socket of the manager
",
    see: "init(8) kexec(8) logctl(1) systemd.unit(5)",
    ..Help::NONE
};
