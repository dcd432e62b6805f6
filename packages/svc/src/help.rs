// SPDX-License-Identifier: MIT OR Apache-2.0
//! The description of `svc`, for `--help` and the manual.

use qos_command::Help;

pub const SVC: Help = Help {
    purpose: "show and direct services and other units",
    usage: "[OPTION]... [COMMAND] [UNIT]...",
    text: "A UNIT without a suffix is a service (of isolate and set-default, a target). A path is the mount or device of that \
           path. A UNIT with *, ? or [ is a pattern of loaded units, which with --all covers inactive ones too. Without a COMMAND, \
           units are listed.",
    commands: "\
State:
list, list-units [UNIT]...
                           units that are active, have failed or have a job; with -a all that are loaded
list-unit-files [UNIT]...  unit files, and whether they are enabled
list-timers [UNIT]...      timers, and when they elapse
list-sockets [UNIT]...     addresses of sockets, and the units that they start
list-dependencies [UNIT]...
                           what units need, as a tree: of targets in it, too, and with -a of all units
status [UNIT]...           state, processes and last output of units, or of the system
show [UNIT]...             properties of units, or of the manager
jobs, list-jobs [UNIT]...  jobs that wait or run
is-active UNIT...          whether one of the units is active
is-failed [UNIT]...        whether one of the units, or of all, has failed
is-system-running          the state of the system
log UNIT...                what a unit printed last
Jobs, which are waited for:
start, stop, restart, reload UNIT...
                           start or stop units, stop and start them, have them read their settings
try-restart, condrestart UNIT...
                           restart units that are active
reload-or-restart, force-reload UNIT...
                           reload units, or restart those that cannot reload; start those that are not active
try-reload-or-restart, reload-or-try-restart UNIT...
                           the same for active units only
isolate UNIT               start a target, and stop all that it does not need
rescue, emergency, default
                           isolate the target of that name
cancel [UNIT | JOB]...     cancel jobs, or all jobs
reset-failed [UNIT]...     forget failures
daemon-reload              read unit files again
daemon-reexec              the manager goes on as the program that is installed now; no service is restarted
kill UNIT...               send a signal to the processes of units
poweroff, reboot, halt     end the system
kexec                      the same, and start the kernel that kexec(8) has loaded
Unit files:
enable, disable UNIT...    make or remove the links that [Install] tells; of a path, link it too
reenable UNIT...           disable and enable units
mask, unmask UNIT...       make it impossible to start a unit, or possible again
link PATH...               make units of unit files that are elsewhere
revert UNIT...             remove drop-ins, masks, and files in place of those of /usr
is-enabled UNIT...         whether one of the units is enabled
get-default                the target that the system boots to
set-default UNIT           choose another one
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
-a, --all                  in lists and patterns, inactive units too; with show, properties that are not set too
-t, --type TYPE[,TYPE]...  in lists and patterns, units of these types (service) or load states (masked)
--state STATE[,STATE]...
                           in lists and patterns, units in these states
--failed                   the same as --state=failed
-p, --property NAME[,NAME]...
                           with show, these properties
--value                    with show, values without names
-P NAME                    the same as --value -p NAME
-q, --quiet                with is-active, is-enabled and their like, print nothing; print no links that are made
--legend BOOL, --no-legend
                           in lists, no header and no footer
--plain                    with list-dependencies, no bullets and lines
--reverse                  with list-dependencies, what needs the units
-n, --lines LINES          with status, lines of output (default: 10)
-s, --signal SIGNAL        with kill, the signal (default: SIGTERM)
--kill-who, --kill-whom WHO
                           with kill, the processes: main, control or all (default)
--now                      with enable, start the units too; with reenable, restart them; with disable and mask, stop them
--runtime                  with enable, disable, mask, unmask and link, links in /run, until the next boot
--no-block                 do not wait for jobs
--json[=off]               with security, print JSON
--threshold N              with security, fail if a unit is above N, from 0 to 100
--root DIR                 unit files of the system under DIR
--socket PATH              socket of the manager (default: /run/qos/init.sock)
--version                  print the version
-l, --full, --no-ask-password, --no-pager, --system
                           accepted and ignored: nothing is paged, coloured or cut off, and there is one manager
",
    status: "\
0  success
1  failure; is-failed, is-enabled: no unit is
2  usage error
3  status and is-active: a unit is not active
4  status, is-active, is-failed, is-enabled: there is no such unit; jobs: a unit's file forbids it
5  jobs: there is no such unit
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
