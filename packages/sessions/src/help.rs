// SPDX-License-Identifier: MIT OR Apache-2.0
//! The descriptions of the programs, for `--help` and the manual.

use qos_command::Help;

pub const LAST: Help = Help {
    purpose: "show logins, the newest first",
    usage: "[-FRx] [-n COUNT] [-f FILE] [USER | LINE]...",
    text: "A row has the user, the line, the host, and the time from the login to the end of the session. Without operands, logins of all \
           users and boots are shown.",
    options: "\
-n, --limit COUNT  show at most this many rows
-F, --fulltimes    show years and seconds
-R, --nohostname   show no hosts
-x, --failures     show failed logins too
-f, --file FILE    read this log
",
    files: "/var/log/logins  the log of logins\n/run/sessions    sessions that have not ended\n",
    see: "who(1) login(1)",
    ..Help::NONE
};

pub const WHO: Help = Help {
    purpose: "show who is logged in",
    usage: "[-abHmqsTuw]\nam i",
    options: "\
-a, --all       the same as -b -T -u
-b, --boot      show the time of the boot
-H, --heading   print a line of headings
-m              show the session of this terminal only, as `who am i' does
-q, --count     print the names of users, and their number
-s, --short     accepted and ignored: this is the default
-T, -w, --mesg  show whether the user takes messages: +, - or ?
-u, --users     show for how long nothing was typed, and the process
",
    files: "/run/sessions  the sessions\n",
    see: "last(1) login(1)",
    ..Help::NONE
};
