// SPDX-License-Identifier: MIT OR Apache-2.0
//! The descriptions of the programs, for `--help` and the manual.

use qos_command::Help;

const FOUND: &str = "0  a process was found\n1  no process was found, or failure\n2  usage error\n";

pub const KILLALL: Help = Help {
    purpose: "send a signal to the processes of programs",
    usage: "[-SIGNAL] [-q] NAME...",
    options: "\
-SIGNAL, -s, --signal SIGNAL  the signal, by name or number (default: TERM)
-q, --quiet                   print no message if there is no such process
",
    status: FOUND,
    see: "pkill(1) pidof(1) kill(1) signal(7)",
    ..Help::NONE
};

pub const PGREP: Help = Help {
    purpose: "find processes by name and other properties",
    usage: "[OPTION]... [PATTERN]",
    text: "Prints the numbers of processes whose name matches PATTERN, a regular expression, and that have all properties that \
           options ask for. A LIST has commas between its members, of which one has to match; 0 is pgrep's own group or session.",
    options: "\
-f, --full              match the command line, not the name
-x, --exact             match the whole name
-i, --ignore-case       match upper case and lower case alike
-v, --inverse           processes that do not match
-n, --newest            the newest of the processes only
-o, --oldest            the oldest of the processes only
-P, --parent LIST       processes with these parents
-g, --pgroup LIST       in these process groups
-s, --session LIST      in these sessions
-p, --pid LIST          with these numbers
-r, --runstates STATES  in these states, such as R or S
-t, --terminal LIST     on these terminals
-u, --euid LIST         with these effective users
-U, --uid LIST          of these users
-G, --group LIST        of these groups
-a, --list-full         print command lines too
-c, --count             print the number of processes
-d, --delimiter TEXT    print TEXT between numbers (default: a line feed)
-l, --list-name         print names too
--signal SIGNAL         accepted and ignored: pkill sends a signal
",
    status: FOUND,
    see: "pkill(1) pidof(1) ps(1)",
    ..Help::NONE
};

pub const PIDOF: Help = Help {
    purpose: "print the numbers of the processes of programs",
    usage: "[-scx] NAME...",
    options: "\
-s      print one number only
-c, -x  accepted and ignored
",
    status: FOUND,
    see: "pgrep(1) killall(1)",
    ..Help::NONE
};

pub const PKILL: Help = Help {
    purpose: "send a signal to processes, by name and other properties",
    usage: "[-SIGNAL] [OPTION]... [PATTERN]",
    text: "Takes processes whose name matches PATTERN, a regular expression, and that have all properties that options ask for. A LIST \
           has commas between its members, of which one has to match; 0 is pkill's own group or session.",
    options: "\
-SIGNAL, --signal SIGNAL  the signal, by name or number (default: TERM)
-f, --full                match the command line, not the name
-x, --exact               match the whole name
-i, --ignore-case         match upper case and lower case alike
-n, --newest              the newest of the processes only
-o, --oldest              the oldest of the processes only
-P, --parent LIST         processes with these parents
-g, --pgroup LIST         in these process groups
-s, --session LIST        in these sessions
-p, --pid LIST            with these numbers
-r, --runstates STATES    in these states, such as R or S
-t, --terminal LIST       on these terminals
-u, --euid LIST           with these effective users
-U, --uid LIST            of these users
-G, --group LIST          of these groups
-c, --count               print the number of processes
-e, --echo                print what is signalled
",
    status: FOUND,
    see: "pgrep(1) killall(1) kill(1) signal(7)",
    ..Help::NONE
};

pub const PS: Help = Help {
    purpose: "show processes",
    usage: "[OPTION]...\n[axuljfhwT] [PID]...",
    text: "Without options, the processes of the user on this terminal are shown. Letters without a hyphen are options in the style \
           of BSD. A LIST has commas or spaces between its members.",
    options: "\
Which processes:
-A, -e                 all
-a                     those with a terminal, without leaders of sessions
-d                     all but leaders of sessions
-N, --deselect         those that the other options do not select
-p, --pid LIST         by number
--ppid LIST            by the number of the parent
-C LIST                by name
-g, --group LIST       by session, or by effective group
-G, --Group LIST       by group
-s, --sid LIST         by session
-t, --tty LIST         by terminal
-u, --user LIST        by effective user
-U, --User LIST        by user
a                      those with a terminal
x                      those without a terminal too
T                      those on this terminal
p, t, U LIST           the same as -p, -t, -u
Output:
-f                     full: user, parent, time of the start, arguments
-F                     -f, with size, resident memory and CPU
-j                     process group and session
-l                     long: flags, state, priority, size
-o, --format NAME[=TITLE],...
                       these columns
-H, --forest           children below their parents
--sort KEYS            in the order of these columns; - before one reverses it
--no-headers, --no-heading, --noheaders, --noheading
                       no line of headings
-w                     wide lines; twice: of any width
-n NAMELIST            accepted and ignored
u, l, j                user, long, jobs: columns in the style of BSD
f, h, w                the same as -H, --no-headers, -w
o, k LIST              the same as -o, --sort
",
    see: "top(1) pgrep(1) proc(5)",
    ..Help::NONE
};

pub const SYSCTL: Help = Help {
    section: 8,
    purpose: "show or set parameters of the kernel",
    usage: "[-enNqw] NAME[=VALUE]...\n[-enN] -a\n[-eq] -p [FILE]...\n[-eq] --system",
    text: "NAME is the path of a file in /proc/sys, with dots or slashes.",
    options: "\
-a, -A, -X, --all     show all parameters
-p, -f, --load        set what the lines of files say (default: /etc/sysctl.conf)
--system              set what the files of sysctl.d(5) say, and /etc/sysctl.conf
-e, --ignore          ignore names that are unknown
-n, --values          print no names
-N, --names           print no values
-q, --quiet           do not print what is set
-w, --write           accepted and ignored: NAME=VALUE sets a parameter
",
    files: "/proc/sys         the parameters\n/etc/sysctl.conf  lines of the form NAME = VALUE\n",
    see: "sysctl.conf(5) sysctl.d(5) proc(5)",
    ..Help::NONE
};

pub const TOP: Help = Help {
    purpose: "show the busiest processes, again and again",
    usage: "[-bci] [-d SECONDS] [-n COUNT] [-o FIELD] [-p PIDS] [-u USER]",
    text: "On a terminal, the key h or ? shows the keys, and q ends the program.",
    options: "\
-b             print text, not on the whole screen
-c             show arguments
-d SECONDS     time between two samples (default: 3)
-i             show processes only that have used CPU time
-n COUNT       end after this many samples
-o [-]FIELD    sort by this field; - reverses the order
-p PID,...     show these processes only
-u, -U USER    show processes of this user only
",
    see: "ps(1) vmstat(8) uptime(1)",
    ..Help::NONE
};

pub const VMSTAT: Help = Help {
    section: 8,
    purpose: "show processes, memory, swapping, input and output, and CPU time",
    usage: "[-nw] [DELAY [COUNT]]",
    text: "The first row is about the time since the boot. With DELAY, a row follows after each DELAY seconds, until there are COUNT rows.",
    options: "-n, -w  accepted and ignored\n",
    files: "/proc/stat     what the kernel counts\n/proc/meminfo  memory\n/proc/vmstat   paging\n",
    see: "free(1) top(1)",
    ..Help::NONE
};

pub const WATCH: Help = Help {
    purpose: "run a command again and again, and show its output",
    usage: "[-cdegtx] [-n SECONDS] COMMAND...",
    options: "\
-c, --color             accepted and ignored
-d, --differences       mark what has changed
-e, --errexit           end if the command fails
-g, --chgexit           end if the output changes
-n, --interval SECONDS  time between two runs (default: 2)
-t, --no-title          print no title
-x, --exec              run the command without a shell
",
    status: "0  success\n1  failure\n2  usage error\n8  with -e, the command failed\n",
    see: "sh(1)",
    ..Help::NONE
};
