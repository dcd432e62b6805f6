// SPDX-License-Identifier: MIT OR Apache-2.0
//! The descriptions of the programs, for `--help` and the manual.

use qos_command::Help;

pub const GETTY: Help = Help {
    section: 8,
    purpose: "ask for a name on a terminal line, and start login",
    usage: "[-8hiJLnNR] [-a USER] [-f FILE] [-l PROGRAM] [-o OPTIONS] [-t SECONDS] [--keep-baud] [--nohostname] [--noreset] LINE [SPEED] [TERM]",
    text: "LINE is the name of a device in /dev, or - for standard input. LINE and SPEED may be exchanged. Of several \
           speeds with commas between them, the first is set. getty serves one login: the manager of services starts it again when the \
           session has ended.",
    options: "\
-8, --8bits            accepted and ignored: lines have 8 bits
-a, --autologin USER   log USER in without a question
-f, --issue-file FILE  print this file before the question (default: /etc/issue)
-h, --flow-control     use flow control by RTS and CTS
-i, --noissue          print no file before the question
-J, --noclear          do not clear the screen
-l, --login-program PROGRAM
                       start this program (default: /bin/login)
-L, --local-line[=MODE]
                       do not wait for a modem, if MODE is absent or always
-n, --skip-login       ask for no name: login does
-N, --nonewline        print no empty line before the issue
-o, --login-options OPTIONS
                       arguments of the program, separated by spaces; \\u is the name
-R, --hangup           hang up the line first, so that no other process has it
-t, --timeout SECONDS  end if no name is typed within this time
--keep-baud            keep the speed that the line has
--nohostname           do not print the host's name in the question
--noreset              accepted and ignored
",
    status: "0  success\n1  failure, or no name was typed\n2  usage error\n",
    files: "/etc/issue  text that is printed before the question\n",
    see: "login(1) issue(5)",
    ..Help::NONE
};

pub const LOGIN: Help = Help {
    purpose: "begin a session",
    usage: "[-p] [-h HOST] [USER]\n-f [-p] [-h HOST] USER",
    text: "Asks for a name, unless one is given, and for a password, and starts the user's shell. Only root can run login, \
           and the process has to be the leader of a session: getty(8) starts it.",
    options: "\
-f       ask for no password: the caller knows who the user is
-h HOST  name of the host from which the user comes, for the log
-p       keep the environment
",
    status: "\
0    success
1    failure: a wrong password, or an account that cannot be used
2    usage error
130  interrupted
",
    files: "\
/etc/passwd      users
/etc/shadow      hashes of passwords, and their ages
/etc/login.defs  FAIL_DELAY, LOGIN_RETRIES, LOGIN_TIMEOUT and other settings
/etc/securetty   lines on which root can log in
/etc/nologin     keeps all users but root out; they see its text
/etc/motd        printed after a login
~/.hushlogin     keeps a login silent
/run/sessions    the sessions
/var/log/logins  the log of logins
",
    see: "getty(8) su(1) who(1) last(1) passwd(5) shadow(5) login.defs(5)",
    ..Help::NONE
};

pub const SU: Help = Help {
    purpose: "run a shell or a command as another user",
    usage: "[-lmp] [-c COMMAND] [-s SHELL] [-] [USER [ARGUMENT]...]",
    text: "Asks for the password of USER (default: root), unless root calls it. The shell gets the ARGUMENTs. \
           Options can stand behind USER too, until the first ARGUMENT or `--`.",
    options: "\
-, -l, --login             start a login shell, in the home directory and with a new environment
-c, --command COMMAND      have the shell run this command
-m, -p, --preserve-environment
                           keep the environment
-s, --shell SHELL          run this shell; of users other than root only if USER's own shell is in /etc/shells
",
    status: "\
0    success; else the status of the shell
1    failure, such as a wrong password
2    usage error
126  the shell cannot be executed
127  the shell does not exist
130  interrupted
",
    files: "\
/etc/passwd      users
/etc/shadow      hashes of passwords, and their ages
/etc/login.defs  SU_WHEEL_ONLY and other settings
/etc/shells      shells that are not restricted
",
    see: "login(1) passwd(1) login.defs(5)",
    ..Help::NONE
};
