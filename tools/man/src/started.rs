// SPDX-License-Identifier: MIT OR Apache-2.0
//! Descriptions of programs without `--help`: those that the kernel or process 1 starts, whose bytes are in each image, and the
//! shell, whose arguments are those of POSIX.

use qos_command::Help;

/// Programs and their descriptions.
pub const TABLE: &[(&str, &Help)] = &[("early", &EARLY), ("init", &INIT), ("qos-agent", &AGENT), ("sh", &SH)];

const INIT: Help = Help {
    section: 8,
    purpose: "boot the system, manage services, and end the system",
    text: "The kernel starts init as process 1; started as another process, it exits with status 1. It mounts /proc, /sys, /dev, /run, /tmp \
and the control groups, sets the host's name, loads the modules of /etc/modules, brings the interface lo up, and starts default.target, or the unit that the kernel's \
command line names. svc(1) talks to it.

An image without the manager of services, or without a file default.target, has no units: init runs qos-agent(8), and the end of that \
program is the end of the system.

In the end, init stops all services, sends SIGTERM and, 5 s later, SIGKILL to the processes that are left, unmounts the file systems, and \
sends the exit status to the host. Messages are in the \
kernel's log, with the prefix `qos-init: '.",
    options: "\
Words of the kernel's command line:
systemd.unit=UNIT          start UNIT; the last of these words counts
single, rescue, s, S, 1    start rescue.target: a shell, with the file systems mounted
emergency, -b              start emergency.target: a shell, and nothing else
rd.*                       left to early(8)
Signals:
SIGUSR1, SIGRTMIN+3        halt
SIGUSR2, SIGRTMIN+4        power off
SIGRTMIN+5                 reboot
SIGRTMIN+6                 start the kernel that kexec(8) has loaded, or reboot without one
SIGTERM, SIGINT, SIGPWR    power off; the kernel sends SIGINT for Ctrl-Alt-Del
Arguments, which the manager passes to its successor (svc daemon-reexec):
--check-state              read the state of the manager from the standard input, and exit with 0 if that is possible
--resume=NUMBER            go on with the state in descriptor NUMBER
",
    status: "",
    files: "\
/etc/hostname              name of the host
/etc/modules               modules to load, a line each with their parameters
/etc/fstab                 file systems to mount
/etc/systemd/system        unit files of the administrator, which mask those of packages
/usr/lib/systemd/system, /lib/systemd/system
                           unit files of packages
/run/qos/init.sock         requests of svc(1)
",
    see: "svc(1) early(8) qos-agent(8) logd(8) systemd.unit(5)",
    ..Help::NONE
};

const EARLY: Help = Help {
    section: 8,
    purpose: "find, unlock and mount the root file system, and start its init",
    text: "The kernel starts early as process 1 in an initramfs. It loads the modules of the devices that are present and that appear, \
waits for the root that the kernel's command line names, unlocks, checks and mounts it, deletes the initramfs, and becomes the root's init.

After a failure it logs the missing device or file, likely causes, and a table of the block devices, and runs a shell on the console. When \
the shell exits, it tries again. Messages are in the kernel's log, with the prefix `early: '.",
    options: "\
The root:
root=DEVICE                /dev/NAME, UUID=, LABEL=, PARTUUID=, PARTLABEL=, ID= or MAJOR:MINOR
ro, rw                     how the root is mounted (default: ro)
rootflags=OPTIONS          options for mount(2)
rootfstype=TYPE,...        types to try, in place of the type that is found
rootwait[=SECONDS]         wait for ever, or so long (default: 30 s since the last device appeared)
rootdelay=SECONDS          mount nothing before so many seconds after the boot
init=PROGRAM               the init of the root
fsck.mode=auto|force|skip  when the root is checked; fastboot and forcefsck are the last two
fsck.repair=preen|yes|no  what is repaired without a question: what is safe, all, nothing
resume=DEVICE, noresume    resume= is ignored; noresume boots although a device holds a hibernated system
LUKS:
rd.luks=0                  unlock no container
rd.luks.uuid=UUID          unlock this container as luks-UUID; rd_LUKS_UUID is the same
rd.luks.name=UUID=NAME     unlock it as NAME
rd.luks.key=[UUID=]PATH    key file in the initramfs
rd.luks.options=OPTIONS    discard, tries=N
rd.luks.allow-discards     pass discards on to the device
dm-verity:
roothash=HEX               the root is protected by dm-verity
systemd.verity_root_data=DEVICE, systemd.verity_root_hash=DEVICE
                           the devices with the data and the hash tree
systemd.verity_root_options=OPTIONS
                           what to do about damage
systemd.verity=no, rd.systemd.verity=no
                           no dm-verity
usrhash=HEX                ignored
Troubleshooting:
rd.break[=POINT]           a shell at pre-mount, mount or switch
rd.shell=0                 no shell after a failure
rd.debug                   log each step
rhgb, splash               a boot screen
rd.lvm.*                   ignored
",
    status: "",
    see: "init(8) bootparam(7) kernel-command-line(7)",
    ..Help::NONE
};

const AGENT: Help = Help {
    section: 8,
    purpose: "become the program that the host asks for, or send it a status",
    usage: "\n[asked | verdict STATUS]",
    text: "init(8) starts qos-agent. Without an argument it reads the host's request from QEMU's fw_cfg, opens the standard streams of the \
requested program, and becomes that program: a command, a script, or a shell on the console. If it fails before that, the reason is in the \
kernel's log, with the prefix `qos-agent: '.",
    commands: "\
asked                      tell by the exit status whether the host asks for a program
verdict STATUS             send STATUS to the host by an I/O port, at the end of the system, on a kernel without the module qos_exit
",
    status: "\
0                          success; for asked: a program is asked for
1                          failure; for asked: none is
2                          usage error
70                         the standard streams of the program cannot be opened
126, 127                   the program cannot be executed, or is not there
",
    see: "init(8)",
    ..Help::NONE
};

const SH: Help = Help {
    purpose: "run commands of POSIX's language from a terminal, a file or a string",
    usage: "[-abCefhilmnuvx] [-o OPTION]... [FILE [ARGUMENT...]]\n[-OPTIONS] -c COMMAND [NAME [ARGUMENT...]]\n[-OPTIONS] -s [ARGUMENT...]",
    text: "The language is that of POSIX.1-2024, with local of Debian's policy. An option with + in the place of - is turned off.",
    options: "\
-a                         export all variables that are assigned
-b                         report the end of jobs at once
-C                         > does not replace a file; >| does
-c                         commands are in the operand COMMAND
-e                         exit when a command fails
-f                         do not expand patterns to names of files
-h                         accepted, without an effect
-i                         the shell is interactive
-l                         the shell is a login shell, as when its name begins with -
-m                         job control
-n                         read commands, and run none
-o OPTION                  the option of that name: `set -o' lists them
-s                         commands come from the standard input
-u                         an unset variable is an error
-v                         print commands as they are read
-x                         print commands before they run
",
    status: "\
0-125                      that of the last command
126, 127                   a command cannot be executed, or is not there
128+N                      signal N ended a command
2                          usage error, or an error in the syntax of commands
",
    files: "\
/etc/profile, ~/.profile   commands that a login shell reads
$ENV                       commands that an interactive shell reads
",
    see: "test(1) printf(1)",
    ..Help::NONE
};
