// SPDX-License-Identifier: MIT OR Apache-2.0
//! The descriptions of the programs, for `--help` and the manual.

use qos_command::Help;

pub const UDEVD: Help = Help {
    section: 8,
    purpose: "process the kernel's events of devices by rules",
    usage: "[-D] [--coldplug] [-t SECONDS]",
    text: "For each event, the rules name the device, set the mode and owner of its node, make links to it, and run programs. What is \
           known about devices is kept in a database, which udevadm(8) shows.",
    options: "\
-D, --debug                  tell what is done
--coldplug                   have the kernel send the events of present devices again, and tell the manager of
                             services that the daemon is ready when they are processed
-t, --event-timeout SECONDS  end programs of rules after this time (default: 180)
",
    files: "\
/etc/udev/rules.d      rules of the administrator
/run/udev/rules.d      rules until the next boot
/usr/lib/udev/rules.d  rules of the system
/run/udev              the database, and the socket that udevadm writes to
",
    see: "udevadm(8) udev(7)",
    ..Help::NONE
};

pub const UDEVADM: Help = Help {
    section: 8,
    purpose: "show devices, and direct the daemon of devices",
    usage: "COMMAND [OPTION]... [ARGUMENT]...\n-V",
    text: "A DEVICE is a node in /dev, or a path in /sys.",
    commands: "\
info [DEVICE]...              show what is known about devices
trigger [DEVICE]...           have the kernel send the events of present devices again
settle                        wait until all events that the kernel has sent are processed
control                       send requests to udevd
monitor                       print events as they come
test DEVICE                   show what the rules would do with a device; nothing is changed
test-builtin BUILTIN DEVICE   show what a builtin finds out about a device
verify [FILE]...              show what is wrong in files of rules (default: all)
",
    options: "\
-V, --version                     print the version
-h                                print the usage of all commands; after COMMAND, as --help: describe it
Options of info:
-q, --query TYPE                  name, path, symlink, property or all (default)
-n, --name NODE                   the device with this node; /dev/ may be absent
-p, --path PATH                   the device with this path; /sys may be absent
-a, --attribute-walk              print keys for rules, of the device and its parents
-e, --export-db                   all devices
-r, --root                        print nodes and links with /dev/
-x, --export                      print properties as KEY='VALUE'
-P, --export-prefix PREFIX        the same, with PREFIX before KEY
--property NAME,...               print these properties only
--value                           print values without their names
-c, --cleanup-db                  empty the database
-d, --device-id-of-file FILE      print the numbers of the device that has FILE
Options of trigger:
-t, --type TYPE                   devices (default), subsystems or all
-c, --action ACTION               the event: change (default), add, remove, move, online, offline, bind or unbind
-s, --subsystem-match NAME        devices of this subsystem only
-S, --subsystem-nomatch NAME      no devices of this subsystem
-a, --attr-match FILE[=VALUE]     with this attribute in /sys
-A, --attr-nomatch FILE[=VALUE]   without it
-p, --property-match KEY[=VALUE]  with this property
-g, --tag-match TAG               with this tag
-y, --sysname-match NAME          with this name in /sys
-b, --parent-match DEVICE         this device, and those below it
--name-match NODE                 the device with this node
--prioritized-subsystem NAME,...  these subsystems first
-n, --dry-run                     send nothing
-v, --verbose                     print the devices
-q, --quiet                       print no errors
-w, --settle                      wait until the events are processed
Options of settle:
-t, --timeout SECONDS             wait at most this long (default: 120)
-E, --exit-if-exists FILE         wait no longer if FILE exists
Options of control:
-e, --exit                        end the daemon
-R, --reload, --reload-rules      read rules and accounts again
-s, --stop-exec-queue             process no events
-S, --start-exec-queue            process events
-p, --property KEY=VALUE          set a property of all events; an empty VALUE removes it
--ping                            wait for an answer
-t, --timeout SECONDS             wait at most this long for an answer (default: 60)
-l, --log-level, --log-priority LEVEL
                                  accepted and ignored: messages have one level
-m, --children-max N              accepted and ignored: there is one process
Options of monitor:
-k, --kernel                      events of the kernel
-u, --udev                        events that the daemon has processed
-p, -e, --property, --environment
                                  print the properties too
-s, --subsystem-match NAME[/TYPE]
                                  events of this subsystem only
-t, --tag-match TAG               events of devices with this tag only
Options of test:
-a, -c, --action ACTION           the event (default: add)
-N, --resolve-names WHEN          accepted and ignored
Options of verify:
--root DIRECTORY                  the files of the system under DIRECTORY
",
    files: "/run/udev  the database, and the socket of udevd\n",
    see: "udevd(8) udev(7)",
    ..Help::NONE
};
