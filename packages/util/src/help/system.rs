// SPDX-License-Identifier: MIT OR Apache-2.0
//! Of programs about the running system.

use qos_command::Help;

pub const CLEAR: Help = Help { purpose: "empty the screen of the terminal", ..Help::NONE };

pub const FREE: Help = Help {
    purpose: "show the memory in use",
    usage: "[-bkmgh]",
    options: "\
-b, --bytes  in bytes
-k, --kibi   in KiB (default)
-m, --mebi   in MiB
-g, --gibi   in GiB
-h, --human  in a unit that fits
",
    files: "/proc/meminfo  what the kernel counts\n",
    see: "vmstat(8) top(1)",
    ..Help::NONE
};

pub const GETCONF: Help = Help {
    purpose: "show limits and settings of the system",
    usage: "[-v SPECIFICATION] NAME [PATH]\n-a",
    options: "\
-a                print all values
-v SPECIFICATION  accepted and ignored: there is one environment
",
    see: "sysconf(3) pathconf(3)",
    ..Help::NONE
};

const END: Help = Help {
    section: 8,
    usage: "[-f]",
    text: "Asks process 1 for an orderly end: processes are ended, and file systems are detached.",
    options: "-f, --force  end at once: only data that is not written yet is written\n",
    see: "init(8) svc(1) reboot(2)",
    ..Help::NONE
};

pub const HALT: Help = Help { purpose: "stop the system, without switching the power off", ..END };
pub const POWEROFF: Help = Help { purpose: "stop the system, and switch the power off", ..END };
pub const REBOOT: Help = Help { purpose: "restart the system", ..END };

pub const LOGGER: Help = Help {
    purpose: "write to the log of the system",
    usage: "[-is] [-S SIZE] [-f FILE] [-p PRIORITY] [-t TAG] [TEXT]...",
    text: "Without TEXT and -f, the lines of standard input are written.",
    options: "\
-f, --file FILE          write the lines of a file
-i, --id                 write the number of the process
-p, --priority PRIORITY  severity, or FACILITY.SEVERITY (default: user.notice)
-s, --stderr             write to standard error too
-S, --size SIZE          bytes of a message (default: 1K); a longer line is divided into several
-t, --tag TAG            name of the program (default: $USER)
",
    files: "/dev/log   socket of the log\n/dev/kmsg  the kernel's log, if no program listens on the socket\n",
    see: "logctl(1) logd(8) syslog(3)",
    ..Help::NONE
};

pub const TIME: Help = Help {
    purpose: "run a program and print the time that it took",
    usage: "[-p] PROGRAM [ARGUMENT]...",
    text: "Prints the elapsed time, and the CPU time of the program and of the kernel for it, in seconds, to standard error.",
    options: "-p  accepted and ignored: the format of POSIX is the only one\n",
    status: "\
2     usage error
126   the program cannot be executed
127   the program does not exist
else  the status of the program, or 128 and the number of the signal that ended it
",
    ..Help::NONE
};

pub const UPTIME: Help = Help {
    purpose: "show how long the system has been running, and its load",
    text: "The load is the number of processes that ran or waited for a disk, on average of 1, 5 and 15 minutes.",
    files: "/proc/uptime   the time\n/proc/loadavg  the load\n",
    see: "top(1) vmstat(8)",
    ..Help::NONE
};
